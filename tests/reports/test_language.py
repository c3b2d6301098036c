from __future__ import annotations

from pathlib import Path

import pytest

from checks.errors.lookup import known
from checks.remedy import OPERATOR
from reports.articles import called
from reports.language import MOST_SHOWN, Language, UnknownLanguage
from tests.reports import sample


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "de"
    folder.mkdir()
    (folder / "hosts.toml").write_text('"On {host}: {on}" = "{on} auf {host}"\n', encoding="utf-8")
    (folder / "words.toml").write_text('"{count} moves" = "{count} Migrationen"\nyes = "ja"\n', encoding="utf-8")
    return tmp_path


def test_english_needs_no_file() -> None:
    assert Language().say("{count} moves", count=3) == "3 moves"


def test_a_translation_may_put_the_values_in_another_order(texts: Path) -> None:
    assert Language("de", texts).say("On {host}: {on}", host="TestServer01", on=True) == "ja auf TestServer01"


def test_what_is_not_translated_is_said_in_english(texts: Path) -> None:
    assert Language("de", texts).say("No blocker failed.") == "No blocker failed."


def test_a_value_that_looks_like_a_place_is_shown_as_it_is() -> None:
    assert Language().say("{vm} on {host}", vm="{host}", host="HV01") == "{host} on HV01"


def test_the_languages_are_those_that_have_a_folder_and_english(texts: Path) -> None:
    assert Language(folder=texts).languages() == ("en", "de")


@pytest.mark.parametrize("name", ["xx", "../de", ""])
def test_an_unknown_language_is_refused_with_those_there_are(name: str, texts: Path) -> None:
    with pytest.raises(UnknownLanguage, match="en, de"):
        Language(name, texts)


def test_a_text_of_an_error_is_said_in_english_where_the_german_one_is_not_known() -> None:
    no_credentials, bad_option = known("0x8009030E"), known("KDC_ERR_BADOPTION")
    assert no_credentials is not None
    assert bad_option is not None
    german = Language("de")
    assert german.of_error(no_credentials, "message").startswith("Im Sicherheitspaket")
    assert german.of_error(no_credentials.causes[0], "fix") == no_credentials.causes[0].fix_de
    assert german.of_error(bad_option, "message") == Language().of_error(bad_option, "message") == "KDC cannot accommodate requested option"


def test_of_a_long_value_the_beginning_is_shown_and_how_long_it_is() -> None:
    shown = Language("de").show("x" * 1_000_000)
    assert shown.startswith("x" * MOST_SHOWN + "…")
    assert shown.endswith("(1000000 Zeichen)")
    assert Language().show("x" * MOST_SHOWN) == "x" * MOST_SHOWN


def test_of_a_long_list_the_first_are_shown_and_how_many_more_there_are() -> None:
    shown = Language().show(tuple(f"cifs/server{number}" for number in range(100_000)))
    assert len(shown) < 2 * MOST_SHOWN
    first, *_, last = shown.split(", ")
    assert (first, last) == ("cifs/server0", f"and {100_000 - shown.count('cifs/')} more")


@pytest.mark.parametrize(
    ("citation", "said"),
    [
        ("W12 planning 3", "W12 Planung 3"),
        ("W16 title", "W16 Titel"),
        ("W12 Move-VM example", "W12 Beispiel Move-VM"),
        ("W12 1.9", "W12 1.9"),
        ("a book", "a book"),
    ],
)
def test_a_citation_names_its_section_in_the_readers_language(citation: str, said: str) -> None:
    assert called(citation, Language("de")) == said
    assert called(citation, Language()) == citation


def test_a_command_is_shown_whole_or_not_at_all() -> None:
    def shown(size: int) -> tuple[str, ...]:
        made = sample.remedy("Mend it", OPERATOR, commands=("Set-VM -Name {vm}",), vm="x" * size)
        return Language().commands(made, "commands")

    assert shown(MOST_SHOWN) == ("Set-VM -Name '" + "x" * MOST_SHOWN + "'",)
    (said,) = shown(1_000_000)
    assert said == "# a command of 1000015 characters: it stands in result.json"
