"""`hvpreflight explain`, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import checks
from checks.errors import Attestation, KnownError
from checks.errors.lookup import all_errors, known
from runner.commands.explain import explain
from tests.program import hvpreflight

CHECK_PAGES = Path(checks.__file__).parent


def told(capsys: pytest.CaptureFixture[str], asked: str, language: str = "en") -> tuple[int, str]:
    code = explain(asked, language)
    return code, capsys.readouterr().out


@pytest.mark.parametrize("spelling", ["0x8009030E", "8009030e", "-2146893042", "2148074254", "SEC_E_NO_CREDENTIALS"])
def test_any_spelling_as_an_argument_gives_the_page(spelling: str) -> None:
    ran = hvpreflight("explain", spelling)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("0x8009030E  SEC_E_NO_CREDENTIALS\n")


def test_a_page_tells_the_message_in_both_languages_and_how_sure_its_wording_is(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(capsys, "0x8009030E")
    assert "English: No credentials are available in the security package" in text
    assert "German: Im Sicherheitspaket sind keine Anmeldeinformationen verfügbar. (confidence in the wording: high)" in text
    _, text = told(capsys, "KDC_ERR_BADOPTION")
    assert "German: the wording is not known" in text


def test_a_page_tells_the_causes_in_order_with_tell_apart_fix_and_checks(capsys: pytest.CaptureFixture[str]) -> None:
    error = known("0x8009030E")
    assert error is not None
    _, text = told(capsys, "0x8009030E")
    places = [text.index(f"\n  {cause.rank}. {cause.id}\n     {cause.cause}\n     Tell apart: ") for cause in error.causes]
    assert places == sorted(places)
    assert "Checks: authentication.launch_point, authentication.source_session, authentication.return_session\n" in text
    assert "Checks: none sees it yet" in text
    assert "-2146893042, 2148074254" in text
    assert "Microsoft-Windows-Hyper-V-VMMS-Admin 20306: " in text
    assert "  0x8009030D  The credentials supplied to the package were not recognized" in text
    assert "https://learn.microsoft.com/" in text


def test_the_german_page_is_german(capsys: pytest.CaptureFixture[str]) -> None:
    error = known("0x80090342")
    assert error is not None
    code, text = told(capsys, "0x80090342", "de")
    assert code == 0
    assert "Ursachen, die wahrscheinlichste zuerst" in text
    assert all(said in text for cause in error.causes for said in (cause.cause_de, cause.tell_apart_de, cause.fix_de))
    assert not any(cause.cause in text for cause in error.causes)
    assert error.notes_de in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_error_has_a_page_in_both_languages(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    for error in all_errors():
        code, text = told(capsys, error.code, language)
        assert code == 0
        assert text.splitlines()[0].split("  ")[0] == error.code


@pytest.mark.parametrize("error", [error for error in all_errors() if error.evidence is Attestation.WEAK], ids=lambda error: error.code)
def test_weak_evidence_is_said_of_the_error_and_of_each_cause(error: KnownError, capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(capsys, error.code)
    assert "Evidence: WEAK" in text
    assert text.count("(weak evidence, verify first)") == len(error.causes)


def test_strong_evidence_carries_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    assert "weak" not in told(capsys, "0x8009030E")[1].casefold()


def test_a_wrapper_says_that_it_is_no_cause(capsys: pytest.CaptureFixture[str]) -> None:
    assert "It is no cause" in told(capsys, "21024")[1]


def test_a_number_with_two_meanings_shows_both_the_win32_one_first(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(capsys, "13")
    assert text.index("0x8007000D  ERROR_INVALID_DATA") < text.index("KDC_ERR_BADOPTION\n")


def test_an_event_of_many_errors_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, "21502")
    assert code == 0
    assert "21502 can mean" in text
    assert "\n  0x8009030E  No credentials" in text


def test_a_check_shows_its_page() -> None:
    ran = hvpreflight("explain", "delegation.cifs")
    assert ran.code == 0
    assert ran.out.startswith((CHECK_PAGES / "delegation" / "cifs.md").read_text(encoding="utf-8").rstrip("\n"))


def test_what_is_not_known_gives_the_nearest_and_where_to_look_and_exit_code_6() -> None:
    ran = hvpreflight("explain", "0x80090310")
    assert ran.code == 6
    assert "Nothing is known of 0x80090310." in ran.out
    assert "\n  0x8009030E  No credentials" in ran.out
    assert "certutil -error 0x80090310" in ran.out
    assert "Microsoft-Windows-Hyper-V-VMMS-Admin" in ran.out


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("network.isolatd", "network.isolated"), ("VM.Swich", "vm.switch"), ("SEC_E_NO_CREDENTIAL", "SEC_E_NO_CREDENTIALS")],
)
def test_a_mistyped_name_gives_the_one_that_was_meant(asked: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, asked)
    assert code == 6
    assert text.splitlines()[:2] == [f"Nothing is known of {asked}.", f"Did you mean {meant}?"]
    assert f"Gemeint vielleicht {meant}?" in told(capsys, asked, "de")[1]
    assert explain(asked, form="json") == 6
    assert json.loads(capsys.readouterr().out)["did_you_mean"] == meant


@pytest.mark.parametrize("asked", ["0x80090310", "blue cheese", "x" * 100_000])
def test_what_is_like_no_name_is_not_guessed_at(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean" not in told(capsys, asked)[1]


def test_an_unknown_win32_error_names_its_number_for_net_helpmsg(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = told(capsys, "0x80070BAD")
    assert code == 6
    assert "net helpmsg 2989" in text


def test_what_was_asked_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(capsys, "\x1b[2J0xDEAD\u202e")
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_several_words_are_one_question_and_a_mistyped_option_is_refused() -> None:
    assert hvpreflight("explain", "Event", "ID", "21024").code == 0
    mistyped = hvpreflight("explain", "--langauge", "de", "5")
    assert mistyped.code == 2
    assert "--langauge" in mistyped.err
    assert hvpreflight("explain").code == 2


def test_json_holds_both_languages_every_spelling_and_what_is_related() -> None:
    answer = json.loads(hvpreflight("explain", "13", "--format", "json").out)
    assert [error["code"] for error in answer["errors"]] == ["0x8007000D", "KDC_ERR_BADOPTION"]
    (delegation, _) = answer["errors"][1]["causes"]
    assert delegation["id"] == "delegation_missing"
    assert delegation["cause_de"]
    assert "delegation.cifs" in delegation["checks"]
    assert "0xD" in answer["errors"][1]["spellings"]
    assert "0x8009030E" in answer["errors"][1]["related"]
    check = json.loads(hvpreflight("explain", "delegation.cifs", "--format", "json").out)["check"]
    assert check["page"].startswith("# delegation.cifs: ")
    unknown = hvpreflight("explain", "0x80090310", "--format", "json")
    assert unknown.code == 6
    assert json.loads(unknown.out)["nearest"][0] == "0x8009030E"


def test_a_check_tells_what_its_citations_of_the_articles_stand_for(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = told(capsys, "delegation.cifs")
    assert "W12 1.9: cifs, to move storage with the VM or alone;" in text
    assert "W16: Set up hosts for live migration without Failover Clustering, an article of Microsoft for Windows Server 2016" in text
    _, text = told(capsys, "delegation.cifs", "de")
    assert "W12 1.9: cifs, um Datenträger mit der VM oder allein zu verschieben;" in text
