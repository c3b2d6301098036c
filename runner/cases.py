"""The subjects of a run: what each check is evaluated for, and which subjects bear on which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec.structs import replace

from checks.check import Scope
from checks.plan import Move
from checks.result import FindingRecord, Subject
from checks.storage import Leg
from checks.subject import AccessSubject, HostSubject, MoveSubject, PairSubject, PlanSubject, Reads
from checks.way_back import Hindrance
from checks.windows.names import AccountName, HostName, MachineName
from checks.world import World

NO_VM = MachineName("")

Name: TypeAlias = HostName | AccountName | int
"""What tells the subjects of a scope apart: hosts, an operator, the place of a move."""


class Case:
    """One subject: its names, its id in findings, how the result shows it, and what is said of it.

    `near` are the subjects of other scopes that bear on it, those of each scope in the order of its names; itself for its own. A move has
    besides the move, its route (the move without what belongs to its VM alone), and `alike`: the number of its route, and that of what it
    does with files.
    """

    __slots__ = ("alike", "id", "move", "names", "near", "route", "said", "scope", "subject")

    def __init__(self, scope: Scope, names: tuple[Name, ...], id: str, subject: Subject, near: Iterable[Case] = ()) -> None:
        self.scope, self.names, self.id, self.subject = scope, names, id, subject
        self.near: dict[Scope, list[Case]] = {scope: [self]}
        for case in dict.fromkeys(near):
            self.near.setdefault(case.scope, []).append(case)
        self.said: dict[str, FindingRecord] = {}
        """The findings by their checks, in the order in which they were made."""
        self.move: Move | None = None
        self.route: Move | None = None
        self.alike = (0, 0)


Cases: TypeAlias = dict[Scope, dict[tuple[Name, ...], Case]]
"""The subjects of each scope by their names, in the order of the plan."""


def cases(world: World) -> Cases:
    """Every subject of a plan."""
    found: Cases = {}
    for scope, make in _MAKING.items():
        found[scope] = {case.names: case for case in make(world, found)}
    return found


def _plan(world: World, found: Cases) -> Iterable[Case]:  # noqa: ARG001 - the same for every plan
    yield Case(Scope.PLAN, (), "plan", Subject(Scope.PLAN))


def _hosts(world: World, found: Cases) -> Iterable[Case]:  # noqa: ARG001 - no other bears on a host
    for host in world.plan.host_names:
        yield Case(Scope.HOST, (host,), host.key, Subject(Scope.HOST, host=host.spelled))


def _pairs(world: World, found: Cases) -> Iterable[Case]:
    hosts = found[Scope.HOST]
    for source, target in world.plan.pairs:
        subject = Subject(Scope.PAIR, source=world.spelled(source), target=world.spelled(target))
        near = (hosts[source,], hosts[target,])
        yield Case(Scope.PAIR, (source, target), f"{source.key}>{target.key}", subject, near)


def _accesses(world: World, found: Cases) -> Iterable[Case]:
    hosts = found[Scope.HOST]
    for operator, host in dict.fromkeys((move.operator, host) for move in world.plan.moves for host in move.pair):
        subject = Subject(Scope.ACCESS, operator=world.spelled(operator), host=world.spelled(host))
        yield Case(Scope.ACCESS, (operator, host), f"{operator.key}@{host.key}", subject, (hosts[host,],))


def _moves(world: World, found: Cases) -> Iterable[Case]:
    hosts, pairs, accesses = found[Scope.HOST], found[Scope.PAIR], found[Scope.ACCESS]
    seen: dict[str, int] = {}
    routes: dict[Move, tuple[int, Move, list[Case]]] = {}
    legs: dict[Leg, int] = {}
    for place, (move, leg) in enumerate(zip(world.moves, world.legs, strict=True)):
        route = replace(move, vm=NO_VM, destination_path=None)
        if route not in routes:
            source, target, operator = move.source, move.target, move.operator
            near = [hosts[source,], hosts[target,], pairs[source, target], accesses[operator, source], accesses[operator, target]]
            routes[route] = len(routes), route, near
        number, route, near = routes[route]
        name = f"{move.vm}@{move.source.key}>{move.target.key}"
        seen[name] = seen.get(name, 0) + 1
        subject = Subject(Scope.MOVE, source=move.source.spelled, target=move.target.spelled, vm=move.vm.spelled)
        case = Case(Scope.MOVE, (place,), name if seen[name] == 1 else f"{name}#{seen[name]}", subject, near)
        case.move, case.route, case.alike = move, route, (number, legs.setdefault(leg, len(legs)))
        yield case


_MAKING = {Scope.PLAN: _plan, Scope.HOST: _hosts, Scope.PAIR: _pairs, Scope.ACCESS: _accesses, Scope.MOVE: _moves}
"""How the subjects of each scope are made, those that bear on others first."""


def view(
    world: World, case: Case, reads: Reads, hindrances_back: tuple[Hindrance, ...] = ()
) -> HostSubject | PairSubject | MoveSubject | AccessSubject | PlanSubject:
    """What a check function gets for a case."""
    match case.scope, case.names:
        case Scope.HOST, (HostName() as host,):
            return HostSubject(world, host, reads)
        case Scope.PAIR, (HostName() as source, HostName() as target):
            return PairSubject(world, source, target, reads)
        case Scope.ACCESS, (AccountName() as operator, HostName() as host):
            return AccessSubject(world, operator, host, reads)
        case Scope.MOVE, (int() as place,) if case.route is not None:
            return MoveSubject(world, place, case.route, reads)
        case _:
            return PlanSubject(world, reads, hindrances_back)
