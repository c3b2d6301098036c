from __future__ import annotations

from pathlib import Path

import pytest

from reports.catalogue import Catalogue, UnknownLanguage


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "de.toml").write_text(
        '"{count} moves" = "{count} Verschiebungen"\n"On {host}: {on}" = "{on} auf {host}"\nyes = "ja"\n', encoding="utf-8"
    )
    return tmp_path


def test_english_needs_no_file() -> None:
    assert Catalogue().text("{count} moves", {"count": 3}) == "3 moves"


def test_a_translation_may_put_the_values_in_another_order(texts: Path) -> None:
    assert Catalogue("de", texts).text("On {host}: {on}", {"host": "TestServer01", "on": True}) == "ja auf TestServer01"


def test_what_is_not_translated_is_said_in_english(texts: Path) -> None:
    assert Catalogue("de", texts).text("No blocker failed.") == "No blocker failed."


def test_a_value_that_looks_like_a_place_is_shown_as_it_is() -> None:
    assert Catalogue().text("{vm} on {host}", {"vm": "{host}", "host": "HV01"}) == "{host} on HV01"


def test_the_languages_are_those_that_have_a_file_and_english(texts: Path) -> None:
    assert Catalogue(folder=texts).languages() == ("en", "de")


@pytest.mark.parametrize("language", ["xx", "../de", ""])
def test_an_unknown_language_is_refused_with_those_there_are(language: str, texts: Path) -> None:
    with pytest.raises(UnknownLanguage, match="en, de"):
        Catalogue(language, texts)
