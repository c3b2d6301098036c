"""Reads and writes snapshots. One that is truncated, newer than this program, or edited into nonsense is refused; one that is older is
read, for ever."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from checks.facts.snapshot import SNAPSHOT_FORMAT, Snapshot
from checks.mistake import Mistake
from checks.text import Text, minute, text
from checks.windows.names import AccountName, HostName
from runner.encodings import without_mark
from runner.files.migrations import migrated
from runner.files.reading import Unreadable, whole
from runner.files.versioned import damaged, number_of

CLOCK_TOLERANCE = timedelta(minutes=5)
PRESENT = int(SNAPSHOT_FORMAT.rpartition("/")[2])


class SnapshotError(Mistake):
    """A snapshot that cannot be used; its sentence says why."""


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.json.encode(snapshot) + b"\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_snapshot(path: Path, now: datetime) -> tuple[Snapshot, bytes]:
    """The snapshot in a file, and the file's bytes. Raises SnapshotError."""
    content = content_of(path)
    return decode(content, str(path), now), content


def content_of(path: Path) -> bytes:
    """The bytes of a snapshot, before anything is made of them. Raises SnapshotError."""
    try:
        return whole(path)
    except Unreadable as error:
        raise SnapshotError(text("{file}: this file cannot be read: {problem}", file=str(path), problem=error.why)) from error


def decode(content: bytes, name: str, now: datetime) -> Snapshot:
    """The snapshot in these bytes; `name` is how messages call it. Raises SnapshotError."""
    content = without_mark(content)
    number = number_of(content, name, SNAPSHOT_FORMAT, SnapshotError)
    try:
        if number == PRESENT:
            snapshot = msgspec.json.decode(content, type=Snapshot)
        else:
            snapshot = msgspec.convert(migrated(msgspec.json.decode(content), number), Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(damaged(name, SNAPSHOT_FORMAT, error)) from error
    if oddity := _oddity(snapshot, now):
        raise SnapshotError(text("{file}: {problem}", file=name, problem=oddity))
    return snapshot


def _oddity(snapshot: Snapshot, now: datetime) -> Text | None:
    """What is impossible in a snapshot that has the right form, or nothing."""
    collected = snapshot.collected
    times = (
        collected.start,
        collected.end,
        *(time for visit in snapshot.visits.values() for time in (visit.start, visit.end)),
    )
    if any(time.tzinfo is None for time in times):
        return text("a time of this snapshot has no zone; it was edited")
    if collected.end < collected.start:
        return text("this snapshot ends before it starts; it was edited")
    if collected.end > now + CLOCK_TOLERANCE:
        until = minute(collected.end)
        return text("this snapshot was collected in the future ({until}); the clock here or there is wrong", until=until)
    names = (*map(HostName, snapshot.hosts), *map(AccountName, snapshot.operators))
    if odd := [name.spelled for name in names if name.spelled != name.key]:
        return text("the name {name} is not in the form of a snapshot; it was edited", name=repr(odd[0]))
    if missing := sorted(snapshot.hosts.keys() ^ snapshot.visits.keys()):
        return text("hosts and visits do not agree on {names}; it was edited", names=tuple(missing))
    return None
