from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.hardware import Processor, VirtualProcessor
from checks.result import FindingRecord
from checks.windows.releases import BUILD_2022, BUILD_2025
from tests.checks.delegation.situations import MOVE
from tests.facts.hardware import XEON
from tests.world import TestWorld, good, vm

CHECK = "vm.processor"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
SETTINGS, CHECKPOINTS = f"{HERE}.virtual_processors", f"{HERE}.checkpoints"
OTHER = replace(XEON, revision=0x6A06)
EPYC = Processor("AuthenticAMD", "AMD EPYC 7543 32-Core Processor", 25, 0x0101)
ID = vm().id


def world(
    target: Processor = OTHER, *, state: int = 2, compatibility: bool = False, mode: int | None = None, checkpoints: int = 0
) -> TestWorld:
    made = good().set(f"{THERE}.processors", (target, target)).set(f"{HERE}.vms.0.state", state)
    made = made.set(SETTINGS, {ID: VirtualProcessor(compatibility, mode)})
    return made.set(CHECKPOINTS, {ID: checkpoints} if checkpoints else {})


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_the_same_model_passes_whatever_else_is_not_known() -> None:
    assert good().miss(SETTINGS).miss(CHECKPOINTS).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("state", [2, 6, 9])
@pytest.mark.parametrize("compatibility", [False, True])
def test_another_vendor_takes_no_vm_that_is_not_off(state: int, compatibility: bool) -> None:
    found = world(EPYC, state=state, compatibility=compatibility).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert "GenuineIntel and AuthenticAMD" in found.message.text
    assert found.predicts == ("processor incompatible",)


@pytest.mark.parametrize("target", [OTHER, replace(XEON, revision=0x5507), replace(XEON, family=15)])
def test_another_model_or_stepping_is_a_risk_unless_compatibility_is_on(target: Processor) -> None:
    found = world(target).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "has another model: if one feature" in found.message.text
    assert found.remedy is not None
    assert "-CompatibilityForMigrationEnabled $true" in found.remedy.commands[1]
    assert world(target, compatibility=True).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_checkpoints_without_compatibility_are_said() -> None:
    found = world(checkpoints=3).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "its checkpoints (3) hold those features" in found.message.text
    assert world().miss(CHECKPOINTS).finding(CHECK, MOVE).outcome is Outcome.FAIL


def test_what_a_cluster_has_in_common_says_nothing_of_another_host() -> None:
    found = world(compatibility=True, mode=1).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "one cluster only" in found.message.text
    assert world(compatibility=True, mode=0).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(("build", "outcome"), [(BUILD_2022, Outcome.PASS), (BUILD_2025, Outcome.UNKNOWN)])
def test_a_mode_that_was_not_read_counts_only_where_there_is_more_than_one(build: int, outcome: Outcome) -> None:
    assert world(compatibility=True).set(f"{HERE}.os.build", build).finding(CHECK, MOVE).outcome is outcome


def test_a_vm_that_is_off_sees_the_targets_processor_when_it_starts() -> None:
    for target in (OTHER, EPYC):
        assert world(target, state=3).miss(f"{HERE}.processors").finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(("target", "compatibility"), [(OTHER, False), (EPYC, True)])
def test_checkpoints_of_a_vm_that_is_off_may_not_start_there(target: Processor, compatibility: bool) -> None:
    found = world(target, state=3, compatibility=compatibility, checkpoints=1).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "is off and can be moved" in found.message.text


@pytest.mark.parametrize("path", [f"{HERE}.processors", f"{THERE}.processors", SETTINGS, f"{HERE}.vms"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert world().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert world().unheard_of(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(("path", "nothing"), [(f"{HERE}.processors", ()), (f"{THERE}.processors", ()), (SETTINGS, {})])
def test_an_empty_answer_is_no_answer(path: str, nothing: object) -> None:
    assert world().set(path, nothing).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_checkpoints_of_a_vm_that_is_off_are_unknown_when_they_were_not_read() -> None:
    assert world(state=3).miss(CHECKPOINTS).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_on_a_second_hop_the_processor_is_that_of_where_the_vm_runs_now() -> None:
    made = good().with_host("testserver03", like="testserver01").set(f"{THERE}.processors", (OTHER,))
    onward = replace(made.plan.moves[0], source="TestServer02", target="TestServer03")
    made = made.with_plan(moves=(*made.plan.moves, onward))
    assert made.finding(CHECK, "LMTest@testserver02>testserver03").outcome is Outcome.PASS


def test_storage_alone_needs_no_processor() -> None:
    assert world(EPYC).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP
