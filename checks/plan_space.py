"""What the moves of a plan need on the volumes to which their files go: one walk over the plan, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from checks.disk_chains import Size
from checks.facts.hardware import Volume
from checks.plan_state import Placed, Step
from checks.windows.names import HostName, MachineName
from checks.windows.paths import on_drive, server_of


class Room(Struct, frozen=True, gc=False):
    """What the moves before one take of the volume to which its files go, and what they may free there. `sure` tells that no other one
    may bring more. Without a volume the path is on none that is known."""

    volume: Volume | None = None
    taken: int = 0
    freed: int = 0
    sure: bool = True


class Volumes:
    """The volumes of a host, found by paths: the one that is mounted nearest to a path holds it."""

    def __init__(self, volumes: Iterable[Volume]) -> None:
        mounted = ((on_drive(volume.path), volume) for volume in volumes)
        self._mounted = {path: (path, volume) for path, volume in mounted if path is not None}
        self._depths = sorted({path.count("\\") + 1 for path in self._mounted}, reverse=True)

    def find(self, path: str) -> tuple[str, Volume] | None:
        """Where the volume is mounted that holds a path (on_drive), and the volume."""
        parts = path.split("\\", self._depths[0]) if self._depths else []
        for depth in self._depths:
            found = self._mounted.get("\\".join(parts[:depth]))
            if found is not None:
                return found
        return None


class Hosts(NamedTuple):
    """What the walk asks: the volumes of a host, the folder into which it puts disks by default, the size of a VM, where its disks are
    mounted on the host that told of it and how much each takes there, the machine that a host is, and that of a path on a share."""

    volumes: Callable[[HostName], Volumes | None]
    disk_folder: Callable[[HostName], str | None]
    size: Callable[[Placed], Size | None]
    lies: Callable[[Placed], Iterable[tuple[str, int]]]
    machine: Callable[[HostName], HostName]
    server: Callable[[HostName], HostName]


class _Use(Struct):
    """What the moves so far take of a volume, and what they may free there. `doubted`: one may take more."""

    taken: int = 0
    freed: int = 0
    doubted: bool = False


def walk(steps: Sequence[Step], hosts: Hosts) -> tuple[Room, ...]:
    """The room for each move of a plan, whether or not those before it will succeed. Where not all is known of an earlier one, it may go
    wherever it can."""
    uses: dict[HostName, dict[str, _Use]] = {step.receiver[1]: {} for step in steps if step.move.moves_storage}
    doubted: set[HostName] = set()
    lies: dict[MachineName, Sequence[tuple[_Use, int]]] = {}
    rooms = []
    for step in steps:
        move, placed = step.move, step.placed
        if not move.moves_storage:
            rooms.append(Room())
            continue
        host, machine = step.receiver
        path = move.destination_path or (None if move.storage_only else hosts.disk_folder(host))
        place, volumes = (on_drive(path) if path is not None else None), hosts.volumes(host)
        found = volumes.find(place) if volumes is not None and place is not None else None
        use = uses[machine].setdefault(found[0], _Use()) if found else None
        sure = machine not in doubted
        rooms.append(Room(found[1], use.taken, use.freed, sure and not use.doubted) if found and use else Room(sure=sure))
        if step.found == ():
            continue
        server = server_of(path) if path is not None else None
        size = hosts.size(placed) if placed else None
        if server is not None:
            doubted.add(hosts.server(server))
        elif use is None:
            doubted.add(machine)
        elif size is None:
            use.doubted = True
        else:
            use.taken += size.file_bytes
        if placed:
            lay = lies.get(placed.id)
            if lay is None:
                there = uses.get(hosts.machine(placed.read_on))
                lay = [] if there is None else [(there.setdefault(mounted, _Use()), its) for mounted, its in hosts.lies(placed)]
            for left, its in lay:
                left.freed += its
            lies[placed.id] = ((use, size.file_bytes),) if use and size else ()
    return tuple(rooms)
