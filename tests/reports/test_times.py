"""Moments that people act on stand in UTC and in the time of those who act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from msgspec.structs import replace

from checks.result import Result
from reports.forms.ticket import ticket
from reports.html import render
from reports.language import Language
from reports.times import both, in_words
from runner.commands.report import FORMS, Source
from tests.reports import sample

ENGLISH = Language()
AT = datetime(2026, 12, 5, 17, 0, tzinfo=UTC)


def result(*, window: int | None = None, machine: int | None = None) -> Result:
    """A result whose window is told in a zone so many hours ahead, if any, collected on a machine so many minutes ahead."""
    plain = sample.go()
    zone = None if window is None else timezone(timedelta(hours=window))
    begin, end = (None, None) if zone is None else (AT.astimezone(zone), (AT + timedelta(hours=6)).astimezone(zone))
    return replace(
        plain,
        change=replace(plain.change, window_start=begin, window_end=end),
        collected=replace(plain.collected, offset_minutes=machine),
    )


def test_the_zone_is_that_of_the_window_else_of_the_machine_that_collected_and_a_day_is_told_where_it_is_another() -> None:
    for made, wanted in (
        (result(window=1, machine=-300), "2026-12-05T17:00:00Z (18:00+01:00)"),
        (result(window=8), "2026-12-05T17:00:00Z (2026-12-06T01:00+08:00)"),
        (result(machine=-330), "2026-12-05T17:00:00Z (11:30-05:30)"),
        (result(window=0, machine=60), "2026-12-05T17:00:00Z"),
        (result(machine=10**9), "2026-12-05T17:00:00Z"),
        (result(), "2026-12-05T17:00:00Z"),
    ):
        assert both(AT, made) == wanted
    last = datetime.max.replace(tzinfo=UTC)
    assert both(last, result(window=1)) == "9999-12-31T23:59:59Z"


def test_a_window_over_the_night_in_which_the_clock_changes_keeps_both_of_its_zones() -> None:
    made = result(window=2)
    end = datetime(2026, 12, 6, 2, 0, tzinfo=timezone(timedelta(hours=1)))
    changed = replace(made, change=replace(made.change, window_end=end))
    assert both(end, changed) == "2026-12-06T01:00:00Z (02:00+01:00)"
    assert both(AT, changed).endswith("(19:00+02:00)")


def test_who_reads_no_codes_is_told_the_day_in_words_of_the_language() -> None:
    made = result(window=8)
    assert in_words(AT, made, ENGLISH) == "6 December 2026 at 01:00 (UTC+08:00)"
    assert in_words(AT, result(), Language("de")) == "5. Dezember 2026 um 17:00 Uhr (UTC)"
    assert in_words(datetime.max.replace(tzinfo=UTC), made, ENGLISH) == "9999-12-31T23:59:59Z"


def test_every_form_for_people_tells_both() -> None:
    made = result(window=1)
    until = both(made.valid_until, made)
    assert until.endswith("+01:00)")
    for shown in (str(FORMS["text"](made, ENGLISH, AT, Source())), ticket(made, ENGLISH, AT).replace("\\", ""), render(made)):
        assert until in shown
        assert both(made.change.window_end or AT, made) in shown or shown.startswith("hvpreflight")
