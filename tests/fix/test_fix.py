"""`fix RUN`: what it reads and refuses, and how it writes."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from checks.plan import Connection, HostEntry
from checks.windows.names import HostName
from checks.world import World
from lab import scenario
from lab.forest import Forest
from reports.scripts.work import Machine
from runner.machines import machines
from tests.fix.reading import data_of
from tests.program import Ran, check, hvpreflight
from tests.world import good


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles") / "run"
    with Forest(scenario.load("articles")) as forest:
        assert check(forest, folder).code == 3
    return folder


@pytest.fixture
def run(articles: Path, tmp_path: Path) -> Path:
    """A copy of the run, to be damaged."""
    return Path(shutil.copytree(articles, tmp_path / "run"))


def test_what_the_scripts_lead_to_is_said_without_writing_them(run: Path) -> None:
    ran = hvpreflight("fix", "--simulate", run, "--language", "de")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[1] == "Nach diesen Korrekturen: GO"
    assert json.loads((run / "result.json").read_bytes())["after"] == {"verdict": "GO", "changes": 3, "told": [], "same": []}
    assert not (run / "fix").exists()


def one_line(ran: Ran) -> str:
    assert ran.code == 2, ran.out + ran.err
    assert len(ran.err.strip().splitlines()) == 1, ran.err
    return ran.err


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


def test_the_files_are_the_owners_alone_and_named_on_standard_output(run: Path) -> None:
    ran = hvpreflight("fix", run)
    assert ran.code == 0, ran.err
    written = sorted((run / "fix").iterdir())
    assert sorted(ran.out.splitlines()) == [str(path) for path in written]
    assert {path.name for path in written} >= {"README.md", "README.de.md"}
    assert stat.S_IMODE((run / "fix").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}
    assert "Nothing was changed" in ran.err


def test_scripts_are_never_written_over(run: Path, tmp_path: Path) -> None:
    assert hvpreflight("fix", run, "-o", tmp_path / "out").code == 0
    assert "is not empty" in one_line(hvpreflight("fix", run, "-o", tmp_path / "out"))
    assert hvpreflight("fix", run).code == 0
    assert "is not empty" in one_line(hvpreflight("fix", run))


def test_the_same_run_gives_the_same_scripts(run: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert hvpreflight("fix", run, "-o", tmp_path / name).code == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_run_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    assert "result.json: this file cannot be read" in one_line(hvpreflight("fix", tmp_path / "none"))


def test_a_result_that_is_cut_newer_or_something_else_is_refused(run: Path) -> None:
    whole = (run / "result.json").read_bytes()
    (run / "result.json").write_bytes(whole[: len(whole) // 2])
    assert "may be truncated" in one_line(hvpreflight("fix", run))
    (run / "result.json").write_bytes(whole.replace(b"hvpreflight.result/1", b"hvpreflight.result/2"))
    assert "is newer than this program" in one_line(hvpreflight("fix", run))
    (run / "result.json").write_bytes(b'{"format": "hvpreflight.snapshot/1"}')
    assert "this is no result of hvpreflight" in one_line(hvpreflight("fix", run))
    (run / "result.json").write_bytes(b'{"format": "hvpreflight.result/1"}')
    assert "may have been edited" in one_line(hvpreflight("fix", run))


def test_a_snapshot_that_the_result_does_not_rest_on_is_refused(run: Path) -> None:
    edit(run / "snapshot.json", lambda content: content["collected"].update(by="somebody else"))
    assert "its SHA-256 differs" in one_line(hvpreflight("fix", run))


def test_a_plan_that_the_result_does_not_rest_on_is_refused(run: Path) -> None:
    with (run / "plan.toml").open("a") as plan:
        plan.write("\n# edited\n")
    assert "plan.toml: this is not the plan" in one_line(hvpreflight("fix", run))


def test_a_change_that_somebody_wrote_into_the_result_is_refused(run: Path) -> None:
    def poison(content: Any) -> None:
        remedy = next(f["remedy"] for f in content["findings"] if f["outcome"] == "FAIL")
        remedy["changes"][0]["wanted"] = ["cifs/EVIL", "cifs/evil.contoso.test"]

    edit(run / "result.json", poison)
    assert "do not follow from its plan and snapshot" in one_line(hvpreflight("fix", run))
    assert not (run / "fix").exists()


def test_a_run_of_other_rules_is_to_be_judged_again(run: Path) -> None:
    edit(run / "result.json", lambda content: content["tool"].update(rules="000000000000"))
    assert "it was judged by other rules" in one_line(hvpreflight("fix", run))


def test_a_run_with_checks_left_out_gives_the_changes_of_the_others(run: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    ran = hvpreflight("check", run / "plan.toml", "--snapshot", run / "snapshot.json", "--skip", "delegation.protocol", "--out", again)
    assert ran.code == 3
    assert hvpreflight("fix", again).code == 0
    (script,) = (again / "fix").glob("01-*.ps1")
    assert [(step["Kind"], step["Object"]) for step in data_of(script.read_bytes())["steps"]] == [
        ("delegate_to", "TESTSERVER01$"),
        ("any_protocol", "TESTSERVER02$"),
    ]


def test_scripts_speak_the_language_that_is_asked_for(run: Path) -> None:
    assert hvpreflight("fix", run, "--language", "de").code == 0
    (script,) = (run / "fix").glob("01-*.ps1")
    data = data_of(script.read_bytes())
    assert data["words"]["Right"] == "schon richtig"
    assert data["steps"][0]["Text"].endswith("was dort steht, bleibt erhalten")


def test_hosts_are_named_in_full_and_reached_as_the_plan_says() -> None:
    world = good().with_plan(
        connection=Connection(tls=True), hosts={HostName("TestServer01"): HostEntry(fqdn="testserver01.contoso.test", tls=False)}
    )
    found = machines(World(world.plan, world.snapshot))
    assert found == {
        HostName("TestServer01"): Machine("TestServer01.contoso.test", "TESTSERVER01$", "contoso.test", "testserver01.contoso.test"),
        HostName("TestServer02"): Machine(
            "TestServer02.contoso.test", "TESTSERVER02$", "contoso.test", "TestServer02.contoso.test", tls=True
        ),
    }
    unread = world.miss("hosts.testserver02.computer")
    assert machines(World(unread.plan, unread.snapshot)).keys() == {HostName("TestServer01")}


def test_nothing_is_written_for_a_run_without_failures(tmp_path: Path) -> None:
    with Forest(scenario.load("ready")) as forest:
        assert check(forest, tmp_path / "run").code == 0
    done = hvpreflight("fix", tmp_path / "run")
    assert done.code == 0
    assert "nothing to fix" in done.out
    assert not (tmp_path / "run" / "fix").exists()
