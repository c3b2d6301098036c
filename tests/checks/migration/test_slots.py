from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.windows.names import HostName
from tests.world import TestWorld, good

CHECK = "migration.slots"


def moves(number: int, *, storage: bool = True) -> TestWorld:
    """The good world with that many moves from TestServer01 to TestServer02."""
    world = good().move(include_storage=storage)
    move = world.plan.moves[0]
    return world.with_plan(moves=tuple(replace(move, vm=f"VM{n}") for n in range(number)))


def test_a_plan_within_the_limits_passes() -> None:
    assert moves(2).finding(CHECK, "plan").outcome is Outcome.PASS


def test_more_moves_than_slots_go_in_waves() -> None:
    found = moves(5).finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)
    assert found.message.text.endswith("5 moves and does 2 at a time (2 with storage): 3 waves")


def test_the_storage_limit_counts_only_moves_with_storage() -> None:
    narrow = "hosts.testserver02.migration.maximum_storage_migrations"
    assert moves(2).set(narrow, 1).finding(CHECK, "plan").outcome is Outcome.FAIL
    assert moves(2, storage=False).set(narrow, 1).finding(CHECK, "plan").outcome is Outcome.PASS


def test_a_move_counts_on_both_of_its_hosts() -> None:
    found = moves(2).set("hosts.testserver02.migration.maximum_migrations", 1).finding(CHECK, "plan")
    assert found.outcome is Outcome.FAIL
    assert found.message.text.startswith("TestServer02 takes part in 2 moves")


def test_a_limit_of_zero_is_a_blocker() -> None:
    found = good().set("hosts.testserver02.migration.maximum_migrations", 0).finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "TestServer02 does no migration at all" in found.message.text
    assert found.remedy
    assert found.remedy.commands == ("Set-VMHost -ComputerName 'TestServer02' -MaximumVirtualMachineMigrations 2",)
    assert found.remedy.undo == ("Set-VMHost -ComputerName 'TestServer02' -MaximumVirtualMachineMigrations 0",)


def test_a_storage_limit_of_zero_blocks_only_moves_with_storage() -> None:
    none = "hosts.testserver01.migration.maximum_storage_migrations"
    assert moves(1).set(none, 0).finding(CHECK, "plan").severity is Severity.BLOCKER
    assert moves(1, storage=False).set(none, 0).finding(CHECK, "plan").outcome is Outcome.PASS


def test_a_move_of_storage_alone_takes_no_slot_for_vms() -> None:
    world = moves(3).move(storage_only=True).set("hosts.testserver01.migration.maximum_migrations", 0)
    found = world.finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)


def test_unread_settings_of_one_host_are_never_a_pass() -> None:
    found = good().miss("hosts.testserver02.migration").finding(CHECK, "plan")
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


def test_a_limit_of_0_reaches_the_moves_that_take_part_and_their_pairs_and_no_other() -> None:
    world = good().with_host("testserver03").with_host("testserver04")
    other = replace(world.plan.moves[0], source=HostName("testserver03"), target=HostName("testserver04"))
    closed = world.with_plan(moves=(*world.plan.moves, other)).set("hosts.testserver02.migration.maximum_migrations", 0)
    here, there = closed.result().moves
    assert f"{CHECK}@plan" in here.findings
    assert f"{CHECK}@plan" not in there.findings
