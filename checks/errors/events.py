"""What an event of Hyper-V tells of a move by its number alone: which side wrote it, and whether it says more than how the move ended."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

HYPER_V_EVENTS = range(12_000, 34_000)
"""What the providers of Hyper-V number their events with."""


class Side(StrEnum):
    """A host's part in a move."""

    SOURCE = "source"
    TARGET = "target"


class Ending(StrEnum):
    """How a move ended."""

    FAILED = "failed"
    SUCCEEDED = "succeeded"


class MoveEvent(Struct, frozen=True):
    """An event by its id. `error` is the code of the known error whose file has the event and its sources; none for what was only seen
    in logs. `written_by` is the side that writes it, where no other does; `ending` stands where the event says nothing else."""

    id: int
    error: str | None
    written_by: Side | None = None
    ending: Ending | None = None


MOVE_EVENTS = (
    MoveEvent(20306, "0x8009030E", written_by=Side.SOURCE),
    MoveEvent(20415, None, ending=Ending.SUCCEEDED),
    MoveEvent(20418, None, ending=Ending.SUCCEEDED),
    MoveEvent(21024, "21024", written_by=Side.SOURCE, ending=Ending.FAILED),
    MoveEvent(21125, "33012", written_by=Side.TARGET),
    MoveEvent(21502, "generic wrapper", ending=Ending.FAILED),
)

WRITTEN_BY_SOURCE = frozenset(event.id for event in MOVE_EVENTS if event.written_by is Side.SOURCE)
WRITTEN_BY_TARGET = frozenset(event.id for event in MOVE_EVENTS if event.written_by is Side.TARGET)
ONLY_FAILED = frozenset(event.id for event in MOVE_EVENTS if event.ending is Ending.FAILED)
ONLY_SUCCEEDED = frozenset(event.id for event in MOVE_EVENTS if event.ending is Ending.SUCCEEDED)
FAILED_AT_SOURCE = WRITTEN_BY_SOURCE & ONLY_FAILED
"""Events by which the source says that a move of its own failed: they tell the direction without a code beside them."""
