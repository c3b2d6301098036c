"""The head of a file that says its form and the number of that form: `"format": "hvpreflight.snapshot/2"`."""

from __future__ import annotations

import json
import re
from collections import Counter

import msgspec

from checks.mistake import Mistake
from checks.text import Text, text


class _Head(msgspec.Struct):
    format: str = ""


def number_of(content: bytes, name: str, current: str, mistake: type[Mistake]) -> int:
    """The number of a file's form. `current` is the form that this program writes, `name` how messages call the file.

    Raises `mistake` for a file that is cut, is none of this kind, or is newer than this program.
    """
    kind, ours = _parts(current)
    what = _what(current)
    try:
        found = msgspec.json.decode(content, type=_Head).format
        double = _said_twice(content)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise mistake(
            text("{file}: this is no whole {what}, it may be truncated: {problem}", file=name, what=what, problem=str(error))
        ) from error
    if double:
        raise mistake(text("{file}: {key} stands in one place twice; this {what} was edited", file=name, key=repr(double), what=what))
    its_kind, number = _parts(found)
    if its_kind != kind or not number:
        raise mistake(
            text(
                "{file}: this is no {what} of hvpreflight (its format is {found}, expected {expected})",
                file=name,
                what=what,
                found=repr(found),
                expected=repr(current),
            )
        )
    if number > ours:
        raise mistake(
            text(
                "{file}: this {what} ({found}) is newer than this program, which reads {current}; use a newer hvpreflight",
                file=name,
                what=what,
                found=found,
                current=current,
            )
        )
    return number


def _said_twice(content: bytes) -> str:
    """A key that an object has twice, of which readers take different ones; nothing where there is none."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        if len(pairs) != len({key for key, _ in pairs}):
            found.append(next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1))

    json.loads(content, object_pairs_hook=look)
    return found[0] if found else ""


def damaged(name: str, current: str, error: Exception) -> Text:
    """What is said of a file whose form is right and whose content is not."""
    return text(
        "{file}: this {what} does not hold what a {what} holds, it may have been edited: {problem}",
        file=name,
        what=_what(current),
        problem=str(error),
    )


def _what(form: str) -> Text:
    """What a file of this form is called."""
    kind, _ = _parts(form)
    name = kind.rpartition(".")[2]
    return Text(name)


def _parts(form: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\w.]+)/([1-9]\d{0,8})", form)
    return (found[1], int(found[2])) if found else (form, 0)
