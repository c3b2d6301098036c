"""What a house demands beyond what moves need: it is kept to, shown, and never makes a verdict better."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import reports.html
from checks.check import Outcome, Severity
from checks.facts.fact import Known
from checks.facts.network import Adapter, Route
from checks.plan import ChangeRequest, Window
from checks.policy import Policy
from checks.registry import all_checks
from checks.result import EXIT_CODES, FindingRecord, Result, Verdict
from reports.console import write
from runner.files.policy import read_policy
from runner.files.snapshot import encode
from runner.files.tables import FileError
from tests.checks.platform import test_clock
from tests.program import hvpreflight
from tests.test_waiving import PLAN
from tests.world import AT, TestWorld, good

ANY = good().set("hosts.testserver02.migration.any_network", True)
RISK = "network.isolated@testserver02"


def of(result: Result, id: str) -> FindingRecord:
    return next(finding for finding in result.findings if finding.id == id)


@pytest.mark.parametrize("named", ["network.isolated", "network"])
def test_a_risk_of_a_check_that_counts_as_a_blocker_is_one(named: str) -> None:
    assert ANY.result().verdict is Verdict.CONDITIONS
    result = ANY.result(policy=Policy(blockers=(named,)))
    assert (result.verdict, of(result, RISK).severity) == (Verdict.NO_GO, Severity.BLOCKER)


def test_a_risk_that_was_not_judged_and_counts_as_a_blocker_leaves_the_verdict_open() -> None:
    world, pair = good().miss("hosts.testserver02.migration"), "migration.performance_option@testserver01>testserver02"
    checks = tuple(replace(check, depends_on=()) for check in all_checks() if check.id == "migration.performance_option")
    assert of(world.result(checks), pair).severity is Severity.RISK
    strict = of(world.result(checks, policy=Policy(blockers=("migration",))), pair)
    assert (strict.outcome, strict.severity, strict.verdict) == (Outcome.UNKNOWN, Severity.BLOCKER, Verdict.INCOMPLETE)


def test_a_clock_may_differ_by_no_more_than_the_policy_says() -> None:
    world = test_clock.shifted(60)
    pair = "platform.clock@testserver01>testserver02"
    assert of(world.result(), pair).outcome is Outcome.PASS
    strict = of(world.result(policy=Policy(clock_seconds=30)), pair)
    assert (strict.outcome, strict.severity) == (Outcome.FAIL, Severity.RISK)


def test_facts_are_too_old_when_the_policy_says_so_and_the_window_is_compared_with_that() -> None:
    begin = AT + timedelta(hours=10)
    change = ChangeRequest(window=Window(start=begin, end=begin + timedelta(hours=2)))
    world = good().with_plan(change=change)
    assert of(world.result(), "plan.window@plan").outcome is Outcome.PASS
    result = world.result(policy=Policy(validity_hours=8))
    assert result.valid_until == result.collected.start + timedelta(hours=8)
    window = of(result, "plan.window@plan")
    assert window.outcome is Outcome.FAIL
    assert window.remedy
    assert "within the 8 hours before" in window.remedy.text


@pytest.mark.parametrize(
    ("allowed", "outcome"),
    [
        (("192.168.10.0/24",), Outcome.PASS),
        (("192.168.0.0/16", "10.0.0.0/8"), Outcome.PASS),
        (("192.168.10.0/25",), Outcome.FAIL),
        (("2001:db8::/32",), Outcome.FAIL),
        ((), Outcome.FAIL),
    ],
)
def test_migration_networks_lie_in_those_that_the_policy_allows(allowed: tuple[str, ...], outcome: Outcome) -> None:
    found = of(good().result(policy=Policy(migration_networks=allowed)), "network.isolated@testserver01")
    assert found.outcome is outcome
    if outcome is Outcome.FAIL:
        assert "and the policy allows" in found.message.text


@pytest.mark.parametrize(
    ("speed", "outcome"),
    [
        (10_000_000_000, Outcome.PASS),
        (25_000_000_000, Outcome.PASS),
        (9_999_999_999, Outcome.FAIL),
        (1_000_000_000, Outcome.FAIL),
        (0, Outcome.UNKNOWN),
        (2**64 - 1, Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_links_for_migrations_are_as_fast_as_the_policy_demands(speed: int | None, outcome: Outcome) -> None:
    adapters = (Adapter("vEthernet (LAN)", 5, "00155D0A0001", True, 1), Adapter("Migration", 7, "A0369F0B0001", False, speed))
    world = good().set("hosts.testserver01.adapters", adapters)
    isolated = "network.isolated@testserver01"
    assert of(world.result(), isolated).outcome is Outcome.PASS
    found = of(world.result(policy=Policy(minimum_link_mbps=10_000)), isolated)
    assert found.outcome is outcome
    if outcome is Outcome.FAIL:
        assert found.severity is Severity.RISK
        assert (
            found.message.text
            == "The policy demands 10000 Mbit/s of each link that carries migrations, and Migration of TestServer01 has less"
        )
        assert [(row.actual, row.expected) for row in found.evidence] == [(speed // 1_000_000 if speed else None, 10_000)]
        assert found.remedy
        assert "Connect Migration of TestServer01 at 10000 Mbit/s or more" in found.remedy.text


def test_a_demanded_speed_hides_nothing_that_is_known_to_be_wrong() -> None:
    routes = good().snapshot.hosts["testserver01"].routes
    assert isinstance(routes, Known)
    shared = good().set("hosts.testserver01.routes", (*routes.value, Route("0.0.0.0/0", "192.168.10.254", 7, 256)))
    for world in (shared, shared.miss("hosts.testserver01.adapters")):
        found = of(world.result(policy=Policy(minimum_link_mbps=10_000)), "network.isolated@testserver01")
        assert "default route" in found.message.text
    unread = of(good().miss("hosts.testserver01.adapters").result(policy=Policy(minimum_link_mbps=1)), "network.isolated@testserver01")
    assert unread.outcome is Outcome.UNKNOWN


def test_nothing_that_a_policy_can_say_makes_a_verdict_better() -> None:
    areas = tuple(sorted({check.area for check in all_checks()}))
    strict = Policy(blockers=areas, clock_seconds=1, validity_hours=1, migration_networks=("10.0.0.0/8",), minimum_link_mbps=25_000)
    worlds: list[TestWorld] = [good(), ANY, test_clock.shifted(200), good().miss("hosts.testserver02.migration")]
    for world in worlds:
        plain, judged = world.result(), world.result(policy=strict)
        assert judged.verdict.weight >= plain.verdict.weight
        for before, after in zip(plain.findings, judged.findings, strict=True):
            assert after.because or after.verdict.weight >= before.verdict.weight


def test_the_reports_say_what_was_demanded() -> None:
    result = ANY.result(policy=Policy(blockers=("network.isolated",), clock_seconds=30, minimum_link_mbps=1000))
    assert msgspec.json.decode(msgspec.json.encode(result), type=Result) == result
    stream = io.StringIO()
    write(result, stream=stream)
    assert "policy: blockers = network.isolated; clock_seconds = 30; minimum_link_mbps = 1000" in stream.getvalue()
    assert "blockers = network.isolated; clock_seconds = 30" in reports.html.render(result)


GOOD = """blockers = ["network.isolated", "delegation"]
clock_seconds = 30
validity_hours = 8
migration_networks = ["10.77.0.0/24"]
minimum_link_mbps = 10000
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("network.isolated", "network.isolatd", "1: there is no check and no area network.isolatd; did you mean network.isolated?"),
        ("= 30", "= 300", "2: clock_seconds: "),
        ("= 8", "= 48", "3: validity_hours: "),
        ("10.77.0.0/24", "10.77.0.0/99", "4: '10.77.0.0/99' is not a network such as 10.77.0.0/24"),
        ("= 10000", "= 0", "5: minimum_link_mbps: "),
        ("clock_seconds", "clock_second", "2: unknown key clock_second; did you mean clock_seconds?"),
    ],
)
def test_what_is_wrong_with_a_policy_is_told_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_policy(path, all_checks())[0].demands["validity_hours"] == "8"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(FileError) as raised:
        read_policy(path, all_checks())
    assert str(raised.value).removeprefix(f"{path}:").startswith(said)


def test_a_run_keeps_its_policy_and_fix_follows_it(tmp_path: Path) -> None:
    plan, snapshot, policy, run = (tmp_path / name for name in ("plan.toml", "facts.json", "strict.toml", "run"))
    plan.write_text(PLAN, encoding="utf-8")
    now = datetime.now(UTC)
    snapshot.write_bytes(encode(replace(ANY.snapshot, collected=replace(ANY.snapshot.collected, start=now, end=now))))
    policy.write_text(GOOD, encoding="utf-8")
    ran = hvpreflight("check", plan, "--snapshot", snapshot, "--policy", policy, "--out", run, folder=run)
    assert ran.code == EXIT_CODES[Verdict.NO_GO], ran.out + ran.err
    assert hvpreflight("fix", run).code == 0
    (run / "policy.toml").write_text(GOOD.replace("30", "31"), encoding="utf-8")
    refused = hvpreflight("fix", run, "-o", tmp_path / "more")
    assert (refused.code, "this is not the policy" in refused.err) == (2, True), refused.err
