"""The network of a host: its addresses, routes, adapters and switches, its firewall, and what it reaches."""

from __future__ import annotations

from enum import IntEnum

from checks.facts.fact import Counted, Origin, Said, Section, Shape, Way
from checks.text import text


class AddressState(IntEnum):
    """How far duplicate address detection and lifetimes (RFC 4862) let an address be used."""

    INVALID = 0
    TENTATIVE = 1
    DUPLICATE = 2
    DEPRECATED = 3
    PREFERRED = 4


class Address(Shape, frozen=True):
    """MSFT_NetIPAddress of the active store, IPv4 and IPv6. `skip_as_source`: no connection starts from it. Both are null in what was
    collected before they were read."""

    address: Said
    prefix_length: int
    interface_index: int
    state: AddressState | None = None
    skip_as_source: bool | None = None


class Route(Shape, frozen=True):
    """MSFT_NetRoute of the active store. An on-link route has the next hop 0.0.0.0 or ::."""

    prefix: Said
    next_hop: Said
    interface_index: int
    metric: int


class AddressFamily(IntEnum):
    IPV4 = 2
    IPV6 = 23


class IpInterface(Shape, frozen=True):
    """MSFT_NetIPInterface of the active store: an interface, once for each family. Its metric is added to that of its routes."""

    interface_index: int
    family: AddressFamily
    metric: int


class DynamicPorts(Shape, frozen=True):
    """MSFT_NetTCPSetting named Internet: the first port and the number of those from which TCP takes one for a connection that it opens."""

    start: Counted
    count: Counted


class SmbInterface(Shape, frozen=True):
    """MSFT_SmbClientNetworkInterface: an interface that SMB uses. `rdma`: SMB Direct can use it, with the settings of now."""

    interface_index: int
    rdma: bool


class SmbMultichannel(Shape, frozen=True):
    """Get-SmbClientConfiguration and Get-SmbServerConfiguration: may SMB take several connections, and RDMA, to others and from others."""

    client: bool
    server: bool


_NO_SPEED = 2**63 - 1
"""From here on it is no speed: all bits set say that it is unknown (NDIS_LINK_SPEED)."""


class Adapter(Shape, frozen=True):
    """MSFT_NetAdapter. `mac` is upper case hex without separators, or empty for one that has none (a tunnel). `transmit_speed` is what
    Windows tells (TransmitLinkSpeed), null where it tells none and in what was collected before it was read."""

    name: Said
    interface_index: int
    mac: str
    virtual: bool
    transmit_speed: int | None = None

    @property
    def bits_per_second(self) -> int | None:
        """The speed of its link, or nothing where it has none: an adapter without a link tells 0, or that it does not know."""
        speed = self.transmit_speed
        return speed if speed is not None and 0 < speed < _NO_SPEED else None


class HostVirtualAdapter(Shape, frozen=True):
    """Get-VMNetworkAdapter -ManagementOS: the host's own adapters on a virtual switch. `mac` as in Adapter."""

    name: Said
    switch: Said
    mac: Said


class SwitchType(IntEnum):
    PRIVATE = 0
    INTERNAL = 1
    EXTERNAL = 2


class Switch(Shape, frozen=True):
    """Get-VMSwitch."""

    id: Said
    name: Said
    type: SwitchType
    allow_management_os: bool


class FirewallRule(Shape, frozen=True):
    """One inbound rule that covers TCP 6600, 445, 5985 or 5986 for whoever listens there, as the registry holds it: `name` is the rule's
    Name, `store` is local or policy, `data` its tokens (public form v2.NN|Action=Allow|Active=TRUE|…). Of the last three ports older
    programs kept no rules."""

    name: Said
    store: Said
    data: Said


class NameAnswer(Shape, frozen=True):
    """What this host resolves for one name. `code` is the socket error (11001 host not found, 11004 no data), 0 when resolved."""

    name: str
    addresses: tuple[str, ...]
    code: int


class PortAnswer(Shape, frozen=True):
    """One TCP connection attempt from this host. `code` is the socket error (10061 refused, 10060 timed out), 0 when open."""

    address: str
    port: int
    open: bool
    code: int


class PartnerAnswer(Shape, frozen=True):
    """What this host says of one partner it was asked about; `partner` is the plan's name of that host."""

    partner: str
    names: tuple[NameAnswer, ...]
    ports: tuple[PortAnswer, ...]


class ServiceServer(Shape, frozen=True):
    """One server that an SRV record names."""

    name: Said
    port: int


class ServiceAnswer(Shape, frozen=True):
    """What this host resolves for one SRV name. `code` is the error of Windows (9003 no such name, 9501 no such records, 9002 failure of
    the server, 1460 time over), 0 where an answer came. Without an error and without servers the answer held no such records, or only one
    whose target is the root, which says that there is no such service (RFC 2782)."""

    servers: tuple[ServiceServer, ...]
    code: int


class ServerAddresses(Shape, frozen=True):
    """What this host resolves for the name of a server that a record names. `code` as in NameAnswer."""

    name: Said
    addresses: tuple[Said, ...]
    code: int


class DomainAnswer(Shape, frozen=True):
    """What this host resolves for the controllers of one domain (DNS name): the records that the DC locator of Windows asks for,
    _ldap._tcp.dc._msdcs and _kerberos._tcp.dc._msdcs ([MS-ADTS] 6.3.6.1), and in `names` the first of the servers that they name. Those
    of a site alone, which the locator asks for too, are not asked."""

    domain: Said
    ldap: ServiceAnswer
    kerberos: ServiceAnswer
    names: tuple[ServerAddresses, ...]


class NetworkFacts:
    """What a visit reads of the network of a host."""

    __slots__ = ()

    addresses = Section(tuple[Address, ...], Origin(Way.CIM, "MSFT_NetIPAddress"))
    routes = Section(tuple[Route, ...], Origin(Way.CIM, "MSFT_NetRoute"))
    ip_interfaces = Section(tuple[IpInterface, ...], Origin(Way.CIM, "MSFT_NetIPInterface"))
    dynamic_ports = Section(DynamicPorts, Origin(Way.CIM, "MSFT_NetTCPSetting"))
    smb_interfaces = Section(tuple[SmbInterface, ...], Origin(Way.CIM, "MSFT_SmbClientNetworkInterface"))
    smb_multichannel = Section(
        SmbMultichannel,
        Origin(Way.CMDLET, "Get-SmbClientConfiguration", what=text("Get-SmbClientConfiguration and Get-SmbServerConfiguration")),
    )
    adapters = Section(tuple[Adapter, ...], Origin(Way.CIM, "MSFT_NetAdapter"))
    host_virtual_adapters = Section(
        tuple[HostVirtualAdapter, ...], Origin(Way.CMDLET, "Get-VMNetworkAdapter", what="Get-VMNetworkAdapter -ManagementOS", hyperv=True)
    )
    switches = Section(tuple[Switch, ...], Origin(Way.CMDLET, "Get-VMSwitch", hyperv=True))
    firewall = Section(tuple[FirewallRule, ...], Origin(Way.REGISTRY, "Microsoft.Win32.RegistryKey", what=text("registry FirewallRules")))
    partners = Section(
        tuple[PartnerAnswer, ...],
        Origin(Way.NET, "System.Net.Sockets.TcpClient", what=text("System.Net.Dns and TCP connection attempts")),
    )
    controller_records = Section(
        tuple[DomainAnswer, ...], Origin(Way.CMDLET, "Resolve-DnsName", what=text("Resolve-DnsName -Type SRV and System.Net.Dns"))
    )
    """Of this host's own domain, and of those that it was asked about."""
