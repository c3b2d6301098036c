"""The ways back of a plan: the moves of its VMs to where they came from, as they stand after the plan.

What holds of hosts, accounts and pairs is known today for the other direction too. Of the VMs themselves it is not: they are not on the
targets yet, and may be started anew there.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Check, Evidence, Scope
from checks.facts.fact import Missing
from checks.plan import EVERY_VM, Move
from checks.plan_state import Placed, Step, files_after
from checks.remedy import OPERATOR, Who
from checks.storage import Leg
from checks.text import NOTHING, Text
from checks.windows.names import HostName, Name
from checks.world import World

SAID_ELSEWHERE = frozenset({"delegation", "authentication.source_session", "authentication.return_session"})
"""Areas and checks whose question the checks of the way back ask already: delegation.return_direction and authentication.return_session."""
OF_VMS = frozenset({"vm", "platform.not_clustered"})
"""Areas and checks that look at a VM where it is."""
NEVER_TRIED = frozenset({"network.port_6600"})
"""Checks of what a host tries only where the plan moves something from it: for the way back it would cost a second visit of each target."""
NEED_NO_VM = frozenset({"network.port_445"})
"""Checks that read of a VM where its files lie, which is known of afterwards as far as the way back needs it."""


def asked_of_ways_back(check: Check) -> bool:
    """Can this check be asked of a way back today, and does no other check do so."""
    if check.scope is Scope.PLAN or not {check.id, check.area}.isdisjoint(SAID_ELSEWHERE | OF_VMS | NEVER_TRIED):
        return False
    return check.scope is not Scope.MOVE or "vm" not in check.facts or check.id in NEED_NO_VM


class Hindrance(Struct, frozen=True):
    """What a check says against a way back: `message` with the `evidence` on which it rests, and how that is mended (`fix`), by `who` and
    after how long it counts (`effective`); or what is `missing` to know it, as `fact`. `told`: the check says the same of the moves
    themselves. `moves` are those whose way back it is, and `predicts` the codes of errors that it would show."""

    check: str
    should: Text
    message: Text
    moves: tuple[Move, ...]
    told: bool = False
    fact: str = ""
    missing: Missing | None = None
    evidence: tuple[Evidence, ...] = ()
    fix: Text = NOTHING
    who: Who = OPERATOR
    effective: Text = NOTHING
    predicts: tuple[str, ...] = ()


class WaysBack(World):
    """A world in which the ways back are the plan: one for all moves that differ in their VMs alone. `of` are the places of the moves that
    each stands for."""

    def __init__(self, forward: World) -> None:
        self._forward = forward
        alike: dict[tuple[Hashable, Leg], list[int]] = {}
        for place, step in enumerate(forward.steps):
            move = step.move
            if not move.storage_only and not move.alone and step.here != step.there:
                alike.setdefault((move.route, forward.leg_back(step)), []).append(place)
        self.of = tuple(map(tuple, alike.values()))
        self._first = tuple(forward.steps[places[0]] for places in self.of)
        super().__init__(replace(forward.plan, moves=tuple(_reverse(step.move) for step in self._first)), forward.snapshot, forward.policy)

    @cached_property
    def machines(self) -> dict[HostName, HostName]:
        return self._forward.machines

    def spelled(self, name: Name) -> str:
        return self._forward.spelled(name)

    def server(self, name: HostName) -> HostName:
        return self._forward.server(name)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(move, step.there, step.here, _after(step)) for move, step in zip(self.plan.moves, self._first, strict=True))

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        return tuple(map(self._forward.leg_back, self._first))


def _reverse(move: Move) -> Move:
    return replace(move, vm=EVERY_VM, source=move.target, target=move.source, destination_path=None)


def _after(step: Step) -> tuple[Placed, ...] | Missing:
    found = step.found
    if isinstance(found, Missing):
        return found
    return tuple(replace(placed, files=files_after(step.move, placed.files), brought_by=step, after=step) for placed in found)
