"""From a plan and a snapshot to a result: every check once for each of its subjects, and the verdicts. Pure: no network, no
clock, no environment; the same plan and snapshot give the same result."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from checks.check import Check, Finding, Outcome, Scope, Severity, skips
from checks.facts.directory import ControllerTopic, SignIn
from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.facts.snapshot import Snapshot
from checks.plan import Move, Pair, Plan
from checks.policy import Policy
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
    worst,
)
from checks.subject import Reads
from checks.text import Text, text
from checks.unlooked import unlooked
from checks.waiver import Waiver
from checks.way_back import Hindrance, WaysBack, asked_of_ways_back
from checks.windows.names import HostName
from checks.world import FactMissing, World
from runner import pure
from runner.cases import Case, cases, view
from runner.records import left_out, record, unknown
from runner.version import VERSION
from runner.waiving import Waiving
from runner.watchdog import CheckTimeout, Watchdog
from runner.ways_back import hindrances

CHECK_LIMIT_S = 10.0

ROLLBACK = "plan.rollback"
"""The check for which the others are asked of the ways back."""

ANY_LEG = -1
"""Stands for the number of what a move does with files where a check does not look at it."""

_AROUND = (Scope.HOST, Scope.PAIR, Scope.ACCESS)
"""The scopes whose findings reach a move, in the order in which it lists them."""


def evaluate(
    plan: Plan,
    snapshot: Snapshot,
    *,
    snapshot_sha256: str,
    plan_sha256: str,
    checks: Sequence[Check] | None = None,
    left_out: frozenset[str] = frozenset(),
    policy: Policy | None = None,
    waivers: Sequence[Waiver] = (),
    waived_until: date | None = None,
    check_limit_s: float = CHECK_LIMIT_S,
) -> Result:
    """The result of a plan against a snapshot. `left_out` are ids of checks that the user did not want: they count as UNKNOWN.
    `waivers` accept failures; with `waived_until` only those that count on that day. What an accepted failure would have stopped is judged.

    Raises checks.registry.RegistryError when the checks themselves do not fit together.
    """
    run = _Run(World(plan, snapshot, policy), all_checks() if checks is None else ordered(checks), left_out, Waiving(waivers, waived_until))
    with Watchdog(check_limit_s) as watchdog:
        run.evaluate(watchdog)
    return run.result(snapshot_sha256, plan_sha256)


class _Run:
    def __init__(self, world: World, checks: Sequence[Check], left_out: frozenset[str], waiving: Waiving) -> None:
        self.world = world
        self.checks = checks
        self.left_out = left_out
        self.waiving = waiving
        self.cases = cases(world)
        self.concerned: dict[str, frozenset[Move]] = {}
        self.hindrances_back: tuple[Hindrance, ...] = ()

    def evaluate(self, watchdog: Watchdog) -> None:
        scopes = {check.id: check.scope for check in self.checks}
        for check in sorted(self.checks, key=lambda check: check.scope is Scope.PLAN):
            if check.id == ROLLBACK and check.id not in self.left_out:
                self.hindrances_back = self._look_back(watchdog)
            allowed = frozenset(check.facts)
            dependencies = [(each, scopes[each]) for each in check.depends_on if each in scopes]
            shared: dict[tuple[int, int], FindingRecord] = {}
            strict = not {check.id, check.area}.isdisjoint(self.world.policy.blockers)
            for case in self.cases[check.scope].values():
                because = tuple(
                    found.id
                    for dependency, scope in dependencies
                    for near in case.near.get(scope, ())
                    if (found := near.said.get(dependency)) is not None and found.stops
                )
                said = self._judge(check, case, allowed, because, shared, watchdog)
                case.said[check.id] = self.waiving.over(_raised(said) if strict else said)

    def _look_back(self, watchdog: Watchdog) -> tuple[Hindrance, ...]:
        """What the checks say against the ways back, whichever of them this run asks of the moves."""
        back = WaysBack(self.world)
        asked = [check for check in all_checks() if asked_of_ways_back(check)]
        run = _Run(back, asked, frozenset(), Waiving((), None))
        run.evaluate(watchdog)
        return tuple(hindrances(back, run.cases, self.cases, self.world.moves, {check.id: check.title for check in asked}))

    def _judge(
        self,
        check: Check,
        case: Case,
        allowed: frozenset[str],
        because: tuple[str, ...],
        shared: dict[tuple[int, int], FindingRecord],
        watchdog: Watchdog,
    ) -> FindingRecord:
        """`shared` is what the check said of moves that are alike for it, by the numbers of their routes and what they do with files."""
        if check.id in self.left_out:
            return left_out(check, case)
        if because:
            return record(check, case, skips("Not judged, because {because} failed", because=because), because)
        if case.route is None:
            return self._asked(check, case, Reads(allowed), watchdog)
        route, leg = case.alike
        if said := shared.get((route, ANY_LEG)) or shared.get((route, leg)):
            return replace(said, id=f"{check.id}@{case.id}", subject=case.subject)
        reads = Reads(allowed)
        found = self._asked(check, case, reads, watchdog)
        if not reads.saw_vm:
            shared[route, leg if reads.saw_leg else ANY_LEG] = found
        return found

    def _asked(self, check: Check, case: Case, reads: Reads, watchdog: Watchdog) -> FindingRecord:
        try:
            watchdog.begin()
            pure.begin()
            try:
                finding = check.function(view(self.world, case, reads, self.hindrances_back))
            finally:
                pure.end()
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
        routes: dict[int, _Said] = {}
        moves: list[MoveResult] = []
        by_pair: dict[Pair, dict[int, _Said]] = {}
        of_pair: dict[Pair, list[Verdict]] = {}
        places = {step: place for place, step in enumerate(world.steps)}
        for place, case in enumerate(self.cases[Scope.MOVE].values()):
            move, (route, _) = case.move, case.alike
            assert move is not None
            if route not in routes:
                routes[route] = _Said(found for scope in _AROUND for near in case.near[scope] for found in near.said.values())
            around, own = routes[route], _Said((*case.said.values(), *self._of_plan(move)))
            earlier = world.steps[place].depends_on
            rests_on = None if earlier is None else places[earlier]
            verdicts = around.verdicts | own.verdicts
            if rests_on is not None:
                verdicts.add(moves[rests_on].verdict)
            moves.append(
                MoveResult(
                    vm=move.vm.spelled,
                    source=move.source.spelled,
                    target=move.target.spelled,
                    operator=move.operator.spelled,
                    launch=move.launch,
                    storage=move.kind,
                    authentication=self._authentication(move.source),
                    verdict=worst(verdicts),
                    findings=(*around.open, *own.open),
                    rests_on=rests_on,
                )
            )
            by_pair.setdefault(move.pair, {}).update({-1 - route: around, place: own})
            of_pair.setdefault(move.pair, []).append(moves[-1].verdict)
        findings = tuple(case.said[check.id] for check in self.checks for case in self.cases[check.scope].values())
        counts = {"planned": len(findings)} | {outcome.value: 0 for outcome in Outcome}
        for outcome, count in Counter(found.outcome for found in findings).items():
            counts[outcome.value] = count
        of_plan = (found.verdict for case in self.cases[Scope.PLAN].values() for found in case.said.values())
        window = plan.change.window
        return Result(
            format=RESULT_FORMAT,
            tool=Tool("hvpreflight", VERSION, rules_digest(self.checks)),
            snapshot_sha256=snapshot_sha256,
            plan_sha256=plan_sha256,
            collected=snapshot.collected,
            visits=snapshot.visits,
            valid_until=world.valid_until,
            verdict=worst([*of_plan, worst(move.verdict for move in moves)]),
            counts=counts,
            change=ChangeInfo(plan.change.id, plan.change.title, window.start if window else None, window.end if window else None),
            moves=tuple(moves),
            pairs=tuple(
                PairResult(
                    source=world.spelled(source),
                    target=world.spelled(target),
                    verdict=worst(of_pair[source, target]),
                    areas=_areas(said.values()),
                )
                for (source, target), said in by_pair.items()
            ),
            checks={c.id: CheckInfo(c.title, c.area, c.scope, c.severity, c.article) for c in self.checks},
            findings=findings,
            controllers=dict(sorted(_signed_in_to(snapshot))),
            unlooked={area: tuple(entries.values()) for area, entries in unlooked().items()},
            waivers=tuple(self.waiving.uses()),
            policy=world.policy,
        )

    def _of_plan(self, move: Move) -> Iterable[FindingRecord]:
        """What fails in the plan with this move."""
        for case in self.cases[Scope.PLAN].values():
            for found in case.said.values():
                moves = self.concerned.get(found.check)
                if found.outcome is Outcome.FAIL and (moves is None or move in moves):
                    yield found

    def _authentication(self, source: HostName) -> str:
        fact = self.world.host_fact(source, HostTopics.migration)
        return fact.value.authentication.label if isinstance(fact, Known) else "unknown"


def _raised(found: FindingRecord) -> FindingRecord:
    """A risk that failed or could not be judged, as a blocker."""
    raised = found.severity is Severity.RISK and found.outcome not in (Outcome.PASS, Outcome.SKIP)
    return replace(found, severity=Severity.BLOCKER) if raised else found


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


class _Said:
    """What several findings say together: their verdicts, the ids of those that are not PASS, and the worst state of each area."""

    __slots__ = ("areas", "open", "verdicts")

    def __init__(self, findings: Iterable[FindingRecord]) -> None:
        self.verdicts: set[Verdict] = set()
        self.open: list[str] = []
        self.areas: dict[str, AreaState] = {}
        for found in findings:
            self.verdicts.add(found.verdict)
            if found.outcome is not Outcome.PASS:
                self.open.append(found.id)
            _take_worse(self.areas, found.check.partition(".")[0], AreaState.of(found))


def _take_worse(areas: dict[str, AreaState], area: str, state: AreaState) -> None:
    if area not in areas or state.weight > areas[area].weight:
        areas[area] = state


def _areas(all_said: Iterable[_Said]) -> dict[str, AreaState]:
    states: dict[str, AreaState] = {}
    for said in all_said:
        for area, state in said.areas.items():
            _take_worse(states, area, state)
    return dict(sorted(states.items()))


def rules_digest(checks: Iterable[Check]) -> str:
    """A short fingerprint of what is checked, so that two results can be told to rest on the same rules."""
    described = [
        (c.id, c.scope, c.severity, c.worst, c.title, c.facts, c.depends_on, c.predicts, c.article)
        for c in sorted(checks, key=lambda c: c.id)
    ]
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:12]
