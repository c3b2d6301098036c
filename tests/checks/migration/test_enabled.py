from __future__ import annotations

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from tests.world import good

CHECK = "migration.enabled"


def test_a_host_that_takes_and_sends_migrations_passes() -> None:
    assert good().finding(CHECK, "testserver01").outcome is Outcome.PASS


def test_a_host_with_migrations_switched_off_is_a_blocker() -> None:
    found = good().set("hosts.testserver02.migration.enabled", False).finding(CHECK, "testserver02")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "not enabled on TestServer02" in found.message.text
    assert "migration_not_enabled" in found.predicts
    assert found.remedy
    assert found.remedy.commands == ("Enable-VMMigration -ComputerName 'TestServer02'",)
    assert found.remedy.undo == ("Disable-VMMigration -ComputerName 'TestServer02'",)


def test_unread_settings_are_never_a_pass() -> None:
    found = good().miss("hosts.testserver01.migration").finding(CHECK, "testserver01")
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)
