"""The vocabulary of checks: scope, severity, outcome, finding, evidence, remedy, and the decorator that makes a function a check."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from checks.changes import Change


class Scope(StrEnum):
    """What a check is about. A check is evaluated once for each subject of its scope."""

    HOST = "host"
    PAIR = "pair"
    MOVE = "move"
    ACCESS = "access"
    PLAN = "plan"


class Severity(StrEnum):
    """What a failure means: the move fails, it may fail or succeeds unsafely, or it could be better."""

    BLOCKER = "BLOCKER"
    RISK = "RISK"
    ADVICE = "ADVICE"


class Outcome(StrEnum):
    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    FAIL = "FAIL"
    SKIP = "SKIP"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"


class Text(Struct, frozen=True, omit_defaults=True):
    """A sentence as template and values, so that any language can render it later. `{name}` stands for a value; a value is
    never looked into for further places, but may be a sentence of its own."""

    template: str
    values: dict[str, Value] = {}

    def __hash__(self) -> int:
        return hash((self.template, frozenset(self.values.items())))


Plain: TypeAlias = str | int | float | bool | tuple[str, ...] | None
"""What was read, as it was read."""

Value: TypeAlias = str | int | float | bool | Text | tuple[str | Text, ...] | None
"""What was read, or words of our own about it."""


_PLACE = re.compile(r"\{(\w+)\}")


def render(template: str, values: dict[str, Value], show: Callable[[Value], str] | None = None) -> str:
    """The template with each `{name}` replaced by its value, shown by `show` (default: plain text, lists joined by commas)."""
    show = show or plain
    return _PLACE.sub(lambda place: show(values[place[1]]) if place[1] in values else place[0], template)


def plain(value: Value) -> str:
    """A value as plain English text: lists joined by commas, nothing as a dash, truth as yes and no."""
    if value is None or value == ():
        return "–"
    if isinstance(value, Text):
        return render(value.template, value.values)
    if isinstance(value, tuple):
        return ", ".join(plain(item) if isinstance(item, Text) else item for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text(template: str, /, **values: Value) -> Text:
    return Text(template, values)


def command(template: str, /, **values: Value) -> Text:
    """A line of PowerShell: the same in every language, its values quoted when it is rendered."""
    return Text(template, values)


class Evidence(Struct, frozen=True, rename={"source": "from"}):
    """One named value that was read, what it should be, where it came from and when (UTC), in English. `texts` holds what any
    other language is rendered from: those of `what`, `actual` and `expected` that are, or hold, sentences with values. A `what`
    that is not in it is its own template."""

    what: str
    actual: Plain
    expected: Plain = None
    source: str = ""
    at: datetime | None = None
    texts: dict[str, Value] | UnsetType = UNSET

    def __hash__(self) -> int:
        return hash((self.what, self.actual, self.expected, self.source, self.at))

    @staticmethod
    def of(what: str | Text, actual: Value, expected: Value = None, source: str = "", at: datetime | None = None) -> Evidence:
        """Evidence from what may be our own words."""
        said: dict[str, Value] = {"what": what, "actual": actual, "expected": expected}
        texts = {name: value for name, value in said.items() if holds_text(value)}
        return Evidence(plain(what), in_words(actual), in_words(expected), source, at, texts or UNSET)


def holds_text(value: Value) -> bool:
    """Are there words of our own in this value."""
    return isinstance(value, Text) or (isinstance(value, tuple) and any(isinstance(item, Text) for item in value))


def in_words(value: Value) -> Plain:
    """The value with our own words in English."""
    if isinstance(value, Text):
        return plain(value)
    return tuple(map(plain, value)) if isinstance(value, tuple) else value


class Remedy(Struct, frozen=True):
    """What to do: a text, the commands (values are quoted for PowerShell when rendered), who must run them, how long until it
    counts, how to verify, how to undo. What no command can do stands among the commands as a text that begins with `#`.
    `changes` are what the commands change, as data, where that needs no decision of a person."""

    text: Text
    who: Text
    commands: tuple[Text, ...] = ()
    effective_after: Text = Text("at once")
    verify: tuple[Text, ...] = ()
    undo: tuple[Text, ...] = ()
    changes: tuple[Change, ...] = ()


class Finding(Struct, frozen=True):
    """What one check says of one subject. `severity` and `predicts` stand only where they differ from the check's own."""

    outcome: Outcome
    message: Text
    severity: Severity | None = None
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None
    predicts: tuple[str, ...] | None = None


def passes(template: str, /, *evidence: Evidence, **values: Value) -> Finding:
    """The requirement holds; the sentence says what was found."""
    return Finding(Outcome.PASS, Text(template, values), evidence=evidence)


def fails(
    message: Text,
    *evidence: Evidence,
    remedy: Remedy,
    severity: Severity | None = None,
    predicts: tuple[str, ...] | None = None,
) -> Finding:
    """The requirement does not hold; the message says what was found, the remedy what to do."""
    return Finding(Outcome.FAIL, message, severity, evidence, remedy, predicts)


def skips(template: str, /, **values: Value) -> Finding:
    """The requirement does not apply to this subject; the sentence says why."""
    return Finding(Outcome.SKIP, Text(template, values))


class Check(Struct, frozen=True):
    """One requirement. `facts` are the only facts its function can read, as `role.fact` (see checks.subject);
    `article` names the sentences of the two articles that it covers (W12, W16)."""

    id: str
    function: Callable[[Any], Finding]
    scope: Scope
    severity: Severity
    title: str
    facts: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    predicts: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    worst: Severity | None = None
    """The highest severity a finding may carry where that is above `severity`: what is unknown counts with it."""

    @property
    def highest(self) -> Severity:
        return self.worst or self.severity

    @property
    def area(self) -> str:
        return self.id.partition(".")[0]


CheckFunction: TypeAlias = Callable[[Any], Finding]


def check(
    *,
    scope: Scope,
    severity: Severity,
    title: str,
    facts: tuple[str, ...],
    depends_on: tuple[str, ...] = (),
    predicts: tuple[str, ...] = (),
    article: tuple[str, ...] = (),
    worst: Severity | None = None,
    id: str | None = None,
) -> Callable[[CheckFunction], Check]:
    """Make a pure function from a subject to a finding a check. Its id is its module's path below `checks`; a plug-in names one."""

    def make(function: CheckFunction) -> Check:
        name = id or function.__module__.removeprefix("checks.")
        return Check(
            id=name,
            function=function,
            scope=scope,
            severity=severity,
            title=title,
            facts=facts,
            depends_on=depends_on,
            predicts=predicts,
            article=article,
            worst=worst,
        )

    return make
