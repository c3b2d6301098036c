"""The migration service really listens where the settings say."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import AddressState
from checks.remedy import Remedy, administrator_of, restart_of_service_on
from checks.subject import HostSubject, HostView
from checks.text import Text, Value, command, text
from checks.windows.addresses import IP, address, network, usable

_BY_NETWORKS = {False: Severity.RISK, True: Severity.ADVICE}
"""How bad it is to lack some of the addresses, by whether the host takes any network: nobody chose those then."""


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="The migration service listens on TCP 6600 at the addresses that the settings name",
    facts=("host.migration_port", "host.migration", "host.migration_networks", "host.addresses"),
    depends_on=("migration.enabled",),
    predicts=("listener_disabled", "0x8007274D", "0x80072741"),
)
def listener(subject: HostSubject) -> Finding:
    host = subject.host
    if not subject.takes_vms:
        return skips("No VM comes to {host}", host=host.name)
    port, named = host.migration_port, _named(host)
    if port.sockets and not port.services:
        raise host.lacks(HostView.migration_port, text("the process of the migration service of {host}", host=host.name))
    own = tuple(each.address for each in port.sockets if each.process in port.services)
    missed = tuple(ip for ip in named if not any(_takes(each, ip) for each in own))
    evidence = _evidence(host, own, named)
    values: dict[str, Value] = {"host": host.name, "missed": _texts(missed), "process": tuple(str(each.process) for each in port.sockets)}
    if not own and port.sockets:
        return fails(
            Text("On {host} another process than the migration service holds TCP 6600: {process}", values),
            *evidence,
            remedy=Remedy(
                Text("Let process {process} of {host} use another port, then restart vmms", values),
                administrator_of(host.name),
                restarts=restart_of_service_on(host.name),
            ),
        )
    if not own:
        return fails(Text("Nothing listens on TCP 6600 of {host}, though migrations are enabled", values), *evidence, remedy=_restart(host))
    if not named:
        return skips("{host} has no address in the networks that its settings name, as network.isolated says", host=host.name)
    if missed:
        return fails(
            Text("The migration service of {host} does not listen on TCP 6600 at {missed}, which its settings name", values),
            *evidence,
            remedy=_restart(host),
            severity=_BY_NETWORKS[host.migration.any_network] if missed != named else None,
        )
    return passes("The migration service of {host} listens on TCP 6600 at {addresses}", *evidence, host=host.name, addresses=_texts(named))


def _named(host: HostView) -> tuple[IP, ...]:
    """The addresses in use that lie in a network which the host names for migrations, or all of them where it takes any network."""
    used = (address(each.address) for each in host.addresses if each.state in (None, AddressState.PREFERRED))
    others_reach = tuple(ip for ip in used if ip is not None and usable(ip))
    if host.migration.any_network:
        return others_reach
    networks = [net for each in host.migration_networks if (net := network(each.subnet)) is not None]
    return tuple(ip for ip in others_reach if any(ip in net for net in networks))


def _takes(written: str, ip: IP) -> bool:
    """Does a socket at this address take connections to that one: it is the same, or stands for all of its family."""
    its = address(written)
    return its is not None and its.version == ip.version and (its == ip or its.is_unspecified)


def _texts(ips: tuple[IP, ...]) -> tuple[str, ...]:
    return tuple(str(ip) for ip in ips)


def _evidence(host: HostView, own: tuple[str, ...], named: tuple[IP, ...]) -> tuple[Evidence, ...]:
    networks = text("any") if host.migration.any_network else tuple(each.subnet for each in host.migration_networks)
    return (
        host.evidence(HostView.migration_port, text("the migration service of {host} listens at", host=host.name), own, _texts(named)),
        host.evidence(HostView.migration_networks, text("migration networks of {host}", host=host.name), networks),
    )


def _restart(host: HostView) -> Remedy:
    return Remedy(
        text(
            "Restart the service vmms of {host} (running VMs go on), so that it opens its port anew. Where that does not help, see that "
            "group policies are applied there without errors (gpupdate)",
            host=host.name,
        ),
        administrator_of(host.name),
        commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Restart-Service -Name vmms }", host=host.name),),
        restarts=restart_of_service_on(host.name),
        shows=text("each address at which the host should take migrations"),
        verify=(
            command(
                "(Get-CimInstance -ComputerName {host} -Namespace root/virtualization/v2 -ClassName "
                "Msvm_VirtualSystemMigrationService).MigrationServiceListenerIPAddressList",
                host=host.name,
            ),
        ),
    )
