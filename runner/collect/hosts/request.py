"""What the collector's script is asked. It travels as data, as one JSON text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET, Struct, UnsetType

from checks.facts.host import HOST_FACTS, LOG_FACTS

FRAME = 2
"""The version of the form of request and answer."""
PORT_TIMEOUT_MS = 2000
MIGRATION_PORT, SMB_PORT = 6600, 445
LONGEST_NAME = 255
MOST_ADDRESSES = 16
"""Of one partner on which a host tries ports: nobody, not even who answers for a name, can send it scanning."""


AROUND = (
    "LsaSrv",
    "Microsoft-Windows-FailoverClustering",
    "Microsoft-Windows-Kerberos-Key-Distribution-Center",
    "Microsoft-Windows-SMBClient",
    "Microsoft-Windows-Security-Kerberos",
    "Microsoft-Windows-Time-Service",
    "Microsoft-Windows-WinRM",
    "NETLOGON",
    "Schannel",
    "Service Control Manager",
)
"""Who writes to a host's logs what may have stopped a move: names that no language changes."""


class Partner(Struct, frozen=True):
    """What a host is asked about another one: which names it resolves, and which ports it reaches. `ports` are tried on every address
    found for the names, `addresses`, which come first, on TCP 6600."""

    partner: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class EventRange(Struct, frozen=True):
    """Which entries of the event logs are asked for: not older than `days`, and no more than the `most` newest ones. Of the logs that all
    programs write to, `scanned` entries are looked through for those of `providers`."""

    days: int = 7
    most: int = 500
    scanned: int = 5_000
    providers: tuple[str, ...] = AROUND


class Request(Struct, frozen=True):
    """`domains` are those whose controllers a host is to find besides its own, `files` the places of which it says what lies there,
    absolute paths on its drives. `events` stands there only for the section of that name."""

    partners: tuple[Partner, ...] = ()
    domains: tuple[str, ...] = ()
    sections: tuple[str, ...] = HOST_FACTS
    port_timeout_ms: int = PORT_TIMEOUT_MS
    most_addresses: int = MOST_ADDRESSES
    frame: int = FRAME
    files: tuple[str, ...] = ()
    events: EventRange | UnsetType = UNSET

    def encoded(self) -> str:
        return msgspec.json.encode(self).decode()


def for_facts(
    partners: Sequence[Partner],
    sections: tuple[str, ...] = HOST_FACTS,
    *,
    domains: Sequence[str] = (),
    files: Sequence[str] = (),
) -> Request:
    """The request of an ordinary visit."""
    return Request(tuple(partners), tuple(domains), sections, files=tuple(files))


def for_logs(wanted: EventRange) -> Request:
    """The request of a visit to the event logs."""
    return Request(sections=LOG_FACTS, events=wanted)
