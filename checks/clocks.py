"""By how much the clocks of the machines differ, told by the clock of whoever collected. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from checks.facts.directory import ControllerClock
from checks.facts.snapshot import HostVisit

CUT = timedelta(seconds=1)
"""What telling a time to the second cuts off."""


class Ahead(Struct, frozen=True):
    """By how many seconds a clock is ahead of the collector's: at least `low`, at most `high`."""

    low: float
    high: float

    @property
    def agrees(self) -> bool:
        """May both show the same time."""
        return self.low <= 0 <= self.high

    @property
    def likely(self) -> timedelta:
        """What its times are ahead by, as far as that is known: nothing where both may show the same."""
        return timedelta() if self.agrees else timedelta(seconds=(self.low + self.high) / 2)


def of_host(utc: datetime, visit: HostVisit) -> Ahead:
    """A host told its time at some moment between start and end of its visit, both of which are cut to the second as it is."""
    return Ahead((utc - visit.end - CUT).total_seconds(), (utc - visit.start + CUT).total_seconds())


def of_controller(told: ControllerClock) -> Ahead:
    """A controller told its time, cut to the second, between being asked and having answered."""
    return Ahead((told.utc - told.answered).total_seconds(), (told.utc - told.asked + CUT).total_seconds())
