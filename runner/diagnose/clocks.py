"""Compares times as consoles print them: in the machine's own form and without a zone."""

from __future__ import annotations

import re
from datetime import datetime

TIME = re.compile(
    r"(?<![\d.])(?P<one>\d{1,4})(?P<sign>[./-])(?P<two>\d{1,2})(?P=sign)(?P<three>\d{1,4})[ ,T]{1,3}"
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[ \u202f]?(?P<half>[AaPp])\.?[Mm]\b)?"
)


def earlier(one: str, other: str) -> bool:
    """Is the first time before the second, however their days and months are meant: both in the same order."""
    readings = [(a, b) for a, b in zip(_readings(one), _readings(other), strict=True) if a and b]
    return bool(readings) and all(a < b for a, b in readings)


def _readings(text: str) -> tuple[datetime | None, datetime | None]:
    """A time with the month before the day, and after it. With full stops the day comes first, with the year in front it comes last."""
    match = TIME.search(text)
    if match is None:
        return None, None
    first, second, third = int(match["one"]), int(match["two"]), int(match["three"])
    if first > 31:
        dates = ((first, second, third),) * 2
    elif match["sign"] == ".":
        dates = ((third, second, first),) * 2
    else:
        dates = (third, first, second), (third, second, first)
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    month_first, day_first = (_time(*date, hour, int(match["minute"]), int(match["second"] or 0)) for date in dates)
    return month_first, day_first


def _time(year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
