"""The hosts and moves as a graph: where everything stands. `html/graph.svg` draws it.

Each host stands once, left or right, so that as many pairs as can be lead from one side to the other: its source is left where nothing
else is asked. Between them each pair has a line of its own, so that no label can cover another; where both of its hosts stand on one
side, it leads there and back. Lengths are SVG user units, about one CSS pixel.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from checks.result import PairResult, Result, Verdict
from checks.windows.names import fold
from reports.escape import visible

MOST_HOSTS = 40
MOST_PAIRS = 60
FEWER_PAIRS = 20
"""So many of the worst pairs are drawn where there are too many to draw all."""

WIDTH = 960
HOST_WIDTH = 230
HOST_HEIGHT = 44
PAIR_WIDTH = 250
PAIR_HEIGHT = 30
_ROW = 54
_BETWEEN = 10
_MARGIN = 8
_NAME_CELLS = 27
_LINE = 14
"""The second role of a host makes its box so much higher."""
_APART = 8
"""What leaves a box stands so far above its middle, and what comes so far below it, where both do."""


@dataclass(frozen=True)
class Host:
    """A host, by the middle of its box: how many moves leave it and come to it."""

    name: str
    full_name: str
    gives: int
    takes: int
    left: bool
    y: float
    height: int

    @property
    def x(self) -> float:
        return HOST_WIDTH / 2 + 1 if self.left else WIDTH - HOST_WIDTH / 2 - 1

    @property
    def edge(self) -> float:
        """Where lines leave it, towards the middle."""
        return HOST_WIDTH + 1 if self.left else WIDTH - HOST_WIDTH - 1

    @property
    def apart(self) -> int:
        return _APART if self.gives and self.takes else 0


@dataclass(frozen=True)
class Pair:
    """An ordered pair, by the middle of its label, with the line from its source and the one to its target."""

    source: str
    target: str
    verdict: Verdict
    moves: int
    y: float
    leaves: str
    arrives: str


@dataclass(frozen=True)
class Graph:
    """`left_out`: so many pairs are not drawn, which are no worse than those that are."""

    height: float
    hosts: tuple[Host, ...]
    pairs: tuple[Pair, ...]
    left_out: int


def layout(result: Result) -> Graph | None:
    """Where everything stands, or nothing when there is nothing to draw."""
    if not result.pairs:
        return None
    chosen = _chosen(result.pairs)
    moves: dict[tuple[str, str], int] = {}
    for move in result.moves:
        way = (fold(move.source), fold(move.target))
        moves[way] = moves.get(way, 0) + 1
    ways = [(fold(pair.source), fold(pair.target)) for pair in chosen]
    left = _sides(ways)
    order = {name: number for number, name in enumerate(sorted(left, key=lambda name: not left[name]))}
    ordered = sorted(zip(ways, chosen, strict=True), key=lambda each: sorted(order[name] for name in each[0]))
    rows = {way: number * _ROW for number, (way, _) in enumerate(ordered)}
    gives, takes = ({name: sum(n for way, n in moves.items() if way[end] == name and way in rows) for name in left} for end in (0, 1))
    spelled = {fold(name): name for pair in reversed(chosen) for name in (pair.source, pair.target)}
    high = {name: HOST_HEIGHT + (_LINE if gives[name] and takes[name] else 0) for name in left}
    middles = _middles((name, y) for way, y in rows.items() for name in dict.fromkeys(way))
    placed = {name: y for side in (True, False) for name, y in _spread({n: middles[n] for n in left if left[n] is side}, high).items()}
    shift = _MARGIN - min(*(y - high[name] / 2 for name, y in placed.items()), -PAIR_HEIGHT / 2)
    hosts = {
        name: Host(shorten(spelled[name]), spelled[name], gives[name], takes[name], left[name], placed[name] + shift, high[name])
        for name in left
    }
    bottom = max(*(host.y + host.height / 2 for host in hosts.values()), max(rows.values()) + shift + PAIR_HEIGHT / 2)
    return Graph(
        height=bottom + _MARGIN,
        hosts=tuple(hosts.values()),
        pairs=tuple(_pair(pair, hosts[way[0]], hosts[way[1]], moves.get(way, 0), rows[way] + shift) for way, pair in ordered),
        left_out=len(result.pairs) - len(chosen),
    )


def _chosen(pairs: Sequence[PairResult]) -> list[PairResult]:
    """All pairs, or the worst where these are too many to read."""
    hosts = {fold(host) for pair in pairs for host in (pair.source, pair.target)}
    if len(hosts) <= MOST_HOSTS and len(pairs) <= MOST_PAIRS:
        return list(pairs)
    return sorted(pairs, key=lambda pair: -pair.verdict.weight)[:FEWER_PAIRS]


def _sides(ways: Sequence[tuple[str, str]]) -> dict[str, bool]:
    """Which hosts stand left: neighbours on different sides, as far as that goes."""
    near: dict[str, dict[str, None]] = {}
    for source, target in ways:
        near.setdefault(source, {})[target] = None
        near.setdefault(target, {})[source] = None
    left: dict[str, bool] = {}
    for first in near:
        if first in left:
            continue
        left[first] = True
        ahead = [first]
        for name in ahead:
            for other in near[name]:
                if other not in left:
                    left[other] = not left[name]
                    ahead.append(other)
    return left


def _pair(pair: PairResult, source: Host, target: Host, moves: int, y: float) -> Pair:
    edges = {True: (WIDTH - PAIR_WIDTH) / 2, False: (WIDTH + PAIR_WIDTH) / 2}
    apart = _APART if source.left is target.left else 0
    leaves = _curve(source.edge, source.y - source.apart, edges[source.left], y - apart)
    arrives = _curve(edges[target.left], y + apart, target.edge + (1 if target.left else -1), target.y + target.apart)
    return Pair(pair.source, pair.target, pair.verdict, moves, y, leaves, arrives)


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    bend = (to_x - x) / 2
    return f"M{x:g} {y:g}C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"


def _middles(places: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for name, y in places:
        found.setdefault(name, []).append(y)
    return {name: sum(ys) / len(ys) for name, ys in found.items()}


def _spread(middles: Mapping[str, float], high: Mapping[str, int]) -> dict[str, float]:
    """The hosts in the order of their middles, each at its middle or just below the one before."""
    placed: dict[str, float] = {}
    free: float | None = None
    for name, y in sorted(middles.items(), key=lambda item: item[1]):
        half = high[name] / 2
        placed[name] = y if free is None else max(y, free + half)
        free = placed[name] + half + _BETWEEN
    return placed


def shorten(name: str, cells: int = _NAME_CELLS) -> str:
    """A name that fits its box: from the middle of a long one an ellipsis, because names of hosts differ at both ends."""
    name = visible(name)
    widths = [2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in name]
    if sum(widths) <= cells:
        return name
    head = tail = ""
    room = cells - 1
    for front, back in zip(range(len(name)), reversed(range(len(name))), strict=True):
        if (room := room - widths[front]) < 0:
            break
        head += name[front]
        if (room := room - widths[back]) < 0:
            break
        tail = name[back] + tail
    return f"{head}…{tail}"
