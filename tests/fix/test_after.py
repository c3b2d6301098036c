"""What is said of the time after the fixes is what judging everything by the changed facts says."""

from __future__ import annotations

from checks.changed import changed
from checks.check import Outcome
from checks.facts.migration import MigrationAuthentication
from checks.result import Verdict
from checks.world import World
from runner.after import after, changes_of
from runner.evaluate import evaluate
from tests.examples import some
from tests.reports.worlds import worlds
from tests.world import good


def test_what_is_not_judged_anew_would_have_said_the_same() -> None:
    computed = 0
    for world in (good().set("hosts.testserver02.migration.enabled", False), *some(worlds())):
        result = world.result()
        left = after(result, world.plan, world.snapshot)
        changes = tuple(changes_of(result, World(world.plan, world.snapshot)))
        assert (left is None) == (changes == ())
        if left is not None:
            computed += 1
            whole = evaluate(world.plan, changed(world.snapshot, changes), snapshot_sha256="0" * 64, plan_sha256="1" * 64)
            assert left.verdict is whole.verdict, changes
            in_the_way = {each.id: each.message.text for each in whole.findings if each.verdict is not Verdict.GO}
            now = {each.id: each.message.text for each in result.findings}
            assert {each.id: each.message.text for each in left.told} | {id: now[id] for id in left.same} == in_the_way, changes
    assert computed


def test_a_failure_that_a_person_has_to_decide_on_stays_as_now() -> None:
    world = good().set("hosts.testserver02.migration.enabled", False).set("hosts.testserver01.vms.0.state", 32780)
    left = after(world.result(), world.plan, world.snapshot)
    assert left is not None
    assert (left.verdict, left.changes) == (Verdict.NO_GO, 1)
    assert left.same == ("vm.running@LMTest@testserver01>testserver02",)
    assert {each.outcome for each in left.told} == {Outcome.UNKNOWN}


def test_where_nothing_is_in_the_way_or_no_script_changes_anything_nothing_is_computed() -> None:
    credssp = good().set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    both = credssp.set("hosts.testserver02.migration.authentication", MigrationAuthentication.CREDSSP)
    for world in (good(), both):
        assert after(world.result(), world.plan, world.snapshot) is None


def test_a_check_that_was_left_out_is_left_out_then_too() -> None:
    world = good().set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    result = world.result(left_out=frozenset({"network.port_6600", "migration.enabled"}))
    left = after(result, world.plan, world.snapshot)
    assert left is not None
    assert (left.verdict, left.told) == (Verdict.INCOMPLETE, ())
    assert {id.partition("@")[0] for id in left.same} == {"network.port_6600", "migration.enabled"}
