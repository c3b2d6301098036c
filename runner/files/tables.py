"""Reads a TOML file that a person writes into a type: what does not fit is told all at once, each with its line."""

from __future__ import annotations

import re
import tomllib
import types
import typing
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from checks.mistake import Mistake
from checks.near_names import near_name
from checks.text import NOTHING, Text, plain, text, verbatim
from runner.encodings import whole_text
from runner.files.reading import Unreadable, whole

T = TypeVar("T", bound=Struct)
Place = tuple[str | int, ...]
"""The keys and the numbers of tables that lead to a value."""

MOST_BYTES = 64 << 20


KINDS: Mapping[type, str] = {
    bool: "true or false",
    str: "text",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "a table",
    datetime: "a time",
    date: "a date",
}
"""What a kind of value is called."""


class Problem(Struct, frozen=True):
    """One thing that is wrong with a file. `line` counts from 1; 0 is the file as a whole."""

    file: str
    line: int
    said: Text

    @property
    def sentence(self) -> Text:
        """What is wrong, with its place before it."""
        if not self.line:
            return text("{file}: {said}", file=self.file, said=self.said)
        return text("{file}:{line}: {said}", file=self.file, line=self.line, said=self.said)


class FileError(Mistake):
    """A file that cannot be used; `problems` holds everything that is wrong with it, in the order of the lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, plain(problem.said)))
        super().__init__(*(problem.sentence for problem in self.problems))


class Table(NamedTuple, typing.Generic[T]):
    """What a file says, as a type and as plain data, its bytes, and where each value of it stands."""

    said: T
    content: bytes
    lines: Lines
    data: dict[str, Any]
    misfits: tuple[Place, ...] = ()
    """The places of what was left out because it does not fit, where that is to be told with what else is wrong."""

    def problem(self, path: Path, place: Place, said: Text) -> Problem:
        """That something is wrong with the value at a place."""
        return Problem(str(path), self.lines.of(place), said)


def read_table(path: Path, kind: type[T], name: Text, problems: list[Problem] | None = None) -> Table[T]:
    """What a file says, as a type. `name` is what the whole of it is called, such as `the plan`.

    Raises FileError with everything that is wrong with it: unknown keys, wrong types, keys that are missing. With `problems` these go
    there, and the rest is read without what does not fit.
    """
    try:
        content = whole(path, MOST_BYTES)
    except Unreadable as error:
        raise FileError([Problem(str(path), 0, text("this file cannot be read: {problem}", problem=error.why))]) from error
    return table_of(content, path, kind, name, problems)


def table_of(content: bytes, path: Path, kind: type[T], name: Text, problems: list[Problem] | None = None) -> Table[T]:
    """The same of a content that is read already."""
    if not content.strip():
        raise FileError([Problem(str(path), 0, text("{name} is empty", name=name))])
    try:
        written = whole_text(content)
        data = tomllib.loads(written.replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise FileError([no_text(path, content, error)]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else 1
        said = (
            text("this is not TOML: {problem}. What holds a backslash stands in single quotes", problem=str(error))
            if _ESCAPING.search(written.split("\n")[line - 1])
            else text("this is not TOML: {problem}", problem=str(error))
        )
        raise FileError([Problem(str(path), line, said)]) from error
    lines = Lines(written)
    misfits = tuple(_misfits(data, kind, (), name))
    wrong = [Problem(str(path), lines.of(place), said) for place, said in misfits]
    if wrong and problems is None:
        raise FileError(wrong)
    places = tuple(place for place, _ in misfits)
    left = places
    while left:  # a table that lacks what was left out is left out too
        for place in left:
            _leave_out(data, place)
        left = tuple(place for place, _ in _misfits(data, kind, (), name))
    if problems is not None:
        problems += wrong
    return Table(msgspec.convert(data, kind), content, lines, data, places)


_ESCAPING = re.compile(r'"[^"]*\\')
"""A backslash in what may be a text in double quotes."""


def no_text(path: Path, content: bytes, error: UnicodeDecodeError) -> Problem:
    """That a file holds other bytes than a text, in its line."""
    line = content[: error.start].count(b"\n") + 1
    return Problem(str(path), line, text("this is not text in UTF-8: save it in UTF-8 (in Excel as CSV UTF-8)"))


def _leave_out(data: Any, place: tuple[Any, ...]) -> None:
    """Take a value out of plain data; of an array, the whole of it, so that no other changes its place."""
    while place and isinstance(place[-1], int):
        place = place[:-1]
    for step in place[:-1]:
        data = data[step] if not isinstance(data, dict) or step in data else {}
    if place:
        data.pop(place[-1], None)


def did_you_mean(written: str, known: Iterable[str]) -> Text:
    """The end of a message about a name that does not exist: which one may have been meant; nothing where none is like it."""
    name = near_name(written, known)
    return text("; did you mean {name}?", name=name) if name else NOTHING


def _misfits(value: Any, kind: Any, place: Place, whole: Text) -> Iterator[tuple[Place, Text]]:
    """Everything in a TOML value that its type does not take: unknown keys, wrong types, keys that are missing."""
    if isinstance(kind, types.UnionType):
        kind = next(part for part in typing.get_args(kind) if part is not types.NoneType)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        if not isinstance(value, dict):
            yield place, _other_kind(_named(place, whole), dict, value)
            return
        hints, required = _fields(kind)
        for name, part in value.items():
            if name in hints:
                yield from _misfits(part, hints[name], (*place, name), whole)
            else:
                hint = did_you_mean(name, hints)
                if hint is NOTHING:
                    hint = text("; known are {names}", names=tuple(sorted(hints)))
                yield (*place, name), text("unknown key {key}{hint}", key=_named((*place, name), whole), hint=hint)
        for name in required:
            if name not in value:
                yield place, text("{name} is missing", name=_named((*place, name), whole))
    elif origin is dict:
        if isinstance(value, dict):
            for name, part in value.items():
                yield from _misfits(part, arguments[1], (*place, name), whole)
        else:
            yield place, _other_kind(_named(place, whole), dict, value)
    elif origin is tuple:
        if isinstance(value, list):
            for index, part in enumerate(value):
                yield from _misfits(part, arguments[0], (*place, index), whole)
        else:
            yield place, _other_kind(_named(place, whole), list, value)
    else:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield place, _misfit(_named(place, whole), value, kind, error)


@cache
def _fields(kind: type[Struct]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The types of a table's keys, and which of them it must have."""
    required = tuple(each.name for each in msgspec.structs.fields(kind) if each.required)
    return typing.get_type_hints(kind, include_extras=True), required


def _other_kind(name: str | Text, wanted: type, given: Any) -> Text:
    return text("{name} must be {wanted}, not {given}", name=name, wanted=Text(KINDS[wanted]), given=_spoken(given))


def not_one_of(name: str | Text, value: Any, known: Iterable[str]) -> Text:
    """What is said of a value for which there are only these."""
    return text("{name} is {value}, not one of {known}", name=name, value=repr(value), known=tuple(map(str, known)))


def _misfit(name: str | Text, value: Any, kind: Any, error: Exception) -> Text:
    """What is said of a value that its type does not take: in words of our own where there are such."""
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    if isinstance(kind, type) and issubclass(kind, Enum):
        return not_one_of(name, value, (each.value for each in kind))
    if kind in KINDS and _spoken(value).template != KINDS[kind]:
        return _other_kind(name, kind, value)
    return text("{name}: {problem}", name=name, problem=f"{str(error)[0].lower()}{str(error)[1:]}")


def _named(place: Place, whole: Text) -> str | Text:
    name = ""
    for step in place:
        name += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if name else str(step)
    return name or whole


def _spoken(value: Any) -> Text:
    return Text(KINDS[type(value)]) if type(value) in KINDS else verbatim(type(value).__name__)


class Layer(NamedTuple):
    """A file that says a part of what several say together: its path, what it says, and where."""

    path: Path
    data: dict[str, Any]
    lines: Lines


def laid_over(layers: Sequence[Layer], names: Mapping[str, Callable[[str], Hashable]]) -> dict[str, Any]:
    """What layers say together, the first before all others. Of tables each key is taken by itself; the keys of the tables named here are
    names, which compare as that type does."""
    whole: dict[str, Any] = {}
    for layer in reversed(layers):
        whole = _over(layer.data, whole, names)
    return whole


def _over(upper: Mapping[str, Any], lower: Mapping[str, Any], names: Mapping[str, Callable[[str], Hashable]]) -> dict[str, Any]:
    left, whole = dict(lower), dict[str, Any]()
    for key, value in upper.items():
        below = left.pop(key, None)
        if not (isinstance(value, dict) and isinstance(below, dict)):
            whole[key] = value
        elif kind := names.get(key):
            spelled: dict[Hashable, str] = {kind(name): name for name in value}
            whole[key] = _over(value, {str(spelled.get(kind(name), name)): its for name, its in below.items()}, {})
        else:
            whole[key] = _over(value, below, {})
    return whole | left


def where(layers: Sequence[Layer], place: Place, names: Mapping[str, Callable[[str], Hashable]]) -> tuple[Path, int]:
    """In which file a value of what they say together stands, and in which line: the first that has it, or the nearest table around it."""
    spelled = [(layer, _as_spelled(layer.data, place, names)) for layer in layers]
    for steps in range(len(place), 0, -1):
        for layer, own in spelled:
            if _holds(layer.data, own[:steps]):
                return layer.path, layer.lines.of(own)
    return layers[0].path, 1


def _as_spelled(data: dict[str, Any], place: Place, names: Mapping[str, Callable[[str], Hashable]]) -> Place:
    """A place as one file spells the names in it."""
    kind = names.get(str(place[0])) if len(place) > 1 else None
    table = data.get(str(place[0])) if kind else None
    if kind is None or not isinstance(table, dict):
        return place
    wanted = kind(str(place[1]))
    return (place[0], next((name for name in table if kind(name) == wanted), str(place[1])), *place[2:])


def _holds(data: Any, place: Place) -> bool:
    for step in place:
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return False
    return True


class Lines:
    """Where the tables and keys of a TOML text stand. The text is known to be TOML; only what a line begins with is looked at."""

    _HEADER = re.compile(r"\s*\[(\[)?([^\]]+)\]")
    _KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
    _STEP = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")

    def __init__(self, text: str) -> None:
        self._found: dict[Place, int] = {}
        counts: dict[Place, int] = {}
        table: Place = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := self._HEADER.match(line):
                table = self._steps(header[2])
                if header[1]:
                    self._found.setdefault(table, number)
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                elif len(table) > 1 and table[:1] in counts:
                    table = (*table[:1], counts[table[:1]], *table[1:])
                self._found.setdefault(table, number)
            elif found := self._KEY.match(line):
                self._found.setdefault((*table, *self._steps(found[1])), number)

    def _steps(self, text: str) -> Place:
        return tuple(next(part for part in found if part) for found in self._STEP.findall(text) if any(found))

    def of(self, place: Place) -> int:
        """The line of a place, or of the nearest table around it."""
        while place and place not in self._found:
            place = place[:-1]
        return self._found.get(place, 1)
