from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.result import Verdict
from checks.windows.editions import AZURE_LOCAL
from tests.world import TestWorld, good

CHECK = "platform.edition"
PAIR = "testserver01>testserver02"
HYPERV_SERVER, DATACENTER_CORE, WINDOWS_11 = 42, 12, 48


def world(source: tuple[int, int | None] = (3, 7), target: tuple[int, int | None] = (3, 7)) -> TestWorld:
    """With these product types and editions."""
    made = good()
    for host, (product_type, sku) in (("testserver01", source), ("testserver02", target)):
        made = made.set(f"hosts.{host}.os.product_type", product_type).set(f"hosts.{host}.os.sku", sku)
    return made


@pytest.mark.parametrize("target", [(3, 7), (3, DATACENTER_CORE), (3, HYPERV_SERVER), (2, 7)])
def test_every_windows_server_is_of_one_kind_a_domain_controller_too(target: tuple[int, int]) -> None:
    assert world(target=target).finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize(("source", "target"), [((1, WINDOWS_11), (1, WINDOWS_11)), ((3, 7), (1, WINDOWS_11)), ((1, None), (3, 7))])
def test_a_client_windows_is_a_blocker_whatever_its_build_says(source: tuple[int, int | None], target: tuple[int, int | None]) -> None:
    clients = world(source, target).set("hosts.testserver01.os.build", 26100).set("hosts.testserver02.os.build", 26100)
    found = clients.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "client Windows" in found.message.text
    assert clients.result().verdict is Verdict.NO_GO


def test_azure_local_on_one_side_is_a_risk_and_on_both_none() -> None:
    found = world(target=(3, AZURE_LOCAL)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert world((3, AZURE_LOCAL), (3, AZURE_LOCAL)).finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize("unread", [world(source=(3, None)), world(target=(3, None)), good().miss("hosts.testserver02.os")])
def test_an_edition_that_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
