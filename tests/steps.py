"""Counts the steps in which a regular expression is matched, and finds inputs that make them many.

The expression's own parsed tree is walked as the engine of the standard library walks it: backtracking, one step for each character
that is looked at. Wide repetitions are narrowed to `NARROWED`, so that what a stated limit bounds shows as bounded on short inputs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from re import _compiler, _parser  # type: ignore[attr-defined]
from re import _constants as op
from typing import Any

NARROWED = 16
FEW = 16
"""So many times the repeated part of an input stands in it at least."""
SLACK = 1.25
"""So much more than twice may twice the input cost."""
MOST_STEPS = 100_000
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_SINGLES = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY)
COMMON = "a0 \n\t_-.,:;'\"<>[](){}/\\=|@\0é"

Ends = int | None
Go = Callable[[int], Ends]
Step = Callable[[int, Go], Ends]


class Use(Enum):
    """How an expression is applied: to the beginning of a text, to the whole of it, or from every place in it."""

    MATCH = "match"
    FULLMATCH = "fullmatch"
    SEARCH = "search"


class TooManySteps(Exception):
    """The count went over MOST_STEPS."""


class Counter:
    """Applies one expression to texts and counts the steps. Texts are str; the characters of one for bytes stand for those bytes."""

    def __init__(self, pattern: str | bytes, flags: int = 0, use: Use = Use.SEARCH) -> None:
        self.tree = _parser.parse(pattern, flags)
        self.use = use
        self._flags = self.tree.state.flags
        self._bytes = isinstance(pattern, bytes)
        self._groups: dict[int, tuple[int, int]] = {}
        self._whole = self._sequence(self.tree, self._flags)
        self._text: Any = ""
        self._steps = 0

    def steps(self, text: str) -> int:
        """The steps of one application; of a search those of all its matches. Raises TooManySteps."""
        self.ends(text)
        return self._steps

    def ends(self, text: str) -> list[int]:
        """Where its matches that are not empty end. Raises TooManySteps."""
        self._text = text.encode("latin-1", "replace") if self._bytes else text
        self._steps = place = 0
        self._groups.clear()
        found = []
        with _deep():
            while place <= len(self._text):
                end = self._whole(place, self._whole_only if self.use is Use.FULLMATCH else _anywhere)
                if end is not None and end > place:
                    found.append(end)
                if self.use is not Use.SEARCH:
                    break
                place = place + 1 if end is None or end == place else end
        return found

    def _whole_only(self, end: int) -> Ends:
        return end if end == len(self._text) else None

    def takes(self, node: Any, flags: int) -> Callable[[str], bool]:
        """Does a node that takes one character take this one."""
        one = self._one(node, flags)
        return lambda text: one.match(text.encode("latin-1", "replace") if self._bytes else text) is not None

    def _one(self, node: Any, flags: int) -> Any:
        return _compiler.compile(_parser.SubPattern(self.tree.state, [node]), flags & ~re.VERBOSE)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooManySteps

    def _sequence(self, nodes: Sequence[Any], flags: int) -> Step:
        steps = [self._node(node, flags) for node in nodes]
        if len(steps) == 1:
            return steps[0]

        def run(at: int, then: Go, first: int = 0) -> Ends:
            return then(at) if first == len(steps) else steps[first](at, lambda end: run(end, then, first + 1))

        return run

    def _node(self, node: Any, flags: int) -> Step:
        kind, value = node
        match kind:
            case op.SUBPATTERN:
                group, added, removed, inside = value
                return self._group(group, self._sequence(inside, (flags | added) & ~removed))
            case op.BRANCH:
                return self._branch([self._sequence(each, flags) for each in value[1]])
            case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
                least, most, inside = value
                least, most = min(least, NARROWED), most if most is op.MAXREPEAT else min(most, NARROWED)
                single = kind is not op.MIN_REPEAT and len(inside) == 1 and inside[0][0] in _SINGLES
                narrowed = self._characters(least, most, node, flags) if single else self._repeat(least, most, inside, kind, flags)
                return self._atomic(narrowed) if kind is op.POSSESSIVE_REPEAT else narrowed
            case op.ATOMIC_GROUP:
                return self._atomic(self._sequence(value, flags))
            case op.ASSERT | op.ASSERT_NOT if value[0] > 0:
                return self._ahead(self._sequence(value[1], flags), wanted=kind is op.ASSERT)
            case op.GROUPREF:
                return self._reference(value)
            case op.GROUPREF_EXISTS:
                raise NotImplementedError(kind)
            case _:
                return self._plain(self._one(node, flags))

    def _plain(self, one: Any) -> Step:
        """A character, a place, or a look back, which has a fixed width."""

        def run(at: int, then: Go) -> Ends:
            self._count(1)
            found = one.match(self._text, at)
            return then(found.end()) if found else None

        return run

    def _group(self, group: int | None, inside: Step) -> Step:
        if group is None:
            return inside

        def run(at: int, then: Go) -> Ends:
            before = self._groups.get(group, (0, 0))

            def noted(end: int) -> Ends:
                self._groups[group] = (at, end)
                ended = then(end)
                if ended is None:
                    self._groups[group] = before
                return ended

            return inside(at, noted)

        return run

    def _reference(self, group: int) -> Step:
        def run(at: int, then: Go) -> Ends:
            begin, end = self._groups.get(group, (0, 0))
            self._count(1 + end - begin)
            return then(at + end - begin) if self._text.startswith(self._text[begin:end], at) else None

        return run

    def _branch(self, ways: list[Step]) -> Step:
        def run(at: int, then: Go) -> Ends:
            return next((end for way in ways if (end := way(at, then)) is not None), None)

        return run

    def _atomic(self, inside: Step) -> Step:
        def run(at: int, then: Go) -> Ends:
            end = inside(at, _anywhere)
            return None if end is None else then(end)

        return run

    def _ahead(self, inside: Step, *, wanted: bool) -> Step:
        def run(at: int, then: Go) -> Ends:
            return then(at) if (inside(at, _anywhere) is not None) is wanted else None

        return run

    def _characters(self, least: int, most: int, node: Any, flags: int) -> Step:
        """One character again and again: as many as there are, then fewer."""
        many = self._one((op.MAX_REPEAT, (0, most, node[1][2])), flags)

        def run(at: int, then: Go) -> Ends:
            end = many.match(self._text, at).end()
            self._count(min(end - at + 1, most))
            return next((ended for each in range(end, at + least - 1, -1) if (ended := then(each)) is not None), None)

        return run

    def _repeat(self, least: int, most: int, inside: Sequence[Any], kind: Any, flags: int) -> Step:
        once = self._sequence(inside, flags)

        def more(at: int, then: Go, count: int) -> Ends:
            if count >= most:
                return None
            return once(at, lambda end: None if end == at and count >= least else run(end, then, count + 1))

        def run(at: int, then: Go, count: int = 0) -> Ends:
            if count < least:
                return more(at, then, count)
            if kind is op.MIN_REPEAT:
                ended = then(at)
                return more(at, then, count) if ended is None else ended
            ended = more(at, then, count)
            return then(at) if ended is None else ended

        return run


def _anywhere(end: int) -> Ends:
    return end


@contextmanager
def _deep() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


# --- hostile inputs -------------------------------------------------------------------------------------------------


def growing(counter: Counter, inputs: Iterable[tuple[str, str, str]] | None = None) -> str | None:
    """The input, as `lead + part * n + tail`, on which the steps grow faster than the input; nothing where none was found. `inputs` are
    all that are hostile, unless others are given."""
    for lead, part, tail in hostile(counter) if inputs is None else inputs:
        sizes = [FEW, 2 * FEW, 4 * FEW]
        try:
            few, twice = (counter.steps(lead + part * size + tail) for size in sizes[:2])
            if twice > 2 * SLACK * few:
                # A constant share is out of the way in the differences.
                four_times = counter.steps(lead + part * sizes[2] + tail)
                if four_times - twice > 2 * SLACK * (twice - few):
                    return f"{lead!r} + {part!r} * n + {tail!r}: {few}, {twice}, {four_times} steps for n = {sizes}"
        except TooManySteps:
            return f"{lead!r} + {part!r} * n + {tail!r}: more than {MOST_STEPS} steps for n <= {sizes[2]}"
    return None


def hostile(counter: Counter) -> Iterator[tuple[str, str, str]]:
    """Lead, part to repeat, and tail: what leads to each wide repetition, then its own characters again and again; or that way again
    and again, for each place from which a search begins anew. Then something on which the rest fails."""
    alphabet = _alphabet(counter)
    tails = ("", "\0", "\n") if _knows_ends(counter.tree) else ("", "\0")
    seen = set()
    for way, bodies in _ways(counter, counter.tree, counter.tree.state.flags):
        parts = dict.fromkeys((*alphabet, *filter(None, bodies)))
        again = dict.fromkeys(way + part for part in parts)
        for lead, part in (*((way, part) for part in parts), *(("", part) for part in again)):
            for tail in tails:
                if (lead, part, tail) not in seen:
                    seen.add((lead, part, tail))
                    yield lead, part, tail


def _knows_ends(nodes: Sequence[Any]) -> bool:
    """Does an expression ask for the end of a line or of the text, before which a newline may stand."""
    return any(
        (node[0] is op.AT and node[1] in (op.AT_END, op.AT_END_STRING)) or any(_knows_ends(inside) for inside, _ in _inside(node, 0))
        for node in nodes
    )


def _alphabet(counter: Counter) -> list[str]:
    """A character for each set of the expression's characters that treats it alike."""
    singles = list(_singles(counter.tree, counter.tree.state.flags))
    taken = [counter.takes(node, flags) for node, flags in singles]
    kinds: dict[tuple[bool, ...], str] = {}
    for character in dict.fromkeys(_own(node for node, _ in singles) + COMMON):
        kinds.setdefault((*_place(character), *(takes(character) for takes in taken)), character)
    return list(kinds.values())


def _place(character: str) -> tuple[bool, bool]:
    """What `\\b` and `^` tell of a character."""
    return character.isalnum() or character == "_", character == "\n"


def _own(singles: Iterable[Any]) -> str:
    """The characters that an expression itself names."""
    members = [each for node in singles for each in (node[1] if node[0] is op.IN else (node,))]
    return "".join(
        chr(value[0] if kind is op.RANGE else value) for kind, value in members if kind in (op.LITERAL, op.NOT_LITERAL, op.RANGE)
    )


def _singles(nodes: Sequence[Any], flags: int) -> Iterator[tuple[Any, int]]:
    for node in nodes:
        if node[0] in _SINGLES:
            yield node, flags
        for inside, inner in _inside(node, flags):
            yield from _singles(inside, inner)


def _inside(node: Any, flags: int) -> Iterator[tuple[Sequence[Any], int]]:
    kind, value = node
    match kind:
        case op.SUBPATTERN:
            yield value[3], (flags | value[1]) & ~value[2]
        case op.BRANCH:
            yield from ((each, flags) for each in value[1])
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            yield value[2], flags
        case op.ATOMIC_GROUP:
            yield value, flags
        case op.ASSERT | op.ASSERT_NOT:
            yield value[1], flags


def _ways(counter: Counter, nodes: Sequence[Any], flags: int, lead: str = "") -> Iterator[tuple[str, list[str]]]:
    """For each repetition a text that leads to it, and those that it takes: of each way through it a short one and a longer one."""
    for node in nodes:
        if node[0] in _REPEATS and node[1][1] > 1:
            ways = [way for each in node[1][2] if each[0] is op.BRANCH for way in each[1][1]]
            yield lead, [_sample(counter, way, flags, least) for way in (node[1][2], *ways) for least in (0, 1)]
        for inside, inner in _inside(node, flags):
            yield from _ways(counter, inside, inner, lead)
        lead += _sample(counter, [node], flags)


def _sample(counter: Counter, nodes: Sequence[Any], flags: int, least: int = 1) -> str:
    """A text that the nodes take, each repetition as often as it must, and at least so often."""
    sample = ""
    for node in nodes:
        kind, value = node
        if kind in _SINGLES:
            sample += next(filter(counter.takes(node, flags), _own((node,)) + COMMON), "a")
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            continue
        elif inside := next(_inside(node, flags), None):
            sample += _sample(counter, *inside, least) * (min(max(least, value[0]), NARROWED) if kind in _REPEATS else 1)
    return sample
