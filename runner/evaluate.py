"""From a plan and a snapshot to a result: every check once for each of its subjects, and the verdicts. Pure: no network, no
clock, no environment; the same plan and snapshot give the same result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeAlias

import msgspec
from msgspec import UNSET

from checks import recorded
from checks.check import Check, Finding, Outcome, Remedy, Scope, Severity, Text, Value, holds_text, plain, skips, text
from checks.facts import Known, Reason, Snapshot
from checks.plan import Move, Plan, key
from checks.registry import all_checks, ordered
from checks.result import (
    RESULT_FORMAT,
    VERDICT_ORDER,
    ChangeInfo,
    CheckInfo,
    FindingRecord,
    Message,
    MoveResult,
    PairResult,
    RemedyRecord,
    Result,
    Subject,
    Tool,
    Verdict,
)
from checks.subject import AccessSubject, FactMissing, HostSubject, MoveSubject, PairSubject, PlanSubject, Reads, World
from reports.escape import powershell_command
from runner.version import VERSION
from runner.watchdog import CheckTimeout, Watchdog

VALID_FOR = timedelta(hours=24)
CHECK_LIMIT_S = 10.0

_SEVERITIES = (Severity.ADVICE, Severity.RISK, Severity.BLOCKER)

Key: TypeAlias = tuple[str | int, ...]


class _Case:
    """One subject: its key, its id in findings, how the result shows it, and what a check function gets."""

    __slots__ = ("id", "key", "move", "route", "subject")

    def __init__(self, key: Key, id: str, subject: Subject, move: Move | None = None, route: Move | None = None) -> None:
        self.key, self.id, self.subject, self.move, self.route = key, id, subject, move, route


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
        self.by_scope: dict[str, dict[Key, list[FindingRecord]]] = {}
        self.cases = {scope: tuple(_cases(world, scope)) for scope in Scope}
        self.shared: dict[tuple[str, Move], FindingRecord] = {}

    def evaluate(self, watchdog: Watchdog) -> None:
        scopes = {check.id: check.scope for check in self.checks}
        for check in self.checks:
            allowed = frozenset(check.facts)
            for case in self.cases[check.scope]:
                because = tuple(
                    record.id
                    for dependency in check.depends_on
                    for subject in _narrower(case, scopes[dependency])
                    if (record := self.records.get((dependency, subject))) is not None and _stops(record)
                )
                record = self._judge(check, case, allowed, because, watchdog)
                self.records[check.id, case.key] = record
                self.by_scope.setdefault(check.scope, {}).setdefault(case.key, []).append(record)

    def _judge(self, check: Check, case: _Case, allowed: frozenset[str], because: tuple[str, ...], watchdog: Watchdog) -> FindingRecord:
        if check.id in self.left_out:
            finding = Finding(Outcome.UNKNOWN, text("This check was left out of the run"), check.highest)
            return _record(check, case, finding, (), Reason.NOT_COLLECTED)
        if because:
            return _record(check, case, skips("Not judged, because {because} failed", because=because), because)
        if case.route is not None and (said := self.shared.get((check.id, case.route))):
            return msgspec.structs.replace(said, id=f"{check.id}@{case.id}", subject=case.subject)
        reads = Reads(allowed)
        record = self._asked(check, case, reads, watchdog)
        if case.route is not None and not reads.saw_vm:
            self.shared[check.id, case.route] = record
        return record

    def _asked(self, check: Check, case: _Case, reads: Reads, watchdog: Watchdog) -> FindingRecord:
        try:
            watchdog.begin()
            try:
                finding = check.function(self._subject(check.scope, case, reads))
            finally:
                watchdog.end()
            problem = _unfit(check, finding)
            if not problem and (finding.outcome is not Outcome.PASS or not reads.hints_missing):
                return _record(check, case, finding)
        except FactMissing as missing:
            return _unknown(check, case, missing)
        except CheckTimeout:
            problem = text("the check did not end")
        except Exception as error:
            problem = text("{error}: {message}", error=type(error).__name__, message=str(error))
        if not problem:
            return _unknown(check, case, reads.hints_missing[0])
        bug = text("This check has a bug, please report it: {problem}", problem=problem)
        return _record(check, case, Finding(Outcome.ERROR, bug, check.highest))

    def _subject(self, scope: Scope, case: _Case, reads: Reads) -> object:
        subject = case.subject
        if scope is Scope.MOVE:
            assert case.move is not None
            assert case.route is not None
            return MoveSubject(self.world, case.move, case.route, reads)
        if scope is Scope.PAIR:
            return PairSubject(self.world, key(subject.source or ""), key(subject.target or ""), reads)
        if scope is Scope.HOST:
            return HostSubject(self.world, key(subject.host or ""), reads)
        if scope is Scope.ACCESS:
            return AccessSubject(self.world, key(subject.operator or ""), key(subject.host or ""), reads)
        return PlanSubject(self.world, reads)

    def result(self, snapshot_sha256: str, plan_sha256: str) -> Result:
        world, plan, snapshot = self.world, self.world.plan, self.world.snapshot
        shared: dict[tuple[Key, ...], tuple[FindingRecord, ...]] = {}
        moves: list[MoveResult] = []
        by_pair: dict[tuple[str, str], list[tuple[Verdict, Iterable[FindingRecord]]]] = {}
        for case in self.cases[Scope.MOVE]:
            move = case.move
            assert move is not None
            keys = tuple(_around(move))
            if keys not in shared:
                shared[keys] = tuple(r for k in keys for r in self.by_scope.get(str(k[0]), {}).get(k, ()))
            records = (*shared[keys], *self.by_scope.get(Scope.MOVE, {}).get(case.key, ()))
            verdict = verdict_of(records) if records else Verdict.INCOMPLETE
            moves.append(
                MoveResult(
                    vm=move.vm,
                    source=move.source,
                    target=move.target,
                    operator=move.operator,
                    launch=move.launch,
                    storage="storage only" if move.storage_only else "with storage" if move.include_storage else "without storage",
                    authentication=self._authentication(key(move.source)),
                    verdict=verdict,
                    findings=tuple(r.id for r in records if r.outcome is not Outcome.PASS),
                )
            )
            by_pair.setdefault((key(move.source), key(move.target)), []).append((verdict, records))
        findings = tuple(self.records[check.id, case.key] for check in self.checks for case in self.cases[check.scope])
        counts = {"planned": len(findings)} | {outcome.value: 0 for outcome in Outcome}
        for record in findings:
            counts[record.outcome.value] += 1
        plan_level = verdict_of(r for records in self.by_scope.get(Scope.PLAN, {}).values() for r in records)
        window = plan.change.window
        return Result(
            format=RESULT_FORMAT,
            tool=Tool("hvpreflight", VERSION, rules_digest(self.checks)),
            snapshot_sha256=snapshot_sha256,
            plan_sha256=plan_sha256,
            collected=snapshot.collected,
            visits=snapshot.visits,
            valid_until=snapshot.collected.start + VALID_FOR,
            verdict=worst([plan_level, worst(move.verdict for move in moves)]),
            counts=counts,
            change=ChangeInfo(plan.change.id, plan.change.title, window.start if window else None, window.end if window else None),
            moves=tuple(moves),
            pairs=tuple(
                PairResult(
                    source=world.spelling[source],
                    target=world.spelling[target],
                    verdict=worst(verdict for verdict, _ in entries),
                    areas=_areas(r for _, records in entries for r in records),
                )
                for (source, target), entries in by_pair.items()
            ),
            checks={c.id: CheckInfo(c.title, c.area, c.scope, c.severity, c.article) for c in self.checks},
            findings=findings,
        )

    def _authentication(self, source: str) -> str:
        fact = self.world.host_fact(source, "migration")
        if not isinstance(fact, Known):
            return "unknown"
        return {0: "CredSSP", 1: "Kerberos"}[int(fact.value.authentication)]


def _cases(world: World, scope: Scope) -> Iterable[_Case]:
    spelled = world.spelling
    if scope is Scope.PLAN:
        yield _Case((scope,), "plan", Subject(scope))
    elif scope is Scope.HOST:
        for name in world.plan.host_names:
            yield _Case((scope, key(name)), key(name), Subject(scope, host=name))
    elif scope is Scope.PAIR:
        for source, target in world.plan.pairs:
            subject = Subject(scope, source=spelled[source], target=spelled[target])
            yield _Case((scope, source, target), f"{source}>{target}", subject)
    elif scope is Scope.ACCESS:
        accesses = dict.fromkeys((key(m.operator), key(host)) for m in world.plan.moves for host in (m.source, m.target))
        for operator, host in accesses:
            subject = Subject(scope, operator=spelled[operator], host=spelled[host])
            yield _Case((scope, operator, host), f"{operator}@{host}", subject)
    else:
        seen: dict[str, int] = {}
        routes: dict[Move, Move] = {}
        for index, move in enumerate(world.moves):
            route = msgspec.structs.replace(move, vm="", destination_path=None)
            route = routes.setdefault(route, route)
            name = f"{move.vm}@{key(move.source)}>{key(move.target)}"
            seen[name] = seen.get(name, 0) + 1
            subject = Subject(scope, source=move.source, target=move.target, vm=move.vm)
            yield _Case((scope, index), name if seen[name] == 1 else f"{name}#{seen[name]}", subject, move, route)


def _around(move: Move) -> Iterable[Key]:
    """The subjects of the other scopes that bear on a move."""
    source, target, operator = key(move.source), key(move.target), key(move.operator)
    yield (Scope.HOST, source)
    yield (Scope.HOST, target)
    yield (Scope.PAIR, source, target)
    yield (Scope.ACCESS, operator, source)
    yield (Scope.ACCESS, operator, target)


def _narrower(case: _Case, scope: Scope) -> Iterable[Key]:
    """The subjects of a dependency's scope that belong to this subject."""
    own, subject = case.key[0], case.subject
    if own == scope:
        return (case.key,)
    if case.move is not None:
        return tuple(k for k in _around(case.move) if k[0] == scope)
    if own == Scope.PAIR and scope is Scope.HOST:
        return ((scope, key(subject.source or "")), (scope, key(subject.target or "")))
    if own == Scope.ACCESS and scope is Scope.HOST:
        return ((scope, key(subject.host or "")),)
    return ()


def _stops(record: FindingRecord) -> bool:
    """Does this outcome of a dependency make what depends on it pointless: a blocker that failed, or was itself stopped by one."""
    return (record.outcome is Outcome.FAIL and record.severity == Severity.BLOCKER) or bool(record.because)


def _unfit(check: Check, finding: object) -> Text | None:
    """Why a check's answer cannot be used, or nothing."""
    if not isinstance(finding, Finding):
        return text("returned {type} instead of a finding", type=type(finding).__name__)
    if not isinstance(finding.outcome, Outcome) or finding.outcome not in (Outcome.PASS, Outcome.FAIL, Outcome.SKIP):
        return text("returned {outcome}, which is not a check's to say", outcome=repr(finding.outcome))
    severity: object = finding.severity
    if severity is not None and not isinstance(severity, Severity):
        return text("returned {severity} as a severity", severity=repr(severity))
    if finding.severity and _SEVERITIES.index(finding.severity) > _SEVERITIES.index(check.highest):
        return text("returned {severity} above its declared {highest}", severity=finding.severity.value, highest=check.highest.value)
    return None


def _unknown(check: Check, case: _Case, missing: FactMissing) -> FindingRecord:
    fact = missing.missing
    message = text(
        "{fact} is not known ({source}): {reason}, {detail}" if fact.detail else "{fact} is not known ({source}): {reason}",
        fact=missing.name,
        source=recorded.recognized(fact.source, recorded.SOURCES),
        reason=Text(fact.reason.value),
        detail=recorded.recognized(fact.detail, recorded.DETAILS),
    )
    return _record(check, case, Finding(Outcome.UNKNOWN, message, check.highest), (), fact.reason)


def _record(check: Check, case: _Case, finding: Finding, because: tuple[str, ...] = (), reason: Reason | None = None) -> FindingRecord:
    message = finding.message
    predicts = check.predicts if finding.predicts is None else finding.predicts
    return FindingRecord(
        id=f"{check.id}@{case.id}",
        check=check.id,
        subject=case.subject,
        outcome=finding.outcome,
        severity=finding.severity or check.severity,
        message=Message(plain(message), message.template, message.values),
        evidence=finding.evidence,
        predicts=predicts if finding.outcome is Outcome.FAIL else (),
        because=because,
        reason=reason,
        remedy=_remedy(finding.remedy) if finding.remedy else None,
    )


def _remedy(remedy: Remedy) -> RemedyRecord:
    said: dict[str, Value] = {name: value for name in ("who", "effective_after") if (value := getattr(remedy, name)).values} | {
        name: value for name in ("commands", "verify", "undo") if holds_text(value := _said(getattr(remedy, name)))
    }
    return RemedyRecord(
        text=plain(remedy.text),
        who=plain(remedy.who),
        commands=_commands(remedy.commands),
        effective_after=plain(remedy.effective_after),
        verify=_commands(remedy.verify),
        undo=_commands(remedy.undo),
        template=remedy.text.template,
        values=remedy.text.values,
        changes=remedy.changes,
        texts=said or UNSET,
    )


def _commands(commands: tuple[Text, ...]) -> tuple[str, ...]:
    return tuple(powershell_command(command.template, command.values) for command in commands)


def _said(commands: tuple[Text, ...]) -> Value:
    """The commands as a report shows them: what no command can do as a text."""
    return tuple(line if line.template.startswith("#") else powershell_command(line.template, line.values) for line in commands)


def verdict_of(records: Iterable[FindingRecord]) -> Verdict:
    """NO-GO with a failed blocker; else INCOMPLETE with an unknown or crashed one; else conditions with a risk that failed or
    is not known; else GO. Advice changes nothing."""
    verdict = Verdict.GO
    for record in records:
        if record.outcome is Outcome.FAIL and record.severity == Severity.BLOCKER:
            return Verdict.NO_GO
        if record.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR):
            if record.severity == Severity.BLOCKER:
                verdict = Verdict.INCOMPLETE
            elif record.severity == Severity.RISK and verdict is Verdict.GO:
                verdict = Verdict.CONDITIONS
    return verdict


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; nothing at all is INCOMPLETE, never GO."""
    return max(verdicts, key=VERDICT_ORDER.index, default=Verdict.INCOMPLETE)


_AREA_ORDER = (
    "SKIP",
    "PASS",
    "FAIL ADVICE",
    "UNKNOWN ADVICE",
    "ERROR ADVICE",
    "UNKNOWN RISK",
    "ERROR RISK",
    "FAIL RISK",
    "ERROR BLOCKER",
    "UNKNOWN BLOCKER",
    "FAIL BLOCKER",
)
_AREA_RANK = {state: rank for rank, state in enumerate(_AREA_ORDER)}


def _areas(records: Iterable[FindingRecord]) -> dict[str, str]:
    states: dict[str, str] = {}
    for record in records:
        plain = record.outcome in (Outcome.PASS, Outcome.SKIP)
        state = record.outcome.value if plain else f"{record.outcome.value} {record.severity.value}"
        area = record.check.partition(".")[0]
        if area not in states or _AREA_RANK[state] > _AREA_RANK[states[area]]:
            states[area] = state
    return dict(sorted(states.items()))


def rules_digest(checks: Iterable[Check]) -> str:
    """A short fingerprint of what is checked, so that two results can be told to rest on the same rules."""
    described = [(c.id, c.scope, c.severity, c.title, c.facts, c.depends_on, c.predicts) for c in sorted(checks, key=lambda c: c.id)]
    return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:12]
