"""What is known of an event by its number rests on a known error."""

from __future__ import annotations

import pytest

from checks.errors.events import MOVE_EVENTS, MoveEvent
from checks.errors.lookup import known


def test_each_event_stands_once() -> None:
    assert len({event.id for event in MOVE_EVENTS}) == len(MOVE_EVENTS)


@pytest.mark.parametrize("event", [event for event in MOVE_EVENTS if event.error], ids=lambda event: str(event.id))
def test_the_error_that_an_event_is_known_from_has_it_and_names_its_side(event: MoveEvent) -> None:
    error = known(event.error or "")
    assert error is not None
    (note,) = (each.note for each in error.events if each.id == event.id)
    assert event.written_by is None or f"on the {event.written_by}" in note
