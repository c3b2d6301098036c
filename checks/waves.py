"""In which waves the moves of a plan can run, and how long each takes: one walk over the plan, in its order.

A move goes into the first wave, from that of the last move of each of its hosts on, in which they have a slot left; and behind the moves
that it depends on, and those of the same VM. What a wave takes is told by the memory and the files that travel and by the links that they
travel over. An estimate is a number only where everything that it rests on was read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from checks.links import Gap, Rate
from checks.plan import Kind
from checks.plan_state import Step
from checks.text import Text, text
from checks.windows.names import HostName

EFFICIENCY_PERCENT = 70
"""How much of the speed of a link is taken for what migrations make of it. An assumption; nobody published a number."""
_WHYS = 3
"""At most so many of the reasons for which moves of a wave are not estimated are told."""


class Of(IntEnum):
    """What a slot is for: a host has one limit for the migrations of VMs, and one for those of storage."""

    VMS = 0
    STORAGE = 1


Slot: TypeAlias = tuple[HostName, Of]


_TAKES = {Kind.WITH_STORAGE: (Of.VMS, Of.STORAGE), Kind.VM_ALONE: (Of.VMS,), Kind.STORAGE_ALONE: (Of.STORAGE,)}


def slots(here: HostName, there: HostName, kind: Kind) -> tuple[Slot, ...]:
    """The slots that a move between two machines takes. Storage that moves alone takes one on its source only."""
    machines = (here,) if kind is Kind.STORAGE_ALONE or here == there else (here, there)
    return tuple((machine, of) for machine in machines for of in _TAKES[kind])


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


class Route(NamedTuple):
    """What the moves of a kind between two machines share, all by numbers: the slots that they take, and on which links they leave and
    come: a link carries as much in either direction at once."""

    slots: tuple[int, ...]
    ways: tuple[int, int]


def schedule(steps: tuple[Step, ...], asked: Machines) -> Schedule:
    """The waves of the moves of a plan, whether or not they will succeed."""
    known: dict[tuple[HostName, HostName, Kind], Route] = {}
    slot_numbers: dict[Slot, int] = {}
    way_numbers: dict[tuple[HostName, bool], int] = {}
    routes = []
    for step in steps:
        key = step.here, step.there, step.move.kind
        route = known.get(key)
        if route is None:
            ways = (way_numbers.setdefault(way, len(way_numbers)) for way in ((step.here, True), (step.there, False)))
            taken = tuple([slot_numbers.setdefault(slot, len(slot_numbers)) for slot in slots(*key)])
            route = known[key] = Route(taken, (next(ways), next(ways)))
        routes.append(route)
    limits = [asked.limit(*slot) for slot in slot_numbers]
    told = {machine: asked.rate(machine) for machine in dict.fromkeys(machine for machine, _ in way_numbers)}
    rates = [told[machine] for machine, _ in way_numbers]
    unknown = frozenset(way for way, its in enumerate(rates) if isinstance(its, Gap))
    gap: Gap | None = None
    waves = []
    for places in group(steps, routes, [max(1, limit or 0) for limit in limits]):
        wave, its = _estimated(places, [asked.travels(steps[place]) for place in places], routes, rates, unknown)
        waves.append(wave)
        gap = gap or its
    guessed = dict.fromkeys(asked.name(machine) for (machine, _), limit in zip(slot_numbers, limits, strict=True) if not limit)
    return Schedule(tuple(waves), tuple(_assumptions(tuple(guessed))) if waves else (), gap)


def group(steps: Sequence[Step], routes: Sequence[Route], limits: Sequence[int]) -> list[list[int]]:
    """The places of the moves in each wave. `routes` are those of the steps, `limits` those of the slots."""
    grouped: list[list[int]] = []
    last = [0] * len(limits)
    """The wave of the last move of each slot."""
    counts = [0] * len(limits)
    """How many it has there."""
    done: dict[Hashable, int] = {}
    """The wave of the last move of each VM, and of each move that moved one."""
    for place, (step, route) in enumerate(zip(steps, routes, strict=True)):
        vm, before = step.vm, step.depends_on
        wave = done.get(vm, -1) + 1
        if before is not None:
            wave = max(wave, done[before] + 1)
        for slot in route.slots:
            its = last[slot] + (counts[slot] >= limits[slot])
            wave = max(its, wave)
        for slot in route.slots:
            counts[slot] = counts[slot] + 1 if last[slot] == wave else 1
            last[slot] = wave
        done[vm] = done[step] = wave
        if wave == len(grouped):
            grouped.append([])
        grouped[wave].append(place)
    return grouped


def _estimated(
    places: list[int], traveling: list[int | Gap], routes: list[Route], rates: list[Rate | Gap], unknown: frozenset[int]
) -> tuple[Wave, Gap | None]:
    """A wave with its estimates, and its first gap that a fact would close. `unknown` are the ways of which no rate is known."""
    loads: dict[int, int] = {}
    doubted: set[int] = set()
    whys: dict[Text, None] = {}
    closing: Gap | None = None
    known: list[tuple[int, ...] | None] = []
    for place, travels in zip(places, traveling, strict=True):
        ways = routes[place].ways
        if travels == 0:
            known.append(())
            continue
        if not isinstance(travels, int) or not unknown.isdisjoint(ways):
            gaps = [each for each in (travels, rates[ways[0]], rates[ways[1]]) if isinstance(each, Gap)]
            doubted.update(ways)
            whys.update(dict.fromkeys(each.why for each in gaps[: _WHYS - len(whys)]))
            closing = closing or next((each for each in gaps if each.missing), None)
            known.append(None)
            continue
        known.append(ways)
        for way in ways:
            loads[way] = loads.get(way, 0) + travels
    ends: dict[int, int] = {}
    least = 0
    for way, load in loads.items():
        rate = rates[way]
        assert isinstance(rate, Rate)
        ends[way] = -(-load * 8 * 100 // (rate.slowest * EFFICIENCY_PERCENT))
        least = max(least, load * 8 // rate.together)
    transfers = tuple([_end(ways, ends, doubted) for ways in known])
    numbers = [seconds for seconds in transfers if seconds is not None]
    return (
        Wave(
            moves=tuple(places),
            transfers=transfers,
            seconds=max(numbers) if len(numbers) == len(transfers) else None,
            least_seconds=least,
            uncounted=known.count(None),
            why=tuple(whys),
        ),
        closing,
    )


def _end(ways: tuple[int, ...] | None, ends: dict[int, int], doubted: set[int]) -> int | None:
    """After how many seconds a move is over that goes these ways, or nothing where one of them carries what is not known."""
    if ways is None or not doubted.isdisjoint(ways):
        return None
    return max([ends[way] for way in ways], default=0)


def _assumptions(guessed: tuple[str, ...]) -> Iterator[Text]:
    yield text(
        "What travels is the memory that a VM has now, once, and the files of its disks where its storage moves along. What changes "
        "meanwhile travels again, and is not counted; nor are its configuration and a saved state"
    )
    yield text(
        "It travels over the adapters that have an address in a network named for migrations, at {percent} % of the speed that Windows "
        "tells of the slowest, which the moves of a wave share. At least it takes what all of them together take at full speed. The speed "
        "of an adapter on a virtual switch is not that of the wire",
        percent=EFFICIENCY_PERCENT,
    )
    yield text("Nothing is credited to compression or SMB Direct, and disks are taken to be as fast as the network")
    if guessed:
        yield text("{hosts} did not tell how many migrations run at once, or lets none run: taken for one", hosts=guessed)
