"""The proof that the fixes suffice: their changes are made to the facts, and what they bear on is judged again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from checks.changed import changed, changed_facts
from checks.changes import LISTS, Change
from checks.check import WAYS_BACK, Check
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.registry import all_checks
from checks.result import After, FindingRecord, Result, Verdict, worst
from checks.waiver import Waiver
from checks.world import World
from reports.scripts.work import tasks
from runner.evaluate import Run, watchdog_over
from runner.machines import machines
from runner.waiving import Waiving


def after(
    result: Result, plan: Plan, snapshot: Snapshot, *, waivers: Sequence[Waiver] = (), waived_until: date | None = None
) -> After | None:
    """What a result would be once the scripts of `fix` have run: of a plan and a snapshot with the result that follows from them. Nothing
    where these scripts change nothing."""
    changes = tuple(changes_of(result, World(plan, snapshot, result.policy)))
    if not changes:
        return None
    world = World(plan, changed(snapshot, changes), result.policy)
    checks = all_checks()
    anew = _judged_anew(checks, changed_facts(changes), {finding.check for finding in result.findings if finding.left_out})
    before: dict[str, list[FindingRecord]] = {check.id: [] for check in checks if check.id not in anew}
    for finding in result.findings:
        if finding.check in before:
            before[finding.check].append(finding)
    run = Run(world, checks, frozenset(), Waiving(waivers, waived_until), said_before=before)
    with watchdog_over(world) as watchdog:
        run.evaluate(watchdog)
    now = {finding.id: finding for finding in result.findings}
    left = [finding for finding in run.findings if finding.verdict is not Verdict.GO]
    same = {finding.id: None for finding in left if alike(finding, now[finding.id])}
    return After(
        verdict=worst(finding.verdict for finding in run.findings) if result.moves else Verdict.INCOMPLETE,
        changes=len(changes),
        told=tuple(finding for finding in left if finding.id not in same),
        same=tuple(same),
    )


def changes_of(result: Result, world: World) -> Iterator[Change]:
    """The changes that the scripts of `fix` make, in their order."""
    for task in tasks(result, machines(world)):
        for step in task.steps:
            wanted = step.members if step.kind in LISTS else step.after
            assert wanted is not None
            yield Change(step.kind, step.place, wanted, step.before or (), step.object, step.principal, step.sid)


def _judged_anew(checks: Sequence[Check], facts: frozenset[str], left_out: set[str]) -> frozenset[str]:
    """The checks that can say something else once these facts are others: they declare one of them or what rests on them all, or depend on
    such a check. A check can read nothing that it does not declare."""
    found: set[str] = set()
    for check in checks:
        reads = {name.rpartition(".")[2] for name in check.facts}
        if check.id not in left_out and (not reads.isdisjoint({*facts, WAYS_BACK}) or not found.isdisjoint(check.depends_on)):
            found.add(check.id)
    return frozenset(found)


def alike(finding: FindingRecord, now: FindingRecord) -> bool:
    """Does a finding say what it says now."""
    return (finding.outcome, finding.severity, finding.message) == (now.outcome, now.severity, now.message)
