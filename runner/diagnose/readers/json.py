"""Reads `Get-WinEvent | ConvertTo-Json` of PowerShell 5.1 and 7: an array, one object, or one object a line; and any other JSON as text.

Objects are cut out by their brackets and decoded one by one, so the size of the array does not matter.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from runner.diagnose.readers import text
from runner.diagnose.readers.entries import Entry, keep, number, utc
from runner.diagnose.readers.kept import ENTRY_LIMIT, Kept

_TOKEN = re.compile(r'(?P<string>"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+")|(?P<open>"[^\n]*+)|[{}\[\]]')
_WRAPPER = re.compile(r'\{\s*"value"\s*:\s*\[')
_WRAPPER_LENGTH = 64
_DATE = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(chunks: Iterable[str], kept: Kept) -> None:
    """Keep what the objects of a JSON text tell; what is no whole object is searched for codes as text."""
    first = ""
    for count, (piece, whole) in enumerate(_pieces(chunks), 1):
        where = f"entry {count}"
        try:
            value = msgspec.json.decode(piece.encode("utf-8", "replace")) if whole else None
        except (ValueError, RecursionError):
            value = None
        if value is None:
            kept.odd("Entry {count} is no whole JSON object; it was searched as text.", count=count)
        entry = _entry(value, f"{kept.name}, {where}") if isinstance(value, dict) else None
        if entry:
            keep(kept, entry)
            continue
        found = piece if value is None else "\n".join(_flat(value))
        first = first or found[: text.BEGINNING]
        kept.told.gap()
        text.read((found,), kept, place=where, salvage=True)
    if kept.empty and first:
        text.read((first,), kept, place="entry 1")


def _pieces(chunks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The text of each outermost object or string, and whether it is whole. Where one is too long, those inside take its place."""
    buffer, position, begin, depth = "", 0, -1, 0
    for chunk, last in _with_last(chunks):
        buffer += chunk
        tried = 0
        while match := _TOKEN.search(buffer, position):
            mark, start = match[0], match.start()
            unfinished = match.lastgroup == "open" and match.end() == len(buffer)
            unclear = mark == "{" and begin < 0 and len(buffer) - start < _WRAPPER_LENGTH
            if not last and (unfinished or unclear):
                break
            position = match.end()
            if begin >= 0:
                depth += (mark in "{[") - (mark in "}]")
                if depth == 0:
                    yield buffer[begin:position], True
                    begin = -1
            elif mark == "{":
                wrapper = _WRAPPER.match(buffer, start)
                if not wrapper and start >= tried:
                    tried = buffer.find("\n", start) + 1 or len(buffer) + 1
                    if tried <= len(buffer) and _is_object(buffer[start:tried]):
                        yield buffer[start:tried], True
                        position = tried
                        continue
                begin, depth, position = (-1, 0, wrapper.end()) if wrapper else (start, 1, position)
            elif match.lastgroup:
                yield mark, match.lastgroup == "string"
        else:
            position = len(buffer)
        if begin >= 0 and len(buffer) - begin > ENTRY_LIMIT:
            yield buffer[begin : begin + ENTRY_LIMIT], False
            begin, position = -1, max(position, begin + 1)
        elif begin < 0 and len(buffer) - position > ENTRY_LIMIT:
            yield buffer[position:], False
            position = len(buffer)
        cut = begin if begin >= 0 else position
        buffer, position, begin = buffer[cut:], position - cut, min(begin, 0)
    if begin >= 0:
        yield buffer, False


def _is_object(line: str) -> bool:
    """Is the rest of a line one whole object, as programs that write an object a line do."""
    if not line.rstrip().endswith("}"):
        return False
    try:
        return isinstance(msgspec.json.decode(line.encode("utf-8", "replace")), dict)
    except (ValueError, RecursionError):
        return False


def _with_last(chunks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The chunks, and an empty last one that says so."""
    for chunk in chunks:
        yield chunk, False
    yield "", True


# --- objects --------------------------------------------------------------------------------------------------------


def _entry(value: dict[str, Any], where: str) -> Entry | None:
    """An event as Get-WinEvent (or Get-EventLog) makes it; nothing for any other object."""
    number_ = number(_string(_first(value, "Id", "EventID", "EventId")))
    if number_ is None or not any(name in value for name in ("LogName", "ProviderName", "MachineName", "TimeCreated", "TimeGenerated")):
        return None
    return Entry(
        where=where,
        id=number_,
        channel=_string(_first(value, "LogName", "ContainerLog")),
        provider=_string(_first(value, "ProviderName", "Source")),
        computer=_string(_first(value, "MachineName", "PSComputerName")),
        time=time(_first(value, "TimeCreated", "TimeGenerated")),
        message=_string(value.get("Message")),
        values=_values(_first(value, "Properties", "ReplacementStrings")),
    )


def time(value: object) -> datetime | None:
    r"""A time as ConvertTo-Json writes it: `\/Date(ms)\/`, ISO with a zone, or an object around one of them. UTC."""
    if isinstance(value, dict):
        value = value.get("value")
    if not isinstance(value, str):
        return None
    if match := _DATE.fullmatch(value.strip()):
        try:
            return _EPOCH + timedelta(milliseconds=int(match[1]))
        except OverflowError:
            return None
    return utc(value)


def _values(properties: object) -> tuple[tuple[str, str], ...]:
    """The event's data: a list of values, of objects with `Value`, or an object around the list."""
    if isinstance(properties, dict):
        properties = properties.get("value", properties.get("Value"))
    if not isinstance(properties, list):
        return ()
    values = (_string(item.get("Value") if isinstance(item, dict) else item) for item in properties[:256])
    return tuple(("", value) for value in values if value)


def _first(value: dict[str, Any], *names: str) -> object:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _flat(value: object) -> Iterator[str]:
    """Any JSON value as lines `name: value`, without recursion: what is inside an object stands after it, apart from it."""
    objects: deque[tuple[str, object]] = deque([("", value)])
    while objects:
        outermost = objects[0][1]
        left = [objects.popleft()]
        while left:
            name, item = left.pop()
            if isinstance(item, dict) and item is not outermost:
                objects.append((name, item))
            elif isinstance(item, dict):
                left += reversed([(str(key), inner) for key, inner in item.items()])
            elif isinstance(item, list):
                left += [(name, inner) for inner in reversed(item)]
            elif line := str(item) if isinstance(item, bool) else _string(item):
                yield f"{name}: {line}" if name else line
        if objects:
            yield ""
