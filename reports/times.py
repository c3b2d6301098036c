"""Moments that people act on, in UTC and in their own time: that of the plan's window, or else of the machine that collected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Protocol

from checks.facts.snapshot import Collected
from checks.result import ChangeInfo
from reports.language import Language, iso

_A_DAY = 24 * 60


class Dated(Protocol):
    """A result, or the part of one that tells its own time."""

    @property
    def change(self) -> ChangeInfo: ...

    @property
    def collected(self) -> Collected: ...


def zone(result: Dated) -> tzinfo | None:
    """The zone of a result, or nothing where it is UTC or nobody told one."""
    if start := result.change.window_start:
        offset = start.utcoffset()
        return timezone(offset) if offset else None
    minutes = result.collected.offset_minutes
    return timezone(timedelta(minutes=minutes)) if minutes and abs(minutes) < _A_DAY else None


def local(moment: datetime, result: Dated) -> str:
    """`18:00+01:00`, with its day where that is another one; nothing where the zone is UTC or not known. The window's own times stay in the
    zone that the plan wrote them in, which may change in that night."""
    of_window = moment in (result.change.window_start, result.change.window_end) and moment.utcoffset()
    here = moment.tzinfo if of_window else zone(result)
    if here is None:
        return ""
    try:
        there, utc = moment.astimezone(here), moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return ""
    if there.date() != utc.date():
        return there.isoformat(timespec="minutes")
    return there.timetz().isoformat(timespec="minutes")


def both(moment: datetime, result: Dated) -> str:
    """`2026-12-05T17:00:00Z (18:00+01:00)`."""
    return f"{utc(moment)} ({own})" if (own := local(moment, result)) else utc(moment)


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def in_words(moment: datetime, result: Dated, language: Language) -> str:
    """`5 December 2026 at 18:00 (UTC+01:00)`, for who reads dates and no codes: in the zone of the result, or of the window's own time."""
    of_window = moment in (result.change.window_start, result.change.window_end) and moment.utcoffset()
    try:
        there = moment if of_window else moment.astimezone(zone(result) or UTC)
    except (OverflowError, ValueError):
        return both(moment, result)
    named = MONTHS[there.month - 1]
    return language.say(
        "{day} {month} {year} at {time} ({zone})",
        day=there.day,
        month=language.say(named),
        year=there.year,
        time=f"{there:%H:%M}",
        zone="UTC" if not there.utcoffset() else f"UTC{there.isoformat(timespec='minutes')[16:]}",
    )


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC; what UTC has no year for stays in its own zone."""
    try:
        return iso(moment.astimezone(UTC))
    except OverflowError:
        return iso(moment)
