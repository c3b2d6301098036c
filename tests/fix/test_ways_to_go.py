"""Of several ways it is computed which one is enough by itself."""

from __future__ import annotations

from checks.facts.directory import AccessEntry
from checks.remedy import Means
from checks.result import Verdict, WayToGo
from runner.ways_to_go import ways_to_go
from tests.world import CONTOSO, TestWorld, good

KERBEROS_ONLY = 0x1000
NOTHING_LISTED = good().account("testserver01", delegate_to=(), user_account_control=KERBEROS_ONLY)


def ways(world: TestWorld) -> dict[Means | None, WayToGo]:
    return {each.means: each for each in ways_to_go(world.result(), world.plan, world.snapshot)}


def test_each_way_is_told_with_what_the_whole_plan_would_be_then() -> None:
    found = ways(NOTHING_LISTED)
    assert {means: (way.verdict, way.enough, way.changes) for means, way in found.items()} == {
        Means.CONSTRAINED: (Verdict.GO, True, 2),
        Means.RESOURCE_BASED: (Verdict.GO, True, 1),
        None: (Verdict.CONDITIONS, True, 0),
    }
    assert {each.check for each in found[None].left} == {"delegation.cifs", "delegation.migration_service"}


def test_what_is_in_the_way_on_every_way_is_no_reason_against_one() -> None:
    found = ways(NOTHING_LISTED.set("hosts.testserver01.vms.0.state", 32780))
    assert {(way.verdict, way.enough) for way in found.values()} == {(Verdict.NO_GO, True)}
    assert "vm.running" not in {each.check for way in found.values() for each in way.left}


def test_a_way_that_the_table_rules_out_is_not_computed_and_a_plan_without_a_choice_has_none() -> None:
    denied = NOTHING_LISTED.account("testserver02", resource_based=(AccessEntry(False, 0xF01FF, f"{CONTOSO}-2999"),))
    assert set(ways(denied)) == {Means.CONSTRAINED, None}
    assert ways(good()) == {}
