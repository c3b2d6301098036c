from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import ControllerClock, Locator
from checks.facts.fact import Reason
from checks.facts.snapshot import HostVisit
from checks.facts.system import DomainRole
from checks.result import FindingRecord
from lab import scenario
from lab.forest import Forest
from tests import program
from tests.world import AT, IN_CONTOSO, IN_FABRIKAM, TestWorld, across_domains, good

CHECK, PAIR = "platform.clock", "testserver01>testserver02"
SOURCE, TARGET = "testserver01", "testserver02"
DC_CLOCK = f"{IN_CONTOSO}.clock"


def shifted(seconds: float, host: str = SOURCE, world: TestWorld | None = None) -> TestWorld:
    return (world or good()).set(f"hosts.{host}.clock.utc", AT + timedelta(seconds=seconds))


def judged(world: TestWorld) -> FindingRecord:
    return world.finding(CHECK, PAIR)


def both(seconds: float) -> FindingRecord:
    """Both hosts alike away from their controller."""
    return judged(shifted(seconds, TARGET, shifted(seconds)))


def visited_for(seconds: float, world: TestWorld) -> TestWorld:
    visit: HostVisit = world.snapshot.visits[SOURCE]
    return world.set(f"visits.{SOURCE}", replace(visit, end=visit.start + timedelta(seconds=seconds)))


def test_clocks_that_agree_pass_and_the_most_they_can_differ_is_said() -> None:
    found = judged(good())
    assert found.outcome is Outcome.PASS
    assert "dc01.contoso.test" in found.message.text
    assert [evidence.actual for evidence in found.evidence] == ["2026-12-05T12:00:00Z"] * 3


@pytest.mark.parametrize(("seconds", "says"), [(420, "418 to 421 seconds ahead of"), (-420, "419 to 422 seconds behind")])
@pytest.mark.parametrize("host", [SOURCE, TARGET])
def test_a_host_that_is_beyond_the_tolerance_is_a_blocker(seconds: float, says: str, host: str) -> None:
    found = judged(shifted(seconds, host))
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.BLOCKER, ("0x80090324",))
    assert says in found.message.text
    assert "dc01.contoso.test" in found.message.text
    assert found.remedy is not None
    assert found.remedy.who.casefold() == f"administrator of {host}"
    assert len(found.remedy.commands) == len(found.remedy.verify) == 1


@pytest.mark.parametrize("utc", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_a_clock_at_the_end_of_time_is_wrong_like_any_other(utc: datetime) -> None:
    for path in (f"hosts.{SOURCE}.clock.utc", f"{DC_CLOCK}.utc"):
        found = judged(good().set(path, utc))
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_a_controller_that_is_wrong_shows_on_both_hosts_and_the_remedy_names_it() -> None:
    found = judged(good().set(f"{DC_CLOCK}.utc", AT + timedelta(seconds=400)))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.remedy is not None
    assert found.remedy.who == "administrator of TestServer01, TestServer02"
    assert "dc01.contoso.test" in found.remedy.text


def test_from_two_minutes_on_it_is_a_risk_without_a_code() -> None:
    found = judged(shifted(180))
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.RISK, ())
    assert "178 to 181 seconds ahead" in found.message.text


@pytest.mark.parametrize(
    ("seconds", "outcome", "severity"),
    [
        (118, Outcome.PASS, Severity.BLOCKER),
        (119, Outcome.FAIL, Severity.RISK),
        (299, Outcome.FAIL, Severity.RISK),
        (300, Outcome.UNKNOWN, Severity.BLOCKER),
        (302, Outcome.UNKNOWN, Severity.BLOCKER),
        (303, Outcome.FAIL, Severity.BLOCKER),
    ],
)
def test_a_range_is_within_a_limit_only_as_a_whole(seconds: float, outcome: Outcome, severity: Severity) -> None:
    found = both(seconds)
    assert (found.outcome, found.severity) == (outcome, severity)


def test_a_range_that_may_hold_more_than_the_tolerance_is_never_a_mere_risk() -> None:
    found = judged(visited_for(200, shifted(320)))
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)
    assert "the visit took 200 seconds" in found.message.text
    assert found.lacks is not None
    assert found.lacks.fact == "source.clock"


def test_a_long_visit_to_a_host_that_may_be_right_does_not_make_it_wrong() -> None:
    assert judged(visited_for(150, good())).outcome is Outcome.UNKNOWN
    assert judged(visited_for(100, good())).outcome is Outcome.PASS


def test_two_hosts_that_are_within_the_tolerance_of_their_controllers_may_be_beyond_that_of_each_other() -> None:
    found = judged(shifted(-160, TARGET, shifted(160)))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "TestServer01 is 318 to 322 seconds ahead of TestServer02" in found.message.text
    assert found.remedy is not None
    assert found.remedy.who == "administrator of TestServer01, TestServer02"


def test_two_domains_each_right_by_itself_can_be_apart() -> None:
    later = AT + timedelta(seconds=600)
    world = shifted(600, TARGET, across_domains()).set(f"{IN_FABRIKAM}.clock.utc", later)
    found = judged(world)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "behind TestServer02" in found.message.text


def test_hosts_of_two_domains_are_each_compared_with_their_own_controller() -> None:
    assert judged(across_domains()).outcome is Outcome.PASS
    world = across_domains().miss(f"{IN_FABRIKAM}.clock", Reason.UNREACHABLE)
    assert judged(world).reason is Reason.UNREACHABLE


@given(st.integers(-10_000, 10_000), st.integers(-700, 700), st.integers(0, 900), st.integers(0, 30))
def test_whatever_the_collectors_clock_says_and_whenever_in_the_visit_the_host_told_its_time_it_is_never_judged_wrongly(
    collector: int, difference: int, took: int, at: int
) -> None:
    """The host is `difference` seconds ahead of everybody else, and told so `at` seconds into a visit of `took`."""
    told = timedelta(seconds=min(at, took))
    ours = AT - timedelta(seconds=collector)
    world = shifted(difference + told.total_seconds())
    for host in (SOURCE, TARGET):
        visit = world.snapshot.visits[host]
        end = ours + (timedelta(seconds=took) if host == SOURCE else timedelta())
        world = world.set(f"visits.{host}", replace(visit, start=ours, end=end))
    found = judged(world.set(DC_CLOCK, ControllerClock(AT, ours, ours)))
    if found.outcome is Outcome.PASS:
        assert abs(difference) < 120
    elif found.outcome is Outcome.FAIL:
        assert (abs(difference) > 300) == (found.severity is Severity.BLOCKER)
    assert found.outcome is not Outcome.ERROR


@pytest.mark.parametrize(
    "path",
    [
        "hosts.testserver01.clock",
        "hosts.testserver02.clock",
        "hosts.testserver01.locators",
        "hosts.testserver02.computer",
        f"{IN_CONTOSO}.domain",
        DC_CLOCK,
    ],
)
def test_what_was_not_read_is_unknown(path: str) -> None:
    found = judged(good().miss(path))
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("domains.contoso·test.controllers", {}, "directory of contoso.test"),
        ("hosts.testserver01.locators", (), "controller of contoso.test"),
        ("hosts.testserver01.locators", (Locator("CONTOSO", "DC02", "", "contoso.test", ""),), "clock of DC02.contoso.test"),
        ("hosts.testserver01.locators", (Locator("FABRIKAM", "dc01.fabrikam.test", "", "", ""),), "controller of contoso.test"),
    ],
)
def test_without_the_clock_of_the_hosts_own_controller_nothing_is_said(path: str, value: object, says: str) -> None:
    found = judged(good().set(path, value))
    assert found.outcome is Outcome.UNKNOWN
    assert says in found.message.text


def test_a_snapshot_from_before_this_check_is_unknown_and_says_why() -> None:
    found = judged(good().unheard_of(f"{IN_CONTOSO}.clock"))
    assert found.outcome is Outcome.UNKNOWN
    assert "not collected by this snapshot's version (hvpreflight 0.1.0)" in found.message.text


def test_a_short_name_of_a_controller_is_of_the_domain_of_its_row() -> None:
    rows = (Locator("FABRIKAM", "DC09", "", "", ""), Locator("contoso", "DC01", "", "", ""))
    assert judged(good().set("hosts.testserver01.locators", rows)).outcome is Outcome.PASS


def test_a_time_without_the_visit_in_which_it_was_told_says_nothing() -> None:
    world = good()
    world = TestWorld(world.plan, replace(world.snapshot, visits={}))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_a_host_in_a_workgroup_is_not_judged() -> None:
    world = good().set("hosts.testserver01.computer.joined", False)
    (found,) = (each for each in world.result().findings if each.id == f"{CHECK}@{PAIR}")
    assert found.outcome is Outcome.SKIP


@pytest.mark.parametrize(
    ("source", "target", "controllers", "outcome"), [(420, 0, 0, "FAIL"), (0, 0, -420, "FAIL"), (86_400, 86_400, 86_400, "PASS")]
)
def test_over_the_wire_a_host_is_compared_with_its_controller_and_not_with_us(
    source: float, target: float, controllers: float, outcome: str, tmp_path: Path
) -> None:
    ready = scenario.load("ready")
    offsets = {"TestServer01": source, "TestServer02": target}
    domain = ready.domains["contoso.test"]
    shifted_controllers = {name: replace(spec, clock_offset_s=controllers) for name, spec in domain.controllers.items()}
    changed = replace(
        ready,
        hosts={name: replace(spec, clock_offset_s=offsets[name]) for name, spec in ready.hosts.items()},
        domains={"contoso.test": replace(domain, controllers=shifted_controllers)},
    )
    with Forest(changed) as forest:
        ran = program.check(forest, tmp_path / "run")
    (found,) = (each for each in ran.result["findings"] if each["check"] == CHECK)
    assert found["outcome"] == outcome
    if outcome == "FAIL":
        assert "seconds ahead of dc01.contoso.test" in found["message"]["text"]
    assert all(its["clock"]["fact"] == "known" for its in ran.snapshot["domains"]["contoso.test"]["controllers"].values())


def test_the_pdc_emulator_is_not_told_to_take_the_time_of_the_domain_that_takes_its() -> None:
    pdc = shifted(3_600).controller(SOURCE, DomainRole.PRIMARY_DOMAIN_CONTROLLER)
    remedy = judged(pdc).remedy
    assert remedy is not None
    assert "correct its own time source" in remedy.text
    assert remedy.commands == ()
    other = judged(shifted(3_600).controller(SOURCE)).remedy
    assert other is not None
    assert "/resync" in other.commands[0]
