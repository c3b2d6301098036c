"""What is said of a host or an account on a host holds whatever is moved between the hosts, so that the ways back need not ask again."""

from __future__ import annotations

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from checks.check import Check, Outcome, Scope
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.subject import Reads
from checks.told import Told
from checks.way_back import WaysBack, asked_of_ways_back
from checks.world import World
from runner.evaluate import Answers, Run, watchdog_over
from runner.waiving import Waiving
from tests.reports.worlds import worlds
from tests.test_nothing_gets_better import CHECKS, Changed, plans, snapshots

ASKED = tuple(check for check in CHECKS if asked_of_ways_back(check))
OF_HOSTS = tuple(check for check in ASKED if check.scope in (Scope.HOST, Scope.ACCESS))


def holds(plan: Plan, snapshot: Snapshot, checks: tuple[Check, ...]) -> bool:
    """Is the same said of the ways back by checks that know what they said of the moves, and are given hosts that know of no move, as by
    checks that are asked for the first time."""
    world = World(plan, snapshot)
    back, reads, answers = WaysBack(world), Reads(Told(plan, snapshot)), Answers()
    findings = []
    with watchdog_over(world) as watchdog:
        for asked, its, known in ((world, reads, answers), (back, reads, answers), (back, Reads(back), Answers())):
            run = Run(asked, checks, frozenset(), Waiving((), None), reads=its, answers=known)
            run.evaluate(watchdog)
            findings.append(run.findings)
    assert not [found for found in findings[0] if found.outcome is Outcome.ERROR]
    return findings[1] == findings[2]


def test_what_was_said_of_hosts_and_accounts_is_what_would_be_said_again() -> None:
    assert [world for world in worlds() if not holds(world.plan, world.snapshot, OF_HOSTS)] == []


@given(snapshots(), st.sampled_from(plans()))
def test_and_so_it_is_whatever_was_read(changed: Changed, plan: Plan) -> None:
    try:
        snapshot = msgspec.convert(changed.node, Snapshot)
    except msgspec.ValidationError:
        assume(False)
    assert holds(plan, snapshot, ASKED)
