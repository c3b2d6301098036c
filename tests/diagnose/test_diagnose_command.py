"""`hvpreflight diagnose` as a user calls it: what it takes, what it says, and with which exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from checks import toml
from checks.facts.directory import AccountFacts
from runner.files.snapshot import encode
from tests.program import Ran, hvpreflight
from tests.world import TestWorld, good

FAILED = """Move-VM : Virtual machine migration operation for '{vm}' failed at migration source 'TESTSERVER01'. (Virtual machine ID
11111111-2222-3333-4444-555555555555)
The Virtual Machine Management Service failed to establish a connection for a Virtual Machine migration with host 'TestServer02':
No credentials are available in the security package ({code}).
"""
PLAN = {
    "defaults": {"operator": "CONTOSO\\hv-operator"},
    "moves": [{"vm": "LMTest", "source": "TestServer01", "target": "TestServer02", "destination_path": "D:\\LMTest"}],
}


def piped(text: str, *arguments: str | Path) -> Ran:
    """Run `diagnose` with a text on standard input."""
    return hvpreflight("diagnose", *arguments, entered=text)


def answered(ran: Ran) -> Any:
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def failed(vm: str = "LMTest", code: str = "0x8009030E") -> str:
    return FAILED.format(vm=vm, code=code)


@pytest.fixture
def facts(tmp_path: Path) -> Any:
    """Writes a world's snapshot and plan; gives the options that name them."""

    def write(world: TestWorld) -> tuple[str | Path, ...]:
        collected = replace(world.snapshot.collected, start=YESTERDAY, end=YESTERDAY)
        (tmp_path / "snapshot.json").write_bytes(encode(replace(world.snapshot, collected=collected)))
        (tmp_path / "plan.toml").write_text(toml.dumps(PLAN), encoding="utf-8")
        return "--snapshot", tmp_path / "snapshot.json", "--plan", tmp_path / "plan.toml"

    return write


YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
KERBEROS_ONLY = good().account("testserver01", user_account_control=0x1000)


def test_any_diagnosis_can_be_a_page_in_a_new_file(tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    ran = piped(failed(), "-f", "html", "-o", page)
    assert (ran.code, ran.out.strip(), ran.err) == (0, str(page), "")
    assert "<h1>Why it failed</h1>" in page.read_text(encoding="utf-8")
    again = piped(failed(), "-f", "json", "-o", page)
    assert again.code == 2
    assert "is not written over" in again.err
    assert piped(failed(), "-f", "html").out.startswith("<!doctype html>")


def test_the_answer_for_scripts_has_the_promised_fields() -> None:
    answer = answered(piped(failed(), "--format", "json"))
    assert answer["codes"] == ["0x8009030E"]
    assert (answer["vm"], answer["source"], answer["target"]) == ("LMTest", "TESTSERVER01", "TestServer02")
    first = answer["causes"][0]
    promised = {"id", "rank", "score", "code", "cause", "fix", "checks", "evidence", "tell_apart", "grade"}
    assert promised <= set(first)
    assert (first["id"], first["rank"], first["code"], first["grade"]) == ("kcd_kerberos_only_remote_start", 1, "0x8009030E", "strong")
    assert first["checks"] == ["delegation.protocol"]
    assert answer["operations"][0]["causes"] == answer["causes"]


def test_a_snapshot_brings_the_evidence(facts: Any) -> None:
    answer = answered(piped(failed(), *facts(KERBEROS_ONLY), "--format", "json"))
    first = answer["causes"][0]
    assert first["standing"] == "fails"
    assert any("wanted with 0x1000000 (TRUSTED_TO_AUTH_FOR_DELEGATION)" in line for line in first["evidence"])
    assert any("-TrustedToAuthForDelegation" in line for line in first["remedies"])
    assert answer["judged"]["planned"]


def test_without_a_plan_the_snapshot_alone_is_enough(facts: Any) -> None:
    answer = answered(piped(failed(), *facts(KERBEROS_ONLY)[:2], "--format", "json"))
    assert answer["causes"][0]["id"] == "kcd_kerberos_only_remote_start"
    assert answer["causes"][0]["launch"] == ["remote"]


def test_a_person_reads_causes_evidence_and_what_would_decide_the_rest(facts: Any) -> None:
    said = piped(failed(), *facts(KERBEROS_ONLY)).out
    assert "1. kcd_kerberos_only_remote_start · 0x8009030E · shown by a check" in said
    assert "evidence: delegation.protocol: TestServer01 delegates with" in said
    assert "name_form_not_delegated · 0x8009030E · undecided" in said
    assert "to decide: -DestinationHost of Move-VM is an IP address" in said
    assert said.index("Less likely") < said.index("auth_type_mismatch")


def test_the_answer_comes_in_german_too(facts: Any) -> None:
    said = piped(failed(), *facts(KERBEROS_ONLY), "--language", "de").out
    assert "Im Sicherheitspaket sind keine Anmeldeinformationen verfügbar." in said
    assert "durch eine Prüfung belegt" in said
    assert "Abhilfe:" in said
    assert "undecided" not in said


def test_nothing_known_is_exit_code_6_and_shows_what_was_understood() -> None:
    ran = piped(failed(code="0x80090310").replace("No credentials are available in the security package", "Something else"))
    assert ran.code == 6
    assert "VM LMTest, from TESTSERVER01, to TestServer02, codes 0x80090310" in ran.out
    assert "0x80090310: nobody knows this code" in ran.out
    assert "Nearest known: 0x8009030" in ran.out


def test_many_codes_that_nobody_knows_are_told_as_a_count() -> None:
    ran = piped(" ".join(f"0xDEAD{number:04X}" for number in range(1_000)))
    assert ran.out.count("nobody knows this code") == 10
    assert "and 990 more codes that nobody knows" in ran.out
    assert len(ran.out) < 2_000


@pytest.mark.parametrize("text", ["", "Good morning, the move did not work. Please help."])
def test_a_text_that_tells_nothing_is_exit_code_6(text: str) -> None:
    ran = piped(text)
    assert ran.code == 6
    assert "known" in ran.out or "Nothing" in ran.out


def test_an_unrelated_code_beside_the_real_one_does_not_lead() -> None:
    noise = "Ticket INC0004711, opened by j.doe@contoso.test\nOutlook said 0x80040154 this morning.\n\n"
    answer = answered(piped(noise + failed(), "--format", "json"))
    assert answer["codes"][0] == "0x8009030E"
    assert answer["causes"][0]["id"] == "kcd_kerberos_only_remote_start"


def test_a_dash_stands_for_standard_input() -> None:
    assert answered(piped(FAILED.format(vm="LMTest", code="0x8009030E"), "-", "--format", "json"))["codes"] == ["0x8009030E"]


def test_a_dash_beside_a_file_reads_both(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text(failed("one"), encoding="utf-8")
    answer = answered(piped(failed("two", "0x80070005"), tmp_path / "mail.txt", "-", "--format", "json"))
    assert {each["vm"] for each in answer["operations"]} == {"one", "two"}
    assert {each["carried_by"] for each in answer["causes"]} == {"code"}


def test_two_failures_in_one_paste_are_two_answers() -> None:
    answer = answered(piped(f"PS C:\\> Move-VM\n{failed('one')}\nPS C:\\> Move-VM\n{failed('two', '0x80070005')}", "--format", "json"))
    assert [(each["vm"], each["codes"][0]) for each in answer["operations"]] == [("one", "0x8009030E"), ("two", "0x80070005")]
    assert answer["vm"] == "one"


def test_several_files_about_one_failure_are_one_answer(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text(failed(), encoding="utf-8")
    (tmp_path / "again.txt").write_text(failed(), encoding="utf-8")
    ran = hvpreflight("diagnose", tmp_path / "mail.txt", tmp_path / "again.txt", "--format", "json")
    assert len(answered(ran)["operations"]) == 1


def test_names_cannot_paint_the_terminal() -> None:
    said = piped(failed("\x1b[31mred\x1b]0;title\x07\u202e")).out
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_the_same_input_gives_the_same_bytes(facts: Any) -> None:
    arguments = (*facts(KERBEROS_ONLY), "--format", "json")
    assert piped(failed(), *arguments).out == piped(failed(), *arguments).out


def test_a_fact_that_was_not_read_is_named(facts: Any) -> None:
    snapshot = good().snapshot
    world = TestWorld(good().plan, replace(snapshot, accounts=snapshot.accounts | {"testserver02": AccountFacts({})}))
    answer = answered(piped(failed(), *facts(world), "--format", "json"))
    missing = next(each for each in answer["causes"] if each["id"] == "delegation_missing")
    assert missing["standing"] == "open"
    assert any("target.account is not known" in line for line in missing["decide"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-file.txt",), "no-such-file.txt: this file cannot be read: No such file or directory"),
        (("--plan", "plan.toml"), "--plan says how a snapshot is to be judged"),
        (("--live", "plan.toml", "--snapshot", "s.json"), "--live collects by its own plan"),
        (("--snapshot", "no-such.json"), "no-such.json: this file cannot be read"),
        (("--live", "no-such.toml"), "cannot be read"),
        (("--language", "fr"), "fr"),
    ],
)
def test_wrong_use_is_one_clear_message_and_exit_code_2(arguments: tuple[str, ...], said: str) -> None:
    ran = piped("", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_what_could_not_be_read_is_said_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    ran = hvpreflight("diagnose", tmp_path / "picture.png")
    assert ran.code == 6
    assert "picture" in ran.err
