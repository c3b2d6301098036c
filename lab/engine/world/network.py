"""The network of a host, and what it reaches of the others."""

from __future__ import annotations

from typing import Any

from checks.facts.network import (
    Adapter,
    Address,
    DomainAnswer,
    DynamicPorts,
    FirewallRule,
    HostVirtualAdapter,
    IpInterface,
    PartnerAnswer,
    Route,
    ServiceAnswer,
    SmbInterface,
    SmbMultichannel,
    Switch,
)
from lab.engine.world import Part, cim, cmdlet

_ACTIVE, _PERSISTENT = 1, 0
_RULES = {
    "local": "SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules",
    "policy": "SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules",
}


def addresses(value: tuple[Address, ...]) -> Part:
    rows = [
        {
            "IPAddress": row.address,
            "PrefixLength:uint8": row.prefix_length,
            "InterfaceIndex:uint32": row.interface_index,
            "AddressState:uint16": row.state,
            "SkipAsSource": row.skip_as_source,
        }
        for row in value
    ]
    return _in_both_stores("MSFT_NetIPAddress", rows)


def routes(value: tuple[Route, ...]) -> Part:
    rows = [
        {
            "DestinationPrefix": row.prefix,
            "NextHop": row.next_hop,
            "InterfaceIndex:uint32": row.interface_index,
            "RouteMetric:uint16": row.metric,
        }
        for row in value
    ]
    return _in_both_stores("MSFT_NetRoute", rows)


def ip_interfaces(value: tuple[IpInterface, ...]) -> Part:
    rows = [
        {"InterfaceIndex:uint32": row.interface_index, "AddressFamily:uint16": row.family, "InterfaceMetric:uint32": row.metric}
        for row in value
    ]
    return _in_both_stores("MSFT_NetIPInterface", rows)


def _in_both_stores(name: str, rows: list[dict[str, Any]]) -> Part:
    """What is in force stands in the persistent store too."""
    return cim("root/StandardCimv2", name, (row | {"Store:uint8": store} for store in (_PERSISTENT, _ACTIVE) for row in rows))


def dynamic_ports(value: DynamicPorts) -> Part:
    """The template that is in use, beside one that nobody uses."""
    names = {"Internet": (value.start, value.count), "Compat": (1025, 3976)}
    rows = [
        {"SettingName": name, "DynamicPortRangeStartPort:uint16": start, "DynamicPortRangeNumberOfPorts:uint16": count}
        for name, (start, count) in names.items()
    ]
    return cim("root/StandardCimv2", "MSFT_NetTCPSetting", rows)


def smb_interfaces(value: tuple[SmbInterface, ...]) -> Part:
    rows = [{"InterfaceIndex:uint32": row.interface_index, "RdmaCapable": row.rdma, "RssCapable": True} for row in value]
    return cim("root/Microsoft/Windows/SMB", "MSFT_SmbClientNetworkInterface", rows)


def smb_multichannel(value: SmbMultichannel) -> Part:
    client = cmdlet("Get-SmbClientConfiguration", [{"EnableMultiChannel": value.client}])
    server = cmdlet("Get-SmbServerConfiguration", [{"EnableMultiChannel": value.server}])
    return {"cmdlets": client["cmdlets"] | server["cmdlets"]}


def adapters(value: tuple[Adapter, ...]) -> Part:
    """With a hidden filter over the first one, which carries its address."""
    rows = [
        {
            "Name": row.name,
            "InterfaceIndex:uint32": row.interface_index,
            "NetworkAddresses:string[]": [row.mac] if row.mac else [],
            "PermanentAddress": row.mac or None,
            "Virtual": row.virtual,
            "TransmitLinkSpeed:uint64": row.transmit_speed,
            "Hidden": False,
        }
        for row in value
    ]
    filters = [row | {"Name": f"{row['Name']}-WFP Native MAC Layer LightWeight Filter-0000", "Hidden": True} for row in rows[:1]]
    return cim("root/StandardCimv2", "MSFT_NetAdapter", [*rows, *filters])


def host_virtual_adapters(value: tuple[HostVirtualAdapter, ...]) -> Part:
    return cmdlet("Get-VMNetworkAdapter", ({"Name": row.name, "SwitchName": row.switch, "MacAddress": row.mac} for row in value))


def switches(value: tuple[Switch, ...]) -> Part:
    rows = (
        {"Id:guid": row.id, "Name": row.name, "SwitchType:VMSwitchType": row.type, "AllowManagementOS": row.allow_management_os}
        for row in value
    )
    return cmdlet("Get-VMSwitch", rows)


def firewall(value: tuple[FirewallRule, ...]) -> Part:
    """Beside a rule for another port, as every host has many."""
    other = {"RemoteDesktop-UserMode-In-TCP": "v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|"}
    rules = {store: {row.name: row.data for row in value if row.store == store} for store in _RULES}
    return {"registry": {_RULES["local"]: other | rules["local"]} | ({_RULES["policy"]: rules["policy"]} if rules["policy"] else {})}


def partners(value: tuple[PartnerAnswer, ...]) -> Part:
    return {
        "names": {row.name: list(row.addresses) if row.code == 0 else row.code for partner in value for row in partner.names},
        "ports": {f"{row.address} {row.port}": row.code for partner in value for row in partner.ports},
    }


def controller_records(value: tuple[DomainAnswer, ...]) -> Part:
    rows = [
        {"Asked": name, **each}
        for row in value
        for service, answer in (("ldap", row.ldap), ("kerberos", row.kerberos))
        for name in (f"_{service}._tcp.dc._msdcs.{row.domain}",)
        for each in _records(name, answer)
    ]
    names = {each.name: list(each.addresses) if each.code == 0 else each.code for row in value for each in row.names}
    return cmdlet("Resolve-DnsName", rows) | {"names": names}


def _records(name: str, answer: ServiceAnswer) -> list[dict[str, Any]]:
    """With the address of the first server, as name servers send it along, or the zone's own record where there are no others."""
    if answer.code:
        return [{"Error": answer.code}]
    if not answer.servers:
        return [{"Name": name.partition("_msdcs.")[2], "Type": "SOA"}]
    records = [{"Name": name, "Type": "SRV", "NameTarget": server.name, "Port:uint16": server.port} for server in answer.servers]
    return [*records, {"Name": answer.servers[0].name, "Type": "A", "IPAddress": "10.0.0.10"}]
