from __future__ import annotations

from typing import Any

import pytest

from checks.check import Outcome, Severity
from checks.delegation._table import Listed
from checks.facts.directory import EVERY_OBJECT, AccessEntry, Group, LocalGroup, RoutedName, Routing
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.delegation.situations import MOVE, Given, source_account
from tests.facts.directory import DISTRIBUTION, GLOBAL, LOCAL, UNIVERSAL
from tests.world import CONTOSO, FABRIKAM, IN_CONTOSO, IN_FABRIKAM, MIGRATION_SERVICE, across_domains, good, services

CHECK = "delegation.migration_service"
SOURCE, STRANGER = f"{CONTOSO}-2001", f"{CONTOSO}-2999"
FULL_CONTROL = 0xF01FF


def test_short_and_full_entries_let_a_move_go() -> None:
    found = good().finding(CHECK, MOVE)
    assert found.outcome is Outcome.PASS
    assert "short and its full name" in found.message.text


def test_entries_count_whatever_their_case() -> None:
    entries = tuple(entry.upper() for entry in services("TestServer02"))
    assert good().account("testserver01", delegate_to=entries).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_entries_for_another_host_do_not_count() -> None:
    found = good().account("testserver01", delegate_to=services("TestServer03")).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.message.text == (
        f"TestServer01 may not delegate to {MIGRATION_SERVICE} of TestServer02: its delegation list names neither TESTSERVER02 nor "
        f"testserver02.contoso.test for {MIGRATION_SERVICE}"
    )
    assert found.predicts == ("0x8009030E", "0x8009030D")


@pytest.mark.parametrize(("listed", "form"), [(Listed.SHORT, "TESTSERVER02"), (Listed.FULL, "testserver02.contoso.test")])
def test_one_name_alone_is_a_risk_and_the_remedy_adds_the_other(listed: Listed, form: str) -> None:
    world = Given(listed=listed, any_protocol=True).world()
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"only when the target is addressed as {form}" in found.message.text
    other = {"TESTSERVER02", "testserver02.contoso.test"} - {form}
    assert found.remedy
    assert found.remedy.commands == (
        "Set-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test' "
        f"-Add @{{'msDS-AllowedToDelegateTo'='{MIGRATION_SERVICE}/{other.pop()}'}}",
    )


def test_the_remedy_adds_what_is_missing_and_its_undo_removes_exactly_that() -> None:
    world = good().account("testserver01", delegate_to=services("TestServer03"))
    remedy = world.finding(CHECK, MOVE).remedy
    assert remedy
    added = f"'{MIGRATION_SERVICE}/TESTSERVER02', '{MIGRATION_SERVICE}/testserver02.contoso.test'"
    target = "Set-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test'"
    assert remedy.commands == (f"{target} -Add @{{'msDS-AllowedToDelegateTo'={added}}}",)
    assert remedy.undo == (f"{target} -Remove @{{'msDS-AllowedToDelegateTo'={added}}}",)
    assert remedy.who == "domain administrator of contoso.test"
    assert "klist purge -li 0x3e7" in remedy.effective_after


@pytest.mark.parametrize(
    ("given", "flag"),
    [
        (Given(), True),
        (Given(any_protocol=True), False),
        (Given(old=True), False),
        (Given(old=True, launch=LaunchPoint.POWERSHELL), True),
        (Given(launch=LaunchPoint.RDP), False),
    ],
)
def test_where_nothing_is_listed_the_remedy_sets_the_protocol_too_if_the_start_needs_it(given: Given, flag: bool) -> None:
    remedy = given.world().finding(CHECK, MOVE).remedy
    assert remedy
    assert any("-TrustedToAuthForDelegation $true" in command for command in remedy.commands) is flag
    assert any("-TrustedToAuthForDelegation $false" in command for command in remedy.undo) is flag


def test_the_protocol_is_left_to_its_own_check_when_cifs_is_listed() -> None:
    world = Given().world()
    world = world.account("testserver01", delegate_to=services("TestServer02", "cifs"))
    remedy = world.finding(CHECK, MOVE).remedy
    assert remedy
    assert not any("TrustedToAuth" in command for command in remedy.commands)
    assert world.finding("delegation.protocol", MOVE).outcome is Outcome.FAIL


def test_a_hostile_name_stays_one_literal_in_the_commands() -> None:
    world = Given().world().account("testserver02", account_name="T'; Remove-VM *; '$")
    remedy = world.finding(CHECK, MOVE).remedy
    assert remedy
    assert "'Microsoft Virtual System Migration Service/T''; Remove-VM *; '''" in remedy.commands[0]


PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
ALL_USERS = f"{CONTOSO}-1500"
OBJECT = "f6a9a7a7-0000-0000-0000-000000000000"


def allow(sid: str, mask: int = FULL_CONTROL, *more: Any) -> AccessEntry:
    return AccessEntry(True, mask, sid, *more)


def deny(sid: str, mask: int = FULL_CONTROL, *more: Any) -> AccessEntry:
    return AccessEntry(False, mask, sid, *more)


@pytest.mark.parametrize(
    ("entries", "outcome"),
    [
        ((), FAIL),
        ((allow(SOURCE),), PASS),
        ((allow(SOURCE, 0x100),), PASS),
        ((allow(f"{CONTOSO}-515"),), PASS),
        ((allow(STRANGER),), FAIL),
        ((allow(SOURCE, 0xF00FF),), FAIL),
        ((deny(SOURCE), allow(SOURCE)), FAIL),
        ((allow(SOURCE), deny(SOURCE)), PASS),
        ((deny(STRANGER), allow(SOURCE)), PASS),
        ((deny("S-1-5-11"), allow(SOURCE)), FAIL),
        ((deny(SOURCE, 0x10), allow(SOURCE)), PASS),
        ((allow("S-1-1-0"),), PASS),
        ((allow("S-1-5-11"),), PASS),
        ((allow("S-1-18-1"),), PASS),
        *(((allow(nobody),), FAIL) for nobody in ("S-1-18-2", "S-1-5-15", "S-1-5-10", "S-1-3-4")),
        ((allow("S-1-5-2"),), UNKNOWN),
        ((allow("S-1-5-32-545"),), UNKNOWN),
        ((deny("S-1-5-32-545"), allow(SOURCE)), UNKNOWN),
        ((allow(SOURCE, 0x10000000),), UNKNOWN),
        ((deny(SOURCE, 0x10000000), allow(SOURCE)), UNKNOWN),
        ((allow(SOURCE, FULL_CONTROL, OBJECT),), UNKNOWN),
        ((allow(SOURCE, FULL_CONTROL, EVERY_OBJECT),), UNKNOWN),
        ((deny(SOURCE, FULL_CONTROL, OBJECT), allow(SOURCE)), UNKNOWN),
        ((allow(SOURCE, FULL_CONTROL, None, True),), UNKNOWN),
        ((deny(SOURCE, FULL_CONTROL, None, True), allow(SOURCE)), UNKNOWN),
    ],
)
def test_the_first_entry_of_the_targets_list_that_names_the_source_decides_where_that_is_sure(
    entries: tuple[AccessEntry, ...], outcome: Outcome
) -> None:
    assert Given().world().account("testserver02", resource_based=entries).finding(CHECK, MOVE).outcome is outcome


@pytest.mark.parametrize(
    ("scope", "at_home", "elsewhere"),
    [(GLOBAL, PASS, PASS), (UNIVERSAL, PASS, PASS), (LOCAL, UNKNOWN, FAIL), (DISTRIBUTION, FAIL, FAIL), (None, UNKNOWN, UNKNOWN)],
)
def test_whether_a_group_counts_is_a_matter_of_its_scope_and_of_the_domain_that_decides(
    scope: int | None, at_home: Outcome, elsewhere: Outcome
) -> None:
    for world, outcome in ((Given().world(), at_home), (across_domains(), elsewhere)):
        world = world.account("testserver01", groups=(Group(ALL_USERS, scope, ()),)).account(
            "testserver02", resource_based=(allow(ALL_USERS),)
        )
        found = world.finding(CHECK, MOVE)
        assert found.outcome is outcome
        assert ALL_USERS in found.message.text or outcome is not UNKNOWN


def test_a_local_group_of_the_targets_domain_that_holds_the_source_may_count_or_not() -> None:
    may_act = f"{FABRIKAM}-1600"
    world = across_domains().account("testserver02", resource_based=(allow(may_act),))
    assert world.finding(CHECK, MOVE).outcome is FAIL
    held = world.set("accounts.testserver01.local.fabrikam·test", (LocalGroup(may_act, (SOURCE,), ()),))
    assert held.finding(CHECK, MOVE).outcome is UNKNOWN
    assert world.miss("accounts.testserver01.local.fabrikam·test").finding(CHECK, MOVE).outcome is UNKNOWN


def test_what_is_not_sure_does_not_matter_where_the_list_of_the_source_suffices() -> None:
    world = good().account("testserver02", resource_based=(allow("S-1-5-32-545"),))
    assert world.finding(CHECK, MOVE).outcome is PASS
    assert world.finding("delegation.protocol", MOVE).outcome is PASS


def test_a_former_sid_of_the_source_counts_in_its_own_forest_and_over_a_forest_trust_only_where_its_domain_is_routed() -> None:
    former = "S-1-5-21-5-5-5-1200"
    listed = (RoutedName(Routing.NAME, 0, "contoso.test"), RoutedName(Routing.DOMAIN, 0, "contoso.test", CONTOSO))
    routed = across_domains().set(f"{IN_FABRIKAM}.trusts.0.routes", listed)
    for world, outcome in ((Given().world(), PASS), (routed, FAIL), (across_domains(), UNKNOWN)):
        world = world.account("testserver01", history=(former,)).account("testserver02", resource_based=(allow(former),))
        assert world.finding(CHECK, MOVE).outcome is outcome


@pytest.mark.parametrize(("sid", "outcome"), [(SOURCE, PASS), (f"{CONTOSO}-515", PASS), (ALL_USERS, UNKNOWN), (STRANGER, UNKNOWN)])
def test_a_snapshot_without_scopes_of_groups_proves_the_account_and_its_primary_group_alone(sid: str, outcome: Outcome) -> None:
    sids = (SOURCE, f"{CONTOSO}-515", ALL_USERS)
    world = Given().world().account("testserver01", groups=None, history=None, sids=sids)
    assert world.account("testserver02", resource_based=(allow(sid),)).finding(CHECK, MOVE).outcome is outcome


def test_the_targets_list_does_not_count_where_controllers_are_too_old_for_it() -> None:
    world = Given(resource_based=True).world().set(f"{IN_CONTOSO}.domain.controller_level", 4)
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert any("level of the domain controllers" in each.what for each in found.evidence)


def test_across_domains_the_remedy_is_on_the_target() -> None:
    world = across_domains().account("testserver02", resource_based=())
    remedy = world.finding(CHECK, MOVE).remedy
    assert remedy
    assert remedy.who == "domain administrator of fabrikam.test"
    assert remedy.commands[0] == (
        "Set-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -PrincipalsAllowedToDelegateToAccount "
        "(Get-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test')"
    )
    assert remedy.undo[0] == "Set-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -PrincipalsAllowedToDelegateToAccount $null"
    for said in (remedy.commands, remedy.undo):
        assert said[1].startswith("# This sets the whole list, which was empty when it was read.")


def test_across_domains_it_is_not_judged_when_the_border_is_closed_already() -> None:
    result = across_domains().account("testserver02", resource_based=()).result()
    found = next(finding for finding in result.findings if finding.check == CHECK)
    assert found.outcome is Outcome.SKIP
    assert found.because == ("delegation.across_domains@testserver01>testserver02",)


def test_with_credssp_nothing_is_read_from_the_directory() -> None:
    world = good().set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    world = world.miss("accounts.testserver01.views.dc01·contoso·test")
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.message.text) == (Outcome.SKIP, "CredSSP is used on TestServer01: a move needs no delegation")


@pytest.mark.parametrize(
    "path",
    ["accounts.testserver01.views.dc01·contoso·test", "accounts.testserver02.views.dc01·contoso·test", "hosts.testserver01.migration"],
)
def test_an_unread_fact_is_never_a_pass(path: str) -> None:
    found = good().miss(path).finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


def test_a_target_without_a_full_name_is_unknown_not_half_right() -> None:
    world = good().account("testserver02", dns_host_name="").account("testserver01", delegate_to=(f"{MIGRATION_SERVICE}/TESTSERVER02",))
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert "dNSHostName" in found.message.text


def test_the_evidence_shows_only_entries_about_the_target() -> None:
    world = Given(listed=Listed.SHORT).world()
    entries = (*source_account(world).delegate_to, *services("TestServer03"))
    found = world.account("testserver01", delegate_to=entries).finding(CHECK, MOVE)
    shown = next(each for each in found.evidence if each.what.startswith("msDS-AllowedToDelegateTo"))
    assert shown.actual == (f"{MIGRATION_SERVICE}/TESTSERVER02", "cifs/TESTSERVER02")
    assert shown.expected == services("TestServer02", MIGRATION_SERVICE)


def test_domains_are_the_same_whatever_their_spelling() -> None:
    world = good().set("hosts.testserver02.computer.domain", "CONTOSO.test")
    assert world.finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("any_protocol", [True, False])
def test_a_domain_controller_keeps_its_trust_for_any_service(any_protocol: bool) -> None:
    world = Given(listed=Listed.NONE, any_protocol=any_protocol).world().controller("testserver01")
    remedy = world.finding(CHECK, MOVE).remedy
    assert remedy
    assert "by the commands, not on the Delegation tab" in remedy.text
    assert remedy.commands[0].startswith("Set-ADComputer -Identity 'TESTSERVER01$'")
