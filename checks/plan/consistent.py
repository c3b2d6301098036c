"""The plan does not contradict itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import Move
from checks.plan_state import Step
from checks.remedy import OPERATOR, Remedy
from checks.storage import At
from checks.subject import HostView, PlanSubject
from checks.text import Text, text

PLAN = text("plan")
"""Where it stands."""
SHOWN = 20
"""At most so many contradictions of one kind become evidence; the message has their number."""


class Contradiction(Struct, frozen=True):
    """One kind of contradiction, where the plan shows it (what, what stands there, what should), and the moves that it concerns, all of
    them where it does not say."""

    found: Text
    places: tuple[Evidence, ...]
    concerns: tuple[Move, ...] | None = None


@check(
    scope=Scope.PLAN,
    severity=Severity.BLOCKER,
    title="The plan does not contradict itself",
    facts=("hosts.computer", "hosts.vms"),
)
def consistent(subject: PlanSubject) -> Finding:
    if not subject.plan.moves:
        return fails(text("The plan holds no move"), Evidence.of("moves", 0, text("at least 1"), PLAN), remedy=_correct())
    contradictions = tuple(each for each in _contradictions(subject) if each.places)
    if contradictions:
        first = contradictions[0]
        concerned = [each.concerns for each in contradictions]
        return fails(
            replace(first.found, values={"count": len(first.places), "first": first.places[0].what}),
            *(place for each in contradictions for place in each.places[:SHOWN]),
            concerns=None if None in concerned else (move for moves in concerned for move in moves or ()),
            remedy=_correct(),
        )
    return passes(
        "No move contradicts another (moves: {moves}, hosts: {hosts})",
        Evidence.of("moves", len(subject.steps), source=PLAN),
        Evidence.of("hosts", len(subject.hosts), source=PLAN),
        moves=len(subject.steps),
        hosts=len(subject.hosts),
    )


def _correct() -> Remedy:
    return Remedy(text("Correct the plan and run the check again"), OPERATOR)


def _contradictions(subject: PlanSubject) -> Iterator[Contradiction]:
    for claims in subject.claims.values():
        claims.hint(HostView.computer)
    for step in subject.steps:
        if step.may_be_gone:
            subject.hint_vms(step)
    stays = [step for step in subject.steps if _stays(subject, step)]
    misspelled = dict.fromkeys(name for name in subject.plan.operators if not name.names_domain)
    nowhere = [step for step in subject.steps if step.here == step.there and not step.move.storage_only]
    gone = [(step.gone_by, step) for step in subject.steps if step.gone_by]
    twice = [*((first, step) for first, step in gone if first.there == step.there), *_repeated(subject.steps)]
    elsewhere = [(first, step) for first, step in gone if first.there != step.there]
    yield Contradiction(
        text("{count} hosts of the plan are not in the snapshot, first {first}: plan and snapshot do not belong together"),
        tuple(
            _place(_named(host.name), text("not in the snapshot")) for host in subject.hosts.values() if host.key not in subject.world.hosts
        ),
    )
    yield Contradiction(
        text("{count} operators of the plan are not written as DOMAIN\\name or name@domain, first {first}"),
        tuple(_place(_named(name.spelled), text("not DOMAIN\\name or name@domain")) for name in misspelled),
        tuple(step.move for step in subject.steps if step.move.operator in misspelled),
    )
    yield Contradiction(
        text("{count} moves have one host as source and target, first {first}"),
        tuple(_place(step.move.arrow, text("source and target are one host")) for step in nowhere),
        tuple(step.move for step in nowhere),
    )
    yield Contradiction(
        text("{count} moves of storage alone name another host as target, and their files stay on the source, first {first}"),
        tuple(
            _place(
                step.move.arrow,
                text("stays on {source}: {path}", source=step.move.source.spelled, path=step.move.destination_path),
                text("a share of {target}", target=step.move.target.spelled),
            )
            for step in stays
        ),
        tuple(step.move for step in stays),
    )
    yield Contradiction(
        text("The plan holds {count} moves more than once, first {first}"),
        tuple(_place(first.move.arrow, text("again as {move}", move=again.move.arrow), text("once")) for first, again in twice),
        _both(twice),
    )
    yield Contradiction(
        text("{count} moves take a VM to a second target, first {first}"),
        tuple(_place(first.move.arrow, text("then {move}", move=step.move.arrow), text("one target")) for first, step in elsewhere),
        _both(elsewhere),
    )


def _stays(subject: PlanSubject, step: Step) -> bool:
    """Does storage that moves alone stay on its host, though the plan names another one."""
    if not step.move.storage_only or step.here == step.there:
        return False
    destination = subject.world.leg(step).destination
    return destination is not None and destination.at in (At.LOCAL, At.SOURCE)


def _both(steps: Iterable[tuple[Step, Step]]) -> tuple[Move, ...]:
    return tuple(step.move for pair in steps for step in pair)


def _repeated(steps: Iterable[Step]) -> Iterator[tuple[Step, Step]]:
    """The moves of storage alone that stand in the plan before, with the first of each."""
    first: dict[tuple[object, ...], Step] = {}
    for step in steps:
        if step.move.storage_only:
            before = first.setdefault((step.vm, step.here, step.there, step.move.destination_path), step)
            if before is not step:
                yield before, step


def _place(what: Text, actual: Text, expected: Text | None = None) -> Evidence:
    return Evidence.of(what, actual, expected, PLAN, fits=False)


def _named(name: str) -> Text:
    return text("{name}", name=name)
