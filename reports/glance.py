"""What a reader with one minute has to know beside the verdict: why, until when, when, how long, and how back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result, Verdict, standing_in_the_way
from reports import midway
from reports.digest import InTime, numbered
from reports.language import Language
from reports.obstacles import Obstacle
from reports.times import in_words

IN_WINDOW = "plan.window"
"""The check that says whether the moves fit the window."""
CAUSES_TOLD = 2
"""So many causes are told in words."""
WAY_BACK = ("plan.rollback", "delegation.return_direction", "authentication.return_session")
"""The checks that say whether the moves can be taken back, the one for the whole plan first."""

DO: dict[Verdict, str] = {
    Verdict.GO: "The moves may be started while these facts are valid.",
    Verdict.CONDITIONS: "The moves may be started by somebody who knows the risks below and accepts them.",
    Verdict.INCOMPLETE: "Do not start: what is not known below can be what stops the moves.",
    Verdict.NO_GO: "Do not start as planned: what is listed below would make moves fail.",
}
"""What follows from a verdict for whoever decides."""


class More(NamedTuple):
    """Where a page tells more: its anchor, and what the link is called."""

    anchor: str
    called: str


class Row(NamedTuple):
    """One answer: what it is about, the answer, the finding that says it, where one does, and where more of it is told."""

    heading: str
    said: str
    finding: FindingRecord | None = None
    more: More | None = None


def cause(result: Result, steps: Sequence[Obstacle], language: Language) -> str:
    """The first things that make the verdict what it is, a sentence each, and how many more there are: failures by their remedy, what is
    not known by why. `steps`: what would make it GO."""
    blocking = [step for step in steps if step.severity is Severity.BLOCKER]
    if result.verdict is Verdict.NO_GO:
        said = [each.cause.findings[0] for each in blocking if each.cause]
    elif result.verdict is Verdict.INCOMPLETE:
        said = [each.findings[0] for each in blocking]
    else:
        said = list(standing_in_the_way(result.findings, result.verdict))
    if not said:
        return ""
    told = [_said(finding, language) for finding in said[:CAUSES_TOLD]]
    if result.verdict is Verdict.INCOMPLETE:
        unread = [(step.source, step.reason) for step in blocking[:CAUSES_TOLD]]
        told = [
            f"{language.show(source)}: {language.say(reason)}" if source else each
            for (source, reason), each in zip(unread, told, strict=True)
        ]
    sentences = [f"{each}." for each in dict.fromkeys(told)]
    if len(said) > CAUSES_TOLD:
        sentences.append(language.say("And {count} more.", count=len(said) - CAUSES_TOLD))
    return " ".join(sentences)


def glance(result: Result, language: Language) -> Iterator[Row]:
    """The answers in the order in which they are asked."""
    say = language.say
    yield Row(say("Valid until"), in_words(result.valid_until, result, language))
    change = result.change
    if change.window_start and change.window_end:
        start, end = (in_words(each, result, language) for each in (change.window_start, change.window_end))
        window = say("{start} to {end}", start=start, end=end)
        fits = _worst(result, (IN_WINDOW,))
        yield Row(say("Window"), f"{window}: {_said(fits, language)}" if fits else window, fits)
    else:
        yield Row(say("Window"), say("not stated"))
    if result.waves:
        whole = say("1 wave" if len(result.waves) == 1 else "{count} waves", count=len(result.waves))
        yield Row(say("Plan in time"), f"{whole}: {in_time(result, language)}", more=More("time", say("assumptions")))
    if back := _worst(result, WAY_BACK):
        yield Row(say("Way back"), _back(back, result, language), back)
    if stays := midway.stays(result, language):
        yield Row(say("If a move stops midway"), stays, more=More("midway", say("what it leaves, and where to look")))
    accepted = sum(finding.waiver is not None for finding in result.findings)
    yield Row(say("Accepted"), say("{count} failures", count=accepted) if accepted else say("nothing"))
    yield Row(say("Not known"), _unknown(result, language), more=More("not-checked", say("which")))


def in_time(result: Result, language: Language) -> str:
    """How long the waves take, and of what an estimate is made."""
    whole = InTime.of(result.waves)
    said = whole.said(language)
    if whole.uncounted == whole.moves:
        return said
    made = language.say(
        "Computed from memory, files and the speed of the links; not counted: what changes meanwhile, slower disks, other traffic"
    )
    return f"{said}. {made}"


def _worst(result: Result, checks: tuple[str, ...]) -> FindingRecord | None:
    """What these checks say that matters most; where nothing is in the way what the first of them says."""
    found = sorted((finding for finding in result.findings if finding.check in checks), key=lambda finding: checks.index(finding.check))
    return max(found, key=lambda finding: finding.verdict.weight, default=None)


def _back(finding: FindingRecord, result: Result, language: Language) -> str:
    """What follows for the way back, what to do first, and as which cause it is told why."""
    if finding.outcome is Outcome.FAIL and finding.waiver is not None:
        return language.say("No way back as planned, which is accepted: before the start make a backup or an export of the VMs")
    if finding.outcome is Outcome.FAIL:
        return language.say(
            "No way back as planned ({cause}): before the start make it possible, as it is told there, or make a backup or an export of "
            "the VMs",
            cause=numbered(finding, result),
        )
    why = _said(finding, language)
    if finding.undecided:
        return language.say("Whether the VMs can be moved back is not known: {why}", why=why)
    return why


def _said(finding: FindingRecord, language: Language) -> str:
    message = finding.message
    return language.say(message.template, **message.values)


def _unknown(result: Result, language: Language) -> str:
    counts = result.counts
    left = counts.get(Outcome.UNKNOWN, 0) + counts.get(Outcome.ERROR, 0) + sum(bool(finding.because) for finding in result.findings)
    skipped = sum(finding.outcome is Outcome.SKIP and not finding.because for finding in result.findings)
    planned = counts.get("planned", 0)
    judged = (
        language.say(
            "{count} of {planned} findings were not judged (skipped, each for a reason: {skipped})",
            count=left,
            planned=planned,
            skipped=skipped,
        )
        if left
        else language.say(
            "{judged} of {planned} findings were judged (skipped, each for a reason: {skipped})",
            judged=planned - skipped,
            planned=planned,
            skipped=skipped,
        )
    )
    unlooked = sum(map(len, result.unlooked.values()))
    return f"{judged}. {language.say('This version does not look at {count} further things', count=unlooked)}"
