"""The README of a fix: both languages say the same things, and no name means anything to Markdown."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

import reports.scripts
from checks.remedy import Choice, Instead, Means
from checks.text import text
from reports.escape import markdown, visible
from reports.scripts.work import SENTENCES
from tests.fix.made import NOW, everything, remedy, rendered
from tests.reports.sample import HOSTILE_NAMES

GERMAN: dict[str, str] = tomllib.loads((resources.files("reports") / "texts" / "de" / "scripts.toml").read_text(encoding="utf-8"))
PLACE = re.compile(r"\{(\w+)\}")


def readme(language: str, name: str = "TestServer01", now: datetime = NOW) -> str:
    return rendered(everything(name), now=now)[reports.scripts.LANGUAGES[language]].decode()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_a_change_does_is_said_in_german_with_the_same_values(sentence: str) -> None:
    assert sorted(PLACE.findall(GERMAN[sentence])) == sorted(PLACE.findall(sentence))


def test_every_german_sentence_has_the_places_of_its_english_one() -> None:
    for english, german in GERMAN.items():
        assert sorted(PLACE.findall(english)) == sorted(PLACE.findall(german))


def test_the_page_gives_the_order_the_scripts_their_undo_and_the_way_to_verify() -> None:
    files = rendered(everything("TestServer01"))
    for language in ("en", "de"):
        page = readme(language)
        for name in files:
            assert name.startswith("README") or name in page
        assert page.index("01-") < page.index("02-")
        assert "-WhatIf" in page
        assert "Unblock-File" in page
        assert "-Command \"& '.\\01-" in page, "-File cannot take -Confirm:$false"
        assert ".record.jsonl" in page
        assert "hvpreflight wait" in page


def test_who_answers_for_a_change_reads_what_it_opens_up_and_what_is_enough_instead() -> None:
    choice = Choice(Means.CONSTRAINED, text("It may act for all"), ())
    other = replace(remedy(name="the other way"), choice=Choice(Means.RESOURCE_BASED, text("Whoever writes there"), ()))
    instead = Instead(text("Start it there"), (text("A sign-in"),), (text("Nobody else can"),))
    its = everything("TestServer01")
    first, *others = its.findings
    assert first.remedy is not None
    first = replace(first, remedy=replace(first.remedy, choice=choice, alternatives=(other,), instead=instead))
    page = rendered(replace(its, findings=(first, *others)))["README.md"].decode("utf-8-sig").replace("\r\n", "\n")
    told = page.partition("\n1. ")[2].partition("\n2. ")[0].splitlines()
    assert "   - opens up: It may act for all" in told
    assert "**Choose one of three ways**\n\nThe scripts here, taken together, are way A.\n" in page
    assert "a start in a session on the source itself" in page
    assert any("the other way" in line and "Whoever writes there" in line for line in told)


def test_facts_that_are_too_old_are_said_so() -> None:
    assert "too old" not in readme("en")
    assert "too old" in readme("en", now=NOW + timedelta(days=2))
    assert "zu alt" in readme("de", now=NOW + timedelta(days=2))


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_brings_an_element_of_its_own_into_the_page(name: str) -> None:
    def elements(text: str) -> list[str]:
        return sorted(
            {
                token.tag
                for block in MarkdownIt("gfm-like", {"linkify": False}).parse(text)
                for token in (block, *(block.children or ()))
                if token.type != "text"
            }
        )

    assert elements(readme("en", name)) == elements(readme("en"))


@given(st.text(max_size=30) | st.text(st.sampled_from("\\`*_[]()<>|~&#@!:/.-+=1 aw"), max_size=20))
def test_a_name_reads_in_a_sentence_as_it_is(name: str) -> None:
    """Blanks apart, of which Markdown keeps none at the ends and several only as they are."""
    html = MarkdownIt("commonmark").renderInline(f"x{markdown(name)}x")
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        html = html.replace(entity, character)
    assert html == f"x{visible(name)}x"
