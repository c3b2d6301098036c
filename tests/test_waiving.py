"""What a waiver does to a verdict, and what it never does."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import reports.html
from checks.check import Outcome
from checks.result import EXIT_CODES, FindingRecord, Result, Verdict
from checks.waiver import Waiver, WaiverState
from reports.console import write
from reports.language import Language
from runner.files.snapshot import encode
from tests.program import hvpreflight
from tests.world import TestWorld, good

DAY = date(2026, 12, 5)
BLOCKER = "migration.enabled@testserver02"
RISK = "network.isolated@testserver02"
TARGET = "hosts.testserver02"
FAILING = (
    good()
    .set(f"{TARGET}.migration.enabled", False)
    .set(f"{TARGET}.migration.any_network", True)
    .set(f"{TARGET}.migration_port.sockets.0.address", "0.0.0.0")
)


def waiver(finding: str, expires: date = DAY, **subject: Any) -> Waiver:
    return Waiver(finding=finding, reason="It follows <b>", approved_by="Change board", ticket="CHG1", expires=expires, **subject)


def of(result: Result, id: str) -> FindingRecord:
    return next(finding for finding in result.findings if finding.id == id)


def waived(*waivers: Waiver, world: TestWorld = FAILING, until: date | None = DAY) -> Result:
    return world.result(waivers=waivers, waived_until=until)


def test_an_accepted_blocker_is_a_condition_and_an_accepted_risk_none() -> None:
    assert waived().verdict is Verdict.NO_GO
    assert waived(waiver(RISK)).verdict is Verdict.NO_GO
    only_risk_left = waived(waiver(BLOCKER))
    assert only_risk_left.verdict is Verdict.CONDITIONS
    assert waived(waiver(BLOCKER), waiver(RISK)).verdict is Verdict.CONDITIONS
    risk_alone = FAILING.set("hosts.testserver02.migration.enabled", True)
    assert risk_alone.result().verdict is Verdict.CONDITIONS
    assert waived(waiver(RISK), world=risk_alone).verdict is Verdict.GO


def test_an_accepted_failure_stays_one_and_says_who_accepts_it() -> None:
    result = waived(waiver(BLOCKER))
    finding = of(result, BLOCKER)
    assert (finding.outcome, finding.waiver) == (Outcome.FAIL, waiver(BLOCKER))
    assert result.counts[Outcome.FAIL] == waived().counts[Outcome.FAIL]
    assert [(use.state, use.findings) for use in result.waivers] == [(WaiverState.APPLIED, (BLOCKER,))]
    assert msgspec.json.decode(msgspec.json.encode(result), type=Result) == result


def test_what_an_accepted_failure_would_have_stopped_is_judged() -> None:
    stopped = [finding.id for finding in waived().findings if BLOCKER in finding.because]
    assert stopped
    assert [id for id in stopped if of(waived(waiver(BLOCKER)), id).because] == []


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (waiver(BLOCKER, DAY - timedelta(days=1)), WaiverState.EXPIRED),
        (waiver("migration.enabled@testserver03"), WaiverState.UNKNOWN),
        (waiver("migration.enabled", host="testserver03"), WaiverState.UNKNOWN),
        (waiver("migration.enabled@testserver01"), WaiverState.NOT_NEEDED),
        (waiver("migration.enabled", host="TESTSERVER01"), WaiverState.NOT_NEEDED),
    ],
)
def test_a_waiver_that_accepts_nothing_says_why_and_changes_nothing(given: Waiver, state: WaiverState) -> None:
    result = waived(given)
    assert [use.state for use in result.waivers] == [state]
    assert result.findings == waived().findings


def test_what_was_not_read_cannot_be_accepted() -> None:
    world = good().miss("hosts.testserver02.migration")
    result = waived(waiver("migration.enabled", host="testserver02"), world=world)
    assert [use.state for use in result.waivers] == [WaiverState.NOT_JUDGED]
    assert (result.verdict, of(result, BLOCKER).waiver) == (Verdict.INCOMPLETE, None)


@pytest.mark.parametrize("named", [waiver("MIGRATION.enabled@TestServer02"), waiver("migration.enabled", host="TESTSERVER02")])
def test_names_are_compared_as_windows_does(named: Waiver) -> None:
    assert of(waived(named), BLOCKER).waiver == named


def test_of_two_waivers_for_one_failure_the_first_counts_and_an_expired_one_never() -> None:
    old, first, second = waiver(BLOCKER, DAY - timedelta(days=9)), waiver(BLOCKER), waiver("migration.enabled", host="testserver02")
    states = [use.state for use in waived(old, first, second).waivers]
    assert states == [WaiverState.EXPIRED, WaiverState.APPLIED, WaiverState.NOT_NEEDED]


def test_the_reports_show_what_is_accepted_and_which_waivers_accept_nothing() -> None:
    result = waived(waiver(BLOCKER), waiver("migration.enabled@testserver03"))
    stream = io.StringIO()
    write(result, stream=stream)
    console = stream.getvalue()
    assert "accepted by Change board (CHG1) until 2026-12-05: It follows <b>" in console
    assert "migration.enabled@testserver03: names nothing in this plan" in console
    assert "1 accepted blocker (migration.enabled)" in console.splitlines()[-1]
    page = reports.html.render(result, language=Language("de"))
    assert "It follows &lt;b&gt;" in page
    assert "nennt nichts in diesem Plan" in page
    assert "Für diesen Lauf wurden keine Ausnahmen angegeben" not in page
    assert "Für diesen Lauf wurden keine Ausnahmen angegeben" in reports.html.render(waived(), language=Language("de"))


WAIVERS = f"""[[waivers]]
finding = "{BLOCKER}"
reason = "It follows"
approved_by = "Change board"
expires = 2999-12-31
"""
PLAN = """[defaults]
operator = 'CONTOSO\\hv-operator'
[[moves]]
vm = "LMTest"
source = "TestServer01"
target = "TestServer02"
destination_path = 'D:\\LMTest'
"""


def test_a_run_keeps_its_waivers_and_fix_writes_nothing_for_what_is_accepted(tmp_path: Path) -> None:
    plan, snapshot, waivers, run = (tmp_path / name for name in ("plan.toml", "facts.json", "accepted.toml", "run"))
    plan.write_text(PLAN.replace("\\\\", "\\"), encoding="utf-8")
    now = datetime.now(UTC)
    snapshot.write_bytes(encode(replace(FAILING.snapshot, collected=replace(FAILING.snapshot.collected, start=now, end=now))))
    waivers.write_text(WAIVERS, encoding="utf-8")
    arguments = ("check", plan, "--snapshot", snapshot, "--waivers", waivers, "--out", run)
    ran = hvpreflight(*arguments, folder=run)
    assert ran.code == EXIT_CODES[Verdict.CONDITIONS], ran.out + ran.err
    assert (run / "waivers.toml").read_text(encoding="utf-8") == WAIVERS
    fixed = hvpreflight("fix", run)
    assert fixed.code == 0, fixed.err
    readme = (run / "fix" / "README.md").read_text(encoding="utf-8")
    assert ("network.isolated" in readme, "migration.enabled" in readme) == (True, False)
    (run / "waivers.toml").unlink()
    refused = hvpreflight("fix", run, "-o", tmp_path / "more")
    assert (refused.code, "these are not the waivers" in refused.err) == (2, True), refused.err
