"""Words of our own: sentences as templates with values, so that any language can render them later, and commands of PowerShell.

A text is only ever shown. Whatever a program has to know stands beside it as a value with a type; no module compares a text or
takes it apart (tests/test_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias, TypeGuard

from msgspec import Struct


class Text(Struct, frozen=True, omit_defaults=True, gc=False):
    """A sentence as template and values. `{name}` stands for a value; a value is never looked into for further places, but may be a
    sentence of its own."""

    template: str
    values: dict[str, Value] = {}

    def __hash__(self) -> int:
        values = self.values.items()
        return hash((self.template, *values) if len(values) <= 1 else (self.template, frozenset(values)))


class Command(Struct, frozen=True, omit_defaults=True, gc=False):
    """A line of PowerShell, the same in every language. `{name}` stands for a value, which is quoted when the line is rendered."""

    template: str
    values: dict[str, Value] = {}


Plain: TypeAlias = str | int | float | bool | tuple[str, ...] | None
"""What was read, as it was read."""

Value: TypeAlias = str | int | float | bool | Text | tuple[str | Text, ...] | None
"""What was read, or words of our own about it."""

NOTHING = Text("")
"""No words at all."""

_PLACE = re.compile(r"\{(\w+)\}")


def text(template: str, /, **values: Value) -> Text:
    return Text(template, values)


def command(template: str, /, **values: Value) -> Command:
    return Command(template, values)


def verbatim(words: str) -> Text:
    """The words of somebody else, the same in every language."""
    return Text("{words}", {"words": words})


@lru_cache(maxsize=1 << 12)
def _parts(template: str) -> tuple[tuple[str, ...], tuple[tuple[int, str], ...]]:
    """A template in pieces, its places among them as they are written, and which piece is the place of which value."""
    parts = _PLACE.split(template)
    named = tuple(enumerate(parts))[1::2]
    return tuple(f"{{{part}}}" if number % 2 else part for number, part in enumerate(parts)), named


def places(template: str) -> tuple[str, ...]:
    """The places of a template that wait for a value, in its order."""
    return tuple(_PLACE.findall(template))


def plain(value: Value) -> str:
    """A value as plain English text: lists joined by commas, nothing as a dash, truth as yes and no."""
    if isinstance(value, str):
        return value
    if type(value) is int:
        return str(value)
    if isinstance(value, Text):
        return render(value.template, value.values)
    if isinstance(value, tuple) and value:
        return ", ".join([plain(item) if isinstance(item, Text) else item for item in value])
    if value is None or value == ():
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def render(template: str, values: dict[str, Value], show: Callable[[Value], str] = plain) -> str:
    """The template with each `{name}` replaced by its value, shown by `show` (default: plain text, lists joined by commas)."""
    if not values:
        return template
    pieces, named = _parts(template)
    said = list(pieces)
    for place, name in named:
        if name in values:
            value = values[name]
            said[place] = value if show is plain and isinstance(value, str) else show(value)
    return "".join(said)


def minute(moment: datetime) -> str:
    """`2026-12-05T12:00Z`: a moment in UTC, whatever zone it was told in. One that UTC has no year for stays in its own."""
    try:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    except OverflowError:
        return moment.isoformat(timespec="minutes")


def holds_text(value: Value) -> bool:
    """Are there words of our own in this value."""
    return isinstance(value, Text) or (isinstance(value, tuple) and any(isinstance(item, Text) for item in value))


def in_words(value: Value) -> Plain:
    """The value with our own words in English: the very same one where there are none in it."""
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, tuple):
        return value if _as_read(value) else tuple(map(plain, value))
    return plain(value) if isinstance(value, Text) else value


def _as_read(value: tuple[str | Text, ...]) -> TypeGuard[tuple[str, ...]]:
    return len([each for each in value if isinstance(each, str)]) == len(value)
