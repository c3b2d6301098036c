"""Telling the VM and the hosts in texts of any language, by structure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.diagnose.names import Named, names_in_text, names_in_values, peer_in_values
from tests.diagnose.samples import CONSOLE, ENGLISH, GERMAN, VM_ID

MOVE = Named(vm="LMTest", source="TESTSERVER01", target="TESTSERVER02", host="TESTSERVER01")


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, CONSOLE])
def test_the_sentences_of_hyper_v_give_vm_source_and_target(text: str) -> None:
    assert names_in_text(text) == MOVE


@pytest.mark.parametrize(("opening", "closing"), ["''", '""', "„“", "“”", "‘’", "«»", "»«", "‚‘", "「」"])
def test_every_kind_of_quotation_marks_is_understood(opening: str, closing: str) -> None:
    def quoted(name: str) -> str:
        return opening + name + closing

    text = f"Xx {quoted('LMTest')} yy {quoted('TESTSERVER01')}. (ID {VM_ID})\n\nZz {quoted('TESTSERVER02')}: ww (0x8009030E)."
    assert names_in_text(text) == MOVE


def test_the_other_host_is_found_where_the_colon_comes_later_in_the_sentence() -> None:
    text = f'Vorgang für "LMTest" an "TESTSERVER01". (ID {VM_ID})\n\nMit dem Host "TESTSERVER02" keine Verbindung: Grund (0x8009030E).'
    assert names_in_text(text) == MOVE


@pytest.mark.parametrize(
    "text",
    [
        "connect to host TESTSERVER02: No credentials (0x8009030E)",
        "mit dem Host<TESTSERVER02> nicht verbunden",
        "with host 'TESTSERVER02': denied (0x80070005)",
        "Message : mit dem Host\n               'TESTSERVER02' herstellen: Grund (0x80070005)",
    ],
)
def test_a_single_host_before_its_reason_is_the_target(text: str) -> None:
    assert names_in_text(text).target == "TESTSERVER02"


def test_a_vm_whose_migration_a_sentence_tells_is_no_host() -> None:
    assert names_in_text("Bei der Migration von 'SRV-07' kam: Kein Zugriff (0x80070005)") == Named(vm="SRV-07")


def test_a_vm_without_a_quoted_name_is_known_by_its_id() -> None:
    assert names_in_text(f"The operation failed. (Virtual machine ID {VM_ID})").vm == VM_ID


def test_a_name_that_the_console_broke_over_two_lines_is_whole() -> None:
    text = f"Operation for 'LMTest' failed at 'TESTSER\nVER01'. (Virtual machine\nID {VM_ID})"
    assert names_in_text(text) == Named(vm="LMTest", host="TESTSERVER01")


@pytest.mark.parametrize("name", ["Bob's VM", "'; Remove-Item C:\\ -Recurse #", "x' or 'y", "VM (old)", "Büro <b>", "a" * 100])
def test_a_hostile_name_of_a_vm_does_not_change_who_the_hosts_are(name: str) -> None:
    found = names_in_text(f"Operation for '{name}' failed at source 'TESTSERVER01'. (Virtual machine ID {VM_ID})")
    assert found.source is None
    assert found.target is None
    assert found.vm


@pytest.mark.parametrize("name", ["Bob's VM", "'; Remove-Item C:\\ -Recurse #", "VM (old)", "Büro <b>"])
def test_a_hostile_name_of_a_vm_is_kept_as_it_is(name: str) -> None:
    assert names_in_text(f"Operation for '{name}' failed at source 'TESTSERVER01'. (Virtual machine ID {VM_ID})").vm == name


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("Move-VM -Name LMTest -DestinationHost TESTSERVER02", ("LMTest", None, "TESTSERVER02")),
        ("Move-VM -DestinationHost:TESTSERVER02 -Name:LMTest", ("LMTest", None, "TESTSERVER02")),
        ("PS C:\\> Move-VM LMTest TESTSERVER02 -IncludeStorage", ("LMTest", None, "TESTSERVER02")),
        ("Move-VM LMTest TESTSERVER02", ("LMTest", None, "TESTSERVER02")),
        ("move-vm 'Bob''s VM' testserver02.contoso.test -includes", ("Bob's VM", None, "testserver02.contoso.test")),
        ("Move-VM -ComputerName TESTSERVER01 -Name LMTest -DestinationHost TESTSERVER02", ("LMTest", "TESTSERVER01", "TESTSERVER02")),
        ("[TESTSERVER01]: PS C:\\> Move-VM LMTest TESTSERVER02", ("LMTest", "TESTSERVER01", "TESTSERVER02")),
        ("Invoke-Command -ComputerName TESTSERVER01 { Move-VM LMTest TESTSERVER02 }", ("LMTest", "TESTSERVER01", "TESTSERVER02")),
        ("Get-VM LMTest | Move-VM -DestinationHost TESTSERVER02", ("LMTest", None, "TESTSERVER02")),
        ("Compare-VM -Name LMTest -DestinationHost 192.0.2.7", ("LMTest", None, "192.0.2.7")),
        ("Move-VM -Name LMTest -DestinationHost TESTSER...", ("LMTest", None, None)),
        ("Move-VM -Name $vm -DestinationHost $target", (None, None, None)),
        ("Move-VM failed with error 0x8009030E", (None, None, None)),
        ("Move-VM schlug fehl", (None, None, None)),
        ("    + CategoryInfo : NotSpecified: (:) [Move-VM], VirtualizationException", (None, None, None)),
    ],
)
def test_a_command_tells_the_move_and_a_sentence_about_it_does_not(command: str, expected: tuple[str | None, ...]) -> None:
    found = names_in_text(command)
    assert (found.vm, found.source, found.target) == expected


def test_the_computer_of_an_event_is_the_host() -> None:
    assert names_in_text("Protokollname: x\nComputer:      TESTSERVER01.contoso.test\n").host == "TESTSERVER01.contoso.test"
    assert names_in_text("Id          : 21024\nMachineName : TESTSERVER01\n").host == "TESTSERVER01"


def test_a_switch_or_a_path_is_neither_vm_nor_host() -> None:
    assert names_in_text("Could not find Ethernet switch 'External'.") == Named()
    assert names_in_text("Failed to open 'D:\\LMTest\\disk.vhdx': Access denied (0x80070005)") == Named()


def test_the_values_of_an_event_name_the_vm_and_leave_one_other_host() -> None:
    values = (("VmName", "LMTest"), ("VmId", VM_ID), ("Parameter0", "TESTSERVER02"), ("Parameter1", "%%2148074254"))
    assert names_in_values(values).vm == "LMTest"
    assert peer_in_values(values, "LMTest", "TESTSERVER01.contoso.test") == "TESTSERVER02"
    assert peer_in_values((*values, ("Parameter2", "TESTSERVER03")), "LMTest", "TESTSERVER01") is None


@given(st.text(st.sampled_from("'\"„“»« \n().:-MoveVM|>{}0x8A1" + VM_ID[:9]), max_size=300))
def test_any_text_can_be_searched_for_names(text: str) -> None:
    assert all(name is None or 0 < len(name) <= 260 for name in names_in_text(text))
