"""Finds known errors: by any spelling of a code, by an event, by the id of a cause; and those that come near."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from checks.errors import Attestation, KnownError
from checks.errors.codes import forms, normalize
from checks.errors.events import ONLY_FAILED
from checks.plugins import ERRORS, PluginError, folders
from checks.text import text

LONGEST = 200
"""Characters of a text that `nearest` looks at."""

ALIKE = 0.7
"""So like must a code be to a name of an error: the ratio of difflib."""

_BETWEEN = re.compile(r"[\s,;]+")
_ID = re.compile(r"\d{1,10}", re.ASCII)
_WORD = re.compile(r"[^\W_]{3,}")
_CHANNEL_NOISE = re.compile(r"microsoft-windows-|hyper-v-|[^a-z0-9]+")


@cache
def known(code: str) -> KnownError | None:
    """The error with exactly this code; reads its file only."""
    name = _file_name(code)
    error = _read(name) if name in _files() else None
    return error if error is not None and error.code == code else None


@cache
def all_errors() -> tuple[KnownError, ...]:
    """Every known error: the best attested first, among those the ones with most causes."""
    return tuple(
        sorted(
            (_read(name) for name in _files()), key=lambda error: (tuple(Attestation).index(error.evidence), -len(error.causes), error.code)
        )
    )


def find(spelling: str) -> tuple[KnownError, ...]:
    """The errors that a spelling can mean, the likeliest first: a code in any form, an event id, `CHANNEL/ID`, a symbol, the id of a
    cause, the message itself. Of several words (`Event ID 21024`) each one that is a code counts, small numbers only where there is
    no clearer one. None where nothing is known."""
    if whole := _exact(spelling):
        return whole
    clear: list[KnownError] = []
    vague: list[KnownError] = []
    for word in _BETWEEN.split(spelling):
        if meanings := normalize(word):
            (vague if any(map(str.isdecimal, meanings)) else clear).extend(_exact(word))
    return _once(clear or vague)


def nearest(text: str, limit: int = 3) -> tuple[KnownError, ...]:
    """The known errors that come nearest to a text that `find` does not know: by the form of the code, or by words in common."""
    text = text.strip().casefold()[:LONGEST]
    wanted = [code.casefold() for code in normalize(text)] or [text]
    words = set(_WORD.findall(text))
    scored = ((max(_in_form(wanted, names), _in_words(words, said)), error) for error, names, said in _said())
    ranked = sorted(((score, error) for score, error in scored if score > 0.5), key=lambda pair: -pair[0])
    return tuple(error for _, error in ranked[:limit])


def related(error: KnownError) -> tuple[KnownError, ...]:
    """The errors that have a cause, a check or an event that says something in common with this one; most in common first."""
    others = (other for other in all_errors() if other.code != error.code and not (error.wrapper or other.wrapper))
    scored = ((_in_common(error, other), other) for other in others)
    return tuple(other for score, other in sorted(scored, key=lambda pair: -pair[0]) if score)


def spellings(error: KnownError) -> tuple[str, ...]:
    """Every spelling of an error's code, its own first: those in its file and those that can be computed."""
    return tuple(dict.fromkeys((*forms(error.code), *filter(None, (error.symbol,)), *error.spellings)))


def _exact(spelling: str) -> tuple[KnownError, ...]:
    by_name, by_event = _index()
    candidates = (spelling.strip(), *normalize(spelling))
    found = _once(error for candidate in candidates for error in by_name.get(candidate.casefold(), ()))
    return found or _once(error for candidate in candidates for error in _of_event(candidate, by_event))


@cache
def _index() -> tuple[dict[str, tuple[KnownError, ...]], dict[int, tuple[KnownError, ...]]]:
    """The errors by every name they have, without case, and by the ids of their events."""
    names: dict[str, list[KnownError]] = {}
    events: dict[int, list[KnownError]] = {}
    for error in all_errors():
        own = (error.code, error.symbol, error.message, error.message_de, *error.spellings)
        causes = (id for cause in error.causes for id in (cause.id, *cause.formerly))
        for name in dict.fromkeys(name.casefold() for name in (*own, *causes) if name):
            names.setdefault(name, []).append(error)
        for number in dict.fromkeys(event.id for event in error.events if event.id is not None):
            events.setdefault(number, []).append(error)
    return {name: tuple(found) for name, found in names.items()}, {number: tuple(found) for number, found in events.items()}


def _of_event(candidate: str, by_event: dict[int, tuple[KnownError, ...]]) -> tuple[KnownError, ...]:
    """The errors of an event, given by its id or as CHANNEL/ID: the one whose code is this event, otherwise all that it is logged for."""
    channel, _, number = candidate.rpartition("/")
    if not _ID.fullmatch(number):
        return ()
    logged = by_event.get(int(number), ())
    if channel:
        logged = tuple(e for e in logged if any(event.id == int(number) and _same_channel(event.channel, channel) for event in e.events))
    return tuple(error for error in logged if error.code == number) or logged


def _same_channel(one: str, other: str) -> bool:
    """Do two names mean one channel: with or without the vendor's prefix, or the provider's name for the channel's."""
    a, b = (_CHANNEL_NOISE.sub("", name.casefold()) for name in (one, other))
    return bool(a and b) and (a.startswith(b) or b.startswith(a))


def _once(errors: Iterable[KnownError]) -> tuple[KnownError, ...]:
    return tuple({error.code: error for error in errors}.values())


@cache
def _said() -> tuple[tuple[KnownError, tuple[SequenceMatcher[str], ...], frozenset[str]], ...]:
    """Every error with its names, each ready to be compared, and the words of its message."""
    return tuple((error, tuple(SequenceMatcher(b=name) for name in _names(error)), _words(error)) for error in all_errors())


def _names(error: KnownError) -> list[str]:
    return [name.casefold() for name in (error.code, error.symbol, *error.spellings, *(cause.id for cause in error.causes)) if name]


def _words(error: KnownError) -> frozenset[str]:
    return frozenset(_WORD.findall(" ".join((error.code, error.symbol, error.message, error.message_de)).casefold()))


def _in_form(wanted: list[str], names: Iterable[SequenceMatcher[str]]) -> float:
    """How like the likest of an error's names is, where it is like at all; the quick ratios are upper bounds."""
    likest = 0.0
    for one in wanted:
        for name in names:
            name.set_seq1(one)
            if name.real_quick_ratio() > ALIKE and name.quick_ratio() > ALIKE:
                likest = max(likest, name.ratio())
    return likest if likest > ALIKE else 0.0


def _in_words(words: set[str], said: frozenset[str]) -> float:
    return len(words & said) / len(words) if words else 0.0


def _in_common(one: KnownError, other: KnownError) -> int:
    a, b = _traits(one), _traits(other)
    return sum(weight * len(mine & its) for weight, mine, its in zip((3, 2, 1), a, b, strict=True))


def _traits(error: KnownError) -> tuple[set[str], set[str], set[str]]:
    return (
        {cause.id for cause in error.causes},
        {check for cause in error.causes for check in cause.checks},
        {f"{event.channel}/{event.id}" for event in error.events if event.id is not None and event.id not in ONLY_FAILED},
    )


def _file_name(code: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "_", code).strip("_") + ".toml"


@cache
def _files() -> dict[str, Traversable]:
    """The files of all known errors by name: ours, and those of other packages. Raises PluginError for one that is there already."""
    found = {file.name: file for file in _in(resources.files("checks.errors"))}
    for called, folder in folders(ERRORS):
        for file in _in(folder):
            if file.name in found:
                raise PluginError(text("{plugin} brings {file}, which is there already", plugin=called, file=file.name))
            found[file.name] = file
    return found


def _in(folder: Traversable) -> Iterable[Traversable]:
    return (file for file in folder.iterdir() if file.name.endswith(".toml"))


@cache
def _read(name: str) -> KnownError:
    file = _files()[name]
    try:
        return msgspec.toml.decode(file.read_bytes(), type=KnownError)
    except msgspec.DecodeError as error:
        raise PluginError(text("{file}: this is no known error: {problem}", file=str(file), problem=str(error))) from error
