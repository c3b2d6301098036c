from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.windows.names import HostName, MachineName
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
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text.endswith("5 VMs that may run at once, and does 2 at a time (2 with storage): 3 waves")


def test_the_storage_limit_counts_only_moves_with_storage() -> None:
    narrow = "hosts.testserver02.migration.maximum_storage_migrations"
    assert moves(2).set(narrow, 1).finding(CHECK, "plan").outcome is Outcome.FAIL
    assert moves(2, storage=False).set(narrow, 1).finding(CHECK, "plan").outcome is Outcome.PASS


def test_a_move_counts_on_both_of_its_hosts() -> None:
    found = moves(2).set("hosts.testserver02.migration.maximum_migrations", 1).finding(CHECK, "plan")
    assert found.outcome is Outcome.FAIL
    assert found.message.text.startswith("TestServer02 takes part in moves of 2 VMs")


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
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


@pytest.mark.parametrize(("host", "outcome"), [("testserver01", Outcome.FAIL), ("testserver02", Outcome.PASS)])
def test_storage_that_moves_alone_takes_a_slot_on_its_source_only(host: str, outcome: Outcome) -> None:
    world = moves(1).move(storage_only=True).set(f"hosts.{host}.migration.maximum_storage_migrations", 0)
    assert world.finding(CHECK, "plan").outcome is outcome


def test_the_moves_of_one_vm_wait_for_one_another() -> None:
    world = good().with_return()
    for host in ("testserver01", "testserver02"):
        world = world.set(f"hosts.{host}.migration.maximum_migrations", 1).set(f"hosts.{host}.migration.maximum_storage_migrations", 1)
    assert world.finding(CHECK, "plan").outcome is Outcome.PASS


def test_a_machine_has_its_slots_once_under_both_of_its_names() -> None:
    full = "testserver02.contoso.test"
    world = moves(3).with_host(full, "testserver02", "TestServer02")
    first, second, third = world.plan.moves
    world = world.with_plan(moves=(first, second, replace(third, target=HostName(full))))
    for host in ("testserver02", full.replace(".", "·")):
        world = world.set(f"hosts.{host}.migration.maximum_migrations", 3).set(f"hosts.{host}.migration.maximum_storage_migrations", 2)
    world = world.set("hosts.testserver01.migration.maximum_storage_migrations", 3).set(
        "hosts.testserver01.migration.maximum_migrations", 3
    )
    found = world.finding(CHECK, "plan")
    assert found.outcome is Outcome.FAIL
    assert found.message.text.startswith("TestServer02 takes part in moves of 3 VMs")


def test_the_moves_that_a_limit_of_zero_stops_are_named() -> None:
    world = moves(2).with_host("testserver03")
    aside = replace(world.plan.moves[0], vm=MachineName("Aside"), target=HostName("TestServer03"))
    world = world.with_plan(moves=(*world.plan.moves, aside)).set("hosts.testserver02.migration.maximum_migrations", 0)
    named = [each.what for each in world.finding(CHECK, "plan").evidence if " → " in each.what]
    assert named == ["VM0: TestServer01 → TestServer02", "VM1: TestServer01 → TestServer02"]


def test_a_limit_of_zero_is_told_even_where_another_host_was_not_read() -> None:
    world = good().miss("hosts.testserver01.migration").set("hosts.testserver02.migration.maximum_migrations", 0)
    assert world.finding(CHECK, "plan").severity is Severity.BLOCKER
    assert world.finding(CHECK, "plan").outcome is Outcome.FAIL


def test_too_many_moves_on_one_host_do_not_hide_that_another_was_not_read() -> None:
    found = moves(5).miss("hosts.testserver02.migration").finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_migrations_that_run_now_are_shown() -> None:
    found = moves(5).set("hosts.testserver02.migration_listener.active_migrations", 1).finding(CHECK, "plan")
    assert ("migrations under way on TestServer02", 1) in [(each.what, each.actual) for each in found.evidence]


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
