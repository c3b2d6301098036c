"""What Compare-VM lists is told beside what the checks say of the same moves."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import reports.html
from checks.check import Outcome, Severity
from checks.result import EXIT_CODES, FindingRecord, Result, Verdict
from checks.second_opinion import Agreement, CompareReport, Incompatibility
from reports.console import write
from reports.language import Language
from runner.files.snapshot import encode
from tests.program import hvpreflight
from tests.test_waiving import PLAN
from tests.world import TestWorld, good, vm

CHECK = "plan.second_opinion"
SWITCH, DISK, STRANGE, FAILED, NO_STATE = 33012, 40010, 33333, 21024, 40004
NO_SWITCH = good().set("hosts.testserver02.switches", ())


def report(*ids: int | None, name: str | None = "LMTest", to: str | None = "TestServer02", message: str = "says Windows") -> CompareReport:
    return CompareReport("compare-vm-1.txt", name, None, to, tuple(Incompatibility(id, message) for id in ids))


def judged(*given: CompareReport, world: TestWorld | None = None) -> tuple[Result, FindingRecord]:
    result = (world or good()).result(reports=given)
    return result, next(found for found in result.findings if found.check == CHECK)


def agreements(*given: CompareReport, world: TestWorld | None = None) -> list[Agreement]:
    return [said.agreement for each in judged(*given, world=world)[0].compared for said in each.opinions]


def test_without_its_output_there_is_nothing_to_say() -> None:
    result, found = judged()
    assert (found.outcome, found.message.text) == (Outcome.SKIP, "No output of Compare-VM was given")
    assert (result.compared, result.verdict) == ((), Verdict.GO)


def test_an_empty_list_passes_and_makes_nothing_better() -> None:
    result, found = judged(report())
    assert (found.outcome, result.verdict) == (Outcome.PASS, Verdict.GO)
    assert found.message.text == "Compare-VM lists nothing; it was asked of 1 of 1 moves"
    assert agreements(report()) == [Agreement.NOTHING]
    assert judged(report(), world=NO_SWITCH)[0].verdict is NO_SWITCH.result().verdict is not Verdict.GO
    assert agreements(report(), world=NO_SWITCH) == [Agreement.LESS]


def test_what_is_listed_is_a_risk_for_its_move_and_says_whether_a_check_says_the_same() -> None:
    result, found = judged(report(SWITCH))
    assert (found.outcome, found.severity, result.verdict) == (Outcome.FAIL, Severity.RISK, Verdict.CONDITIONS)
    assert found.message.text == (
        "Compare-VM lists 1 incompatibilities of 1 moves, and a check says 0 of them too; first 33012 for "
        "LMTest: TestServer01 → TestServer02: no check that would see this has failed: look closer"
    )
    assert (found.evidence[0].actual, found.evidence[0].source) == ("says Windows", "compare-vm-1.txt")
    result, found = judged(report(SWITCH), world=NO_SWITCH)
    (said,) = result.compared[0].opinions
    assert (said.agreement, said.error, said.findings) == (Agreement.SAME, "33012", ("vm.switch@LMTest@testserver01>testserver02",))
    assert "a check says 1 of them too" in found.message.text


def test_each_entry_stands_to_the_checks_in_its_own_way() -> None:
    alone, strange = Agreement.ALONE, Agreement.NOT_KNOWN
    stands = {STRANGE: strange, 5: strange, NO_STATE: Agreement.NO_CHECK, None: Agreement.UNREAD, FAILED: alone, DISK: alone}
    assert agreements(report(*stands)) == [*stands.values()]
    assert agreements(report(FAILED), world=NO_SWITCH) == [Agreement.SAME], "it only says that something fails, and something does"
    assert agreements(report(SWITCH), world=good().miss("hosts.testserver02.switches")) == [Agreement.UNDECIDED]


@pytest.mark.parametrize("to", ["TestServer02", "TESTSERVER02", "testserver02.contoso.test", None])
@pytest.mark.parametrize("name", ["LMTest", "lmtest", None])
def test_a_report_is_of_the_moves_that_it_may_mean(name: str | None, to: str | None) -> None:
    result, found = judged(report(SWITCH, name=name, to=to))
    assert (found.outcome, result.compared[0].moves) == (Outcome.FAIL, (0,))


def test_a_report_that_names_no_vm_is_of_every_move_to_its_host() -> None:
    move = good().plan.moves[0]
    back = replace(move, vm="Other", source="TestServer02", target="TestServer01")
    world = good().set("hosts.testserver02.vms", (vm(name="Other"),)).with_plan(moves=(move, replace(move, vm="LMTest2"), back))
    result, _ = judged(report(SWITCH, name=None), world=world)
    assert result.compared[0].moves == (0, 1)
    assert [f"{CHECK}@plan" in each.findings for each in result.moves] == [True, True, False]


def test_a_report_of_no_move_of_the_plan_is_told_and_changes_no_verdict() -> None:
    for strange in (report(SWITCH, name="Other"), report(SWITCH, to="TestServer09"), report(SWITCH, name=None, to="10.0.0.9")):
        result, found = judged(strange, report())
        assert (found.outcome, found.severity, result.verdict) == (Outcome.FAIL, Severity.ADVICE, Verdict.GO)
        assert Agreement.NO_MOVE in agreements(strange, report())
    assert "first that of a VM that it does not name for 10.0.0.9" in found.message.text


def test_nothing_that_compare_vm_says_makes_a_verdict_better() -> None:
    for world in (good(), NO_SWITCH, good().miss("hosts.testserver02.switches"), good().miss("hosts.testserver01.vms")):
        for given in (report(), report(SWITCH), report(None), report(SWITCH, name="Other")):
            assert judged(given, world=world)[0].verdict.weight >= world.result().verdict.weight


HOSTILE = '<b onclick=alert(1)>"x" | =cmd & \x1b[31m\u202e' + "x" * 900


@pytest.mark.parametrize("language", ["en", "de"])
def test_both_reports_tell_it_whatever_a_report_holds(language: str) -> None:
    many = report(*range(50_000, 50_200), message=HOSTILE)
    result, _ = judged(report(SWITCH), replace(many, vm=HOSTILE, destination=HOSTILE), replace(many, destination=None), world=NO_SWITCH)
    stream = io.StringIO()
    write(result, stream=stream, language=Language(language))
    told = stream.getvalue()
    said = Language(language).say
    assert said("Compare-VM beside the findings") in told
    assert said("this id is not known here: look closer") in told
    assert "\x1b" not in told
    assert "\u202e" not in told
    page = reports.html.render(result, language=Language(language))
    assert said("this id is not known here: look closer") in page
    assert "--compare-vm compare-vm-1.txt" in page
    assert "<b onclick" not in page
    assert page.count("50001") < 50
    assert len(page) < 3_000_000


def test_a_result_from_before_has_no_second_opinion_and_reads() -> None:
    old = msgspec.to_builtins(good().result())
    del old["compared"]
    assert msgspec.convert(old, Result).compared == ()


def test_the_program_reads_files_keeps_them_and_fix_follows_them(tmp_path: Path) -> None:
    plan, snapshot, run = (tmp_path / name for name in ("plan.toml", "facts.json", "run"))
    listed, nothing = tmp_path / "listed.txt", tmp_path / "nothing.json"
    plan.write_text(PLAN, encoding="utf-8")
    now = datetime.now(UTC)
    snapshot.write_bytes(encode(replace(good().snapshot, collected=replace(good().snapshot.collected, start=now, end=now))))
    listed.write_text(
        "VM                : VirtualMachine (Name = 'LMTest') [Id = '00000000-0000-0000-0000-000000000001']\r\n"
        "Destination       : TestServer02\r\nIncompatibilities : {33012}\r\n",
        encoding="utf-16",
    )
    nothing.write_text('{"VM": {"Name": "LMTest"}, "Destination": "TestServer02", "Incompatibilities": []}', encoding="utf-8")
    given = ("--compare-vm", listed, "--compare-vm", nothing)
    ran = hvpreflight("check", plan, "--snapshot", snapshot, *given, "--out", run, folder=run)
    assert ran.code == EXIT_CODES[Verdict.CONDITIONS], ran.out + ran.err
    assert "33012  LMTest → TestServer02: no check that would see this has failed: look closer" in ran.out
    assert [each["report"]["file"] for each in ran.result["compared"]] == ["compare-vm-1.txt", "compare-vm-2.txt"]
    assert (run / "compare-vm-1.txt").read_bytes() == listed.read_bytes()
    assert hvpreflight("fix", run).code == 0
    again = tmp_path / "again"
    copies = ("--compare-vm", run / "compare-vm-1.txt", "--compare-vm", run / "compare-vm-2.txt")
    hvpreflight("check", plan, "--snapshot", run / "snapshot.json", *copies, "--out", again)
    assert (again / "result.json").read_bytes() == (run / "result.json").read_bytes()

    (run / "compare-vm-1.txt").write_bytes(nothing.read_bytes())
    refused = hvpreflight("fix", run, "-o", tmp_path / "more")
    assert (refused.code, "is not what result.json rests on" in refused.err) == (2, True), refused.err
    refused = hvpreflight("check", plan, "--snapshot", snapshot, "--compare-vm", plan, "--out", tmp_path / "none")
    assert (refused.code, "no output of Compare-VM" in refused.err, (tmp_path / "none").exists()) == (2, True, False), refused.err
