"""What changed from one run to the next."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result
from reports.difference import Became, State, as_data, differences, lines, new_failures, newly_unknown
from reports.language import Language
from tests.reports import sample
from tests.reports.test_forms import WAIVER

MOVE = sample.move("LMTest", "TestServer01", "TestServer02")
CHECK = "vm.version"


def finding(state: State, severity: Severity = Severity.BLOCKER, words: str = "It is so") -> tuple[FindingRecord, ...]:
    """A finding of one subject in a state, or none."""
    if state is State.ABSENT:
        return ()
    outcome = {State.FAILS: Outcome.FAIL, State.ACCEPTED: Outcome.FAIL, State.OPEN: Outcome.UNKNOWN, State.HOLDS: Outcome.PASS}[state]
    made = sample.finding(CHECK, MOVE, outcome, words, severity=severity)
    return (replace(made, waiver=WAIVER) if state is State.ACCEPTED else made,)


def result(findings: Iterable[FindingRecord]) -> Result:
    return sample.result([MOVE], tuple(findings))


EXPECTED = """
          FAILS         ACCEPTED  OPEN    HOLDS    ABSENT
FAILS     STILL         ACCEPTED  LOST    FIXED    GONE
ACCEPTED  NOT_ACCEPTED  .         LOST    FIXED    .
OPEN      NEW           .         .       SETTLED  .
HOLDS     NEW           .         OPEN    .        .
ABSENT    NEW           .         OPEN    .        .
"""
"""What a finding has become, by what it was (down) and what it is (across)."""


def test_what_was_and_what_is_say_what_a_finding_became() -> None:
    across, *rows = (line.split() for line in EXPECTED.strip().splitlines())
    for was, *became in rows:
        for now, wanted in zip(across, became, strict=True):
            found = differences(result(finding(State[was])), result(finding(State[now])))
            assert [each.became.name for each in found] == [wanted] * (wanted != "."), (was, now)


def test_a_failure_that_is_graver_counts_as_new_and_one_with_other_evidence_does_not() -> None:
    risk, other = finding(State.FAILS, Severity.RISK), finding(State.FAILS, Severity.RISK, "It is not so")
    for now, became, count in ((finding(State.FAILS), Became.GRAVER, 1), (other, Became.EVIDENCE, 0), (risk, Became.STILL, 0)):
        found = differences(result(risk), result(now))
        assert ([each.became for each in found], new_failures(found)) == ([became], count)


def test_new_advice_is_told_and_makes_no_run_worse() -> None:
    found = differences(result(finding(State.HOLDS)), result(finding(State.FAILS, Severity.ADVICE)))
    assert ([each.became for each in found], new_failures(found)) == ([Became.NEW], 0)


def test_what_is_not_known_any_more_makes_a_run_worse_whether_it_held_or_failed_before() -> None:
    for was in (State.FAILS, State.ACCEPTED, State.HOLDS, State.ABSENT):
        for severity, count in ((Severity.BLOCKER, 1), (Severity.RISK, 1), (Severity.ADVICE, 0)):
            found = differences(result(finding(was)), result(finding(State.OPEN, severity)))
            assert (newly_unknown(found), new_failures(found)) == (count, 0)
    assert newly_unknown(differences(result(finding(State.OPEN)), result(finding(State.OPEN)))) == 0


def test_what_was_not_judged_for_another_failure_is_never_called_fixed() -> None:
    (stopped,) = finding(State.HOLDS)
    stopped = replace(stopped, outcome=Outcome.SKIP, because=("migration.enabled@testserver02",))
    lost = differences(result(finding(State.FAILS)), result([stopped]))
    assert ([each.became for each in lost], newly_unknown(lost)) == ([Became.LOST], 0)
    assert differences(result(finding(State.HOLDS)), result([stopped])) == ()


@given(st.sampled_from(State), st.sampled_from(State))
def test_a_run_beside_itself_has_nothing_new_and_what_is_new_one_way_ended_the_other(one: State, other: State) -> None:
    here, there = result(finding(one)), result(finding(other))
    assert {each.became for each in differences(here, here)} <= {Became.STILL}
    forward, back = differences(here, there), differences(there, here)
    if new_failures(forward):
        assert new_failures(back) == 0
        assert other is State.FAILS


@pytest.mark.parametrize("language", ["en", "de"])
def test_each_change_is_told_once_with_its_subjects(language: str) -> None:
    old, new = sample.go(), sample.hostile()
    told = list(lines(old, new, differences(old, new), Language(language)))
    found = as_data(old, new, differences(old, new))
    assert found["new_failures"] == sum(each.fails for each in new.findings)
    assert list(found["changes"]["new"]) == [each.id for each in new.findings if each.outcome is Outcome.FAIL]
    assert told[-1].endswith(f"{found['new_failures']}.")
    sentences = [line for line in told if line and "…" not in line]
    assert len(sentences) == len(set(sentences))
    assert not [line for line in told if "‹" in line], "each sentence is true of those that it names"
