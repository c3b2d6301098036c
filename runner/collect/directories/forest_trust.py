"""Reads msDS-TrustForestTrustInfo, what a forest trust routes ([MS-ADTS] 6.1.6.9.3.1). Never trusts a length in the data."""

from __future__ import annotations

import struct

from checks.facts.directory import RoutedName, Routing
from runner.collect.directories.security_descriptor import sid_text

_VERSION = 1
_HEAD = 13
"""Of a record: its flags, when it was written, its kind."""


class MalformedRoutes(ValueError):
    """The bytes are no such attribute."""


def routed_names(data: bytes) -> tuple[RoutedName, ...]:
    """The records in their order; those of a kind that is none of Routing are passed over by their length. Raises ValueError."""
    version, count = _numbers(data, 0, len(data), 2)
    if version != _VERSION:
        raise MalformedRoutes("another version")
    names: list[RoutedName] = []
    position = 8
    for _ in range(count):
        (length,) = _numbers(data, position, len(data), 1)
        start, position = position + 4, position + 4 + length
        if length < _HEAD or position > len(data):
            raise MalformedRoutes("a record does not fit")
        (flags,) = _numbers(data, start, position, 1)
        kind = data[start + 12]
        if kind in list(Routing):
            names.append(_record(Routing(kind), flags, data[start + _HEAD : position]))
    return tuple(names)


def _record(kind: Routing, flags: int, data: bytes) -> RoutedName:
    if kind is not Routing.DOMAIN:
        return RoutedName(kind, flags, _field(data, 0)[0].decode())
    sid, position = _field(data, 0)
    name, position = _field(data, position)
    netbios, _ = _field(data, position)
    return RoutedName(kind, flags, name.decode(), sid_text(sid), netbios.decode())


def _field(data: bytes, start: int) -> tuple[bytes, int]:
    """What stands behind its length, and where it ends."""
    (length,) = _numbers(data, start, len(data), 1)
    end = start + 4 + length
    if end > len(data):
        raise MalformedRoutes("a field does not fit")
    return data[start + 4 : end], end


def _numbers(data: bytes, start: int, limit: int, count: int) -> tuple[int, ...]:
    """So many numbers of 32 bits."""
    if start + 4 * count > limit:
        raise MalformedRoutes("it ends too early")
    return struct.unpack_from(f"<{count}I", data, start)
