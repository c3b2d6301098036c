"""What each host is asked once the VMs are known: what lies where the moves of the plan put files on its drives."""

from __future__ import annotations

from collections.abc import Iterator

from checks.windows.names import HostName
from checks.world import World

MOST, CHUNK = 10_000, 1_000
"""So many places a host is asked for, and so many in one visit: any number of VMs could name any number of disks."""


def questions(world: World) -> Iterator[dict[HostName, tuple[str, ...]]]:
    """The places that each host is asked for, each once, in one round of visits after the other."""
    wanted: dict[HostName, dict[str, str]] = {}
    for step in world.steps:
        places = wanted.setdefault(step.receiver[0], {})
        if len(places) < MOST:
            places |= {each.key: each.path for each in world.arrivals(step) if each.asked}
    paths = {host: tuple(places.values())[:MOST] for host, places in wanted.items()}
    for start in range(0, MOST, CHUNK):
        if round := {host: its[start : start + CHUNK] for host, its in paths.items() if its[start:]}:
            yield round
