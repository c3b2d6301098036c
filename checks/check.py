"""The vocabulary of checks: scope, severity, outcome, finding, evidence, remedy, and the decorator that makes a function a check."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from msgspec import Struct


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


Value: TypeAlias = str | int | float | bool | tuple[str, ...] | None


class Text(Struct, frozen=True):
    """A sentence as template and values, so that any language can render it later. `{name}` stands for a value; a value is
    never looked into for further places."""

    template: str
    values: dict[str, Value] = {}


_PLACE = re.compile(r"\{(\w+)\}")


def render(template: str, values: dict[str, Value], show: Callable[[Value], str] | None = None) -> str:
    """The template with each `{name}` replaced by its value, shown by `show` (default: plain text, lists joined by commas)."""
    show = show or plain
    return _PLACE.sub(lambda place: show(values[place[1]]) if place[1] in values else place[0], template)


def plain(value: Value) -> str:
    """A value as plain text: lists joined by commas, nothing as a dash, truth as yes and no."""
    if value is None or value == ():
        return "–"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def text(template: str, /, **values: Value) -> Text:
    return Text(template, values)


class Evidence(Struct, frozen=True, rename={"source": "from"}):
    """One named value that was read, what it should be, where it came from and when (UTC)."""

    what: str
    actual: Value
    expected: Value = None
    source: str = ""
    at: datetime | None = None


class Remedy(Struct, frozen=True):
    """What to do: a text, the commands (values are quoted for PowerShell when rendered), who must run them, how long until it
    counts, how to verify, how to undo."""

    text: Text
    who: Text
    commands: tuple[Text, ...] = ()
    effective_after: Text = Text("at once")
    verify: tuple[Text, ...] = ()
    undo: tuple[Text, ...] = ()


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
