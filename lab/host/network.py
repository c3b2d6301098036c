"""The network of a host, and what it reaches of the others."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Address

from checks.facts.network import (
    Adapter,
    Address,
    AddressFamily,
    AddressState,
    DomainAnswer,
    DynamicPorts,
    FirewallRule,
    HostVirtualAdapter,
    IpInterface,
    NameAnswer,
    PartnerAnswer,
    PortAnswer,
    Route,
    ServerAddresses,
    ServiceAnswer,
    ServiceServer,
    SmbInterface,
    SmbMultichannel,
    Switch,
    SwitchType,
)
from lab.host.described import MANAGEMENT_ADAPTER, MIGRATION_ADAPTER, PHYSICAL_ADAPTER, Described, full_name
from lab.host.migration import listening
from lab.request import AskedPartner, Request
from lab.scenario import HostSpec

MIGRATION_PORT = 6600
_SERVICES = frozenset((135, 445, MIGRATION_PORT))
_WINRM, _WINRM_TLS = 5985, 5986
_VMMS = "%systemroot%\\system32\\vmms.exe"
_MIGRATION = (
    "VIRT-MIGL-In-TCP-NoScope",
    MIGRATION_PORT,
    (f"App={_VMMS}", "Svc=vmms", f"Name=@{_VMMS},-210", f"EmbedCtxt=@{_VMMS},-99"),
)
_OF_WINDOWS = (
    ("FPS-SMB-In-TCP", 445, ("App=System", "Name=@FirewallAPI.dll,-28511", "EmbedCtxt=@FirewallAPI.dll,-28502")),
    ("WINRM-HTTP-In-TCP", 5985, ("App=System", "Name=@FirewallAPI.dll,-30253", "EmbedCtxt=@FirewallAPI.dll,-30267")),
)
"""Rules by name, with port and the tokens that tell for whom."""
_TIMED_OUT, _REFUSED, _HOST_NOT_FOUND = 10060, 10061, 11001
_NO_SUCH_NAME = 9003
_LDAP, _KERBEROS = 389, 88
_LOOPBACK = 1
_SPEED = 10_000_000_000
_METRIC, _LOOPBACK_METRIC, _INTERFACE_METRIC = 256, 75, 15


class Network(Described):
    """The sections of the topic."""

    def addresses(self) -> tuple[Address, ...]:
        loopback = (_address("127.0.0.1", 8, _LOOPBACK), _address("::1", 128, _LOOPBACK))
        return loopback + tuple(
            address
            for index, its in self.interfaces()
            for address in (
                _address(str(its.ip), its.network.prefixlen, index),
                _address(f"{_link_local(index)}%{index}", 64, index),
            )
        )

    def routes(self) -> tuple[Route, ...]:
        on_link = tuple(
            route
            for index, its in self.interfaces()
            for route in (
                Route(str(its.network), "0.0.0.0", index, _METRIC),
                Route("fe80::/64", "::", index, _METRIC),
            )
        )
        if self.spec.gateway is None:
            return on_link
        return (Route("0.0.0.0/0", self.spec.gateway, self.management_index, _METRIC), *on_link)

    def ip_interfaces(self) -> tuple[IpInterface, ...]:
        metrics = {_LOOPBACK: _LOOPBACK_METRIC} | {index: _INTERFACE_METRIC for index, _ in self.interfaces()}
        return tuple(IpInterface(index, family, metric) for index, metric in metrics.items() for family in AddressFamily)

    def dynamic_ports(self) -> DynamicPorts:
        return DynamicPorts(start=49152, count=16384)

    def smb_interfaces(self) -> tuple[SmbInterface, ...]:
        return tuple(SmbInterface(index, rdma=False) for index, _ in self.interfaces())

    def smb_multichannel(self) -> SmbMultichannel:
        return SmbMultichannel(client=True, server=True)

    def adapters(self) -> tuple[Adapter, ...]:
        found = [Adapter("Ethernet", PHYSICAL_ADAPTER, self.mac(PHYSICAL_ADAPTER), virtual=False, transmit_speed=_SPEED)]
        if self.spec.hyperv:
            mac = self.mac(MANAGEMENT_ADAPTER)
            found.append(Adapter("vEthernet (LAN)", MANAGEMENT_ADAPTER, mac, virtual=True, transmit_speed=_SPEED))
        if self.migration_interface:
            found.append(Adapter("Migration", MIGRATION_ADAPTER, self.mac(MIGRATION_ADAPTER), virtual=False, transmit_speed=_SPEED))
        return tuple(found)

    def host_virtual_adapters(self) -> tuple[HostVirtualAdapter, ...]:
        return (HostVirtualAdapter("LAN", "LAN", self.mac(MANAGEMENT_ADAPTER)),)

    def switches(self) -> tuple[Switch, ...]:
        """The switch of the management network, and one for each other name that a VM here is connected to."""
        names = dict.fromkeys(("LAN", *(vm.switch for vm in self.spec.vms if vm.switch)))
        return tuple(Switch(self.made_id(name), name, SwitchType.EXTERNAL, allow_management_os=name == "LAN") for name in names)

    def firewall(self) -> tuple[FirewallRule, ...]:
        rules = (_MIGRATION, *_OF_WINDOWS) if self.spec.hyperv else _OF_WINDOWS
        return tuple(FirewallRule(name, "local", self._rule(port, told)) for name, port, told in sorted(rules))

    def _rule(self, port: int, told: tuple[str, ...]) -> str:
        active = "FALSE" if port in self.spec.closed_ports else "TRUE"
        tokens = (self.windows.rule, "Action=Allow", f"Active={active}", "Dir=In", "Protocol=6", f"LPort={port}", *told)
        return "|".join((*tokens, ""))

    def partners(self, asked: Request) -> tuple[PartnerAnswer, ...]:
        return tuple(self._partner(partner, asked.most_addresses) for partner in asked.partners)

    def _partner(self, asked: AskedPartner, most: int) -> PartnerAnswer:
        full = any("." in name for name in asked.names) or self.spec.workgroup
        guessed = () if full else tuple(f"{name}.{self.spec.domain}" for name in asked.names)
        names = tuple(self._resolve(name) for name in (*asked.names, *guessed))
        places = [(address, MIGRATION_PORT) for address in asked.addresses]
        places += [(address, port) for name in names for address in name.addresses for port in asked.ports]
        tried = tuple(dict.fromkeys(address for address, _ in places))[:most]
        return PartnerAnswer(asked.partner, names, tuple(self._connect(*place) for place in dict.fromkeys(places) if place[0] in tried))

    def _resolve(self, name: str) -> NameAnswer:
        wanted = name.rstrip(".").casefold()
        if wanted not in (unresolved.casefold() for unresolved in self.spec.unresolved):
            for host, spec in self.scenario.hosts.items():
                if wanted in (host.casefold(), full_name(host, spec).casefold(), (spec.registered or host).casefold()):
                    return NameAnswer(name, (str(IPv4Interface(spec.management).ip),), 0)
        return NameAnswer(name, (), _HOST_NOT_FOUND)

    def controller_records(self, asked: Request) -> tuple[DomainAnswer, ...]:
        own = () if self.spec.workgroup else (self.spec.domain,)
        domains = {domain.casefold(): domain for domain in (*reversed(asked.domains), *own)}
        return tuple(self._domain(domain) for domain in reversed(domains.values()))

    def _domain(self, domain: str) -> DomainAnswer:
        spec = next((spec for name, spec in self.scenario.domains.items() if name.casefold() == domain.casefold()), None)
        unresolved = {name.casefold() for name in self.spec.unresolved}
        if spec is None or domain.casefold() in unresolved:
            return DomainAnswer(domain, ServiceAnswer((), _NO_SUCH_NAME), ServiceAnswer((), _NO_SUCH_NAME), ())
        names = tuple(f"{controller}.{domain}" for controller in spec.controllers)
        ldap, kerberos = (ServiceAnswer(tuple(ServiceServer(name, port) for name in names), 0) for port in (_LDAP, _KERBEROS))
        found = {name: () if name.casefold() in unresolved else ("127.0.0.1",) for name in names}
        answers = tuple(ServerAddresses(name, each, 0 if each else _HOST_NOT_FOUND) for name, each in found.items())
        return DomainAnswer(domain, ldap, kerberos, answers)

    def _connect(self, address: str, port: int) -> PortAnswer:
        code = next((_port_code(spec, address, port) for spec in self.scenario.hosts.values() if _has(spec, address)), _TIMED_OUT)
        return PortAnswer(address, port, code == 0, code)


def _address(written: str, prefix_length: int, index: int) -> Address:
    return Address(written, prefix_length, index, AddressState.PREFERRED, skip_as_source=False)


def _link_local(index: int) -> IPv6Address:
    return IPv6Address(f"fe80::215:5dff:fe00:{index:x}")


def _has(spec: HostSpec, address: str) -> bool:
    return address in (str(IPv4Interface(text).ip) for text in (spec.management, spec.migration) if text)


def _port_code(spec: HostSpec, address: str, port: int) -> int:
    """The socket error that a partner gets at an address of this host; 0 when it is connected."""
    if port in spec.closed_ports:
        return _TIMED_OUT
    if port == (_WINRM_TLS if spec.certificate else _WINRM):
        return 0
    if port not in _SERVICES or (port == MIGRATION_PORT and address not in listening(spec)):
        return _REFUSED
    return 0
