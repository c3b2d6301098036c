from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from tests.world import TestWorld, good, vm

CHECK = "vm.replica"
MOVE = "LMTest@testserver01>testserver02"


def world(mode: int | None, state: int | None) -> TestWorld:
    return good().set("hosts.testserver01.vms", (vm(replication_mode=mode, replication_state=state),))


def test_a_vm_that_does_not_replicate_passes() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("mode", "state", "says"),
    [
        (1, 4, "LMTest replicates from TestServer01: its replica server takes nothing from TestServer02"),
        (2, 4, "LMTest is a replica"),
        (3, 0, "a failover that is being tested"),
        (4, 4, "a replica of a replica"),
        (1, 9, "does not go on (number 9)"),
        (2, 2, "under way to another state"),
    ],
)
def test_each_part_in_a_replication_is_a_risk_and_has_its_text(mode: int, state: int, says: str) -> None:
    found = world(mode, state).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert says in found.message.text
    assert found.remedy


@pytest.mark.parametrize(("mode", "state"), [(None, None), (None, 0), (0, None), (0, 4), (7, 4)])
def test_what_the_host_does_not_tell_is_unknown(mode: int | None, state: int | None) -> None:
    found = world(mode, state).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_storage_alone_leaves_the_vm_and_its_replication_where_they_are() -> None:
    assert world(1, 4).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_without_the_vm_it_is_unknown() -> None:
    found = good().miss("hosts.testserver01.vms").finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
