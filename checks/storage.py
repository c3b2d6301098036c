"""Where the files of a move lie and go to, as seen from the two machines between which it is, and who opens them over the network."""

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


class Reach(NamedTuple):
    """A host that opens files on another server: the target of the move, or its source. `at` and `server` are as in Place."""

    by_target: bool
    at: At
    server: HostName | None = None


_SOURCE, _TARGET = (False,), (True,)

_FILES: dict[Kind, dict[At, tuple[bool, ...]]] = {
    Kind.WITH_STORAGE: {},
    Kind.VM_ALONE: {At.SOURCE: _TARGET, At.ELSEWHERE: _TARGET},
    Kind.STORAGE_ALONE: {},
}
"""Who opens files where they lie, other than the source: what it runs from there is open already."""
_DESTINATION: dict[Kind, dict[At, tuple[bool, ...]]] = {
    Kind.WITH_STORAGE: {At.SOURCE: _TARGET, At.ELSEWHERE: _SOURCE + _TARGET},
    Kind.VM_ALONE: {},
    Kind.STORAGE_ALONE: {At.TARGET: _SOURCE, At.ELSEWHERE: _SOURCE},
}
"""Who opens them where they go."""


def reaches(leg: Leg) -> tuple[Reach, ...]:
    """Every host that opens files of a move on another server, as far as it is known where they lie. Storage that moves along with its VM
    goes to the target itself first of all."""
    found = [Reach(by_target=False, at=At.TARGET)] if leg.kind is Kind.WITH_STORAGE else []
    places = [(_FILES, place) for place in leg.files] + ([(_DESTINATION, leg.destination)] if leg.destination else [])
    for rules, place in places:
        found += [Reach(by_target, *place) for by_target in rules[leg.kind].get(place.at, ())]
    return tuple(dict.fromkeys(each if each.at is At.ELSEWHERE else each._replace(server=None) for each in found))
