"""Reading events from XML, CSV, JSON and CLIXML, in every encoding, whole and damaged."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.text import plain
from runner.diagnose.read import read_inputs
from tests.diagnose.samples import (
    ALL,
    CHANNEL,
    CLIXML,
    CONSOLE,
    CSV_ENGLISH,
    CSV_POWERSHELL,
    ENGLISH,
    HOST,
    JSON_7,
    JSON_51,
    PROVIDER,
    VM_ID,
    XML,
    event_xml,
    read,
)  # fmt: skip

EVENTS = ["xml", "json 5.1", "json 7", "clixml", "csv english", "csv german", "csv powershell"]


@pytest.mark.parametrize("form", EVENTS)
def test_every_form_of_the_event_tells_the_same_move(form: str, tmp_path: Path) -> None:
    reading = read(ALL[form], tmp_path)
    last = reading.observations[-1]
    assert (last.vm, last.source, last.target, last.codes) == ("LMTest", "TESTSERVER01", "TESTSERVER02", ("0x8009030E",))
    assert last.events[0][1] == 21024
    assert reading.problems == ()


@pytest.mark.parametrize("form", ["xml", "json 5.1", "json 7", "clixml"])
def test_forms_that_know_it_tell_channel_host_and_time(form: str, tmp_path: Path) -> None:
    last = read(ALL[form], tmp_path).observations[-1]
    assert last.events == ((CHANNEL, 21024),)
    assert last.host == HOST
    assert last.time is not None
    assert last.time.replace(microsecond=0) == datetime(2026, 12, 5, 20, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize("form", ["csv english", "csv powershell"])
def test_a_local_time_without_a_zone_is_not_guessed(form: str, tmp_path: Path) -> None:
    assert read(ALL[form], tmp_path).observations[0].time is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("form", [*ALL])
def test_the_encoding_does_not_matter(form: str, encoding: str, tmp_path: Path) -> None:
    as_utf8 = read(ALL[form], tmp_path)
    assert read(ALL[form].encode(encoding), tmp_path) == as_utf8


@pytest.mark.parametrize("form", ["german", "csv german"])
def test_text_of_an_old_windows_program_is_read_in_its_code_page(form: str, tmp_path: Path) -> None:
    text = ALL[form].replace("„", '"').replace("“", '"') if form == "german" else ALL[form]
    assert "für" in read(text.encode("cp1252"), tmp_path).observations[0].text


def test_events_without_a_root_are_read(tmp_path: Path) -> None:
    reading = read(event_xml(20306) + "\r\n" + event_xml(), tmp_path)
    assert [observation.events[0][1] for observation in reading.observations] == [20306, 21024]


def test_an_event_without_its_rendered_text_is_read_from_its_values(tmp_path: Path) -> None:
    (observation,) = read(event_xml(rendered=False), tmp_path).observations
    assert (observation.vm, observation.source, observation.target) == ("LMTest", HOST, "TESTSERVER02")
    assert observation.codes == ("0x8009030E",)
    assert VM_ID in observation.text


def test_numbers_in_events_of_other_programs_are_no_codes_but_for_why_a_logon_was_refused(tmp_path: Path) -> None:
    other = event_xml(7036, rendered=False).replace(CHANNEL, "System").replace(PROVIDER, "Service Control Manager")
    refused = other.replace("Service Control Manager", "Microsoft-Windows-Security-Auditing").replace("0x8009030E", "0xC0000072")
    reading = read(f"<Events>{other}{refused}</Events>", tmp_path)
    assert [observation.codes for observation in reading.observations] == [("0xC0000072",)]
    assert "none of its 1 entries" in plain(read(other, tmp_path).problems[0])


def test_a_refused_ticket_on_a_domain_controller_is_a_kerberos_code(tmp_path: Path) -> None:
    ticket = (
        "<Event><System><Provider Name='Microsoft-Windows-Security-Auditing'/><EventID>4769</EventID><Channel>Security</Channel>"
        "<Computer>dc01.contoso.test</Computer></System><EventData><Data Name='ServiceName'>TESTSERVER02$</Data>"
        "<Data Name='Status'>{}</Data></EventData></Event>"
    )
    reading = read(ticket.format("0xd") + ticket.format("0x0"), tmp_path)
    assert [observation.codes for observation in reading.observations] == [("KDC_ERR_BADOPTION",)]


def test_a_document_type_is_not_read_and_its_entities_neither(tmp_path: Path) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE Events [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    reading = read(f"{bomb}<Events>{event_xml()}{event_xml(vm='&b;&f;')}</Events>", tmp_path)
    assert reading.observations[0].vm == "LMTest"
    assert "root:" not in str(reading)
    assert any("document type" in plain(problem) for problem in reading.problems)
    assert any("entry 2 is damaged" in plain(problem).lower() for problem in reading.problems)


@pytest.mark.parametrize(
    "document",
    [
        "<Objs><Obj>" * 50_000,
        "<Event>" + "<a>" * 50_000 + "</a>" * 50_000 + "</Event>",
        "[" + '{"a":' * 50_000,
        '{"a":' + "[" * 50_000 + "]" * 50_000 + "}",
    ],
)
def test_deep_nesting_is_refused_in_one_sentence(document: str, tmp_path: Path) -> None:
    reading = read(document, tmp_path)
    assert all(observation.codes == () for observation in reading.observations)
    assert reading.problems


def test_control_characters_in_an_event_do_not_hide_it(tmp_path: Path) -> None:
    reading = read(event_xml(vm="LM\x01Test&#x2;"), tmp_path)
    assert reading.observations[0].codes == ("0x8009030E",)
    assert reading.problems == ()


def test_a_damaged_event_between_two_sound_ones_costs_only_itself(tmp_path: Path) -> None:
    broken = event_xml().replace("</System>", "")
    reading = read(f"<Events>{event_xml(20306)}{broken}{event_xml()}</Events>", tmp_path)
    assert [observation.events[0][1] for observation in reading.observations] == [20306, 21024, 21024]
    assert any("Entry 2 is damaged" in plain(problem) for problem in reading.problems)


@pytest.mark.parametrize(
    "text",
    [
        '{"value":' + JSON_51 + ',"Count":1}',
        JSON_7 + "\n" + JSON_7.replace("21024", "20306"),
        "[" + JSON_7 + "," + JSON_7 + "]",
        JSON_7.replace('"2026-12-05T21:14:03.1234567+01:00"', '{"value":"\\/Date(1796501643123)\\/","DisplayHint":2,"DateTime":"Samstag"}'),
    ],
)
def test_every_shape_of_json_that_powershell_writes_is_read(text: str, tmp_path: Path) -> None:
    reading = read(text, tmp_path)
    assert reading.problems == ()
    assert all(observation.codes == ("0x8009030E",) for observation in reading.observations)
    assert reading.observations[0].time is not None


def test_an_error_record_and_a_report_as_json_are_read_as_text(tmp_path: Path) -> None:
    (observation,) = read(
        json.dumps({"Exception": {"Message": ENGLISH, "HResult": -2146893042}, "CategoryInfo": {}}), tmp_path
    ).observations
    assert (observation.vm, observation.codes) == ("LMTest", ("0x8009030E",))
    report = {"VM": None, "Incompatibilities": [{"Message": "Could not find Ethernet switch 'External'.", "MessageId": 33012}]}
    assert read(json.dumps(report), tmp_path).observations[0].codes == ("33012",)


def test_a_prompt_of_a_remote_session_is_no_json(tmp_path: Path) -> None:
    (observation,) = read("[TESTSERVER01]: " + CONSOLE, tmp_path).observations
    assert (observation.source, observation.target) == ("TESTSERVER01", "TESTSERVER02")


def test_the_error_stream_of_a_remote_command_is_read_as_the_text_it_was(tmp_path: Path) -> None:
    (observation,) = read(ALL["clixml error stream"], tmp_path).observations
    assert (observation.vm, observation.source, observation.target, observation.codes) == (
        "LMTest",
        "TESTSERVER01",
        "TESTSERVER02",
        ("0x8009030E",),
    )


def test_an_exported_array_of_events_gives_each_event(tmp_path: Path) -> None:
    event = CLIXML[CLIXML.index("  <Obj RefId") : CLIXML.index("</Objs>")]
    array = (
        CLIXML[: CLIXML.index("  <Obj RefId")]
        + '<Obj RefId="90"><TN RefId="9"><T>System.Object[]</T></TN><LST>'
        + event * 3
        + "</LST></Obj></Objs>"
    )
    reading = read(array, tmp_path)
    assert [observation.events[0][1] for observation in reading.observations] == [21024] * 3
    assert reading.problems == ()


def test_a_row_of_csv_that_is_damaged_is_searched_as_text(tmp_path: Path) -> None:
    reading = read(CSV_ENGLISH + "no event, only (0x80070569)\r\n" + CSV_ENGLISH.split("\r\n", 1)[1], tmp_path)
    assert [observation.codes for observation in reading.observations] == [("0x8009030E",), ("0x80070569",), ("0x8009030E",)]


def test_a_table_that_is_no_event_log_is_text(tmp_path: Path) -> None:
    (observation,) = read("Host,Result\r\nTESTSERVER01,0x8009030E\r\n", tmp_path).observations
    assert observation.codes == ("0x8009030E",)


SLICED = {"xml": event_xml(), "json": JSON_7, "clixml": CLIXML, "csv": CSV_POWERSHELL, "text": CONSOLE}


@pytest.mark.parametrize("form", [*SLICED])
def test_a_file_cut_at_any_place_gives_what_was_whole_in_it(form: str, tmp_path: Path) -> None:
    text = SLICED[form]
    code = text.index("0x8009030E") + len("0x8009030E)") if "0x8009030E" in text else text.index("30E)") + 4
    for end in range(0, len(text), 3):
        reading = read(text[:end], tmp_path)
        found = {code for observation in reading.observations for code in observation.codes}
        if end >= code:
            assert "0x8009030E" in found, end


def test_several_files_and_standard_input_are_read_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(ENGLISH)
    (tmp_path / "b").write_text(XML)
    readings = list(read_inputs([tmp_path / "a", tmp_path / "b", tmp_path / "missing", tmp_path], io.BytesIO(JSON_7.encode())))
    assert [len(reading.observations) for reading in readings] == [1, 2, 0, 0, 1]
    assert "could not be read" in plain(readings[2].problems[0])
    assert "could not be read" in plain(readings[3].problems[0])
    assert readings[4].observations[0].where == "standard input, entry 1"


@pytest.mark.parametrize(
    ("magic", "word"),
    [
        (b"\x30\0\0\0LfLe", "Windows XP"),
        (b"PK\x03\x04", "archive"),
        (b"\x1f\x8b", "compressed"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n", "picture"),
    ],
)
def test_a_foreign_file_is_told_by_its_content(magic: bytes, word: str, tmp_path: Path) -> None:
    reading = read(magic + bytes(range(256)) * 10, tmp_path, "System.evtx")
    assert reading.observations == ()
    assert word in plain(reading.problems[0])


def test_bytes_that_are_no_text_are_said_to_be_none_and_searched_all_the_same(tmp_path: Path) -> None:
    reading = read(bytes(range(256)) * 20 + b"\n\n0x8009030E\n\n" + bytes(range(256)), tmp_path)
    assert "0x8009030E" in {code for observation in reading.observations for code in observation.codes}
    assert "no text" in plain(reading.problems[0])


def test_an_empty_input_is_an_empty_reading(tmp_path: Path) -> None:
    assert read(b"", tmp_path).observations == ()
