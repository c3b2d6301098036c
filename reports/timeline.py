"""The waves of a plan over its window: where each bar and line stands. `html/time.svg` draws it.

Widths are percent of the picture, so that it fits any screen and its words keep their size; heights are CSS pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from checks.result import Result
from checks.waves import Wave
from reports.digest import InTime, counted
from reports.language import Language
from reports.times import both

MOST_BARS = 24
"""More waves are drawn several in a bar."""

UNKNOWN_WIDTH = 36
"""Pixels of what takes a time that is not known."""

BAR_HEIGHT = 12
_ROW = 40
_LABEL = 22
_WHOLE = 86.0
"""Percent for what the picture is long; the rest is for what is not known at its end."""
_FURTHER = 1.5
"""The end of the validity is drawn where the picture need not be so many times longer for it."""


@dataclass(frozen=True)
class Line:
    """A moment with its words, and where it is drawn; nowhere where that is out of the picture."""

    said: str
    y: int
    x: float | None
    kind: str


@dataclass(frozen=True)
class Bar:
    """Some waves: from where to where they are estimated, of that how long they take at least; `unknown`: not all is estimated;
    `earliest`: they begin then or later, because what takes an unknown time runs before; `late`: they end after the window."""

    said: str
    y: int
    x: float
    width: float
    least: float
    unknown: bool
    earliest: bool
    late: bool


@dataclass(frozen=True)
class Timeline:
    height: int
    top: int
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...]
    unknown: bool
    earliest: bool


def timeline(result: Result, language: Language) -> Timeline | None:
    """Where everything stands, or nothing where the plan has no waves."""
    if not result.waves:
        return None
    parts = _parts(result.waves)
    spans = [InTime.of(waves) for _, waves in parts]
    total = sum(_least(span) for span in spans)
    start, end = result.change.window_start, result.change.window_end
    window = (end - start).total_seconds() if start and end else 0.0
    length = max(float(total), window, 1.0)
    valid = (result.valid_until - start).total_seconds() if start and end else None
    if valid is not None and length < valid <= length * _FURTHER:
        length = valid

    def at(seconds: float) -> float:
        return round(seconds / length * _WHOLE, 2)

    lines = tuple(_lines(result, language, window, valid, length, at))
    top = _LABEL * len(lines) + 8
    bars: list[Bar] = []
    begun, doubted = 0, False
    for number, ((name, _), span) in enumerate(zip(parts, spans, strict=True)):
        takes, unknown = _least(span), span.seconds is None
        late = bool(window) and begun + takes > window
        moves = counted("move", span.moves, language)
        said = language.say(
            "Wave {number} ends after the window, {moves}: {time}" if late else "Wave {number}, {moves}: {time}",
            number=name,
            moves=moves,
            time=span.said(language),
        )
        y = top + number * _ROW + 16
        bars.append(Bar(said, y, at(begun), at(takes), at(min(span.least_seconds, takes)), unknown, doubted, late))
        begun += takes
        doubted = doubted or unknown
    return Timeline(top + len(bars) * _ROW + 4, top, lines, tuple(bars), doubted, any(bar.earliest for bar in bars))


def _parts(waves: Sequence[Wave]) -> list[tuple[str, Sequence[Wave]]]:
    size = -(-len(waves) // MOST_BARS)
    if size == 1:
        return [(str(number), (wave,)) for number, wave in enumerate(waves, 1)]
    begins = range(0, len(waves), size)
    return [(f"{begin + 1}–{min(begin + size, len(waves))}", waves[begin : begin + size]) for begin in begins]


def _least(span: InTime) -> int:
    """How long a bar is: what is estimated, or where that is not known what is known to be needed."""
    return span.least_seconds if span.seconds is None else span.seconds


def _lines(
    result: Result, language: Language, window: float, valid: float | None, length: float, at: Callable[[float], float]
) -> Iterator[Line]:
    say = language.say
    start, end = result.change.window_start, result.change.window_end
    if start and end:
        yield Line(say("Window from {start}", start=both(start, result)), _LABEL, 0.0, "window")
        yield Line(say("Window until {end}", end=both(end, result)), 2 * _LABEL, at(window), "window")
    else:
        yield Line(say("The plan names no window: this begins with the first move"), _LABEL, None, "window")
    until = both(result.valid_until, result)
    y = (3 if window else 2) * _LABEL
    if valid is not None and valid < 0:
        yield Line(say("Valid until {until}: before the window begins", until=until), y, None, "validity")
    elif valid is None or valid > length:
        yield Line(say("Valid until {until}: not in this picture", until=until), y, None, "validity")
    else:
        yield Line(say("Valid until {until}", until=until), y, at(valid), "validity")
