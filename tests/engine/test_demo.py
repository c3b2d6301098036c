"""`demo --engine`: the same forest, but each host runs the PowerShell that it is sent. Every fact is as without the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.sessions import pwsh
from tests.program import Ran, hvpreflight

pytestmark = pytest.mark.engine

TIMES = ("boot", "since", "utc")


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    pwsh()


def demo(out: Path, *more: str) -> Ran:
    return hvpreflight("demo", "--scenario", "half-dark", "--out", out, *more, folder=out)


def facts(ran: Ran) -> dict[tuple[str, str], Any]:
    """What each fact says, by host and name."""
    return {(host, name): said(fact) for host, its in ran.snapshot["hosts"].items() for name, fact in its.items()}


def said(fact: dict[str, Any]) -> Any:
    """What a fact says beside what differs between any two runs: times, the order of rows, and the words of a failure."""
    return fact["reason"] if fact["fact"] == "missing" else steady(fact["value"])


def steady(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(map(steady, value), key=json.dumps)
    if isinstance(value, dict):
        return {key: steady(value[key]) for key in sorted(value.keys() - {*TIMES})}
    return value


def test_every_fact_is_as_without_the_engine(tmp_path: Path) -> None:
    """Of a forest whose hosts cannot all be read. The facts of each host of every scenario are compared in test_scenarios.py."""
    by_the_lab, by_engines = demo(tmp_path / "lab"), demo(tmp_path / "engine", "--engine")
    assert by_engines.code == by_the_lab.code
    ours, lab = facts(by_engines), facts(by_the_lab)
    assert ours.keys() == lab.keys()
    assert {fact: (ours[fact], lab[fact]) for fact in lab if ours[fact] != lab[fact]} == {}
    ours, lab = ({finding["id"]: finding["outcome"] for finding in ran.result["findings"]} for ran in (by_engines, by_the_lab))
    assert ours == lab
