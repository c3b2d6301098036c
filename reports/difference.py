"""What changed from one run to the next: failures that are new, gone, or still there, told by the ids of the findings."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result
from reports.digest import Group, few, grouped, label
from reports.language import Language, iso
from reports.times import both

DIFF_FORMAT = "hvpreflight.diff/1"

NAMED = 5
"""So many subjects of one sentence are named."""


class State(StrEnum):
    """What a run says of a subject, as far as it matters to the next one."""

    FAILS = "fails"
    ACCEPTED = "accepted"
    OPEN = "open"
    """Not known, or not judged because something else failed."""
    HOLDS = "holds"
    """Also where it does not apply."""
    ABSENT = "absent"
    """Not judged at all: not in that plan, or no check of that version."""

    @staticmethod
    def of(finding: FindingRecord | None) -> State:
        if finding is None:
            return State.ABSENT
        if finding.outcome is Outcome.FAIL:
            return State.FAILS if finding.waiver is None else State.ACCEPTED
        return State.OPEN if finding.undecided or finding.because else State.HOLDS


class Became(StrEnum):
    """What became of a finding, in the order of telling."""

    NEW = "new failures"
    GRAVER = "failures that are graver than before"
    NOT_ACCEPTED = "failures that are not accepted any more"
    OPEN = "not known any more"
    STILL = "still failing"
    EVIDENCE = "still failing, with other evidence"
    LOST = "failed before, and not known now"
    ACCEPTED = "accepted since"
    FIXED = "fixed"
    SETTLED = "known now, and holds"
    GONE = "failed before, and not judged any more"


COUNT_AS_NEW = frozenset({Became.NEW, Became.GRAVER, Became.NOT_ACCEPTED})
"""What makes the next run worse by a failure."""
COUNT_AS_UNKNOWN = frozenset({Became.OPEN, Became.LOST})
"""What makes it worse by something that it did not read, or could not judge."""

_BECAME: dict[tuple[State, State], Became] = {
    **{(before, State.FAILS): Became.NEW for before in (State.OPEN, State.HOLDS, State.ABSENT)},
    (State.ACCEPTED, State.FAILS): Became.NOT_ACCEPTED,
    (State.FAILS, State.ACCEPTED): Became.ACCEPTED,
    (State.FAILS, State.OPEN): Became.LOST,
    (State.FAILS, State.HOLDS): Became.FIXED,
    (State.FAILS, State.ABSENT): Became.GONE,
    (State.ACCEPTED, State.OPEN): Became.LOST,
    (State.ACCEPTED, State.HOLDS): Became.FIXED,
    (State.HOLDS, State.OPEN): Became.OPEN,
    (State.ABSENT, State.OPEN): Became.OPEN,
    (State.OPEN, State.HOLDS): Became.SETTLED,
}
"""By what was and what is. All other pairs change nothing, but for a failure that stays one."""


class Difference(NamedTuple):
    """One finding that differs, or fails as before: as it is now, or was where it is not judged any more."""

    became: Became
    finding: FindingRecord


def differences(old: Result, new: Result) -> tuple[Difference, ...]:
    """What became of each finding of two results, in the order of the new one, then of what is gone."""
    before, now = ({finding.id: finding for finding in result.findings} for result in (old, new))
    found: list[Difference] = []
    for id, finding in now.items():
        if (became := _became(before.get(id), finding)) is not None:
            found.append(Difference(became, finding))
    for id, was in before.items():
        if id not in now and (became := _BECAME.get((State.of(was), State.ABSENT))) is not None:
            found.append(Difference(became, was))
    return tuple(found)


def _became(was: FindingRecord | None, now: FindingRecord) -> Became | None:
    states = State.of(was), State.of(now)
    if states == (State.HOLDS, State.OPEN) and now.because:
        return None  # what stopped it is told
    if was is None or states != (State.FAILS, State.FAILS):
        return _BECAME.get(states)
    if now.severity.weight > was.severity.weight:
        return Became.GRAVER
    return Became.STILL if _shown(was) == _shown(now) else Became.EVIDENCE


def _shown(finding: FindingRecord) -> object:
    """What is told of a failure, without when it was read."""
    rows = tuple((each.what, each.actual, each.expected) for each in finding.evidence)
    return finding.message.text, finding.severity, rows


def new_failures(found: tuple[Difference, ...]) -> int:
    """How many blockers and risks fail that did not before."""
    return sum(each.became in COUNT_AS_NEW and each.finding.severity is not Severity.ADVICE for each in found)


def newly_unknown(found: tuple[Difference, ...]) -> int:
    """How many blockers and risks could not be judged that were before, or that are new. What something else stopped is not among them:
    that is told."""
    return sum(
        each.became in COUNT_AS_UNKNOWN and each.finding.undecided and each.finding.severity is not Severity.ADVICE for each in found
    )


def lines(old: Result, new: Result, found: tuple[Difference, ...], language: Language) -> Iterator[str]:
    """The difference for people: the two runs, then what changed, each sentence once."""
    say = language.say
    for which, result in ((say("before"), old), (say("now"), new)):
        change = result.change.name
        yield f"{which}: {say(result.verdict)}, {both(result.collected.end, result)}{f', {change}' if change else ''}"
    if old.plan_sha256 != new.plan_sha256:
        yield say("The plans differ.")
    if old.tool.rules != new.tool.rules:
        yield say("They were judged by other rules: {old} and {new}.", old=old.tool.rules, new=new.tool.rules)
    for became in Became:
        of_this = sorted((each.finding for each in found if each.became is became), key=lambda finding: -finding.severity.weight)
        if not of_this:
            continue
        yield ""
        yield f"{say(became)}: {len(of_this)}"
        for group in grouped(of_this):
            yield from _told(group, language)
    yield ""
    if unknown := newly_unknown(found):
        yield say("Not known any more: {count}.", count=unknown)
    yield say("New failures: {count}.", count=new_failures(found))


def _told(group: Group, language: Language) -> Iterator[str]:
    """What is said alike of several subjects once, with the first of them by name; else each with its own sentence, the first few."""
    parts = [group.findings] if group.one_sentence else [[each] for each in group.findings]
    for findings in parts[:NAMED]:
        first, message = findings[0], findings[0].message
        named = "; ".join(few([label(each.subject, language) for each in findings], NAMED, language))
        graded = first.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR)
        outcome = f"{first.outcome} {first.severity}" if graded else str(first.outcome)
        yield f"  {outcome}  {group.check}  {named}: {language.say(message.template, **message.values)}"
    if len(parts) > NAMED:
        yield f"  … {language.say('and {count} more', count=len(parts) - NAMED)}"


def as_data(old: Result, new: Result, found: tuple[Difference, ...]) -> dict[str, Any]:
    """The difference for scripts: by what happened (the names of Became) the ids of the findings."""
    return {
        "format": DIFF_FORMAT,
        "old": _run(old),
        "new": _run(new),
        "new_failures": new_failures(found),
        "newly_unknown": newly_unknown(found),
        "changes": {became.name.lower(): [each.finding.id for each in found if each.became is became] for became in Became},
    }


def _run(result: Result) -> dict[str, Any]:
    return {
        "verdict": result.verdict,
        "collected": iso(result.collected.end),
        "change": result.change.id,
        "plan_sha256": result.plan_sha256,
        "snapshot_sha256": result.snapshot_sha256,
        "rules": result.tool.rules,
    }
