from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.plan import ChangeRequest, Window
from checks.result import Verdict
from checks.windows.times import number
from tests.world import AT, CONTOSO, TestWorld, good

ACCESS = "contoso\\hv-operator@testserver01"
CHECK = "access.account_usable"
ACCOUNT = "operators.contoso\\hv-operator.account"
AN_HOUR = timedelta(hours=1)
A_WEEK = timedelta(days=7)
DISABLED, LOCKED, EXPIRED = 0x202, 0x10, 0x800000


def account(**fields: object) -> TestWorld:
    world = good()
    for field, value in fields.items():
        world = world.set(f"{ACCOUNT}.{field}", value)
    return world


def planned(world: TestWorld, start: datetime, end: datetime) -> TestWorld:
    return world.with_plan(change=ChangeRequest(window=Window(start, end)))


def unusable() -> Iterator[TestWorld]:
    """A world for each thing that somebody else has to set right."""
    yield account(user_account_control=DISABLED)
    yield account(computed_control=LOCKED)
    yield account(expires=number(AT - AN_HOUR))
    yield account(computed_control=EXPIRED, password_expires=0)


def test_an_account_that_nothing_is_wrong_with_passes() -> None:
    assert good().finding(CHECK, ACCESS).outcome is Outcome.PASS


@pytest.mark.parametrize("never", [0, 0x7FFFFFFFFFFFFFFF])
def test_both_numbers_that_windows_writes_for_never_are_no_expiry(never: int) -> None:
    assert account(expires=never).finding(CHECK, ACCESS).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("world", "says", "command"),
    [
        (account(user_account_control=DISABLED), "is disabled", "Enable-ADAccount"),
        (account(computed_control=LOCKED), "is locked", "Unlock-ADAccount"),
        (account(expires=number(AT - AN_HOUR)), "expired at 2026-", "Clear-ADAccountExpiration"),
        (account(computed_control=EXPIRED, password_expires=number(AT - AN_HOUR)), "password of CONTOSO\\hv-operator has expired", ""),
        (account(computed_control=EXPIRED, password_expires=0), "has to change the password at the next sign-in", ""),
        (account(password_expires=number(AT - AN_HOUR)), "has expired", ""),
    ],
)
def test_an_account_with_which_nobody_can_sign_in_is_a_blocker(world: TestWorld, says: str, command: str) -> None:
    found = world.finding(CHECK, ACCESS)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert says in found.message.text
    assert found.predicts == ("0x8007052E", "0x8007052F")
    assert found.remedy is not None
    assert found.remedy.who == ("domain administrator of contoso.test" if command else "operator")
    assert found.remedy.commands[0].startswith(
        f"{command} -Identity 'CN=hv-operator,CN=Users,DC=contoso,DC=test' -Server 'contoso.test'" if command else "#"
    )


def test_a_move_by_an_account_that_is_not_usable_or_of_which_that_is_not_known_is_no_go() -> None:
    verdicts = [world.result().verdict for world in (good(), account(user_account_control=DISABLED), account(computed_control=None))]
    assert verdicts == [Verdict.GO, Verdict.NO_GO, Verdict.INCOMPLETE]


def test_all_that_is_wrong_is_set_right_and_what_can_be_taken_back_is() -> None:
    found = account(user_account_control=DISABLED, computed_control=LOCKED | EXPIRED, expires=number(AT)).finding(CHECK, ACCESS)
    assert found.remedy is not None
    assert len(found.remedy.commands) == 4
    assert [line.split()[0] for line in found.remedy.undo] == ["Set-ADAccountExpiration", "Disable-ADAccount"]


def test_without_a_window_what_expires_while_the_facts_are_valid_is_a_risk() -> None:
    for field in ("expires", "password_expires"):
        soon = account(**{field: number(AT + AN_HOUR)}).finding(CHECK, ACCESS)
        assert (soon.outcome, soon.severity) == (Outcome.FAIL, Severity.RISK)
        assert account(**{field: number(AT + A_WEEK)}).finding(CHECK, ACCESS).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("field", "before", "within"), [("expires", Severity.BLOCKER, Severity.RISK), ("password_expires", Severity.RISK, Severity.RISK)]
)
def test_expiry_is_held_against_the_change_window(field: str, before: Severity, within: Severity) -> None:
    window = AT + A_WEEK, AT + A_WEEK + 2 * AN_HOUR
    found = {at: planned(account(**{field: number(at)}), *window).finding(CHECK, ACCESS) for at in (AT + AN_HOUR, window[0] + AN_HOUR)}
    assert [each.severity for each in found.values()] == [before, within]
    after = planned(account(**{field: number(window[1] + AN_HOUR)}), *window)
    assert after.finding(CHECK, ACCESS).outcome is Outcome.PASS


def test_a_window_that_is_over_asks_for_nothing_but_now() -> None:
    over = AT - A_WEEK, AT - A_WEEK + AN_HOUR
    assert planned(account(expires=number(AT - AN_HOUR)), *over).finding(CHECK, ACCESS).severity is Severity.BLOCKER


def test_the_built_in_administrator_is_not_surely_locked_but_may_be_disabled() -> None:
    built_in = account(computed_control=LOCKED, sid=f"{CONTOSO}-500")
    assert built_in.finding(CHECK, ACCESS).severity is Severity.RISK
    assert built_in.set(f"{ACCOUNT}.user_account_control", DISABLED).finding(CHECK, ACCESS).severity is Severity.BLOCKER


def test_who_collects_is_not_who_starts_the_move() -> None:
    for reader in ("CONTOSO\\hv-operator", "CONTOSO\\hv-reader"):
        world = good().set("collected.by", reader)
        assert world.finding(CHECK, ACCESS).outcome is Outcome.PASS
        assert world.set(f"{ACCOUNT}.user_account_control", DISABLED).finding(CHECK, ACCESS).outcome is Outcome.FAIL


@pytest.mark.parametrize("field", ["computed_control", "expires", "password_expires"])
def test_what_was_not_read_of_the_account_is_unknown_and_what_was_read_still_counts(field: str) -> None:
    found = account(**{field: None}).finding(CHECK, ACCESS)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert account(**{field: None}, user_account_control=DISABLED).finding(CHECK, ACCESS).outcome is Outcome.FAIL


@pytest.mark.parametrize("reason", [Reason.NOT_COLLECTED, Reason.CONTRADICTORY])
def test_an_account_that_was_not_found_or_that_controllers_show_differently_is_unknown(reason: Reason) -> None:
    assert good().miss(ACCOUNT, reason).finding(CHECK, ACCESS).outcome is Outcome.UNKNOWN
