from __future__ import annotations

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.facts.system import DomainRole
from tests.world import ANY_PROTOCOL, good

CHECK = "delegation.specified_services_only"


def test_a_host_for_specified_services_passes() -> None:
    assert good().finding(CHECK, "testserver01").outcome is Outcome.PASS


def test_a_host_for_any_service_is_a_risk_even_with_the_right_entries() -> None:
    found = good().account("testserver01", user_account_control=0x81000 | ANY_PROTOCOL).finding(CHECK, "testserver01")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "any service" in found.message.text
    assert found.evidence[0].actual == "0x1081000 (WORKSTATION_TRUST_ACCOUNT, TRUSTED_FOR_DELEGATION, TRUSTED_TO_AUTH_FOR_DELEGATION)"
    assert found.remedy
    command = "Set-ADAccountControl -Identity 'TESTSERVER01$' -Server 'contoso.test' -TrustedForDelegation"
    assert (found.remedy.commands, found.remedy.undo) == ((f"{command} $false",), (f"{command} $true",))


def test_a_domain_controller_is_trusted_by_nature() -> None:
    world = good().account("testserver01", user_account_control=0x82000)
    found = world.set("hosts.testserver01.computer.role", DomainRole.BACKUP_DOMAIN_CONTROLLER).finding(CHECK, "testserver01")
    assert found.outcome is Outcome.SKIP
    assert "domain controller" in found.message.text


def test_with_credssp_it_does_not_apply() -> None:
    world = good().set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding(CHECK, "testserver01").outcome is Outcome.SKIP


def test_an_unread_account_is_never_a_pass() -> None:
    found = good().miss("accounts.testserver01.views.dc01·contoso·test").finding(CHECK, "testserver01")
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.RISK, Reason.ACCESS_DENIED)
