"""Compare-VM lists nothing against the moves of which its output was given."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, asks, check, fails, passes
from checks.plan import Move
from checks.remedy import OPERATOR, Remedy
from checks.second_opinion import LISTED, SECOND_OPINION, Agreement, Compared, Opinion
from checks.subject import PlanSubject
from checks.text import Text, text

SHOWN = 20
"""At most so many entries become evidence; the message has their number."""


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="Compare-VM lists nothing against the moves",
    facts=(SECOND_OPINION,),
    article=("–",),
)
def second_opinion(subject: PlanSubject) -> Finding:
    reports = subject.compared
    if not reports:
        return asks(
            "No output of Compare-VM was given",
            Remedy(
                text(
                    "Run Compare-VM by hand after the fixes, and check again with its output (--compare-vm; how, says hvpreflight explain "
                    "plan.second_opinion). It makes a planned VM on the target; vm.target_files finds one that stays"
                ),
                OPERATOR,
            ),
        )
    moves = subject.world.moves
    listed = [(each, said) for each in reports for said in each.opinions if said.agreement in LISTED]
    strange = [each for each in reports if not each.moves]
    if listed:
        listed.sort(key=lambda pair: pair[1].agreement is Agreement.SAME)
        same = sum(said.agreement is Agreement.SAME for _, said in listed)
        against = (each for each in reports if any(said.agreement in LISTED for said in each.opinions))
        concerned = {place for each in against for place in each.moves}
        first, agreement = listed[0], listed[0][1].agreement
        return fails(
            text(
                "Compare-VM lists {count} incompatibilities of {moves} moves, and a check says {same} of them too; first {first}: {said}",
                count=len(listed),
                moves=len(concerned),
                same=same,
                first=_named(*first, moves),
                said=text(agreement.value),
            ),
            *(_evidence(each, said, moves) for each, said in listed[:SHOWN]),
            concerns=(moves[place] for place in concerned),
            remedy=Remedy(
                text(
                    "Mend what it lists, first what no check says, and let Compare-VM look again (hvpreflight explain shows what is known "
                    "of an id). It reserves the VM on the target, so that it is run by hand"
                ),
                OPERATOR,
            ),
        )
    if strange:
        return fails(
            text(
                "{count} reports of Compare-VM are of no move of this plan, first that of {vm} for {destination}",
                count=len(strange),
                vm=_vm(strange[0]),
                destination=strange[0].report.destination or text("a host that it does not name"),
            ),
            *(_report(each) for each in strange[:SHOWN]),
            severity=Severity.ADVICE,
            concerns=(),
            remedy=Remedy(text("Give the reports of the moves of this plan, under the names of the plan, or leave these out"), OPERATOR),
        )
    told = {place for each in reports for place in each.moves}
    return passes(
        "Compare-VM lists nothing; it was asked of {count} of {moves} moves",
        *(_report(each) for each in reports[:SHOWN]),
        count=len(told),
        moves=len(moves),
    )


def _evidence(each: Compared, said: Opinion, moves: tuple[Move, ...]) -> Evidence:
    return Evidence.of(_named(each, said, moves), said.entry.message or "–", source=_source(each))


def _named(each: Compared, said: Opinion, moves: tuple[Move, ...]) -> Text:
    """An entry by its id and its move."""
    number = text("an id that could not be read") if said.entry.id is None else said.entry.id
    if len(each.moves) == 1:
        return text("{id} for {move}", id=number, move=moves[each.moves[0]].arrow)
    return text("{id} for one of {count} moves", id=number, count=len(each.moves))


def _report(each: Compared) -> Evidence:
    what = text("{vm} for {destination}", vm=_vm(each), destination=each.report.destination or text("a host that it does not name"))
    return Evidence.of(what, len(each.report.incompatibilities), 0, _source(each))


def _vm(each: Compared) -> str | Text:
    return each.report.vm or each.report.vm_id or text("a VM that it does not name")


def _source(each: Compared) -> Text:
    return text("{file}", file=each.report.file)
