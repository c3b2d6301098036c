from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.delegation._table import Listed
from checks.facts.directory import AccessEntry
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.delegation.situations import MOVE, Given, source_account
from tests.world import CONTOSO, IN_CONTOSO, MIGRATION_SERVICE, across_domains, good, services

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
        f"TestServer01 may not delegate to {MIGRATION_SERVICE} of TestServer02: it lists neither TESTSERVER02 nor testserver02.contoso.test"
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


@pytest.mark.parametrize(
    ("entries", "granted"),
    [
        ((AccessEntry(True, FULL_CONTROL, SOURCE),), True),
        ((AccessEntry(True, 0x100, SOURCE),), True),
        ((AccessEntry(True, FULL_CONTROL, f"{CONTOSO}-515"),), True),
        ((AccessEntry(True, FULL_CONTROL, STRANGER),), False),
        ((AccessEntry(True, 0xF00FF, SOURCE),), False),
        ((AccessEntry(True, 0x10000000, SOURCE),), False),
        ((AccessEntry(True, FULL_CONTROL, SOURCE, "f6a9a7a7-0000-0000-0000-000000000000"),), False),
        ((AccessEntry(True, FULL_CONTROL, "S-1-1-0"),), False),
        ((AccessEntry(False, FULL_CONTROL, SOURCE), AccessEntry(True, FULL_CONTROL, SOURCE)), False),
        ((AccessEntry(True, FULL_CONTROL, SOURCE), AccessEntry(False, FULL_CONTROL, SOURCE)), True),
        ((AccessEntry(False, FULL_CONTROL, STRANGER), AccessEntry(True, FULL_CONTROL, SOURCE)), True),
        ((AccessEntry(False, FULL_CONTROL, "S-1-5-11"), AccessEntry(True, FULL_CONTROL, SOURCE)), False),
        ((AccessEntry(False, 0x10, SOURCE), AccessEntry(True, FULL_CONTROL, SOURCE)), True),
        ((AccessEntry(False, 0x10000000, SOURCE), AccessEntry(True, FULL_CONTROL, SOURCE)), False),
        ((), False),
    ],
)
def test_the_first_entry_of_the_targets_list_that_names_the_source_decides(entries: tuple[AccessEntry, ...], granted: bool) -> None:
    found = Given().world().account("testserver02", resource_based=entries).finding(CHECK, MOVE)
    assert found.outcome is (Outcome.PASS if granted else Outcome.FAIL)


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
    assert remedy.commands == (
        "Set-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -PrincipalsAllowedToDelegateToAccount "
        "(Get-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test')",
    )
    assert remedy.undo == ("Set-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -PrincipalsAllowedToDelegateToAccount $null",)


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
