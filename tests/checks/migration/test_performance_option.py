from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import PerformanceOption
from checks.windows.releases import BUILD_2012, BUILD_2012_R2
from tests.world import TestWorld, good

CHECK, PAIR = "migration.performance_option", "testserver01>testserver02"
TCPIP, COMPRESSION, SMB = PerformanceOption.TCPIP, PerformanceOption.COMPRESSION, PerformanceOption.SMB


def options(source: PerformanceOption | None, target: PerformanceOption | None) -> TestWorld:
    """The good world with these options; a host without one runs Windows Server 2012."""
    world = good()
    for host, option in (("testserver01", source), ("testserver02", target)):
        world = world.set(f"hosts.{host}.migration.performance_option", option)
        if option is None:
            world = world.set(f"hosts.{host}.os.build", BUILD_2012)
    return world


@pytest.mark.parametrize("option", PerformanceOption)
def test_the_same_option_on_both_passes_and_is_explained(option: PerformanceOption) -> None:
    found = options(option, option).finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert "memory is" in found.message.text


def test_2012_without_the_setting_counts_as_tcpip() -> None:
    assert options(None, TCPIP).finding(CHECK, PAIR).outcome is Outcome.PASS
    assert options(None, None).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_a_windows_that_has_the_setting_and_does_not_tell_it_is_unknown() -> None:
    found = options(None, TCPIP).set("hosts.testserver01.os.build", BUILD_2012_R2).finding(CHECK, PAIR)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_different_options_are_a_risk_and_the_target_follows_the_source() -> None:
    found = options(COMPRESSION, TCPIP).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text == "TestServer01 uses Compression, TestServer02 uses TCPIP"
    assert found.remedy
    command = "Set-VMHost -ComputerName 'TestServer02' -VirtualMachineMigrationPerformanceOption"
    assert (found.remedy.commands, found.remedy.undo) == ((f"{command} 'Compression'",), (f"{command} 'TCPIP'",))


@pytest.mark.parametrize(("source", "target", "changed"), [(COMPRESSION, None, "TestServer01"), (None, COMPRESSION, "TestServer02")])
def test_the_host_that_has_the_setting_follows_the_one_that_has_none(
    source: PerformanceOption | None, target: PerformanceOption | None, changed: str
) -> None:
    found = options(source, target).finding(CHECK, PAIR)
    assert found.remedy
    assert found.remedy.commands == (f"Set-VMHost -ComputerName '{changed}' -VirtualMachineMigrationPerformanceOption 'TCPIP'",)


def test_smb_on_one_side_says_what_smb_needs() -> None:
    found = options(SMB, COMPRESSION).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "TCP 445" in found.message.text


def test_unread_settings_are_never_a_pass() -> None:
    found = good().miss("hosts.testserver02.migration").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.RISK, Reason.ACCESS_DENIED)
