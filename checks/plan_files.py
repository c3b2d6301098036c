"""Which files the moves of a plan put where they go, and what earlier moves did there: one walk over the plan, in its order.

A move to a folder puts the configuration into its folder `Virtual Machines` and every virtual disk, under its own name, into `Virtual Hard
Disks`. Where the plan names no folder, they go into the host's default ones, or to where they lie on the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from checks.plan_space import Volumes
from checks.plan_state import Placed, Step
from checks.windows.names import HostName, MachineName
from checks.windows.paths import absolute, name_of, on_drive, ordinary, server_of

CONFIGURATION = (".vmcx", ".vmrs", ".xml")
"""The files that are named by the id of a VM: those of its configuration, the newer ones and the older one."""
_MACHINES, _DISKS = "Virtual Machines", "Virtual Hard Disks"
FIXED_DRIVE = 3
"""DriveType of Win32_Volume."""

Spot: TypeAlias = tuple[HostName, str]
"""A machine, and the place of a file on it (on_drive)."""


class Part(StrEnum):
    DISK = "virtual disk"
    CONFIGURATION = "configuration"
    STATE = "folder of saved states"


class Arrival(NamedTuple):
    """A file, or a folder, that a move puts on a host. `key` is its place (on_drive); `sure` tells that the plan names the folder. Where it
    is not to be `asked` for, it is on no fixed drive that is known, or a name does not say what it is."""

    path: str
    key: str
    part: Part
    sure: bool
    asked: bool


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


def arrivals(step: Step, hosts: Hosts) -> Iterator[Arrival]:
    """What a move puts on the host to which its files go; nothing of what goes to a share. Where the plan names no folder, these are all
    places to which it may go."""
    move, placed = step.move, step.placed
    if placed is None or not move.moves_storage:
        return
    host = step.receiver[0]
    volumes, sure = hosts.volumes(host), move.destination_path is not None
    for path, part in _named(placed, move.destination_path, hosts.disks(placed)) if sure else _possible(step, placed, hosts):
        whole = absolute(path)
        if whole is None:
            if server_of(path) is None:
                yield Arrival(path, path.lower(), part, sure, False)
            continue
        key = whole.lower()
        held = volumes.find(key) if volumes else None
        fixed = held is not None and held[1].drive == FIXED_DRIVE
        if fixed or sure or volumes is None:
            yield Arrival(whole, key, part, sure, fixed and name_of(path) == name_of(whole) and ordinary(whole))


def _named(placed: Placed, folder: str | None, disks: Iterable[str]) -> Iterator[tuple[str, Part]]:
    """The files of a VM as they lie in a folder that is named for all of them."""
    if folder is not None:
        yield from _configuration(placed, folder)
        yield from ((f"{folder}\\{_DISKS}\\{name_of(path)}", Part.DISK) for path in disks)


def _possible(step: Step, placed: Placed, hosts: Hosts) -> Iterator[tuple[str, Part]]:
    """The files of a VM in all places to which a move may bring them that names no folder."""
    if step.move.storage_only:
        return
    machines, folder = hosts.folders(step.receiver[0])
    disks = hosts.disks(placed)
    found = dict.fromkeys((*_configuration(placed, placed.vm.configuration_path), *((path, Part.DISK) for path in disks)))
    if machines is not None:
        found |= dict.fromkeys(_configuration(placed, machines))
    if folder is not None:
        found |= dict.fromkeys((f"{folder}\\{name_of(path)}", Part.DISK) for path in disks)
    yield from found


def _configuration(placed: Placed, folder: str) -> Iterator[tuple[str, Part]]:
    start = f"{folder}\\{_MACHINES}\\{name_of(placed.vm.id)}"
    yield from ((start + end, Part.CONFIGURATION) for end in CONFIGURATION)
    yield start, Part.STATE


def walk(steps: Iterable[Step], hosts: Hosts) -> tuple[Before, ...]:
    """What was done before each move of a plan, whether or not those before it will succeed."""
    state: dict[Spot, Step | None] = {}
    lies: dict[MachineName, tuple[Spot, ...]] = {}
    found = []
    for step in steps:
        placed = step.placed
        if placed is None or not step.move.moves_storage:
            found.append(NOTHING_BEFORE)
            continue
        machine = step.receiver[1]
        read = placed.id not in lies
        own = tuple(_own(placed, hosts)) if read else lies[placed.id]
        comes = [(machine, each.key) for each in arrivals(step, hosts) if each.sure]
        mine = set(own)
        brought = {spot[1]: by for spot in comes if (by := state.get(spot)) is not None and spot not in mine}
        gone = frozenset(spot[1] for spot in comes if spot in mine or (spot in state and state[spot] is None))
        found.append(Before(brought, gone) if brought or gone else NOTHING_BEFORE)
        state |= {spot: None for spot in own if not (read and hosts.shared(placed, spot[1]))}
        state |= dict.fromkeys(comes, step)
        lies[placed.id] = tuple(comes)
    return tuple(found)


def _own(placed: Placed, hosts: Hosts) -> Iterator[Spot]:
    """Where the files of a VM lie on the host that told of it."""
    machine = hosts.machine(placed.read_on)
    disks = ((path, Part.DISK) for path in hosts.disks(placed))
    for path, _ in (*_configuration(placed, placed.vm.configuration_path), *disks):
        if (key := on_drive(path)) is not None:
            yield machine, key
