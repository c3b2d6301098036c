"""The typed result of a run: what `result.json` holds and every report is made from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType

from checks.changes import Change
from checks.check import Evidence, Outcome, Severity, Value
from checks.facts import Collected, HostVisit, Reason

RESULT_FORMAT = "hvpreflight.result/1"


class Verdict(StrEnum):
    """The answer for a move, a pair and the whole plan, from best to worst."""

    GO = "GO"
    CONDITIONS = "GO WITH CONDITIONS"
    INCOMPLETE = "INCOMPLETE"
    NO_GO = "NO-GO"


VERDICT_ORDER: tuple[Verdict, ...] = (Verdict.GO, Verdict.CONDITIONS, Verdict.INCOMPLETE, Verdict.NO_GO)

EXIT_CODES: dict[Verdict, int] = {Verdict.GO: 0, Verdict.NO_GO: 3, Verdict.INCOMPLETE: 4, Verdict.CONDITIONS: 5}


class Subject(Struct, frozen=True, omit_defaults=True):
    """What a finding is about. `kind` is the scope; a host has `host`, a pair `source` and `target`, a move also `vm`,
    an access `operator` and `host`. Spelled as in the plan."""

    kind: str
    host: str | None = None
    source: str | None = None
    target: str | None = None
    vm: str | None = None
    operator: str | None = None


class Message(Struct, frozen=True):
    """A sentence in English, and what any other language is rendered from."""

    text: str
    template: str
    values: dict[str, Value]


class RemedyRecord(Struct, frozen=True):
    """A remedy in English. Any other language is rendered from `template` and `values` for the text, and from `texts` for the other
    parts: those that hold sentences with values. What is not in it is its own template (`who`, `effective_after`) or a command.
    `changes` are what the commands change, as data, where that needs no decision of a person."""

    text: str
    who: str
    commands: tuple[str, ...]
    effective_after: str
    verify: tuple[str, ...]
    undo: tuple[str, ...]
    template: str
    values: dict[str, Value]
    texts: dict[str, Value] | UnsetType = UNSET
    changes: tuple[Change, ...] = ()


class FindingRecord(Struct, frozen=True, omit_defaults=True):
    """One planned outcome. `because` holds the ids of the findings that made a SKIP, or nothing; `reason` is why a fact was
    missing, for UNKNOWN."""

    id: str
    check: str
    subject: Subject
    outcome: Outcome
    severity: Severity
    message: Message
    evidence: tuple[Evidence, ...] = ()
    predicts: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    reason: Reason | None = None
    remedy: RemedyRecord | None = None
    waiver: None = None


class MoveResult(Struct, frozen=True):
    """One move (a `*` of the plan is expanded) with its verdict and the ids of the findings that bear on it and did not pass."""

    vm: str
    source: str
    target: str
    operator: str
    launch: str
    storage: str
    authentication: str
    verdict: Verdict
    findings: tuple[str, ...]


class PairResult(Struct, frozen=True):
    """One ordered pair: its verdict, and for each area of checks the worst that was found: an outcome, followed by a blank and
    the severity where it is FAIL, UNKNOWN or ERROR (`FAIL BLOCKER`, `UNKNOWN RISK`, `PASS`, `SKIP`)."""

    source: str
    target: str
    verdict: Verdict
    areas: dict[str, str]


class Tool(Struct, frozen=True):
    name: str
    version: str
    rules: str


class CheckInfo(Struct, frozen=True):
    """What a reader of the result needs to know of a check, so that a report is made from the result alone."""

    title: str
    area: str
    scope: str
    severity: Severity
    article: tuple[str, ...]


class ChangeInfo(Struct, frozen=True):
    id: str
    title: str
    window_start: datetime | None = None
    window_end: datetime | None = None


class Result(Struct, frozen=True):
    """The whole result. Made from a plan and a snapshot alone: the same two give the same bytes on any machine at any time."""

    format: str
    tool: Tool
    snapshot_sha256: str
    plan_sha256: str
    collected: Collected
    visits: dict[str, HostVisit]
    valid_until: datetime
    verdict: Verdict
    counts: dict[str, int]
    change: ChangeInfo
    moves: tuple[MoveResult, ...]
    pairs: tuple[PairResult, ...]
    checks: dict[str, CheckInfo]
    findings: tuple[FindingRecord, ...]
