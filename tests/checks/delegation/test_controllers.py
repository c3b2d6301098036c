from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry
from checks.facts.fact import Known, Missing, Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.text import text
from tests.checks.delegation.situations import PAIR
from tests.checks.domain.realms import A_CON, B_FAB, C_CON, CON, FAB, SIDS, controller, half, routes, without
from tests.checks.domain.realms import world as realms
from tests.world import AT, TestWorld, across_domains, good

CHECK = "delegation.controllers"


def with_levels(*levels: int, domain: str = "fabrikam.test") -> TestWorld:
    """The world of two domains, of which this one has controllers of these levels."""
    world = across_domains()
    facts = world.snapshot.domains[domain]
    (said,) = facts.controllers.values()
    assert isinstance(said.domain, Known)
    its = {
        f"dc{number:02}.{domain}": replace(said, domain=replace(said.domain, value=replace(said.domain.value, controller_level=level)))
        for number, level in enumerate(levels, 1)
    }
    return TestWorld(world.plan, replace(world.snapshot, domains=world.snapshot.domains | {domain: replace(facts, controllers=its)}))


@pytest.mark.parametrize("levels", [(4, 6), (6, 4)])
@pytest.mark.parametrize("domain", ["contoso.test", "fabrikam.test"])
def test_of_several_controllers_an_old_one_is_a_risk_that_is_named_whatever_their_order(levels: tuple[int, ...], domain: str) -> None:
    world = with_levels(*levels, domain=domain)
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"dc{levels.index(4) + 1:02}.{domain}: level 4" in found.message.text
    assert world.finding("delegation.across_domains", PAIR).outcome is Outcome.PASS


def test_where_all_are_old_the_targets_list_does_not_count() -> None:
    world = with_levels(4, 3)
    assert world.finding(CHECK, PAIR).outcome is Outcome.SKIP
    found = world.finding("delegation.across_domains", PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_controllers_of_2012_or_later_know_it() -> None:
    assert with_levels(5, 7).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_a_controller_that_was_not_asked_does_not_count() -> None:
    silent = Missing(Reason.TIMED_OUT, text("LDAP"), AT)
    world = with_levels(6, 4)
    facts = world.snapshot.domains["fabrikam.test"]
    second = facts.controllers["dc02.fabrikam.test"]
    controllers = facts.controllers | {"dc02.fabrikam.test": replace(second, domain=silent)}
    snapshot = replace(world.snapshot, domains=world.snapshot.domains | {"fabrikam.test": replace(facts, controllers=controllers)})
    assert TestWorld(world.plan, snapshot).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_what_does_not_use_the_targets_list_is_not_judged() -> None:
    old = with_levels(4, 6)
    assert good().finding(CHECK, PAIR).outcome is Outcome.SKIP
    assert old.move(launch=LaunchPoint.RDP).finding(CHECK, PAIR).outcome is Outcome.SKIP
    by_credssp = old.set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert by_credssp.finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_domains_between_that_refer_the_request_have_to_know_it() -> None:
    """From a child domain over the roots of two forests to another child."""
    held = {(CON, FAB): half(FAB, routes=routes(FAB, B_FAB)), (FAB, CON): half(CON, routes=routes(CON, A_CON))}
    lets = (AccessEntry(True, 0xF01FF, f"{SIDS[A_CON]}-2001"),)
    world = realms(A_CON, B_FAB, A_CON, held).account("testserver02", resource_based=lets)
    assert world.finding(CHECK, PAIR).outcome is Outcome.PASS
    for name in (CON, FAB):
        found = world.set(f"{controller(name)}.domain.controller_level", 4).finding(CHECK, PAIR)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
        assert f"dc01.{name}: level 4" in found.message.text
        assert world.miss(f"{controller(name)}.domain").finding(CHECK, PAIR).outcome is Outcome.UNKNOWN


def test_a_root_above_two_children_has_to_know_it_and_no_other_domain() -> None:
    lets = (AccessEntry(True, 0xF01FF, f"{SIDS[A_CON]}-2001"),)
    world = realms(A_CON, C_CON, A_CON, {}).account("testserver02", resource_based=lets)
    assert without(world, FAB).finding(CHECK, PAIR).outcome is Outcome.PASS
    assert without(world, CON).finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert world.set(f"{controller(CON)}.domain.controller_level", 4).finding(CHECK, PAIR).severity is Severity.RISK
    assert world.set(f"{controller(FAB)}.domain.controller_level", 4).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_levels_that_were_not_read_are_not_known() -> None:
    world = across_domains().miss("domains.fabrikam·test.controllers.dc01·fabrikam·test.domain")
    assert world.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
