from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.plan import Window
from checks.result import Verdict
from tests.world import TestWorld, good

CHECK = "plan.window"
BEGAN = good().snapshot.collected.start
HOUR = timedelta(hours=1)


def world(start: float, end: float) -> TestWorld:
    """With a change window that begins and ends so many hours after the facts were read."""
    change = replace(good().plan.change, window=Window(BEGAN + start * HOUR, BEGAN + end * HOUR))
    return good().with_plan(change=change)


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
