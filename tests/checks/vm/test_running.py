from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Outcome, Severity
from checks.result import FindingRecord
from checks.text import plain
from checks.vm.running import AT_REST, BUSY, HARMLESS, PASSING
from tests.world import good, vm

CHECK = "vm.running"
MOVE = "LMTest@testserver01>testserver02"


def finding(state: int = 2, *status: int) -> FindingRecord:
    machine = vm(state=state, operational_status=status or (2,))
    return good().set("hosts.testserver01.vms", (machine,)).finding(CHECK, MOVE)


def test_a_running_vm_passes() -> None:
    assert finding().outcome is Outcome.PASS


@pytest.mark.parametrize(("state", "says"), [(3, "off"), (6, "saved"), (9, "paused"), (32779, "saved"), (32783, "hibernated")])
def test_a_vm_at_rest_is_a_risk_because_it_is_not_moved_live(state: int, says: str) -> None:
    found = finding(state)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"is {says}" in found.message.text
    assert found.remedy is not None
    assert found.remedy.who == "owner of LMTest"
    assert "-Id '11111111" in found.remedy.commands[0]


def test_a_saved_vm_predicts_what_a_saved_state_says_and_one_that_is_off_does_not() -> None:
    assert finding(6).predicts == ("0xC0370027",)
    assert finding(3).predicts == ()


@pytest.mark.parametrize("state", sorted(PASSING))
def test_a_vm_between_two_states_or_critical_is_a_blocker(state: int) -> None:
    found = finding(state)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert plain(PASSING[state]) in found.message.text


@pytest.mark.parametrize("status", sorted(BUSY))
@pytest.mark.parametrize("state", [2, 3])
def test_a_vm_with_an_operation_under_way_is_a_blocker(state: int, status: int) -> None:
    for statuses in ((status,), (2, status), (11, status)):
        found = finding(state, *statuses)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
        assert plain(BUSY[status]) in found.message.text


@pytest.mark.parametrize("status", [3, 5, 11, 15, 16, 32782])
def test_a_status_that_is_not_ok_is_a_risk(status: int) -> None:
    found = finding(2, status)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert str(status) in found.message.text


@pytest.mark.parametrize("status", sorted(HARMLESS))
def test_a_status_about_guest_services_or_sriov_does_not_matter(status: int) -> None:
    assert finding(2, 2, status).outcome is Outcome.PASS


@given(st.integers(0, 70000), st.integers(0, 70000))
def test_a_number_that_no_list_has_never_passes(state: int, status: int) -> None:
    if state not in {2, *AT_REST, *PASSING}:
        assert finding(state, 2).severity is Severity.BLOCKER
    if status not in HARMLESS:
        assert finding(2, status).outcome is Outcome.FAIL


def test_a_vm_without_any_status_is_unknown() -> None:
    found = good().set("hosts.testserver01.vms", (vm(operational_status=()),)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_vms_that_were_not_read_are_unknown() -> None:
    assert good().miss("hosts.testserver01.vms").finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_a_vm_that_is_not_there_is_unknown() -> None:
    assert good().set("hosts.testserver01.vms", ()).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
