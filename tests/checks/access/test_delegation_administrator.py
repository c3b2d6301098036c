from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import Group, LocalGroup, OperatorFacts, UserAccount
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.result import Verdict
from tests.facts.directory import UNIVERSAL
from tests.world import CONTOSO, FABRIKAM, TestWorld, across_domains, global_group, good, known

CHECK = "access.delegation_administrator"
NAME = "CONTOSO\\dom-admin"
FACTS = "operators.contoso\\dom-admin"
SID = f"{CONTOSO}-1150"
DOMAIN_ADMINS, ENTERPRISE_ADMINS = f"{CONTOSO}-512", f"{CONTOSO}-519"
ADMINISTRATORS = "S-1-5-32-544"
PASS, FAIL, SKIP, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.SKIP, Outcome.UNKNOWN


def named(world: TestWorld, *groups: str, there: tuple[LocalGroup, ...] = (), **account: Any) -> TestWorld:
    """With an account of contoso.test in these groups that will change delegation; `there` are the local groups of another domain that
    hold it."""
    shown = tuple(global_group(sid) for sid in (f"{CONTOSO}-513", *groups) if not sid.startswith("S-1-5-32-"))
    made = UserAccount(
        "CN=dom-admin,CN=Users,DC=contoso,DC=test", SID, "dom-admin", 0x200, (SID, f"{CONTOSO}-513", *groups), shown, (), computed_control=0
    )
    local = {name: known(() if name == "contoso.test" else there) for name in world.snapshot.domains}
    facts = OperatorFacts(known(replace(made, **account)), local=local)
    snapshot = replace(world.snapshot, operators=world.snapshot.operators | {NAME.lower(): facts})
    return TestWorld(replace(world.plan, change=replace(world.plan.change, delegation_administrator=NAME)), snapshot)


def holding(sid: str) -> LocalGroup:
    """The Administrators of a domain, with one member."""
    return LocalGroup(ADMINISTRATORS, (sid,), ())


@pytest.mark.parametrize("groups", [(DOMAIN_ADMINS,), (ADMINISTRATORS,), (DOMAIN_ADMINS, ADMINISTRATORS)])
def test_a_member_of_the_domains_administrators_passes_and_the_groups_are_named(groups: tuple[str, ...]) -> None:
    found = named(good(), *groups).finding(CHECK, "plan")
    assert (found.outcome, found.message.text) == (PASS, "CONTOSO\\dom-admin is in Domain Admins or Administrators of contoso.test")
    assert [each.actual for each in found.evidence] == [groups]


def test_who_is_no_administrator_of_the_domain_is_told_with_care_and_stops_nothing() -> None:
    world = named(good(), f"{FABRIKAM}-512", f"{CONTOSO}-1512")
    found = world.finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (FAIL, Severity.ADVICE)
    assert "neither in Domain Admins nor in Administrators of contoso.test" in found.message.text
    assert "that was not looked at" in found.message.text
    assert found.remedy is not None
    assert (found.remedy.who, found.remedy.commands, found.remedy.undo) == ("domain administrator of contoso.test", (), ())
    assert world.result().verdict is Verdict.GO


def test_where_nobody_is_named_or_nobody_is_delegated_there_is_nothing_to_judge() -> None:
    world = named(good())
    assert good().finding(CHECK, "plan").outcome is SKIP
    credssp = world.set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert credssp.finding(CHECK, "plan").outcome is SKIP
    kept = world.move(storage_only=True, destination_path="E:\\VMs", target="TestServer01")
    assert kept.finding(CHECK, "plan").outcome is SKIP
    to_file_server = world.move(storage_only=True, destination_path="\\\\fs01\\vms", target="TestServer01")
    assert to_file_server.finding(CHECK, "plan").outcome is FAIL


@pytest.mark.parametrize(
    ("there", "history", "outcome"),
    [
        ((), (), FAIL),
        ((holding(SID),), (), PASS),
        ((holding(DOMAIN_ADMINS),), (), PASS),
        ((LocalGroup(f"{FABRIKAM}-1600", (SID,), ()), holding(f"{FABRIKAM}-1600")), (), PASS),
        ((LocalGroup(f"{FABRIKAM}-1600", (SID,), ()),), (), FAIL),
        ((LocalGroup(ADMINISTRATORS, None, ()),), (), UNKNOWN),
        ((), None, UNKNOWN),
    ],
)
def test_in_another_domain_its_administrators_decide_and_domain_admins_of_it_hold_nobody_else(
    there: tuple[LocalGroup, ...], history: tuple[str, ...] | None, outcome: Outcome
) -> None:
    found = named(across_domains(), DOMAIN_ADMINS, ADMINISTRATORS, there=there, history=history).finding(CHECK, "plan")
    assert found.outcome is outcome
    if outcome is FAIL:
        assert "Administrators of fabrikam.test. " in found.message.text, "only the domain that is lacking"
    if outcome is PASS:
        assert found.message.text.endswith("of contoso.test, fabrikam.test")


def test_enterprise_admins_count_where_a_domain_has_them_among_its_administrators() -> None:
    forest = across_domains().set("domains.fabrikam·test.controllers.dc01·fabrikam·test.domain.forest", "contoso.test")
    groups = (global_group(f"{CONTOSO}-513"), Group(ENTERPRISE_ADMINS, UNIVERSAL, ()))
    for there, outcome in (((holding(ENTERPRISE_ADMINS),), PASS), ((), FAIL)):
        world = named(forest, ENTERPRISE_ADMINS, ADMINISTRATORS, there=there, groups=groups)
        assert world.finding(CHECK, "plan").outcome is outcome


def test_whose_former_sids_were_not_read_may_be_an_administrator() -> None:
    found = named(good(), history=None).finding(CHECK, "plan")
    assert (found.outcome, found.reason) == (UNKNOWN, Reason.UNREADABLE)
    assert DOMAIN_ADMINS in found.message.text


@pytest.mark.parametrize(
    "place",
    [
        f"{FACTS}.account",
        f"{FACTS}.local.contoso·test",
        "hosts.testserver01.migration",
        "hosts.testserver01.computer",
        "domains.contoso·test.controllers.dc01·contoso·test.domain",
    ],
)
def test_what_was_not_read_is_unknown(place: str) -> None:
    assert named(good(), DOMAIN_ADMINS).miss(place).finding(CHECK, "plan").outcome is UNKNOWN


def test_one_domain_that_was_not_read_does_not_hide_what_fails_in_another() -> None:
    world = named(across_domains()).miss("domains.fabrikam·test.controllers.dc01·fabrikam·test.domain")
    found = world.finding(CHECK, "plan")
    assert found.outcome is FAIL
    assert "fabrikam.test" not in found.message.text


def test_an_account_that_nobody_asked_about_is_unknown() -> None:
    change = replace(good().plan.change, delegation_administrator=NAME)
    assert good().with_plan(change=change).finding(CHECK, "plan").outcome is UNKNOWN


def test_an_operator_may_be_the_one_who_is_named() -> None:
    change = replace(good().plan.change, delegation_administrator="contoso\\HV-Operator")
    found = good().with_plan(change=change).finding(CHECK, "plan")
    assert (found.outcome, "CONTOSO\\hv-operator" in found.message.text) == (FAIL, True)
