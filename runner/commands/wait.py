"""`wait`: after a fix, look at the domain controllers until the delegation is effective, or the time is up.

The hosts are visited once, or their facts come from a snapshot; what is repeated are the questions to the directories and the checks
of delegation. When every controller that the hosts use shows what the moves need, what remains is what the sources remember.
Refusals are waited for by the clock. Tickets from before the change (delegation.ticket_age) are not: they may live for hours, and a
purge is not seen.

Source of the waiting: "Set up hosts for live migration", step 1, and checks.windows.tickets.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from checks.check import Check, Outcome
from checks.facts.fact import Known
from checks.facts.host import HOST_FACTS, questions_of
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.registry import all_checks
from checks.result import FindingRecord
from checks.text import Value, plain
from checks.windows.tickets import REFUSAL_LIFE
from runner import say
from runner.collect.credentials import Credentials, find
from runner.collect.snapshot import asked, visited
from runner.evaluate import evaluate
from runner.files.plan import read_plan
from runner.files.snapshot import read_snapshot
from runner.options import INTERRUPTED, Options, collector_of, with_auth
from runner.pause import pause

EFFECTIVE, NOT_YET, UNREAD = 0, 3, 4

CHECKS = ("delegation.replicated", "delegation.across_domains", "delegation.migration_service", "delegation.cifs", "delegation.protocol")
TICKETS = "delegation.ticket_age"
SHORTEST_ROUND_S = 5.0
"""A look at the directories gets at least this long, also when the time is nearly up."""


def wait(
    plan_path: Path,
    snapshot_path: Path | None,
    options: Options,
    *,
    interval_s: float,
    timeout_s: float,
    tickets: bool,
    credentials: Credentials | None = None,
) -> int:
    """Wait for a plan's delegation; returns the exit code. Raises the errors of reading plans and snapshots and of the
    credentials."""
    end = time.monotonic() + timeout_s
    plan, _ = read_plan(plan_path)
    plan = with_auth(plan, options)
    given = read_snapshot(snapshot_path, datetime.now(UTC))[0] if snapshot_path else None
    credentials = credentials or find(options.user, ask=options.ask_password)
    hosts = given or _visited(plan, credentials, options)
    if hosts is None:
        return INTERRUPTED
    return _Wait(plan, hosts, credentials, interval_s, end).until_effective(tickets=tickets)


def _visited(plan: Plan, credentials: Credentials, options: Options) -> Snapshot | None:
    """The hosts' facts from one visit each, or nothing when that was interrupted."""
    from reports.console import Progress
    from runner.collect.ready import ensure_ready

    ensure_ready(plan, credentials)
    with Progress((host.spelled for host in plan.host_names), stream=sys.stderr) as progress:
        snapshot = visited(plan, credentials, collector_of(credentials), options.limits, progress.host)
    credentials.raise_rejected()
    return None if snapshot.collected.partial else snapshot


class _Wait:
    def __init__(self, plan: Plan, hosts: Snapshot, credentials: Credentials, interval_s: float, end: float) -> None:
        self.plan, self.snapshot, self.credentials = plan, hosts, credentials
        self.interval_s, self.end = interval_s, end
        self.checks = repeated(CHECKS)
        self.questions = {question for check in self.checks for question in questions_of(check.facts)}
        self.shown: tuple[str, ...] = ()

    def until_effective(self, *, tickets: bool) -> int:
        while True:
            findings = self._look()
            open_ones = [finding for finding in findings if _open(finding)]
            if not open_ones:
                return self._agreed(findings, tickets=tickets)
            self._show(open_ones)
            failed = any(finding.outcome is Outcome.FAIL for finding in open_ones)
            if not failed and all(map(_never, open_ones)):
                _say("What is missing are facts of the hosts, and waiting does not bring them.")
                return UNREAD
            left = self.end - time.monotonic()
            if left <= 0:
                _say("The time is up: the delegation is not effective." if failed else "The time is up: the delegation could not be read.")
                return NOT_YET if failed else UNREAD
            pause(min(self.interval_s, left))

    def _look(self) -> tuple[FindingRecord, ...]:
        """Ask the directories once, and judge."""
        seconds = max(SHORTEST_ROUND_S, self.end - time.monotonic())
        self.snapshot = asked(self.plan, self.snapshot, self.credentials, seconds, self.questions)
        self.credentials.raise_rejected()
        return self._judged(self.checks)

    def _judged(self, checks: tuple[Check, ...]) -> tuple[FindingRecord, ...]:
        return evaluate(self.plan, self.snapshot, snapshot_sha256="", plan_sha256="", checks=checks).findings

    def _show(self, findings: Iterable[FindingRecord]) -> None:
        """What is waited for, where it has changed since the last look."""
        lines = tuple(dict.fromkeys(line for finding in findings for line in _lines(finding)))
        if lines != self.shown:
            _say("Waiting for this:")
            for line in lines:
                say.err(f"  {line}")
        self.shown = lines

    def _agreed(self, findings: Iterable[FindingRecord], *, tickets: bool) -> int:
        if all(finding.outcome is Outcome.SKIP for finding in findings):
            say.out("There is nothing to wait for: these moves need no delegation.")
            return EFFECTIVE
        controllers = sorted({name for account in self.snapshot.accounts.values() for name in account.views})
        _say(f"Every controller shows what the moves need: {', '.join(controllers)}")
        if not tickets:
            say.out("The delegation is effective in every controller.")
            return EFFECTIVE
        self._forgotten()
        may_be_old = dict.fromkeys(finding.message.text for finding in self._judged(repeated((TICKETS,))) if _open(finding))
        for line in may_be_old:
            _say(line)
        say.out(
            "The delegation is effective in every controller, and what was refused before is forgotten. Tickets may be older."
            if may_be_old
            else "The delegation is effective."
        )
        return EFFECTIVE

    def _forgotten(self) -> None:
        """Wait until the sources have forgotten what was refused before the last change."""
        changed, arrived = self._last_change()
        if changed is not None:
            _say(f"The delegation was last changed at {_clock(changed)}; the last controller wrote these accounts at {_clock(arrived)}.")
        else:
            _say(f"When the delegation was last changed cannot be read; the last controller wrote these accounts at {_clock(arrived)}.")
        sources = ", ".join(source.spelled for source in dict.fromkeys(move.source for move in self.plan.moves))
        until = min(arrived, datetime.now(UTC)) + REFUSAL_LIFE
        left = (until - datetime.now(UTC)).total_seconds()
        if left <= 0:
            _say(f"What was refused before is forgotten since {_clock(until)}.")
            return
        _say(
            "How old the tickets of the sources are is not read. A request that was refused is remembered on the source for up to "
            f"15 minutes: this waits until {_clock(until)}. Sooner: klist purge -li 0x3e7, or a restart, on {sources} "
            "(then --no-tickets, or Ctrl-C)."
        )
        pause(left)

    def _last_change(self) -> tuple[datetime | None, datetime]:
        """When the delegation of a host was last changed, where the controllers say it, and when the last controller wrote one of the
        accounts, which was not before it had the change."""
        views = [fact.value for account in self.snapshot.accounts.values() for fact in account.views.values() if isinstance(fact, Known)]
        changes = [view.delegation_changed for view in views if view.delegation_changed is not None]
        changed = max(changes, default=None)
        return changed, max([view.changed for view in views] + changes)


def repeated(ids: tuple[str, ...]) -> tuple[Check, ...]:
    """These checks, without what they depend on outside of themselves."""
    return tuple(
        replace(check, depends_on=tuple(name for name in check.depends_on if name in ids)) for check in all_checks() if check.id in ids
    )


def _open(finding: FindingRecord) -> bool:
    """Is this finding to be waited for: a failure that matters, or something that is not known."""
    return finding.fails or finding.undecided


def _never(finding: FindingRecord) -> bool:
    """Is this unknown for want of a fact that only a visit to a host brings."""
    if finding.lacks is None:
        return finding.outcome is Outcome.ERROR
    return finding.lacks.fact.rpartition(".")[2] in {*HOST_FACTS, "vm"}


def _lines(finding: FindingRecord) -> list[str]:
    """What a finding says, and for a controller that shows something else than the newest one, what."""
    found = [finding.message.text]
    if finding.check == "delegation.replicated" and finding.outcome is Outcome.FAIL:
        found += [f"  {row.what}: {_shown(row.actual)}; wanted: {_shown(row.expected)}" for row in finding.evidence if row.expected]
    return found


def _shown(value: Value) -> str:
    return plain(value)


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _say(text: str) -> None:
    say.err(f"{datetime.now(UTC):%H:%M:%SZ} {text}")
