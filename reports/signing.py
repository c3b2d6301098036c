"""Who signs what: who confirms which fix where a result allows no start, and else who accepts which risk, who approves the change and who
starts the moves. A name stands there only where the plan or a waiver has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks.check import Outcome
from checks.result import FindingRecord, Result, Verdict
from checks.toml import dumps
from checks.waiver import WaiverState
from reports.asked import Asked
from reports.digest import OF_THE_WAY_BACK, few
from reports.language import Language
from reports.obstacles import Obstacle, numbered
from reports.ways import Way

NAMED = 8
"""So many fixes, risks or names stand in one line; more are counted."""
ENTRIES = 20
"""So many failures have an entry to accept them."""
LINES = 20
"""At most so many people confirm, and as many accept, in lines of their own; further ones are counted."""


class Signature(NamedTuple):
    """One line: what is signed for, by whom as a role, and the name where it is known."""

    what: str
    role: str
    name: str = ""


def signatures(
    result: Result, steps: Iterable[Obstacle], ways: Iterable[Way], lacking: Iterable[Asked], language: Language
) -> tuple[Signature, ...]:
    """The lines in the order in which they are signed. `steps`: what would make it GO, in the order in which the page numbers causes;
    `ways`: those to choose from; `lacking`: what somebody has to give or look at."""
    steps = tuple(steps)
    say = language.say
    if not startable(result):
        chosen = tuple(_chosen(ways, language))
        return (*chosen, *_confirmed(steps, language, choice=bool(chosen)), *_waived(result, language))
    change = result.change.id
    operators = _names([move.operator for move in result.moves], language)
    return (
        *_chosen(ways, language),
        *_waived(result, language),
        *_to_accept(steps, language),
        *_given(lacking, language),
        *_saved(result, operators, language),
        Signature(say("approves change {change}", change=change) if change else say("approves the change"), say("Change manager")),
        Signature(say("starts the moves"), say("operator"), operators),
    )


def _chosen(ways: Iterable[Way], language: Language) -> Iterator[Signature]:
    """Who chooses where several ways are enough."""
    letters = [way.letter for way in ways if way.enough]
    if len(letters) > 1:
        what = language.say("chooses one of the ways {letters}, with what it opens", letters=", ".join(letters))
        yield Signature(what, language.say("Change manager"))


def _saved(result: Result, operators: str, language: Language) -> Iterator[Signature]:
    """Who makes what is needed where VMs have no way back."""
    if any(finding.check in OF_THE_WAY_BACK and finding.outcome is Outcome.FAIL for finding in result.findings):
        what = language.say("has made a backup or an export of the VMs, unless a way back was made possible")
        yield Signature(what, language.say("operator"), operators)


def acceptable(result: Result) -> tuple[FindingRecord, ...]:
    """The failures that are left where only accepting them is, each of which a waiver can accept."""
    return tuple(finding for finding in result.findings if finding.fails) if result.verdict is Verdict.CONDITIONS else ()


def entries(result: Result) -> str:
    """The file of waivers that accepts what is left, up to `ENTRIES` failures (docs/waivers-and-policy.md): who accepts it and why is to be
    filled in, without which it is refused. Empty where nothing can be accepted."""
    window, left = result.change.window_end, acceptable(result)[:ENTRIES]
    expires = (window or result.valid_until).date()
    rows = [{"finding": each.id, "reason": "", "approved_by": "", "ticket": "", "expires": expires} for each in left]
    return dumps({"waivers": rows}) if rows else ""


def startable(result: Result) -> bool:
    """Is this a result on which a start can be approved, perhaps with risks that somebody accepts."""
    return result.verdict in (Verdict.GO, Verdict.CONDITIONS)


def _confirmed(steps: tuple[Obstacle, ...], language: Language, *, choice: bool) -> Iterator[Signature]:
    """Who has to act, and for which fixes; of several ways to a `choice` not each needs all of them."""
    say = language.say
    fixes: dict[str, list[str]] = {}
    unread: dict[str, None] = {}
    for step, name in numbered(steps):
        if step.cause is None:
            unread.setdefault(step.who(language))
        elif remedy := step.cause.findings[0].remedy:
            fixes.setdefault(language.said(remedy, "who"), []).append(name)
    lines = [
        *(
            Signature(
                say(
                    "confirms as done, and verified as the page says, as far as the chosen way needs it: the fix of {causes}"
                    if choice
                    else "confirms as done, and verified as the page says: the fix of {causes}",
                    causes=_names(names, language),
                ),
                who,
            )
            for who, names in fixes.items()
        ),
        *(Signature(say("confirms that what was not known can be read"), who) for who in unread),
    ]
    yield from _bounded(lines, language)


def _waived(result: Result, language: Language) -> Iterator[Signature]:
    """Whoever accepted failures in waivers."""
    say = language.say
    applied = [use.waiver for use in result.waivers if use.state is WaiverState.APPLIED]
    lines = [
        Signature(
            say("accepted {finding} until {day}", finding=waiver.finding, day=waiver.expires.isoformat()),
            say("Who answers for the risk"),
            f"{waiver.approved_by} ({waiver.ticket})" if waiver.ticket else waiver.approved_by,
        )
        for waiver in applied
    ]
    yield from _bounded(lines, language)


def _to_accept(steps: tuple[Obstacle, ...], language: Language) -> Iterator[Signature]:
    """Whoever would accept what is left."""
    if left := [name for _, name in numbered(steps)]:
        yield Signature(
            language.say("accepts what is not mended: {causes}", causes=_names(left, language)), language.say("Who answers for the risk")
        )


def _given(lacking: Iterable[Asked], language: Language) -> Iterator[Signature]:
    """Who gives, or looks at, what applies and was not judged."""
    checks: dict[str, list[str]] = {}
    for each in lacking:
        checks.setdefault(each.who, []).append(each.check)
    yield from _bounded(
        [
            Signature(language.say("has looked at, or leaves open: {checks}", checks=_names(its, language)), who)
            for who, its in checks.items()
        ],
        language,
    )


def _names(names: list[str], language: Language) -> str:
    return ", ".join(few(tuple(dict.fromkeys(names)), NAMED, language))


def _bounded(lines: list[Signature], language: Language) -> Iterator[Signature]:
    yield from lines[:LINES]
    if left := lines[LINES:]:
        yield Signature(language.say("and {count} more", count=len(left)), "")
