"""Snapshots travel between machines: what is whole is read back as it was, what is not is refused with a sentence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.snapshotfile import SnapshotError, decode, encode
from tests.world import AT, good

NOW = AT + timedelta(hours=1)


def edited(change: Any) -> bytes:
    data = json.loads(encode(good().snapshot))
    change(data)
    return json.dumps(data).encode()


def refused(content: bytes) -> str:
    with pytest.raises(SnapshotError) as raised:
        decode(content, "snapshot.json", NOW)
    return str(raised.value)


def test_a_snapshot_is_read_back_as_it_was_written() -> None:
    assert decode(encode(good().snapshot), "snapshot.json", NOW) == good().snapshot


def test_a_snapshot_cut_in_half_is_refused() -> None:
    content = encode(good().snapshot)
    assert "may be truncated" in refused(content[: len(content) // 2])


def test_every_cut_is_refused() -> None:
    content = encode(good().snapshot).rstrip()
    for end in range(0, len(content), 97):
        refused(content[:end])


def test_a_snapshot_of_a_newer_program_is_refused() -> None:
    assert "newer than this program" in refused(edited(lambda data: data.update(format="hvpreflight.snapshot/2")))


def test_another_file_is_refused() -> None:
    assert "this is no snapshot of hvpreflight" in refused(b'{"hello": "world"}')
    assert "this is no whole snapshot" in refused(b"[1, 2]")


def test_a_snapshot_from_the_future_is_refused() -> None:
    late = (NOW + timedelta(days=1)).isoformat()
    assert "in the future" in refused(edited(lambda data: data["collected"].update(end=late)))


def test_a_small_difference_of_clocks_is_no_future() -> None:
    soon = (NOW + timedelta(minutes=4)).isoformat()
    decode(edited(lambda data: data["collected"].update(end=soon)), "snapshot.json", NOW)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(authentication=7),
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(enabled="yes"),
        lambda data: data["hosts"]["testserver01"]["migration"]["value"].update(speed=9),
        lambda data: data["hosts"]["testserver01"].pop("migration"),
        lambda data: data["hosts"]["testserver01"]["migration"].update(fact="assumed"),
        lambda data: data["hosts"].update({"HV09": data["hosts"]["testserver01"]}),
        lambda data: data["visits"].pop("testserver01"),
        lambda data: data["collected"].update(start="yesterday"),
        lambda data: data["collected"].update(start="2027-01-01T00:00:00Z"),
        lambda data: data["collected"].update(start="2026-01-01T00:00:00"),
    ],
)
def test_a_snapshot_edited_into_nonsense_is_refused(change: Any) -> None:
    refused(edited(change))


@given(st.binary())
def test_any_bytes_are_refused_and_never_crash(content: bytes) -> None:
    refused(content)
