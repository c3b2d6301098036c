"""The waves of a plan over its window: what is not known is never drawn as nothing, and the picture stays small."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from msgspec.structs import replace

from checks.result import Result
from checks.waves import Wave
from reports.language import Language
from reports.timeline import MOST_BARS, Timeline, timeline
from tests.reports import sample

ENGLISH = Language()
START = sample.START
KNOWN, UNKNOWN = Wave((0,), (600,), 600, 300), Wave((0,), (None,), None, 0, 1)


def drawn(waves: Sequence[Wave], window: int = 0, valid: int = 0) -> Timeline:
    """Waves in a window of so many minutes, none for 0, by facts that are valid until so many minutes after its beginning."""
    result: Result = replace(sample.go(), waves=tuple(waves), valid_until=START + timedelta(minutes=valid))
    times = (START, START + timedelta(minutes=window)) if window else (None, None)
    found = timeline(replace(result, change=replace(result.change, window_start=times[0], window_end=times[1])), ENGLISH)
    assert found
    return found


def test_waves_follow_one_another_and_one_that_ends_after_the_window_says_so() -> None:
    first, second = drawn((KNOWN, KNOWN), window=15).bars
    assert (first.x, first.late, second.late) == (0, False, True)
    assert second.x == first.width == 2 * first.least > 0
    assert second.said.startswith("Wave 2 ends after the window, ")


def test_what_is_not_known_is_drawn_and_said_as_unknown_and_what_follows_begins_then_or_later() -> None:
    for window in (0, 15):
        found = drawn((UNKNOWN, KNOWN), window=window)
        unknown, after = found.bars
        assert (unknown.unknown, unknown.earliest, after.unknown, after.earliest) == (True, False, False, True)
        assert "not known" in unknown.said
        assert (found.unknown, found.earliest) == (True, True)


def test_the_window_and_the_end_of_the_validity_are_lines_where_they_lie_in_the_picture_and_words_where_not() -> None:
    def lines(**minutes: int) -> list[tuple[str, bool]]:
        return [(line.said.partition(" 20")[0] + line.said[-20:], line.x is not None) for line in drawn((KNOWN,), **minutes).lines]

    assert [there for _, there in lines(window=60, valid=30)] == [True, True, True]
    assert [there for _, there in lines(window=60, valid=80)] == [True, True, True]
    assert lines(window=60, valid=600)[-1][1] is False
    assert "before the window begins" in drawn((KNOWN,), window=60, valid=-5).lines[-1].said
    assert [line.x for line in drawn((KNOWN,)).lines] == [None, None]
    assert "names no window" in drawn((KNOWN,)).lines[0].said


def test_however_many_waves_there_are_the_bars_are_few_and_hold_all_of_them() -> None:
    found = drawn((KNOWN,) * 5001, window=60)
    assert len(found.bars) <= MOST_BARS
    assert found.bars[-1].said.startswith("Wave 4808–5001 ends after the window, 194 moves")
    assert all(bar.x + bar.width <= 86.1 for bar in found.bars)
    assert timeline(sample.empty(), ENGLISH) is None
