"""Security descriptors and replication metadata come from the directory: whatever the bytes are, the answer is right or an error."""

from __future__ import annotations

import struct
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.directory import AccessEntry, Written
from lab import blobs
from runner.collect.directories.accounts import may_read
from runner.collect.directories.metadata import (
    ALLOWED_TO_ACT,
    ALLOWED_TO_DELEGATE_TO,
    USER_ACCOUNT_CONTROL,
    Change,
    MalformedMetadata,
    changes,
    delegation,
    written,
)
from runner.collect.directories.security_descriptor import EVERYONE, FULL_CONTROL, MalformedDescriptor, access_entries, sid_text

HV01 = "S-1-5-21-1004336348-1177238915-682003330-1108"
HV02 = "S-1-5-21-1004336348-1177238915-682003330-1109"
ATTRIBUTE = "800d94d7-b7a1-42a1-b14d-7cae1423d07f"
PROPERTY_SET = "e48d0154-bcf8-11d1-8702-00c04fb96050"


def ace(kind: int, sid: str, *, mask: int = FULL_CONTROL, flags: int = 0, object_type: str | None = None, inherited: bool = False) -> bytes:
    body = struct.pack("<I", mask)
    if kind in (5, 6, 11, 12):
        body += struct.pack("<I", (1 if object_type else 0) | (2 if inherited else 0))
        body += uuid.UUID(object_type).bytes_le if object_type else b""
        body += uuid.UUID(int=7).bytes_le if inherited else b""
    body += blobs.sid(sid)
    return struct.pack("<BBH", kind, flags, 4 + len(body)) + body


def descriptor(*aces: bytes, control: int = 0x8004) -> bytes:
    entries = b"".join(aces)
    return struct.pack("<BBHIIII", 1, 0, control, 0, 0, 0, 20) + struct.pack("<BBHHH", 4, 0, 8 + len(entries), len(aces), 0) + entries


def test_what_the_directory_cmdlets_write_for_a_delegating_computer_is_read() -> None:
    assert access_entries(blobs.may_act_on_behalf([HV01, HV02])) == (
        AccessEntry(True, FULL_CONTROL, HV01),
        AccessEntry(True, FULL_CONTROL, HV02),
    )


def test_denials_and_permissions_stay_in_their_order() -> None:
    entries = access_entries(descriptor(ace(1, HV01, mask=0x100), ace(0, HV01), ace(6, HV02, mask=16), ace(5, HV02, mask=16)))
    assert [(entry.allow, entry.sid) for entry in entries] == [(False, HV01), (True, HV01), (False, HV02), (True, HV02)]


@pytest.mark.parametrize("inherited", [False, True])
def test_an_entry_for_one_attribute_names_it(inherited: bool) -> None:
    assert access_entries(descriptor(ace(5, HV01, mask=16, object_type=ATTRIBUTE, inherited=inherited))) == (
        AccessEntry(True, 16, HV01, ATTRIBUTE),
    )


def test_entries_for_children_only_do_not_count() -> None:
    assert access_entries(descriptor(ace(0, HV01, flags=0x0A))) == ()


def test_an_entry_under_a_condition_says_so() -> None:
    assert access_entries(descriptor(ace(9, HV01), ace(10, HV01))) == (
        AccessEntry(True, FULL_CONTROL, HV01, conditional=True),
        AccessEntry(False, FULL_CONTROL, HV01, conditional=True),
    )


@pytest.mark.parametrize("bytes_without_list", [descriptor(control=0x8000), struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 0)])
def test_a_descriptor_without_a_list_lets_everyone_in(bytes_without_list: bytes) -> None:
    assert access_entries(bytes_without_list) == (AccessEntry(True, FULL_CONTROL, EVERYONE, conditional=True),)


def test_an_empty_list_lets_nobody_in() -> None:
    assert access_entries(descriptor()) == ()


def test_an_entry_that_claims_no_length_is_refused_rather_than_read_for_ever() -> None:
    whole = bytearray(descriptor(ace(0, HV01), ace(0, HV02)))
    whole[30:32] = b"\0\0"
    with pytest.raises(MalformedDescriptor):
        access_entries(bytes(whole))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_descriptor_or_refused(data: bytes) -> None:
    with suppress(MalformedDescriptor):
        assert isinstance(access_entries(data), tuple)


@given(st.data(), st.integers(min_value=0, max_value=255))
def test_a_damaged_descriptor_is_read_or_refused(data: st.DataObject, value: int) -> None:
    whole = bytearray(descriptor(ace(0, HV01), ace(6, HV02, object_type=ATTRIBUTE), ace(5, HV01, object_type=ATTRIBUTE, inherited=True)))
    whole[data.draw(st.integers(0, len(whole) - 1))] = value
    whole = whole[: data.draw(st.integers(0, len(whole)))]
    with suppress(MalformedDescriptor):
        assert isinstance(access_entries(bytes(whole)), tuple)


@given(st.lists(st.integers(0, (1 << 32) - 1), min_size=1, max_size=15), st.integers(0, (1 << 32) - 1))
def test_a_sid_reads_as_it_was_written(parts: list[int], authority: int) -> None:
    text = "-".join(("S-1", str(authority), *map(str, parts)))
    assert sid_text(blobs.sid(text)) == text


@pytest.mark.parametrize("data", [b"", b"\1\1", b"\2\0" + bytes(6), b"\1\x10" + bytes(70), blobs.sid(HV01) + b"\0", blobs.sid(HV01)[:-1]])
def test_what_is_no_sid_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedDescriptor):
        sid_text(data)


@pytest.mark.parametrize(
    ("aces", "readable"),
    [
        ((ace(0, EVERYONE, mask=0x10),), True),
        ((ace(5, EVERYONE, mask=0x10, object_type=PROPERTY_SET),), True),
        ((ace(5, EVERYONE, mask=0x10, object_type=ATTRIBUTE),), True),
        ((ace(6, EVERYONE, mask=0x10, object_type=ATTRIBUTE), ace(0, EVERYONE, mask=0x10)), False),
        ((ace(6, HV01, mask=0x10, object_type=ATTRIBUTE), ace(0, EVERYONE, mask=0x10)), True),
        ((ace(5, EVERYONE, mask=0x10, object_type=str(uuid.UUID(int=9))),), False),
        ((ace(0, EVERYONE, mask=0x20),), False),
        ((), False),
    ],
)
def test_the_first_entry_that_concerns_an_attribute_decides_whether_it_may_be_read(aces: tuple[bytes, ...], readable: bool) -> None:
    assert may_read(access_entries(descriptor(*aces)), {EVERYONE, HV02}, ATTRIBUTE, PROPERTY_SET) is readable


def metadata(*rows: tuple[int, int, datetime]) -> bytes:
    return blobs.replication_metadata(blobs.Change(kind, version, at, bytes(16), 1, 1) for kind, version, at in rows)


EARLY, LATER = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def test_the_delegation_of_an_account_has_one_version_and_the_time_of_its_latest_change() -> None:
    found = changes(metadata((USER_ACCOUNT_CONTROL, 4, LATER), (ALLOWED_TO_DELEGATE_TO, 2, EARLY), (0x90303, 9, LATER)))
    assert delegation(found) == (6, LATER)
    assert found[ALLOWED_TO_DELEGATE_TO] == Change(2, EARLY, 1)


def test_the_version_grows_with_a_change_of_any_delegation_attribute() -> None:
    before = [(USER_ACCOUNT_CONTROL, 4, EARLY), (ALLOWED_TO_DELEGATE_TO, 2, EARLY)]
    older, _ = delegation(changes(metadata(*before)))
    newer, _ = delegation(changes(metadata(*before, (ALLOWED_TO_ACT, 1, LATER))))
    assert newer > older


def test_an_account_whose_delegation_was_never_touched_has_no_version() -> None:
    assert delegation(changes(metadata())) == (0, None)


def test_a_change_that_reached_this_controller_last_counts_from_then() -> None:
    rows = ((USER_ACCOUNT_CONTROL, EARLY, 7_000), (ALLOWED_TO_DELEGATE_TO, EARLY, 7_050))
    found = changes(blobs.replication_metadata(blobs.Change(kind, 1, at, bytes(16), 1, usn) for kind, at, usn in rows))
    assert written(found, 7_050, LATER) == Written(EARLY, LATER, None, None)
    assert written(found, 7_051, LATER) == Written(EARLY, EARLY, None, None), "something else was written here since"


@pytest.mark.parametrize("data", [b"", bytes(16), metadata((1, 1, EARLY))[:-1], b"\2" + metadata()[1:]])
def test_metadata_that_does_not_hold_what_it_announces_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMetadata):
        changes(data)


def test_a_time_that_no_calendar_has_is_refused() -> None:
    whole = bytearray(metadata((USER_ACCOUNT_CONTROL, 1, EARLY)))
    whole[24:32] = b"\xff" * 8
    with pytest.raises(MalformedMetadata):
        changes(bytes(whole))


@given(st.binary(max_size=200))
def test_any_bytes_are_metadata_or_refused(data: bytes) -> None:
    with suppress(MalformedMetadata):
        assert isinstance(changes(data), dict)
