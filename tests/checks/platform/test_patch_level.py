from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.result import Verdict
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, BUILD_2019
from tests.checks.delegation.situations import PAIR
from tests.world import TestWorld, good

CHECK = "platform.patch_level"


def world(source: int | None, target: int | None, build: int = BUILD_2016) -> TestWorld:
    made = good()
    for host, revision in (("testserver01", source), ("testserver02", target)):
        made = made.set(f"hosts.{host}.os.update_revision", revision).set(f"hosts.{host}.os.build", build)
    return made


def test_the_same_update_passes() -> None:
    assert world(7159, 7159).finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize(("source", "target", "older"), [(7159, 6000, "TestServer02"), (0, 7159, "TestServer01")])
def test_another_update_is_a_risk_that_shows_both_and_asks_the_older_host(source: int, target: int, older: str) -> None:
    found = world(source, target).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"14393.{source}" in found.message.text
    assert f"14393.{target}" in found.message.text
    assert found.remedy
    assert found.remedy.who == f"administrator of {older}"


def test_updates_of_different_windows_are_not_compared() -> None:
    other = world(7159, 6000).set("hosts.testserver02.os.build", BUILD_2019)
    assert other.finding(CHECK, PAIR).outcome is Outcome.SKIP


@pytest.mark.parametrize("build", [BUILD_2012, BUILD_2012_R2])
def test_an_old_windows_that_tells_no_number_is_skipped(build: int) -> None:
    assert world(None, None, build).finding(CHECK, PAIR).outcome is Outcome.SKIP
    assert world(20000, 21620, build).finding(CHECK, PAIR).outcome is Outcome.FAIL


def test_where_only_storage_moves_the_updates_do_not_matter() -> None:
    moved = world(7159, 6000).move(storage_only=True, destination_path="\\\\testserver02\\vms")
    assert moved.finding(CHECK, PAIR).outcome is Outcome.SKIP


@pytest.mark.parametrize("unread", [world(None, 7159), world(7159, None), good().miss("hosts.testserver02.os")])
def test_an_update_that_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
