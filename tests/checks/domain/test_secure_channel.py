from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.result import Verdict
from tests.world import TestWorld, good

CHECK, HOST = "domain.secure_channel", "testserver01"
CHANNEL = f"hosts.{HOST}.secure_channel"


def test_a_channel_that_works_passes() -> None:
    found = good().finding(CHECK, HOST)
    assert found.outcome is Outcome.PASS
    assert "TestServer01 to contoso.test" in found.message.text


def test_a_broken_channel_is_a_blocker_whose_remedy_says_that_there_is_no_way_back() -> None:
    world = good().set(f"{CHANNEL}.works", False)
    found = world.finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "0x80090350" in found.predicts
    assert found.remedy is not None
    assert found.remedy.who == "administrator of TestServer01"
    assert "Test-ComputerSecureChannel -Repair" in found.remedy.commands[0]
    assert "-Repair" not in found.remedy.verify[0]
    assert not found.remedy.undo
    assert "no way back" in found.remedy.text
    assert world.result().verdict is Verdict.NO_GO


def test_a_domain_controller_is_not_judged_by_what_is_made_for_members() -> None:
    assert good().controller(HOST).set(f"{CHANNEL}.works", False).finding(CHECK, HOST).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread",
    [good().miss(CHANNEL, Reason.UNREADABLE), good().miss(f"hosts.{HOST}.computer"), good().unheard_of(CHANNEL)],
)
def test_what_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, HOST).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
