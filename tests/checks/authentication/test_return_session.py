from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.plan import LaunchPoint, Window
from tests.checks.authentication.worlds import ACCOUNT, BARE, BEFORE, MOVE, WITHIN, credssp, in_window, sessions
from tests.world import AT, good

CHECK = "authentication.return_session"
SESSIONS = "hosts.testserver02.sessions"


def test_a_session_on_the_target_passes() -> None:
    assert credssp().set(SESSIONS, sessions(10)).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_a_session_on_the_source_does_not_count() -> None:
    assert credssp().set("hosts.testserver01.sessions", sessions(10)).finding(CHECK, MOVE).outcome is Outcome.FAIL


@pytest.mark.parametrize("window", [None, BEFORE, WITHIN])
def test_without_a_planned_way_back_it_is_a_risk(window: Window | None) -> None:
    found = in_window(credssp(), window).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert "signs in to TestServer02" in found.remedy.text


@pytest.mark.parametrize(("window", "severity"), [(None, Severity.BLOCKER), (WITHIN, Severity.BLOCKER), (BEFORE, Severity.RISK)])
def test_a_planned_way_back_counts_as_the_move_that_it_is(window: Window | None, severity: Severity) -> None:
    found = in_window(credssp().with_return(), window).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
    assert "The plan moves the VM back" in found.message.text


def test_moving_everything_back_is_a_planned_way_back_too() -> None:
    world = credssp()
    back = good().move(vm="*", source="TestServer02", target="TestServer01", launch=LaunchPoint.RDP).plan.moves
    assert world.with_plan(moves=(*world.plan.moves, *back)).finding(CHECK, MOVE).severity is Severity.BLOCKER


def test_the_way_back_of_another_vm_is_not_this_ones() -> None:
    world = credssp()
    back = good().move(vm="Other", source="TestServer02", target="TestServer01").plan.moves
    assert world.with_plan(moves=(*world.plan.moves, *back)).finding(CHECK, MOVE).severity is Severity.RISK


def test_with_kerberos_the_check_says_so_and_is_skipped() -> None:
    found = good().finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "Kerberos is used" in found.message.text


@pytest.mark.parametrize("path", ["hosts.testserver01.migration", SESSIONS, ACCOUNT])
def test_what_was_not_read_is_unknown(path: str) -> None:
    found = credssp().miss(path).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_a_session_that_may_be_over_is_a_risk_also_where_the_way_back_is_planned() -> None:
    (session,) = sessions(10)
    old = credssp().set("hosts.testserver02.sessions", (replace(session, since=AT - timedelta(days=90)),))
    for world in (old, old.with_return()):
        found = world.finding("authentication.return_session", MOVE)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
        assert "2026" in found.message.text


def test_a_session_that_can_have_come_without_credentials_is_a_risk_also_where_the_way_back_is_planned() -> None:
    world = credssp().set(SESSIONS, sessions(10)).set("hosts.testserver02.remote_desktop", BARE[0])
    for each in (world, world.with_return()):
        found = each.finding(CHECK, MOVE)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
        assert "may hold no credentials" in found.message.text
    assert world.unheard_of("hosts.testserver02.remote_desktop").finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
