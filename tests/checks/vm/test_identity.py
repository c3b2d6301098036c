from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.windows.names import HostName, MachineName
from tests.world import TestWorld, good, vm

CHECK = "vm.identity"
MOVE = "LMTest@testserver01>testserver02"
THERE = "hosts.testserver02.vms"
ID = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"


def with_back(world: TestWorld, wanted: str) -> TestWorld:
    """The world with the way back of its move, which names its VM so."""
    there = world.plan.moves[0]
    return world.with_plan(moves=(there, replace(there, vm=MachineName(wanted), source=there.target, target=there.source)))


def test_a_target_without_such_a_vm_passes() -> None:
    assert good().set(THERE, (vm("Another", id=OTHER),)).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("id", [ID, ID.upper(), f"{{{ID}}}"])
def test_a_vm_with_the_same_id_is_a_blocker_whatever_its_name(id: str) -> None:
    found = good().set(THERE, (vm("Replica", id=id),)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.predicts == ("vm_exists",)
    assert f"Replica ({id})" in str(found.evidence[0].actual)


def test_another_vm_of_the_name_is_a_risk() -> None:
    found = good().set(THERE, (vm("lmtest", id=OTHER),)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.predicts == ()


def test_another_vm_of_the_name_is_a_blocker_where_a_later_move_names_it_so() -> None:
    world = good().set(THERE, (vm("lmtest", id=OTHER),))
    found = with_back(world, "LMTest").finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "LMTest: TestServer02 → TestServer01" in found.message.text
    assert with_back(world, ID).finding(CHECK, MOVE).severity is Severity.RISK


def test_two_vms_of_one_name_that_go_to_one_target_are_a_risk_for_the_second() -> None:
    world = good().set("hosts.testserver01.vms", (vm(), vm(id=OTHER))).move(vm=MachineName("*"))
    assert world.finding(CHECK, f"{ID}@testserver01>testserver02").outcome is Outcome.PASS
    assert world.finding(CHECK, f"{OTHER}@testserver01>testserver02").severity is Severity.RISK


def test_what_an_earlier_move_takes_away_is_not_in_the_way() -> None:
    world = good().with_host("testserver03").set(THERE, (vm(id=OTHER),))
    first = replace(world.plan.moves[0], vm=MachineName(OTHER), source=HostName("TestServer02"), target=HostName("TestServer03"))
    assert world.with_plan(moves=(first, *world.plan.moves)).finding(CHECK, MOVE).outcome is Outcome.PASS
    assert world.with_plan(moves=(*world.plan.moves, first)).finding(CHECK, MOVE).outcome is Outcome.FAIL


def test_the_way_back_finds_its_place_free() -> None:
    assert good().with_return().finding(CHECK, "LMTest@testserver02>testserver01").outcome is Outcome.PASS


def test_storage_that_moves_alone_brings_no_vm() -> None:
    assert good().set(THERE, (vm(),)).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_vms_of_the_target_that_were_not_read_are_unknown() -> None:
    found = good().miss(THERE).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_a_name_that_came_from_a_host_without_a_list_is_unknown() -> None:
    world = good().with_host("testserver03").miss("hosts.testserver03.vms")
    first = replace(world.plan.moves[0], source=HostName("TestServer03"))
    assert world.with_plan(moves=(first, *world.plan.moves)).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    other = replace(first, vm=MachineName("Another"))
    assert world.with_plan(moves=(other, *world.plan.moves)).finding(CHECK, MOVE).outcome is Outcome.PASS
