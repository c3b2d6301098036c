from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import MigrationAuthentication
from tests.checks.authentication.worlds import credssp
from tests.world import good

PAIR = "testserver01>testserver02"
CHECK = "authentication.same_protocol"


def test_two_hosts_with_kerberos_pass() -> None:
    assert good().finding(CHECK, PAIR).message.text == "Both hosts use Kerberos"


def test_two_hosts_with_credssp_pass() -> None:
    assert credssp().finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize("host", ["TestServer01", "TestServer02"])
def test_unequal_hosts_are_a_blocker_and_the_one_with_credssp_is_to_change(host: str) -> None:
    found = good().set(f"hosts.{host.lower()}.migration.authentication", MigrationAuthentication.CREDSSP).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert f"{host} uses CredSSP" in found.message.text
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert found.remedy.who == f"administrator of {host}"
    assert found.remedy.commands == (f"Set-VMHost -ComputerName '{host}' -VirtualMachineMigrationAuthenticationType Kerberos",)
    assert found.remedy.undo == (f"Set-VMHost -ComputerName '{host}' -VirtualMachineMigrationAuthenticationType CredSSP",)


@pytest.mark.parametrize("host", ["testserver01", "testserver02"])
def test_settings_that_were_not_read_are_unknown(host: str) -> None:
    assert good().miss(f"hosts.{host}.migration").finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
