"""Times as Active Directory keeps them: 100 nanoseconds since 1601 (UTC).

Source: [MS-ADA1] 2.1 (accountExpires), [MS-ADTS] 3.1.1.4.5.33 (msDS-UserPasswordExpiryTimeComputed).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NEVER = 0x7FFFFFFFFFFFFFFF
"""The greatest number of 64 bits. For accountExpires 0 means the same."""

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_PER_MICROSECOND = 10


def moment(number: int) -> datetime | None:
    """The time in UTC; nothing for one that no calendar reaches, as NEVER."""
    try:
        return _EPOCH + timedelta(microseconds=number // _PER_MICROSECOND)
    except OverflowError:
        return None


def number(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * _PER_MICROSECOND
