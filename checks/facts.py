"""The typed facts of hosts, VMs, accounts and domains, and what a missing fact is.

This module is the published shape of what is collected: the collector's PowerShell answers one JSON value for each field of
`HostFacts`, in exactly the type that stands in the annotation, and the lab answers in the same types. There is no second
description that could drift from this one.

Units stand in the names (`_bytes`, `_ms`). Times are UTC. Numbers that Windows defines stay numbers where new members
may appear (VM state); they are enumerations where the set is closed, so that an unknown member is an unreadable answer.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Reason(StrEnum):
    """Why a fact is missing."""

    UNREACHABLE = "unreachable"
    ACCESS_DENIED = "access denied"
    NOT_SUPPORTED = "not supported by this Windows"
    NOT_INSTALLED = "not installed"
    TIMED_OUT = "timed out"
    UNREADABLE = "unreadable answer"
    NOT_COLLECTED = "not collected"


class Known(Struct, Generic[T], frozen=True, forbid_unknown_fields=True, tag_field="fact", tag="known"):
    """A fact that was read. `source` names the cmdlet, class, attribute or query and where it was asked; `at` is UTC."""

    value: T
    source: str
    at: datetime


class Missing(Struct, frozen=True, forbid_unknown_fields=True, tag_field="fact", tag="missing"):
    """A fact that was not read. `detail` is for people: exception type, error id and HRESULT, never a secret."""

    reason: Reason
    source: str
    at: datetime
    detail: str = ""


Fact: TypeAlias = Known[T] | Missing


class _Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every value that is read: immutable, and an unknown field in it makes the answer unreadable."""


# --- what one visit to a host answers -------------------------------------------------------------------------------


class OperatingSystem(_Shape, frozen=True):
    """Win32_OperatingSystem and the registry's CurrentVersion. `caption` is localized: for display only."""

    build: int
    product_type: int
    caption: str
    languages: tuple[str, ...]
    boot: datetime
    update_revision: int | None = None


class DomainRole(IntEnum):
    """Win32_ComputerSystem.DomainRole (public page of the class)."""

    STANDALONE_WORKSTATION = 0
    MEMBER_WORKSTATION = 1
    STANDALONE_SERVER = 2
    MEMBER_SERVER = 3
    BACKUP_DOMAIN_CONTROLLER = 4
    PRIMARY_DOMAIN_CONTROLLER = 5


class Computer(_Shape, frozen=True):
    """Win32_ComputerSystem. `domain` is the DNS name of the domain, or the workgroup's name when `joined` is false."""

    name: str
    dns_host_name: str
    domain: str
    role: DomainRole
    joined: bool


class HyperVRole(_Shape, frozen=True):
    """Is Hyper-V there and does it answer. `service_state` is Win32_Service.State of vmms (English on every Windows), or null
    without the service; `namespace` tells whether root/virtualization/v2 exists."""

    feature: bool
    service_state: str | None
    service_start: str | None
    namespace: bool


class MigrationAuthentication(IntEnum):
    CREDSSP = 0
    KERBEROS = 1


class PerformanceOption(IntEnum):
    TCPIP = 0
    COMPRESSION = 1
    SMB = 2


class MigrationSettings(_Shape, frozen=True):
    """Get-VMHost. `performance_option` is null where Windows has no such setting (2012: always plain TCP/IP)."""

    enabled: bool
    authentication: MigrationAuthentication
    performance_option: PerformanceOption | None
    maximum_migrations: int
    maximum_storage_migrations: int
    any_network: bool


class MigrationNetwork(_Shape, frozen=True):
    """Get-VMMigrationNetwork: `subnet` is an address or a prefix, as it was entered."""

    subnet: str
    priority: int | None


class MigrationListener(_Shape, frozen=True):
    """Msvm_VirtualSystemMigrationService: the addresses on which migrations are accepted, and what runs now."""

    addresses: tuple[str, ...]
    active_migrations: int
    active_storage_migrations: int


class CredentialGuard(_Shape, frozen=True):
    """Win32_DeviceGuard.SecurityServicesRunning (1 = Credential Guard). Windows before 2016 has no such class: not running."""

    running: bool
    services_running: tuple[int, ...]


class Address(_Shape, frozen=True):
    """MSFT_NetIPAddress of the active store, IPv4 and IPv6."""

    address: str
    prefix_length: int
    interface_index: int


class Route(_Shape, frozen=True):
    """MSFT_NetRoute of the active store. An on-link route has the next hop 0.0.0.0 or ::."""

    prefix: str
    next_hop: str
    interface_index: int
    metric: int


class Adapter(_Shape, frozen=True):
    """MSFT_NetAdapter. `mac` is upper case hex without separators, or empty."""

    name: str
    interface_index: int
    mac: str
    virtual: bool


class HostVirtualAdapter(_Shape, frozen=True):
    """Get-VMNetworkAdapter -ManagementOS: the host's own adapters on a virtual switch. `mac` as in Adapter."""

    name: str
    switch: str
    mac: str


class SwitchType(IntEnum):
    PRIVATE = 0
    INTERNAL = 1
    EXTERNAL = 2


class Switch(_Shape, frozen=True):
    """Get-VMSwitch."""

    id: str
    name: str
    type: SwitchType
    allow_management_os: bool


class FirewallRule(_Shape, frozen=True):
    """One inbound rule for TCP 6600 as the registry holds it: `name` is the rule's Name, `store` is local or policy, `data` the
    rule's tokens (public form v2.NN|Action=Allow|Active=TRUE|…)."""

    name: str
    store: str
    data: str


class LogonSession(_Shape, frozen=True):
    """Win32_LogonSession with the account of Win32_LoggedOnUser resolved to a SID (null when it does not resolve).
    `type` is the logon type (2 interactive, 3 network, 8 network clear text, 10 remote interactive, …)."""

    id: str
    type: int
    package: str
    sid: str | None
    account: str
    since: datetime | None


class Locator(_Shape, frozen=True):
    """One row of Win32_NTDomain: the controller this host found for a domain. Names come without leading backslashes."""

    domain: str
    controller: str
    address: str
    forest: str
    site: str


class Disk(_Shape, frozen=True):
    """Get-VMHardDiskDrive."""

    path: str
    pass_through: bool
    shared: bool


class VirtualAdapter(_Shape, frozen=True):
    """Get-VMNetworkAdapter -VM. `switch` is empty when not connected."""

    name: str
    switch: str
    mac: str


class VirtualMachine(_Shape, frozen=True):
    """Get-VM and its drives, adapters and checkpoints. `version` is null where Windows has no such property (2012);
    `state` and `operational_status` are the cmdlet's numbers (VMState, VMOperationalStatus)."""

    id: str
    name: str
    state: int
    operational_status: tuple[int, ...]
    version: str | None
    generation: int | None
    uptime_s: int
    clustered: bool
    memory_assigned_bytes: int
    configuration_path: str
    checkpoint_path: str
    paging_path: str
    disks: tuple[Disk, ...]
    adapters: tuple[VirtualAdapter, ...]
    checkpoints: int


class NameAnswer(_Shape, frozen=True):
    """What this host resolves for one name. `code` is the socket error (11001 host not found, 11004 no data), 0 when resolved."""

    name: str
    addresses: tuple[str, ...]
    code: int


class PortAnswer(_Shape, frozen=True):
    """One TCP connection attempt from this host. `code` is the socket error (10061 refused, 10060 timed out), 0 when open."""

    address: str
    port: int
    open: bool
    code: int


class PartnerAnswer(_Shape, frozen=True):
    """What this host says of one partner it was asked about; `partner` is the plan's name of that host."""

    partner: str
    names: tuple[NameAnswer, ...]
    ports: tuple[PortAnswer, ...]


class HostFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """All facts of one host. Each field is one section of the visit: `Read-<field>` in collect.ps1 answers its value."""

    os: Fact[OperatingSystem]
    computer: Fact[Computer]
    hyperv_role: Fact[HyperVRole]
    migration: Fact[MigrationSettings]
    migration_networks: Fact[tuple[MigrationNetwork, ...]]
    migration_listener: Fact[MigrationListener]
    supported_versions: Fact[tuple[str, ...]]
    credential_guard: Fact[CredentialGuard]
    addresses: Fact[tuple[Address, ...]]
    routes: Fact[tuple[Route, ...]]
    adapters: Fact[tuple[Adapter, ...]]
    host_virtual_adapters: Fact[tuple[HostVirtualAdapter, ...]]
    switches: Fact[tuple[Switch, ...]]
    firewall: Fact[tuple[FirewallRule, ...]]
    local_groups: Fact[dict[str, tuple[str, ...]]]
    sessions: Fact[tuple[LogonSession, ...]]
    locators: Fact[tuple[Locator, ...]]
    vms: Fact[tuple[VirtualMachine, ...]]
    partners: Fact[tuple[PartnerAnswer, ...]]


HOST_FACTS: tuple[str, ...] = HostFacts.__struct_fields__


class EventRecord(_Shape, frozen=True):
    """One entry of an event log: its channel, and the whole entry as XML, as EventRecord.ToXml gives it."""

    channel: str
    xml: str


class LogFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """What one host's event logs hold of moves, the newest first. Asked only for a diagnosis, and no part of a snapshot. As with
    HostFacts, each field is one section, answered by `Read-<field>`. A log without such entries is known and empty."""

    events: Fact[tuple[EventRecord, ...]]


LOG_FACTS: tuple[str, ...] = LogFacts.__struct_fields__


# --- what the directories answer ------------------------------------------------------------------------------------


class AccessEntry(_Shape, frozen=True):
    """One allow or deny entry of a discretionary access control list ([MS-DTYP] 2.4.4), in the order of the list."""

    allow: bool
    mask: int
    sid: str
    object_type: str | None = None


class ComputerAccount(_Shape, frozen=True):
    """A host's computer account as ONE domain controller shows it.

    `delegate_to` is msDS-AllowedToDelegateTo; `resource_based` are the entries of msDS-AllowedToActOnBehalfOfOtherIdentity
    (empty: proven not set). `sids` are the account's own SID and all of its groups (tokenGroups). `delegation_version` and
    `delegation_changed` are the highest version and the latest originating time of the delegation attributes in
    replPropertyMetaData, or 0 and null where it was not readable. `changed` is whenChanged, which each controller keeps for itself.
    """

    dn: str
    sid: str
    account_name: str
    dns_host_name: str
    user_account_control: int
    delegate_to: tuple[str, ...]
    resource_based: tuple[AccessEntry, ...]
    service_principal_names: tuple[str, ...]
    sids: tuple[str, ...]
    changed: datetime
    delegation_version: int = 0
    delegation_changed: datetime | None = None


class UserAccount(_Shape, frozen=True):
    """The operator's account in its own domain. `sids` are its own SID and all of its groups, nested ones too (tokenGroups)."""

    dn: str
    sid: str
    account_name: str
    user_account_control: int
    sids: tuple[str, ...]


class TrustDirection(IntEnum):
    """trustedDomain.trustDirection ([MS-ADTS] 6.1.6.7.12), seen from the domain that holds the object."""

    DISABLED = 0
    INBOUND = 1
    OUTBOUND = 2
    BIDIRECTIONAL = 3


class Trust(_Shape, frozen=True):
    """One trustedDomain object. `type` 1 Windows NT, 2 Active Directory, 3 Kerberos realm; `attributes` are the bits of
    trustAttributes (0x4 SID filter, 0x8 forest, 0x10 selective authentication, 0x20 within the forest, 0x40 treated as external)."""

    partner: str
    flat_name: str
    direction: TrustDirection
    type: int
    attributes: int
    sid: str | None = None


class Domain(_Shape, frozen=True):
    """What one controller says of its domain (rootDSE, crossRef)."""

    dns_name: str
    netbios_name: str
    sid: str
    forest: str
    functional_level: int
    controller_level: int


class DomainFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One domain. `controllers` maps each controller that was asked to what it says of the domain."""

    domain: Fact[Domain]
    trusts: Fact[tuple[Trust, ...]]
    controllers: dict[str, Fact[Domain]]


class OperatorFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One operator. `token` holds, for each domain of a host (its DNS name, lower case), the SIDs that a logon to a member
    of that domain carries: the account, its groups, and that domain's local groups which hold one of those across a trust."""

    account: Fact[UserAccount]
    token: dict[str, Fact[tuple[str, ...]]]


class AccountFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """A host's computer account, by the name of each controller that the hosts of its domain use (lower case)."""

    views: dict[str, Fact[ComputerAccount]]


class Collected(_Shape, frozen=True):
    """Who collected, from where, with which program, and when (UTC). `partial` is true when the run was cut short."""

    by: str
    on: str
    tool: str
    start: datetime
    end: datetime
    partial: bool = False


class HostVisit(_Shape, frozen=True):
    """When one host was visited and over what: the address asked, authentication, TLS or not. `engine` is its PowerShell."""

    start: datetime
    end: datetime
    address: str
    authentication: str
    encrypted: str
    engine: str = ""


SNAPSHOT_FORMAT = "hvpreflight.snapshot/1"


class Snapshot(Struct, frozen=True, forbid_unknown_fields=True):
    """All facts of one run. Hosts and operators are keyed by the plan's spelling in lower case, domains by their DNS name in
    lower case. `names` is what the name servers answered to us: a host's or controller's full name to its addresses."""

    format: str
    collected: Collected
    hosts: dict[str, HostFacts]
    visits: dict[str, HostVisit]
    accounts: dict[str, AccountFacts]
    domains: dict[str, DomainFacts]
    operators: dict[str, OperatorFacts]
    names: dict[str, Fact[tuple[str, ...]]]


def missing_host(reason: Reason, source: str, at: datetime, detail: str = "") -> HostFacts:
    """The facts of a host that was not read: every one missing, with the same reason."""
    return HostFacts(**{name: Missing(reason, source, at, detail) for name in HOST_FACTS})
