"""In which waves the moves of a plan can run, and how long each takes: one walk over the plan, in its order.

A move goes into the first wave, from that of the last move of each of its hosts on, in which they have a slot left; and behind the moves
that it depends on, and those of the same VM. What a wave takes is told by the memory and the files that travel and by the links that they
travel over. An estimate is a number only where everything that it rests on was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from checks.links import Gap, Rate
from checks.plan_state import Step
from checks.text import Text, text
from checks.windows.names import HostName

EFFICIENCY = 0.7
"""How much of the speed of a link is taken for what migrations make of it. An assumption; nobody published a number."""
_WHYS = 3
"""At most so many of the reasons for which moves of a wave are not estimated are told."""


class Of(IntEnum):
    """What a slot is for: a host has one limit for the migrations of VMs, and one for those of storage."""

    VMS = 0
    STORAGE = 1


Slot: TypeAlias = tuple[HostName, Of]


def slots(step: Step) -> Iterator[Slot]:
    """The slots that a move takes. Storage that moves alone takes one on its source only."""
    for machine in dict.fromkeys((step.here,) if step.move.storage_only else (step.here, step.there)):
        if not step.move.storage_only:
            yield machine, Of.VMS
        if step.move.moves_storage:
            yield machine, Of.STORAGE


class Wave(Struct, frozen=True, omit_defaults=True):
    """Moves that run at once, by their numbers in the result's moves, from 0. `transfers` are the seconds after which each is over at the
    latest, `seconds` those after which all are; nothing where that is not known. `least_seconds` is what the known ones take with the whole
    speed of all links. `uncounted` moves are in none of the numbers, `why` for the first reasons."""

    moves: tuple[int, ...]
    transfers: tuple[int | None, ...]
    seconds: int | None
    least_seconds: int
    uncounted: int = 0
    why: tuple[Text, ...] = ()


class Schedule(NamedTuple):
    """The waves of a plan, what their estimates assume, and the first gap that a fact would close."""

    waves: tuple[Wave, ...]
    assumptions: tuple[Text, ...]
    gap: Gap | None


class Machines(NamedTuple):
    """What the walk asks of a machine: its name, its limit (nothing where that was not read), how fast it takes and gives migrations; and
    of a move: how many bytes travel over the network."""

    name: Callable[[HostName], str]
    limit: Callable[[HostName, Of], int | None]
    rate: Callable[[HostName], Rate | Gap]
    travels: Callable[[Step], int | Gap]


def schedule(steps: tuple[Step, ...], asked: Machines) -> Schedule:
    """The waves of the moves of a plan, whether or not they will succeed."""
    limits: dict[Slot, int | None] = {}
    rates: dict[HostName, Rate | Gap] = {}
    for step in steps:
        for slot in slots(step):
            if slot not in limits:
                limits[slot] = asked.limit(*slot)
        for machine in (step.here, step.there):
            if machine not in rates:
                rates[machine] = asked.rate(machine)
    grouped = group(steps, {slot: max(1, limit or 0) for slot, limit in limits.items()})
    gap: Gap | None = None
    waves = []
    for places in grouped:
        wave, its = _estimated(places, steps, asked, rates)
        waves.append(wave)
        gap = gap or its
    guessed = tuple(dict.fromkeys(asked.name(machine) for (machine, _), limit in limits.items() if not limit))
    return Schedule(tuple(waves), tuple(_assumptions(guessed)) if waves else (), gap)


def group(steps: Iterable[Step], limits: dict[Slot, int]) -> list[list[int]]:
    """The places of the moves in each wave."""
    grouped: list[list[int]] = []
    last: dict[Slot, tuple[int, int]] = {}
    """The wave of the last move of each slot, and how many it has there."""
    done: dict[object, int] = {}
    """The wave of the last move of each VM, and of each move."""
    for place, step in enumerate(steps):
        wave = 1 + max(done.get(step.vm, -1), done.get(step.depends_on, -1))
        taken = tuple(slots(step))
        for slot in taken:
            its, count = last.get(slot, (0, 0))
            wave = max(wave, its if count < limits[slot] else its + 1)
        for slot in taken:
            its, count = last.get(slot, (0, 0))
            last[slot] = (wave, count + 1 if its == wave else 1)
        done[step.vm] = done[step] = wave
        if wave == len(grouped):
            grouped.append([])
        grouped[wave].append(place)
    return grouped


_Way: TypeAlias = tuple[HostName, bool]
"""A machine, and whether it sends: a link carries as much in either direction at once."""


def _estimated(places: list[int], steps: tuple[Step, ...], asked: Machines, rates: dict[HostName, Rate | Gap]) -> tuple[Wave, Gap | None]:
    """A wave with its estimates, and its first gap that a fact would close."""
    loads: dict[_Way, int] = {}
    doubted: set[_Way] = set()
    whys: dict[Text, None] = {}
    closing: Gap | None = None
    known: list[tuple[_Way, ...] | None] = []
    for step in map(steps.__getitem__, places):
        ways = ((step.here, True), (step.there, False))
        travels = asked.travels(step)
        gaps = [each for each in (travels, rates[step.here], rates[step.there]) if isinstance(each, Gap)] if travels != 0 else []
        if gaps or isinstance(travels, Gap):
            doubted.update(ways)
            whys.update(dict.fromkeys(each.why for each in gaps[: _WHYS - len(whys)]))
            closing = closing or next((each for each in gaps if each.missing), None)
            known.append(None)
            continue
        known.append(ways if travels else ())
        for way in ways if travels else ():
            loads[way] = loads.get(way, 0) + travels
    ends: dict[_Way, int] = {}
    least = 0.0
    for way, load in loads.items():
        rate = rates[way[0]]
        assert isinstance(rate, Rate)
        ends[way] = -int(-load * 8 // (rate.slowest * EFFICIENCY))
        least = max(least, load * 8 / rate.together)
    transfers = tuple(
        None if ways is None or not doubted.isdisjoint(ways) else max((ends[way] for way in ways), default=0) for ways in known
    )
    numbers = [seconds for seconds in transfers if seconds is not None]
    return (
        Wave(
            moves=tuple(places),
            transfers=transfers,
            seconds=max(numbers) if len(numbers) == len(transfers) else None,
            least_seconds=int(least),
            uncounted=known.count(None),
            why=tuple(whys),
        ),
        closing,
    )


def _assumptions(guessed: tuple[str, ...]) -> Iterator[Text]:
    yield text(
        "What travels is the memory that a VM has now, once, and the files of its disks where its storage moves along. What changes "
        "meanwhile travels again, and is not counted; nor are its configuration and a saved state"
    )
    yield text(
        "It travels over the adapters that have an address in a network named for migrations, at {percent} % of the speed that Windows "
        "tells of the slowest, which the moves of a wave share. At least it takes what all of them together take at full speed. The speed "
        "of an adapter on a virtual switch is not that of the wire",
        percent=round(EFFICIENCY * 100),
    )
    yield text("Nothing is credited to compression or SMB Direct, and disks are taken to be as fast as the network")
    if guessed:
        yield text("{hosts} did not tell how many migrations run at once, or lets none run: taken for one", hosts=guessed)
