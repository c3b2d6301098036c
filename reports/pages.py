"""The pages of checks and known errors: in lines for people, as data for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import resources
from typing import NamedTuple

import msgspec

from checks.check import Check
from checks.errors import Attestation, Cause, Event, KnownError
from checks.errors.codes import KERBEROS, normalize, win32_of
from checks.errors.events import HYPER_V_EVENTS
from checks.errors.lookup import all_errors, nearest, related, spellings
from checks.errors.tables import class_of, numbers
from checks.near_names import near_name
from checks.registry import all_checks
from reports.articles import cited
from reports.check_list import described
from reports.language import ENGLISH, Language

PAGES = 3
"""So many errors of one spelling are told in full; more are listed."""

_RELATED = 8
_CHANNELS = (
    "Microsoft-Windows-Hyper-V-VMMS-Admin",
    "Microsoft-Windows-Hyper-V-VMMS-Operational",
    "Microsoft-Windows-Hyper-V-Worker-Admin",
    "Security",
    "System",
)

GRADES = {
    Attestation.STRONG: "Evidence: strong. The vendor's documentation or several sources say so.",
    Attestation.MEDIUM: "Evidence: medium. One decent source says so.",
    Attestation.WEAK: "Evidence: WEAK. General knowledge or a single weak source; verify each cause before anything is changed.",
}


def page(check: Check, language: Language) -> str:
    """The page of a check in this language, in English where there is no other; what a check of a plug-in without one declares. It lies
    beside the check's module."""
    name, package = check.id.partition(".")[2], check.function.__module__.rpartition(".")[0]
    for suffix in (f".{language.name}.md", ".md") if package else ():
        file = resources.files(package) / f"{name}{suffix}"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return "\n".join(f"{name}: {value}" for name, value in described(check).items())


def rights(check: Check) -> str:
    """What the collecting account has to be allowed for the facts of a check, as its page says; empty for one of a plug-in without a
    page."""
    _, _, after = page(check, Language()).partition("\n## Rights needed\n")
    return " ".join(after.partition("\n## ")[0].split())


def as_data(asked: str, check: Check | None, errors: tuple[KnownError, ...], language: Language) -> dict[str, object]:
    """What is known of what was asked, with everything in both languages but the check's page."""
    return {
        "query": asked,
        "check": {**described(check), "page": page(check, language)} if check else None,
        "errors": [
            {**msgspec.to_builtins(error), "spellings": spellings(error), "related": [other.code for other in related(error)]}
            for error in errors
        ],
        "nearest": [] if check or errors else [error.code for error in nearest(asked)],
        "did_you_mean": None if check or errors else _meant(asked),
    }


def _meant(asked: str) -> str | None:
    """The check or the symbol of an error that may have been meant. Numbers are not guessed: one digit makes another error of them."""
    return near_name(asked, (*(check.id for check in all_checks()), *(error.symbol for error in all_errors() if error.symbol)))


def of_check(check: Check, language: Language) -> Iterator[str]:
    """The page of a check in lines."""
    area, name = check.id.split(".", 1)
    if language.name != ENGLISH and not (resources.files("checks") / area / f"{name}.{language.name}.md").is_file():
        yield language.say("This page exists in English only.")
        yield ""
    yield from page(check, language).splitlines()
    if said := cited(check.article, language):
        yield ""
        yield from (f"{each.called}: {each.says}" for each in said)


def of_errors(asked: str, errors: tuple[KnownError, ...], language: Language) -> Iterator[str]:
    """The pages of the errors that a spelling can mean, the likeliest first; a list of them where they are many; what comes near and
    where to look where there is none."""
    return _Pages(language).all(asked, errors)


class Outline(NamedTuple):
    """Something in words: a heading, lines below it, and parts of the same shape."""

    heading: str
    lines: tuple[str, ...] = ()
    parts: tuple[Outline, ...] = ()


def outline(error: KnownError, language: Language) -> Outline:
    """All that is told of a known error, in the order of the page: its causes are the parts of the first part, where it has any."""
    say = language.say
    parts = (
        Outline(say("Causes, the most likely first"), parts=tuple(_cause(cause, error, language) for cause in error.causes)),
        Outline(say("Logged as"), tuple(_event(event, language) for event in error.events)),
        Outline(say("Notes"), (language.of_error(error, "notes"),) if error.notes else ()),
        Outline(say("Related: hvpreflight explain CODE"), tuple(listed(other, language) for other in related(error)[:_RELATED])),
        Outline(say("Sources"), error.sources or (say("No public source."),)),
    )
    heading = "  ".join(dict.fromkeys(filter(None, (error.code, error.symbol))))
    return Outline(heading, tuple(_about(error, language)), tuple(part for part in parts if part.lines or part.parts))


def listed(error: KnownError, language: Language) -> str:
    """A known error in one line, which begins with its code."""
    return f"{error.code}  {language.of_error(error, 'message')}"


def _about(error: KnownError, language: Language) -> Iterator[str]:
    say = language.say
    yield say("English: {message}", message=error.message)
    if error.message_de:
        sure = say(" (confidence in the wording: {confidence})", confidence=say(error.message_de_confidence))
        yield say("German: {message}", message=error.message_de) + sure
    else:
        yield say("German: the wording is not known")
    if written := [name for name in spellings(error) if name not in (error.code, error.symbol)]:
        yield say("Also written: {spellings}", spellings=tuple(written))
    yield say("Windows versions: {versions}", versions=language.of_error(error, "versions"))
    yield say(GRADES[error.evidence])
    if error.wrapper:
        yield say("This message only says that something failed. It is no cause: the code beside it is.")


def _cause(cause: Cause, error: KnownError, language: Language) -> Outline:
    say, own = language.say, language.of_error
    weak = say(" (weak evidence, verify first)") if error.evidence is Attestation.WEAK else ""
    lines = (
        own(cause, "cause"),
        say("Tell apart: {how}", how=own(cause, "tell_apart")),
        say("Fix: {how}", how=own(cause, "fix")),
        say("Checks: {checks}", checks=cause.checks) if cause.checks else say("Checks: none sees it yet"),
    )
    return Outline(f"{cause.rank}. {cause.id}{weak}", lines)


def _event(event: Event, language: Language) -> str:
    place = event.channel if event.id is None else f"{event.channel} {event.id}"
    return f"{place}: {language.of_error(event, 'note')}"


class _Pages:
    """The pages in one language; lines that are too long for a terminal go on below their own indentation."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.say = language.say
        self.own = language.of_error

    def all(self, asked: str, errors: tuple[KnownError, ...]) -> Iterator[str]:
        if not errors:
            yield from self.unknown(asked)
        elif len(errors) > PAGES:
            yield self.say(
                "{asked} can mean {count} known errors. The page of one of them: hvpreflight explain CODE", asked=asked, count=len(errors)
            )
            yield ""
            yield from self.listed(errors)
        else:
            for number, error in enumerate(errors):
                yield from ("", "-" * 40, "") if number else ()
                yield from self.error(error)

    def error(self, error: KnownError) -> Iterator[str]:
        its = outline(error, self.language)
        yield its.heading
        yield from (f"  {line}" for line in its.lines)
        for part in its.parts:
            yield from ("", part.heading)
            yield from (f"  {line}" for line in part.lines)
            for cause in part.parts:
                yield f"  {cause.heading}"
                yield from (f"     {line}" for line in cause.lines)

    def headed(self, heading: str, lines: Iterable[str]) -> Iterator[str]:
        """The lines below a heading; no heading without lines."""
        if found := tuple(lines):
            yield from ("", self.say(heading), *found)

    def listed(self, errors: Iterable[KnownError]) -> Iterator[str]:
        for error in errors:
            yield f"  {listed(error, self.language)}"

    def event_id(self, number: int) -> Iterator[str]:
        """Where a number leads that only an event of Hyper-V can have: no code of Windows is so."""
        query = f"(Get-WinEvent -ListProvider Microsoft-Windows-Hyper-V-VMMS).Events | Where-Object Id -eq {number}"
        yield from self.headed(
            "Where to look",
            (
                "  " + self.say("It is an event of the Hyper-V logs: the code inside its message is the error."),
                f"  {query}: {self.say('its sentence')}",
                "  " + self.say("Event Viewer of both hosts, at the time of the failure: {channels}", channels=_CHANNELS),
            ),
        )

    def unknown(self, asked: str) -> Iterator[str]:
        codes = normalize(asked)
        number = next((str(win32) for code in codes if (win32 := win32_of(code)) is not None), "NUMBER")
        code = next((code for code in codes if code not in KERBEROS.values()), "CODE")
        if told := next(((code, numbers()[code]) for code in codes if code in numbers()), None):
            yield f"{told[0]} {told[1].symbol}: {self.own(told[1], 'sentence')}"
            yield self.say("What causes it in a move is not known here.")
        else:
            yield self.say("Nothing is known of {asked}.", asked=asked)
            if known := class_of(code):
                yield f"{code}: {self.own(known, 'sentence')}"
        if asked.isdecimal() and int(asked) in HYPER_V_EVENTS:
            yield from self.event_id(int(asked))
            return
        if meant := _meant(asked):
            yield self.say("Did you mean {name}?", name=meant)
        yield from self.headed("Nearest", self.listed(nearest(asked)))
        yield from self.headed(
            "Where to look",
            (
                f"  certutil -error {code}: {self.say('what Windows itself says of a code')}",
                f"  net helpmsg {number}: {self.say('the same for a Win32 number')}",
                f"  err {code}: {self.say('the Error Lookup Tool, which knows many components')}",
                "  " + self.say("Event Viewer of both hosts, at the time of the failure: {channels}", channels=_CHANNELS),
                "  " + self.say("Every check by its id: hvpreflight checks"),
            ),
        )
