from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.network import DynamicPorts
from checks.result import Verdict
from tests.world import good

CHECK = "platform.dynamic_ports"
FACT = "hosts.testserver01.dynamic_ports"


def test_the_default_range_passes() -> None:
    assert good().finding(CHECK, "testserver01").outcome is Outcome.PASS


@pytest.mark.parametrize("ports", [DynamicPorts(10000, 55535), DynamicPorts(49152, 16000), DynamicPorts(1025, 64511)])
def test_another_range_is_a_risk_and_the_way_back_names_it(ports: DynamicPorts) -> None:
    found = good().set(FACT, ports).finding(CHECK, "testserver01")
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.RISK, ("14050",))
    assert found.remedy
    assert "'49152', '16384'" in found.remedy.commands[0]
    assert f"'{ports.start}', '{ports.count}'" in found.remedy.undo[0]


def test_a_host_to_whose_share_only_storage_goes_is_not_asked() -> None:
    world = good().move(storage_only=True, destination_path="\\\\testserver02\\vms").miss("hosts.testserver02.dynamic_ports")
    assert world.finding(CHECK, "testserver02").outcome is Outcome.SKIP


def test_a_range_that_was_not_read_is_unknown() -> None:
    for unread in (good().miss(FACT), good().unheard_of(FACT)):
        assert unread.finding(CHECK, "testserver01").outcome is Outcome.UNKNOWN
        assert unread.result().verdict is not Verdict.GO
