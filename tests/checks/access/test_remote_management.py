from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.plan import LaunchPoint
from checks.result import Verdict
from tests.world import CONTOSO, HV_ADMINS, OPERATOR, TestWorld, across_domains, good

CHECK = "access.remote_management"
SOURCE, TARGET = "contoso\\hv-operator@testserver01", "contoso\\hv-operator@testserver02"
GROUPS = "hosts.testserver01.local_groups"
BUILD = "hosts.testserver01.os.build"


def holding(administrators: tuple[str, ...] = (), managers: tuple[str, ...] = ()) -> TestWorld:
    """Hyper-V Administrators hold the operator, which lets nobody into WinRM."""
    return good().set(GROUPS, {"S-1-5-32-544": administrators, "S-1-5-32-578": (OPERATOR,), "S-1-5-32-580": managers})


@pytest.mark.parametrize("world", [holding(administrators=(HV_ADMINS,)), holding(managers=(OPERATOR,)), holding(managers=("S-1-5-2",))])
def test_who_is_in_one_of_both_groups_passes(world: TestWorld) -> None:
    found = world.finding(CHECK, SOURCE)
    assert found.outcome is Outcome.PASS
    assert " of TestServer01, whom WinRM lets in" in found.message.text


def test_a_hyperv_administrator_alone_is_a_risk_with_a_command_and_its_undo() -> None:
    found = holding(administrators=(f"{CONTOSO}-512",)).finding(CHECK, SOURCE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.remedy is not None
    on_it = "Invoke-Command -ComputerName 'TestServer01' -ScriptBlock"
    member = "-LocalGroupMember -SID 'S-1-5-32-580' -Member 'CONTOSO\\hv-operator'"
    assert found.remedy.commands == (f"{on_it} {{ Add{member} }}",)
    assert found.remedy.undo == (f"{on_it} {{ Remove{member} }}",)
    assert "to Remote Management Users of TestServer01" in found.remedy.text
    assert [change.object for change in found.remedy.changes] == ["S-1-5-32-580"]


@pytest.mark.parametrize(
    ("launch", "build", "outcome"),
    [
        (LaunchPoint.REMOTE, 14393, Outcome.FAIL),
        (LaunchPoint.REMOTE, 9600, Outcome.SKIP),
        (LaunchPoint.POWERSHELL, 14393, Outcome.FAIL),
        (LaunchPoint.POWERSHELL, 9200, Outcome.FAIL),
        (LaunchPoint.CONSOLE, 14393, Outcome.SKIP),
        (LaunchPoint.RDP, 14393, Outcome.SKIP),
    ],
)
def test_only_starts_over_winrm_ask_for_it(launch: LaunchPoint, build: int, outcome: Outcome) -> None:
    assert holding().set(BUILD, build).move(launch=launch).finding(CHECK, SOURCE).outcome is outcome


def test_the_target_is_not_asked() -> None:
    world = good().set("hosts.testserver02.local_groups", {"S-1-5-32-544": (), "S-1-5-32-578": (OPERATOR,), "S-1-5-32-580": ()})
    assert world.finding(CHECK, TARGET).outcome is Outcome.SKIP


def test_a_domain_controller_shares_its_groups_with_all_others() -> None:
    found = holding().controller("testserver01").finding(CHECK, SOURCE)
    assert found.remedy is not None
    assert "Remote Management Users of contoso.test" in found.remedy.text
    assert found.remedy.commands[0].startswith("Add-ADGroupMember -Identity 'S-1-5-32-580'")


@pytest.mark.parametrize(
    "world",
    [
        *(holding().miss(path) for path in (GROUPS, BUILD.rpartition(".")[0], "hosts.testserver01.computer")),
        good().set(GROUPS, {"S-1-5-32-580": (OPERATOR,)}),
        good().miss("operators.contoso\\hv-operator.account"),
        good().miss("operators.contoso\\hv-operator.local.contoso·test"),
    ],
)
def test_what_was_not_read_is_unknown(world: TestWorld) -> None:
    assert world.finding(CHECK, SOURCE).outcome is Outcome.UNKNOWN
    assert world.result().verdict is not Verdict.GO


def test_a_member_of_whom_it_is_not_sure_leaves_it_open() -> None:
    assert holding(managers=("S-1-18-1",)).finding(CHECK, SOURCE).outcome is Outcome.UNKNOWN
    assert across_domains().finding(CHECK, SOURCE).outcome is Outcome.PASS
