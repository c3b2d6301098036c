"""The typed result of diagnosing: what is said of one failed operation, its causes in order, and what they were judged by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from checks.check import Outcome
from checks.errors import Cause, Doing, KnownError
from checks.errors.codes import win32_of
from checks.errors.observation import Observation
from checks.errors.timeline import Timeline
from checks.plan import Move
from checks.result import FindingRecord
from checks.text import Text
from checks.windows.names import AccountName

NOBODY = AccountName("unknown operator")
"""The operator of a move of whom nothing is known."""


class Operation(Struct, frozen=True):
    """One failed operation. `codes` and `events` stand once each: first those of entries that name the VM, each in the order in which
    they stood. `vm` is a name where one is known, else an id. `hosts` wrote the entries; `start` and `end` are UTC. `moved` is when a
    move of the VM succeeded after it. `again` counts further operations that were the same in everything but the time."""

    observations: tuple[Observation, ...]
    codes: tuple[str, ...] = ()
    events: tuple[tuple[str, int], ...] = ()
    vm: str | None = None
    source: str | None = None
    target: str | None = None
    hosts: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    moved: datetime | None = None
    again: int = 0


class By(StrEnum):
    """The kinds of evidence, the weakest first: nothing that is known of a cause lifts it above one that a later kind carries."""

    WORDS = "words"
    EVENT = "event"
    SENTENCE = "sentence"
    CODE = "code"
    SIGN = "code and sign"
    TOLD = "facts of the text"
    SNAPSHOT = "facts of a snapshot"

    @property
    def strength(self) -> int:
        return tuple(By).index(self)


class Standing(StrEnum):
    """What the checks say of a cause, or where they say nothing, the facts of the text."""

    FAILS = "shown by a check"
    MAY_FAIL = "shown for one way of starting"
    SHOWN_BY_TEXT = "shown by the text"
    OPEN = "undecided"
    RULED_OUT_BY_TEXT = "ruled out by the text"
    HOLDS = "its checks hold"


class Found(Struct, frozen=True):
    """A known error of an operation, and by what it was recognized. `pointed` are causes that its sentence is said for alone;
    `elsewhere`: it is known of other operations than this one."""

    error: KnownError
    by: By
    pointed: tuple[str, ...] = ()
    elsewhere: bool = False


class View(Struct, frozen=True):
    """What the checks say of an operation that was started from one launch point: the findings by check, and all by id."""

    launch: str
    findings: Mapping[str, tuple[FindingRecord, ...]]
    by_id: Mapping[str, FindingRecord]


class Ranked(Struct, frozen=True):
    """A cause in its place. `failing` are the findings that show it, `launches` the launch points for which they do (empty: all that
    were judged); `holding` those that speak against it; `missing` those that would decide it but lack a fact; `because` the failures for
    which a check was not judged. `by` is how its error was recognized, `carried` the kind of evidence that gave it its place, `told`
    the lines of the text with the facts that show it or rule it out."""

    cause: Cause
    error: KnownError
    rank: int
    score: float
    by: By
    carried: By
    standing: Standing
    told: tuple[int, ...] = ()
    failing: tuple[FindingRecord, ...] = ()
    launches: tuple[str, ...] = ()
    holding: tuple[FindingRecord, ...] = ()
    missing: tuple[FindingRecord, ...] = ()
    because: tuple[FindingRecord, ...] = ()


class Diagnosis(Struct, frozen=True):
    """What is to be said of one operation. `codes` are all that stood there, the leading one first; `unknown` those that nobody knows,
    `near` the known errors that come nearest to the first of them. `doing` is what was being done. `blockers` are failures that stop the
    move and belong to none of the causes."""

    operation: Operation
    found: tuple[Found, ...]
    codes: tuple[str, ...]
    unknown: tuple[str, ...]
    near: tuple[KnownError, ...]
    causes: tuple[Ranked, ...]
    doing: Doing | None = None
    blockers: tuple[FindingRecord, ...] = ()

    @property
    def of_anything(self) -> bool:
        """May its codes be those of any program: numbers of Windows itself, and nothing tells what was being done, or with what: a setting
        of migrations would."""
        operation = self.operation
        told = self.doing or operation.vm or operation.source or operation.target or operation.events
        return (
            bool(self.causes) and not told and all(win32_of(each.error.code) is not None and each.by is not By.TOLD for each in self.causes)
        )


class Judged(Struct, frozen=True):
    """`moves` are those that the operation may have been, `views` what the checks say for each way of starting. `collected` is when the
    facts were read; `planned` tells that the moves are the plan's. Without views `problem` says why."""

    moves: tuple[Move, ...] = ()
    views: tuple[View, ...] = ()
    collected: datetime | None = None
    planned: bool = False
    problem: Text | None = None


class Decider(Struct, frozen=True):
    """A command whose output would decide checks: their ids."""

    command: str
    checks: tuple[str, ...]


class Configuration(Struct, frozen=True):
    """What the checks say of hosts whose settings a text holds. `moves` are those that were judged, none where it is not told between which
    hosts; `findings` what was decided, `launches` by the id of a finding the launch points that it holds for, where it does not for all;
    `deciders` what would decide others, `elsewhere` the ids of those that no pasted output decides; `unclear` what of the text was not
    used, and why."""

    hosts: tuple[str, ...]
    moves: tuple[Move, ...]
    findings: tuple[FindingRecord, ...]
    launches: Mapping[str, tuple[str, ...]]
    deciders: tuple[Decider, ...]
    elsewhere: tuple[str, ...]
    unclear: tuple[Text, ...] = ()
    views: tuple[View, ...] = ()

    @property
    def decided(self) -> bool:
        """Does it say of anything that it holds or fails."""
        return any(finding.outcome in (Outcome.PASS, Outcome.FAIL) for finding in self.findings)


class Answers(Struct, frozen=True):
    """What is said of all readings: of each failed operation, what could not be read, what was recognized and is no failure, and what was
    seen of the time before a failure, and what the checks say of the settings in them."""

    diagnosed: tuple[Diagnosed, ...]
    problems: tuple[Text, ...]
    noticed: tuple[Text, ...] = ()
    before: tuple[Text, ...] = ()
    configuration: Configuration | None = None


class Diagnosed(Struct, frozen=True):
    """The diagnosis of one operation, what it was judged by: nothing where there were no facts; and what happened around it: nothing where
    no two times are known."""

    diagnosis: Diagnosis
    judged: Judged | None
    timeline: Timeline | None = None

    @property
    def tells(self) -> bool:
        """Is it about a failure at all, as far as anybody can tell: with a code, known or not, or a known message."""
        return bool(self.diagnosis.found or self.diagnosis.codes)

    @property
    def direction(self) -> tuple[str | None, str | None]:
        """Source and target: as the operation says, else as the move by which it was judged."""
        operation = self.diagnosis.operation
        pairs = {(move.source.spelled, move.target.spelled) for move in self.judged.moves} if self.judged else set()
        source, target = pairs.pop() if len(pairs) == 1 else (None, None)
        return operation.source or source, operation.target or target
