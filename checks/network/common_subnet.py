"""The source can reach one of the target's migration networks."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.network._addresses import every, held, unsettled
from checks.network._goals import goals_of, listening, nowhere, texts
from checks.network._routes import Reach, Way, default_route, way_to
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.addresses import IP, network


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="The source has an address in one of the target's migration networks, or a route to it",
    facts=(
        "source.addresses",
        "source.routes",
        "source.ip_interfaces",
        "source.migration",
        "source.migration_networks",
        "target.migration",
        "target.migration_networks",
        "target.migration_listener",
        "target.addresses",
    ),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8007274C",),
    article=("W12 2.8", "W16 2.6"),
)
def common_subnet(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    source, target = subject.source, subject.target
    goals = goals_of(source, target, listening(target) or tuple(each.ip for each in every(target.addresses)))
    if not goals.all:
        return _no_way(source, target, nowhere(source, target, goals))
    settled = [tuple(ip for ip in group if ip not in goals.tentative) for group in goals.classes]
    if not any(settled):
        raise unsettled(target, goals.all)
    found = _first(settled, source)
    if found is None:
        if tentative := [each.ip for each in held(source.addresses) if each.tentative]:
            raise unsettled(source, tentative)
        message = text(
            "{source} has no way to the migration addresses of {target} ({goals}): no route from an address of its own leads there",
            source=source.name,
            target=target.name,
            goals=texts(goals.all),
        )
        return _no_way(source, target, message)
    goal, way = found
    if doubt := _doubt(source, target, goal, way):
        return fails(doubt, *_evidence(source, target, way), severity=Severity.RISK, remedy=_remedy(source, target))
    if way.kind is Reach.ON_LINK:
        return passes(
            "{source} ({address}) is in the same network as {target} ({goal})",
            *_evidence(source, target, way),
            source=source.name,
            target=target.name,
            address=str(way.start),
            goal=str(goal),
        )
    return passes(
        "{source} has a route to {goal} of {target}, over {hop}",
        *_evidence(source, target, way),
        source=source.name,
        target=target.name,
        goal=str(goal),
        hop=way.route.next_hop,
    )


def _first(classes: list[tuple[IP, ...]], source: HostView) -> tuple[IP, Way] | None:
    """Of the addresses that are tried first of those to which there is a way, the one with the worst way."""
    for group in classes:
        ways = [(goal, way) for goal in group if (way := way_to(goal, source))]
        if ways:
            return min(ways, key=lambda found: (found[1].kind, not found[1].tied))
    return None


def _doubt(source: HostView, target: HostView, goal: IP, way: Way) -> Text | None:
    """Why the way may lead nowhere, or over a network that is not meant for it."""
    values: dict[str, Value] = {"source": source.name, "target": target.name, "goal": str(goal)}
    if way.kind is Reach.GATEWAY:
        return Text(
            "{source} reaches {goal} of {target} only over its default gateway {hop}: unencrypted memory leaves the migration network, "
            "if the gateway passes it on at all",
            values | {"hop": way.route.next_hop},
        )
    if goal.is_link_local:
        return Text("{source} reaches {goal} of {target} only if both are on one link, which no address tells", values)
    theirs = [each for each in every(target.addresses) if each.ip == goal]
    if way.kind is Reach.ON_LINK and not any(way.start.ip in each.network for each in theirs):
        return Text(
            "{source} ({start}) takes {goal} of {target} for one of its own network, and {target} ({has}) does not take {source} for one: "
            "the prefix lengths differ",
            values | {"start": str(way.start), "has": tuple(str(each) for each in theirs)},
        )
    if way.tied:
        return Text("{source} has several routes to {goal} of {target} that count the same: which one it takes is not determined", values)
    named = [network(each.subnet) for each in source.migration_networks]
    if not source.migration.any_network and named and not any(net is not None and way.start.ip in net for net in named):
        return Text(
            "{source} goes to {goal} of {target} from {start}, which is in none of the networks that {source} itself names for migrations",
            values | {"start": str(way.start)},
        )
    return None


def _no_way(source: HostView, target: HostView, message: Text) -> Finding:
    return fails(message, *_evidence(source, target), remedy=_remedy(source, target))


def _evidence(source: HostView, target: HostView, way: Way | None = None) -> tuple[Evidence, ...]:
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
        *(
            [
                source.evidence(
                    HostView.routes, text("route that {host} takes", host=source.name), f"{way.route.prefix} {way.route.next_hop}"
                )
            ]
            if way
            else ()
        ),
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
        shows=text("the network of the remedy, below Subnet"),
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
        shows=text("the network of the remedy, below Subnet"),
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
    mine = {each.network for each in held(source.addresses) if each.starts and each.interface_index not in managed}
    both = {each.network for each in held(target.addresses) if each.answers} & mine - {network(subnet) for subnet in named}
    if len(both) != 1:
        return ()
    return (Change(Kind.MIGRATION_NETWORK, target.name, tuple(map(str, both)), named),)
