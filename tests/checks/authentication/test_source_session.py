from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.people import RemoteDesktop
from checks.plan import LaunchPoint, Window
from tests.checks.authentication.worlds import ACCOUNT, AFTER, BARE, BEFORE, MOVE, NOT_BARE, WITHIN, credssp, in_window, sessions
from tests.world import AT, CONTOSO, OPERATOR, TestWorld, good

CHECK = "authentication.source_session"
SESSIONS = "hosts.testserver01.sessions"
AT_THE_SCREEN = [LaunchPoint.CONSOLE, LaunchPoint.RDP]


def with_sessions(launch: LaunchPoint, *types: int) -> TestWorld:
    return credssp(launch).set(SESSIONS, sessions(*types))


@pytest.mark.parametrize("launch", AT_THE_SCREEN)
@pytest.mark.parametrize("number", [2, 7, 10, 11, 12, 13])
def test_a_session_at_the_screen_passes(launch: LaunchPoint, number: int) -> None:
    assert with_sessions(launch, number).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("launch", AT_THE_SCREEN)
@pytest.mark.parametrize("number", [0, 3, 4, 5, 8, 9, 99])
def test_a_session_that_nobody_starts_a_move_from_is_none(launch: LaunchPoint, number: int) -> None:
    found = with_sessions(launch, number).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


@pytest.mark.parametrize(("sid", "account"), [(f"{CONTOSO}-1199", "CONTOSO\\hv-operator"), (None, "Window Manager\\DWM-1")])
def test_the_session_of_somebody_else_does_not_count(sid: str | None, account: str) -> None:
    found = credssp().set(SESSIONS, sessions(2, 10, sid=sid, account=account)).finding(CHECK, MOVE)
    assert found.outcome is Outcome.FAIL


@pytest.mark.parametrize("account", ["", "CONTOSO\\HV-Operator"])
def test_a_session_of_which_it_is_not_known_whose_it_is_makes_the_answer_unknown(account: str) -> None:
    unclear = sessions(10, sid=None, account=account)
    found = credssp().set(SESSIONS, unclear).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert credssp().set(SESSIONS, (*unclear, *sessions(2))).finding(CHECK, MOVE).outcome is Outcome.PASS
    assert credssp().set(SESSIONS, sessions(3, sid=None, account=account)).finding(CHECK, MOVE).outcome is Outcome.FAIL


def test_a_session_on_the_target_does_not_count() -> None:
    assert credssp().set("hosts.testserver02.sessions", sessions(10)).finding(CHECK, MOVE).outcome is Outcome.FAIL


@pytest.mark.parametrize("launch", [*AT_THE_SCREEN, LaunchPoint.POWERSHELL])
@pytest.mark.parametrize(
    ("window", "severity"),
    [(BEFORE, Severity.RISK), (WITHIN, Severity.BLOCKER), (AFTER, Severity.BLOCKER), (None, Severity.BLOCKER)],
)
def test_no_session_is_a_risk_only_while_the_window_is_still_to_come(
    launch: LaunchPoint, window: Window | None, severity: Severity
) -> None:
    found = in_window(credssp(launch), window).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
    assert "has no session on TestServer01" in found.message.text
    assert found.remedy is not None
    assert found.remedy.who == "operator"


def test_a_powershell_session_opened_with_credssp_passes() -> None:
    assert with_sessions(LaunchPoint.POWERSHELL, 3, 8).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("types", [(3,), (3, 10), (10,)])
def test_a_powershell_session_without_a_password_is_a_risk_with_its_own_text(types: tuple[int, ...]) -> None:
    found = in_window(with_sessions(LaunchPoint.POWERSHELL, *types), WITHIN).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "holds no password" in found.message.text
    assert found.remedy is not None
    assert found.remedy.commands == (
        "Enter-PSSession -ComputerName 'TestServer01' -Authentication Credssp -Credential 'CONTOSO\\hv-operator'",
    )


def test_a_credssp_session_that_may_be_the_collectors_own_does_not_count() -> None:
    world = with_sessions(LaunchPoint.POWERSHELL, 8).set("visits.testserver01.authentication", "credssp")
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


def test_a_session_of_a_protected_user_is_a_risk() -> None:
    found = with_sessions(LaunchPoint.RDP, 10).set(f"{ACCOUNT}.sids", (OPERATOR, f"{CONTOSO}-525")).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "Protected Users" in found.message.text


def test_with_kerberos_the_check_says_so_and_is_skipped() -> None:
    found = good().finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "Kerberos is used" in found.message.text


@pytest.mark.parametrize("path", ["hosts.testserver01.migration", SESSIONS, ACCOUNT])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert with_sessions(LaunchPoint.RDP, 10).miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("launch", [*AT_THE_SCREEN, LaunchPoint.POWERSHELL])
@pytest.mark.parametrize("since", [AT - timedelta(days=90), AT - timedelta(hours=25), None])
def test_a_session_that_may_be_over_is_a_risk_and_proves_nothing(launch: LaunchPoint, since: datetime | None) -> None:
    number = 8 if launch is LaunchPoint.POWERSHELL else 2
    (session,) = sessions(number)
    old = credssp(launch).set(SESSIONS, (replace(session, since=since),))
    found = old.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "whether it still lasts is not seen" in found.message.text
    again = old.set(SESSIONS, (replace(session, since=since), replace(session, since=AT - timedelta(hours=23))))
    assert again.finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("day", "told"), [((2026, 8, 1, 9, 30), "2026-07-31T19:30Z"), ((1, 1, 1, 0, 0), "0001-01-01T00:00+14:00")], ids=["usual", "first"]
)
def test_the_time_of_a_session_is_told_in_utc_whatever_zone_the_host_wrote(day: tuple[int, int, int, int, int], told: str) -> None:
    (session,) = sessions(2)
    since = datetime(*day, tzinfo=timezone(timedelta(hours=14)))
    found = credssp().set(SESSIONS, (replace(session, since=since),)).finding(CHECK, MOVE)
    assert f"opened {told}:" in found.message.text


REMOTE_DESKTOP = "hosts.testserver01.remote_desktop"


@pytest.mark.parametrize("launch", AT_THE_SCREEN)
@pytest.mark.parametrize("number", [7, 10, 12, 13])
@pytest.mark.parametrize("setting", BARE)
def test_a_session_that_can_have_come_without_credentials_is_a_risk(launch: LaunchPoint, number: int, setting: RemoteDesktop) -> None:
    found = with_sessions(launch, number).set(REMOTE_DESKTOP, setting).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "may hold no credentials" in found.message.text
    assert found.remedy is not None
    assert "without /restrictedAdmin and /remoteGuard" in found.remedy.text


@pytest.mark.parametrize(("launch", "types"), [(LaunchPoint.RDP, (2, 10)), (LaunchPoint.CONSOLE, (11,)), (LaunchPoint.POWERSHELL, (8,))])
def test_a_session_that_did_not_come_through_remote_desktop_holds_them_whatever_the_host_takes(
    launch: LaunchPoint, types: tuple[int, ...]
) -> None:
    assert with_sessions(launch, *types).set(REMOTE_DESKTOP, BARE[0]).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("setting", NOT_BARE)
def test_a_host_that_takes_none_without_credentials_leaves_no_doubt(setting: RemoteDesktop) -> None:
    assert with_sessions(LaunchPoint.RDP, 10).set(REMOTE_DESKTOP, setting).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_whether_a_host_takes_sessions_without_credentials_is_unknown_where_it_was_not_read() -> None:
    world = with_sessions(LaunchPoint.RDP, 10)
    assert world.miss(REMOTE_DESKTOP).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert world.unheard_of(REMOTE_DESKTOP).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
