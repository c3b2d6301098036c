from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry, AccountFacts, Group
from checks.facts.fact import Known, Missing, Reason
from checks.facts.migration import MigrationAuthentication
from tests.checks.delegation.situations import PAIR, SOURCE_SID
from tests.facts.directory import GLOBAL, LOCAL
from tests.world import ANY_PROTOCOL, AT, CONTOSO, DC, FABRIKAM, TestWorld, global_group, good, known, services

CHECK = "delegation.replicated"
DC2 = "dc02.contoso.test"
THREE_HOURS_AGO = AT - timedelta(hours=3, minutes=5)


def with_second_view(world: TestWorld, name: str, **changes: Any) -> TestWorld:
    """The world with a second controller that still shows this of a host; the first one shows version 5, three hours old."""
    fact = world.snapshot.accounts[name].views[DC]
    assert isinstance(fact, Known)
    new = replace(fact.value, delegation_version=5, delegation_changed=THREE_HOURS_AGO)
    old = replace(fact.value, **changes)
    accounts = world.snapshot.accounts | {name: AccountFacts({DC: known(new), DC2: known(old)})}
    return TestWorld(world.plan, replace(world.snapshot, accounts=accounts))


def test_one_controller_agrees_with_itself() -> None:
    assert good().finding(CHECK, PAIR).outcome is Outcome.PASS


def test_controllers_agree_whatever_the_order_and_case_of_entries() -> None:
    entries = tuple(entry.upper() for entry in reversed(services("TestServer02")))
    found = with_second_view(good(), "testserver01", delegate_to=entries).finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert found.message.text == f"Every controller shows the same: {DC}, {DC2}"


@pytest.mark.parametrize(
    ("name", "changes", "what"),
    [
        ("testserver01", {"delegate_to": services("TestServer02", "cifs")}, "msDS-AllowedToDelegateTo of TestServer01"),
        ("testserver01", {"user_account_control": 0x1000}, "delegation bits of userAccountControl of TestServer01"),
        ("testserver01", {"user_account_control": 0x101000 | ANY_PROTOCOL}, "delegation bits of userAccountControl of TestServer01"),
        (
            "testserver02",
            {"resource_based": (AccessEntry(True, 0xF01FF, SOURCE_SID),)},
            "msDS-AllowedToActOnBehalfOfOtherIdentity of TestServer02",
        ),
    ],
)
def test_a_controller_that_lags_is_named_with_what_it_shows_and_the_age(name: str, changes: dict[str, Any], what: str) -> None:
    found = with_second_view(good(), name, **changes).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert f"{DC2} does not show the delegation" in found.message.text
    assert f"that {DC} shows: the change is 3 h old" in found.message.text
    assert found.evidence[0].what == f"{what}: {DC2} against {DC}"
    assert found.evidence[0].actual != found.evidence[0].expected
    assert found.remedy
    assert found.remedy.commands[0].startswith(f"repadmin.exe /replsingleobj '{DC2}' '{DC}' 'CN=")


def test_bits_that_have_nothing_to_do_with_delegation_may_differ() -> None:
    world = with_second_view(good(), "testserver01", user_account_control=0x1020 | ANY_PROTOCOL)
    assert world.finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("ago", "age"),
    [(timedelta(seconds=-5), "0 min"), (timedelta(minutes=119), "119 min"), (timedelta(hours=47), "47 h"), (timedelta(days=3), "3 d")],
)
def test_the_age_is_told_in_a_fitting_unit(ago: timedelta, age: str) -> None:
    world = with_second_view(good(), "testserver01", delegate_to=())
    world = world.set(f"accounts.testserver01.views.{DC.replace('.', '·')}.delegation_changed", AT - ago)
    assert world.finding(CHECK, PAIR).message.text.endswith(f"the change is {age} old")


def test_without_the_attributes_history_the_accounts_own_time_is_used() -> None:
    world = good()
    fact = world.snapshot.accounts["testserver01"].views[DC]
    assert isinstance(fact, Known)
    new = replace(fact.value, delegation_version=0, delegation_changed=None, changed=AT - timedelta(minutes=7))
    old = replace(new, delegate_to=(), changed=AT - timedelta(days=9))
    accounts = world.snapshot.accounts | {"testserver01": AccountFacts({DC: known(new), DC2: known(old)})}
    found = TestWorld(world.plan, replace(world.snapshot, accounts=accounts)).finding(CHECK, PAIR)
    assert found.message.text == f"{DC2} does not show the delegation of TestServer01 that {DC} shows: the change is 7 min old"


def test_a_controller_that_could_not_be_asked_is_never_a_pass() -> None:
    world = with_second_view(good(), "testserver01")
    views = {DC: world.snapshot.accounts["testserver01"].views[DC], DC2: Missing(Reason.UNREACHABLE, DC2, AT)}
    accounts = world.snapshot.accounts | {"testserver01": AccountFacts(views)}
    found = TestWorld(world.plan, replace(world.snapshot, accounts=accounts)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.UNREACHABLE)


def test_with_credssp_it_does_not_matter() -> None:
    world = with_second_view(good(), "testserver01", delegate_to=()).set(
        "hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP
    )
    assert world.finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_a_group_that_one_controller_does_not_show_yet_is_named_whoever_is_asked_first() -> None:
    may_move = f"{CONTOSO}-1500"
    listed = good().account("testserver02", resource_based=(AccessEntry(True, 0xF01FF, may_move),))
    account = listed.snapshot.accounts["testserver01"].views[DC]
    assert isinstance(account, Known)
    held = known(
        replace(account.value, sids=(*account.value.sids, may_move), groups=(*(account.value.groups or ()), global_group(may_move)))
    )
    for views in ({DC: held, DC2: account}, {DC: account, DC2: held}):
        world = TestWorld(listed.plan, replace(listed.snapshot, accounts=listed.snapshot.accounts | {"testserver01": AccountFacts(views)}))
        found = world.finding(CHECK, PAIR)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
        assert found.message.text == f"{DC} and {DC2} do not show the same groups of TestServer01: {may_move}"


@pytest.mark.parametrize(
    "changes",
    [
        {"history": (f"{FABRIKAM}-1500",)},
        {"groups": (Group(f"{CONTOSO}-515", LOCAL, ()),)},
        {"groups": (Group(f"{CONTOSO}-515", GLOBAL, (f"{FABRIKAM}-1500",)),)},
    ],
)
def test_former_sids_and_scopes_of_groups_are_compared_too(changes: dict[str, Any]) -> None:
    assert with_second_view(good(), "testserver01", **changes).finding(CHECK, PAIR).outcome is Outcome.FAIL
