from __future__ import annotations

import pytest

from checks.check import Outcome
from checks.facts.fact import Reason
from checks.facts.system import HyperVRole
from checks.result import FindingRecord
from tests.world import good


def finding(role: HyperVRole) -> FindingRecord:
    return good().set("hosts.testserver01.hyperv_role", role).finding("platform.hyperv_role", "testserver01")


def test_a_host_with_the_role_and_a_running_service_passes() -> None:
    assert good().finding("platform.hyperv_role", "testserver01").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("role", "says", "code"),
    [
        (HyperVRole(False, None, None, False), "is not installed", "0x8004100E"),
        (HyperVRole(True, None, None, True), "does not exist", "0x8004100E"),
        (HyperVRole(True, "Stopped", "Auto", True), "does not run on TestServer01: Stopped", "0x8007274D"),
        (HyperVRole(True, "Start Pending", "Auto", True), "does not run", "0x8007274D"),
        (HyperVRole(True, "Running", "Auto", False), "root/virtualization/v2 does not exist", "0x8004100E"),
    ],
)
def test_what_is_missing_is_named_with_its_code_and_remedy(role: HyperVRole, says: str, code: str) -> None:
    found = finding(role)
    assert found.outcome is Outcome.FAIL
    assert says in found.message.text
    assert code in found.predicts
    assert found.remedy is not None
    assert found.remedy.who == "administrator of TestServer01"
    assert all("'TestServer01'" in command for command in (*found.remedy.commands, *found.remedy.verify))


def test_a_disabled_service_shows_its_start_mode() -> None:
    found = finding(HyperVRole(True, "Stopped", "Disabled", True))
    assert ("vmms start mode", "Disabled", "Auto") in [(e.what, e.actual, e.expected) for e in found.evidence]


def test_no_role_beside_a_service_that_exists_is_a_contradiction_and_unknown() -> None:
    found = finding(HyperVRole(False, "Running", "Auto", True))
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_a_host_that_was_not_read_is_unknown() -> None:
    found = good().miss("hosts.testserver01.hyperv_role").finding("platform.hyperv_role", "testserver01")
    assert found.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("role", [HyperVRole(False, None, None, False), HyperVRole(True, None, None, True)])
def test_before_a_domain_controller_is_restarted_another_one_has_to_answer(role: HyperVRole) -> None:
    found = good().controller("testserver01").set("hosts.testserver01.hyperv_role", role).finding("platform.hyperv_role", "testserver01")
    assert found.remedy is not None
    assert "ther domain controller of contoso.test" in found.remedy.text or "another one of contoso.test answers" in found.remedy.text
    unread = good().miss("hosts.testserver01.computer").set("hosts.testserver01.hyperv_role", role)
    assert unread.finding("platform.hyperv_role", "testserver01").outcome is Outcome.FAIL
