"""Run folders that lie in one folder: which there are, the newest first, and what their results tell without their findings."""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from checks.result import RESULT_FORMAT
from checks.text import Text, text
from runner.files.reading import Unreadable, whole

T = TypeVar("T")

NAME_SHOWN = 200
"""So much of the name of a folder is kept."""
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_KIND = RESULT_FORMAT.partition("/")[0] + "/"
DAMAGED = text("its result is damaged")


class _Format(msgspec.Struct):
    format: str = ""


class _Folder(NamedTuple):
    """A run folder, by when its run was: as its name says, or else when its result was written."""

    when: str
    path: Path


def newest(folder: Path, most: int, but: str | None = None) -> tuple[Path, ...]:
    """At most so many of the run folders in a folder, the newest first, without the one of that name. Raises OSError."""
    return tuple(each.path for each in heapq.nlargest(most, _folders(folder, but)))


def _folders(folder: Path, but: str | None) -> Iterator[_Folder]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name == but:
                continue
            path = Path(entry.path)
            try:
                written = (path / "result.json").stat().st_mtime
                stamp = _STAMP.match(entry.name)
                yield _Folder(stamp[0] if stamp else datetime.fromtimestamp(written, UTC).strftime("%Y%m%dT%H%M%SZ"), path)
            except (OSError, ValueError, OverflowError):
                continue  # no run lies there, or none that may be looked at


def told(path: Path, part: type[T]) -> tuple[T, bytes] | Text:
    """A part of the result in a run folder, with the bytes of the whole, or why there is none."""
    try:
        content = whole(path / "result.json")
    except Unreadable:
        return text("its result cannot be read")
    try:
        said = msgspec.json.decode(content, type=_Format).format
        if said != RESULT_FORMAT:
            newer = said.startswith(_KIND)
            return text("a newer version of this program wrote it") if newer else text("its result is none of this program")
        return msgspec.json.decode(content, type=part), content
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return DAMAGED


def shown(path: Path) -> str:
    """The name of a folder, also of one that is no text."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")[:NAME_SHOWN]
