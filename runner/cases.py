"""The subjects of a run: what each check is evaluated for, and which subjects bear on which."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from msgspec.structs import replace

from checks.check import Scope
from checks.plan import Move
from checks.result import Subject
from checks.subject import AccessSubject, HostSubject, MoveSubject, PairSubject, PlanSubject, Reads
from checks.windows.names import AccountName, HostName, MachineName
from checks.world import World

Key: TypeAlias = tuple[object, ...]
"""A scope, and what tells subjects of that scope apart."""

NO_VM = MachineName("")


class Case:
    """One subject: its key, its id in findings, how the result shows it, and for a move the move itself and its route."""

    __slots__ = ("id", "key", "move", "route", "subject")

    def __init__(self, key: Key, id: str, subject: Subject, move: Move | None = None, route: Move | None = None) -> None:
        self.key, self.id, self.subject, self.move, self.route = key, id, subject, move, route


def cases(world: World, scope: Scope) -> tuple[Case, ...]:
    """Every subject of a scope, in the order of the plan."""
    return tuple(_CASES[scope](world))


def _plan(world: World) -> Iterable[Case]:  # noqa: ARG001 - the same for every plan
    yield Case((Scope.PLAN,), "plan", Subject(Scope.PLAN))


def _hosts(world: World) -> Iterable[Case]:
    for host in world.plan.host_names:
        yield Case((Scope.HOST, host), host.key, Subject(Scope.HOST, host=host.spelled))


def _pairs(world: World) -> Iterable[Case]:
    for source, target in world.plan.pairs:
        subject = Subject(Scope.PAIR, source=world.spelled(source), target=world.spelled(target))
        yield Case((Scope.PAIR, source, target), f"{source.key}>{target.key}", subject)


def _accesses(world: World) -> Iterable[Case]:
    for operator, host in dict.fromkeys((move.operator, host) for move in world.plan.moves for host in move.pair):
        subject = Subject(Scope.ACCESS, operator=world.spelled(operator), host=world.spelled(host))
        yield Case((Scope.ACCESS, operator, host), f"{operator.key}@{host.key}", subject)


def _moves(world: World) -> Iterable[Case]:
    seen: dict[str, int] = {}
    routes: dict[Move, Move] = {}
    for index, move in enumerate(world.moves):
        route = replace(move, vm=NO_VM, destination_path=None)
        route = routes.setdefault(route, route)
        name = f"{move.vm}@{move.source.key}>{move.target.key}"
        seen[name] = seen.get(name, 0) + 1
        subject = Subject(Scope.MOVE, source=move.source.spelled, target=move.target.spelled, vm=move.vm.spelled)
        yield Case((Scope.MOVE, index), name if seen[name] == 1 else f"{name}#{seen[name]}", subject, move, route)


_CASES = {Scope.PLAN: _plan, Scope.HOST: _hosts, Scope.PAIR: _pairs, Scope.ACCESS: _accesses, Scope.MOVE: _moves}


def view(world: World, case: Case, reads: Reads) -> HostSubject | PairSubject | MoveSubject | AccessSubject | PlanSubject:
    """What a check function gets for a case."""
    match case.key:
        case (Scope.HOST, HostName() as host):
            return HostSubject(world, host, reads)
        case (Scope.PAIR, HostName() as source, HostName() as target):
            return PairSubject(world, source, target, reads)
        case (Scope.ACCESS, AccountName() as operator, HostName() as host):
            return AccessSubject(world, operator, host, reads)
        case (Scope.MOVE, int() as place) if case.route is not None:
            return MoveSubject(world, place, case.route, reads)
        case _:
            return PlanSubject(world, reads)


def around(move: Move) -> tuple[Key, ...]:
    """The subjects of the other scopes that bear on a move."""
    return (
        (Scope.HOST, move.source),
        (Scope.HOST, move.target),
        (Scope.PAIR, move.source, move.target),
        (Scope.ACCESS, move.operator, move.source),
        (Scope.ACCESS, move.operator, move.target),
    )


def narrower(case: Case, scope: Scope) -> tuple[Key, ...]:
    """The subjects of a dependency's scope that belong to this one."""
    own, *names = case.key
    if own is scope:
        return (case.key,)
    if case.move is not None:
        return tuple(key for key in around(case.move) if key[0] is scope)
    if scope is Scope.HOST:
        return tuple((Scope.HOST, name) for name in names if isinstance(name, HostName))
    return ()
