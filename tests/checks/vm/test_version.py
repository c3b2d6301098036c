from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.result import FindingRecord
from checks.vm.version import number
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, BUILD_2019, BUILD_2022, BUILD_2025
from tests.world import TestWorld, good, known, vm

CHECK = "vm.version"
MOVE = "LMTest@testserver01>testserver02"
OF_2016 = ("5.0", "6.2", "7.0", "7.1", "8.0")
OF_2022 = ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0")
SUPPORTED = {
    BUILD_2016: OF_2016,
    BUILD_2019: (*OF_2016, "8.1", "8.2", "8.3", "9.0"),
    BUILD_2022: OF_2022,
    BUILD_2025: (*OF_2022, "11.0", "12.0"),
}


def world(source: int, target: int, version: str | None) -> TestWorld:
    made = good().set("hosts.testserver01.os.build", source).set("hosts.testserver02.os.build", target)
    made = made.set("hosts.testserver01.vms", (vm(version=version),))
    if target in SUPPORTED:
        return made.set("hosts.testserver02.supported_versions", SUPPORTED[target])
    return made.miss("hosts.testserver02.supported_versions", Reason.NOT_SUPPORTED)


def finding(source: int, target: int, version: str | None) -> FindingRecord:
    return world(source, target, version).finding(CHECK, MOVE)


@pytest.mark.parametrize(
    ("source", "target", "version"),
    [
        (BUILD_2012, BUILD_2012, None),
        (BUILD_2012, BUILD_2012_R2, None),
        (BUILD_2012_R2, BUILD_2012_R2, "5.0"),
        (BUILD_2012_R2, BUILD_2016, "5.0"),
        (BUILD_2016, BUILD_2012_R2, "5.0"),
        (BUILD_2016, BUILD_2016, "8.0"),
        (BUILD_2025, BUILD_2025, "12.0"),
    ],
)
def test_a_version_that_the_target_runs_passes(source: int, target: int, version: str | None) -> None:
    assert finding(source, target, version).outcome is Outcome.PASS


@pytest.mark.parametrize("version", ["5.0", "6.2", "7.0", "7.1"])
@pytest.mark.parametrize("source", [BUILD_2012_R2, BUILD_2016, BUILD_2019])
@pytest.mark.parametrize("target", [BUILD_2022, BUILD_2025])
def test_a_version_that_2022_dropped_is_a_blocker_that_names_the_way_over(source: int, target: int, version: str) -> None:
    found = finding(source, target, version)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "over Windows Server 2016 or 2019" in found.message.text
    assert found.remedy is not None
    assert bool(found.remedy.commands) == (source != BUILD_2012_R2)


@pytest.mark.parametrize(("target", "version"), [(BUILD_2019, "9.1"), (BUILD_2016, "10.0"), (BUILD_2012_R2, "8.0"), (BUILD_2022, "12.0")])
def test_a_version_that_is_too_new_is_a_blocker_that_names_the_highest(target: int, version: str) -> None:
    found = finding(BUILD_2025, target, version)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    highest = SUPPORTED.get(target, ("5.0",))[-1]
    assert f"supports at most {highest}" in found.message.text


def test_a_version_between_the_supported_ones_is_a_blocker() -> None:
    found = finding(BUILD_2016, BUILD_2016, "6.0")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "does not support" in found.message.text


def test_a_version_below_five_does_not_move_between_2012_r2_and_2016() -> None:
    found = finding(BUILD_2012_R2, BUILD_2016, "4.0")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "at least 5.0" in found.message.text


def test_versions_are_compared_as_numbers() -> None:
    assert number("10.0") == (10, 0)
    assert finding(BUILD_2025, BUILD_2019, "10.0").message.values["highest"] == "9.0"


def test_a_number_of_thousands_of_digits_is_no_version() -> None:
    assert finding(BUILD_2016, BUILD_2019, "9" * 5000).outcome is Outcome.UNKNOWN


@given(st.text(max_size=8))
def test_any_text_is_a_version_or_nothing(text: str) -> None:
    parsed = number(text)
    assert parsed is None or all(part >= 0 for part in parsed)


@pytest.mark.parametrize("version", [None, "", "nine", "9.x"])
def test_a_vm_whose_version_is_not_in_the_answer_is_unknown(version: str | None) -> None:
    assert finding(BUILD_2016, BUILD_2019, version).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("supported", [(), ("",)])
def test_a_target_that_names_no_version_is_unknown(supported: tuple[str, ...]) -> None:
    assert good().set("hosts.testserver02.supported_versions", supported).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "path", ["hosts.testserver01.vms", "hosts.testserver01.os", "hosts.testserver02.os", "hosts.testserver02.supported_versions"]
)
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_on_the_way_back_the_version_is_that_of_the_vm_where_it_is_now() -> None:
    chain = world(BUILD_2019, BUILD_2022, "9.0").with_return().set("hosts.testserver01.supported_versions", OF_2016)
    found = chain.finding(CHECK, "LMTest@testserver02>testserver01")
    assert (found.outcome, found.message.values["version"]) == (Outcome.FAIL, "9.0")


def test_a_vm_from_2012_counts_as_version_five_after_its_first_hop() -> None:
    made = world(BUILD_2012, BUILD_2012_R2, None).with_host("testserver03").set("hosts.testserver03.os.build", BUILD_2016)
    made = made.set("hosts.testserver03.supported_versions", known(OF_2016))
    made = made.with_plan(moves=(*made.plan.moves, replace(made.plan.moves[0], source="TestServer02", target="TestServer03")))
    found = made.finding(CHECK, "LMTest@testserver02>testserver03")
    assert (found.outcome, found.message.values["version"]) == (Outcome.PASS, "5.0")
