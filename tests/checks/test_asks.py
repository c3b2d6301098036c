"""What applies and is not judged, because somebody has to give something or to look, is told apart from what does not apply."""

from __future__ import annotations

import msgspec
import pytest

from checks.check import Outcome
from checks.facts.migration import MigrationAuthentication
from checks.result import FindingRecord, Result, Verdict
from checks.windows.releases import BUILD_2012_R2
from tests.world import TestWorld, good

SOURCE, TARGET = "testserver01", "testserver02"
NOT_GIVEN = {"plan.window", "plan.second_opinion", "access.delegation_administrator", "platform.management_tools"}
"""What the good world, whose move is started on some other computer, does not tell."""


def old(world: TestWorld) -> TestWorld:
    for host in (SOURCE, TARGET):
        world = world.set(f"hosts.{host}.os.build", BUILD_2012_R2).set(f"hosts.{host}.os.update_revision", None)
    return world


WORLDS = {
    "plan.window": (good(), "names no change window", "change.window", "operator"),
    "plan.second_opinion": (good(), "No output of Compare-VM", "--compare-vm", "operator"),
    "access.delegation_administrator": (good(), "delegation_administrator", "Name in the plan", "operator"),
    "platform.management_tools": (good(), "no host of the plan", "See on that computer", "operator"),
    "platform.patch_level": (old(good()), "Windows Server 2012 R2", "Get-HotFix", "administrator of TestServer01, TestServer02"),
    "domain.secure_channel": (good().controller(SOURCE), "domain controller", "dcdiag", "domain administrator of contoso.test"),
    "plan.rollback": (good().set(f"hosts.{SOURCE}.migration.enabled", False), "Not judged", "check again", "operator"),
}


def found(world: TestWorld, check: str) -> FindingRecord:
    return next(each for each in world.result().findings if each.check == check)


@pytest.mark.parametrize("check", WORLDS)
def test_what_is_not_judged_says_what_lacks_and_who_gives_it_or_looks(check: str) -> None:
    world, lacks, to_do, who = WORLDS[check]
    its = found(world, check)
    assert (its.outcome, its.asks, its.does_not_apply, its.verdict) == (Outcome.SKIP, True, False, Verdict.GO)
    assert lacks in its.message.text
    assert its.remedy is not None
    assert to_do in its.remedy.text
    assert its.remedy.who == who


@pytest.mark.parametrize(
    ("check", "world"),
    [
        ("access.delegation_administrator", good().set(f"hosts.{SOURCE}.migration.authentication", MigrationAuthentication.CREDSSP)),
        ("platform.patch_level", old(good()).move(storage_only=True, destination_path="\\\\testserver02\\vms")),
        ("plan.rollback", good().move(storage_only=True, target="TestServer01")),
        ("delegation.across_domains", good()),
        ("authentication.credential_guard", good()),
    ],
)
def test_where_there_is_nothing_to_look_at_nobody_is_asked(check: str, world: TestWorld) -> None:
    its = found(world, check)
    assert (its.outcome, its.asks, its.does_not_apply, its.remedy) == (Outcome.SKIP, False, True, None)


def test_who_is_asked_changes_no_verdict_and_each_skip_is_one_of_three() -> None:
    result = old(good()).set(f"hosts.{TARGET}.migration.enabled", False).result()
    skipped = [each for each in result.findings if each.outcome is Outcome.SKIP]
    assert all(each.asks + each.does_not_apply + bool(each.because) == 1 for each in skipped)
    assert {each.check for each in good().result().findings if each.asks} == NOT_GIVEN
    assert good().result().verdict is Verdict.GO
    kept = msgspec.json.decode(msgspec.json.encode(result), type=Result)
    assert [each.id for each in kept.findings if each.asks] == [each.id for each in result.findings if each.asks]
