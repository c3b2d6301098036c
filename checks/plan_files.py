"""Which files the moves of a plan put where they go, and what earlier moves did there: one walk over the plan, in its order.

A move to a folder puts the configuration into its folder `Virtual Machines` and every virtual disk, under its own name, into `Virtual Hard
Disks`. Where the plan names no folder, they go into the host's default ones, or to where they lie on the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from checks.plan_space import Volumes
from checks.plan_state import Placed, Step
from checks.windows.names import HostName, MachineName
from checks.windows.paths import LONGEST, absolute, plain, server_of, split

CONFIGURATION = (".vmcx", ".vmrs", ".xml")
"""The files that are named by the id of a VM: those of its configuration, the newer ones and the older one."""
_MACHINES, _DISKS = "Virtual Machines", "Virtual Hard Disks"
FIXED_DRIVE = 3
"""DriveType of Win32_Volume."""
NOTHING_THERE = frozenset(code - (1 << 32) for code in (0x80070002, 0x80070003))
"""What a host says of a place where nothing is: ERROR_FILE_NOT_FOUND and ERROR_PATH_NOT_FOUND. With any other error it is not known."""


class Part(StrEnum):
    DISK = "virtual disk"
    CONFIGURATION = "configuration"
    STATE = "folder of saved states"


class _Root(NamedTuple):
    """A folder on a drive: as it is written, its place (on_drive), and whether every part of it is a plain name."""

    path: str
    key: str
    plain: bool


_Files: TypeAlias = tuple[str, _Root | None, tuple[tuple[str, Part], ...]]
"""A folder, what it is on a drive, and the names in it."""


class Arrival(NamedTuple):
    """A file, or a folder, that a move puts on a host. `key` is its place (on_drive); `sure` tells that the plan names the folder, and
    `findable` that this is on a fixed drive that is known, and each part of it a plain name."""

    path: str
    key: str
    part: Part
    sure: bool
    findable: bool

    @property
    def asked(self) -> bool:
        """Is the host to be asked what lies there."""
        return self.findable and len(self.path) <= LONGEST and plain(split(self.path)[1])


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
    volumes, sure, seen = hosts.volumes(host), path is not None, set[str]()
    found: list[Arrival] = []
    for folder, root, names in _possible(step, placed, hosts) if path is None else _named(placed, path, hosts):
        if root is None:
            if server_of(folder) is None:
                found += [Arrival(f"{folder}\\{name}", f"{folder}\\{name}".lower(), part, sure, False) for name, part in names]
            continue
        held = volumes.find(root.key) if volumes else None
        fixed = held is not None and held[1].drive == FIXED_DRIVE
        if not (fixed or sure or volumes is None):
            continue
        findable = fixed and root.plain
        for name, part in names:
            key = f"{root.key}\\{name.lower()}"
            if sure or key not in seen:
                seen.add(key)
                found.append(Arrival(f"{root.path}\\{name}", key, part, sure, findable))
    return tuple(found)


@lru_cache(maxsize=1024)
def _root(folder: str) -> _Root | None:
    path = absolute(f"{folder}\\")
    return None if path is None else _Root(path, path.lower(), all(map(plain, path.split("\\")[1:])))


def _below(folder: str, name: str, root: _Root | None) -> tuple[str, _Root | None]:
    """A folder with a plain name in another one."""
    return f"{folder}\\{name}", root and _Root(f"{root.path}\\{name}", f"{root.key}\\{name.lower()}", root.plain)


def _named(placed: Placed, folder: str, hosts: Hosts) -> Iterator[_Files]:
    """The files of a VM as they lie in a folder that is named for all of them."""
    root = _root(folder)
    yield *_below(folder, _MACHINES, root), _configuration(placed)
    yield *_below(folder, _DISKS, root), tuple([(split(path)[1], Part.DISK) for path in hosts.disks(placed)])


def _possible(step: Step, placed: Placed, hosts: Hosts) -> Iterator[_Files]:
    """The files of a VM in all places to which a move may bring them that names no folder."""
    if step.move.storage_only:
        return
    machines, folder = hosts.folders(step.receiver[0])
    yield from _read(placed, hosts)
    if machines is not None:
        yield *_below(machines, _MACHINES, _root(machines)), _configuration(placed)
    if folder is not None:
        yield folder, _root(folder), tuple([(split(path)[1], Part.DISK) for path in hosts.disks(placed)])


def _read(placed: Placed, hosts: Hosts) -> Iterator[_Files]:
    """The files of a VM where they lay when its host told of it."""
    folder = placed.vm.configuration_path
    yield *_below(folder, _MACHINES, _root(folder)), _configuration(placed)
    for path in hosts.disks(placed):
        folder, name = split(path)
        yield folder, _root(folder), ((name, Part.DISK),)


def _configuration(placed: Placed) -> tuple[tuple[str, Part], ...]:
    name = split(placed.vm.id)[1]
    return (*[(name + end, Part.CONFIGURATION) for end in CONFIGURATION], (name, Part.STATE))


def walk(steps: Sequence[Step], hosts: Hosts) -> tuple[Before, ...]:
    """What was done before each move of a plan, whether or not those before it will succeed."""
    receiving = {step.receiver[1] for step in steps if step.move.moves_storage}
    state: dict[HostName, dict[str, Step | None]] = {machine: {} for machine in receiving}
    lies: dict[MachineName, tuple[HostName, list[str]]] = {}
    found = []
    for step in steps:
        placed = step.placed
        if placed is None or not step.move.moves_storage:
            found.append(NOTHING_BEFORE)
            continue
        machine = step.receiver[1]
        there, read, lay = state[machine], placed.id not in lies, list[str]()
        if read:
            lay_on = hosts.machine(placed.read_on)
            lay = _own(placed, hosts) if lay_on in state else lay
        else:
            lay_on, lay = lies[placed.id]
        own = lay if lay_on == machine else ()
        comes = [each.key for each in arrivals(step, hosts) if each.sure]
        brought, gone = dict[str, Step](), set[str]()
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


def _own(placed: Placed, hosts: Hosts) -> list[str]:
    """Where the files of a VM lie on the host that told of it (on_drive)."""
    return [f"{root.key}\\{name.lower()}" for _, root, names in _read(placed, hosts) if root for name, _ in names]
