"""Where there is a choice of ways to let the moves start, each of them computed for the whole plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from checks.facts.snapshot import Snapshot
from checks.plan import AT_SOURCE, LaunchPoint, Plan
from checks.remedy import Means
from checks.result import After, FindingRecord, Result, Verdict, WayToGo, worst
from checks.waiver import Waiver
from runner.after import after, alike
from runner.evaluate import evaluate

LEFT_KEPT = 5
"""So much of what is left on one way is kept; what else is left is counted."""


def ways_to_go(
    result: Result, plan: Plan, snapshot: Snapshot, *, waivers: Sequence[Waiver] = (), waived_until: date | None = None
) -> tuple[WayToGo, ...]:
    """What each way would leave, of a plan and a snapshot with the result that follows from them. None where there is no choice. What the
    result says itself of its remedies (`after`) is not worked out again."""
    choosing = {each.id: each for each in result.findings if each.fails and each.remedy and each.remedy.chooses}
    computed: dict[Means | None, After] = {}
    for means in Means:
        if any(each.remedy and each.remedy.by_means(means) for each in choosing.values()):
            taken = _all_by(result, choosing, means)
            same = taken is result and result.after is not None
            left = result.after if same else after(taken, plan, snapshot, waivers=waivers, waived_until=waived_until)
            if left is not None:
                computed[means] = left
    if any(each.remedy and each.remedy.instead for each in choosing.values()):
        computed[None] = _in_a_session(result, plan, snapshot, waivers, waived_until)
    told = [{(each.id, each.message.text) for each in left.told} for left in computed.values()]
    on_each = set.intersection(*told) if len(told) > 1 else set()
    return tuple(_way(means, left, choosing, on_each) for means, left in computed.items())


def _way(means: Means | None, left: After, choosing: Mapping[str, FindingRecord], on_each: set[tuple[str, str]]) -> WayToGo:
    """What is in the way then only on this way, or is why there is a choice."""
    kept = [each for each in left.told if each.id in choosing or (each.id, each.message.text) not in on_each]
    kept += (choosing[id] for id in left.same if id in choosing)
    kept.sort(key=lambda each: -each.verdict.weight)
    least = min(Verdict.INCOMPLETE.weight, worst(each.verdict for each in choosing.values()).weight)
    return WayToGo(
        means,
        left.verdict,
        enough=not kept or kept[0].verdict.weight < least,
        changes=left.changes,
        left=tuple(replace(each, evidence=(), remedy=None) for each in kept[:LEFT_KEPT]),
        more=max(0, len(kept) - LEFT_KEPT),
    )


def _all_by(result: Result, choosing: Mapping[str, FindingRecord], means: Means) -> Result:
    """The result with the remedies by these means, where they are enough; itself where it has none but these."""
    remedies = {id: each.remedy.by_means(means) or each.remedy for id, each in choosing.items() if each.remedy}
    if all(remedies[id] is each.remedy for id, each in choosing.items()):
        return result
    findings = tuple(replace(each, remedy=remedies[each.id]) if each.id in remedies else each for each in result.findings)
    return replace(result, findings=findings)


def _in_a_session(result: Result, plan: Plan, snapshot: Snapshot, waivers: Sequence[Waiver], waived_until: date | None) -> After:
    """What is left where each move is started in a session on its source, and nothing is changed for which there is a choice."""
    moves = tuple(each if each.launch in AT_SOURCE else replace(each, launch=LaunchPoint.CONSOLE) for each in plan.moves)
    there = replace(plan, moves=moves)
    judged = evaluate(
        there,
        snapshot,
        snapshot_sha256=result.snapshot_sha256,
        plan_sha256=result.plan_sha256,
        left_out=frozenset(each.check for each in result.findings if each.left_out),
        policy=result.policy,
        waivers=waivers,
        waived_until=waived_until,
        reports=[each.report for each in result.compared],
    )
    unchosen = tuple(replace(each, remedy=None) if each.remedy and each.remedy.chooses else each for each in judged.findings)
    then = after(replace(judged, findings=unchosen), there, snapshot, waivers=waivers, waived_until=waived_until)
    by_id = {each.id: each for each in judged.findings}
    left = [*then.told, *(by_id[id] for id in then.same)] if then else [each for each in judged.findings if each.verdict is not Verdict.GO]
    now = {each.id: each for each in result.findings}
    same = {each.id for each in left if each.id in now and alike(each, now[each.id])}
    return After(
        then.verdict if then else judged.verdict,
        then.changes if then else 0,
        tuple(each for each in left if each.id not in same),
        tuple(each.id for each in left if each.id in same),
    )
