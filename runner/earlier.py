"""The last run of the same plan that lies beside a run folder, by earlier facts. What is found there is told, and decides nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec

from checks.plan import ZonedTime
from checks.result import ChangeInfo, NotCompared, Result, Since
from checks.text import Text, text
from runner.files.result import ResultError, decode
from runner.files.runs import DAMAGED, newest, shown, told

FOLDERS_LOOKED_AT = 100
"""The latest so many folders are looked at."""
UNREAD_TOLD = 5
"""Folders that could not be compared and are told."""


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


def since_last_run(result: Result, folder: Path) -> Since:
    """What became of the findings of a result, whose run folder this is, since the last earlier run beside it. Never raises."""
    from reports.since import recorded

    unread: list[NotCompared] = []
    try:
        place = folder.resolve()
        folders = newest(place.parent, FOLDERS_LOOKED_AT, place.name)
    except OSError:
        return Since(unread=(NotCompared(shown(folder.resolve().parent), text("what lies there cannot be listed")),))
    for path in folders:
        found = _compared(path, result)
        if isinstance(found, Text):
            unread.append(NotCompared(shown(path), found))
        elif found is not None:
            return recorded(shown(path), found, result, unread[:UNREAD_TOLD])
    return Since(unread=tuple(unread[:UNREAD_TOLD]))


def _compared(path: Path, result: Result) -> Result | Text | None:
    """The result in a folder where it is an earlier one of the same plan, nothing where it is another, or why that cannot be told."""
    found = told(path, _Head)
    if isinstance(found, Text):
        return found
    head, content = found
    if not _earlier(head, result):
        return None
    try:
        return decode(content, path.name)
    except ResultError:
        return DAMAGED


def _earlier(head: _Head, result: Result) -> bool:
    """Is this a run of the same plan by facts that were read before: of the same change, or where no change is named by the same plan or
    between the same hosts."""
    if head.snapshot_sha256 == result.snapshot_sha256 or head.collected.end > result.collected.end or head.change.id != result.change.id:
        return False
    ways, ours = ({(each.source, each.target) for each in pairs} for pairs in (head.pairs, result.pairs))
    return bool(result.change.id) or head.plan_sha256 == result.plan_sha256 or ways == ours
