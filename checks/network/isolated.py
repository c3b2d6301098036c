"""Migration traffic, which is not encrypted, keeps to networks of its own."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import SwitchType
from checks.network._addresses import Held, every, held, unsettled
from checks.network._routes import connected, default_route
from checks.remedy import Remedy, administrator_of
from checks.subject import HostSubject, HostView
from checks.text import Text, Value, command, text, verbatim
from checks.windows.addresses import Network, network, single, usable

_MEGA = 1_000_000


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="Migration traffic is kept to named networks that carry nothing else",
    facts=(
        "host.migration",
        "host.migration_networks",
        "host.addresses",
        "host.routes",
        "host.adapters",
        "host.host_virtual_adapters",
        "host.switches",
    ),
    depends_on=("platform.hyperv_role",),
    predicts=("0x80072741", "0x8007274C"),
    article=("W12 planning 5", "W12 2", "W12 2.8", "W16 planning 6", "W16 2", "W16 2.6"),
    worst=Severity.BLOCKER,
)
def isolated(subject: HostSubject) -> Finding:
    if not subject.moves_vms:
        return skips("Storage moves alone: no VM goes to or from {host}", host=subject.host.name)
    host = subject.host
    if host.migration.any_network:
        return _fails(
            host,
            text("{host} takes migrations on any network: memory goes unencrypted over every network it has", host=host.name),
            _name_networks(host),
            predicts=(),
        )
    named = tuple(each.subnet for each in host.migration_networks)
    if not named:
        return _fails(
            host,
            text("{host} takes migrations only on named networks, and none is named: it takes none at all", host=host.name),
            _name_networks(host),
            severity=Severity.BLOCKER,
        )
    read = {written: network(written) for written in named}
    networks = {written: net for written, net in read.items() if net is not None}
    lying = {written: _in(host, net) for written, net in networks.items()}
    live = {written: tuple(each for each in found if connected(each, host.routes)) for written, found in lying.items()}
    if dead := tuple(written for written in networks if not lying[written]):
        return _without_address(host, dead, networks, some=any(live.values()))
    if cut := tuple(written for written in networks if not live[written]):
        return _unplugged(host, cut, tuple(str(each) for written in cut for each in lying[written]), some=any(live.values()))
    if tentative := [each.ip for found in live.values() if not any(each.answers for each in found) for each in found]:
        raise unsettled(host, tentative)
    if unread := tuple(written for written, net in read.items() if net is None):
        return _fails(
            host,
            text("{host} names {unread} for migrations, which is neither an address nor a network", host=host.name, unread=unread),
            _replace(host, unread),
        )
    if strange := _not_allowed(host, networks):
        values: dict[str, Value] = {"host": host.name, "networks": strange, "allowed": host.world.policy.migration_networks or ("–",)}
        return _fails(
            host,
            text("{host} names {networks} for migrations, and the policy allows {allowed}", **values),
            _replace(host, strange),
            predicts=(),
        )
    interfaces = {each.interface_index: each for found in live.values() for each in found}
    if slow := _too_slow(host, interfaces):
        return slow
    for shared in (_default_routed, _virtual, _only):
        if found := shared(host, interfaces, tuple(each for each in held(host.addresses) if each.answers)):
            return _fails(host, found, _name_networks(host), predicts=())
    if unsaid := _without_speed(host, interfaces):
        raise host.lacks(HostView.adapters, text("link speed of {addresses} on {host}", addresses=unsaid, host=host.name))
    return passes(
        "{host} keeps migrations to {networks}",
        host.evidence(HostView.migration_networks, text("migration networks of {host}", host=host.name), named),
        host=host.name,
        networks=named,
    )


def _not_allowed(host: HostView, networks: dict[str, Network]) -> tuple[str, ...]:
    """The named networks that lie in none of those that the policy allows, where it names any."""
    written = host.world.policy.migration_networks
    if written is None:
        return ()
    allowed = [net for each in written if (net := network(each)) is not None]
    return tuple(
        name
        for name, net in networks.items()
        if not any(net.version == other.version and net.network_address in other and net.prefixlen >= other.prefixlen for other in allowed)
    )


def _too_slow(host: HostView, interfaces: dict[int, Held]) -> Finding | None:
    """What is said of links that are slower than the policy demands, where it demands anything."""
    minimum = host.world.policy.minimum_link_mbps
    adapters = None if minimum is None else host.hint(HostView.adapters)
    if minimum is None or adapters is None:
        return None
    speeds = {each: each.bits_per_second for each in adapters if each.interface_index in interfaces}
    slow = {each.name: speed // _MEGA for each, speed in speeds.items() if speed is not None and speed < minimum * _MEGA}
    if not slow:
        return None
    return fails(
        text(
            "The policy demands {minimum} Mbit/s of each link that carries migrations, and {adapters} of {host} has less",
            minimum=minimum,
            adapters=tuple(slow),
            host=host.name,
        ),
        *(
            host.evidence(
                HostView.adapters, text("link speed of {adapter} on {host} in Mbit/s", adapter=name, host=host.name), speed, minimum
            )
            for name, speed in slow.items()
        ),
        predicts=(),
        remedy=Remedy(
            text(
                "Connect {adapters} of {host} at {minimum} Mbit/s or more (cable, port of the switch, speed that is set), or name the "
                "network of a faster adapter for migrations",
                adapters=tuple(slow),
                host=host.name,
                minimum=minimum,
            ),
            administrator_of(host.name),
        ),
    )


def _without_speed(host: HostView, interfaces: dict[int, Held]) -> tuple[str, ...]:
    """The addresses whose adapter does not tell its speed, where the policy demands one."""
    if host.world.policy.minimum_link_mbps is None:
        return ()
    told = {each.interface_index for each in host.adapters if each.bits_per_second is not None}
    return tuple(str(held) for index, held in interfaces.items() if index not in told)


def _in(host: HostView, net: Network) -> tuple[Held, ...]:
    """The addresses that a host has in a network, link-local ones too: they are enough for a cable."""
    found = (each for each in every(host.addresses) if each.ip in net and (each.answers or each.tentative))
    return tuple(each for each in found if usable(each.ip) or each.ip.is_link_local)


def _without_address(host: HostView, dead: tuple[str, ...], networks: dict[str, Network], *, some: bool) -> Finding:
    message = text(
        "{host} names the address {dead} for migrations and does not have it"
        if all(single(networks[written]) for written in dead)
        else "{host} names {dead} for migrations and has no address in it",
        host=host.name,
        dead=dead,
    )
    severity = Severity.RISK if some else Severity.BLOCKER
    return _fails(host, message, _replace(host, dead), severity=severity)


def _unplugged(host: HostView, cut: tuple[str, ...], addresses: tuple[str, ...], *, some: bool) -> Finding:
    return _fails(
        host,
        text(
            "{host} names {cut} for migrations, but no route leads from its addresses there ({addresses}) into the network: the adapter is "
            "not connected",
            host=host.name,
            cut=cut,
            addresses=addresses,
        ),
        Remedy(
            text("Connect the adapter of {host} that has {addresses}", host=host.name, addresses=addresses), administrator_of(host.name)
        ),
        severity=Severity.RISK if some else Severity.BLOCKER,
    )


def _default_routed(host: HostView, interfaces: dict[int, Held], _: tuple[Held, ...]) -> Text | None:
    for route in host.routes:
        if default_route(route) and route.interface_index in interfaces:
            return text(
                "The migration network of {host} ({address}) has the default route over {gateway}, so it carries management "
                "and other traffic too",
                host=host.name,
                address=str(interfaces[route.interface_index]),
                gateway=route.next_hop,
            )
    return None


def _virtual(host: HostView, interfaces: dict[int, Held], _: tuple[Held, ...]) -> Text | None:
    macs = {adapter.mac: adapter.interface_index for adapter in host.adapters if adapter.mac and adapter.interface_index in interfaces}
    external = {switch.name for switch in host.switches if switch.type is SwitchType.EXTERNAL}
    for adapter in host.host_virtual_adapters:
        if adapter.mac in macs and adapter.switch in external:
            return text(
                "The migration network of {host} ({address}) is the host's adapter on the external switch {switch}, which carries "
                "VMs too; whether a VLAN keeps them apart cannot be seen here",
                host=host.name,
                address=str(interfaces[macs[adapter.mac]]),
                switch=adapter.switch,
            )
    return None


def _only(host: HostView, interfaces: dict[int, Held], addresses: tuple[Held, ...]) -> Text | None:
    if any(each.interface_index not in interfaces for each in addresses):
        return None
    return text("The migration network of {host} is the only network it has, so it is managed over it too", host=host.name)


def _fails(
    host: HostView,
    message: Text,
    remedy: Remedy,
    *,
    severity: Severity | None = None,
    predicts: tuple[str, ...] | None = None,
) -> Finding:
    return fails(
        message,
        host.evidence(HostView.migration, text("UseAnyNetworkForMigration of {host}", host=host.name), host.migration.any_network, False),
        host.evidence(
            HostView.migration_networks,
            text("migration networks of {host}", host=host.name),
            tuple(n.subnet for n in host.migration_networks),
        ),
        host.evidence(HostView.addresses, text("addresses of {host}", host=host.name), tuple(str(each) for each in held(host.addresses))),
        remedy=remedy,
        severity=severity,
        predicts=predicts,
    )


def _name_networks(host: HostView) -> Remedy:
    """Which network is the right one no fact tells, so the commands leave a place for it."""
    any_network = host.migration.any_network
    changes = _named_ones_only(host) if any_network else ()
    use = "Set-VMHost -ComputerName {host} -UseAnyNetworkForMigration {any}"
    if changes:
        return Remedy(
            text("Keep migrations of {host} to the networks that are named there", host=host.name),
            who=administrator_of(host.name),
            commands=(command(use, host=host.name, any=False),),
            shows=verbatim("False"),
            verify=(command("(Get-VMHost -ComputerName {host}).UseAnyNetworkForMigration", host=host.name),),
            undo=(command(use, host=host.name, any=True),),
            changes=changes,
        )
    return Remedy(
        text(
            "Give migrations a trusted network of their own on {host}, by its own adapters or a VLAN, and name it. Name it on the "
            "partners too",
            host=host.name,
        ),
        who=administrator_of(host.name),
        commands=(
            command(
                "Add-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'Migration network, such as 192.168.10.0/24')",
                host=host.name,
            ),
            *((command(use, host=host.name, any=False),) if any_network else ()),
        ),
        shows=text("the network of the remedy, below Subnet"),
        verify=(command("Get-VMMigrationNetwork -ComputerName {host}", host=host.name),),
        undo=(
            *((command(use, host=host.name, any=True),) if any_network else ()),
            command("Remove-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'The network that was added')", host=host.name),
        ),
    )


def _named_ones_only(host: HostView) -> tuple[Change, ...]:
    """Where networks are named and the host has an address in each, they only have to be kept to."""
    networks = [network(each.subnet) for each in host.migration_networks]
    if not networks or not all(net is not None and any(connected(each, host.routes) for each in _in(host, net)) for net in networks):
        return ()
    return (Change(Kind.ANY_NETWORK, host.name, wanted=False, earlier=True),)


def _replace(host: HostView, wrong: tuple[str, ...]) -> Remedy:
    priorities = {each.subnet: each.priority for each in host.migration_networks}
    back = "Add-VMMigrationNetwork -ComputerName {host} -Subnet {wrong}"

    def named(written: str) -> dict[str, Value]:
        return {"host": host.name, "wrong": written, "priority": priorities[written]}

    return Remedy(
        text("Name a network in which {host} has an address in place of {wrong}", host=host.name, wrong=wrong),
        who=administrator_of(host.name),
        commands=(
            command(
                "Add-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'Migration network, such as 192.168.10.0/24')",
                host=host.name,
            ),
            *(command("Remove-VMMigrationNetwork -ComputerName {host} -Subnet {wrong}", **named(written)) for written in wrong),
        ),
        shows=text("the network of the remedy, below Subnet"),
        verify=(command("Get-VMMigrationNetwork -ComputerName {host}", host=host.name),),
        undo=(
            *(
                command(back if priorities[written] is None else f"{back} -Priority {{priority}}", **named(written))
                for written in wrong
                if network(written) is not None
            ),
            command("Remove-VMMigrationNetwork -ComputerName {host} -Subnet (Read-Host 'The network that was added')", host=host.name),
        ),
    )
