"""The typed plan: what is to be moved from where to where, by whom, from which launch point, and how to ask.

Names of hosts and operators keep the plan's spelling; `key` is how everything else refers to them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct, field


@lru_cache(maxsize=1 << 16)
def key(name: str) -> str:
    """The form under which a host or an operator stands in the snapshot: lower case, no surrounding blanks, no final dot."""
    return name.strip().rstrip(".").lower()


class LaunchPoint(StrEnum):
    """From where the move is started. All but REMOTE are sessions on the source."""

    REMOTE = "remote"
    CONSOLE = "console"
    RDP = "rdp"
    POWERSHELL = "powershell"


class Transport(StrEnum):
    """How the collector authenticates to a host."""

    NEGOTIATE = "negotiate"
    KERBEROS = "kerberos"
    NTLM = "ntlm"
    CREDSSP = "credssp"
    CERTIFICATE = "certificate"
    BASIC = "basic"


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every table of a plan: an unknown key is an error."""


ZonedTime = Annotated[datetime, Meta(tz=True)]


class Window(_Part, frozen=True):
    start: ZonedTime
    end: ZonedTime


class Change(_Part, frozen=True):
    id: str = ""
    title: str = ""
    window: Window | None = None


class Connection(_Part, frozen=True):
    """How hosts are reached. `ca_file` adds certificates to the system's trust; it never replaces the verification."""

    auth: Transport = Transport.NEGOTIATE
    tls: bool = False
    configuration_name: str = "Microsoft.PowerShell"
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


class Names(_Part, frozen=True):
    """Which name servers to ask (address or address:port); none: the system's own."""

    servers: tuple[str, ...] = ()


class Move(_Part, frozen=True):
    """One VM from one host to another. `vm` is a name, an id, or `*` for every VM of the source. `storage_only` leaves the VM
    where it is and moves its files."""

    vm: str
    source: str
    target: str
    operator: str
    launch: LaunchPoint = LaunchPoint.REMOTE
    launch_from: str | None = None
    include_storage: bool = True
    storage_only: bool = False
    destination_path: str | None = None

    @property
    def moves_storage(self) -> bool:
        return self.include_storage or self.storage_only


class Plan(_Part, frozen=True):
    """A plan with its defaults applied and its CSV files read: each move is whole."""

    moves: tuple[Move, ...]
    change: Change = field(default_factory=Change)
    connection: Connection = field(default_factory=Connection)
    hosts: dict[str, HostEntry] = {}
    directory: dict[str, tuple[str, ...]] = {}
    names: Names = field(default_factory=Names)

    def entry(self, host: str) -> HostEntry:
        """What the plan says of a host, or an empty entry."""
        return {key(name): entry for name, entry in self.hosts.items()}.get(key(host), HostEntry())

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every host of a move, once, in the spelling of its first appearance."""
        seen: dict[str, str] = {}
        for move in self.moves:
            seen.setdefault(key(move.source), move.source)
            seen.setdefault(key(move.target), move.target)
        return tuple(seen.values())

    @property
    def operators(self) -> tuple[str, ...]:
        """Every operator, once, in the spelling of its first appearance."""
        seen: dict[str, str] = {}
        for move in self.moves:
            seen.setdefault(key(move.operator), move.operator)
        return tuple(seen.values())

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every ordered pair (source, target) as keys, once, in order of appearance."""
        return tuple(dict.fromkeys((key(move.source), key(move.target)) for move in self.moves))
