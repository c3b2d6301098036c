"""One German word for each English one, in everything that is shown: texts, known errors, pages of checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import checks
from checks.errors.lookup import all_errors
from checks.registry import builtin_checks
from tests.reports.test_texts import TEXTS

PAGES = Path(checks.__file__).parent
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


class Term(NamedTuple):
    """A German word, and the English one without which it does not stand."""

    german: str
    english: str
    because: str


TERMS = (Term(r"\babgeleitet", r"\binferred|\bderive", "it marks what no source says"),)
"""Each holds of every part that is shown by itself."""
NEVER = re.compile(r"\berschlossen|\bgefolgert", re.IGNORECASE)
"""Other words for *inferred*."""
MISREAD = re.compile(r"Verschiebung|Momentaufnahme|Schnappschuss|Tatsache|\b(mit|ohne|nur) Speicher\b|Gegenst[aä]nd")
"""What German readers took for something else, or had to read twice: a move is a Migration, a snapshot a Datenstand (the other word is a
checkpoint of Hyper-V), storage is Datenträger (the other word is memory), facts are Fakten."""


def shown() -> Iterator[tuple[str, str, str]]:
    """Where it stands, in English, in German. Messages are the vendor's own words, code and addresses nobody's."""
    for english, german in TEXTS.items():
        yield english, english, german
    for error in all_errors():
        yield error.code, error.notes, error.notes_de
        yield error.code, error.versions, error.versions_de
        for event in error.events:
            yield error.code, event.note, event.note_de
        for cause in error.causes:
            for part in ("cause", "tell_apart", "fix"):
                yield f"{error.code} {cause.id}", getattr(cause, part), getattr(cause, f"{part}_de")
    for check in builtin_checks():
        path = PAGES / check.replace(".", "/")
        english, german = (HEADING.split(path.with_suffix(end).read_text(encoding="utf-8")) for end in (".md", ".de.md"))
        yield from ((check, *parts) for parts in zip(english, german, strict=True))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.german)
def test_a_german_word_stands_only_for_its_english_one(term: Term) -> None:
    wrong = [where for where, english, german in shown() if re.search(term.german, german) and not re.search(term.english, english, re.I)]
    assert wrong == [], term.because


def test_no_word_stands_there_that_german_readers_misread() -> None:
    assert [(where, german) for where, english, german in shown() if english in TEXTS and MISREAD.search(german)] == []
    assert [where for where, _, german in shown() if re.search("Verschiebung|Momentaufnahme", german)] == []


def test_what_is_inferred_is_so_in_one_word_and_nowhere_left_out() -> None:
    assert [where for where, english, german in shown() if NEVER.search(german)] == []
    marked = ((where, english.count("*inferred*"), german.count("*abgeleitet*")) for where, english, german in shown())
    assert [where for where, here, there in marked if here != there] == []
    said = ((where, english.count("(inferred)"), german.count("(abgeleitet)")) for where, english, german in shown())
    assert [where for where, here, there in said if here != there] == []
