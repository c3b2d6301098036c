"""Of a failure everybody sees on which of its evidence it rests, and beside what passes nothing looks as if it stood in the way."""

from __future__ import annotations

from functools import cache

import pytest
from msgspec import UNSET

from checks.check import Evidence, Finding, Outcome, fails, passes
from checks.remedy import OPERATOR, Remedy
from checks.result import FindingRecord
from checks.text import Value, text
from tests.reports.worlds import judged


@cache
def found(outcome: Outcome) -> list[FindingRecord]:
    return [finding for _, result in judged() for finding in result.findings if finding.outcome is outcome]


def test_every_failure_rests_on_evidence_that_it_shows() -> None:
    assert [finding for finding in found(Outcome.FAIL) if not any(row.decides is True for row in finding.evidence)] == []


def test_beside_what_passes_no_row_decides_and_what_is_written_otherwise_is_said_to_be_no_obstacle() -> None:
    rows = {row for finding in found(Outcome.PASS) for row in finding.evidence}
    assert [row for row in rows if row.decides is True or (row.differs and row.decides is UNSET)] == []


def failure(*evidence: Evidence) -> Finding:
    return fails(text("it fails"), *evidence, remedy=Remedy(text("mend it"), OPERATOR))


def decided(*evidence: Evidence) -> list[str]:
    return [row.what for row in failure(*evidence).evidence if row.decides is True]


def test_a_failure_rests_on_what_is_not_as_expected() -> None:
    assert decided(Evidence.of("wrong", 1, 2), Evidence.of("right", 2, 2), Evidence.of("read", 3)) == ["wrong"]


def test_where_nothing_is_expected_otherwise_a_failure_rests_on_what_was_only_read() -> None:
    assert decided(Evidence.of("right", 2, 2), Evidence.of("read", 3), Evidence.of("context", 4, fits=True)) == ["read"]


def test_a_check_says_itself_what_comparing_does_not_tell() -> None:
    assert decided(Evidence.of("enough", 5, "at least 2", fits=True), Evidence.of("open", "open", "open", fits=False)) == ["open"]


def test_what_passes_rests_on_nothing() -> None:
    shown = passes("it passes", Evidence.of("one of two ways", "closed", "open", fits=False)).evidence
    assert [row.decides for row in shown] == [False]


@pytest.mark.parametrize(
    ("actual", "expected", "shown"),
    [
        (("cifs/HOST", "HOST/host"), ("host/HOST", "CIFS/host"), ("cifs/HOST", "HOST/host")),
        (("b", "a"), ("A", "B"), ("b", "a")),
        (("c", "b"), ("a", "B"), ("b", "a")),
        ((), ("a",), ("a",)),
        (("a",), (), ()),
    ],
)
def test_what_is_expected_stands_in_the_order_and_the_letters_in_which_it_was_found(actual: Value, expected: Value, shown: Value) -> None:
    assert Evidence.of("entries", actual, expected).expected == shown


def test_in_every_language_what_is_expected_stands_in_the_order_in_which_it_was_found() -> None:
    said = Evidence.of("sessions", (text("two"), text("one")), (text("one"), text("two"))).texts
    assert said
    assert said.expected == (text("two"), text("one"))


def test_lists_with_the_same_entries_do_not_differ() -> None:
    assert not Evidence.of("entries", ("b", "a"), ("A", "B")).differs
    assert Evidence.of("entries", ("b", "a"), ("A", "B", "c")).differs
