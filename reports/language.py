"""One language: every text that is shown, as its reader says it.

The English template is the key. The translations are data: `texts/LANGUAGE/*.toml`, each `"English template" = "translation"` with the
same `{places}`, each template in one file only. The texts of known errors stand beside them, in checks/errors.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec
from msgspec import UNSET, UnsetType

from checks.check import Evidence, EvidenceTexts
from checks.errors import Cause, Event, KnownError
from checks.errors.tables import CodeClass, Number, WindowsEvent
from checks.facts.snapshot import Collected
from checks.plugins import TEXTS, PluginError, folders
from checks.result import RemedyRecord
from checks.text import Text, Value, plain, render, text
from reports.escape import powershell_comment

ENGLISH = "en"

MOST_SHOWN = 2_000
"""So many characters of one value are shown, more than a name or a list that somebody reads has: what a host says may be megabytes."""
MOST_OF_COMMAND = 8_000
"""A longer command is not shown at all: half of one would be worse than none."""

_SENTENCES = frozenset({"what", "who", "effective_after", "source"})
"""The parts of evidence and remedies that are always our own words."""


class UnknownLanguage(Exception):
    """There is no translation into this language."""


class Language:
    """The texts of one language, by its name (`de`). What has no translation stays English. Raises UnknownLanguage."""

    def __init__(self, name: str = ENGLISH, folder: Traversable | None = None) -> None:
        self._folder = folder or resources.files("reports") / "texts"
        if name not in self.languages():
            raise UnknownLanguage(f"There is no language {name}. There are: {', '.join(self.languages())}")
        self.name = name
        self._texts: Mapping[str, str] = {} if name == ENGLISH else _brought(name) | _read(self._folder / name)  # type: ignore[arg-type]  # hashable, but the protocol does not say it

    def languages(self) -> tuple[str, ...]:
        """The languages there are, English first."""
        folders = self._folder.iterdir() if self._folder.is_dir() else ()
        return (ENGLISH, *sorted(folder.name for folder in folders if folder.is_dir()))

    def say(self, template: str, /, **values: Value) -> str:
        """The template in this language, with its places filled."""
        return render(self._texts.get(template, template), values, self.show)

    def show(self, value: Value) -> str:
        """A single value as a reader sees it: what was read as it is, our own words in this language. Of a long one the beginning, and
        how long it is."""
        if isinstance(value, Text):
            return self.say(value.template, **value.values)
        if isinstance(value, tuple) and value:
            return self._list(value)
        shown = self.say(plain(value)) if isinstance(value, bool) else plain(value)
        return self.beginning(shown)

    def beginning(self, shown: str) -> str:
        """A text as it is; of a long one the beginning, and how long it is."""
        if len(shown) <= MOST_SHOWN:
            return shown
        return f"{shown[:MOST_SHOWN]}… ({self.say('{count} characters', count=len(shown))})"

    def _list(self, values: tuple[str | Text, ...]) -> str:
        return ", ".join(self._items(values))

    def _items(self, values: tuple[str | Text, ...]) -> list[str]:
        shown: list[str] = []
        left = MOST_SHOWN
        for value in map(self.show, values):
            left -= len(value)
            if shown and left < 0:
                shown.append(self.say("and {count} more", count=len(values) - len(shown)))
                break
            shown.append(value)
        return shown

    def said(self, of: Evidence | RemedyRecord, part: str) -> str:
        """One part of a piece of evidence or of a remedy, by its name."""
        value = _part(of, part)
        return self.say(value) if part in _SENTENCES and isinstance(value, str) else self.show(value)

    def items(self, of: Evidence, part: str) -> tuple[str, ...]:
        """The same, of a list one by one."""
        value = _part(of, part)
        return tuple(self._items(value)) if isinstance(value, tuple) and value else (self.said(of, part),)

    def evidence(self, row: Evidence) -> str:
        """`userAccountControl of TestServer01: 0x1000, wanted with 0x1000000 (dc01.contoso.test, 2026-12-05T12:00:00Z)`, of a row on
        which a failure rests behind `decisive: `."""
        what, actual, expected = (self.said(row, part) for part in ("what", "actual", "expected"))
        wanted = self.say(", wanted {expected}", expected=expected) if row.expected is not None else ""
        origin = ", ".join(filter(None, (self.said(row, "source") if row.source else "", iso(row.at) if row.at else "")))
        found = f"{what}: {actual}{wanted}" + (f" ({origin})" if origin else "")
        return f"{self.say('decisive')}: {found}" if row.decides is True else found

    def remedy(self, remedy: RemedyRecord) -> str:
        """Who is to do it, and what."""
        return f"{self.said(remedy, 'who')}: {self.say(remedy.template, **remedy.values)}"

    def commands(self, remedy: RemedyRecord, part: str) -> tuple[str, ...]:
        """The commands, verifications or undoing of a remedy, one by one."""
        steps = _part(remedy, part)
        return tuple(map(self._step, steps)) if isinstance(steps, tuple) else ()

    def _step(self, step: str | Text) -> str:
        """A command, or in words what no command can do, as a comment among the commands."""
        if isinstance(step, Text):
            return powershell_comment(self.show(step))
        if len(step) <= MOST_OF_COMMAND:
            return step
        return powershell_comment(self.say("a command of {count} characters: it stands in result.json", count=len(step)))

    def collector(self, collected: Collected) -> str:
        """Who collected."""
        return self.say("{account} (current logon)", account=collected.by) if collected.current_logon else collected.by

    def of_error(self, of: KnownError | Cause | Event | Number | WindowsEvent | CodeClass, part: str) -> str:
        """A text of a known error, one of its causes or events, by its name; in English where it has none in this language."""
        return str(getattr(of, f"{part}_{self.name}", "") or getattr(of, part))


def iso(time: datetime) -> str:
    """ISO 8601 to the second, with zone: the same in every language."""
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")


@cache
def _brought(name: str) -> dict[str, str]:
    """The translations that other packages bring. Raises PluginError for a file that is none."""
    texts: dict[str, str] = {}
    for called, folder in folders(TEXTS):
        file = folder / f"{name}.toml"
        if file.is_file():
            try:
                texts |= msgspec.toml.decode(file.read_bytes(), type=dict[str, str])
            except msgspec.DecodeError as error:
                said = text(
                    "{plugin} brings {file}, which holds no translations: {problem}", plugin=called, file=str(file), problem=str(error)
                )
                raise PluginError(said) from error
    return texts


@cache
def _read(folder: Traversable) -> dict[str, str]:
    """The translations of all files of a language."""
    texts: dict[str, str] = {}
    for file in (item for item in folder.iterdir() if item.name.endswith(".toml")):
        texts |= tomllib.loads(file.read_text(encoding="utf-8"))
    return texts


def _part(of: Evidence | RemedyRecord, part: str) -> Value:
    texts = of.texts or {}
    value: Value | UnsetType = getattr(texts, part) if isinstance(texts, EvidenceTexts) else texts.get(part, UNSET)
    return getattr(of, part) if isinstance(value, UnsetType) else value
