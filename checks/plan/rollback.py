"""Apart from delegation and sessions, every move's way back is possible too, as far as that is known before the move."""

from __future__ import annotations

from checks.check import WAYS_BACK, Evidence, Finding, Scope, Severity, asks, check, fails, passes, skips
from checks.remedy import OPERATOR, Remedy
from checks.subject import PlanSubject
from checks.text import text
from checks.world import FactMissing

SHOWN = 20
"""At most so many hindrances become evidence; the message has their number."""


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="Apart from delegation and sessions, every move's way back is possible too",
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
            text("{move} has no way back: {why}", move=first.moves[0].arrow, why=first.message)
            if len(concerned) == 1
            else text(
                "{count} moves have no way back, first {move}: {why}",
                count=len(concerned),
                move=first.moves[0].arrow,
                why=first.message,
            ),
            *(
                Evidence.of(
                    text("way back of {move}", move=each.moves[0].arrow),
                    each.message,
                    each.should,
                    text("{check}, asked of the way back", check=each.check),
                )
                for each in new[:SHOWN]
            ),
            concerns=concerned,
            remedy=Remedy(
                text(
                    "For the way back, of which {check} is asked too, apart from the move itself: {fix}. Or accept in a "
                    "waiver (--waivers) that these moves are one-way: then a backup or an export of the VMs, made before the start, is the "
                    "way back",
                    check=first.check,
                    fix=first.fix,
                ),
                OPERATOR,
            ),
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
        "Nothing that is known today stands in the way back (moves: {count}), apart from what delegation.return_direction and "
        "authentication.return_session say of it",
        count=count,
    )
