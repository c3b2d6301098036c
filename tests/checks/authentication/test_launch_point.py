from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.authentication.worlds import MOVE, credssp
from tests.world import good

CHECK = "authentication.launch_point"


@pytest.mark.parametrize("launch", LaunchPoint)
def test_with_kerberos_every_launch_point_passes(launch: LaunchPoint) -> None:
    assert good().move(launch=launch).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("launch", [LaunchPoint.CONSOLE, LaunchPoint.RDP, LaunchPoint.POWERSHELL])
def test_with_credssp_a_session_on_the_source_passes(launch: LaunchPoint) -> None:
    assert credssp(launch).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_with_credssp_a_remote_start_is_a_blocker_with_both_ways_out() -> None:
    found = credssp(LaunchPoint.REMOTE).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.message.text == "TestServer01 uses CredSSP, but the move is started remotely"
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert "sign in to TestServer01" in found.remedy.text
    assert "Kerberos" in found.remedy.text


def test_the_source_decides_when_the_hosts_differ() -> None:
    world = good().set("hosts.testserver02.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_settings_that_were_not_read_are_unknown() -> None:
    assert good().miss("hosts.testserver01.migration").finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
