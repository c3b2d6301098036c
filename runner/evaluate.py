"""From a plan and a snapshot to a result: every check once for each of its subjects, and the verdicts. Pure: no network, no
clock, no environment; the same plan and snapshot give the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from checks.check import Check, Finding, Outcome, Scope, Severity, skips
from checks.facts.directory import ControllerTopic, SignIn
from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.facts.snapshot import Snapshot
from checks.plan import Move, Pair, Plan
from checks.plan_state import Step
from checks.registry import all_checks, ordered
from checks.result import (
    RESULT_FORMAT,
    AreaState,
    ChangeInfo,
    CheckInfo,
    FindingRecord,
    MoveResult,
    PairResult,
    Result,
    Tool,
    Verdict,
    standing_in_the_way,
    verdict_of,
    worst,
)
from checks.storage import Leg
from checks.subject import Reads
from checks.text import Text, text
from checks.unlooked import unlooked
from checks.windows.names import HostName
from checks.world import FactMissing, World
from runner.cases import Case, Key, around, cases, narrower, view
from runner.records import left_out, record, unknown
from runner.version import VERSION
from runner.watchdog import CheckTimeout, Watchdog

CHECK_LIMIT_S = 10.0


def evaluate(
    plan: Plan,
    snapshot: Snapshot,
    *,
    snapshot_sha256: str,
    plan_sha256: str,
    checks: Sequence[Check] | None = None,
    left_out: frozenset[str] = frozenset(),
    check_limit_s: float = CHECK_LIMIT_S,
) -> Result:
    """The result of a plan against a snapshot. `left_out` are ids of checks that the user did not want: they count as UNKNOWN.

    Raises checks.registry.RegistryError when the checks themselves do not fit together.
    """
    run = _Run(World(plan, snapshot), all_checks() if checks is None else ordered(checks), left_out)
    with Watchdog(check_limit_s) as watchdog:
        run.evaluate(watchdog)
    return run.result(snapshot_sha256, plan_sha256)


class _Run:
    def __init__(self, world: World, checks: Sequence[Check], left_out: frozenset[str]) -> None:
        self.world = world
        self.checks = checks
        self.left_out = left_out
        self.records: dict[tuple[str, Key], FindingRecord] = {}
        self.by_scope: dict[Scope, dict[Key, list[FindingRecord]]] = {scope: {} for scope in Scope}
        self.cases = {scope: cases(world, scope) for scope in Scope}
        self.shared: dict[tuple[str, Move, Leg | None], FindingRecord] = {}
        self.concerned: dict[str, frozenset[Move]] = {}

    def evaluate(self, watchdog: Watchdog) -> None:
        scopes = {check.id: check.scope for check in self.checks}
        for check in self.checks:
            allowed = frozenset(check.facts)
            for case in self.cases[check.scope]:
                because = tuple(
                    found.id
                    for dependency in check.depends_on
                    for subject in narrower(case, scopes[dependency])
                    if (found := self.records.get((dependency, subject))) is not None and found.stops
                )
                said = self._judge(check, case, allowed, because, watchdog)
                self.records[check.id, case.key] = said
                self.by_scope[check.scope].setdefault(case.key, []).append(said)

    def _judge(self, check: Check, case: Case, allowed: frozenset[str], because: tuple[str, ...], watchdog: Watchdog) -> FindingRecord:
        if check.id in self.left_out:
            return left_out(check, case)
        if because:
            return record(check, case, skips("Not judged, because {because} failed", because=because), because)
        leg = self._leg(case)
        if case.route is not None and (
            said := self.shared.get((check.id, case.route, None)) or self.shared.get((check.id, case.route, leg))
        ):
            return replace(said, id=f"{check.id}@{case.id}", subject=case.subject)
        reads = Reads(allowed)
        found = self._asked(check, case, reads, watchdog)
        if case.route is not None and not reads.saw_vm:
            self.shared[check.id, case.route, leg if reads.saw_leg else None] = found
        return found

    def _leg(self, case: Case) -> Leg | None:
        match case.key:
            case (Scope.MOVE, int() as place):
                return self.world.legs[place]
        return None

    def _asked(self, check: Check, case: Case, reads: Reads, watchdog: Watchdog) -> FindingRecord:
        try:
            watchdog.begin()
            try:
                finding = check.function(view(self.world, case, reads))
            finally:
                watchdog.end()
            problem = _unfit(check, finding)
            if not problem and (finding.outcome is not Outcome.PASS or not reads.hints_missing):
                if finding.concerns is not None:
                    self.concerned[check.id] = finding.concerns
                return record(check, case, finding)
        except FactMissing as missing:
            return unknown(check, case, missing)
        except CheckTimeout:
            problem = text("the check did not end")
        except Exception as error:
            problem = text("{error}: {message}", error=type(error).__name__, message=str(error))
        if not problem:
            return unknown(check, case, reads.hints_missing[0])
        bug = text("This check has a bug, please report it: {problem}", problem=problem)
        return record(check, case, Finding(Outcome.ERROR, bug, check.highest))

    def result(self, snapshot_sha256: str, plan_sha256: str) -> Result:
        world, plan, snapshot = self.world, self.world.plan, self.world.snapshot
        shared: dict[tuple[Key, ...], tuple[FindingRecord, ...]] = {}
        moves: list[MoveResult] = []
        by_pair: dict[Pair, list[tuple[Verdict, Iterable[FindingRecord]]]] = {}
        obstacles: dict[Step | None, tuple[FindingRecord, ...]] = {None: ()}
        for step, case in zip(world.steps, self.cases[Scope.MOVE], strict=True):
            move = case.move
            assert move is not None
            keys = around(move)
            if keys not in shared:
                shared[keys] = tuple(found for key in keys for found in self._about(key))
            own = (*shared[keys], *self._about(case.key), *self._of_plan(move))
            records = tuple({found.id: found for found in (*own, *obstacles[step.depends_on])}.values())
            verdict = verdict_of(records)
            obstacles[step] = standing_in_the_way(records, verdict)
            moves.append(
                MoveResult(
                    vm=move.vm.spelled,
                    source=move.source.spelled,
                    target=move.target.spelled,
                    operator=move.operator.spelled,
                    launch=move.launch,
                    storage=move.kind,
                    authentication=self._authentication(move.source),
                    verdict=verdict,
                    findings=tuple(found.id for found in records if found.outcome is not Outcome.PASS),
                )
            )
            by_pair.setdefault(move.pair, []).append((verdict, own))
        findings = tuple(self.records[check.id, case.key] for check in self.checks for case in self.cases[check.scope])
        counts = {"planned": len(findings)} | {outcome.value: 0 for outcome in Outcome}
        for found in findings:
            counts[found.outcome.value] += 1
        of_plan = (found.verdict for records in self.by_scope[Scope.PLAN].values() for found in records)
        window = plan.change.window
        return Result(
            format=RESULT_FORMAT,
            tool=Tool("hvpreflight", VERSION, rules_digest(self.checks)),
            snapshot_sha256=snapshot_sha256,
            plan_sha256=plan_sha256,
            collected=snapshot.collected,
            visits=snapshot.visits,
            valid_until=snapshot.collected.valid_until,
            verdict=worst([*of_plan, worst(move.verdict for move in moves)]),
            counts=counts,
            change=ChangeInfo(plan.change.id, plan.change.title, window.start if window else None, window.end if window else None),
            moves=tuple(moves),
            pairs=tuple(
                PairResult(
                    source=world.spelled(source),
                    target=world.spelled(target),
                    verdict=worst(verdict for verdict, _ in entries),
                    areas=_areas(found for _, records in entries for found in records),
                )
                for (source, target), entries in by_pair.items()
            ),
            checks={c.id: CheckInfo(c.title, c.area, c.scope, c.severity, c.article) for c in self.checks},
            findings=findings,
            controllers=dict(sorted(_signed_in_to(snapshot))),
            unlooked={area: tuple(entries.values()) for area, entries in unlooked().items()},
        )

    def _of_plan(self, move: Move) -> Iterable[FindingRecord]:
        """What fails in the plan with this move."""
        for found in self._about((Scope.PLAN,)):
            moves = self.concerned.get(found.check)
            if found.outcome is Outcome.FAIL and (moves is None or move in moves):
                yield found

    def _about(self, key: Key) -> Iterable[FindingRecord]:
        """What the checks of one scope say of one of its subjects."""
        scope = key[0]
        assert isinstance(scope, Scope)
        return self.by_scope[scope].get(key, ())

    def _authentication(self, source: HostName) -> str:
        fact = self.world.host_fact(source, HostTopics.migration)
        return fact.value.authentication.label if isinstance(fact, Known) else "unknown"


def _unfit(check: Check, finding: object) -> Text | None:
    """Why a check's answer cannot be used, or nothing."""
    if not isinstance(finding, Finding):
        return text("returned {type} instead of a finding", type=type(finding).__name__)
    if not isinstance(finding.outcome, Outcome) or finding.outcome not in (Outcome.PASS, Outcome.FAIL, Outcome.SKIP):
        return text("returned {outcome}, which is not a check's to say", outcome=repr(finding.outcome))
    severity: object = finding.severity
    if severity is not None and not isinstance(severity, Severity):
        return text("returned {severity} as a severity", severity=repr(severity))
    if finding.severity and finding.severity.weight > check.highest.weight:
        return text("returned {severity} above its declared {highest}", severity=finding.severity.value, highest=check.highest.value)
    return None


def _signed_in_to(snapshot: Snapshot) -> Iterable[tuple[str, SignIn]]:
    """The controllers that answered, by name, and how we signed in to each."""
    for domain in snapshot.domains.values():
        for name, fact in domain.said(ControllerTopic.sign_in).items():
            if isinstance(fact, Known):
                yield name, fact.value


def _areas(records: Iterable[FindingRecord]) -> dict[str, AreaState]:
    states: dict[str, AreaState] = {}
    for found in records:
        state, area = AreaState.of(found), found.check.partition(".")[0]
        if area not in states or state.weight > states[area].weight:
            states[area] = state
    return dict(sorted(states.items()))


def rules_digest(checks: Iterable[Check]) -> str:
    """A short fingerprint of what is checked, so that two results can be told to rest on the same rules."""
    described = [
        (c.id, c.scope, c.severity, c.worst, c.title, c.facts, c.depends_on, c.predicts, c.article)
        for c in sorted(checks, key=lambda c: c.id)
    ]
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:12]
