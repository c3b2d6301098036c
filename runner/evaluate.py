"""From a plan and a snapshot to a result: every check once for each of its subjects, and the verdicts. Pure: no network, no
clock, no environment; the same plan and snapshot give the same result."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from operator import attrgetter
from typing import NamedTuple, TypeAlias

import msgspec
from msgspec.structs import replace

from checks.check import FAIL, PASS, WAYS_BACK, Check, Finding, Outcome, Scope, Severity, skips
from checks.facts.directory import ControllerTopic, SignIn
from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.facts.snapshot import Snapshot
from checks.plan import ORDINARY_SESSION, Move, Pair, Plan
from checks.policy import Policy
from checks.registry import all_checks, ordered
from checks.result import (
    RESULT_FORMAT,
    AreaState,
    ChangeInfo,
    CheckInfo,
    FindingRecord,
    HostDetail,
    MoveResult,
    PairResult,
    Result,
    Staying,
    Tool,
    Verdict,
    worst,
)
from checks.second_opinion import SECOND_OPINION, Compared, CompareReport
from checks.subject import PlanSubject, Reads
from checks.text import Text, text
from checks.unlooked import unlooked
from checks.waiver import Waiver
from checks.way_back import WaysBack, asked_of_ways_back
from checks.windows.names import HostName
from checks.world import FactMissing, World
from runner import pure
from runner.cases import Case, Name, View, cases
from runner.circles import not_searched
from runner.records import left_out, record, unknown
from runner.second_opinion import compared
from runner.version import VERSION
from runner.waiving import Waiving
from runner.watchdog import CheckTimeout, Watchdog
from runner.ways_back import hindrances

CHECK_LIMIT_S, MOVE_LIMIT_S = 10.0, 0.001
"""A check is ended when it takes longer than this and so much more for each move of the plan, since some look at all of them at once."""

STAYING_NAMED = 20
"""So many VMs that stay on a source are named."""

Stopping: TypeAlias = tuple[Scope, Mapping[Case, tuple[str, ...]]]
"""Subjects of a scope for which what depends on a check is not worth judging, with the ids of the findings that failed."""

_LATER = (WAYS_BACK, SECOND_OPINION)
"""What checks declare that read what others say, which are asked before."""

_TO_SAY = (PASS, FAIL, Outcome.SKIP)
"""What a check itself may say."""

_AROUND = (Scope.HOST, Scope.PAIR, Scope.ACCESS)
"""The scopes whose findings reach a move, in the order in which it lists them."""

_OF_NO_MOVE = (Scope.HOST, Scope.ACCESS)
"""The scopes whose subjects note what of the plan's moves is looked at."""


class Answer(NamedTuple):
    """What a check says of a host or an access, and what it looked at for it that the moves of the plan decide (checks.subject.Reads)."""

    found: FindingRecord
    of_plan: tuple[tuple[str, Hashable], ...]

    def holds(self, view: View) -> bool:
        """Does the plan of this subject say the same. All else that a check can read there is the same in any plan over the same facts."""
        return all(getattr(view, name) == said for name, said in self.of_plan)


Answers: TypeAlias = dict[Check, dict[tuple[Name, ...], Answer]]
"""By the checks, and the names of the subjects."""


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
    reports: Sequence[CompareReport] = (),
    check_limit_s: float = CHECK_LIMIT_S,
) -> Result:
    """The result of a plan against a snapshot. `left_out` are ids of checks that the user did not want: they count as UNKNOWN.
    `waivers` accept failures; with `waived_until` only those that count on that day. What an accepted failure would have stopped is judged.
    `reports` of Compare-VM are laid beside what the checks say.

    Raises checks.registry.RegistryError when the checks themselves do not fit together.
    """
    asked = all_checks() if checks is None else ordered(checks)
    run = Run(World(plan, snapshot, policy), asked, left_out, Waiving(waivers, waived_until), reports)
    with watchdog_over(run.world, check_limit_s) as watchdog:
        run.evaluate(watchdog)
    return run.result(snapshot_sha256, plan_sha256)


def watchdog_over(world: World, limit_s: float = CHECK_LIMIT_S) -> Watchdog:
    """What ends a check of this world that takes too long."""
    return Watchdog(limit_s + MOVE_LIMIT_S * len(world.steps))


class Run:
    """Every check, put to every subject. `findings` in the order of the checks, and of the subjects."""

    def __init__(
        self,
        world: World,
        checks: Sequence[Check],
        left_out: frozenset[str],
        waiving: Waiving,
        reports: Sequence[CompareReport] = (),
        said_before: Mapping[str, Sequence[FindingRecord]] | None = None,
        reads: Reads | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.world = world
        self.checks = checks
        self.left_out = left_out
        self.waiving = waiving
        self.reports = reports
        self.said_before = said_before or {}
        """What checks said already that would say the same again, by their ids: one finding for each subject."""
        self.compared: tuple[Compared, ...] = ()
        self.answers: Answers = {} if answers is None else answers
        """What checks said of hosts and accesses, in another plan over the same facts too."""
        self.reads = reads or Reads(world)
        self.cases = cases(world, self.reads)
        self.concerned: dict[str, frozenset[Move]] = {}
        self.findings: list[FindingRecord] = []
        self.scopes = {check.id: check.scope for check in checks}
        self._depended_on = {each for check in checks for each in check.depends_on}
        self.stopped: dict[str, dict[Case, tuple[str, ...]]] = {}
        """By checks on which others depend the subjects for which these are not worth judging, with the ids of the findings that failed."""

    @not_searched()
    def evaluate(self, watchdog: Watchdog) -> None:
        for check in sorted(self.checks, key=lambda check: [fact in check.facts for fact in reversed(_LATER)]):
            if check.id in self.said_before:
                self._take(check, self.said_before[check.id])
                continue
            if WAYS_BACK in check.facts and check.id not in self.left_out:
                self._look_back(watchdog)
            if SECOND_OPINION in check.facts:
                self._compare()
            with pure.judging():
                self._take(check, self._said(check, watchdog))
        self.world.forget_shown()

    def _said(self, check: Check, watchdog: Watchdog) -> Iterable[FindingRecord]:
        """What is said of each subject of a check."""
        stopping = [(self.scopes[each], self.stopped[each]) for each in check.depends_on if self.stopped.get(each)]
        answers = self.answers.setdefault(check, {}) if check.scope in _OF_NO_MOVE else None
        asking = _Asking(check, self.reads, watchdog, self.concerned, stopping, answers)
        cases = self.cases[check.scope].values()
        said: Iterable[FindingRecord] = map(partial(left_out, check), cases) if check.id in self.left_out else asking.about(cases)
        if not {check.id, check.area}.isdisjoint(self.world.policy.blockers):
            said = map(_raised, said)
        return map(self.waiving.over, said) if self.waiving.any else said

    def _take(self, check: Check, said: Iterable[FindingRecord]) -> None:
        """What is said of each subject, which is told what is not PASS, and where something depends on the check and is not worth judging
        further, because of what."""
        findings = tuple(said)
        self.findings += findings
        pairs = zip(self.cases[check.scope].values(), findings, strict=True)
        others = [(case, found) for case, found in pairs if found.outcome is not PASS]
        for case, found in others:
            case.open.append(found)
        if check.id in self._depended_on:
            self.stopped[check.id] = {case: found.because or (found.id,) for case, found in others if found.stops}

    def _compare(self) -> None:
        """Lay the reports of Compare-VM beside what was said of the moves."""
        self.compared = compared(self.reports, self.world, self.cases)
        for case in self.cases[Scope.PLAN].values():
            assert isinstance(case.view, PlanSubject)
            case.view.laid_beside = self.compared

    def _look_back(self, watchdog: Watchdog) -> None:
        """Ask the checks of the ways back, whichever of them this run asks of the moves."""
        back = WaysBack(self.world)
        asked = [check for check in all_checks() if asked_of_ways_back(check)]
        run = Run(back, asked, frozenset(), Waiving((), None), reads=self.reads, answers=self.answers)
        run.evaluate(watchdog)
        told = tuple(hindrances(back, run.cases, self.cases, self.world.moves, {check.id: check.title for check in asked}))
        for case in self.cases[Scope.PLAN].values():
            assert isinstance(case.view, PlanSubject)
            case.view.told_back = told

    @not_searched()
    def result(self, snapshot_sha256: str, plan_sha256: str) -> Result:
        world, plan, snapshot = self.world, self.world.plan, self.world.snapshot
        routes: dict[int, _Said] = {}
        asked = {scope: frozenset([check.id for check in self.checks if check.scope is scope]) for scope in Scope}
        moves: list[MoveResult] = []
        by_pair: dict[Pair, _OfPair] = {}
        places = {step: place for place, step in enumerate(world.steps)}
        of_plan = [found for case in self.cases[Scope.PLAN].values() for found in case.open]
        against = [(found, self.concerned.get(found.check)) for found in of_plan if found.outcome is FAIL]
        for place, case in enumerate(self.cases[Scope.MOVE].values()):
            move, alike = case.move, case.alike
            assert move is not None
            assert alike is not None
            pair = by_pair.get(move.pair)
            if pair is None:
                pair = by_pair[move.pair] = _OfPair(self._authentication(move.source))
            if alike[0] not in routes:
                around = [(near, pair.weigh(asked[scope], near.open)) for scope in _AROUND for near in case.near[scope]]
                routes[alike[0]] = _Said(
                    set[Verdict]().union(*[verdicts for _, verdicts in around]), [found.id for near, _ in around for found in near.open]
                )
            route, own = routes[alike[0]], case.open
            verdicts = route.verdicts | pair.weigh(asked[case.scope], own)
            if against:
                its_plan = [found for found, its in against if its is None or move in its]
                own, verdicts = [*own, *its_plan], verdicts | pair.weigh(frozenset(), its_plan)
            earlier = world.steps[place].depends_on
            rests_on = None if earlier is None else places[earlier]
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
                    authentication=pair.authentication,
                    verdict=worst(verdicts),
                    findings=(*route.open, *[found.id for found in own]),
                    rests_on=rests_on,
                    launch_from=move.launch_from,
                    destination_path=move.destination_path,
                )
            )
            pair.verdicts.add(moves[-1].verdict)
        holds_or_open = [found for found in of_plan if found.outcome is not FAIL]
        for pair in by_pair.values():
            pair.weigh(asked[Scope.PLAN] - {found.check for found, _ in against}, holds_or_open)
        others = Counter([found.outcome for cases in self.cases.values() for case in cases.values() for found in case.open])
        counts = {"planned": len(self.findings)} | {outcome.value: others[outcome] for outcome in Outcome}
        counts[PASS.value] = len(self.findings) - others.total()
        window = plan.change.window
        return Result(
            format=RESULT_FORMAT,
            tool=Tool("hvpreflight", VERSION, rules_digest(self.checks)),
            snapshot_sha256=snapshot_sha256,
            plan_sha256=plan_sha256,
            collected=snapshot.collected,
            visits=snapshot.visits,
            valid_until=world.valid_until,
            verdict=worst([*[found.verdict for found in of_plan], worst(move.verdict for move in moves)]),
            counts=counts,
            change=ChangeInfo(plan.change.id, plan.change.title, window.start if window else None, window.end if window else None),
            moves=tuple(moves),
            pairs=tuple(
                PairResult(
                    source=world.spelled(source),
                    target=world.spelled(target),
                    verdict=worst(pair.verdicts),
                    areas=pair.areas(),
                )
                for (source, target), pair in by_pair.items()
            ),
            checks={c.id: CheckInfo(c.title, c.area, c.scope, c.severity, c.article) for c in self.checks},
            findings=tuple(self.findings),
            controllers=dict(sorted(_signed_in_to(snapshot))),
            unlooked={area: tuple(entries.values()) for area, entries in unlooked().items()},
            waivers=tuple(self.waiving.uses()),
            policy=world.policy,
            waves=world.schedule.waves,
            assumptions=world.schedule.assumptions,
            compared=self.compared,
            host_details={host.spelled: _described(world, host) for host in world.machines},
        )

    def _authentication(self, source: HostName) -> str:
        fact = self.world.host_fact(source, HostTopics.migration)
        return fact.value.authentication.label if isinstance(fact, Known) else "unknown"


class _Asking:
    """One check, put to its subjects one after the other: of moves that are alike in all that it looks at to one of them. `concerned` takes
    the moves with which it says that the plan fails; `stopping` are the subjects for which what it depends on failed; `answers` are what
    it said before."""

    def __init__(
        self,
        check: Check,
        reads: Reads,
        watchdog: Watchdog,
        concerned: dict[str, frozenset[Move]],
        stopping: Sequence[Stopping],
        answers: dict[tuple[Name, ...], Answer] | None,
    ) -> None:
        self._check = check
        self._reads = reads
        self._watchdog = watchdog
        self._concerned = concerned
        self._stopping = stopping
        self._answers = answers

    def about(self, cases: Iterable[Case]) -> list[FindingRecord]:
        check, reads, stopping = self._check, self._reads, self._stopping
        reads.begin(frozenset(check.facts))
        shared: dict[int | tuple[int, int], FindingRecord] = {}  # by routes, and where it looks at what a move does with files by both
        said: list[FindingRecord] = []
        for case in cases:
            if stopping and (because := _because(case, stopping)):
                answer = record(check, case, skips("Not judged, because {because} failed", because=because), because)
            elif case.alike is None or case.move is None:
                answer = self._asked(case) if self._answers is None else self._in_any_plan(case, self._answers)
            elif shared and (same := shared.get(case.alike[0]) or shared.get(case.alike)):
                answer = replace(same, id=f"{check.id}@{case.id}", subject=case.subject)
            else:
                answer = self._asked(case)
                if not reads.saw_vm:
                    shared[case.alike if reads.saw_leg else case.alike[0]] = answer
                elif case.move.alone:
                    answer = record(check, case, skips("Asks about a VM, and the pair is judged without one"))
            said.append(answer)
        return said

    def _in_any_plan(self, case: Case, answers: dict[tuple[Name, ...], Answer]) -> FindingRecord:
        before = answers.get(case.names)
        if before is None or not before.holds(case.view):
            before = answers[case.names] = Answer(self._asked(case), self._reads.of_plan)
        return before.found

    def _asked(self, case: Case) -> FindingRecord:
        check, reads = self._check, self._reads
        reads.look_anew()
        try:
            finding = self._watchdog.ask(check.function, case.view)
            problem = _unfit(check, finding)
            if not problem and (finding.outcome is not PASS or not reads.hints_missing):
                if finding.concerns is not None:
                    self._concerned[check.id] = finding.concerns
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


def _because(case: Case, stopping: Sequence[Stopping]) -> tuple[str, ...]:
    """The ids of the findings that failed, for which this subject is not worth judging."""
    return tuple(dict.fromkeys([id for scope, stops in stopping for near in case.bearing(scope) if near in stops for id in stops[near]]))


def _described(world: World, host: HostName) -> HostDetail:
    """What tells a host from others, and what the plan leaves on it."""
    told = world.host_fact(host, HostTopics.computer)
    computer = told.value if isinstance(told, Known) else None
    stays = world.stays(host) if host in world.sources else None
    token, endpoint = world.claimed_fact(host, HostTopics.session_token), world.plan.configuration_name(host)
    return HostDetail(
        full_name=computer.full_name.spelled if computer else None,
        domain=computer.domain if computer and computer.joined else None,
        workgroup=computer.domain if computer and not computer.joined else None,
        staying=None if stays is None else Staying(len(stays), tuple(vm.name for vm in stays[:STAYING_NAMED])),
        token=token.value if isinstance(token, Known) else None,
        endpoint="" if endpoint == ORDINARY_SESSION else endpoint,
    )


def _raised(found: FindingRecord) -> FindingRecord:
    """A risk that failed or could not be judged, as a blocker."""
    raised = found.severity is Severity.RISK and found.outcome not in (Outcome.PASS, Outcome.SKIP)
    return replace(found, severity=Severity.BLOCKER) if raised else found


def _unfit(check: Check, finding: object) -> Text | None:
    """Why a check's answer cannot be used, or nothing."""
    if not isinstance(finding, Finding):
        return text("returned {type} instead of a finding", type=type(finding).__name__)
    if finding.outcome is PASS and finding.severity is None:
        return None
    if not isinstance(finding.outcome, Outcome) or finding.outcome not in _TO_SAY:
        return text("returned {outcome}, which is not a check's to say", outcome=repr(finding.outcome))
    severity: object = finding.severity
    if severity is None:
        return None
    if not isinstance(severity, Severity):
        return text("returned {severity} as a severity", severity=repr(severity))
    if severity.weight > check.highest.weight:
        return text("returned {severity} above its declared {highest}", severity=severity.value, highest=check.highest.value)
    return None


def _signed_in_to(snapshot: Snapshot) -> Iterable[tuple[str, SignIn]]:
    """The controllers that answered, by name, and how we signed in to each."""
    for domain in snapshot.domains.values():
        for name, fact in domain.said(ControllerTopic.sign_in).items():
            if isinstance(fact, Known):
                yield name, fact.value


_CHECK = attrgetter("check")


class _Said(NamedTuple):
    """What several findings say together: their verdicts, and the ids of those that are not PASS."""

    verdicts: set[Verdict]
    open: list[str]


class _OfPair:
    """What is said of an ordered pair and of its moves, and how its source authenticates."""

    __slots__ = ("_kinds", "_passing", "authentication", "verdicts")

    def __init__(self, authentication: str) -> None:
        self.authentication = authentication
        self.verdicts: set[Verdict] = set()
        """Of its moves."""
        self._kinds: dict[tuple[str, Outcome, Severity, bool, bool], tuple[Verdict, AreaState]] = {}
        """What the findings of a check that are not PASS make of a move and of an area, which few things decide."""
        self._passing: set[tuple[frozenset[str], tuple[str, ...]]] = set()
        """What was asked, and the checks of that that did not pass, each once of all that have it so."""

    def weigh(self, asked: frozenset[str], others: Sequence[FindingRecord]) -> set[Verdict]:
        """Take in what is said of the pair or of one of its moves, of which these checks were asked: what is not PASS."""
        verdicts = {Verdict.GO} if len(others) < len(asked) else set()
        self._passing.add((asked, tuple(map(_CHECK, others))))
        for found in others:
            kind = found.check, found.outcome, found.severity, found.waiver is None, bool(found.because)
            made = self._kinds.get(kind)
            if made is None:
                made = self._kinds[kind] = found.verdict, AreaState.of(found)
            verdicts.add(made[0])
        return verdicts

    def areas(self) -> dict[str, AreaState]:
        """The worst of each area of checks."""
        states = {check.partition(".")[0]: AreaState.PASS for asked, others in self._passing for check in asked.difference(others)}
        for (check, *_), (_, state) in self._kinds.items():
            area = check.partition(".")[0]
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
