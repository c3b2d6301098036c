"""Reads and writes snapshots. A file that is truncated, newer than this program, or edited into nonsense is refused."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from checks.facts import SNAPSHOT_FORMAT, Snapshot
from checks.plan import key

CLOCK_TOLERANCE = timedelta(minutes=5)
_FORMAT = re.compile(r"hvpreflight\.snapshot/(\d+)")


class SnapshotError(Exception):
    """A snapshot that cannot be used; the text says why."""


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.json.encode(snapshot) + b"\n"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_snapshot(path: Path, now: datetime) -> tuple[Snapshot, bytes]:
    """The snapshot in a file, and the file's bytes. Raises SnapshotError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path}: this file cannot be read: {error.strerror}") from error
    return decode(content, str(path), now), content


class _Head(msgspec.Struct):
    format: str = ""


def decode(content: bytes, name: str, now: datetime) -> Snapshot:
    """The snapshot in these bytes; `name` is how messages call it. Raises SnapshotError."""
    try:
        found = msgspec.json.decode(content, type=_Head).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(f"{name}: this is no whole snapshot, it may be truncated: {error}") from error
    version = _FORMAT.fullmatch(found)
    if not version:
        raise SnapshotError(f"{name}: this is no snapshot of hvpreflight (its format is {found!r}, expected {SNAPSHOT_FORMAT!r})")
    if int(version[1]) > int(SNAPSHOT_FORMAT.rpartition("/")[2]):
        raise SnapshotError(
            f"{name}: this snapshot ({found}) is newer than this program, which reads {SNAPSHOT_FORMAT}; use a newer hvpreflight"
        )
    try:
        snapshot = msgspec.json.decode(content, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SnapshotError(f"{name}: this snapshot does not hold what a snapshot holds, it may have been edited: {error}") from error
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
        return f"this snapshot was collected in the future ({collected.end:%Y-%m-%dT%H:%MZ}); the clock here or there is wrong"
    if odd := [name for name in (*snapshot.hosts, *snapshot.operators) if name != key(name)]:
        return f"the name {odd[0]!r} is not in the form of a snapshot; it was edited"
    if missing := sorted(snapshot.hosts.keys() ^ snapshot.visits.keys()):
        return f"hosts and visits do not agree on {', '.join(missing)}; it was edited"
    return ""
