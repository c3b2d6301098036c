"""The vocabulary of checks: scope, severity, outcome, finding, evidence, remedy, and the decorator that makes a function a check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from checks.plan import Move
from checks.remedy import Remedy
from checks.text import NOTHING, Plain, Text, Value, holds_text, in_words, plain, text
from checks.windows.names import fold


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

    @cached_property
    def weight(self) -> int:
        """The greater, the worse."""
        return {Severity.ADVICE: 1, Severity.RISK: 2, Severity.BLOCKER: 3}[self]


class Grade(StrEnum):
    """On whose word a rule stands: the two articles say it, another page of the vendor or its published protocol documents do, or it
    follows from how the protocol works."""

    ARTICLE = "article"
    VENDOR = "vendor"
    INFERRED = "inferred"


WAYS_BACK = "ways_back"
"""What a plan check declares that reads what the other checks say against the ways back."""


class Outcome(StrEnum):
    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    FAIL = "FAIL"
    SKIP = "SKIP"
    UNKNOWN = "UNKNOWN"
    ERROR = "ERROR"


PASS, FAIL = Outcome.PASS, Outcome.FAIL
"""What is asked for with every answer, at hand: a member costs a look-up through its class that is dearer than a call."""


class EvidenceTexts(Struct, frozen=True, gc=False, omit_defaults=True, rename={"source": "from"}):
    """Those parts of an evidence that are, or hold, sentences with values."""

    what: Text | UnsetType = UNSET
    actual: Value | UnsetType = UNSET
    expected: Value | UnsetType = UNSET
    source: Text | UnsetType = UNSET


class Evidence(Struct, frozen=True, gc=False, rename={"source": "from"}):
    """One named value that was read, what it should be, where it came from and when (UTC), in English. `texts` holds what any
    other language is rendered from. A `what` that is not in it is its own template. `decides`: of a failure, that it rests on this value;
    False, that the value is no obstacle although it is written otherwise than what is expected."""

    what: str
    actual: Plain
    expected: Plain = None
    source: str = ""
    at: datetime | None = None
    texts: EvidenceTexts | UnsetType = UNSET
    decides: bool | UnsetType = UNSET

    def __hash__(self) -> int:
        return hash((self.what, self.actual, self.expected, self.source, self.at))

    @staticmethod
    def of(
        what: str | Text,
        actual: Value,
        expected: Value = None,
        source: Text = NOTHING,
        at: datetime | None = None,
        *,
        fits: bool | None = None,
    ) -> Evidence:
        """Evidence from what may be our own words."""
        return Evidence.origin(source, at).another(what, actual, expected, fits=fits)

    @staticmethod
    def origin(source: Text, at: datetime | None = None) -> Evidence:
        """Evidence that shows nothing yet: the source and the time of what is shown of it."""
        return Evidence("", None, None, plain(source), at, EvidenceTexts(source=source) if source.values else UNSET)

    def another(self, what: str | Text, actual: Value, expected: Value = None, *, fits: bool | None = None) -> Evidence:
        """Evidence from the same source. `fits`: is the value as it has to be, where comparing it with what is expected does not tell."""
        ordered = _as_found(actual, expected) if isinstance(actual, tuple) and isinstance(expected, tuple) else expected
        shown, wanted = in_words(actual), in_words(ordered)
        decides = _decides(shown, wanted, fits)
        if shown is actual and wanted is ordered and isinstance(what, str) and not self.what:
            return Evidence(what, shown, wanted, self.source, self.at, self.texts, decides)
        texts = EvidenceTexts(
            what if isinstance(what, Text) else UNSET,
            actual if shown is not actual and holds_text(actual) else UNSET,
            ordered if wanted is not ordered and holds_text(ordered) else UNSET,
            self.texts.source if self.texts else UNSET,
        )
        return Evidence(plain(what), shown, wanted, self.source, self.at, texts if texts != _NO_TEXTS else UNSET, decides)

    def aside(self) -> Evidence:
        """The same, on which nothing rests."""
        return replace(self, decides=False)

    def showing(self, actual: Plain) -> Evidence:
        """The same with another value that was read: where nothing is expected, or `fits` said already whether it is as it has to be."""
        return replace(self, actual=actual)

    @property
    def differs(self) -> bool:
        """Is the value, as it is written, another than what is expected: of lists any other entries, whatever their order and case."""
        return _differ(self.actual, self.expected)


PLAN = Evidence.origin(text("plan"))

_NO_TEXTS = EvidenceTexts()


def _as_found(actual: tuple[str | Text, ...], expected: tuple[str | Text, ...]) -> tuple[str | Text, ...]:
    """What is expected, in the order and letters in which it was found: only what is lacking shall strike the eye."""
    lacking = {fold(each) if isinstance(each, str) else each: each for each in expected}
    found = tuple([each for each in actual if lacking.pop(fold(each) if isinstance(each, str) else each, None) is not None])
    return (*found, *lacking.values())


def _decides(actual: Plain, expected: Plain, fits: bool | None) -> bool | UnsetType:
    """Would a failure rest on this value."""
    if fits is None:
        return True if _differ(actual, expected) else UNSET
    return UNSET if fits and actual == expected else not fits


def _differ(actual: Plain, expected: Plain) -> bool:
    return expected is not None and actual != expected and _entries(actual) != _entries(expected)


def _entries(value: Plain) -> Plain | frozenset[str]:
    return frozenset(map(fold, value)) if isinstance(value, tuple) else value


def _deciding(rows: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The rows of a failure, with those marked on which it rests. Where none is expected to be otherwise, it rests on those together that
    were only read."""
    if any(row.decides is True for row in rows):
        return rows
    return tuple([replace(row, decides=True) if row.decides is UNSET and row.expected is None else row for row in rows])


def matters(outcome: Outcome, severity: Severity | None) -> bool:
    """Is this a failure that matters to a move: more than advice."""
    return outcome is Outcome.FAIL and severity is not Severity.ADVICE


class Finding(Struct, frozen=True, gc=False):
    """What one check says of one subject. `severity` and `predicts` stand only where they differ from the check's own. `concerns`: of a
    failure of the plan the moves with which it is, whose verdicts it reaches; all of them where it does not say. `remedy`: of a failure,
    and of a SKIP where somebody has to give something or look."""

    outcome: Outcome
    message: Text
    severity: Severity | None = None
    evidence: tuple[Evidence, ...] = ()
    remedy: Remedy | None = None
    predicts: tuple[str, ...] | None = None
    concerns: frozenset[Move] | None = None


def passes(template: str, /, *evidence: Evidence, **values: Value) -> Finding:
    """The requirement holds; the sentence says what was found. Nothing that was read is an obstacle."""
    for row in evidence:
        if row.decides is True:
            evidence = tuple([row.aside() if row.decides is True else row for row in evidence])
            break
    return Finding(PASS, Text(template, values), None, evidence)


def fails(
    message: Text,
    *evidence: Evidence,
    remedy: Remedy,
    severity: Severity | None = None,
    predicts: tuple[str, ...] | None = None,
    concerns: Iterable[Move] | None = None,
) -> Finding:
    """The requirement does not hold; the message says what was found, the remedy what to do, and where the plan fails `concerns` with
    which moves. The evidence that is not as it has to be is marked as what decides."""
    of = None if concerns is None else frozenset(concerns)
    return Finding(Outcome.FAIL, message, severity, _deciding(evidence), remedy, predicts, of)


def skips(template: str, /, **values: Value) -> Finding:
    """The requirement does not apply to this subject; the sentence says why."""
    return Finding(Outcome.SKIP, Text(template, values))


def asks(template: str, remedy: Remedy, /, **values: Value) -> Finding:
    """The requirement applies to this subject, and what would tell was not given or lies where this program does not go: the sentence says
    what that is, and the remedy who gives it or looks. Counts as SKIP: it changes no verdict."""
    return Finding(Outcome.SKIP, Text(template, values), remedy=remedy)


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
