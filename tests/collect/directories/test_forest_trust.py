"""What a forest trust routes comes from the directory: whatever the bytes are, the answer is right or an error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.directory import RoutedName, Routing
from lab import blobs
from runner.collect.directories.forest_trust import MalformedRoutes, routed_names
from runner.collect.directories.security_descriptor import MalformedDescriptor

SID = "S-1-5-21-2025429265-507921405-854245398"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
FLAGS = st.integers(0, 2**32 - 1)
RECORDS = st.lists(
    st.one_of(
        st.builds(blobs.Routed, st.sampled_from([0, 1]), NAMES, FLAGS, st.just(""), st.just("")),
        st.builds(blobs.Routed, st.just(2), NAMES, FLAGS, st.just(SID), NAMES),
    ),
    max_size=8,
)


def test_names_exclusions_and_domains_are_read() -> None:
    records = (
        blobs.Routed(0, "fabrikam.test"),
        blobs.Routed(1, "dmz.fabrikam.test"),
        blobs.Routed(2, "fabrikam.test", 1, SID, "FABRIKAM"),
    )
    assert routed_names(blobs.forest_trust_info(records)) == (
        RoutedName(Routing.NAME, 0, "fabrikam.test"),
        RoutedName(Routing.EXCLUSION, 0, "dmz.fabrikam.test"),
        RoutedName(Routing.DOMAIN, 1, "fabrikam.test", SID, "FABRIKAM"),
    )


def test_a_record_as_the_specification_lays_it_out_is_read() -> None:
    """Version, count; length, flags, time, kind; the length of the name and the name: little-endian, without alignment."""
    record = bytes.fromhex("02000000 8072d0aa1c5ed901 00 04000000") + b"a.bc"
    data = bytes.fromhex("01000000 01000000") + len(record).to_bytes(4, "little") + record
    assert routed_names(data) == (RoutedName(Routing.NAME, 2, "a.bc"),)


@pytest.mark.parametrize("kind", [3, 4, 255])
def test_records_of_other_kinds_are_passed_over_by_their_length(kind: int) -> None:
    data = blobs.forest_trust_info([blobs.Routed(kind, "whatever"), blobs.Routed(0, "fabrikam.test")])
    assert routed_names(data) == (RoutedName(Routing.NAME, 0, "fabrikam.test"),)


@given(RECORDS)
def test_what_is_written_is_read_in_its_order(records: list[blobs.Routed]) -> None:
    read = routed_names(blobs.forest_trust_info(records))
    assert [(route.kind, route.flags, route.name, route.sid or "", route.netbios_name) for route in read] == [
        (record.kind, record.flags, record.name, record.sid, record.netbios) for record in records
    ]


@given(RECORDS.filter(bool), st.data())
def test_what_was_cut_off_is_an_error(records: list[blobs.Routed], data: st.DataObject) -> None:
    whole = blobs.forest_trust_info(records)
    with pytest.raises((MalformedRoutes, MalformedDescriptor)):
        routed_names(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(st.binary(max_size=200), RECORDS, st.integers(0, 300))
def test_other_bytes_are_an_answer_or_an_error_of_value(noise: bytes, records: list[blobs.Routed], where: int) -> None:
    whole = blobs.forest_trust_info(records)
    for data in (noise, whole[:where] + noise + whole[where:], b"\x01\0\0\0" + noise):
        with suppress(ValueError):
            routed_names(data)
