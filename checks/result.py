"""The typed result of a run: what `result.json` holds and every report is made from."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter

from msgspec import UNSET, Struct, UnsetType

from checks.changes import Change
from checks.check import Evidence, Outcome, Severity, matters
from checks.facts.directory import SignIn
from checks.facts.fact import Reason
from checks.facts.snapshot import Collected, HostVisit
from checks.policy import Policy
from checks.remedy import Choice, Instead, Means, RuledOut, Who
from checks.second_opinion import Compared
from checks.text import Text, Value
from checks.waiver import Waiver, WaiverUse
from checks.waves import Wave

RESULT_FORMAT = "hvpreflight.result/1"


class Verdict(StrEnum):
    """The answer for a move, a pair and the whole plan, from best to worst."""

    GO = "GO"
    CONDITIONS = "GO WITH CONDITIONS"
    INCOMPLETE = "INCOMPLETE"
    NO_GO = "NO-GO"

    @cached_property
    def weight(self) -> int:
        """The greater, the worse."""
        return tuple(Verdict).index(self)


EXIT_CODES: dict[Verdict, int] = {Verdict.GO: 0, Verdict.NO_GO: 3, Verdict.INCOMPLETE: 4, Verdict.CONDITIONS: 5}
EXPIRED = 4
"""The exit code of whatever verdict rests on facts that are too old."""


class Subject(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a finding is about. `kind` is the scope; a host has `host`, a pair `source` and `target`, a move also `vm`,
    an access `operator` and `host`. Spelled as in the plan."""

    kind: str
    host: str | None = None
    source: str | None = None
    target: str | None = None
    vm: str | None = None
    operator: str | None = None


class Message(Struct, frozen=True, gc=False):
    """A sentence in English, and what any other language is rendered from."""

    text: str
    template: str
    values: dict[str, Value]


class RemedyRecord(Struct, frozen=True, gc=False):
    """A remedy in English. Any other language is rendered from `template` and `values` for the text, and from `texts` for the other
    parts: those that hold sentences with values. What is not in it is its own template (`effective_after`) or a command. `by` is who has to
    act, as a value, and `who` the same in words. `changes` are what the commands change, as data, where that needs no decision of a
    person.

    Where there are several means to the same, `choice` says which ones this remedy takes, with what they open up and need; `alternatives`
    are whole remedies by others that are enough as well, and `ruled_out` are means that are not, each with its reason. `instead` is what
    whoever moves can do otherwise, so that nothing of this is needed. `restarts` says what goes down with it, and
    `shows` what the commands of `verify` show once it counts."""

    text: str
    who: str
    commands: tuple[str, ...]
    effective_after: str
    verify: tuple[str, ...]
    undo: tuple[str, ...]
    template: str
    values: dict[str, Value]
    by: Who
    texts: dict[str, Value] | UnsetType = UNSET
    changes: tuple[Change, ...] = ()
    choice: Choice | UnsetType = UNSET
    alternatives: tuple[RemedyRecord, ...] | UnsetType = UNSET
    ruled_out: tuple[RuledOut, ...] | UnsetType = UNSET
    instead: Instead | UnsetType = UNSET
    restarts: Text | UnsetType = UNSET
    shows: Text | UnsetType = UNSET

    @property
    def chooses(self) -> bool:
        """Is there anything else than this that could be done, or is it said why not."""
        return bool(self.alternatives or self.ruled_out or self.instead)

    def by_means(self, means: Means) -> RemedyRecord | None:
        """This remedy, or the alternative to it, by these means."""
        return next((each for each in (self, *(self.alternatives or ())) if each.choice and each.choice.means is means), None)


class Lack(Struct, frozen=True):
    """The missing fact for which something is UNKNOWN: its name as the check declares it, where it would have been read, and why it is
    missing."""

    fact: str
    source: Text
    reason: Reason


class FindingRecord(Struct, frozen=True, gc=False, omit_defaults=True):
    """One planned outcome. `because` holds the ids of the findings that made a SKIP, or nothing. For UNKNOWN `reason` is why a fact was
    missing, and `lacks` which; `left_out` tells that the user did not want this check; `waiver` is who accepts a failure, and why. `remedy`
    is what mends a failure; a SKIP that has one applies and was not judged, and it says who gives what lacks, or looks."""

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
    lacks: Lack | None = None
    left_out: bool = False
    remedy: RemedyRecord | None = None
    waiver: Waiver | None = None

    @property
    def fails(self) -> bool:
        """Is this a failure that matters to a move, more than advice, and that nobody accepts."""
        return matters(self.outcome, self.severity) and self.waiver is None

    @property
    def blocks(self) -> bool:
        """Is this a failure with which a move fails, and that nobody accepts."""
        return self.outcome is Outcome.FAIL and self.severity is Severity.BLOCKER and self.waiver is None

    @property
    def undecided(self) -> bool:
        """Could this not be judged."""
        return self.outcome in (Outcome.UNKNOWN, Outcome.ERROR)

    @property
    def asks(self) -> bool:
        """Does it apply and is not judged, because something was not given or lies where this program does not go."""
        return self.outcome is Outcome.SKIP and self.remedy is not None

    @property
    def does_not_apply(self) -> bool:
        return self.outcome is Outcome.SKIP and not self.because and self.remedy is None

    @property
    def stops(self) -> bool:
        """Is what depends on this not worth judging: it blocks, or was itself stopped by something that does."""
        return self.blocks or bool(self.because)

    @property
    def verdict(self) -> Verdict:
        """What this finding alone makes of a move: NO-GO as a failed blocker, INCOMPLETE as one that could not be judged, conditions as a
        risk that failed or could not be judged, otherwise GO. Advice changes nothing. An accepted blocker is a condition, an accepted risk
        none."""
        if self.waiver is not None:
            return Verdict.CONDITIONS if self.severity is Severity.BLOCKER else Verdict.GO
        if self.blocks:
            return Verdict.NO_GO
        if self.severity is Severity.BLOCKER and self.undecided:
            return Verdict.INCOMPLETE
        return Verdict.CONDITIONS if self.severity is Severity.RISK and (self.fails or self.undecided) else Verdict.GO


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; nothing at all is INCOMPLETE, never GO."""
    return max(verdicts, key=attrgetter("weight"), default=Verdict.INCOMPLETE)


def standing_in_the_way(findings: Iterable[FindingRecord], verdict: Verdict) -> tuple[FindingRecord, ...]:
    """The findings that made a verdict what it is."""
    return () if verdict is Verdict.GO else tuple(finding for finding in findings if finding.verdict is verdict)


def roots(finding: FindingRecord, by_id: Mapping[str, FindingRecord]) -> tuple[str, ...]:
    """The ids of the failures for which a check was not judged: one that was itself stopped leads on to what stopped it."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    ahead = deque(finding.because)
    while ahead:
        id = ahead.popleft()
        if id in seen:
            continue
        seen.add(id)
        further = by_id[id].because if id in by_id else ()
        if further:
            ahead.extend(further)
        else:
            found[id] = None
    return tuple(found)


class MoveResult(Struct, frozen=True, gc=False):
    """One move (a `*` of the plan is expanded) with its verdict and the ids of the findings that bear on it and did not pass. `rests_on` is
    the number in the result's moves, from 0, of the earlier one that its VM or files are as they are by: it is no better than that.
    `launch_from` and `destination_path` are the plan's, null where it states none; a result from before they were kept has neither."""

    vm: str
    source: str
    target: str
    operator: str
    launch: str
    storage: str
    authentication: str
    verdict: Verdict
    findings: tuple[str, ...]
    rests_on: int | None = None
    launch_from: str | UnsetType | None = UNSET
    destination_path: str | UnsetType | None = UNSET


class Staying(Struct, frozen=True):
    """The VMs of a source that no move of the plan takes to another machine: how many, and the first of their names."""

    count: int
    names: tuple[str, ...]


class HostDetail(Struct, frozen=True, omit_defaults=True):
    """What tells a host from others: the full name that it gives itself, and its domain, or its workgroup. Each is null where it was not
    read. `staying`: of a source whose VMs were read. `token`: the SIDs of its built-in groups in the token of the session that read it,
    null where that was not read. `endpoint` is the session configuration that was asked for, where it is not the ordinary one."""

    full_name: str | None = None
    domain: str | None = None
    workgroup: str | None = None
    staying: Staying | None = None
    token: tuple[str, ...] | None = None
    endpoint: str = ""


class AreaState(StrEnum):
    """The worst that was found in an area of checks: an outcome, with the severity where it is FAIL, UNKNOWN or ERROR, and apart what was
    not judged because something else failed. From best to worst."""

    SKIP = "SKIP"
    PASS = "PASS"  # noqa: S105 - an outcome, not a password
    NOT_JUDGED = "NOT JUDGED"
    FAIL_ADVICE = "FAIL ADVICE"
    UNKNOWN_ADVICE = "UNKNOWN ADVICE"
    ERROR_ADVICE = "ERROR ADVICE"
    UNKNOWN_RISK = "UNKNOWN RISK"
    ERROR_RISK = "ERROR RISK"
    FAIL_RISK = "FAIL RISK"
    ERROR_BLOCKER = "ERROR BLOCKER"
    UNKNOWN_BLOCKER = "UNKNOWN BLOCKER"
    FAIL_BLOCKER = "FAIL BLOCKER"

    @cached_property
    def weight(self) -> int:
        """The greater, the worse."""
        return tuple(AreaState).index(self)

    @staticmethod
    def of(finding: FindingRecord) -> AreaState:
        if finding.because:
            return AreaState.NOT_JUDGED
        return _AREA_STATES[finding.outcome, finding.severity if finding.waiver is None else _ACCEPTED[finding.severity]]

    @property
    def outcome(self) -> Outcome:
        return _AREA_PARTS[self][0]

    @property
    def severity(self) -> Severity | None:
        return _AREA_PARTS[self][1]


_WITHOUT_SEVERITY = (Outcome.PASS, Outcome.SKIP)
_AREA_STATES: dict[tuple[Outcome, Severity], AreaState] = {
    (outcome, severity): AreaState(outcome.value if outcome in _WITHOUT_SEVERITY else f"{outcome} {severity}")
    for outcome in Outcome
    for severity in Severity
}
_ACCEPTED = {Severity.BLOCKER: Severity.RISK, Severity.RISK: Severity.ADVICE, Severity.ADVICE: Severity.ADVICE}
"""What an accepted failure counts as in its area."""
_AREA_PARTS: dict[AreaState, tuple[Outcome, Severity | None]] = {
    AreaState.NOT_JUDGED: (Outcome.SKIP, None),
    **{state: (outcome, None if outcome in _WITHOUT_SEVERITY else severity) for (outcome, severity), state in _AREA_STATES.items()},
}


class PairResult(Struct, frozen=True):
    """One ordered pair: its verdict, and the worst of each area of checks."""

    source: str
    target: str
    verdict: Verdict
    areas: dict[str, AreaState]


class Seal(StrEnum):
    """Whether a snapshot is as it was when it was sealed. Only who has the key can tell; it says who wrote these bytes, and not whether
    the hosts told the truth."""

    NONE = "not sealed"
    NOT_CHECKED = "sealed, not checked"
    UNCHANGED = "sealed and unchanged"
    CHANGED = "changed after sealing"
    MISSING = "seal missing"

    @property
    def broken(self) -> bool:
        """Was the seal looked at, and does it not hold."""
        return self in (Seal.CHANGED, Seal.MISSING)


class Origin(StrEnum):
    """Whose configuration file says something that is not said by the plan, nor on the command line."""

    BESIDE = "beside the plan"
    USER = "of the user"


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

    @property
    def name(self) -> str:
        """Its number and title, as far as the plan has them."""
        return " ".join(filter(None, (self.id, self.title)))


class After(Struct, frozen=True):
    """What is computed of the time after the changes that remedies describe as data, replicated and in force: everything is judged again by
    the facts of this result with these changes in them. Nobody has changed or read anything for it.

    `changes` is how many there are. `told` are the findings that would still be in the way, or not be known, and say other than now; `same`
    the ids of those that are in the way as now."""

    verdict: Verdict
    changes: int
    told: tuple[FindingRecord, ...] = ()
    same: tuple[str, ...] = ()


class WayToGo(Struct, frozen=True, omit_defaults=True):
    """One way to let the moves start, computed for the whole plan as `After` is: by `means` wherever these are enough, and else as the
    remedies say; null stands for a start in a session on each source. `enough`: nothing of why there is a choice is in the way then, and
    nothing else that would not be there on another way. What is, is in `left`, without evidence and remedy, the worst first; `more` is how
    much of it was not kept. `changes` is how many changes of scripts this way makes."""

    means: Means | None
    verdict: Verdict
    enough: bool
    changes: int
    left: tuple[FindingRecord, ...] = ()
    more: int = 0


class EarlierRun(Struct, frozen=True):
    """A run of the same plan by earlier facts: what its folder is called, and what it was."""

    folder: str
    verdict: Verdict
    collected: datetime
    snapshot_sha256: str
    plan_sha256: str
    rules: str


class NotCompared(Struct, frozen=True):
    """A folder that may hold the last run, and why it was not compared."""

    folder: str
    why: Text


class Since(Struct, frozen=True, omit_defaults=True):
    """What became of the findings since the last run that lies beside this one; without `earlier` none was found. `changes`: by what
    happened, as `diff --format json` calls it, the ids of the findings. `before`: those that are gone, without their evidence, and the
    first that are graver or fail with other evidence, as they were; none with its remedy. `unread`: what lies beside and may be later
    than `earlier`."""

    earlier: EarlierRun | None = None
    changes: dict[str, tuple[str, ...]] = {}
    before: tuple[FindingRecord, ...] = ()
    unread: tuple[NotCompared, ...] = ()


class Result(Struct, frozen=True):
    """The whole result. Made from a plan and a snapshot alone: the same two give the same bytes on any machine at any time, but for `seal`,
    which depends on the key that was at hand, `since`, which depends on the runs that lie beside this one, and `configured`, which
    depends on where the plan lay. A result from before there
    were seals has none, and one from before runs were compared no `since`. `unlooked`: by area what no
    check looks at. `waivers`: what became of each that was given. `policy`: what was demanded beyond what moves need.
    `waves`: which moves can run at once and how long that takes, and `assumptions` what these estimates assume; none in a result from
    before there were any. `compared`: the reports of Compare-VM beside the findings. `after`: what would be left after the changes of the
    remedies; nothing where they change nothing, or nothing is in the way. `ways`: where there is a choice of ways to let moves start, each
    of them; none in a result from before they were computed. `host_details`: of each host of the plan, by its name there; none
    in a result from before they were kept. `redacted`: how many names of each kind tokens stand for.
    `configured`: by the configuration file that said them, the keys of what counted in this run."""

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
    controllers: dict[str, SignIn] = {}
    seal: Seal = Seal.NONE
    unlooked: dict[str, tuple[str, ...]] = {}
    waivers: tuple[WaiverUse, ...] = ()
    policy: Policy = Policy()
    waves: tuple[Wave, ...] = ()
    assumptions: tuple[Text, ...] = ()
    compared: tuple[Compared, ...] = ()
    after: After | None = None
    since: Since | None = None
    host_details: dict[str, HostDetail] = {}
    redacted: dict[str, int] = {}
    configured: dict[Origin, tuple[str, ...]] = {}
    ways: tuple[WayToGo, ...] = ()

    def expired(self, now: datetime) -> bool:
        """Are the facts too old at this time."""
        return now > self.valid_until
