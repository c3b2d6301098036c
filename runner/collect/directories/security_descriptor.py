"""Reads self-relative security descriptors and SIDs as directories hold them ([MS-DTYP] 2.4). Never trusts a length in the data."""

from __future__ import annotations

import struct
import uuid
from typing import NamedTuple

from checks.facts.directory import EVERY_OBJECT, AccessEntry
from checks.windows.sids import EVERYONE

FULL_CONTROL = 0x000F01FF

_DACL_PRESENT = 0x0004
_SELF_RELATIVE = 0x8000
_INHERIT_ONLY = 0x08
_OBJECT_TYPE_PRESENT = 0x1
_INHERITED_OBJECT_TYPE_PRESENT = 0x2
_SUB_AUTHORITIES_MAX = 15


class _Kind(NamedTuple):
    """Does an entry allow, does it carry object types, does it stand under a condition."""

    allow: bool
    with_objects: bool = False
    conditional: bool = False


# ACE types ([MS-DTYP] 2.4.4.1).
_KINDS = {
    0: _Kind(True),
    1: _Kind(False),
    5: _Kind(True, with_objects=True),
    6: _Kind(False, with_objects=True),
    9: _Kind(True, conditional=True),
    10: _Kind(False, conditional=True),
    11: _Kind(True, with_objects=True, conditional=True),
    12: _Kind(False, with_objects=True, conditional=True),
}


class MalformedDescriptor(ValueError):
    """The bytes are no security descriptor or SID."""


def sid_text(data: bytes) -> str:
    """A binary SID as text: S-1-5-21-…. Raises MalformedDescriptor when the bytes are not exactly one SID."""
    text, end = _sid(data, 0, len(data))
    if end != len(data):
        raise MalformedDescriptor("bytes after the SID")
    return text


def access_entries(descriptor: bytes) -> tuple[AccessEntry, ...]:
    """The allow and deny entries of the discretionary access control list that apply to the object itself, in order.

    A descriptor without such a list lets everyone do everything ([MS-DTYP] 2.5.3), but not with every controller (Samba): it is answered as
    one entry that says so under a condition.
    Raises MalformedDescriptor.
    """
    if len(descriptor) < 20:
        raise MalformedDescriptor("shorter than its header")
    revision, _, control, _, _, _, start = struct.unpack_from("<BBHIIII", descriptor)
    if revision != 1 or not control & _SELF_RELATIVE:
        raise MalformedDescriptor("not a self-relative descriptor of revision 1")
    if not control & _DACL_PRESENT or start == 0:
        return (AccessEntry(True, FULL_CONTROL, EVERYONE, conditional=True),)
    if start < 20 or start + 8 > len(descriptor):
        raise MalformedDescriptor("its list lies outside")
    _, _, size, count, _ = struct.unpack_from("<BBHHH", descriptor, start)
    end = start + size
    if size < 8 or end > len(descriptor):
        raise MalformedDescriptor("its list does not fit")
    entries: list[AccessEntry] = []
    position = start + 8
    for _ in range(count):
        position, entry = _entry(descriptor, position, end)
        if entry is not None:
            entries.append(entry)
    return tuple(entries)


def _entry(data: bytes, start: int, limit: int) -> tuple[int, AccessEntry | None]:
    """Where the entry at `start` ends, and the entry itself when it allows or denies."""
    if start + 4 > limit:
        raise MalformedDescriptor("fewer entries than announced")
    kind, flags, size = struct.unpack_from("<BBH", data, start)
    end = start + size
    if size < 4 or end > limit:
        raise MalformedDescriptor("an entry does not fit")
    if kind not in _KINDS or flags & _INHERIT_ONLY:
        return end, None
    allow, with_objects, conditional = _KINDS[kind]
    position = start + 8
    if position > end:
        raise MalformedDescriptor("an entry without mask")
    (mask,) = struct.unpack_from("<I", data, start + 4)
    object_type = None
    if with_objects:
        object_type = EVERY_OBJECT
        if position + 4 > end:
            raise MalformedDescriptor("an object entry without flags")
        (present,) = struct.unpack_from("<I", data, position)
        position += 4
        if present & _OBJECT_TYPE_PRESENT:
            if position + 16 > end:
                raise MalformedDescriptor("an object entry without its type")
            object_type = str(uuid.UUID(bytes_le=data[position : position + 16]))
            position += 16
        if present & _INHERITED_OBJECT_TYPE_PRESENT:
            position += 16
    sid, _ = _sid(data, position, end)
    return end, AccessEntry(allow, mask, sid, object_type, conditional)


def _sid(data: bytes, start: int, limit: int) -> tuple[str, int]:
    """The SID at `start` and where it ends."""
    if start + 8 > limit:
        raise MalformedDescriptor("a SID does not fit")
    revision, count = data[start], data[start + 1]
    end = start + 8 + 4 * count
    if revision != 1 or count > _SUB_AUTHORITIES_MAX or end > limit:
        raise MalformedDescriptor("not a SID")
    authority = int.from_bytes(data[start + 2 : start + 8], "big")
    parts = struct.unpack_from(f"<{count}I", data, start + 8)
    return "-".join(("S-1", str(authority) if authority < 1 << 32 else f"0x{authority:012X}", *map(str, parts))), end
