"""Where the files of a move lie and go to, as seen from the two machines between which it is."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from checks.plan import Kind
from checks.windows.names import HostName


class At(StrEnum):
    """On disks of the host itself, or on a share of the source, of the target, or of another server."""

    LOCAL = "local"
    SOURCE = "share of the source"
    TARGET = "share of the target"
    ELSEWHERE = "share of another server"


class Place(NamedTuple):
    """A place, and the server where it is a share: the machine of the plan, or what the path calls it."""

    at: At
    server: HostName | None = None


LOCAL = Place(At.LOCAL)


class Leg(NamedTuple):
    """What one move does with files. `files` are the places where they lie, `whole` tells that they are all known. `destination` is none
    where no storage moves, or where the plan does not say it."""

    kind: Kind
    files: tuple[Place, ...]
    whole: bool
    destination: Place | None

    @property
    def stays(self) -> bool:
        """Does storage go alone to disks or a share of the source, which then reaches no other host for it."""
        return self.kind is Kind.STORAGE_ALONE and self.destination is not None and self.destination.at in (At.LOCAL, At.SOURCE)

    @property
    def third_servers(self) -> tuple[HostName, ...]:
        """The servers besides the two hosts at which the operator has files opened: where they go, or where they stay."""
        places = self.files if self.kind is Kind.VM_ALONE else (self.destination,)
        return tuple(place.server for place in places if place and place.server and place.at is At.ELSEWHERE)
