from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.people import RemoteDesktop
from checks.plan import LaunchPoint
from tests.checks.authentication.worlds import BARE, MOVE, NOT_BARE, credssp
from tests.world import good

CHECK = "authentication.remote_desktop"
FACT = "hosts.testserver01.remote_desktop"
RDP = good().move(launch=LaunchPoint.RDP)


@pytest.mark.parametrize("setting", NOT_BARE)
def test_a_source_that_takes_no_session_without_credentials_passes(setting: RemoteDesktop) -> None:
    assert RDP.set(FACT, setting).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("setting", BARE)
def test_one_that_takes_them_is_a_risk_with_both_values(setting: RemoteDesktop) -> None:
    found = RDP.set(FACT, setting).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "goes to TestServer02 as the computer TestServer01" in found.message.text
    values = (setting.disable_restricted_admin, setting.allow_protected_credentials)
    assert [row.actual for row in found.evidence] == ["not set" if value == -1 else value for value in values]
    assert found.remedy is not None
    assert (found.remedy.who, found.remedy.commands) == ("operator", ())


@pytest.mark.parametrize("launch", [LaunchPoint.REMOTE, LaunchPoint.POWERSHELL, LaunchPoint.CONSOLE])
def test_another_start_has_nothing_to_do_with_it(launch: LaunchPoint) -> None:
    assert good().move(launch=launch).set(FACT, BARE[0]).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_with_credssp_the_sessions_themselves_tell() -> None:
    assert credssp().set(FACT, BARE[0]).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_what_was_not_read_is_unknown_also_in_a_snapshot_from_before_the_question() -> None:
    denied, older = RDP.miss(FACT).finding(CHECK, MOVE), RDP.unheard_of(FACT).finding(CHECK, MOVE)
    assert (denied.outcome, denied.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
    assert (older.outcome, older.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)
