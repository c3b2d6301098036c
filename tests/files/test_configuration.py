"""What a house says for all plans: it is read as strictly as a plan, counts only where nothing nearer says something, and is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.result import Origin
from runner.commands.config import in_force as settings
from runner.configuration_files import configured_language, users_file
from runner.configured import in_force
from runner.files.configuration import configuration, of_run
from runner.files.plan import read_plan
from runner.files.tables import FileError
from runner.options import Options

PLAN = """\
[defaults]
launch = "console"
[[moves]]
vm = "LMTest"
source = "testserver01"
target = "testserver02"
"""
BESIDE = """\
[run]
concurrency = 4
policy = "house.toml"
[defaults]
operator = 'CONTOSO\\hv-operator'
launch = "rdp"
[connection]
ca_file = "ca.pem"
[hosts.TestServer01]
address = "10.0.0.1"
"""
USER = """\
[run]
concurrency = 8
user = 'CONTOSO\\hv-reader'
waivers = "accepted.toml"
[hosts.testserver01]
address = "10.0.0.9"
fqdn = "testserver01.contoso.test"
[names]
servers = ["10.0.0.53"]
"""


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan, with a configuration file beside it and one of the user."""
    for name in ("APPDATA", "HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "own"))
    own = users_file()
    assert own is not None
    own.parent.mkdir(parents=True)
    own.write_text(USER, encoding="utf-8")
    here = tmp_path / "here"
    here.mkdir()
    (here / "hvpreflight.toml").write_text(BESIDE, encoding="utf-8")
    (here / "plan.toml").write_text(PLAN, encoding="utf-8")
    return here / "plan.toml"


def test_an_option_counts_before_the_plan_the_file_beside_it_and_the_users(plan: Path) -> None:
    found = in_force(plan, Options(concurrency=2, said=frozenset({"concurrency"})))
    move, source = found.plan.moves[0], found.plan.entry(found.plan.moves[0].source)
    assert (move.operator.spelled, move.launch) == ("CONTOSO\\hv-operator", "console")
    assert (source.address, source.fqdn) == ("10.0.0.1", "testserver01.contoso.test")
    assert (found.options.concurrency, found.options.user) == (2, "CONTOSO\\hv-reader")
    assert in_force(plan, Options()).options.concurrency == 4
    assert found.plan.names.servers == ("10.0.0.53",)


def test_the_files_that_it_names_lie_beside_it(plan: Path) -> None:
    found, own = in_force(plan, Options()), users_file()
    assert found.options.policy == plan.parent / "house.toml"
    assert own is not None
    assert found.options.waivers == own.parent / "accepted.toml"
    assert found.plan.connection.ca_file == str(plan.parent / "ca.pem")


def test_what_a_verdict_may_depend_on_is_told_with_the_file_that_says_it(plan: Path) -> None:
    assert in_force(plan, Options()).configured == {
        Origin.BESIDE: ("policy", "defaults.operator", "connection.ca_file", "hosts"),
        Origin.USER: ("waivers", "names.servers"),
    }
    options = Options(policy=Path("mine.toml"), said=frozenset({"policy"}))
    assert "policy" not in in_force(plan, options).configured[Origin.BESIDE]


def test_a_run_folder_keeps_what_was_said_and_reads_as_the_same_plan(plan: Path, tmp_path: Path) -> None:
    found, run = in_force(plan, Options()), tmp_path / "run"
    run.mkdir()
    for name, content in found.files.items():
        (run / name).write_bytes(content)
    assert read_plan(run / "plan.toml", of_run(run).layers) == (found.plan, found.files)


def test_everything_that_is_wrong_with_both_files_is_said_at_once_with_its_line(plan: Path) -> None:
    own = users_file()
    assert own is not None
    own.write_text("[run]\nconcurrency = 0\nlanguage = 'fr'\n[defaults]\nlaunchh = 'rdp'\n[[moves]]\n", encoding="utf-8")
    (plan.parent / "hvpreflight.toml").write_text("[names]\nservers = ['?']\n[connection]\nauth = 'basic'\n", encoding="utf-8")
    with pytest.raises(FileError) as raised:
        configuration(plan)
    assert {(problem.file, problem.line) for problem in raised.value.problems} == {
        *((str(plan.parent / "hvpreflight.toml"), line) for line in (2, 4)),
        *((str(own), line) for line in (2, 5, 6)),
    }


def test_what_only_two_files_together_make_wrong_is_said_where_it_stands(plan: Path) -> None:
    (plan.parent / "hvpreflight.toml").write_text(f"{BESIDE}auth = 'basic'\n", encoding="utf-8")
    plan.write_text(f"{PLAN}[connection]\nrequire_kerberos = true\n", encoding="utf-8")
    with pytest.raises(FileError) as raised:
        in_force(plan, Options())
    assert {(Path(problem.file).name, problem.line) for problem in raised.value.problems} == {("hvpreflight.toml", 9)}


def test_every_value_in_force_is_shown_with_who_says_it(plan: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HVPREFLIGHT_LANGUAGE", "de")
    found = {each.key: (each.value, each.file and Path(each.file).name, each.line) for each in settings(plan)}
    assert found["run.concurrency"] == (4, "hvpreflight.toml", 2)
    assert found["defaults.launch"] == ("console", "plan.toml", 2)
    assert found["run.language"] == ("de", "HVPREFLIGHT_LANGUAGE", None)
    assert found["run.deadline"] == (600.0, None, None)
    assert found["hosts.TestServer01.fqdn"][1:] == ("hvpreflight.toml", 7)


def test_the_language_is_known_before_anything_is_parsed(plan: Path) -> None:
    assert configured_language(["check", str(plan)]) is None
    (plan.parent / "hvpreflight.toml").write_text("[run]\nlanguage = 'de'\n", encoding="utf-8")
    assert configured_language(["check", str(plan), "-q"]) == "de"
    assert configured_language(["checks"]) is None
