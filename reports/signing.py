"""Who signs what: who confirms which fix, who accepts which risk, who approves the change and who starts the moves. A name stands there
only where the plan or a waiver has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks.check import Severity
from checks.result import Result
from checks.waiver import WaiverState
from reports.digest import few
from reports.language import Language
from reports.obstacles import Obstacle

NAMED = 8
"""So many fixes, risks or names stand in one line; more are counted."""
LINES = 20
"""At most so many people confirm, and as many accept, in lines of their own; further ones are counted."""


class Signature(NamedTuple):
    """One line: what is signed for, by whom as a role, and the name where it is known."""

    what: str
    role: str
    name: str = ""


def signatures(result: Result, steps: Iterable[Obstacle], language: Language) -> tuple[Signature, ...]:
    """The lines in the order in which they are signed. `steps`: what would make it GO, in the order in which the page numbers causes."""
    steps = tuple(steps)
    say = language.say
    change = result.change.id
    operators = tuple(dict.fromkeys(move.operator for move in result.moves))
    return (
        *_confirmed(steps, language),
        *_accepted(result, steps, language),
        Signature(say("approves change {change}", change=change) if change else say("approves the change"), say("Change manager")),
        Signature(say("starts the moves"), say("operator"), ", ".join(few(operators, NAMED, language))),
    )


def _confirmed(steps: tuple[Obstacle, ...], language: Language) -> Iterator[Signature]:
    """Who has to act, and for which fixes."""
    say = language.say
    fixes: dict[str, list[str]] = {}
    unread: dict[str, None] = {}
    for step, name in _numbered(steps):
        if step.cause is None:
            unread.setdefault(step.who(language))
        elif remedy := step.cause.findings[0].remedy:
            fixes.setdefault(language.said(remedy, "who"), []).append(name)
    lines = [
        *(
            Signature(say("confirms as done and verified: the fix of {causes}", causes=_names(names, language)), who)
            for who, names in fixes.items()
        ),
        *(Signature(say("confirms that what was not known can be read"), who) for who in unread),
    ]
    yield from _bounded(lines, language)


def _accepted(result: Result, steps: tuple[Obstacle, ...], language: Language) -> Iterator[Signature]:
    """Whoever accepted failures in waivers, and whoever would accept the risks that are open."""
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
    if open_risks := [name for step, name in _numbered(steps) if step.severity is Severity.RISK]:
        accepts = say("accepts, where it is not mended: {causes}", causes=_names(open_risks, language))
        yield Signature(accepts, say("Who answers for the risk"))


def _numbered(steps: Iterable[Obstacle]) -> Iterator[tuple[Obstacle, str]]:
    """Each step with what the page calls it: `BLOCKER 1`; what is not known has its checks."""
    numbers: dict[Severity, int] = {}
    for step in steps:
        if step.cause is None:
            yield step, step.checks[0]
            continue
        numbers[step.severity] = numbers.get(step.severity, 0) + 1
        yield step, f"{step.severity} {numbers[step.severity]}"


def _names(names: list[str], language: Language) -> str:
    return ", ".join(few(tuple(dict.fromkeys(names)), NAMED, language))


def _bounded(lines: list[Signature], language: Language) -> Iterator[Signature]:
    yield from lines[:LINES]
    if left := lines[LINES:]:
        yield Signature(language.say("and {count} more", count=len(left)), "")
