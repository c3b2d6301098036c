from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry, Group
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.delegation.situations import PAIR, SOURCE_SID
from tests.facts.directory import LOCAL
from tests.world import CONTOSO, FABRIKAM, IN_FABRIKAM, across_domains, global_group, good, services

CHECK = "delegation.across_domains"
STRANGER = AccessEntry(True, 0xF01FF, f"{FABRIKAM}-2999")


def test_the_targets_own_list_opens_the_border() -> None:
    found = across_domains().finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert "TestServer02 (fabrikam.test) lets TestServer01 (contoso.test) act for users" in found.message.text


def test_the_sources_list_does_not_reach_across() -> None:
    world = across_domains().account("testserver02", resource_based=()).account("testserver01", delegate_to=services("TestServer02"))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.predicts == ("0x8009030E",)
    assert any(each.expected == f"allow {SOURCE_SID}" for each in found.evidence)


def test_the_remedy_writes_those_who_are_allowed_already_again() -> None:
    remedy = across_domains().account("testserver02", resource_based=(STRANGER,)).finding(CHECK, PAIR).remedy
    assert remedy
    present = (
        "(Get-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -Properties PrincipalsAllowedToDelegateToAccount)"
        ".PrincipalsAllowedToDelegateToAccount"
    )
    write = "Set-ADComputer -Identity 'TESTSERVER02$' -Server 'fabrikam.test' -PrincipalsAllowedToDelegateToAccount"
    assert remedy.commands == (f"{write} (@({present}) + (Get-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test'))",)
    assert remedy.undo == (f"{write} @({present} | Where-Object {{ $_ -ne 'CN=TESTSERVER01,CN=Computers,DC=contoso,DC=test' }})",)


def test_a_list_with_a_denial_is_left_to_a_person() -> None:
    denied = (AccessEntry(False, 0xF01FF, SOURCE_SID), STRANGER)
    remedy = across_domains().account("testserver02", resource_based=denied).finding(CHECK, PAIR).remedy
    assert remedy
    assert remedy.commands == ()
    assert "by hand" in remedy.text


def test_controllers_that_do_not_know_that_way_are_named() -> None:
    found = across_domains().set(f"{IN_FABRIKAM}.domain.controller_level", 4).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "fabrikam.test: level 4" in found.message.text


def test_within_one_domain_there_is_no_border() -> None:
    assert good().finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_a_session_on_the_source_needs_nothing() -> None:
    world = across_domains().account("testserver02", resource_based=()).move(launch=LaunchPoint.RDP)
    found = world.finding(CHECK, PAIR)
    assert found.outcome is Outcome.SKIP
    assert "rdp" in found.message.text


def test_of_several_launch_points_the_worst_counts() -> None:
    world = across_domains().account("testserver02", resource_based=()).move(launch=LaunchPoint.RDP)
    both = world.with_plan(moves=(*world.plan.moves, *across_domains().plan.moves))
    assert both.finding(CHECK, PAIR).outcome is Outcome.FAIL


def test_with_credssp_nothing_is_delegated() -> None:
    world = (
        across_domains()
        .account("testserver02", resource_based=())
        .set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    )
    assert world.finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_an_unread_account_is_never_a_pass() -> None:
    found = across_domains().miss("accounts.testserver02.views.dc01·fabrikam·test").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


LOCAL_GROUP = f"{CONTOSO}-1600"
BY_HAND = "TestServer02 names TestServer01 already: edit msDS-AllowedToActOnBehalfOfOtherIdentity of TestServer02 by hand."


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (
            (AccessEntry(False, 0xF01FF, f"{CONTOSO}-515"), AccessEntry(True, 0xF01FF, SOURCE_SID)),
            f"{BY_HAND} The entry for {SOURCE_SID} comes after the denial for {CONTOSO}-515",
        ),
        ((AccessEntry(True, 0x10, SOURCE_SID),), f"{BY_HAND} The entry for {SOURCE_SID} does not give the right 0x100: 0x10"),
        (
            (AccessEntry(True, 0xF01FF, LOCAL_GROUP),),
            "Let TestServer02 accept delegation from TestServer01: set resource-based delegation on the account of TestServer02. "
            f"Principals that stand there stay. The group {LOCAL_GROUP} is not in the ticket of TestServer01",
        ),
    ],
)
def test_of_an_entry_that_does_not_let_the_source_act_the_remedy_says_what_is_in_the_way(
    entries: tuple[AccessEntry, ...], says: str
) -> None:
    world = across_domains().account("testserver02", resource_based=entries)
    groups = (global_group(f"{CONTOSO}-515"), Group(LOCAL_GROUP, LOCAL, ()))
    sids = (SOURCE_SID, *(group.sid for group in groups))
    remedy = world.account("testserver01", sids=sids, groups=groups).finding(CHECK, PAIR).remedy
    assert remedy
    assert remedy.text == says
    assert bool(remedy.commands) == (entries[0].sid == LOCAL_GROUP), "only what the commands can mend"
