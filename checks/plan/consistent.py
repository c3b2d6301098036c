"""The plan does not contradict itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import EVERY_VM, Move
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, PlanSubject
from checks.text import Text, text
from checks.windows.names import HostName, MachineName, full_name

PLAN = text("plan")
"""Where it stands."""
SHOWN = 20
"""At most so many contradictions of one kind become evidence; the message has their number."""

_NAME = r"[^\s\\/@\"\[\]:;|=,+*?<>][^\\/@\"\[\]:;|=,+*?<>]*"
_OPERATOR = re.compile(rf"(?!\.\\){_NAME}\\{_NAME}|{_NAME}@[\w-]+(\.[\w-]+)*\.?")
"""DOMAIN\\name or name@suffix, which may have one label, without the characters that Windows refuses in account names; `.\\name` is a local
account."""


class Contradiction(Struct, frozen=True):
    """One kind of contradiction and where the plan shows it: what, what stands there, what should."""

    found: Text
    places: tuple[Evidence, ...]


@check(
    scope=Scope.PLAN,
    severity=Severity.BLOCKER,
    title="The plan does not contradict itself",
    facts=("hosts.computer", "hosts.vms"),
)
def consistent(subject: PlanSubject) -> Finding:
    if not subject.plan.moves:
        return fails(text("The plan holds no move"), Evidence.of("moves", 0, text("at least 1"), PLAN), remedy=_correct())
    contradictions = tuple(each for each in _contradictions(subject) if each.places)
    if contradictions:
        first = contradictions[0]
        return fails(
            replace(first.found, values={"count": len(first.places), "first": first.places[0].what}),
            *(place for each in contradictions for place in each.places[:SHOWN]),
            remedy=_correct(),
        )
    return passes(
        "No move contradicts another (moves: {moves}, hosts: {hosts})",
        Evidence.of("moves", len(subject.moves), source=PLAN),
        Evidence.of("hosts", len(subject.hosts), source=PLAN),
        moves=len(subject.moves),
        hosts=len(subject.hosts),
    )


def _correct() -> Remedy:
    return Remedy(text("Correct the plan and run the check again"), OPERATOR)


def _contradictions(subject: PlanSubject) -> Iterator[Contradiction]:
    hosts = subject.hosts
    machines = {host: _machine(claims) for host, claims in subject.claims.items()}
    routes = [(machines[move.source], vm, machines[move.target]) for move, vm in zip(subject.moves, _vms(subject), strict=True)]
    times = Counter(routes)
    targets = Counter((source, vm) for source, vm, _ in times)
    first: dict[tuple[HostName, MachineName, HostName], Move] = {}
    for route, move in zip(routes, subject.moves, strict=True):
        first.setdefault(route, move)
    yield Contradiction(
        text("{count} hosts of the plan are not in the snapshot, first {first}: plan and snapshot do not belong together"),
        tuple(_place(_named(host.name), text("not in the snapshot")) for host in hosts.values() if host.key not in subject.world.hosts),
    )
    yield Contradiction(
        text("{count} operators of the plan are not written as DOMAIN\\name or name@domain, first {first}"),
        tuple(
            _place(_named(name.spelled), text("not DOMAIN\\name or name@domain"))
            for name in subject.plan.operators
            if not _OPERATOR.fullmatch(name.spelled)
        ),
    )
    yield Contradiction(
        text("{count} moves have one host as source and target, first {first}"),
        tuple(_place(_arrow(move), text("source and target are one host")) for route, move in first.items() if route[0] == route[2]),
    )
    yield Contradiction(
        text("The plan holds {count} moves more than once, first {first}"),
        tuple(
            _place(_arrow(first[route]), text("{number} times", number=number), text("once"))
            for route, number in times.items()
            if number > 1
        ),
    )
    yield Contradiction(
        text("{count} moves take a VM to a second target, first {first}"),
        tuple(
            _place(_arrow(move), text("its VM goes to several targets"), text("one target"))
            for route, move in first.items()
            if targets[route[:2]] > 1
        ),
    )


def _place(what: Text, actual: Text, expected: Text | None = None) -> Evidence:
    return Evidence.of(what, actual, expected, PLAN)


def _named(name: str) -> Text:
    return text("{name}", name=name)


def _arrow(move: Move) -> Text:
    return text("{vm}: {source} > {target}", vm=move.vm.spelled, source=move.source.spelled, target=move.target.spelled)


def _machine(host: HostView) -> HostName:
    """What a host calls itself, so that two names of one machine are seen as one; the plan's name where the host did not answer."""
    computer = host.hint(HostView.computer)
    return host.key if computer is None else full_name(computer.dns_host_name, computer.domain)


def _vms(subject: PlanSubject) -> Iterator[MachineName]:
    """For each move what its VM is known by: its id where the moves of a source mix names with ids or with all, else its name."""
    moves_of = Counter(move.source for move in subject.moves)
    mixed = {move.source for move in subject.moves if moves_of[move.source] > 1 and _names_no_name(move.vm)}
    for source in sorted(mixed):
        subject.hosts[source].hint(HostView.vms)
    for move in subject.moves:
        found = subject.world.vms_named(move.source, move.vm) if move.source in mixed else None
        yield MachineName(found[0].id) if found is not None and len(found) == 1 else move.vm


def _names_no_name(vm: MachineName) -> bool:
    try:
        return vm == EVERY_VM or bool(UUID(vm.spelled))
    except ValueError:
        return False
