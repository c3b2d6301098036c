"""What the moves of a plan need on the volumes to which their files go: one walk over the plan, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeAlias

from checks.disk_chains import Size
from checks.facts.hardware import Volume
from checks.plan_state import Placed, Step
from checks.windows.names import HostName, MachineName
from checks.windows.paths import on_drive, server_of

Space: TypeAlias = tuple[HostName, str]
"""A machine, and where its volume is mounted."""


class Room(NamedTuple):
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
        self._mounted = {path: volume for path, volume in mounted if path is not None}
        self._depths = sorted({path.count("\\") + 1 for path in self._mounted}, reverse=True)

    def find(self, path: str) -> tuple[str, Volume] | None:
        """Where the volume is mounted that holds a path (on_drive), and the volume."""
        parts = path.split("\\", self._depths[0]) if self._depths else []
        for depth in self._depths:
            mounted = "\\".join(parts[:depth])
            if mounted in self._mounted:
                return mounted, self._mounted[mounted]
        return None


class Hosts(NamedTuple):
    """What the walk asks: the volumes of a host, the folder into which it puts disks by default, the size of a VM, where its files lie on
    the host that told of it, and the machine of the plan that a path on a share names."""

    volumes: Callable[[HostName], Volumes | None]
    disk_folder: Callable[[HostName], str | None]
    size: Callable[[Placed], Size | None]
    lies: Callable[[Placed], Mapping[Space, int]]
    server: Callable[[HostName], HostName]


def walk(steps: Iterable[Step], hosts: Hosts) -> tuple[Room, ...]:
    """The room for each move of a plan, whether or not those before it will succeed. Where not all is known of an earlier one, it may go
    wherever it can."""
    taken: dict[Space, int] = {}
    freed: dict[Space, int] = {}
    doubted: set[Space | HostName] = set()
    lies: dict[MachineName, Mapping[Space, int]] = {}
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
        space = (machine, found[0]) if found else None
        sure = doubted.isdisjoint((machine, space) if space else (machine,))
        rooms.append(Room(found[1], taken.get(space, 0), freed.get(space, 0), sure) if space and found else Room(sure=sure))
        if step.found == ():
            continue
        server = server_of(path) if path is not None else None
        size = hosts.size(placed) if placed else None
        if server is not None:
            doubted.add(hosts.server(server))
        elif space is None or size is None:
            doubted.add(space or machine)
        else:
            taken[space] = taken.get(space, 0) + size.file_bytes
        if placed:
            for left, its in (lies[placed.id] if placed.id in lies else hosts.lies(placed)).items():
                freed[left] = freed.get(left, 0) + its
            lies[placed.id] = {space: size.file_bytes} if space and size else {}
    return tuple(rooms)
