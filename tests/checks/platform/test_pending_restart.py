from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.system import PendingRestart
from checks.result import FindingRecord, Verdict
from tests.world import TestWorld, good

CHECK = "platform.pending_restart"


def finding(servicing: bool | None = False, updates: bool | None = False, renames: bool = False) -> FindingRecord:
    its = PendingRestart(servicing, updates, renames)
    return good().set("hosts.testserver01.pending_restart", its).finding(CHECK, "testserver01")


def test_a_host_that_waits_for_nothing_passes() -> None:
    assert finding().outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (finding(servicing=True), "Component Based Servicing"),
        (finding(updates=True), "Windows Update"),
        (finding(updates=True, servicing=None), "Windows Update"),
    ],
)
def test_a_restart_that_is_pending_is_a_risk_that_names_the_sign(found: FindingRecord, named: str) -> None:
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert named in found.message.text
    assert found.remedy
    assert "Restart-Computer -ComputerName 'TestServer01' -Wait" in found.remedy.commands


def test_files_to_rename_alone_are_advice() -> None:
    found = finding(renames=True)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)
    assert good().set("hosts.testserver01.pending_restart.renames", True).result().verdict is Verdict.GO


def test_a_host_to_whose_share_only_storage_goes_is_not_asked() -> None:
    world = good().move(storage_only=True, destination_path="\\\\testserver02\\vms").miss("hosts.testserver02.pending_restart")
    assert world.finding(CHECK, "testserver02").outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread",
    [
        good().miss("hosts.testserver01.pending_restart"),
        *(good().set(f"hosts.testserver01.pending_restart.{place}", None) for place in ("servicing", "updates")),
    ],
)
def test_a_place_that_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, "testserver01").outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
