"""The right cause first: failure texts of public reports and of our own, each with its answer, from beside the project."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from tests.diagnose.examples import MUTATIONS, Row, ask, confirmed, first_file, found, pairs, reports, second_file, table, wrongly_joined


@pytest.mark.parametrize("rows", [first_file, second_file, reports], ids=["examples", "examples 2", "reports"])
def test_each_example_is_answered_rightly(rows: Callable[[], Iterable[Row]], record_property: Callable[[str, str], None]) -> None:
    went = list(rows())
    record_property("Examples of failures, by kind", table(went))
    assert {row.id: row.said for row in went if not row.right} == {}
    assert [(row.id, row.said) for row in went if row.wrong] == []


@pytest.mark.parametrize("kind", MUTATIONS)
def test_what_happens_to_a_text_on_its_way_does_not_lose_its_cause(kind: str) -> None:
    change = MUTATIONS[kind]
    lost = [example["id"] for example in confirmed() if not found(example, ask(change(example["text"]).encode()))]
    assert len(lost) <= round(0.05 * len(confirmed())), lost


def test_the_text_of_another_failure_beside_it_makes_no_third_cause() -> None:
    """Each example with two others behind it: `docs/benchmarks/bench.py examples` takes all of them."""
    assert wrongly_joined(pairs((7, 20))) == []
