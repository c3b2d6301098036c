"""What a visit asks a host, in the lab's own words."""

from __future__ import annotations

import msgspec
from msgspec import Struct

FRAME = 2


class AskedPartner(Struct, frozen=True, forbid_unknown_fields=True):
    """What a visit asks a host about one partner: which names it resolves, and what it reaches. `ports` are tried at the addresses
    that the names resolve to, the migration port also at those of `addresses`. Where no full name is asked, a member of a domain
    adds the names as they would be in its own domain."""

    partner: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class AskedEvents(Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries of its logs a host is asked for: not older than `days`, the `most` newest; of the logs that all programs write to
    those of `providers`, of all where there are none, among the `scanned` newest."""

    days: int
    most: int
    scanned: int = 5_000
    providers: tuple[str, ...] = ()


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """The request of a visit: which sections, and what some of them need: `files` are places of which it asks what lies there."""

    frame: int
    sections: tuple[str, ...]
    partners: tuple[AskedPartner, ...] = ()
    domains: tuple[str, ...] = ()
    port_timeout_ms: int = 1000
    most_addresses: int = 16
    files: tuple[str, ...] = ()
    events: AskedEvents = AskedEvents(days=7, most=500)


REQUEST = msgspec.json.Decoder(Request)
"""Made once, before there are threads: msgspec 0.22 crashes when several meet a type for the first time at the same moment."""
