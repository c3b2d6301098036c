from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from tests.world import CONTOSO, HV_ADMINS, OPERATOR, across_domains, good

ACCESS = "contoso\\hv-operator@testserver01"
CHECK = "access.hyperv_administrator"
GROUPS = "hosts.testserver01.local_groups"


def test_an_operator_in_a_group_of_administrators_passes_and_the_group_is_named() -> None:
    found = good().finding(CHECK, ACCESS)
    assert found.outcome is Outcome.PASS
    assert "is in Administrators of TestServer01" in found.message.text
    assert (HV_ADMINS,) in [evidence.actual for evidence in found.evidence]


@pytest.mark.parametrize("member", [OPERATOR, HV_ADMINS, "S-1-5-11", "S-1-1-0"])
def test_hyperv_administrators_suffices_directly_through_a_group_or_for_everyone(member: str) -> None:
    found = good().set(GROUPS, {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": (member,)}).finding(CHECK, ACCESS)
    assert found.outcome is Outcome.PASS
    assert "Hyper-V Administrators" in found.message.text


def test_everyone_counts_though_no_directory_lists_it_among_the_operators_groups() -> None:
    world = good().set("operators.contoso\\hv-operator.token.contoso·test", (OPERATOR,))
    assert world.set(GROUPS, {"S-1-5-32-544": ("S-1-5-11",)}).finding(CHECK, ACCESS).outcome is Outcome.PASS


def test_each_host_is_judged_by_its_own_groups() -> None:
    world = good().set("hosts.testserver02.local_groups", {"S-1-5-32-544": (), "S-1-5-32-578": ()})
    assert world.finding(CHECK, ACCESS).outcome is Outcome.PASS
    assert world.finding(CHECK, "contoso\\hv-operator@testserver02").outcome is Outcome.FAIL


def test_an_operator_in_neither_group_is_a_blocker_with_a_command_for_the_host() -> None:
    found = good().set(GROUPS, {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": ()}).finding(CHECK, ACCESS)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.predicts == ("0x80070005",)
    assert found.remedy is not None
    assert found.remedy.commands == (
        "Invoke-Command -ComputerName 'TestServer01' -ScriptBlock "
        "{ Add-LocalGroupMember -SID 'S-1-5-32-578' -Member 'CONTOSO\\hv-operator' }",
    )


def test_a_windows_without_hyperv_administrators_is_judged_by_administrators() -> None:
    assert good().set(GROUPS, {"S-1-5-32-544": (HV_ADMINS,)}).finding(CHECK, ACCESS).outcome is Outcome.PASS
    assert good().set(GROUPS, {"S-1-5-32-544": ()}).finding(CHECK, ACCESS).outcome is Outcome.FAIL


def test_an_answer_without_administrators_is_unknown_because_that_group_always_exists() -> None:
    found = good().set(GROUPS, {"S-1-5-32-578": ()}).finding(CHECK, ACCESS)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    assert "S-1-5-32-544" in found.message.text


def test_across_domains_the_token_of_the_hosts_domain_decides() -> None:
    far = "contoso\\hv-operator@testserver02"
    world = across_domains()
    assert world.finding(CHECK, far).outcome is Outcome.PASS
    assert world.set("operators.contoso\\hv-operator.token.fabrikam·test", (OPERATOR,)).finding(CHECK, far).outcome is Outcome.FAIL


@pytest.mark.parametrize("path", [GROUPS, "hosts.testserver01.computer", "operators.contoso\\hv-operator.token.contoso·test"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, ACCESS).outcome is Outcome.UNKNOWN


def test_a_token_that_nobody_asked_for_is_unknown() -> None:
    assert good().set("operators.contoso\\hv-operator.token", {}).finding(CHECK, ACCESS).outcome is Outcome.UNKNOWN
