"""Reads replPropertyMetaData: which attribute of an object was changed how often, and when, wherever that was.

The versions and times travel with the values, so that two controllers that show the same have the same, and one that lags behind has less.
Layout: PROPERTY_META_DATA_VECTOR ([MS-DRSR] 5.162 and 5.160), as it is stored.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from checks.facts.directory import Written

_HEADER = struct.Struct("<IIII")
_ENTRY = struct.Struct("<IIQ16sQQ")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)

USER_ACCOUNT_CONTROL = 0x00090008
ALLOWED_TO_DELEGATE_TO = 0x000906FB
ALLOWED_TO_ACT = 0x00090886
SERVICE_PRINCIPAL_NAME = 0x00090303
SID_HISTORY = 0x00090261
ENCRYPTION_TYPES = 0x000907AB
DELEGATION_ATTRIBUTES = (USER_ACCOUNT_CONTROL, ALLOWED_TO_DELEGATE_TO, ALLOWED_TO_ACT)
"""Their numbers ([MS-DRSR] 5.14, ATTRTYP): the default prefix table gives the same ones in every forest."""


class MalformedMetadata(ValueError):
    """The bytes are no replPropertyMetaData of version 1."""


class Change(NamedTuple):
    """How often an attribute was changed, and when for the last time, wherever that was (UTC); the number that the change has at this
    controller."""

    version: int
    time: datetime
    number: int


def changes(blob: bytes) -> dict[int, Change]:
    """Every attribute that was ever written, by its number. Raises MalformedMetadata."""
    if len(blob) < _HEADER.size:
        raise MalformedMetadata("shorter than its header")
    version, _, count, _ = _HEADER.unpack_from(blob)
    if version != 1 or _HEADER.size + count * _ENTRY.size > len(blob):
        raise MalformedMetadata("not the announced number of entries")
    found: dict[int, Change] = {}
    for index in range(count):
        attribute, times, seconds, *_, number = _ENTRY.unpack_from(blob, _HEADER.size + index * _ENTRY.size)
        try:
            found[attribute] = Change(times, _EPOCH + timedelta(seconds=seconds), number)
        except OverflowError:
            raise MalformedMetadata("a time outside of the calendar") from None
    return found


def delegation(found: Mapping[int, Change]) -> tuple[int, datetime | None]:
    """One version for all delegation attributes of an account, which only grows, and the time of their latest change."""
    relevant = [found[attribute] for attribute in DELEGATION_ATTRIBUTES if attribute in found]
    return sum(change.version for change in relevant), max((change.time for change in relevant), default=None)


def written(found: Mapping[int, Change], number: int, at: datetime) -> Written:
    """When each attribute was changed for the last time that delegation rests on. The last of all changes of the object has this number
    (uSNChanged) and was written here at this time (whenChanged), which may be long after it was made."""

    def last(attribute: int) -> datetime | None:
        change = found.get(attribute)
        if change is None:
            return None
        return max(change.time, at) if change.number == number else change.time

    return Written(
        user_account_control=last(USER_ACCOUNT_CONTROL),
        delegate_to=last(ALLOWED_TO_DELEGATE_TO),
        resource_based=last(ALLOWED_TO_ACT),
        service_principal_names=last(SERVICE_PRINCIPAL_NAME),
    )
