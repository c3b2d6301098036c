"""The servers on whose shares files of the plan's moves lie, or to which they go: whoever has to open them there is asked whether TCP 445
is open. They are named by paths, and nobody visits or signs in to them."""

from __future__ import annotations

from checks.storage import At, reaches
from checks.windows.names import HostName
from checks.world import World
from runner.collect.hosts.request import LONGEST_NAME, SMB_PORT, Partner

MOST = 100
"""So many a host is asked about: another one could name any number."""


def questions(world: World) -> dict[HostName, tuple[Partner, ...]]:
    """What each host of a plan is asked about servers other than its partner, as far as the plan and what was read name them."""
    found: dict[HostName, dict[HostName, None]] = {}
    for step, leg in zip(world.steps, world.legs, strict=True):
        for reach in reaches(leg):
            if reach.at is At.ELSEWHERE and reach.server is not None and 0 < len(reach.server.spelled) <= LONGEST_NAME:
                host = step.move.target if reach.by_target else step.move.source
                found.setdefault(host, {})[reach.server] = None
    return {
        host: tuple(Partner(server.spelled, (server.spelled,), (), (SMB_PORT,)) for server in list(its)[:MOST])
        for host, its in found.items()
    }
