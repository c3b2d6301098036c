"""Nothing stands in the way back but what other checks say of delegation and sessions, as far as that is known before the move."""

from __future__ import annotations

from collections.abc import Sequence

from checks.check import WAYS_BACK, Evidence, Finding, Scope, Severity, asks, check, fails, passes, skips
from checks.remedy import OPERATOR, Remedy
from checks.subject import PlanSubject
from checks.text import NOTHING, text
from checks.way_back import Hindrance
from checks.world import FactMissing

SHOWN = 20
"""At most so many hindrances are named, so many of their fixes told, and so many facts shown on which they rest."""


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="Nothing stands in the way back but what other checks say of delegation and sessions",
    facts=(WAYS_BACK,),
    article=("W12 last step",),
)
def rollback(subject: PlanSubject) -> Finding:
    count = sum(not move.storage_only and not move.alone for move in subject.world.moves)
    if not count and any(move.alone for move in subject.world.moves):
        return skips("The pair is judged without a VM: none leaves its host")
    if not count:
        return skips("Storage moves alone: no VM leaves its host")
    hindrances = subject.ways_back
    stopped = {move for each in hindrances if each.told for move in each.moves}
    new = [each for each in hindrances if each.missing is None and not each.told]
    unknown = next((each for each in hindrances if each.missing is not None), None)
    if new:
        first, concerned = new[0], {move for each in new for move in each.moves}
        return fails(
            text("As planned, {move} cannot be moved back: {why}", move=first.moves[0].arrow, why=first.message)
            if len(concerned) == 1
            else text(
                "As planned, {count} moves cannot be moved back, first {move}: {why}",
                count=len(concerned),
                move=first.moves[0].arrow,
                why=first.message,
            ),
            *_rows(new),
            predicts=tuple(dict.fromkeys(code for each in new for code in each.predicts)),
            concerns=concerned,
            remedy=_choose(new),
        )
    if unknown is not None and unknown.missing is not None:
        raise FactMissing(unknown.fact, unknown.missing)
    if len(stopped) >= count:
        return asks(
            "Not judged: what stands in the way of the moves stands in their way back too",
            Remedy(text("Mend what stands in the way of the moves, and check again"), OPERATOR),
        )
    if stopped:
        return passes(
            "Nothing more stands in the way back of {count} moves; what stops {stopped} of them stops their way back too",
            count=count,
            stopped=len(stopped),
        )
    return passes(
        "Nothing that is known today stands in the way back (moves: {count}) but what delegation.return_direction and "
        "authentication.return_session say: their results count as well",
        count=count,
    )


def _rows(new: Sequence[Hindrance]) -> tuple[Evidence, ...]:
    """What is found beside what the message tells, and the facts of all, those first on which it rests."""
    others = (
        Evidence.of(
            text("way back of {move}", move=each.moves[0].arrow),
            each.message,
            each.should,
            text("{check}, asked of the way back", check=each.check),
        )
        for each in new[1:SHOWN]
    )
    facts = dict.fromkeys(row for each in new for row in each.evidence)
    return (*sorted(facts, key=lambda row: row.decides is not True)[:SHOWN], *others)


def _choose(new: Sequence[Hindrance]) -> Remedy:
    """What makes the ways back possible, or doing without one: each with who does it, and when it counts."""
    first, ways = new[0], {move.pair for each in new for move in each.moves}
    fixes = {each.fix: each for each in reversed(new) if each.fix != NOTHING}.values()
    told = tuple(
        text("{fix} (by: {who}; effective: {when})", fix=each.fix, who=each.who.text, when=each.effective)
        for each in tuple(reversed(fixes))[:SHOWN]
    )
    source, target = first.moves[0].target.spelled, first.moves[0].source.spelled
    back = (
        text("the way back alone ({source} → {target})", source=source, target=target)
        if len(ways) == 1
        else text("the ways back alone (pairs: {count}, first {source} → {target})", count=len(ways), source=source, target=target)
    )
    return Remedy(
        text(
            "This is about {back}: nothing of it is needed for the moves as planned. Choose: (a) make the way back possible: {fixes}. "
            "Where that is only how somebody will start, the next result cannot see it and says the same: the risk is signed for all the "
            "same. "
            "(b) do without: the operator makes a backup or an export of the VMs before the start, and whoever answers for the risk "
            "accepts that there is no way back: by signing, and the verdict stays as it is, or in a waiver (--waivers), with which the "
            "next result counts it no more",
            back=back,
            fixes=told,
        ),
        first.who,
        effective_after=text("(a) as said there; (b) once the risk is accepted, and the backup or export made"),
    )
