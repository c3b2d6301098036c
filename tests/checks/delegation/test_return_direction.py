from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import Disk
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.checks.delegation.situations import PAIR, on_share
from tests.world import MIGRATION_SERVICE, TestWorld, across_domains, good, services

CHECK = "delegation.return_direction"


def one_way(**changes: object) -> TestWorld:
    return good().account("testserver02", **{"delegate_to": (), "user_account_control": 0x1000} | changes)


def test_both_directions_configured_pass() -> None:
    found = good().finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert found.message.text.startswith("TestServer02 may delegate to ")


def test_a_way_back_that_nobody_planned_is_a_risk() -> None:
    found = one_way().finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    way = "On the way back (TestServer02 → TestServer01)"
    assert found.message.text.startswith(f"{way}: TestServer02 may not delegate to {MIGRATION_SERVICE} of TestServer01")


def test_a_way_back_that_the_plan_holds_is_a_blocker() -> None:
    found = one_way().with_return().finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_one_remedy_opens_the_whole_way_back() -> None:
    remedy = one_way().finding(CHECK, PAIR).remedy
    assert remedy
    add, flag = remedy.commands
    assert add.startswith("Set-ADComputer -Identity 'TESTSERVER02$' -Server 'contoso.test' -Add ")
    assert all(f"'{entry}'" in add for entry in services("TestServer01"))
    assert flag.endswith("-TrustedToAuthForDelegation $true")
    assert len(remedy.undo) == 2


def test_the_protocol_alone_may_be_missing_on_the_way_back() -> None:
    found = one_way(delegate_to=services("TestServer01")).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "Kerberos only" in found.message.text
    assert found.remedy
    assert found.remedy.commands == (
        "Set-ADAccountControl -Identity 'TESTSERVER02$' -Server 'contoso.test' -TrustedToAuthForDelegation $true",
    )


def test_cifs_alone_may_be_missing_on_the_way_back() -> None:
    world = good().account("testserver02", delegate_to=services("TestServer01", MIGRATION_SERVICE))
    found = world.finding(CHECK, PAIR)
    assert found.outcome is Outcome.FAIL
    assert "cifs" in found.message.text
    assert found.remedy
    assert MIGRATION_SERVICE not in found.remedy.commands[0]


@pytest.mark.parametrize(("path", "outcome"), [("D:\\a.vhdx", Outcome.PASS), ("\\\\fs01\\vms\\a.vhdx", Outcome.FAIL)])
def test_cifs_is_needed_back_only_when_storage_moves_or_lies_on_a_share(path: str, outcome: Outcome) -> None:
    world = good().server("fs01").account("testserver02", delegate_to=services("TestServer01", MIGRATION_SERVICE))
    assert on_share(world, disks=(Disk(path, False, False),)).finding(CHECK, PAIR).outcome is outcome


@pytest.mark.parametrize("disks", [None, (Disk(None, False, None),)])
def test_disks_that_the_vm_did_not_tell_may_lie_on_a_share(disks: tuple[Disk, ...] | None) -> None:
    found = on_share(good(), disks=disks).finding(CHECK, PAIR)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_started_at_the_console_a_way_back_without_delegation_stays_a_risk_even_when_planned() -> None:
    found = one_way().move(launch=LaunchPoint.CONSOLE).with_return().finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


def test_more_than_2012_r2_needs_is_no_matter_of_the_way_back() -> None:
    assert good().set("hosts.testserver02.os.build", 9600).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_across_domains_the_sources_own_list_opens_the_way_back() -> None:
    assert across_domains().finding(CHECK, PAIR).outcome is Outcome.PASS
    found = across_domains().account("testserver01", resource_based=()).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.remedy
    assert found.remedy.who == "domain administrator of contoso.test"


def test_with_credssp_on_the_target_the_way_back_needs_no_delegation() -> None:
    world = one_way().set("hosts.testserver02.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_an_unread_setting_is_never_a_pass() -> None:
    found = good().miss("hosts.testserver02.migration").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)
