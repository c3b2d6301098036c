from __future__ import annotations

from datetime import UTC, datetime

import pytest

from checks.windows.times import NEVER, moment, number

# https://learn.microsoft.com/windows/win32/sysinfo/file-times: since 1601-01-01, and the number of the Unix epoch in that count.
UNIX_EPOCH = 116444736000000000


def test_a_number_is_a_time_in_steps_of_100_nanoseconds_since_1601() -> None:
    assert moment(0) == datetime(1601, 1, 1, tzinfo=UTC)
    assert moment(UNIX_EPOCH + 19) == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert number(datetime(1970, 1, 1, tzinfo=UTC)) == UNIX_EPOCH


@pytest.mark.parametrize("late", [NEVER, 3_000_000_000_000_000_000])
def test_what_no_calendar_reaches_is_no_time(late: int) -> None:
    assert moment(late) is None
