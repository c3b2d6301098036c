"""`wait`: after a fix, look at the domain controllers until the delegation is effective, or the time is up.

The hosts are visited once, or their facts come from a snapshot; what is repeated are the questions to the directories and the checks
of delegation. When every controller that the hosts use shows what the moves need, what remains is what the sources remember.
Refusals are waited for by the clock. Tickets from before the change (delegation.ticket_age) are not: they may live for hours, and a
purge is not seen.

Source of the waiting: "Set up hosts for live migration", step 1, and checks.windows.tickets.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from checks.check import Check, Outcome
from checks.facts.fact import Known
from checks.facts.host import HOST_FACTS, questions_of
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.registry import all_checks
from checks.result import FindingRecord
from checks.windows.tickets import REFUSAL_LIFE
from reports.language import Language
from runner import say
from runner.collect.credentials import Credentials
from runner.collect.snapshot import asked, visited
from runner.commands.check import credentials_of
from runner.configured import in_force
from runner.evaluate import evaluate
from runner.files.snapshot import read_snapshot
from runner.options import INTERRUPTED, Options, collector_of
from runner.pause import pause


class Delegation(StrEnum):
    """What `wait` found in the end."""

    EFFECTIVE = "effective"
    NOT_NEEDED = "not needed"
    NOT_EFFECTIVE = "not effective"
    NOT_READ = "not read"

    @property
    def code(self) -> int:
        """The exit code."""
        return {Delegation.NOT_EFFECTIVE: 3, Delegation.NOT_READ: 4}.get(self, 0)


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
    plan, _, options, *_ = in_force(plan_path, options)
    given = read_snapshot(snapshot_path, datetime.now(UTC))[0] if snapshot_path else None
    credentials = credentials or credentials_of(options)
    hosts = given or _visited(plan, credentials, options)
    if hosts is None:
        return INTERRUPTED
    return _Wait(plan, hosts, credentials, interval_s, end, options).until_effective(tickets=tickets)


def _visited(plan: Plan, credentials: Credentials, options: Options) -> Snapshot | None:
    """The hosts' facts from one visit each, or nothing when that was interrupted."""
    from reports.console import Progress
    from runner.collect.ready import ensure_ready

    ensure_ready(plan, credentials)
    with Progress((host.spelled for host in plan.host_names), stream=sys.stderr, language=Language(options.language)) as progress:
        snapshot = visited(plan, credentials, collector_of(credentials), options.limits, progress.host)
    credentials.raise_rejected()
    return None if snapshot.collected.partial else snapshot


class _Wait:
    def __init__(self, plan: Plan, hosts: Snapshot, credentials: Credentials, interval_s: float, end: float, options: Options) -> None:
        self.plan, self.snapshot, self.credentials = plan, hosts, credentials
        self.interval_s, self.end = interval_s, end
        self.language = Language(options.language)
        self.say, self.quiet, self.form = self.language.say, options.quiet, options.form
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
                said = self.say("What is missing are facts of the hosts, and waiting does not bring them.")
                return self._ended(Delegation.NOT_READ, said, open_ones)
            left = self.end - time.monotonic()
            if left <= 0:
                if failed:
                    said = self.say("The time is up: the delegation is not effective.")
                    return self._ended(Delegation.NOT_EFFECTIVE, said, open_ones)
                return self._ended(Delegation.NOT_READ, self.say("The time is up: the delegation could not be read."), open_ones)
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
        lines = tuple(dict.fromkeys(line for finding in findings for line in self._lines(finding)))
        if lines != self.shown:
            self._tell("\n  ".join((self.say("Waiting for this:"), *lines)))
        self.shown = lines

    def _tell(self, said: str) -> None:
        """What goes on meanwhile."""
        if not self.quiet:
            _stamped(said)

    def _ended(self, found: Delegation, said: str, open_ones: Iterable[FindingRecord] = (), **more: Any) -> int:
        """The result, in its form; returns the exit code."""
        if self.form == "json":
            rows = [
                {"id": each.id, "check": each.check, "outcome": each.outcome.value, "message": self._message(each)} for each in open_ones
            ]
            say.json(json.dumps({"delegation": found.value, "controllers": self._controllers, "waiting_for": rows} | more, indent=2))
        elif found.code:
            _stamped("\n  ".join((said, *(self.shown if self.quiet else ()))))
        else:
            say.out(said)
        return found.code

    @property
    def _controllers(self) -> list[str]:
        """Who was asked for the accounts of the hosts."""
        return sorted({name for account in self.snapshot.accounts.values() for name in account.views})

    def _lines(self, finding: FindingRecord) -> list[str]:
        """What a finding says, and for a controller that shows something else than the newest one, what."""
        found = [self._message(finding)]
        if finding.check == "delegation.replicated" and finding.outcome is Outcome.FAIL:
            for row in finding.evidence:
                if row.expected:
                    what, actual, expected = (self.language.said(row, part) for part in ("what", "actual", "expected"))
                    found.append("  " + self.say("{what}: {actual}; wanted: {expected}", what=what, actual=actual, expected=expected))
        return found

    def _message(self, finding: FindingRecord) -> str:
        return self.say(finding.message.template, **finding.message.values)

    def _agreed(self, findings: Iterable[FindingRecord], *, tickets: bool) -> int:
        if all(finding.outcome is Outcome.SKIP for finding in findings):
            return self._ended(Delegation.NOT_NEEDED, self.say("There is nothing to wait for: these moves need no delegation."))
        self._tell(self.say("Every controller shows what the moves need: {controllers}", controllers=tuple(self._controllers)))
        if not tickets:
            return self._ended(Delegation.EFFECTIVE, self.say("The delegation is effective in every controller."))
        self._forgotten()
        may_be_old = dict.fromkeys(self._message(finding) for finding in self._judged(repeated((TICKETS,))) if _open(finding))
        for line in may_be_old:
            self._tell(line)
        said = (
            self.say("The delegation is effective in every controller, and what was refused before is forgotten. Tickets may be older.")
            if may_be_old
            else self.say("The delegation is effective.")
        )
        return self._ended(Delegation.EFFECTIVE, said, old_tickets=[*may_be_old])

    def _forgotten(self) -> None:
        """Wait until the sources have forgotten what was refused before the last change."""
        changed, arrived = self._last_change()
        if changed is not None:
            self._tell(
                self.say(
                    "The delegation was last changed at {changed}; the last controller wrote these accounts at {arrived}.",
                    changed=_clock(changed),
                    arrived=_clock(arrived),
                )
            )
        else:
            self._tell(
                self.say(
                    "When the delegation was last changed cannot be read; the last controller wrote these accounts at {arrived}.",
                    arrived=_clock(arrived),
                )
            )
        sources = tuple(source.spelled for source in dict.fromkeys(move.source for move in self.plan.moves))
        until = min(arrived, datetime.now(UTC)) + REFUSAL_LIFE
        left = (until - datetime.now(UTC)).total_seconds()
        if left <= 0:
            self._tell(self.say("What was refused before is forgotten since {until}.", until=_clock(until)))
            return
        self._tell(
            self.say(
                "How old the tickets of the sources are is not read. A request that was refused is remembered on the source for up to "
                "15 minutes: this waits until {until}. Sooner: klist purge -li 0x3e7, or a restart, on {sources} "
                "(then --no-tickets, or Ctrl-C).",
                until=_clock(until),
                sources=sources,
            )
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


def _clock(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _stamped(said: str) -> None:
    say.err(f"{datetime.now(UTC):%H:%M:%SZ} {said}")
