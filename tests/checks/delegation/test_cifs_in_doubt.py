from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.plan import LaunchPoint
from checks.result import Verdict
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good, services

CHECK = "delegation.cifs_in_doubt"
SHARE = "\\\\fs01\\vms"


def from_share() -> TestWorld:
    """C2: the VM moves with its storage from FS01 to a disk of the target."""
    return good().server("fs01").set("hosts.testserver01.vms.0.configuration_path", SHARE)


def to_share(*back: str) -> TestWorld:
    """C3: it moves to FS01, for which TestServer01 is listed, and TestServer02 where it is said."""
    world = good().server("fs01").move(destination_path=SHARE)
    world = world.account("testserver01", delegate_to=(*services("TestServer02"), *services("FS01", "cifs")))
    return world.account("testserver02", delegate_to=back)


def test_from_disk_to_disk_there_is_no_doubt() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_a_share_from_which_files_are_taken_away_is_a_risk_at_most() -> None:
    found = from_share().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "TestServer01 may not delegate to cifs of fs01" in found.message.text
    world = from_share().account("testserver01", delegate_to=(*services("TestServer02"), *services("FS01", "cifs")))
    assert world.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_the_target_may_have_to_open_what_comes_to_a_share() -> None:
    found = to_share().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "TestServer02 may not delegate to cifs of fs01" in found.message.text
    assert found.remedy
    assert found.remedy.commands[0].startswith("Set-ADComputer -Identity 'TESTSERVER02$'")
    assert to_share(*services("FS01", "cifs")).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("launch", [LaunchPoint.CONSOLE, LaunchPoint.RDP])
def test_a_start_on_the_source_delegates_to_nobody(launch: LaunchPoint) -> None:
    assert to_share().move(launch=launch).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_a_server_without_an_account_is_unknown_and_makes_no_move_incomplete() -> None:
    world = good().set("hosts.testserver01.vms.0.configuration_path", SHARE)
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.RISK, Reason.NOT_COLLECTED)
    assert world.result().moves[0].verdict is Verdict.CONDITIONS


def test_without_the_vm_it_is_unknown() -> None:
    assert good().miss("hosts.testserver01.vms").finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_the_share_of_the_source_may_have_to_be_opened_by_the_target() -> None:
    """C4, C7."""
    world = good().move(destination_path="\\\\testserver01\\vms").account("testserver02", delegate_to=())
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "TestServer02 may not delegate to cifs of TestServer01" in found.message.text
