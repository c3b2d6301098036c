"""What a reader with one minute has to know beside the verdict: why, until when, when, how long, and how back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checks.check import Outcome, Severity
from checks.identity import NETBIOS_LENGTH
from checks.result import FindingRecord, Result, Verdict, standing_in_the_way
from checks.windows.names import HostName, fold
from reports import midway
from reports.asked import in_few_words
from reports.digest import OF_THE_WAY_BACK, InTime, few, in_directory
from reports.language import Language
from reports.obstacles import Obstacle, numbered
from reports.signing import acceptable
from reports.times import in_words

IN_WINDOW = "plan.window"
"""The check that says whether the moves fit the window."""
CHECK_AGAIN = "hvpreflight check plan.toml"
CAUSES_TOLD = 2
"""So many causes are told in words."""
RISKS_NAMED = 8
"""So many risks, or steps, are named by their numbers."""

DO: dict[Verdict, str] = {
    Verdict.GO: "The moves may be started while these facts are valid.",
    Verdict.CONDITIONS: "The moves may be started once the risks that are left are accepted and the sign-off below is signed, as far as it "
    "applies.",
    Verdict.INCOMPLETE: "Do not start: what is not known below can be what stops the moves.",
    Verdict.NO_GO: "Do not start as planned: what is listed below would make moves fail.",
}
"""What follows from a verdict for whoever decides."""

LEFT: dict[Verdict, str] = {
    Verdict.GO: "What would make it GO",
    Verdict.CONDITIONS: "What is left to mend or to accept",
    Verdict.INCOMPLETE: "What has to be known first",
    Verdict.NO_GO: "What would make it GO",
}
"""What the list is of what stands between a result and GO."""

IN_SHORT: dict[str, str] = {
    "platform": "A host is not fit for this move: its Windows, its role or its state",
    "domain": "The domains of hosts and operator do not work together as the move needs it",
    "access": "The account that starts the move may not do what the move needs",
    "authentication": "Whoever starts the move is not signed in as the move needs it",
    "delegation": "Active Directory does not let one host act for the operator at another one, as the planned start needs it",
    "migration": "Live migration is not set up on both hosts as the move needs it",
    "network": "The hosts do not reach each other as the move needs it",
    "vm": "A VM cannot be moved as it is",
    "plan": "The plan contradicts itself, or what was read",
}
"""What a blocker of an area means, in the words of somebody who does not administer it."""


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
    if result.verdict is Verdict.NO_GO:
        areas = dict.fromkeys(result.checks[finding.check].area for finding in said[:CAUSES_TOLD])
        short = [sentence for area in areas if (sentence := IN_SHORT.get(area))]
        told = [*(language.say(sentence) for sentence in short), *told]
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


def glance(result: Result, steps: Sequence[Obstacle], language: Language) -> Iterator[Row]:
    """The answers in the order in which they are asked. `steps`: what would make it GO."""
    say = language.say
    yield Row(say("Valid until"), in_words(result.valid_until, result, language))
    change = result.change
    if change.window_start and change.window_end:
        start, end = (in_words(each, result, language) for each in (change.window_start, change.window_end))
        window = say("{start} to {end}", start=start, end=end)
        fits = _worst(result, (IN_WINDOW,))
        yield Row(say("Window"), f"{window}: {_said(fits, language)}" if fits else window, fits)
    else:
        yield Row(say("Window"), say("not stated in the plan: whether the moves fit, and by when everything has to be ready, is not known"))
    if result.waves:
        whole = say("1 wave" if len(result.waves) == 1 else "{count} waves", count=len(result.waves))
        yield Row(say("Plan in time"), f"{whole}: {in_time(result, language)}", more=More("time", say("assumptions")))
    if back := _worst(result, OF_THE_WAY_BACK):
        yield Row(say("Moving back later"), _back(back, steps, language), back)
    if stays := midway.stays(result, language):
        yield Row(say("If a move stops midway"), stays, more=More("midway", say("what it leaves, and where to look")))
    accepted = sum(finding.waiver is not None for finding in result.findings)
    yield Row(say("Accepted"), say("{count} failures", count=accepted) if accepted else _nothing_accepted(result, steps, language))
    yield Row(say("What was judged"), _judged(result, language), more=More("not-checked", say("list")))


def _nothing_accepted(result: Result, steps: Sequence[Obstacle], language: Language) -> str:
    open_risks = [name for step, name in numbered(steps) if step.severity is Severity.RISK and step.cause]
    if result.verdict is Verdict.CONDITIONS and open_risks:
        return language.say("nothing yet. To be accepted: {risks}", risks=", ".join(few(open_risks, RISKS_NAMED, language)))
    return language.say("nothing")


def needed_for(steps: Sequence[Obstacle], language: Language) -> str:
    """Which of the things that would make it GO are needed for a start, and which end a risk; nothing where all are of one kind."""
    places: dict[bool, list[str]] = {True: [], False: []}
    for number, step in enumerate(steps, 1):
        places[step.severity is Severity.BLOCKER].append(str(number))
    if not all(places.values()):
        return ""
    start, risk = (", ".join(few(places[kind], RISKS_NAMED, language)) for kind in (True, False))
    return language.say(
        "For the start: {start}. Against risks alone: {risk}; where that is left undone the verdict is GO WITH CONDITIONS at best, and "
        "whoever answers for the risks has to accept them.",
        start=start,
        risk=risk,
    )


def next_steps(result: Result, language: Language) -> Iterator[tuple[str, str]]:
    """What to do next, in its order, each with the command for it. Nothing where nothing is to be mended."""
    if result.verdict is Verdict.GO:
        return
    say = language.say
    if result.after is not None:
        scripts = say(
            "Write scripts for the fixes listed here, and have them run as README.md beside them says (RUN is the folder of this page; the "
            "commands below, with each finding, do the same)"
        )
        yield scripts, "hvpreflight fix RUN"
        if holders := _ticket_holders(result):
            yield say("Then wait until every domain controller shows the changes"), "hvpreflight wait plan.toml --no-tickets"
            purge = say(
                "Then have new tickets issued at once, on {hosts}, as administrator (otherwise usually after 15 minutes, at most 10 hours)",
                hosts=", ".join(few(holders, RISKS_NAMED, language)),
            )
            yield purge, "klist purge -li 0x3e7"
    if any(finding.asks for finding in result.findings):
        yield say("Give, or look at, what stands under Not checked: no GO needs it, and the next result asks for it again"), ""
    if result.verdict is Verdict.CONDITIONS:
        yield say("Decide what is mended and what accepted"), ""
        yield say("Where something was mended, read and judge everything again"), CHECK_AGAIN
        if acceptable(result):
            accepted = say("To have the result say, too, who accepts what is left, and why (what stands in the file: under Accepted)")
            yield accepted, f"{CHECK_AGAIN} --waivers waivers.toml"
        yield say("Last, have the sign-off of the newest result signed, and start while that result is valid"), ""
    else:
        yield say("Last, read and judge everything again: only that result allows the start"), CHECK_AGAIN


def _ticket_holders(result: Result) -> tuple[str, ...]:
    """The hosts whose tickets have to be newer than what the fixes change in the directory; a host that has another name there, by that."""
    hosts = {
        (fold(f"{HostName(detail.full_name or host).short.spelled[:NETBIOS_LENGTH]}$"), fold(detail.domain or "")): host
        for host, detail in result.host_details.items()
    }
    held = (
        (each.principal.account, each.principal.domain) if each.principal else (each.object, each.place) for each in in_directory(result)
    )
    return tuple(dict.fromkeys(hosts.get((fold(account), fold(domain)), account) for account, domain in held if account))


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


def _back(finding: FindingRecord, steps: Sequence[Obstacle], language: Language) -> str:
    """What follows for the way back, what to do first, and as which cause it is told why."""
    if finding.outcome is Outcome.FAIL and finding.waiver is not None:
        return language.say("As planned, moving back would fail, which is accepted: before the start make a backup or an export of the VMs")
    if finding.outcome is Outcome.FAIL:
        told = next(((name, step.cause.findings) for step, name in numbered(steps) if step.cause and finding in step.cause.findings), None)
        cause, alike = told or (finding.check, [finding])
        hosts = tuple(dict.fromkeys(each.subject.target for each in alike if each.subject.target))
        return language.say(
            "As planned, moving back would fail. The fix of {cause} makes it possible, as far as is known; so does a start in a session on "
            "{hosts}, for which nothing has to be changed. If neither is done, make a backup or an export of the VMs before the start"
            if finding.remedy and finding.remedy.instead
            else "As planned, moving back would fail. {cause} says what makes it possible; if that is not done, make a backup or an "
            "export of the VMs before the start",
            hosts=", ".join(few(hosts, RISKS_NAMED, language)),
            cause=cause,
        )
    why = _said(finding, language)
    if finding.undecided:
        return language.say("Whether the VMs can be moved back is not known: {why}", why=why)
    return why


def _said(finding: FindingRecord, language: Language) -> str:
    message = finding.message
    return language.say(message.template, **message.values)


def _judged(result: Result, language: Language) -> str:
    """How much of what was planned was judged, and what became of the rest: the numbers add up."""
    say = language.say
    planned = result.counts.get("planned", 0)
    unknown = sum(finding.undecided for finding in result.findings)
    stopped = sum(bool(finding.because) for finding in result.findings)
    asked = [finding.check for finding in result.findings if finding.asks]
    skipped = sum(finding.does_not_apply for finding in result.findings)
    parts = [say("{count} judged", count=planned - unknown - stopped - len(asked) - skipped)]
    if unknown:
        parts.append(say("{count} not known", count=unknown))
    if stopped:
        parts.append(say("{count} not judged because something else failed", count=stopped))
    if asked:
        things = few(tuple(dict.fromkeys(in_few_words(check, language) for check in asked)), RISKS_NAMED, language)
        parts.append(say("{count} for somebody to give or look at ({things})", count=len(asked), things="; ".join(things)))
    if skipped:
        parts.append(say("{count} not applicable", count=skipped))
    unlooked = sum(map(len, result.unlooked.values()))
    whole = say("{count} findings: {parts}", count=planned, parts=", ".join(parts))
    return f"{whole}. {say('This version does not look at {count} further things', count=unlooked)}"
