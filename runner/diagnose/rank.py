"""Ranks the causes of one operation. Pure: the operation, the known errors and what the checks and the text say of it go in, an order
comes out.

How the order comes about, and what `score` says:

* Kinds of evidence are an order that nothing overrides (`By`): words in common, an event, a sentence, a code, a code with a sign of the
  cause beside it, facts of the text, facts of a snapshot. Of several errors of one kind the best attested leads, then the first in the
  text; its causes come in its own order, those of the others after them. Messages that only say that something failed (wrappers) come
  last and are no causes while anything else is known. A code that nobody knows is said and silences nothing.
* The checks that would have seen a cause, and where they say nothing, the facts of the text. The whole part of the score is what they
  say: 3 a check fails that stops the move, 2 one fails that may stop it, 1.4 the text shows it, 1 nothing is known either way (no check,
  a fact missing, not judged because another check failed, no snapshot), 0.5 the text rules it out, 0 all checks hold or do not apply
  (delegation where CredSSP is used). What is left of it keeps the order.
* Settings that a text holds are judged by the same checks; the facts of its table come before them, and what either says is worth what the
  text shows (1.4; 1.2 for one way of starting) or rules out (0.5).
* Where nobody says from where the move was started, both ways are judged; when a check fails in either, the score is their mean: 1.5 is
  a failure in one of them alone.
* An error that is met in an operation that its causes are not known for is named, and has no causes.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.errors import Attestation, Cause, Doing, ErrorKind, KnownError, Told
from checks.errors.diagnosis import By, Diagnosis, Found, Operation, Ranked, Standing, View
from checks.errors.lookup import find, known, nearest
from checks.errors.observation import Fact
from checks.errors.tables import numbers, pasted
from checks.result import FindingRecord
from runner.diagnose.evidence import Evidence, evidence, holds
from runner.diagnose.operations import short
from runner.diagnose.sentences import alike

MOST_COMPARED = 10
"""So many codes that nobody knows are compared with the known ones, which costs some milliseconds each."""
OTHER_DIRECTION = frozenset({"authentication.return_session", "delegation.return_direction"})
"""Checks of the way back: they say nothing of the operation that failed."""

FAILS, MAY_FAIL, OPEN, HOLDS = 3.0, 2.0, 1.0, 0.0
SHOWN_BY_TEXT, MAY_BE_SHOWN, RULED_OUT_BY_TEXT = 1.4, 1.2, 0.5
_OF_A_TEXT = {Standing.FAILS: Standing.SHOWN_BY_TEXT, Standing.HOLDS: Standing.RULED_OUT_BY_TEXT}
"""What the checks say of a cause where they judge the settings in the text."""
_STRENGTH_OF_A_TEXT = {
    Standing.SHOWN_BY_TEXT: SHOWN_BY_TEXT,
    Standing.MAY_FAIL: MAY_BE_SHOWN,
    Standing.RULED_OUT_BY_TEXT: RULED_OUT_BY_TEXT,
}
ACCESS_DENIED = "0x80070005"
"""What also stands where Kerberos says why."""
_FRACTION = 0.09
_SMALL_EVENT = 1000
DIFFERENT, SAME = "different", "the same"
"""What several hosts tell of one fact."""
SOURCE = "the source"
"""A fact of the target of the operation that names its source."""


def rank(operation: Operation, views: tuple[View, ...] = (), facts: tuple[Fact, ...] = (), judged_by: By = By.SNAPSHOT) -> Diagnosis:
    """The causes of an operation in order. `views` is empty when there are no facts of the hosts, `facts` are those of the text;
    `judged_by` is where those of the views come from."""
    beside = evidence(operation)
    found = recognized(operation, beside.doing, facts)
    unknown = tuple(code for code in operation.codes if not find(code))
    specific = tuple(each for each in found if not each.error.wrapper)
    ranking = _Ranking(operation, beside, views, facts, judged_by)
    causes = ranking.ranked(specific or (() if unknown else found))
    shown = {finding.id for cause in causes for finding in cause.failing}
    compared = [code for code in unknown if code not in numbers()][:MOST_COMPARED]
    return Diagnosis(
        operation=operation,
        found=found,
        codes=(*(each.error.code for each in found if each.by is By.CODE or _is_own(each, operation)), *unknown),
        unknown=unknown,
        near=() if specific else tuple(dict.fromkeys(error for code in compared for error in nearest(code))),
        causes=causes,
        doing=beside.doing,
        blockers=tuple(finding for finding in _blockers(views) if finding.id not in shown),
    )


def _is_own(found: Found, operation: Operation) -> bool:
    """Is the error an event of the operation itself, and more than a wrapper."""
    return not found.error.wrapper and any(found.error.code == str(number) for _, number in operation.events)


# --- which errors ---


def recognized(operation: Operation, doing: Doing | None, facts: tuple[Fact, ...] = ()) -> tuple[Found, ...]:
    """The known errors of an operation, the leading one first."""
    found = [Found(error, By.CODE) for error in _once(error for code in operation.codes for error in find(code))]
    own = {str(number) for _, number in operation.events}
    by_event = [Found(error, By.EVENT) for error in _once(error for event in operation.events for error in _of_event(*event))]
    found += [each for each in by_event if each.error.code in own]
    said = alike(seen.text for seen in operation.observations)
    if all(each.error.wrapper for each in found):
        by_text = [Found(each.error, each.by, (each.cause,) if each.cause else ()) for each in said]
        whole = [each for each in by_text if each.by is By.SENTENCE and not each.error.wrapper]
        words = [] if operation.codes else [each for each in by_text if not each.error.wrapper]
        found += whole or by_event or words or [each for each in by_text if each.error.wrapper]
    else:
        pointed = {each.error.code: (each.cause,) for each in said if each.cause and each.by is By.SENTENCE}
        found = [Found(each.error, each.by, pointed.get(each.error.code, ())) for each in found]
        if not all(map(find, operation.codes)):
            found += [Found(each.error, each.by) for each in said if each.by is By.SENTENCE and not each.error.wrapper]
    if all(each.error.wrapper for each in found):
        told = ((fact.told, fact.value) for fact in facts)
        codes = (pasted().errors.get(fact, {}).get(value, "") for fact, value in told)
        found += [Found(error, By.TOLD) for code in codes if (error := known(code))]
    unique = list({each.error.code: each for each in reversed(found)}.values())[::-1]
    marked = [Found(each.error, each.by, each.pointed, _elsewhere(each.error, doing)) for each in unique]
    why = any(each.error.kind is ErrorKind.KERBEROS for each in marked)
    return tuple(sorted(marked, key=lambda each: (why and each.error.code == ACCESS_DENIED, *_leading(each))))


def _elsewhere(error: KnownError, doing: Doing | None) -> bool:
    """Is an error met in another operation than those that its causes are known for."""
    return doing is not None and not error.wrapper and doing not in error.operations


def _leading(found: Found) -> tuple[bool, bool, int, int]:
    """Sorts by what is specific, how it was recognized, and how well it is attested, but for sentences, where likeness counts; the rest
    stays as it stood."""
    likeness = found.by in (By.WORDS, By.SENTENCE)
    grade = 0 if likeness else tuple(Attestation).index(found.error.evidence)
    return found.error.wrapper, found.elsewhere, -found.by.strength, grade


def _of_event(channel: str, number: int) -> tuple[KnownError, ...]:
    """The errors that are written under an event. In a log that all programs write to, and where it is small without a log, a number may
    be anybody's."""
    if channel and not channel.casefold().startswith("microsoft-windows-"):
        return ()
    if channel:
        return find(f"{channel}/{number}")
    if number < _SMALL_EVENT:
        return ()
    return tuple(error for error in find(str(number)) if error.code == str(number) or any(event.id == number for event in error.events))


def _once(errors: Iterable[KnownError]) -> tuple[KnownError, ...]:
    return tuple({error.code: error for error in errors}.values())


# --- which causes ---


class _Ranking:
    """The causes of one operation, judged by all that is known of it."""

    def __init__(self, operation: Operation, beside: Evidence, views: tuple[View, ...], facts: tuple[Fact, ...], judged_by: By) -> None:
        self.operation = operation
        self.beside = beside
        self.views = views
        self.facts = _by_fact(facts)
        self.judged_by = judged_by

    def ranked(self, found: tuple[Found, ...]) -> tuple[Ranked, ...]:
        ordered: dict[str, tuple[Cause, Found]] = {}
        for each in found:
            for cause in sorted(each.error.causes, key=lambda cause: cause.rank):
                if not each.elsewhere and (self.beside.doing is None or not cause.operations or self.beside.doing in cause.operations):
                    ordered.setdefault(cause.id, (cause, each))
        judged = [(self._judged(cause, each), self._signs(cause, each)) for cause, each in ordered.values()]
        judged.sort(key=lambda pair: (-pair[0].score, -pair[0].carried.strength, -pair[1]))
        return tuple(
            replace(ranked, rank=place, score=round(ranked.score + _FRACTION / place, 4))
            for place, (ranked, _) in enumerate(judged, start=1)
        )

    def _signs(self, cause: Cause, found: Found) -> int:
        """How much beside the code points to a cause."""
        signs = (holds(sign, self.operation, self.beside) for sign in cause.signs)
        return max(signs, default=0) + 3 * (cause.id in found.pointed)

    def _judged(self, cause: Cause, found: Found) -> Ranked:
        views = self.views
        checks = tuple(check for check in cause.checks if check not in OTHER_DIRECTION)
        strengths = [_strength(checks, view, cause.partly) for view in views] if checks else []
        strength = _together(strengths)
        standing = _standing(strength, strengths)
        told: tuple[int, ...] = ()
        if standing is Standing.OPEN or self.judged_by is By.TOLD:
            by_text, told = self._by_text(cause)
            standing = by_text if by_text is not Standing.OPEN else _OF_A_TEXT.get(standing, standing)
            strength = _STRENGTH_OF_A_TEXT.get(standing, strength)
        records = [(view, record) for view in views for check in checks for record in view.findings.get(check, ())]
        failing = _unique(record for _, record in records if _fails(record))
        ways = tuple(view.launch for view, strength in zip(views, strengths, strict=False) if strength >= MAY_FAIL)
        return Ranked(
            cause=cause,
            error=found.error,
            rank=0,
            score=strength,
            by=found.by,
            carried=self._carried(cause, found, standing),
            standing=standing,
            told=told,
            failing=failing,
            launches=ways if len(ways) < len(views) else (),
            holding=_unique(record for _, record in records if _speaks_against(record)),
            missing=_unique(record for _, record in records if record.outcome in (Outcome.UNKNOWN, Outcome.ERROR)),
            because=_unique(view.by_id[each] for view, record in records for each in record.because if each in view.by_id),
        )

    def _carried(self, cause: Cause, found: Found, standing: Standing) -> By:
        if standing in (Standing.FAILS, Standing.MAY_FAIL, Standing.HOLDS):
            return self.judged_by
        if standing in (Standing.SHOWN_BY_TEXT, Standing.RULED_OUT_BY_TEXT):
            return By.TOLD
        return By.SIGN if found.by is By.CODE and self._signs(cause, found) else found.by

    def _by_text(self, cause: Cause) -> tuple[Standing, tuple[int, ...]]:
        """What the facts of the text say of a cause, and where they stand. What rules it out must be all that is told of it; to show it,
        one host's fact is enough."""
        for standing, tables in ((Standing.RULED_OUT_BY_TEXT, cause.ruled_out_by), (Standing.SHOWN_BY_TEXT, cause.shown_by)):
            only = standing is Standing.RULED_OUT_BY_TEXT
            for table in tables:
                if all(self._told(told, value, only=only) for told, value in table.items()):
                    return standing, tuple(sorted({fact.line for told in table for fact in self.facts[told] if fact.line}))
        return Standing.OPEN, ()

    def _told(self, told: Told, value: str, *, only: bool) -> bool:
        facts = self.facts.get(told, ())
        values, hosts = {fact.value for fact in facts}, {fact.host for fact in facts if fact.host}
        if value == SOURCE:
            source, target = self.operation.source, self.operation.target
            return bool(source and target) and (short(source), short(target)) in {(fact.value, fact.host) for fact in facts}
        if value == DIFFERENT:
            return DIFFERENT in values or (len(values) > 1 and len(hosts) > 1)
        if value == SAME or value.startswith(SAME + ": "):
            return len(values) == 1 and len(hosts) > 1 and (value == SAME or value == f"{SAME}: {next(iter(values))}")
        return values == {value} if only else value in values


def _by_fact(facts: tuple[Fact, ...]) -> dict[Told, tuple[Fact, ...]]:
    found: dict[Told, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.told, []).append(fact)
    return {told: tuple(own) for told, own in found.items()}


def _together(strengths: list[float]) -> float:
    """What the ways of starting say together: their mean when a check fails for one of them; else it is open as long as one is."""
    highest = max(strengths, default=OPEN)
    return sum(strengths) / len(strengths) if highest >= MAY_FAIL else highest


def _standing(strength: float, strengths: list[float]) -> Standing:
    if strengths and min(strengths) >= MAY_FAIL:
        return Standing.FAILS
    if strengths and max(strengths) >= MAY_FAIL:
        return Standing.MAY_FAIL
    return Standing.HOLDS if strength < OPEN else Standing.OPEN


def _strength(checks: tuple[str, ...], view: View, partly: bool) -> float:
    """What the checks of one cause say together. Checks that see only a part of it cannot rule it out by holding, only by not applying."""
    records = [record for check in checks for record in view.findings.get(check, ())]
    if any(_fails(record) and record.severity is Severity.BLOCKER for record in records):
        return FAILS
    if any(_fails(record) for record in records):
        return MAY_FAIL
    if partly and any(record.outcome is Outcome.PASS for record in records):
        return OPEN
    judged_all = all(view.findings.get(check) for check in checks)
    return HOLDS if judged_all and all(map(_speaks_against, records)) else OPEN


def _fails(record: FindingRecord) -> bool:
    return record.outcome is Outcome.FAIL and record.severity is not Severity.ADVICE


def _speaks_against(record: FindingRecord) -> bool:
    """Does the requirement hold, or not apply here. A check that was stopped by another one's failure says nothing."""
    if record.outcome is Outcome.SKIP:
        return not record.because
    return record.outcome is Outcome.PASS or (record.outcome is Outcome.FAIL and not _fails(record))


def _blockers(views: tuple[View, ...]) -> tuple[FindingRecord, ...]:
    """What stops the move however it was started."""
    in_each = [
        {
            record.id: record
            for check, records in view.findings.items()
            if check not in OTHER_DIRECTION
            for record in records
            if _fails(record) and record.severity is Severity.BLOCKER
        }
        for view in views
    ]
    return tuple(record for id, record in in_each[0].items() if all(id in others for others in in_each)) if in_each else ()


def _unique(records: Iterable[FindingRecord]) -> tuple[FindingRecord, ...]:
    """Findings once each, by id and what they say."""
    return tuple({(record.id, record.message.text): record for record in records}.values())
