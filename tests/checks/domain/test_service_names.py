from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import ServiceName
from checks.facts.fact import Reason
from checks.result import FindingRecord
from tests.world import CONTOSO, DC, IN_CONTOSO, MIGRATION_SERVICE, TestWorld, good, known, services

SHORT, FULL = f"{MIGRATION_SERVICE}/TESTSERVER01", f"{MIGRATION_SERVICE}/testserver01.contoso.test"
HOLDERS = f"{IN_CONTOSO}.service_names"
STRANGER = "CN=backup,CN=Users,DC=contoso,DC=test"


def found(world: TestWorld) -> FindingRecord:
    return world.finding("domain.service_names", "testserver01")


def registered(*names: str) -> TestWorld:
    return good().account("testserver01", service_principal_names=names)


def also_held(name: str, dn: str = STRANGER, domain: str = "contoso.test") -> TestWorld:
    own = good().snapshot.domains["contoso.test"].controllers[DC].service_names
    return good().set(HOLDERS, (*own.value, ServiceName(name, domain, dn, f"{CONTOSO}-1105")))  # type: ignore[union-attr]


def test_both_names_on_the_own_account_pass_and_the_domains_are_named() -> None:
    said = found(good())
    assert said.outcome is Outcome.PASS
    assert "no other account of contoso.test" in said.message.text


def test_names_compare_without_case() -> None:
    assert found(registered(SHORT.lower(), FULL.upper())).outcome is Outcome.PASS


@pytest.mark.parametrize(("has", "lacks"), [((FULL,), (SHORT,)), ((SHORT,), (FULL,)), ((), (SHORT, FULL))])
def test_each_name_that_is_not_registered_is_named(has: tuple[str, ...], lacks: tuple[str, ...]) -> None:
    said = found(registered(*has, "HOST/TESTSERVER01"))
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert said.predicts == ("0x80090303", "14050")
    assert said.message.text == f"TESTSERVER01$ does not have {', '.join(lacks)}"
    assert said.remedy is not None
    assert said.remedy.commands == ("Invoke-Command -ComputerName 'TestServer01' -ScriptBlock { Restart-Service -Name vmms }",)
    assert said.remedy.verify == ("Get-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test' -Properties servicePrincipalName",)


@pytest.mark.parametrize(
    "near",
    [f"{MIGRATION_SERVICE}s/TESTSERVER01", "MicrosoftVirtualSystemMigrationService/TESTSERVER01", f"{MIGRATION_SERVICE}/TESTSERVER02"],
)
def test_a_name_that_only_looks_like_it_is_shown(near: str) -> None:
    assert f"{near} looks like it and is another name" in found(registered(FULL, near)).message.text


def test_the_full_name_is_no_near_miss_of_the_short_one() -> None:
    assert "looks like" not in found(registered(FULL, *services("TestServer01", "HOST"))).message.text


def test_a_failure_that_is_seen_needs_no_search() -> None:
    assert found(registered(FULL).miss(HOLDERS)).outcome is Outcome.FAIL


@pytest.mark.parametrize("name", [SHORT, FULL, FULL.upper()])
def test_a_name_that_another_account_has_too_is_a_blocker(name: str) -> None:
    said = found(also_held(name))
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert said.message.text == f"{name} of TestServer01 stand on another account: {STRANGER}"
    assert said.predicts == ("0x80090322",)
    assert said.remedy is not None
    edit = f"Set-ADObject -Identity '{STRANGER}' -Server 'contoso.test'"
    assert said.remedy.commands == (f"{edit} -Remove @{{'servicePrincipalName'='{name}'}}",)
    assert said.remedy.undo == (f"{edit} -Add @{{'servicePrincipalName'='{name}'}}",)
    assert said.remedy.verify == (f"Get-ADObject -Identity '{STRANGER}' -Server 'contoso.test' -Properties servicePrincipalName",)


def test_a_controller_that_has_not_heard_of_a_name_is_a_blocker() -> None:
    world = good()
    views = world.snapshot.accounts["testserver01"].views
    (shown,) = views.values()
    behind = known(replace(shown.value, service_principal_names=(FULL,), delegation_version=1))  # type: ignore[union-attr]
    account = replace(world.snapshot.accounts["testserver01"], views=views | {"dc02.contoso.test": behind})
    said = found(TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {"testserver01": account})))
    assert (said.outcome, said.severity, said.predicts) == (Outcome.FAIL, Severity.BLOCKER, ("0x80090303",))
    assert said.message.text == f"dc02.contoso.test does not show {SHORT} of TESTSERVER01$, {DC} does"


def test_an_account_of_another_domain_of_the_forest_counts() -> None:
    far = "CN=TESTSERVER01,CN=Computers,DC=child,DC=contoso,DC=test"
    said = found(also_held(SHORT, far, "child.contoso.test"))
    assert far in said.message.text
    assert said.remedy is not None
    assert "-Server 'child.contoso.test'" in said.remedy.commands[0]
    assert said.remedy.by.of == ("child.contoso.test",)


def test_a_name_that_stands_only_on_another_account_is_said_so() -> None:
    world = also_held(SHORT).account("testserver01", service_principal_names=(FULL,))
    assert STRANGER in found(world).message.text


@pytest.mark.parametrize("has", [(), (SHORT,)])
def test_a_name_with_a_quote_goes_to_no_program(has: tuple[str, ...]) -> None:
    """Windows PowerShell does not escape a quotation mark for a program: what follows it would be further arguments."""
    hostile = 'h" -D x "'
    world = also_held(f"{MIGRATION_SERVICE}/{hostile}") if has else good()
    said = found(world.account("testserver01", dns_host_name=hostile, service_principal_names=has))
    assert said.outcome is Outcome.FAIL
    assert said.remedy is not None
    lines = (*said.remedy.commands, *said.remedy.verify, *said.remedy.undo)
    assert not [line for line in lines if '"' in line and not line.startswith(("Set-AD", "Get-AD"))]


def test_what_another_host_has_does_not_matter() -> None:
    assert found(also_held(f"{MIGRATION_SERVICE}/OTHER")).outcome is Outcome.PASS


def test_a_search_that_does_not_find_the_own_account_proves_nothing() -> None:
    assert found(good().set(HOLDERS, ())).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("lost", [HOLDERS, "accounts.testserver01.views.dc01·contoso·test"])
def test_what_was_not_read_is_unknown(lost: str) -> None:
    assert found(good().miss(lost)).outcome is Outcome.UNKNOWN


def test_an_account_without_a_full_name_is_unknown() -> None:
    assert found(good().account("testserver01", dns_host_name="")).outcome is Outcome.UNKNOWN


def test_a_snapshot_from_before_this_check_is_unknown_and_says_why() -> None:
    said = found(good().unheard_of(HOLDERS))
    assert said.outcome is Outcome.UNKNOWN
    assert said.lacks is not None
    assert said.lacks.reason is Reason.NOT_COLLECTED
    assert "not collected by this snapshot's version" in said.message.text
