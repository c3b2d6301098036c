"""The last run of the same plan that lies beside a run folder, by earlier facts. What is found there is told, and decides nothing."""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from checks.plan import ZonedTime
from checks.result import RESULT_FORMAT, ChangeInfo, NotCompared, Result, Since
from checks.text import Text, text
from runner.files.reading import Unreadable, whole
from runner.files.result import ResultError, decode

FOLDERS_LOOKED_AT = 100
"""The latest so many folders are looked at."""
UNREAD_TOLD = 5
"""Folders that could not be compared and are told."""
NAME_SHOWN = 200
"""So much of the name of a folder is kept."""
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_KIND = RESULT_FORMAT.partition("/")[0] + "/"


class _Format(msgspec.Struct):
    format: str = ""


class _Head(msgspec.Struct):
    """What tells whether a result is an earlier one of the same plan, without its findings."""

    class Collected(msgspec.Struct):
        end: ZonedTime

    class Way(msgspec.Struct, frozen=True):
        source: str
        target: str

    snapshot_sha256: str
    plan_sha256: str
    collected: Collected
    change: ChangeInfo
    pairs: tuple[Way, ...]


class _Folder(NamedTuple):
    """A folder beside the run, by when its run was: as its name says, or else when its result was written."""

    when: str
    path: Path


def since_last_run(result: Result, folder: Path) -> Since:
    """What became of the findings of a result, whose run folder this is, since the last earlier run beside it. Never raises."""
    from reports.since import recorded

    unread: list[NotCompared] = []
    try:
        folders = heapq.nlargest(FOLDERS_LOOKED_AT, _beside(folder.resolve()))
    except OSError:
        return Since(unread=(NotCompared(_shown(folder.resolve().parent), text("what lies there cannot be listed")),))
    for each in folders:
        found = _compared(each.path, result)
        if isinstance(found, Text):
            unread.append(NotCompared(_shown(each.path), found))
        elif found is not None:
            return recorded(_shown(each.path), found, result, unread[:UNREAD_TOLD])
    return Since(unread=tuple(unread[:UNREAD_TOLD]))


def _beside(folder: Path) -> Iterator[_Folder]:
    with os.scandir(folder.parent) as entries:
        for entry in entries:
            if entry.name == folder.name:
                continue
            path = Path(entry.path)
            try:
                written = (path / "result.json").stat().st_mtime
                stamp = _STAMP.match(entry.name)
                yield _Folder(stamp[0] if stamp else datetime.fromtimestamp(written, UTC).strftime("%Y%m%dT%H%M%SZ"), path)
            except (OSError, ValueError, OverflowError):
                continue  # no run lies there, or none that may be looked at


def _compared(path: Path, result: Result) -> Result | Text | None:
    """The result in a folder where it is an earlier one of the same plan, nothing where it is another, or why that cannot be told."""
    try:
        content = whole(path / "result.json")
    except Unreadable:
        return text("its result cannot be read")
    try:
        said = msgspec.json.decode(content, type=_Format).format
        if said != RESULT_FORMAT:
            newer = said.startswith(_KIND)
            return text("a newer version of this program wrote it") if newer else text("its result is none of this program")
        if not _earlier(msgspec.json.decode(content, type=_Head), result):
            return None
        return decode(content, path.name)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ResultError):
        return text("its result is damaged")


def _earlier(head: _Head, result: Result) -> bool:
    """Is this a run of the same plan by facts that were read before: of the same change, or where no change is named by the same plan or
    between the same hosts."""
    if head.snapshot_sha256 == result.snapshot_sha256 or head.collected.end > result.collected.end or head.change.id != result.change.id:
        return False
    ways, ours = ({(each.source, each.target) for each in pairs} for pairs in (head.pairs, result.pairs))
    return bool(result.change.id) or head.plan_sha256 == result.plan_sha256 or ways == ours


def _shown(path: Path) -> str:
    """The name of a folder, also of one that is no text."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")[:NAME_SHOWN]
