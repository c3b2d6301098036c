from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import AccountFacts, Written
from checks.facts.fact import Known, Missing, Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.delegation.situations import PAIR
from tests.facts.directory import LONG_AGO
from tests.world import AT, DC, TestWorld, good, known

CHECK = "delegation.ticket_age"
DC2 = "dc02.contoso.test"
RUNNING = good().set("hosts.testserver01.os.boot", LONG_AGO - timedelta(days=10))
"""The source has run since before all changes."""


def changed(world: TestWorld, host: str, **fields: datetime | None) -> TestWorld:
    return world.account(host, written=replace(Written(LONG_AGO, LONG_AGO, None, LONG_AGO), **fields))


def found(world: TestWorld) -> Any:
    return world.finding(CHECK, PAIR)


@pytest.mark.parametrize(
    ("host", "field", "attribute"),
    [
        ("testserver01", "delegate_to", "msDS-AllowedToDelegateTo of TestServer01"),
        ("testserver01", "user_account_control", "userAccountControl of TestServer01"),
        ("testserver02", "resource_based", "msDS-AllowedToActOnBehalfOfOtherIdentity of TestServer02"),
        ("testserver02", "service_principal_names", "servicePrincipalName of TestServer02"),
    ],
)
def test_what_was_changed_minutes_ago_is_a_risk_with_both_times(host: str, field: str, attribute: str) -> None:
    said = found(changed(RUNNING, host, **{field: AT - timedelta(minutes=20)}))
    assert (said.outcome, said.severity, said.predicts) == (Outcome.FAIL, Severity.RISK, ("0x8009030E",))
    assert said.message.text.startswith(f"{attribute} was changed at 2026-12-05T11:40Z. TestServer01 was started before")
    assert said.message.text.endswith("until 2026-12-05T21:45Z")
    assert [(row.what, row.actual) for row in said.evidence] == [
        (f"last change of {attribute}", "2026-12-05T11:40Z"),
        ("start of TestServer01", "2026-11-05T12:00Z"),
        ("UTC of TestServer01", "2026-12-05T12:00Z"),
    ]
    assert said.remedy
    assert said.remedy.commands == ("Invoke-Command -ComputerName 'TestServer01' -ScriptBlock { klist.exe purge -li 0x3e7 }",)


@pytest.mark.parametrize(
    ("host", "field"),
    [
        ("testserver01", "resource_based"),
        ("testserver01", "service_principal_names"),
        ("testserver02", "delegate_to"),
        ("testserver02", "user_account_control"),
    ],
)
def test_what_does_not_decide_in_this_direction_may_be_new(host: str, field: str) -> None:
    assert found(changed(RUNNING, host, **{field: AT})).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("ago", "outcome"),
    [(timedelta(hours=10, minutes=5), Outcome.PASS), (timedelta(hours=10, minutes=4), Outcome.FAIL), (timedelta(hours=-2), Outcome.FAIL)],
)
def test_a_ticket_lives_ten_hours_and_clocks_may_differ_by_five_minutes(ago: timedelta, outcome: Outcome) -> None:
    assert found(changed(RUNNING, "testserver01", delegate_to=AT - ago)).outcome is outcome


@pytest.mark.parametrize(("after", "outcome"), [(timedelta(minutes=5), Outcome.PASS), (timedelta(minutes=4), Outcome.FAIL)])
def test_a_start_after_the_change_leaves_no_old_ticket(after: timedelta, outcome: Outcome) -> None:
    at = AT - timedelta(hours=1)
    world = changed(good(), "testserver01", delegate_to=at).set("hosts.testserver01.os.boot", at + after)
    assert found(world).outcome is outcome


def test_the_age_is_by_the_sources_own_clock() -> None:
    eleven_hours_ago = changed(RUNNING, "testserver01", delegate_to=AT - timedelta(hours=11))
    assert found(eleven_hours_ago).outcome is Outcome.PASS
    assert found(eleven_hours_ago.set("hosts.testserver01.clock.utc", AT - timedelta(hours=2))).outcome is Outcome.FAIL


def test_a_change_that_cannot_have_been_yet_ends_like_one_of_now() -> None:
    far = datetime.max.replace(tzinfo=AT.tzinfo)
    assert found(changed(RUNNING, "testserver01", delegate_to=far)).message.text.endswith("until 2026-12-05T22:05Z")


@pytest.mark.parametrize(
    ("destination", "outcome"),
    [("D:\\LMTest", Outcome.SKIP), ("\\\\TestServer01\\vms", Outcome.SKIP), ("\\\\TestServer02\\vms", Outcome.FAIL), (None, Outcome.FAIL)],
)
def test_storage_that_stays_with_the_source_needs_no_ticket(destination: str | None, outcome: Outcome) -> None:
    world = changed(RUNNING, "testserver01", delegate_to=AT).move(storage_only=True, destination_path=destination)
    assert found(world).outcome is outcome


def of_two(world: TestWorld, host: str, **second: Any) -> TestWorld:
    """The world with a second controller that shows this of a host."""
    fact = world.snapshot.accounts[host].views[DC]
    assert isinstance(fact, Known)
    views = {DC: fact, DC2: known(replace(fact.value, **second))}
    return TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {host: AccountFacts(views)}))


def test_of_several_controllers_the_newest_change_counts() -> None:
    assert found(of_two(RUNNING, "testserver01", written=Written(LONG_AGO, AT, None, LONG_AGO))).outcome is Outcome.FAIL


def test_a_controller_that_does_not_say_when_leaves_it_unknown() -> None:
    said = found(of_two(RUNNING, "testserver02", written=None, delegation_changed=None))
    assert (said.outcome, said.severity, said.reason) == (Outcome.UNKNOWN, Severity.RISK, Reason.UNREADABLE)
    assert DC2 in said.message.text


def test_a_controller_that_could_not_be_asked_leaves_it_unknown() -> None:
    accounts = RUNNING.snapshot.accounts["testserver01"]
    views = accounts.views | {DC2: Missing(Reason.UNREACHABLE, known(0).source, AT)}
    snapshot = replace(RUNNING.snapshot, accounts=RUNNING.snapshot.accounts | {"testserver01": AccountFacts(views)})
    said = found(TestWorld(RUNNING.plan, snapshot))
    assert (said.outcome, said.reason) == (Outcome.UNKNOWN, Reason.UNREACHABLE)


def test_a_snapshot_from_before_the_question_leaves_it_unknown() -> None:
    said = found(RUNNING.account("testserver01", written=None))
    assert (said.outcome, said.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)
    assert "not collected by this snapshot's version (hvpreflight 0.1.0)" in said.message.text


@pytest.mark.parametrize("fact", ["os", "clock"])
def test_without_the_sources_start_or_clock_it_is_unknown(fact: str) -> None:
    assert found(RUNNING.miss(f"hosts.testserver01.{fact}")).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("launch", [LaunchPoint.CONSOLE, LaunchPoint.RDP])
def test_a_session_on_the_source_needs_no_delegation(launch: LaunchPoint) -> None:
    assert found(changed(RUNNING.move(launch=launch), "testserver01", delegate_to=AT)).outcome is Outcome.SKIP


def test_with_credssp_it_does_not_matter() -> None:
    world = RUNNING.set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert found(changed(world, "testserver01", delegate_to=AT)).outcome is Outcome.SKIP
