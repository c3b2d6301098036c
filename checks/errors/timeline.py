"""What happened around a failed operation, on all machines that took part, in one order."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from checks.clocks import Ahead
from checks.errors.tables import WindowsEvent
from checks.text import Text


class Part(StrEnum):
    """What a machine is to an operation."""

    SOURCE = "source"
    TARGET = "target"
    CONTROLLER = "domain controller"
    OTHER = "another machine"


class Machine(Struct, frozen=True):
    """A machine by its name; `ahead` is how its clock differs from the collector's, nothing where that is not known."""

    name: str
    part: Part
    ahead: Ahead | None = None


class Moment(Struct, frozen=True):
    """What one machine wrote at one time, or what a directory or a host tells of that time.

    `at` is UTC by the collector's clock, as far as the machine's is known, `written` as the machine says it. `number`, `provider` and
    `channel` are those of an event; `known` is what is known of the event, `says` what a directory or a host tells, `message` the beginning
    of what the entry itself holds. `own` tells that it belongs to the failure.
    """

    machine: Machine
    at: datetime
    written: datetime
    says: Text | None = None
    known: WindowsEvent | None = None
    number: int | None = None
    provider: str = ""
    channel: str = ""
    codes: tuple[str, ...] = ()
    message: str = ""
    own: bool = False


class Timeline(Struct, frozen=True):
    """All moments in order. `machines` are those that wrote them, and source and target in any case; `left_out` counts moments that were
    too many."""

    machines: tuple[Machine, ...]
    moments: tuple[Moment, ...]
    left_out: int = 0
