from __future__ import annotations

from itertools import product

import pytest

from checks.check import Outcome, Severity
from checks.registry import all_checks
from checks.result import FindingRecord, Verdict
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, BUILD_2019, BUILD_2022, BUILD_2025
from tests.checks.delegation.situations import MOVE, PAIR
from tests.checks.vm.test_version import SUPPORTED, world

CHECK = "platform.os_support"
PASS, FAIL = Outcome.PASS, Outcome.FAIL
LATER = (BUILD_2012_R2, BUILD_2016, BUILD_2019, BUILD_2022, BUILD_2025)

PUBLISHED = """
VM      2012R2  2016  2019  2022  2025
5.0     yes     yes   yes   no    no
6.2     no      yes   yes   no    no
7.0     no      yes   yes   no    no
7.1     no      yes   yes   no    no
8.0     no      yes   yes   yes   yes
8.3     no      no    yes   yes   yes
9.0     no      no    yes   yes   yes
9.3     no      no    no    yes   yes
10.0    no      no    no    yes   yes
11.0    no      no    no    no    yes
12.0    no      no    no    no    yes
"""
"""Which Windows runs a VM of which version, as the vendor's table has it."""
RUNS = {
    (version, windows): told == "yes"
    for version, *row in (line.split() for line in PUBLISHED.split("\n")[2:-1])
    for windows, told in zip(LATER, row, strict=True)
}


def finding(source: int, target: int) -> FindingRecord:
    return world(source, target, "8.0").finding(CHECK, PAIR)


def test_each_pair_with_each_version_of_a_vm_is_judged_as_the_published_table_says() -> None:
    """From 2012 R2 to 2025, in both directions, every version that the source runs."""
    checks = tuple(check for check in all_checks() if check.id in (CHECK, "vm.version", "vm.present", "platform.hyperv_role"))
    judged = 0
    for source, target, version in product(LATER, LATER, sorted({version for version, _ in RUNS})):
        if not RUNS[version, source]:
            continue
        findings = {each.check: each for each in world(source, target, version).result(checks).findings}
        pair, moved = findings[CHECK], findings["vm.version"]
        known = source == target or {source, target} == {BUILD_2012_R2, BUILD_2016}
        assert (pair.outcome, "VM's version decides" not in pair.message.text) == (PASS, known), (source, target)
        assert moved.outcome is (PASS if RUNS[version, target] else FAIL), (source, target, version)
        judged += 1
    assert judged == len(LATER) * sum(RUNS.values())


@pytest.mark.parametrize("target", [BUILD_2012, BUILD_2012_R2])
def test_2012_moves_to_itself_and_to_2012_r2(target: int) -> None:
    assert finding(BUILD_2012, target).outcome is PASS


@pytest.mark.parametrize("target", [BUILD_2016, BUILD_2019, BUILD_2022, BUILD_2025])
def test_from_2012_the_way_leads_only_to_2012_r2(target: int) -> None:
    found = finding(BUILD_2012, target)
    assert (found.outcome, found.severity) == (FAIL, Severity.BLOCKER)
    assert "only to Windows Server 2012 R2" in found.message.text


@pytest.mark.parametrize("source", [BUILD_2012_R2, BUILD_2016, BUILD_2025])
def test_2012_takes_no_vm_of_a_later_windows(source: int) -> None:
    found = finding(source, BUILD_2012)
    assert (found.outcome, found.severity) == (FAIL, Severity.BLOCKER)
    assert "upwards only" in found.message.text


@pytest.mark.parametrize(("source", "target"), [(7601, BUILD_2012_R2), (BUILD_2012_R2, 7601), (7601, 7601)])
def test_windows_before_2012_is_refused(source: int, target: int) -> None:
    found = finding(source, target)
    assert (found.outcome, found.severity) == (FAIL, Severity.BLOCKER)
    assert "before Server 2012" in found.message.text


def test_a_refused_pair_is_said_once_and_not_of_every_vm() -> None:
    result = world(BUILD_2012, BUILD_2016, None).result()
    said = {each.check: each.outcome for each in result.findings if each.check in (CHECK, "vm.version")}
    assert said == {CHECK: FAIL, "vm.version": Outcome.SKIP}
    assert world(BUILD_2012, BUILD_2016, None).finding("vm.version", MOVE).outcome is Outcome.SKIP
    assert result.verdict is Verdict.NO_GO


def test_where_only_storage_moves_no_vm_goes_to_the_other_windows() -> None:
    moved = world(BUILD_2012, BUILD_2016, None).move(storage_only=True, destination_path="\\\\testserver02\\vms")
    assert moved.finding(CHECK, PAIR).outcome is Outcome.SKIP


@pytest.mark.parametrize("host", ["testserver01", "testserver02"])
def test_a_windows_that_was_not_read_is_unknown(host: str) -> None:
    unread = world(BUILD_2016, BUILD_2016, "8.0").miss(f"hosts.{host}.os")
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO


def test_the_targets_lists_in_these_tests_are_those_of_the_table() -> None:
    for windows, versions in SUPPORTED.items():
        assert {version for version, build in RUNS if build == windows and RUNS[version, build]} <= set(versions)
