"""Whatever a snapshot holds, and whatever of it is told twice, in another order, in other letters or not at all: nothing gets better.

A snapshot here is the good world in which any parts are as they are in other worlds. Each check is asked for itself, so that nothing hides
behind what fails before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.registry import all_checks
from checks.result import Result, Verdict
from tests.reports.worlds import worlds
from tests.world import TestWorld, good

Tree: TypeAlias = Any
Path: TypeAlias = tuple[str | int, ...]
WORDS = ("service_state", "service_start")
"""What Windows writes in one way, as it does SIDs."""
EXACT = ("switches", "switch")
"""Where names stand that are a risk in other letters."""
LESS_IS_BETTER = {
    "views": {"delegation.replicated": "a controller that was not asked contradicts nobody"},
    "resource_based": {
        "delegation.named_sources_only": "an entry that is gone lets nobody in",
        "delegation.controllers": "where nothing is resource-based, old controllers do no harm",
    },
    "delegate_to": {"delegation.protocol": "without a list of its own the source may pass any ticket on ([MS-SFU] 3.2.5.1.2)"},
    "sids": {"access.delegatable": "who is not in Protected Users can be delegated"},
    "addresses": {"network": "an address that is gone is not tried", "migration.listener": "nobody listens at one"},
    "migration_networks": {"network": "a network that is gone is not tried", "migration.listener": "nobody listens in one"},
    "ports": {"network.port_6600": "of two answers about one port the worse counts"},
    "disks": {"plan.window": "what is gone is not carried"},
    "vms": {"vm": "of two VMs of a name neither is the one that is meant"},
    "operational_status": {"vm.running": "what is no longer so hinders no more"},
    "routes": {"network": "a route that is gone hides none that leads further"},
}
"""By the list: which check, or area, may think better of what lacks a part of it, and why."""
WAY_BACK = "plan.rollback@plan"
CHECKS = tuple(replace(check, depends_on=()) for check in all_checks())


@cache
def plans() -> tuple[Plan, ...]:
    found = {msgspec.json.encode(world.plan, enc_hook=str): world.plan for world in worlds() if world.plan.moves}
    return tuple(found.values())


@cache
def variety() -> dict[Path, tuple[Tree, ...]]:
    """For each place of the good world's snapshot what stands there in any world, where that differs."""
    found: dict[Path, dict[str, Tree]] = {path: {} for path, _ in places(tree(good().snapshot))}
    for world in worlds():
        for path, node in places(tree(world.snapshot)):
            if path in found:
                found[path].setdefault(json.dumps(node), node)
    return {path: tuple(nodes.values()) for path, nodes in found.items() if path and len(nodes) > 1}


def tree(snapshot: Snapshot) -> Tree:
    return msgspec.json.decode(msgspec.json.encode(snapshot))


def places(node: Tree, path: Path = ()) -> Iterator[tuple[Path, Tree]]:
    """Every part of a tree and where it stands."""
    yield path, node
    for step, part in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(part, (*path, step))


def at(node: Tree, path: Path) -> Tree:
    for step in path:
        node = node[step]
    return node


def put(node: Tree, path: Path, value: Tree) -> Tree:
    """The tree with another value at a place; unchanged where it has no such place."""
    if not path:
        return value
    step, *rest = path
    if step not in (node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()):
        return node
    copy = node.copy()
    copy[step] = put(node[step], tuple(rest), value)
    return copy


class Changed:
    """A snapshot as a tree, shown as what was changed in it."""

    def __init__(self, *changes: tuple[Path, Tree]) -> None:
        self.changes = changes
        self.node = tree(good().snapshot)
        for path, value in changes:
            self.node = put(self.node, path, value)

    def __repr__(self) -> str:
        return f"Changed{self.changes}"

    def and_then(self, path: Path, value: Tree) -> Changed:
        return Changed(*self.changes, (path, value))


@st.composite
def snapshots(draw: st.DrawFn) -> Changed:
    changed = draw(st.lists(st.sampled_from(sorted(variety(), key=str)), max_size=6))
    return Changed(*((path, draw(st.sampled_from(variety()[path]))) for path in changed))


def judged(plan: Plan, changed: Changed) -> Result:
    try:
        snapshot = msgspec.convert(changed.node, Snapshot)
    except msgspec.ValidationError:
        assume(False)
    result = TestWorld(plan, snapshot).result(CHECKS)
    assert not [found for found in result.findings if found.outcome is Outcome.ERROR]
    return result


def said(result: Result) -> dict[str, tuple[Outcome, Severity, Verdict]]:
    return {found.id: (found.outcome, found.severity, found.verdict) for found in result.findings}


def better(before: Result, after: Result) -> dict[str, tuple[Outcome, Outcome]]:
    """What became better, and what it was. What became INCOMPLETE did not."""
    then = {found.id: found for found in before.findings}
    return {
        now.id: (then[now.id].outcome, now.outcome)
        for now in after.findings
        if now.id in then and now.verdict is not Verdict.INCOMPLETE and now.verdict.weight < then[now.id].verdict.weight
    }


def unexcused(before: Result, after: Result, path: Path) -> dict[str, tuple[Outcome, Outcome]]:
    """What became better without a reason. A host is a stranger by its account: without that its facts count again, and its identity is
    not known. What stops the moves themselves stops their ways back, which are not judged then."""
    reasons = next((LESS_IS_BETTER[step] for step in reversed(path) if step in LESS_IS_BETTER), {})
    strangers = {found.id for found in before.findings if found.reason is Reason.CONTRADICTORY and path[0] == "accounts"}
    found = better(before, after)
    if after.verdict.weight >= before.verdict.weight and found.get(WAY_BACK, ())[1:] == (Outcome.SKIP,):
        del found[WAY_BACK]
    return {
        id: outcomes
        for id, outcomes in found.items()
        if id not in strangers and not any(id.startswith(f"{check}{end}") for check in reasons for end in ".@")
    }


def draw_place(data: st.DataObject, changed: Changed, kind: type) -> tuple[Path, Tree]:
    found = [
        (path, part)
        for path, part in places(changed.node)
        if isinstance(part, kind) and part and path and path[0] not in ("format", "collected")
    ]
    return data.draw(st.sampled_from(found))


@given(snapshots(), st.sampled_from(plans()), st.data())
def test_order_and_repetition_change_nothing(snapshot: Changed, plan: Plan, data: st.DataObject) -> None:
    path, rows = draw_place(data, snapshot, list)
    again = data.draw(st.permutations([*rows, *rows[: data.draw(st.integers(0, 2))]]))
    before, after = judged(plan, snapshot), judged(plan, snapshot.and_then(path, again))
    assert said(after) == said(before), (path, again)


@given(snapshots(), st.sampled_from(plans()), st.data())
def test_letter_case_changes_nothing(snapshot: Changed, plan: Plan, data: st.DataObject) -> None:
    path, written = draw_place(data, snapshot, str)
    before, after = judged(plan, snapshot), judged(plan, snapshot.and_then(path, written.swapcase()))
    if path[-1] in WORDS or not set(EXACT).isdisjoint(path) or written.startswith("S-1-"):
        assert not better(before, after), (path, written)
    else:
        assert said(after) == said(before), (path, written)


@given(snapshots(), st.sampled_from(plans()), st.data())
def test_what_is_taken_away_makes_nothing_better(snapshot: Changed, plan: Plan, data: st.DataObject) -> None:
    path, whole = draw_place(data, snapshot, dict if data.draw(st.booleans()) else list)
    step = data.draw(st.sampled_from(sorted(whole) if isinstance(whole, dict) else range(len(whole))))
    fewer = {name: part for name, part in whole.items() if name != step} if isinstance(whole, dict) else whole[:step] + whole[step + 1 :]
    before, after = judged(plan, snapshot), judged(plan, snapshot.and_then(path, fewer))
    assert not unexcused(before, after, path), (path, step, whole)
