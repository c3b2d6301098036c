from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.plan import LaunchPoint
from checks.result import FindingRecord, Verdict
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, BUILD_2019, BUILD_2025
from tests.world import TestWorld, good

CHECK = "platform.management_tools"
MOVE = "LMTest@testserver01>testserver02"
SOURCE, TARGET = "hosts.testserver01", "hosts.testserver02"


def world(source: int, target: int, launch: LaunchPoint = LaunchPoint.CONSOLE, start: str | None = None) -> TestWorld:
    built = good().set(f"{SOURCE}.os.build", source).set(f"{TARGET}.os.build", target)
    return built.move(launch=launch, launch_from=start)


def judged(world: TestWorld) -> FindingRecord:
    return world.finding(CHECK, MOVE)


@pytest.mark.parametrize("launch", [LaunchPoint.CONSOLE, LaunchPoint.RDP, LaunchPoint.POWERSHELL])
def test_what_is_started_on_the_source_is_started_with_its_tools_whatever_else_the_plan_names(launch: LaunchPoint) -> None:
    assert judged(world(BUILD_2012_R2, BUILD_2016, launch, "testserver02")).severity is Severity.RISK


def test_tools_of_one_generation_know_each_other_and_older_hosts_before_2016() -> None:
    for source, target in (
        (BUILD_2012, BUILD_2012),
        (BUILD_2012_R2, BUILD_2012_R2),
        (BUILD_2012_R2, BUILD_2012),
        (BUILD_2016, BUILD_2016),
        (BUILD_2016, BUILD_2025),
        (BUILD_2025, BUILD_2016),
    ):
        assert judged(world(source, target)).outcome is Outcome.PASS, (source, target)


def test_older_tools_than_a_host_are_a_risk_and_the_operator_can_look_beforehand() -> None:
    for source, target in ((BUILD_2012, BUILD_2012_R2), (BUILD_2012_R2, BUILD_2016), (BUILD_2012_R2, BUILD_2025)):
        found = judged(world(source, target))
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK), (source, target)
        assert found.remedy
        assert found.remedy.verify == ("Get-VMHost -ComputerName 'TestServer02'",)
        assert found.remedy.undo == ()


def test_newer_tools_need_the_older_module_for_hosts_before_2016() -> None:
    found = judged(world(BUILD_2016, BUILD_2012_R2))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)
    assert found.remedy
    assert found.remedy.commands == ("Import-Module -Name Hyper-V -RequiredVersion 1.1",)
    assert found.remedy.undo == ()


@pytest.mark.parametrize("start", ["TESTSERVER02", "testserver02.contoso.test"])
def test_a_remote_start_from_the_target_counts_with_the_tools_of_the_target(start: str) -> None:
    assert judged(world(BUILD_2012_R2, BUILD_2016, LaunchPoint.REMOTE, start)).severity is Severity.ADVICE
    assert judged(world(BUILD_2016, BUILD_2012_R2, LaunchPoint.REMOTE, start)).severity is Severity.RISK


def test_a_remote_start_from_another_host_of_the_plan_counts_with_its_tools() -> None:
    both = world(BUILD_2016, BUILD_2016, LaunchPoint.REMOTE, "TestServer03")
    (move,) = both.plan.moves
    three = both.with_plan(moves=(move, replace(move, source="TestServer02", target="TestServer03")))
    assert judged(three).outcome is Outcome.UNKNOWN, "it was not read"
    hosts = three.snapshot.hosts | {"testserver03": three.snapshot.hosts["testserver01"]}
    third = TestWorld(three.plan, replace(three.snapshot, hosts=hosts)).set("hosts.testserver03.computer.name", "TestServer03")
    assert judged(third).outcome is Outcome.PASS
    assert judged(third.set("hosts.testserver03.os.build", BUILD_2012_R2)).severity is Severity.RISK


@pytest.mark.parametrize("start", [None, "", "admin01.contoso.test", "10.9.9.9", "<b>x</b>" * 40])
def test_a_computer_that_is_no_host_of_the_plan_is_not_visited_and_the_report_says_so(start: str | None) -> None:
    found = judged(world(BUILD_2012_R2, BUILD_2016, LaunchPoint.REMOTE, start))
    assert found.outcome is Outcome.SKIP
    assert "which nobody visits" in found.message.text
    assert found.remedy, "somebody has to look"


def test_where_only_storage_moves_the_tools_have_to_know_the_source_alone() -> None:
    share = "\\\\testserver02\\vms"
    only = world(BUILD_2012_R2, BUILD_2019).move(storage_only=True, destination_path=share).miss(f"{TARGET}.os")
    assert judged(only).outcome is Outcome.PASS
    assert judged(only.miss(f"{SOURCE}.migration")).outcome is Outcome.UNKNOWN


def test_what_was_not_read_is_unknown() -> None:
    for fact in (f"{SOURCE}.migration", f"{SOURCE}.os", f"{TARGET}.os"):
        unread = world(BUILD_2016, BUILD_2016).miss(fact)
        assert judged(unread).outcome is Outcome.UNKNOWN
        assert unread.result().verdict is not Verdict.GO
