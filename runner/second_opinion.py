"""Lays the reports of Compare-VM beside what the checks say of the same moves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from checks.check import Outcome, Scope
from checks.errors import ErrorKind, KnownError
from checks.errors.lookup import all_errors, known
from checks.plan_state import Step
from checks.result import FindingRecord
from checks.second_opinion import Agreement, Compared, CompareReport, Opinion
from checks.windows.names import HostName, MachineName
from checks.world import World
from runner.cases import Case, Cases

FINDINGS_SHOWN = 5
"""So many of the findings that say the same are named."""


def compared(reports: Sequence[CompareReport], world: World, cases: Cases) -> tuple[Compared, ...]:
    """Each report with the moves that it is of, and how its entries stand to what was said of them in these cases."""
    if not reports:
        return ()
    beside = _Beside(world, tuple(cases[Scope.MOVE].values()))
    return tuple(map(beside.compare, reports))


class _Beside:
    def __init__(self, world: World, moves: tuple[Case, ...]) -> None:
        self._world = world
        self._moves = moves
        self._by_vm: dict[MachineName, list[int]] = {}
        for place, step in enumerate(world.steps):
            if not step.move.storage_only:
                for name in _names(step):
                    self._by_vm.setdefault(name, []).append(place)

    def compare(self, report: CompareReport) -> Compared:
        moves = self._places(report)
        if not moves:
            return Compared(report, (), (Opinion(Agreement.NO_MOVE),))
        said = _Said(case for place in moves for case in _around(self._moves[place]))
        if report.incompatibilities:
            of_ids = {id: _opinion(id, said) for id in dict.fromkeys(entry.id for entry in report.incompatibilities)}
            return Compared(report, moves, tuple(replace(of_ids[entry.id], entry=entry) for entry in report.incompatibilities))
        less = tuple(_less(said)) if len(moves) == 1 else ()
        return Compared(report, moves, less or (Opinion(Agreement.NOTHING),))

    def _places(self, report: CompareReport) -> tuple[int, ...]:
        """The moves that a report is of: all to its host that may be meant where it names no VM."""
        steps = self._world.steps
        named = [MachineName(name) for name in (report.vm, report.vm_id) if name]
        if named:
            found: Iterable[int] = sorted({place for name in named for place in self._by_vm.get(name, ())})
        else:
            found = (place for place, step in enumerate(steps) if not step.move.storage_only and not step.move.alone)
        return tuple(place for place in found if report.destination is None or self._goes_to(steps[place], HostName(report.destination)))

    def _goes_to(self, step: Step, host: HostName) -> bool:
        return host == step.move.target or self._world.server(host) == step.there


class _Said:
    """What was said of some moves."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = tuple(dict.fromkeys(cases))
        self._of: dict[str, tuple[FindingRecord, ...]] = {}

    def of(self, error: KnownError) -> tuple[FindingRecord, ...]:
        """By the checks that see the causes of an error, or predict it; of one that only says that something failed, by all."""
        if error.code not in self._of:
            checks = {check for cause in error.causes for check in cause.checks}
            self._of[error.code] = tuple(
                said
                for case in self._cases
                for said in case.open
                if said.check in checks or error.code in said.predicts or (error.wrapper and said.fails)
            )
        return self._of[error.code]


def _opinion(id: int | None, said: _Said) -> Opinion:
    if id is None:
        return Opinion(Agreement.UNREAD)
    error = decoded(id)
    if error is None:
        return Opinion(Agreement.NOT_KNOWN)
    if not error.wrapper and not any(cause.checks for cause in error.causes):
        return Opinion(Agreement.NO_CHECK, error=error.code)
    failed, undecided = _failed(said.of(error)), tuple(each for each in said.of(error) if each.undecided or each.because)
    agreement = Agreement.SAME if failed else Agreement.UNDECIDED if undecided else Agreement.ALONE
    return Opinion(agreement, error=error.code, findings=tuple(each.id for each in (failed or undecided)[:FINDINGS_SHOWN]))


def _less(said: _Said) -> Iterator[Opinion]:
    """What Compare-VM would list where a check failed, and did not."""
    for error in all_errors():
        failed = _failed(said.of(error)) if error.kind is ErrorKind.COMPARE_VM else ()
        if failed:
            yield Opinion(Agreement.LESS, error=error.code, findings=tuple(each.id for each in failed[:FINDINGS_SHOWN]))


def _failed(findings: Iterable[FindingRecord]) -> tuple[FindingRecord, ...]:
    return tuple(each for each in findings if each.outcome is Outcome.FAIL)


def decoded(id: int) -> KnownError | None:
    """The known error that a MessageId is."""
    error = known(str(id))
    return error if error is not None and error.kind in (ErrorKind.COMPARE_VM, ErrorKind.EVENT) else None


def _names(step: Step) -> frozenset[MachineName]:
    return step.means if step.placed is None else step.means | {step.placed.name}


def _around(case: Case) -> Iterator[Case]:
    yield case
    for near in case.near.values():
        yield from near
