"""What every known error owes its reader."""

from __future__ import annotations

import re
from enum import StrEnum
from importlib import resources
from urllib.parse import urlsplit

import msgspec
import pytest

from checks.check import Severity
from checks.errors import Attestation, Confidence, ErrorKind, KnownError
from checks.errors.lookup import all_errors, find, known, spellings
from checks.registry import builtin_checks

ERRORS = all_errors()
CHECKS = builtin_checks()

NOT_LINKED_BACK = {
    (
        "domain.controllers_agree",
        "0x8009030E",
    ): "what controllers say of the domain tells nothing of the age of tickets",
    ("domain.trust", "0x80090303"): "the missing SPN has more reasons than a missing trust: a trust that holds must not rule it out",
    ("migration.enabled", "0x80072746"): "a reset connection tells nothing about a setting; 0x8007274D does",
}
"""Blockers whose predicted error has no cause that the check alone decides."""


def test_there_are_91_errors_with_165_causes_one_file_each() -> None:
    files = [item.name for item in resources.files("checks.errors").iterdir() if item.name.endswith(".toml")]
    assert len(files) == len(ERRORS) == len({error.code for error in ERRORS}) == 91
    assert sum(len(error.causes) for error in ERRORS) == 165


def test_a_file_with_a_key_that_nobody_reads_is_refused() -> None:
    text = (resources.files("checks.errors") / "0x8009030E.toml").read_text(encoding="utf-8")
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.toml.decode('surprise = "yes"\n' + text, type=KnownError)


@pytest.mark.parametrize(("key", "agreed"), [("kind", ErrorKind), ("evidence", Attestation), ("message_de_confidence", Confidence)])
def test_a_file_that_does_not_use_the_agreed_words_is_refused(key: str, agreed: type[StrEnum]) -> None:
    text = (resources.files("checks.errors") / "0x8009030E.toml").read_text(encoding="utf-8")
    other = re.sub(rf'^{key} = ".*"$', f'{key} = "surprising"', text, flags=re.MULTILINE)
    with pytest.raises(msgspec.ValidationError, match=f"Invalid enum value 'surprising' - at `\\$.{key}`"):
        msgspec.toml.decode(other, type=KnownError)
    assert {getattr(error, key) for error in ERRORS} == set(agreed)


class TestEveryError:
    def test_is_found_by_its_code_alone(self) -> None:
        for error in ERRORS:
            assert known(error.code) == error

    def test_says_how_sure_its_german_wording_is_where_it_has_one(self) -> None:
        for error in ERRORS:
            assert bool(error.message_de) == (error.message_de_confidence is not Confidence.NONE)
            assert re.fullmatch(r"[A-Z][A-Z0-9_]+|", error.symbol)

    def test_has_causes_ranked_from_one_with_different_ids(self) -> None:
        for error in ERRORS:
            assert [cause.rank for cause in error.causes] == list(range(1, len(error.causes) + 1))
            assert len({cause.id for cause in error.causes}) == len(error.causes) >= 1
            assert all(re.fullmatch(r"[a-z][a-z0-9_]+", cause.id) for cause in error.causes)

    def test_says_everything_in_both_languages(self) -> None:
        for error in ERRORS:
            for cause in error.causes:
                assert all((cause.cause, cause.cause_de, cause.tell_apart, cause.tell_apart_de, cause.fix, cause.fix_de))
                assert not any(said.endswith(".") for said in (cause.cause, cause.cause_de, cause.fix, cause.fix_de))
            assert all((error.message, error.versions, error.versions_de))
            assert bool(error.notes) == bool(error.notes_de)
            assert all(event.note and event.note_de for event in error.events)

    def test_names_public_sources_only(self) -> None:
        for error in ERRORS:
            for source in error.sources:
                parts = urlsplit(source)
                assert parts.scheme in {"http", "https"}
                assert "." in parts.netloc
                assert " " not in source
            assert error.sources or error.evidence is not Attestation.STRONG or error.wrapper

    def test_links_its_causes_to_checks_that_exist(self) -> None:
        for error in ERRORS:
            assert {check for cause in error.causes for check in cause.checks} <= CHECKS.keys()

    def test_is_found_by_every_spelling_signed_and_unsigned_too(self) -> None:
        for error in ERRORS:
            assert [spelling for spelling in spellings(error) if error not in find(spelling)] == []
            assert [spelling for spelling in spellings(error) if error not in find(spelling.swapcase())] == []
            if error.kind is ErrorKind.HRESULT:
                value = int(error.code, 16)
                assert {str(value), str(value - (1 << 32)), error.code} <= set(spellings(error))

    def test_is_found_by_the_ids_of_its_causes(self) -> None:
        for error in ERRORS:
            assert [cause.id for cause in error.causes if error not in find(cause.id)] == []

    def test_is_found_by_its_events_unless_an_error_is_named_after_them(self) -> None:
        for error in ERRORS:
            for event in (event for event in error.events if event.id is not None):
                found = find(f"{event.channel}/{event.id}")
                assert error in found or found[0].code == str(event.id)

    def test_is_found_in_a_text_that_holds_its_code(self) -> None:
        for error in ERRORS:
            for message in filter(None, (error.message, error.message_de)):
                said = message.replace("'", "").replace('"', "")
                text = f"LMTest: {said} ({error.code})." if " " not in error.code else error.code
                assert error in find(text)
                assert find(text) == find(text.upper())

    def test_has_no_text_that_belongs_to_somebodys_own_notes(self) -> None:
        for error in ERRORS:
            text = msgspec.json.encode(error).decode()
            assert not re.search(r"index id|not disclosed|the brief|this report|the author|HV0\d|_de\b.{0,3}: ?null", text)


def test_messages_that_only_say_that_something_failed_are_marked() -> None:
    assert {error.code for error in ERRORS if error.wrapper} == {"generic wrapper", "21024"}


def test_every_code_that_a_check_predicts_is_known() -> None:
    assert [(check.id, code) for check in CHECKS.values() for code in check.predicts if not known(code) or not find(code)] == []


def test_what_a_blocker_predicts_has_a_cause_that_leads_back_to_it() -> None:
    missing = {
        (check.id, code)
        for check in CHECKS.values()
        if check.severity is Severity.BLOCKER
        for code in check.predicts
        if not any(check.id in cause.checks for error in find(code) for cause in error.causes)
    }
    assert missing == NOT_LINKED_BACK.keys()


def test_where_only_the_channel_of_an_event_is_known_it_stands_without_an_id() -> None:
    worker = [event for error in ERRORS for event in error.events if event.id is None]
    assert {event.channel for event in worker} == {
        "Microsoft-Windows-Hyper-V-Worker-Admin",
        "Microsoft-Windows-HostGuardianService-Client/Operational",
    }
