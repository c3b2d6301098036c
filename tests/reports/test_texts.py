"""The German texts: every template that can be shown has its translation, and nothing else has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import reports
from reports.language import Language
from runner.cli import LANGUAGES
from tests.reports.templates import PLACE, rooms

FILES: dict[str, dict[str, str]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(reports.__path__[0]) / "texts" / "de").glob("*.toml"))
}
TEXTS = {english: german for texts in FILES.values() for english, german in texts.items()}


def test_everything_that_can_be_shown_has_a_german_sentence() -> None:
    assert rooms().keys() - TEXTS.keys() == set()


def test_no_german_sentence_is_left_over() -> None:
    assert TEXTS.keys() - rooms().keys() == set()


@pytest.mark.parametrize("english", sorted(TEXTS))
def test_a_german_sentence_has_the_places_of_the_english_one(english: str) -> None:
    assert set(PLACE.findall(TEXTS[english])) == set(PLACE.findall(english))


def test_german_quotation_marks_are_german_and_come_in_pairs() -> None:
    for sentence in TEXTS.values():
        assert '"' not in sentence
        assert "”" not in sentence
        assert re.sub("[^„“]", "", sentence) in ("", "„“", "„“„“"), sentence


def test_the_command_line_offers_the_languages_that_there_are() -> None:
    assert Language().languages() == LANGUAGES
