"""Binary values as the directory keeps them: SIDs, GUIDs, security descriptors and replication metadata."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

_EPOCH_1601 = datetime(1601, 1, 1, tzinfo=UTC)
_NAMESPACE = uuid.UUID("8b2ab5a4-5b57-4d0c-9a53-6c6a5f2b7d11")

ADMINISTRATORS = "S-1-5-32-544"
AUTHENTICATED_USERS = "S-1-5-11"
FULL_CONTROL = 0x000F01FF
READ = 0x00020094
"""Read all properties, list contents, list object, read permissions."""
READ_PROPERTY = 0x10


def sid(text: str) -> bytes:
    """S-1-5-21-1-2-3-500 in the binary form of [MS-DTYP] 2.4.2.2. Raises ValueError."""
    head, *numbers = text.upper().split("-")
    if head != "S" or len(numbers) < 2:
        raise ValueError(f"not a SID: {text!r}")
    revision, authority, *rids = (int(number) for number in numbers)
    try:
        return struct.pack("<BB", revision, len(rids)) + authority.to_bytes(6, "big") + struct.pack(f"<{len(rids)}I", *rids)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"not a SID: {text!r}") from error


def guid(name: str) -> bytes:
    """The identifier that an object of this name always has."""
    return uuid.uuid5(_NAMESPACE, name.casefold()).bytes_le


def generalized_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%d%H%M%S.0Z")


class Permission(NamedTuple):
    """One entry of an access control list; with `attribute` (its schemaIDGUID, or the GUID of an extended right) it is about that alone."""

    sid: str
    mask: int
    allow: bool = True
    attribute: uuid.UUID | None = None


def security_descriptor(permissions: Iterable[Permission]) -> bytes:
    """A self-relative security descriptor with these entries in this order, owned by the administrators ([MS-DTYP] 2.4.6)."""
    entries = [_entry(permission) for permission in permissions]
    acl = struct.pack("<BBHHH", 4, 0, 8 + sum(map(len, entries)), len(entries), 0) + b"".join(entries)
    owner = sid(ADMINISTRATORS)
    dacl_present_self_relative = 0x8004
    return struct.pack("<BBHIIII", 1, 0, dacl_present_self_relative, 20, 0, 0, 20 + len(owner)) + owner + acl


def _entry(permission: Permission) -> bytes:
    kind = 0 if permission.allow else 1
    trustee = sid(permission.sid)
    if permission.attribute is not None:
        kind += 5
        trustee = struct.pack("<I", 1) + permission.attribute.bytes_le + trustee
    return struct.pack("<BBHI", kind, 0, 8 + len(trustee), permission.mask) + trustee


def may_act_on_behalf(sids: Iterable[str]) -> bytes:
    """The value of msDS-AllowedToActOnBehalfOfOtherIdentity, as the Active Directory cmdlets write it for the principals that may
    delegate to an account: full control for each."""
    return security_descriptor(Permission(trustee, FULL_CONTROL) for trustee in sids)


class Change(NamedTuple):
    """The last originating change of one attribute: `kind` is its ATTRTYP, `origin` the GUID of the database that wrote it."""

    kind: int
    version: int
    at: datetime
    origin: bytes
    origin_usn: int
    local_usn: int


def replication_metadata(changes: Iterable[Change]) -> bytes:
    """replPropertyMetaData: version 1, count, then 48 bytes each ([MS-DRSR] 4.1.10.2.22; times in seconds since 1601)."""
    rows = [
        struct.pack("<IIQ16sQQ", kind, version, int((at - _EPOCH_1601).total_seconds()), origin, origin_usn, local_usn)
        for kind, version, at, origin, origin_usn, local_usn in sorted(changes)
    ]
    return struct.pack("<IIII", 1, 0, len(rows), 0) + b"".join(rows)


class Routed(NamedTuple):
    """One record of what a forest trust routes: a name (kind 0), one that is left out (1), or a domain with its SID (2)."""

    kind: int
    name: str
    flags: int = 0
    sid: str = ""
    netbios: str = ""


def forest_trust_info(records: Iterable[Routed]) -> bytes:
    """msDS-TrustForestTrustInfo ([MS-ADTS] 6.1.6.9.3.1): version 1, count, then the records without alignment."""
    rows = [_routed(record) for record in records]
    return struct.pack("<II", 1, len(rows)) + b"".join(struct.pack("<I", len(row)) + row for row in rows)


def _routed(record: Routed) -> bytes:
    fields = [record.name.encode()] if record.kind != 2 else [sid(record.sid), record.name.encode(), record.netbios.encode()]
    return struct.pack("<IQB", record.flags, 0, record.kind) + b"".join(struct.pack("<I", len(field)) + field for field in fields)
