from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.system import Computer, DomainRole
from checks.windows.account_control import DOMAIN_CONTROLLER
from tests.world import good


def test_a_member_of_a_domain_passes() -> None:
    found = good().finding("domain.membership", "testserver01")
    assert found.outcome is Outcome.PASS
    assert "member of contoso.test" in found.message.text


@pytest.mark.parametrize("role", [DomainRole.BACKUP_DOMAIN_CONTROLLER, DomainRole.PRIMARY_DOMAIN_CONTROLLER])
def test_a_domain_controller_passes_with_its_own_text(role: DomainRole) -> None:
    world = good().set("hosts.testserver01.computer.role", role).account("testserver01", user_account_control=DOMAIN_CONTROLLER)
    found = world.finding("domain.membership", "testserver01")
    assert found.outcome is Outcome.PASS
    assert "domain controller" in found.message.text


def test_a_host_in_a_workgroup_is_a_blocker_that_names_the_workgroup() -> None:
    alone = Computer("TESTSERVER01", "TestServer01", "WORKGROUP", DomainRole.STANDALONE_SERVER, False)
    found = good().set("hosts.testserver01.computer", alone).finding("domain.membership", "testserver01")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "workgroup WORKGROUP" in found.message.text
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert found.remedy.undo == (
        "Remove-Computer -ComputerName 'TestServer01' -UnjoinDomainCredential "
        "(Get-Credential -Message 'Account that may remove computers from the domain') -WorkgroupName 'WORKGROUP' -Restart -Force",
    )


def test_a_host_that_was_not_read_is_unknown() -> None:
    assert good().miss("hosts.testserver01.computer").finding("domain.membership", "testserver01").outcome is Outcome.UNKNOWN
