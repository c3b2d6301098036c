"""The source can reach one of the target's migration networks."""

from __future__ import annotations

from enum import IntEnum

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.network._addresses import Held, every, held
from checks.network._goals import goals_of, listening, nowhere, texts
from checks.network._routes import default_route, route_to
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.addresses import IP, network


class _Way(IntEnum):
    """How the source gets to an address of the target, from worst to best."""

    NONE = 0
    GATEWAY = 1
    ROUTE = 2
    SUBNET = 3


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="The source has an address in one of the target's migration networks, or a route to it",
    facts=(
        "source.addresses",
        "source.routes",
        "target.migration",
        "target.migration_networks",
        "target.migration_listener",
        "target.addresses",
    ),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8007274C",),
    article=("W12 planning", "W12 2.8", "W16 planning", "W16 2.6"),
)
def common_subnet(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    told = goals_of(source, target, listening(target) or tuple(each.ip for each in every(target.addresses)))
    goals = told.all
    if not goals:
        return fails(
            nowhere(source, target, told),
            *_evidence(source, target),
            remedy=_remedy(source, target),
        )
    own = held(source.addresses)
    ways = {goal: _way(goal, own, source) for goal in goals}
    best = max(goals, key=lambda goal: ways[goal])
    if ways[best] is _Way.SUBNET:
        near = next(each for each in own if best in each.network)
        return passes(
            "{source} ({address}) is in the same network as {target} ({goal})",
            *_evidence(source, target),
            source=source.name,
            target=target.name,
            address=str(near),
            goal=str(best),
        )
    route = route_to(best, source.routes)
    hop = route.next_hop if route else ""
    if ways[best] is _Way.ROUTE:
        return passes(
            "{source} has a route to {goal} of {target}, over {hop}",
            *_evidence(source, target),
            source=source.name,
            target=target.name,
            goal=str(best),
            hop=hop,
        )
    if ways[best] is _Way.GATEWAY:
        return fails(
            text(
                "{source} reaches the migration addresses of {target} ({goals}) only over its default gateway {hop}: unencrypted "
                "memory leaves the migration network, if the gateway passes it on at all",
                source=source.name,
                target=target.name,
                goals=texts(goals),
                hop=hop,
            ),
            *_evidence(source, target),
            severity=Severity.RISK,
            remedy=_remedy(source, target),
        )
    return fails(
        text(
            "{source} has no way to the migration addresses of {target} ({goals}): no address in their networks, no route",
            source=source.name,
            target=target.name,
            goals=texts(goals),
        ),
        *_evidence(source, target),
        remedy=_remedy(source, target),
    )


def _way(goal: IP, own: tuple[Held, ...], source: HostView) -> _Way:
    if any(goal in each.network for each in own):
        return _Way.SUBNET
    route = route_to(goal, source.routes)
    if route is None or not any(each.ip.version == goal.version for each in own):
        return _Way.NONE
    return _Way.GATEWAY if default_route(route) else _Way.ROUTE


def _evidence(source: HostView, target: HostView) -> tuple[Evidence, ...]:
    networks = text("any") if target.migration.any_network else tuple(each.subnet for each in target.migration_networks)
    return (
        source.evidence(
            HostView.addresses, text("addresses of {host}", host=source.name), tuple(str(each) for each in held(source.addresses))
        ),
        target.evidence(
            HostView.addresses, text("addresses of {host}", host=target.name), tuple(str(each) for each in held(target.addresses))
        ),
        target.evidence(HostView.migration_networks, text("migration networks of {host}", host=target.name), networks),
        target.evidence(HostView.migration_listener, text("{host} listens on", host=target.name), target.migration_listener.addresses),
    )


def _remedy(source: HostView, target: HostView) -> Remedy:
    changes = _one_in_common(source, target)
    if changes:
        return _name(source, target, changes)
    return Remedy(
        text(
            "Name a migration network on {target} in which {source} has an address too, or give {source} an address in it or a route to it",
            source=source.name,
            target=target.name,
        ),
        who=administrator_of(target.name),
        commands=(
            command(
                "Add-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'Migration network, such as 192.168.10.0/24')",
                host=target.name,
            ),
        ),
        verify=(command("Get-VMMigrationNetwork -ComputerName {host}", host=target.name),),
        undo=(
            command("Remove-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'The network that was added')", host=target.name),
        ),
    )


def _name(source: HostView, target: HostView, changes: tuple[Change, ...]) -> Remedy:
    (change,) = changes
    values: dict[str, Value] = {"source": source.name, "host": target.name, "subnet": change.wanted}
    return Remedy(
        Text("Name the migration network {subnet} on {host}: it is the one in which {source} has an address too", values),
        who=administrator_of(target.name),
        commands=(command("Add-VMMigrationNetwork -ComputerName {host} -Subnet {subnet}", **values),),
        verify=(command("Get-VMMigrationNetwork -ComputerName {host}", **values),),
        undo=(command("Remove-VMMigrationNetwork -ComputerName {host} -Subnet {subnet}", **values),),
        changes=changes,
    )


def _one_in_common(source: HostView, target: HostView) -> tuple[Change, ...]:
    """The one network in which both have an address and which the target does not name yet, if there is exactly one; that of the
    source's default route is none for migrations."""
    if target.migration.any_network:
        return ()
    named = tuple(each.subnet for each in target.migration_networks)
    managed = {route.interface_index for route in source.routes if default_route(route)}
    mine = {each.network for each in held(source.addresses) if each.interface_index not in managed}
    both = {each.network for each in held(target.addresses)} & mine - {network(subnet) for subnet in named}
    if len(both) != 1:
        return ()
    return (Change(Kind.MIGRATION_NETWORK, target.name, tuple(map(str, both)), named),)
