"""From a plan to a snapshot: one visit a host, one query round a domain, and the names that go with them."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from checks.facts import SNAPSHOT_FORMAT, Collected, Snapshot
from checks.plan import Plan
from runner.collect import directory
from runner.collect.credentials import Credentials
from runner.collect.names import Names
from runner.collect.visits import Progress, visit_plan

DIRECTORY_SHARE_S = 60.0
"""What the directories get at least of a run's deadline, so that slow hosts cannot use it up."""


def gather(
    plan: Plan,
    credentials: Credentials,
    *,
    concurrency: int,
    host_deadline_s: float,
    deadline_s: float,
    progress: Progress,
    by: str,
    on: str,
    tool: str,
) -> Snapshot:
    """Everything that the plan's checks need, read once. Never raises for what a host or a directory does: what was not read is missing
    with a reason. Interrupted, it returns what there is, marked partial."""
    start = datetime.now(UTC)
    end = time.monotonic() + deadline_s
    for_hosts = max(deadline_s - DIRECTORY_SHARE_S, deadline_s / 2)
    visits = visit_plan(
        plan, credentials, concurrency=concurrency, host_deadline_s=host_deadline_s, run_deadline_s=for_hosts, progress=progress
    )
    partial = visits.interrupted
    answers = directory.Answers({}, {}, {}, {})
    if not partial:
        try:
            answers = directory.collect(plan, visits.hosts, credentials, Names(plan.names.servers), end - time.monotonic())
        except KeyboardInterrupt:
            partial = True
    return Snapshot(
        format=SNAPSHOT_FORMAT,
        collected=Collected(by, on, tool, start, datetime.now(UTC), partial),
        hosts=dict(sorted(visits.hosts.items())),
        visits=dict(sorted(visits.visits.items())),
        accounts=dict(sorted(answers.accounts.items())),
        domains=dict(sorted(answers.domains.items())),
        operators=dict(sorted(answers.operators.items())),
        names=dict(sorted(answers.names.items())),
    )
