"""What each check says in each scenario of the lab: a whole collection of each, in this process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from checks.check import Outcome
from checks.result import Result
from lab import scenario
from lab.crowd import expand
from lab.forest import Forest
from lab.scenario import Scenario
from tests.gathering import judged

SHOWN = (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN)


class Ran(NamedTuple):
    """One scenario, and what the checks say of it."""

    described: Scenario
    result: Result


@cache
def ran() -> Mapping[str, Ran]:
    """Every scenario of the lab by its name, those of the areas last; of a crowd two hosts."""
    found = {}
    for name in (*scenario.names(), *scenario.areas()):
        described = expand(scenario.load(name), hosts=2, vms=2)
        with Forest(described) as forest:
            found[name] = Ran(described, judged(forest))
    return found


@cache
def outcomes() -> Mapping[str, Mapping[Outcome, tuple[str, ...]]]:
    """By check and outcome the scenarios in which that is said of something."""
    found: dict[str, dict[Outcome, dict[str, None]]] = {}
    for name, (_, result) in ran().items():
        for finding in result.findings:
            found.setdefault(finding.check, {}).setdefault(finding.outcome, {})[name] = None
    return {check: {outcome: tuple(names) for outcome, names in its.items()} for check, its in found.items()}
