"""Which files the moves of a plan put where they go, and what earlier moves did there: one walk over the plan, in its order.

A move to a folder puts the configuration into its folder `Virtual Machines` and every virtual disk, under its own name, into `Virtual Hard
Disks`. Where the plan names no folder, they go into the host's default ones, or to where they lie on the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache, partial
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from checks.plan_space import Volumes
from checks.plan_state import Placed, Step
from checks.windows.names import HostName, MachineName
from checks.windows.paths import LONGEST, absolute, plain, server_of, split

_MACHINES, _DISKS = "Virtual Machines", "Virtual Hard Disks"
FIXED_DRIVE = 3
"""DriveType of Win32_Volume."""
NOTHING_THERE = frozenset(code - (1 << 32) for code in (0x80070002, 0x80070003))
"""What a host says of a place where nothing is: ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND. With any other error it is not known."""


class Part(StrEnum):
    DISK = "virtual disk"
    CONFIGURATION = "configuration"
    STATE = "folder of saved states"


_OF_ID = ((".vmcx", Part.CONFIGURATION), (".vmrs", Part.CONFIGURATION), (".xml", Part.CONFIGURATION), ("", Part.STATE))
"""What is named by the id of a VM: the files of its configuration, the newer ones and the older one, and the folder of its states."""


class _Folder(Struct, frozen=True, gc=False):
    """A folder that is not on a share: as it is written, its place (on_drive), and whether it is on a drive at all."""

    path: str
    key: str
    on_drive: bool

    def below(self, name: str) -> _Folder:
        return _Folder(f"{self.path}\\{name}", f"{self.key}\\{name.lower()}", self.on_drive)


_Files: TypeAlias = tuple[_Folder, Callable[[], Sequence[tuple[str, Part]]]]
"""A folder, and what tells the names in it."""


class Arrival(Struct, frozen=True, gc=False):
    """A file, or a folder, that a move puts on a host. `key` is its place (on_drive); `sure` tells that the plan names the folder, and
    `fixed` that this is on a fixed drive that is known."""

    path: str
    key: str
    part: Part
    sure: bool
    fixed: bool

    @property
    def asked(self) -> bool:
        """Is the host to be asked what lies there: not where a part of the path is no plain name."""
        return self.fixed and len(self.path) <= LONGEST and all(map(plain, self.path.split("\\")[1:]))


class Lying:
    """What a host says of places, in whatever letters it was asked for them."""

    __slots__ = ("_beside_nothing", "_in_any_letters", "_told")

    def __init__(self, told: Mapping[str, int]) -> None:
        self._told = told
        self._beside_nothing = {path.lower(): code for path, code in told.items() if code not in NOTHING_THERE}
        self._in_any_letters: dict[str, int] | None = None

    def about(self, places: Iterable[Arrival]) -> dict[str, int]:
        """What it says of places, by their keys, and nothing of those for which it was not asked. Of several answers about one that nothing
        lies there counts last."""
        found: dict[str, int] = {}
        for place in places:
            code = self._beside_nothing.get(place.key)
            if code is None:
                code = self._told.get(place.path)
            if code is None:
                code = self._whatever_letters().get(place.key)
            if code is not None:
                found[place.key] = code
        return found

    def nothing_at(self, places: Sequence[str]) -> bool:
        """Are these different places, for each of which it was asked in these letters, and says that nothing lies there."""
        keys = set(map(str.lower, places))
        return len(keys) == len(places) and keys.isdisjoint(self._beside_nothing) and self._told.keys() >= set(places)

    def _whatever_letters(self) -> dict[str, int]:
        if self._in_any_letters is None:
            self._in_any_letters = {path.lower(): code for path, code in self._told.items()}
        return self._in_any_letters


class Before(NamedTuple):
    """What earlier moves of the plan did where the files of one go: which files they bring there, each with the move, and which they take
    away. Those that belong to the VM itself and stay are taken for gone."""

    brought: Mapping[str, Step]
    gone: frozenset[str]


NOTHING_BEFORE = Before(MappingProxyType({}), frozenset())


class Hosts(NamedTuple):
    """What is asked of hosts: their volumes, their default folders for machines and for disks, the files of which the disks of a VM are
    known to consist, and whether another VM uses one of them (on_drive) too; and the machine that a host is."""

    volumes: Callable[[HostName], Volumes | None]
    folders: Callable[[HostName], tuple[str | None, str | None]]
    disks: Callable[[Placed], tuple[str, ...]]
    shared: Callable[[Placed, str], bool]
    machine: Callable[[HostName], HostName]


def arrivals(step: Step, hosts: Hosts) -> tuple[Arrival, ...]:
    """What a move puts on the host to which its files go; nothing of what goes to a share. Where the plan names no folder, these are all
    places to which it may go."""
    move, placed = step.move, step.placed
    if placed is None or not move.moves_storage:
        return ()
    host, path = step.receiver[0], move.destination_path
    volumes, sure = hosts.volumes(host), path is not None
    found: list[Arrival] = []
    for folder, names in _possible(step, placed, hosts) if path is None else _named(placed, path, hosts):
        held = volumes.find(folder.key) if volumes else None
        fixed = held is not None and held[1].drive == FIXED_DRIVE
        if folder.on_drive and not (fixed or sure or volumes is None):
            continue
        for name, part in names():
            place = f"{folder.path}\\{name}"
            found.append(Arrival(place, place.lower(), part, sure, fixed))
    return tuple(found) if sure else _once(found)


def named_places(step: Step, hosts: Hosts) -> list[str] | None:
    """The paths of the arrivals of a move that names their folder, or nothing for any other."""
    placed, path = step.placed, step.move.destination_path
    if placed is None or path is None or not step.move.moves_storage:
        return None
    return [f"{folder.path}\\{name}" for folder, names in _named(placed, path, hosts) for name, _ in names()]


def _once(arrivals: Iterable[Arrival]) -> tuple[Arrival, ...]:
    """Each place once, as it is told first."""
    first: dict[str, Arrival] = {}
    for each in arrivals:
        first.setdefault(each.key, each)
    return tuple(first.values())


@lru_cache(maxsize=1024)
def _folder(written: str) -> _Folder | None:
    """A folder, or nothing for one on a share. `D:` is the root of a drive here."""
    whole = f"{written}\\"
    path = absolute(written) or absolute(whole)
    if path is not None:
        return _Folder(path, path.lower(), True)
    return _Folder(written, written.lower(), False) if server_of(whole) is None else None


def _named(placed: Placed, folder: str, hosts: Hosts) -> tuple[_Files, ...]:
    """The files of a VM as they lie in a folder that is named for all of them."""
    return tuple(zip(_below(folder), (partial(_configuration, placed), partial(_disks, placed, hosts)), strict=False))


def _below(folder: str) -> tuple[_Folder, ...]:
    """The folders for machines and for disks in one that is named; none on a share."""
    root = _folder(folder)
    return () if root is None else (root.below(_MACHINES), root.below(_DISKS))


def _possible(step: Step, placed: Placed, hosts: Hosts) -> Iterator[_Files]:
    """The files of a VM in all places to which a move may bring them that names no folder."""
    if step.move.storage_only:
        return
    machines, disks = hosts.folders(step.receiver[0])
    yield from _read(placed, hosts)
    if machines is not None and (root := _folder(machines)):
        yield root.below(_MACHINES), partial(_configuration, placed)
    if disks is not None and (root := _folder(disks)):
        yield root, partial(_disks, placed, hosts)


def _read(placed: Placed, hosts: Hosts) -> Iterator[_Files]:
    """The files of a VM where they lay when its host told of it."""
    if root := _folder(placed.vm.configuration_path):
        yield root.below(_MACHINES), partial(_configuration, placed)
    for path in hosts.disks(placed):
        folder, name = split(path)
        if root := _folder(folder):
            yield root, partial(tuple, ((name, Part.DISK),))


def _configuration(placed: Placed) -> list[tuple[str, Part]]:
    name = split(placed.vm.id)[1]
    return [(name + end, part) for end, part in _OF_ID]


def _disks(placed: Placed, hosts: Hosts) -> list[tuple[str, Part]]:
    return [(split(path)[1], Part.DISK) for path in hosts.disks(placed)]


def walk(steps: Sequence[Step], hosts: Hosts) -> tuple[Before, ...]:
    """What was done before each move of a plan, whether or not those before it will succeed."""
    meeting = _meeting(steps, hosts)
    if not any(meeting.values()):
        return (NOTHING_BEFORE,) * len(steps)
    state: dict[HostName, dict[str, Step | None]] = {machine: {} for machine in meeting}
    lies: dict[MachineName, tuple[HostName, Sequence[str]]] = {}
    found = []
    for step in steps:
        placed = step.placed
        if placed is None or not step.move.moves_storage:
            found.append(NOTHING_BEFORE)
            continue
        machine = step.receiver[1]
        there, read = state[machine], placed.id not in lies
        lay: Sequence[str] = ()
        if read:
            lay_on = hosts.machine(placed.read_on)
            lay = _keys(_own(placed, hosts), meeting[lay_on]) if lay_on in state else lay
        else:
            lay_on, lay = lies[placed.id]
        own = frozenset(lay) if lay_on == machine else frozenset[str]()
        path = step.move.destination_path
        comes = () if path is None else _keys(_named(placed, path, hosts), meeting[machine])
        brought: dict[str, Step] = {}
        gone: set[str] = set()
        for key in comes:
            by = None if key in own else there.get(key)
            if by is not None:
                brought[key] = by
            elif key in own or key in there:
                gone.add(key)
        found.append(Before(brought, frozenset(gone)) if brought or gone else NOTHING_BEFORE)
        if lay:
            state[lay_on].update((key, None) for key in lay if not (read and hosts.shared(placed, key)))
        there.update(dict.fromkeys(comes, step))
        lies[placed.id] = machine, comes
    return tuple(found)


def _meeting(steps: Iterable[Step], hosts: Hosts) -> dict[HostName, set[str]]:
    """Of every machine to which files go the folders in which those of one move may meet others, or those of its own VM: what lies or goes
    elsewhere needs no look at its name."""
    moved = [(step.receiver[1], step.placed, step.move.destination_path) for step in steps if step.move.moves_storage]
    folders: dict[HostName, list[str]] = {machine: [] for machine, _, _ in moved}
    for machine, placed, path in moved:
        if placed is None:
            continue
        if path is not None:
            folders[machine] += [folder.key for folder in _below(path)]
        lay_on = hosts.machine(placed.read_on)
        if lay_on in folders:
            folders[lay_on] += {folder.key for folder, _ in _own(placed, hosts)}
    return {machine: {folder for folder, count in Counter(those).items() if count > 1} for machine, those in folders.items()}


def _own(placed: Placed, hosts: Hosts) -> Iterable[_Files]:
    """The files of a VM where they lie on the host that told of it."""
    return (files for files in _read(placed, hosts) if files[0].on_drive)


def _keys(files: Iterable[_Files], folders: Container[str]) -> tuple[str, ...]:
    """The places of those files that are in these folders."""
    return tuple([f"{folder.key}\\{name.lower()}" for folder, names in files if folder.key in folders for name, _ in names()])
