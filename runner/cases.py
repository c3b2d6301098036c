"""The subjects of a run: what each check is evaluated for, and which subjects bear on which."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeAlias

from checks.check import Scope
from checks.plan import Move
from checks.result import FindingRecord, Subject
from checks.storage import Leg
from checks.subject import AccessSubject, HostSubject, MoveSubject, PairSubject, PlanSubject, Reads, Route
from checks.text import Value
from checks.windows.names import AccountName, HostName
from checks.world import World

Name: TypeAlias = HostName | AccountName | int
"""What tells the subjects of a scope apart: hosts, an operator, the place of a move."""

View: TypeAlias = HostSubject | PairSubject | MoveSubject | AccessSubject | PlanSubject
Near: TypeAlias = Mapping[Scope, tuple["Case", ...]]
"""Subjects that bear on others, those of each scope in the order of its names."""


class Case:
    """One subject: its names, its id in findings, how the result shows it, what a check function gets for it, and in `open` what is said of
    it and is not PASS, in the order of the checks.

    `named`: the values of the last sentence about it that names one thing, as most do: its VM. Sentences with the same values share them.
    `near` are the subjects of other scopes that bear on it. A move has besides the move, and `alike`: the number of its route (the move
    without what belongs to its VM alone, and the host that told of that), and that of what it does with files.
    """

    __slots__ = ("alike", "id", "move", "named", "names", "near", "open", "scope", "subject", "view")

    def __init__(self, scope: Scope, names: tuple[Name, ...], id: str, subject: Subject, view: View, near: Near) -> None:
        self.scope, self.names, self.id, self.subject, self.view, self.near = scope, names, id, subject, view, near
        self.open: list[FindingRecord] = []
        self.named: dict[str, Value] = {}
        self.move: Move | None = None
        self.alike: tuple[int, int] | None = None

    def bearing(self, scope: Scope) -> tuple[Case, ...]:
        """The subjects of a scope that bear on it: itself of its own."""
        return (self,) if scope is self.scope else self.near.get(scope, ())

    def sharing(self, values: dict[str, Value]) -> dict[str, Value]:
        """The values of a sentence, those of the last one where they are the same."""
        if values == self.named:
            return self.named
        if len(values) == 1 and isinstance(next(iter(values.values())), str):
            self.named = values
        return values


Cases: TypeAlias = dict[Scope, dict[tuple[Name, ...], Case]]
"""The subjects of each scope by their names, in the order of the plan."""


def cases(world: World, reads: Reads) -> Cases:
    """Every subject of a plan."""
    found: Cases = {}
    for scope, make in _MAKING.items():
        found[scope] = {case.names: case for case in make(world, reads, found)}
    return found


def _near(*cases: Case) -> Near:
    near: dict[Scope, tuple[Case, ...]] = {}
    for case in dict.fromkeys(cases):
        near[case.scope] = (*near.get(case.scope, ()), case)
    return near


def _plan(world: World, reads: Reads, found: Cases) -> Iterable[Case]:  # noqa: ARG001 - the same for every plan
    yield Case(Scope.PLAN, (), "plan", Subject(Scope.PLAN), PlanSubject(world, reads), _near())


def _hosts(world: World, reads: Reads, found: Cases) -> Iterable[Case]:  # noqa: ARG001 - no other bears on a host
    for host in world.machines:
        yield Case(Scope.HOST, (host,), host.key, Subject(Scope.HOST, host=host.spelled), HostSubject(world, reads, host), _near())


def _pairs(world: World, reads: Reads, found: Cases) -> Iterable[Case]:
    hosts = found[Scope.HOST]
    for source, target in world.outline.pairs:
        subject = Subject(Scope.PAIR, source=world.spelled(source), target=world.spelled(target))
        near = _near(hosts[source,], hosts[target,])
        yield Case(Scope.PAIR, (source, target), f"{source.key}>{target.key}", subject, PairSubject(world, reads, source, target), near)


def _accesses(world: World, reads: Reads, found: Cases) -> Iterable[Case]:
    hosts = found[Scope.HOST]
    for operator, host in dict.fromkeys((move.operator, host) for move in world.outline.moves for host in move.pair):
        subject = Subject(Scope.ACCESS, operator=world.spelled(operator), host=world.spelled(host))
        view, near = AccessSubject(world, reads, operator, host), _near(hosts[host,])
        yield Case(Scope.ACCESS, (operator, host), f"{operator.key}@{host.key}", subject, view, near)


def _moves(world: World, reads: Reads, found: Cases) -> Iterable[Case]:
    hosts, pairs, accesses = found[Scope.HOST], found[Scope.PAIR], found[Scope.ACCESS]
    seen: dict[str, int] = {}
    routes: dict[tuple[Hashable, HostName | None], tuple[int, Route, Near]] = {}
    legs: dict[Leg, int] = {}
    for place, (step, leg) in enumerate(zip(world.steps, world.legs, strict=True)):
        move = step.move
        way = move.route, step.placed.read_on if step.placed else None
        known = routes.get(way)
        if known is None:
            source, target, operator = move.source, move.target, move.operator
            around = (hosts[source,], hosts[target,], pairs[source, target], accesses[operator, source], accesses[operator, target])
            known = routes[way] = len(routes), Route.of(step, reads), _near(*around)
        number, route, near = known
        arrow = f"{move.source.key}>{move.target.key}"
        name = arrow if move.alone else f"{move.vm}@{arrow}"
        seen[name] = seen.get(name, 0) + 1
        id = name if seen[name] == 1 else f"{name}#{seen[name]}"
        subject = Subject(Scope.MOVE, source=move.source.spelled, target=move.target.spelled, vm=None if move.alone else move.vm.spelled)
        case = Case(Scope.MOVE, (place,), id, subject, MoveSubject(world, reads, place, route), near)
        case.move, case.alike = move, (number, legs.setdefault(leg, len(legs)))
        yield case


_MAKING = {Scope.PLAN: _plan, Scope.HOST: _hosts, Scope.PAIR: _pairs, Scope.ACCESS: _accesses, Scope.MOVE: _moves}
"""How the subjects of each scope are made, those that bear on others first."""
