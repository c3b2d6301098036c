"""The message catalogue: every text a report shows, in the reader's language.

The English template is the key. A translation is a data file `texts/LANGUAGE.toml` with `"English template" = "translation"`.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from importlib.resources.abc import Traversable

from checks import recorded
from checks.check import Evidence, Text, Value, plain, render
from checks.result import RemedyRecord

ENGLISH = "en"

_SENTENCES = frozenset({"what", "who", "effective_after"})
"""The parts of evidence and remedies that are always our own words."""


class UnknownLanguage(Exception):
    """There is no translation into this language."""


class Catalogue:
    """The texts of one language. What has no translation stays English. Raises UnknownLanguage."""

    def __init__(self, language: str = ENGLISH, folder: Traversable | None = None) -> None:
        self._folder = folder or resources.files("reports") / "texts"
        if language not in self.languages():
            raise UnknownLanguage(f"There is no language {language}. There are: {', '.join(self.languages())}")
        self.language = language
        self._texts: dict[str, str] = {}
        if language != ENGLISH:
            self._texts = tomllib.loads((self._folder / f"{language}.toml").read_text(encoding="utf-8"))

    def languages(self) -> tuple[str, ...]:
        """The languages there are, English first."""
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        translated = sorted(item.name.removesuffix(".toml") for item in files if item.name.endswith(".toml"))
        return (ENGLISH, *translated)

    def text(self, template: str, values: dict[str, Value] | None = None) -> str:
        """The template in this language, with its places filled."""
        return render(self._texts.get(template, template), values or {}, self.show)

    def show(self, value: Value) -> str:
        """A single value as a reader sees it: what was read as it is, our own words in this language."""
        if isinstance(value, Text):
            return self.text(value.template, value.values)
        if isinstance(value, tuple) and value:
            return ", ".join(map(self.show, value))
        return self.text(plain(value)) if isinstance(value, bool) else plain(value)

    def said(self, of: Evidence | RemedyRecord, part: str) -> str:
        """One part of a piece of evidence or of a remedy, by its name."""
        value = _part(of, part)
        return self.text(value) if part in _SENTENCES and isinstance(value, str) else self.show(value)

    def commands(self, remedy: RemedyRecord, part: str) -> tuple[str, ...]:
        """The commands, verifications or undoing of a remedy, one by one."""
        lines = _part(remedy, part)
        return tuple(map(self.show, lines)) if isinstance(lines, tuple) else ()

    def recorded(self, words: str, known: tuple[Text, ...] = recorded.SOURCES) -> str:
        """What a snapshot says in words: a source, an account, a protection."""
        return self.show(recorded.recognized(words, known))


def _part(of: Evidence | RemedyRecord, part: str) -> Value:
    value: Value = (of.texts or {}).get(part, getattr(of, part))
    return value
