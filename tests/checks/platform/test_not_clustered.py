from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.system import Cluster
from checks.result import Verdict
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good

CHECK = "platform.not_clustered"
NODE = Cluster(True, "Running", "Auto")


def world(source: Cluster | None = None, target: Cluster | None = None) -> TestWorld:
    made = good()
    for host, its in (("testserver01", source), ("testserver02", target)):
        made = made.set(f"hosts.{host}.cluster", its) if its else made
    return made


def test_a_clustered_vm_is_a_blocker() -> None:
    role = world(NODE).set("hosts.testserver01.vms.0.clustered", True)
    found = role.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.remedy
    assert "Remove-ClusterGroup -RemoveResources" in found.remedy.commands[0]
    assert role.result().verdict is Verdict.NO_GO


@pytest.mark.parametrize(
    "node", [NODE, Cluster(True, "Stopped", "Auto"), Cluster(True, "Stopped", "Manual"), Cluster(True, "Running", "Disabled")]
)
def test_a_node_is_a_risk_on_either_side_even_with_its_service_stopped(node: Cluster) -> None:
    for name, made in (("TestServer01", world(node)), ("TestServer02", world(target=node))):
        found = made.finding(CHECK, MOVE)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
        assert f"{name} is a node" in found.message.text


def test_the_feature_alone_makes_no_node() -> None:
    installed = Cluster(True, "Stopped", "Disabled")
    assert world(installed, installed).finding(CHECK, MOVE).outcome is Outcome.PASS
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_where_only_storage_moves_no_vm_leaves_a_cluster() -> None:
    assert world(NODE).move(storage_only=True, destination_path="\\\\testserver02\\vms").finding(CHECK, MOVE).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread",
    [
        good().miss("hosts.testserver02.cluster"),
        good().unheard_of("hosts.testserver01.cluster"),
        good().miss("hosts.testserver01.vms"),
        world(Cluster(True, None, "Disabled")),
        world(target=Cluster(True, "Stopped", None)),
    ],
)
def test_what_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
