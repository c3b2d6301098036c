"""Reads and writes snapshots. One that is truncated, newer than this program, or edited into nonsense is refused; one that is older is
read, for ever."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from checks.facts.snapshot import SNAPSHOT_FORMAT, Snapshot
from checks.mistake import Mistake
from checks.text import minute
from checks.windows.names import AccountName, HostName
from runner.files.migrations import migrated
from runner.files.reading import Unreadable, whole
from runner.files.versioned import damaged, number_of

CLOCK_TOLERANCE = timedelta(minutes=5)
PRESENT = int(SNAPSHOT_FORMAT.rpartition("/")[2])


class SnapshotError(Mistake):
    """A snapshot that cannot be used; the text says why."""


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
        raise SnapshotError(f"{path}: this file cannot be read: {error}") from error


def decode(content: bytes, name: str, now: datetime) -> Snapshot:
    """The snapshot in these bytes; `name` is how messages call it. Raises SnapshotError."""
    number = number_of(content, name, SNAPSHOT_FORMAT, SnapshotError)
    try:
        if number == PRESENT:
            snapshot = msgspec.json.decode(content, type=Snapshot)
        else:
            snapshot = msgspec.convert(migrated(msgspec.json.decode(content), number), Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(damaged(name, "snapshot", error)) from error
    if oddity := _oddity(snapshot, now):
        raise SnapshotError(f"{name}: {oddity}")
    return snapshot


def _oddity(snapshot: Snapshot, now: datetime) -> str:
    """What is impossible in a snapshot that has the right form, or nothing."""
    collected = snapshot.collected
    times = (
        collected.start,
        collected.end,
        *(time for visit in snapshot.visits.values() for time in (visit.start, visit.end)),
    )
    if any(time.tzinfo is None for time in times):
        return "a time of this snapshot has no zone; it was edited"
    if collected.end < collected.start:
        return "this snapshot ends before it starts; it was edited"
    if collected.end > now + CLOCK_TOLERANCE:
        return f"this snapshot was collected in the future ({minute(collected.end)}); the clock here or there is wrong"
    names = (*map(HostName, snapshot.hosts), *map(AccountName, snapshot.operators))
    if odd := [name.spelled for name in names if name.spelled != name.key]:
        return f"the name {odd[0]!r} is not in the form of a snapshot; it was edited"
    if missing := sorted(snapshot.hosts.keys() ^ snapshot.visits.keys()):
        return f"hosts and visits do not agree on {', '.join(missing)}; it was edited"
    return ""
