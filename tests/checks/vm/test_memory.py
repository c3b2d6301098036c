from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.hardware import HostMemory, NumaNode
from checks.result import FindingRecord
from checks.windows.names import MachineName
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good, vm

CHECK = "vm.memory"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
OTHER = "22222222-2222-3333-4444-555555555555"


def world(*available: int, spanning: bool = True, total: int = 0, **changes: object) -> TestWorld:
    """LMTest has 4096 MB; each node of the target has so much available."""
    nodes = tuple(NumaNode(number, each, max(each, total)) for number, each in enumerate(available))
    made = good().set(f"{THERE}.memory", HostMemory(spanning, nodes))
    return made.set(f"{HERE}.vms", (vm(**changes),))


def two(available: int) -> TestWorld:
    """LMTest moves, and then APP01, which has 4096 MB too."""
    made = world(available).set(f"{HERE}.vms", (vm(), vm("APP01", id=OTHER)))
    return made.with_plan(moves=(*made.plan.moves, replace(made.plan.moves[0], vm=MachineName("APP01"))))


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_a_host_with_room_takes_it() -> None:
    found = world(4000, 4000).finding(CHECK, MOVE)
    assert found.outcome is Outcome.PASS
    assert "8000 MB of memory available" in found.message.text


def test_one_megabyte_too_little_is_a_blocker() -> None:
    found = world(4095, memory_assigned_bytes=(4095 << 20) + 1).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert "needs 4096 MB" in found.message.text
    assert found.predicts == ("0x8007000E", "0x800705AA")


@pytest.mark.parametrize(
    ("dynamic", "memory", "severity"),
    [(True, 1 << 30, Severity.RISK), (None, 1 << 30, Severity.RISK), (False, 1 << 30, Severity.BLOCKER), (True, 0, Severity.BLOCKER)],
)
def test_running_vms_with_dynamic_memory_may_give_some(dynamic: bool | None, memory: int, severity: Severity) -> None:
    made = world(1000).set(f"{THERE}.vms", (vm("APP01", id=OTHER, dynamic_memory=dynamic, memory_assigned_bytes=memory),))
    found = made.finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, severity)
    assert ("from VMs with dynamic memory" in found.message.text) == (severity is Severity.RISK)


def test_without_the_targets_vms_too_little_is_a_risk() -> None:
    assert said(world(1000).miss(f"{THERE}.vms").finding(CHECK, MOVE)) == (Outcome.FAIL, Severity.RISK)


def test_what_earlier_moves_bring_counts() -> None:
    second = "APP01@testserver01>testserver02"
    assert two(20_000).finding(CHECK, second).outcome is Outcome.PASS
    assert two(8000).finding(CHECK, MOVE).outcome is Outcome.PASS
    found = two(8000).finding(CHECK, second)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert "has 3904 MB" in found.message.text


def test_what_earlier_moves_take_away_counts_too() -> None:
    made = world(1000).set(f"{THERE}.vms", (vm("APP01", id=OTHER, dynamic_memory=False),))
    (move,) = made.plan.moves
    away = replace(move, vm=MachineName("APP01"), source=move.target, target=move.source)
    assert made.with_plan(moves=(away, move)).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_less_than_a_tenth_left_is_a_risk() -> None:
    found = world(5000, total=10_000).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "leaves TestServer02 904 MB" in found.message.text


def test_without_spanning_one_node_should_hold_it() -> None:
    found = world(3000, 3000, spanning=False).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "the most is 3000 MB" in found.message.text
    assert world(5000, 1, spanning=False).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("state", [3, 6])
def test_a_vm_that_does_not_run_needs_none_yet(state: int) -> None:
    assert world(1, state=state, memory_assigned_bytes=0).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_a_running_vm_without_memory_and_a_host_without_a_node_are_unknown() -> None:
    assert world(8000, memory_assigned_bytes=0).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert world().finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("path", [f"{HERE}.vms", f"{THERE}.memory"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert good().unheard_of(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_storage_alone_needs_no_memory() -> None:
    assert world(1).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP
