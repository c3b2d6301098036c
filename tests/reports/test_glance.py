"""The first screen: what a reader with one minute is told."""

from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import Result
from reports.glance import cause, glance
from reports.language import Language
from reports.obstacles import obstacles
from tests.reports import sample
from tests.world import account, good

ENGLISH = Language("en")


def rows(result: Result) -> dict[str, str]:
    return {row.heading: row.said for row in glance(result, ENGLISH)}


def test_the_causes_are_the_first_things_to_mend_and_how_many_more_there_are() -> None:
    world = good().set("hosts.testserver02.migration.enabled", False).set("hosts.testserver01.vms.0.version", "99.0")
    world = world.set("hosts.testserver01.vms.0.state", 32773)
    result = world.result()
    said = cause(result, obstacles(result), ENGLISH)
    assert said.startswith("Live migrations are not enabled on TestServer02")
    assert "LMTest is being saved" in said
    assert said.endswith(" And 1 more.")
    assert cause(sample.go(), obstacles(sample.go()), ENGLISH) == ""


def test_a_way_back_that_fails_is_told_by_what_fails_on_it() -> None:
    held = rows(good().result())["Way back"]
    assert held.startswith("Nothing that is known today stands in the way back")
    broken = good().account("testserver02", delegate_to=account("TestServer02", 2, "TestServer01").delegate_to[:1])
    assert rows(broken.result())["Way back"].startswith("As planned, the VMs cannot simply be moved back: TestServer02 may not delegate to")


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
    assert rows(result)["Not known"] == (
        "2 of 4 findings were not judged (skipped, each for a reason: 1). This version does not look at 3 further things"
    )
