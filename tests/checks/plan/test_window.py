from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.network import Adapter
from checks.plan import Window
from checks.result import Verdict
from checks.windows.names import MachineName
from tests.world import TestWorld, good

CHECK = "plan.window"
ADAPTERS = "hosts.testserver02.adapters"
BEGAN = good().snapshot.collected.start
HOUR = timedelta(hours=1)


def world(start: float, end: float) -> TestWorld:
    """With a change window that begins and ends so many hours after the facts were read."""
    return _with(good(), BEGAN + start * HOUR, BEGAN + end * HOUR)


def within(world: TestWorld, seconds: int) -> TestWorld:
    """With a change window of that length in which the facts are valid."""
    return _with(world, BEGAN + HOUR, BEGAN + HOUR + timedelta(seconds=seconds))


def _with(world: TestWorld, start: datetime, end: datetime) -> TestWorld:
    return world.with_plan(change=replace(world.plan.change, window=Window(start, end)))


@pytest.mark.parametrize(
    ("start", "end", "outcome", "severity", "verdict"),
    [
        (1, 7, Outcome.PASS, None, Verdict.GO),
        (-1, 24, Outcome.PASS, None, Verdict.GO),
        (20, 24.1, Outcome.FAIL, Severity.ADVICE, Verdict.GO),
        (24.1, 30, Outcome.FAIL, Severity.RISK, Verdict.CONDITIONS),
        (240, 246, Outcome.FAIL, Severity.RISK, Verdict.CONDITIONS),
        (-7, -1, Outcome.FAIL, Severity.RISK, Verdict.CONDITIONS),
    ],
)
def test_a_window_beyond_the_validity_of_the_facts_is_said(
    start: float, end: float, outcome: Outcome, severity: Severity | None, verdict: Verdict
) -> None:
    found = world(start, end).finding(CHECK, "plan")
    assert found.outcome is outcome
    assert severity is None or found.severity is severity
    result = world(start, end).result()
    assert (result.verdict, {move.verdict for move in result.moves}) == (verdict, {verdict})


def test_without_a_window_there_is_nothing_to_compare() -> None:
    assert good().finding(CHECK, "plan").outcome is Outcome.SKIP


def test_a_window_of_another_time_zone_is_compared_as_a_moment() -> None:
    found = world(1, 7).finding(CHECK, "plan")
    assert found.evidence[0].actual == f"{BEGAN + HOUR:%Y-%m-%dT%H:%MZ}"


def test_moves_that_take_longer_than_the_window_are_a_risk() -> None:
    enough, short = (within(good(), seconds).finding(CHECK, "plan") for seconds in (37, 36))  # 44 GiB over 10 Gbit/s
    assert enough.outcome is Outcome.PASS
    assert (short.outcome, short.severity) == (Outcome.FAIL, Severity.RISK)
    back = within(good().with_return(), 60).finding(CHECK, "plan")
    assert (
        back.message.text == "Without what compression may save, the moves take at least 1 min in 2 waves, and the change window has 1 min"
    )
    assert within(good().with_return(), 60).result().verdict is Verdict.CONDITIONS
    assert within(good().with_return(), 75).finding(CHECK, "plan").outcome is Outcome.PASS


def test_a_window_that_is_too_short_is_said_before_facts_that_end_in_it() -> None:
    start = BEGAN + 23 * HOUR
    slow = good().set(ADAPTERS, (Adapter("Migration", 7, "A0369F0B0002", False, 10_000_000),))
    assert _with(slow, start, start + 2 * HOUR).finding(CHECK, "plan").severity is Severity.RISK
    assert _with(good(), start, start + 2 * HOUR).finding(CHECK, "plan").severity is Severity.ADVICE


def test_what_no_fact_tells_is_not_counted_and_said() -> None:
    share = {"vm": MachineName("LMTest"), "storage_only": True, "destination_path": "E:\\VMs"}
    world = good().with_plan(moves=(replace(good().plan.moves[0], **share), *good().plan.moves))
    found = within(world, 36).finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text == (
        "Without what compression may save, the moves take at least 0 min in 2 waves, not counting 1 of the moves, and the change window "
        "has 0 min"
    )
    fits = within(world, 37).finding(CHECK, "plan")
    assert (fits.outcome, fits.evidence[-1].actual) == (Outcome.PASS, 1)


@pytest.mark.parametrize("path", ["hosts.testserver02.adapters", "hosts.testserver01.virtual_disks", "hosts.testserver02.migration"])
def test_a_fact_that_is_missing_for_the_estimate_leaves_open_whether_the_moves_fit(path: str) -> None:
    for world in (within(good(), 36), within(good(), 7200)):
        found = world.miss(path).finding(CHECK, "plan")
        assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.RISK)
        assert found.lacks
        assert found.lacks.fact == f"hosts.{path.rpartition('.')[2]}"


def test_a_snapshot_of_a_program_that_read_no_speed_leaves_it_open_too() -> None:
    adapters = (Adapter("Migration", 7, "A0369F0B0002", False),)
    assert within(good().set(ADAPTERS, adapters), 7200).finding(CHECK, "plan").outcome is Outcome.UNKNOWN


def test_what_is_known_to_be_too_long_is_so_whatever_else_is_missing() -> None:
    world = good().with_return()
    other = replace(world.plan.moves[0], vm=MachineName("Nobody"))
    found = within(world.with_plan(moves=(*world.plan.moves, other)), 60).finding(CHECK, "plan")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
