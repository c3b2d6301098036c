"""The typed plan: what is to be moved from where to where, by whom, from which launch point, and how to ask.

Hosts, VMs, operators and domains are names as Windows compares them; each keeps the plan's spelling.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct, field
from msgspec.structs import force_setattr, replace

from checks.remedy import Means
from checks.text import Text, text
from checks.windows.names import AccountName, DnsName, HostName, MachineName


class LaunchPoint(StrEnum):
    """From where the move is started. All but REMOTE are sessions on the source."""

    REMOTE = "remote"
    CONSOLE = "console"
    RDP = "rdp"
    POWERSHELL = "powershell"


AT_SOURCE = (LaunchPoint.CONSOLE, LaunchPoint.RDP)
"""The sessions that hold the operator's own ticket."""


class Kind(StrEnum):
    """What a move takes to another place."""

    WITH_STORAGE = "with storage"
    VM_ALONE = "without storage"
    STORAGE_ALONE = "storage only"


class Transport(StrEnum):
    """How the collector authenticates to a host."""

    NEGOTIATE = "negotiate"
    KERBEROS = "kerberos"
    NTLM = "ntlm"
    CREDSSP = "credssp"
    CERTIFICATE = "certificate"
    BASIC = "basic"


BY_KERBEROS = (Transport.NEGOTIATE, Transport.KERBEROS)
"""The ways that may be Kerberos."""


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table of a plan: an unknown key is an error."""


ZonedTime = Annotated[datetime, Meta(tz=True)]


class Window(_Part, frozen=True):
    start: ZonedTime
    end: ZonedTime


class ChangeRequest(_Part, frozen=True):
    """The change for which the moves are planned. `delegation_administrator` is the account that will change delegation in the
    directory."""

    id: str = ""
    title: str = ""
    window: Window | None = None
    delegation_administrator: str | None = None


ORDINARY_SESSION = "Microsoft.PowerShell"
"""The session configuration that Windows opens where none is asked for."""


class Connection(_Part, frozen=True):
    """How hosts are reached. `require_kerberos` lets nobody be signed in to otherwise, hosts and domain controllers alike. `ca_file` adds
    certificates to the system's trust; it never replaces the verification."""

    auth: Transport = Transport.NEGOTIATE
    require_kerberos: bool = False
    tls: bool = False
    configuration_name: str = ORDINARY_SESSION
    ca_file: str | None = None
    certificate: str | None = None
    certificate_key: str | None = None


class HostEntry(_Part, frozen=True):
    """A host that needs more than its name. `address` is host:port; `migration_addresses` are probed on TCP 6600 besides those
    that the host itself names."""

    fqdn: str | None = None
    address: str | None = None
    migration_addresses: tuple[str, ...] = ()
    auth: Transport | None = None
    tls: bool | None = None
    configuration_name: str | None = None
    ca_file: str | None = None
    certificate: str | None = None
    certificate_key: str | None = None


class Preferences(_Part, frozen=True):
    """What a house would rather have where several things do. `prefer`: how sources are let act for users."""

    prefer: Means | None = None


class Names(_Part, frozen=True):
    """Which name servers to ask (address or address:port); none: the system's own."""

    servers: tuple[str, ...] = ()


EVERY_VM = MachineName("*")
NO_VM = MachineName("")
Pair: TypeAlias = tuple[HostName, HostName]
"""A source and a target, in this order."""


class Move(_Part, frozen=True):
    """One VM from one host to another. `vm` is a name, an id, or EVERY_VM for each one of the source. `storage_only` leaves the VM
    where it is and moves its files. `alone`: the pair is judged, as for a VM whose files lie on the hosts' own disks, and nothing is asked
    of any VM (`vm` is NO_VM). Names may be given as they are written."""

    vm: MachineName
    source: HostName
    target: HostName
    operator: AccountName
    launch: LaunchPoint = LaunchPoint.REMOTE
    launch_from: str | None = None
    include_storage: bool = True
    storage_only: bool = False
    destination_path: str | None = None
    alone: bool = False

    def __post_init__(self) -> None:
        force_setattr(self, "vm", MachineName.of(self.vm))
        force_setattr(self, "source", HostName.of(self.source))
        force_setattr(self, "target", HostName.of(self.target))
        force_setattr(self, "operator", AccountName.of(self.operator))

    @property
    def pair(self) -> Pair:
        return self.source, self.target

    @property
    def route(self) -> Hashable:
        """All of it but what belongs to its VM alone."""
        route: Hashable = _ROUTE(self)
        return route

    @property
    def arrow(self) -> Text:
        """How a finding names it."""
        if self.alone:
            return text("{source} → {target}", source=self.source.spelled, target=self.target.spelled)
        return text("{vm}: {source} → {target}", vm=self.vm.spelled, source=self.source.spelled, target=self.target.spelled)

    @property
    def kind(self) -> Kind:
        if self.storage_only:
            return Kind.STORAGE_ALONE
        return Kind.WITH_STORAGE if self.include_storage else Kind.VM_ALONE

    @property
    def moves_storage(self) -> bool:
        return self.storage_only or self.include_storage


_ROUTE = attrgetter(*(name for name in Move.__struct_fields__ if name not in ("vm", "destination_path")))


class Plan(_Part, frozen=True):
    """A plan with its defaults applied and its CSV files read: each move is whole."""

    moves: tuple[Move, ...]
    change: ChangeRequest = field(default_factory=ChangeRequest)
    connection: Connection = field(default_factory=Connection)
    hosts: dict[HostName, HostEntry] = {}
    directory: dict[DnsName, tuple[str, ...]] = {}
    names: Names = field(default_factory=Names)
    policy: Preferences = field(default_factory=Preferences)

    def __post_init__(self) -> None:
        force_setattr(self, "hosts", {HostName.of(name): entry for name, entry in self.hosts.items()})
        force_setattr(self, "directory", {DnsName.of(name): urls for name, urls in self.directory.items()})

    def entry(self, host: HostName) -> HostEntry:
        """What the plan says of a host, or an empty entry."""
        return self.hosts.get(host, HostEntry())

    def transport(self, host: HostName) -> Transport:
        """How a host is signed in to. What would be negotiated is Kerberos where that is required."""
        named = self.entry(host).auth or self.connection.auth
        return Transport.KERBEROS if named is Transport.NEGOTIATE and self.connection.require_kerberos else named

    def tls(self, host: HostName) -> bool:
        """Is a host reached over TLS."""
        own = self.entry(host).tls
        return self.connection.tls if own is None else own

    def configuration_name(self, host: HostName) -> str:
        """Which session configuration a host is asked for."""
        return self.entry(host).configuration_name or self.connection.configuration_name

    @property
    def outline(self) -> Plan:
        """The first move of each route only: the same hosts, pairs and accounts, in the same order and spelling."""
        first: dict[Hashable, Move] = {}
        for move in self.moves:
            first.setdefault(move.route, move)
        return replace(self, moves=tuple(first.values()))

    @property
    def host_names(self) -> tuple[HostName, ...]:
        """Every host of a move, once, in the spelling of its first appearance."""
        return tuple(dict.fromkeys(host for move in self.moves for host in move.pair))

    @property
    def operators(self) -> tuple[AccountName, ...]:
        """Every operator, once, in the spelling of its first appearance."""
        return tuple(dict.fromkeys(move.operator for move in self.moves))

    @property
    def administrator(self) -> AccountName | None:
        """Who will change delegation in the directory, where the plan names somebody."""
        named = self.change.delegation_administrator
        return None if named is None else AccountName(named)

    @property
    def accounts(self) -> tuple[AccountName, ...]:
        """Every account that the plan names, once: the operators, then who will change delegation."""
        return tuple(dict.fromkeys((*self.operators, *((self.administrator,) if self.administrator else ()))))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every ordered pair, once, in order of appearance."""
        return tuple(dict.fromkeys(move.pair for move in self.moves))
