"""Two hosts are judged without a VM: for what every VM with its storage on their own disks would meet, and nothing is said of any."""

from __future__ import annotations

import io
from pathlib import Path
from types import MappingProxyType

import pytest

from checks.check import Outcome, Scope
from checks.plan import NO_VM, Move, Plan
from checks.registry import all_checks
from checks.result import Result, Verdict
from checks.text import plain
from checks.windows.names import HostName
from reports.console import write
from reports.forms import monitor
from reports.language import Language
from runner.commands.starting import hosts_of, pair
from runner.draft import Start
from runner.files.plan import read_plan
from runner.options import UsageError
from tests.world import AT, TestWorld, good

ONE, OTHER = HostName("testserver01"), HostName("testserver02")
NEEDS_A_VM = {check.id for check in all_checks() if check.scope is Scope.MOVE and check.area == "vm"}


def alone(world: TestWorld) -> TestWorld:
    moves = tuple(Move(NO_VM, source, target, world.plan.moves[0].operator, alone=True) for source, target in ((ONE, OTHER), (OTHER, ONE)))
    return TestWorld(Plan(moves, hosts=world.plan.hosts), world.snapshot)


def outcomes(result: Result) -> dict[str, Outcome]:
    return {finding.id: finding.outcome for finding in result.findings}


def test_both_ways_are_judged_and_what_asks_about_a_vm_does_not_apply() -> None:
    result = alone(good()).result()
    assert result.verdict is Verdict.GO, [f.id for f in result.findings if f.outcome is not Outcome.PASS and f.outcome is not Outcome.SKIP]
    found = outcomes(result)
    for way in ("testserver01>testserver02", "testserver02>testserver01"):
        assert {found[f"{check}@{way}"] for check in NEEDS_A_VM} == {Outcome.SKIP}
        assert {found[f"delegation.{check}@{way}"] for check in ("cifs", "migration_service", "protocol")} == {Outcome.PASS}
    assert [(move.vm, move.verdict) for move in result.moves] == [("", Verdict.GO)] * 2
    assert result.waves == ()


def test_a_pair_is_no_better_than_its_hosts_and_their_delegation() -> None:
    world = good().set("hosts.testserver02.migration.enabled", False)
    assert alone(world).result().verdict is Verdict.NO_GO
    assert alone(good().miss("hosts.testserver02.migration")).result().verdict is Verdict.INCOMPLETE
    assert alone(good().account("testserver01", delegate_to=())).result().verdict is Verdict.NO_GO


def test_vms_that_cannot_move_or_were_not_read_change_nothing_for_the_pair() -> None:
    assert alone(good().miss("hosts.testserver01.vms")).result().counts["FAIL"] == 0
    assert {finding.check for finding in alone(good().set("hosts.testserver01.vms", ())).result().findings if finding.blocks} == set()


@pytest.mark.parametrize(("language", "said"), [("en", "nothing is said of any VM"), ("de", "Über keine VM ist etwas gesagt")])
def test_every_verdict_says_that_it_is_the_pair_that_was_judged(language: str, said: str) -> None:
    result, stream = alone(good()).result(), io.StringIO()
    write(result, stream=stream, color=False, quiet=True, language=Language(language), now=AT)
    assert said in stream.getvalue()
    assert said not in plain(good().plan.moves[0].arrow)
    assert said in monitor.nagios(result, Language(language), AT)


def test_the_plan_that_stands_for_two_hosts_reads_as_both_ways(tmp_path: Path) -> None:
    written = pair(("testserver01", "testserver02"), Start("CONTOSO\\hv-operator", "rdp"))
    plan = read_plan(tmp_path / "plan.toml", content=written)[0]
    assert [(move.pair, move.launch.value, move.alone) for move in plan.moves] == [((ONE, OTHER), "rdp", True), ((OTHER, ONE), "rdp", True)]


WRONG = MappingProxyType(
    {
        ("nowhere",): "There is no file nowhere: name a plan, or two hosts",
        ("plan.toml", "testserver02"): "plan.toml is a file",
        ("testserver01", "a/b"): "a/b is neither a file nor the name of a host",
        ("a", "b", "c"): "these are 3",
    }
)


def test_what_is_neither_a_plan_nor_two_hosts_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plan.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert hosts_of(("plan.toml",), Start()) is None
    assert hosts_of(("missing.toml",), Start()) is None
    assert hosts_of(("testserver01", "testserver02"), Start()) == ("testserver01", "testserver02")
    for words, said in WRONG.items():
        with pytest.raises(UsageError, match=said):
            hosts_of(words, Start())
    with pytest.raises(UsageError, match="a plan says it itself"):
        hosts_of(("plan.toml",), Start(launch="rdp"))
