"""What the checks say against the ways back of a plan, beside what they say of its moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from checks.check import Outcome, Scope, Severity
from checks.facts.fact import Missing, Reason
from checks.plan import Move
from checks.result import FindingRecord, RemedyRecord
from checks.text import Text, text
from checks.way_back import Hindrance, WaysBack
from runner.cases import Case, Cases


def hindrances(back: WaysBack, judged: Cases, forward: Cases, moves: tuple[Move, ...], titles: Mapping[str, str]) -> Iterator[Hindrance]:
    """What hinders a way back, each thing once. `judged` are the cases of `back`, `forward` those of the plan with these moves."""
    found: dict[str, tuple[FindingRecord, Case, list[int]]] = {}
    for alike, case in zip(back.of, judged[Scope.MOVE].values(), strict=True):
        for near in (case, *(each for cases in case.near.values() for each in cases)):
            for said in near.open:
                if said.severity is Severity.BLOCKER and (said.blocks or said.undecided):
                    found.setdefault(said.id, (said, near, []))[2].extend(alike)
    for said, near, places in found.values():
        message, template = said.message, titles[said.check]
        found_so, should = Text(message.template, message.values), Text(template)
        concerned = tuple(moves[place] for place in sorted(places))
        if said.outcome is Outcome.FAIL:
            told = any(_stops(case, said.check) for case in _counterparts(near, forward, places))
            hindrance = Hindrance(said.check, should, found_so, concerned, told, evidence=said.evidence, predicts=said.predicts)
            yield _with_its_fix(hindrance, said.remedy)
        else:
            lacks = said.lacks
            asks = text("{check} asks for it, of the way back of {move}", check=said.check, move=concerned[0].arrow)
            missing = Missing(*(lacks.reason, lacks.source) if lacks else (Reason.UNREADABLE, found_so), back.snapshot.collected.end, asks)
            yield Hindrance(said.check, should, found_so, concerned, False, lacks.fact if lacks else "plan", missing)


def _with_its_fix(hindrance: Hindrance, remedy: RemedyRecord | None) -> Hindrance:
    if remedy is None:
        return hindrance
    told = remedy.texts.get("effective_after") if remedy.texts else None
    template = remedy.effective_after
    effective = told if isinstance(told, Text) else Text(template)
    return replace(hindrance, fix=Text(remedy.template, remedy.values), who=remedy.by, effective=effective)


def _counterparts(near: Case, forward: Cases, places: list[int]) -> Iterator[Case]:
    """The subjects of the plan of which the same would be said: a pair in either direction."""
    if near.scope is Scope.MOVE:
        yield forward[Scope.MOVE][places[0],]
        return
    for names in dict.fromkeys((near.names, near.names[::-1])):
        if names in forward[near.scope]:
            yield forward[near.scope][names]


def _stops(case: Case, check: str) -> bool:
    return any(said.check == check and said.outcome is Outcome.FAIL and said.severity is Severity.BLOCKER for said in case.open)
