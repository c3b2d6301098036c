"""The hosts and moves as a graph: where everything stands. `html/graph.svg` draws it.

Sources stand left, targets right, and between them each pair on a line of its own, so that no label can cover another. A host
that is source and target stands on both sides. Lengths are SVG user units, about one CSS pixel.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from checks.result import Result, Verdict
from checks.windows.names import fold
from reports.escape import visible

MOST_HOSTS = 40
MOST_PAIRS = 60

WIDTH = 960
HOST_WIDTH = 230
HOST_HEIGHT = 44
PAIR_WIDTH = 250
PAIR_HEIGHT = 30
_ROW = 54
_MARGIN = 8
_NAME_CELLS = 27


@dataclass(frozen=True)
class Host:
    """A host in one role, by the middle of its box."""

    name: str
    full_name: str
    moves: int
    x: float
    y: float


@dataclass(frozen=True)
class Pair:
    """An ordered pair, by the middle of its label, with the height of its two hosts."""

    source: str
    target: str
    verdict: Verdict
    moves: int
    y: float
    source_y: float
    target_y: float


@dataclass(frozen=True)
class Graph:
    height: float
    sources: tuple[Host, ...]
    targets: tuple[Host, ...]
    pairs: tuple[Pair, ...]


def layout(result: Result) -> Graph | None:
    """Where everything stands, or nothing when there is nothing to draw or too much to read."""
    hosts = {fold(host) for pair in result.pairs for host in (pair.source, pair.target)}
    if not result.pairs or len(hosts) > MOST_HOSTS or len(result.pairs) > MOST_PAIRS:
        return None
    moves: dict[tuple[str, str], int] = {}
    for move in result.moves:
        way = (fold(move.source), fold(move.target))
        moves[way] = moves.get(way, 0) + 1
    sources = list(dict.fromkeys(fold(pair.source) for pair in result.pairs))
    ordered = sorted(result.pairs, key=lambda pair: sources.index(fold(pair.source)))
    line = {(fold(pair.source), fold(pair.target)): number * _ROW for number, pair in enumerate(ordered)}
    left = _spread(_middles((source, y) for (source, _), y in line.items()))
    right = _spread(_middles((target, y) for (_, target), y in line.items()))
    bottom = max((*line.values(), *left.values(), *right.values()))
    shift = _MARGIN + HOST_HEIGHT / 2
    spelled = {fold(h): h for pair in reversed(result.pairs) for h in (pair.source, pair.target)}

    def column(side: int, ys: Mapping[str, float], x: float) -> tuple[Host, ...]:
        return tuple(
            Host(shorten(spelled[h]), spelled[h], sum(n for way, n in moves.items() if way[side] == h), x, y + shift) for h, y in ys.items()
        )

    return Graph(
        height=bottom + 2 * shift,
        sources=column(0, left, HOST_WIDTH / 2 + 1),
        targets=column(1, right, WIDTH - HOST_WIDTH / 2 - 1),
        pairs=tuple(
            Pair(
                pair.source,
                pair.target,
                pair.verdict,
                moves.get((source, target), 0),
                line[source, target] + shift,
                left[source] + shift,
                right[target] + shift,
            )
            for pair in ordered
            for source, target in ((fold(pair.source), fold(pair.target)),)
        ),
    )


def _middles(places: Iterable[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for name, y in places:
        found.setdefault(name, []).append(y)
    return {name: sum(ys) / len(ys) for name, ys in found.items()}


def _spread(middles: Mapping[str, float]) -> dict[str, float]:
    """The hosts in the order of their middles, each at its middle or just below the one before."""
    placed: dict[str, float] = {}
    free = 0.0
    for name, y in sorted(middles.items(), key=lambda item: item[1]):
        placed[name] = max(y, free)
        free = placed[name] + _ROW
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
