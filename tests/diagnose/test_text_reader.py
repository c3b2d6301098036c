"""Reading text that people paste: one observation for each failure, with its codes and names."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.errors.observation import Observation
from checks.text import plain
from tests.diagnose.samples import CONSOLE, ENGLISH, GERMAN, read

OTHER_ID = "0F2AD5A1-1111-2222-3333-444455556666"
OTHER = (
    f"Virtual machine migration operation for 'FSTest' failed at migration source 'TESTSERVER03'. (Virtual machine ID {OTHER_ID})\n\n"
    "Failed to establish a connection with host 'TESTSERVER04': A connection attempt failed (0x8007274C).\n"
)


def move(observation: Observation) -> tuple[str | None, str | None, str | None, tuple[str, ...]]:
    return observation.vm, observation.source, observation.target, observation.codes


FIRST = ("LMTest", "TESTSERVER01", "TESTSERVER02", ("0x8009030E",))
SECOND = ("FSTest", "TESTSERVER03", "TESTSERVER04", ("0x8007274C",))

MAIL = "From: jane@contoso.test\nTo: helpdesk@contoso.test\nSubject: VM will not move\n\nHello,\n\n"


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        GERMAN,
        CONSOLE,
        CONSOLE.replace("\n", "\r\n"),
        MAIL + "".join(f"> {line}\n" for line in ENGLISH.splitlines()) + "\nKind regards\n",
        MAIL + "".join(f"> > {line}\n" for line in CONSOLE.splitlines()),
        "Ticket INC80070005\nPriority: 2\nhttps://tickets.contoso.test/80070005\n\n" + GERMAN + "\n--\nService desk\n",
        ENGLISH.replace("8009030E", "8009\u00ad030E"),
        ENGLISH.replace("8009030E", "8009=\n030E"),
        ENGLISH.replace("'", "&#x27;").replace("\n", "<br>\n"),
        "<html><body><p>" + ENGLISH.replace("\n\n", "</p><p>").replace("0x8009030E", "<b>0x8009030E</b>") + "</p></body></html>",
        "{\\rtf1\\ansi " + GERMAN.replace("ü", "\\'fc").replace("\n", "\\par\n") + "}",
        "\\r\\n".join(ENGLISH.replace("'", "\\u0027").splitlines()),
        "```\n" + ENGLISH.replace("0x8009030E", "**0x8009030E**") + "```\n",
        ENGLISH.replace("0x8009030E", "-2146893042"),
        ENGLISH.replace("0x8009030E", "0×8009030E"),
    ],
)
def test_one_failed_move_is_one_observation_whatever_happened_to_its_text(text: str, tmp_path: Path) -> None:
    reading = read(text, tmp_path)
    assert [move(observation) for observation in reading.observations] == [FIRST]
    assert reading.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH + "\n" + OTHER,
        MAIL + ENGLISH + "\n-----Original Message-----\nFrom: bob@contoso.test\n\n" + OTHER,
        CONSOLE + "PS C:\\> Move-VM FSTest TESTSERVER04\nMove-VM : " + OTHER.replace("\n\n", "\n"),
        "2026-12-05 21:14:03 " + ENGLISH.replace("\n\n", " ") + "2026-12-05 21:20:00 " + OTHER.replace("\n\n", " "),
        "<p>" + ENGLISH.replace("\n\n", "<br>") + "</p><p>" + OTHER.replace("\n\n", "<br>") + "</p>",
    ],
)
def test_two_failures_in_one_paste_are_two_observations(text: str, tmp_path: Path) -> None:
    assert [move(observation) for observation in read(text, tmp_path).observations] == [FIRST, SECOND]


def test_the_same_code_for_two_vms_is_two_observations(tmp_path: Path) -> None:
    text = ENGLISH + "\n" + OTHER.replace("0x8007274C", "0x8009030E")
    assert [observation.vm for observation in read(text, tmp_path).observations] == ["LMTest", "FSTest"]


def test_an_unrelated_code_is_told_too(tmp_path: Path) -> None:
    text = "2026-12-05 20:00:01 Windows Update 0x80070002\n2026-12-05 21:14:03 " + ENGLISH
    assert [observation.codes for observation in read(text, tmp_path).observations] == [("0x80070002",), ("0x8009030E",)]


def test_an_event_copied_from_event_viewer_gives_channel_id_and_host(tmp_path: Path) -> None:
    text = (
        "Protokollname: Microsoft-Windows-Hyper-V-VMMS-Admin\nQuelle:        Microsoft-Windows-Hyper-V-VMMS\n"
        "Datum:         05.12.2026 21:14:03\n"
        "Ereignis-ID:   21024\nAufgabenkategorie:Keine\nEbene:         Fehler\nBenutzer:      SYSTEM\n"
        f"Computer:      TESTSERVER01.contoso.test\nBeschreibung:\n{GERMAN}"
    )
    (observation,) = read(text, tmp_path).observations
    assert observation.events == (("Microsoft-Windows-Hyper-V-VMMS-Admin", 21024),)
    assert observation.host == "TESTSERVER01.contoso.test"
    assert move(observation) == FIRST


def test_a_text_cut_by_a_table_still_gives_its_code(tmp_path: Path) -> None:
    text = (
        "TimeCreated                     Id LevelDisplayName Message\n-----------                     -- ---------------- -------\n"
        "12/5/2026 9:14:03 PM         21024 Error            Virtual machine migration operation for 'LMTe...\n"
    )
    (observation,) = read(text, tmp_path).observations
    assert observation.events == (("", 21024),)
    assert observation.vm is None


def test_a_text_without_any_code_is_handed_on_as_it_is(tmp_path: Path) -> None:
    text = "Der Quellhost ist nicht für die Livemigration konfiguriert.\n\nWas nun?\n"
    (observation,) = read(text, tmp_path).observations
    assert observation.text == "Der Quellhost ist nicht für die Livemigration konfiguriert.\n\nWas nun?"
    assert observation.codes == ()


def test_an_error_of_move_vm_without_a_code_is_an_observation_of_its_own(tmp_path: Path) -> None:
    text = "PS C:\\> Move-VM FSTest TESTSERVER04\nMove-VM : The source host is not configured for live migration.\n" + CONSOLE
    first, second = read(text, tmp_path).observations
    assert (first.vm, first.target, first.codes) == ("FSTest", "TESTSERVER04", ())
    assert move(second) == FIRST


def test_where_says_file_and_line(tmp_path: Path) -> None:
    (observation,) = read("\n\n\n" + ENGLISH, tmp_path, "ticket.txt").observations
    assert observation.where == f"{tmp_path / 'ticket.txt'}, line 4"


def test_a_long_text_is_cut_around_its_code(tmp_path: Path) -> None:
    (observation,) = read("words and words\n" * 5_000 + ENGLISH + "more words\n" * 5_000, tmp_path).observations
    assert len(observation.text) <= 2_000
    assert "0x8009030E" in observation.text
    assert move(observation) == FIRST


def test_a_line_without_end_is_read_in_pieces(tmp_path: Path) -> None:
    reading = read("lorem ipsum " * 20_000 + "(0x8009030E) " + "dolor " * 20_000, tmp_path)
    assert [observation.codes for observation in reading.observations] == [("0x8009030E",)]


def test_more_failures_than_are_kept_leave_the_first_and_the_last_and_say_so(tmp_path: Path) -> None:
    reading = read("first 0x80070569\n\n" + "0x8009030E\n\n0x8007274C\n\n" * 3_000 + "last 0x80070534\n", tmp_path)
    assert len(reading.observations) == 2_000
    assert reading.observations[0].codes == ("0x80070569",)
    assert reading.observations[-1].codes == ("0x80070534",)
    assert "4002 more entries" in plain(reading.problems[0])
