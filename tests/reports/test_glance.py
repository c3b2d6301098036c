"""The first screen: what a reader with one minute is told."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Result
from checks.text import text
from reports.digest import grouped, reserve
from reports.glance import cause, glance, needed_for, next_steps
from reports.html import render
from reports.language import Language
from reports.obstacles import obstacles
from runner.after import after
from tests.reports import sample
from tests.world import TestWorld, account, good

ENGLISH = Language("en")


def rows(result: Result) -> dict[str, str]:
    return {row.heading: row.said for row in glance(result, obstacles(result), ENGLISH)}


def test_the_causes_are_the_first_things_to_mend_and_how_many_more_there_are() -> None:
    world = good().set("hosts.testserver02.migration.enabled", False).set("hosts.testserver01.vms.0.version", "99.0")
    world = world.set("hosts.testserver01.vms.0.state", 32773)
    result = world.result()
    said = cause(result, obstacles(result), ENGLISH)
    assert said.startswith("Live migration is not set up on both hosts as the move needs it. A VM cannot be moved as it is. ")
    assert "Live migrations are not enabled on TestServer02" in said
    assert "LMTest is being saved" in said
    assert said.endswith(" And 1 more.")
    assert cause(sample.go(), obstacles(sample.go()), ENGLISH) == ""


def test_what_is_left_to_accept_is_named_where_nobody_has_accepted_anything() -> None:
    assert rows(good().result())["Accepted"] == "nothing"
    assert rows(good().account("testserver02", delegate_to=()).result())["Accepted"] == "nothing yet. To be accepted: RISK 1"


def test_what_is_needed_for_the_start_is_told_from_what_ends_a_risk() -> None:
    both = good().account("testserver01", delegate_to=()).account("testserver02", delegate_to=()).result()
    said = needed_for(obstacles(both), ENGLISH)
    assert (
        said == "For the start: 1, 2. Against risks alone: 3; where that is left undone the verdict is "
        "GO WITH CONDITIONS at best, and whoever answers for the risks has to accept them."
    )
    assert needed_for(obstacles(good().account("testserver02", delegate_to=()).result()), ENGLISH) == ""


def test_the_next_steps_are_commands_and_only_a_new_result_allows_the_start() -> None:
    assert [*next_steps(sample.go(), ENGLISH)] == []
    steps = [*next_steps(sample.no_go(), ENGLISH)]
    assert [command for _, command in steps] == ["hvpreflight fix RUN", "hvpreflight check plan.toml"]
    assert steps[-1][0].endswith("only that result allows the start")


def test_where_risks_are_left_the_start_is_the_last_step_and_what_was_mended_is_judged_before() -> None:
    does = [*next_steps(good().account("testserver02", delegate_to=()).result(), ENGLISH)]
    assert [command for _, command in does] == [
        "",
        "",
        "hvpreflight check plan.toml",
        "hvpreflight check plan.toml --waivers waivers.toml",
        "",
    ]
    assert does[-1][0].endswith("and start while that result is valid")


def test_old_tickets_are_purged_on_each_host_for_which_the_directory_changes() -> None:
    flags = {"user_account_control": 0x1000}
    world = good().account("testserver01", **flags).account("testserver02", **flags)
    found = world.result()
    told = replace(found, after=after(found, world.plan, world.snapshot))
    commands = {command: does for does, command in next_steps(told, ENGLISH)}
    assert [*commands] == [
        "hvpreflight fix RUN",
        "hvpreflight wait plan.toml --no-tickets",
        "klist purge -li 0x3e7",
        "",
        "hvpreflight check plan.toml",
    ]
    assert commands["klist purge -li 0x3e7"].startswith(
        "Then have new tickets issued at once, on TestServer01, TestServer02, as administrator"
    )
    assert render(told, language=ENGLISH).count("Effective: as above, for TestServer02.") == 1


@pytest.mark.parametrize(
    ("world", "named"),
    [
        (good().account("testserver01", user_account_control=0x1000), True),
        (good().set("hosts.testserver02.migration.enabled", False), False),
    ],
)
def test_where_delegation_changes_an_old_ticket_may_still_be_named_after_the_fixes(world: TestWorld, named: bool) -> None:
    found = world.result()
    left = after(found, world.plan, world.snapshot)
    assert left is not None
    assert bool(reserve(replace(found, after=left), ENGLISH)) is named


def test_a_way_back_that_fails_is_told_by_what_follows_and_where_it_is_told_why() -> None:
    held = rows(good().result())["Moving back later"]
    assert held.startswith("Nothing that is known today stands in the way back")
    broken = good().account("testserver02", delegate_to=account("TestServer02", 2, "TestServer01").delegate_to[:1])
    assert rows(broken.result())["Moving back later"].startswith(
        "As planned, moving back would fail. RISK 1 says what makes it possible; if that is not done, make a backup"
    )
    in_a_session = rows(good().account("testserver02", user_account_control=0x1000).result())["Moving back later"]
    assert "so does a start in a session on TestServer02, for which nothing has to be changed. If neither is done" in in_a_session


def test_what_stops_the_move_and_its_way_back_is_told_once() -> None:
    flags = {"user_account_control": 0x1000}
    both = good().account("testserver01", **flags).account("testserver02", **flags).result()
    same = "On the way back (TestServer02 → TestServer01): the same as in BLOCKER 1, at TestServer02"
    assert f"</span> {same}</h3>" in render(both)


def test_many_ways_back_with_one_thing_in_their_way_are_told_together() -> None:
    def back(host: str) -> FindingRecord:
        why = text("{source} may not delegate to {target}", source=host, target="TestServer09")
        said = text("On the way back ({source} → {target}): {why}", source=host, target="TestServer09", why=why)
        found = sample.finding("delegation.ticket_age", sample.pair("TestServer09", host), Outcome.FAIL, said.template)
        return replace(found, message=replace(found.message, values=said.values))

    assert len(grouped(map(back, ("TestServer01", "TestServer02", "TestServer03")))) == 1


def test_an_estimate_says_of_what_it_is_made_where_it_stands() -> None:
    said = rows(good().result())["Plan in time"]
    assert said.endswith(
        "Computed from memory, files and the speed of the links; not counted: what changes meanwhile, slower disks, other traffic"
    )


def test_what_was_not_judged_is_counted_with_what_nobody_looks_at() -> None:
    way = sample.pair("TestServer01", "TestServer02")
    move = sample.move("LMTest", "TestServer01", "TestServer02")
    findings = [
        sample.finding("migration.enabled", sample.host("TestServer02"), Outcome.FAIL, "Off"),
        sample.finding("network.port_6600", way, Outcome.SKIP, "Not judged, because {because} failed", because=("migration.enabled@x",)),
        sample.finding("delegation.ticket_age", way, Outcome.UNKNOWN, "Not known", severity=Severity.RISK),
        sample.finding("vm.running", move, Outcome.SKIP, "Does not apply"),
    ]
    result = replace(sample.result([move], findings), unlooked={"vm": ("a", "b"), "plan": ("c",)})
    assert rows(result)["What was judged"] == (
        "4 findings: 1 judged, 1 not known, 1 not judged because something else failed, 1 not applicable. "
        "This version does not look at 3 further things"
    )
    assert rows(good().result())["What was judged"].startswith(
        "92 findings: 75 judged, 4 for somebody to give or look at (who changes delegation; change window; management tools of the "
        "computer where moves are started; output of Compare-VM), 13 not applicable."
    )
