"""The German texts: every template that can be shown has its translation, and nothing else has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import reports
from reports.language import Language
from runner.cli import LANGUAGES
from tests.reports.templates import SHARED, rooms

FILES: dict[str, dict[str, str]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(reports.__path__[0]) / "texts" / "de").glob("*.toml"))
}
_WRITTEN = re.compile(r"\{[^{}]*\}")
"""A place as it is written, with what the parser of the command line writes behind its name."""
TEXTS = {english: german for texts in FILES.values() for english, german in texts.items()}


def test_everything_that_can_be_shown_has_a_german_sentence() -> None:
    assert rooms().keys() - TEXTS.keys() == set()


def test_no_german_sentence_is_left_over() -> None:
    assert TEXTS.keys() - rooms().keys() == set()


def test_each_template_stands_in_one_file() -> None:
    files: dict[str, list[str]] = {}
    for name, texts in FILES.items():
        for english in texts:
            files.setdefault(english, []).append(f"{name}.toml")
    assert {english: names for english, names in files.items() if len(names) > 1} == {}


def test_each_template_stands_in_the_file_of_the_room_that_says_it_and_what_several_say_among_the_words() -> None:
    homes = {english: next(iter(said_by)) if len(said_by) == 1 else SHARED for english, said_by in rooms().items()}
    wrong = {
        english: f"stands in {name}.toml, belongs to {homes[english]}.toml: it is said by {', '.join(sorted(rooms()[english]))}"
        for name, texts in FILES.items()
        for english in texts
        if homes.get(english, name) != name
    }
    assert wrong == {}


def test_a_german_sentence_has_the_places_of_the_english_one() -> None:
    wrong = [english for english, german in TEXTS.items() if set(_WRITTEN.findall(german)) != set(_WRITTEN.findall(english))]
    assert wrong == []


def test_german_quotation_marks_are_german_and_come_in_pairs() -> None:
    for sentence in TEXTS.values():
        assert '"' not in sentence
        assert "”" not in sentence
        assert re.sub("[^„“]", "", sentence) in ("", "„“", "„“„“"), sentence


def test_the_command_line_offers_the_languages_that_there_are() -> None:
    assert Language().languages() == LANGUAGES
