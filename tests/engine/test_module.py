"""The PowerShell module that `hvpreflight module` writes, in a real engine: it starts the program, and hands on objects."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import scenario
from lab.forest import Forest
from runner.files.folder import write_folder
from runner.files.snapshot import encode
from runner.powershell import module
from tests.engine.sessions import PATIENCE_S, pwsh
from tests.gathering import gathered
from tests.program import environment, program

pytestmark = pytest.mark.engine

HOSTILE = 'it\'s “his” "own" $plan `(1) ä€'
PASSWORD = "p'\"$ä€\\"
TELLS = """
import json, os, sys
sys.stderr.write(json.dumps([sys.argv[1:], os.environ.get("HVPREFLIGHT_PASSWORD")], ensure_ascii=False))
sys.exit(2)
"""


def script(path: Path, command: list[str]) -> str:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o700)
    return str(path)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("module") / HOSTILE


@pytest.fixture(scope="module")
def got(here: Path) -> dict[str, Any]:
    folder = here.parent
    write_folder(folder / "made", module())
    (here / "broken").mkdir(parents=True)
    (here / "broken" / "result.json").write_text("{}", encoding="utf-8")
    with Forest(scenario.load("articles")) as forest:
        (here / "snapshot.json").write_bytes(encode(gathered(forest)[1]))
        (here / f"{HOSTILE}.toml").write_bytes(forest.plan_path.read_bytes())
    given = {
        "here": str(here),
        "plan": str(here / f"{HOSTILE}.toml"),
        "snapshot": str(here / "snapshot.json"),
        "program": script(folder / "hvpreflight", program()),
        "telling": script(folder / "tells", [sys.executable, "-c", TELLS]),
        "batch": script(folder / "tells.cmd", [sys.executable, "-c", TELLS]),
        "user": "CONTOSO\\it's his",
        "password": PASSWORD,
        "only": ["a\\", 'b"c', "--skip=x", "$(1)"],
    }
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    command = [str(pwsh()), "-NoProfile", "-NonInteractive", "-File", str(Path(__file__).with_name("module.ps1")), str(folder)]
    ran = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (folder / "got.json").exists(), ran.stdout + ran.stderr
    answer: dict[str, Any] = json.loads((folder / "got.json").read_text(encoding="utf-8"))
    return answer


def test_a_run_is_an_object_that_tells_what_the_result_says(got: dict[str, Any], here: Path) -> None:
    run = got["run"]
    result = json.loads((Path(run["Run"]) / "result.json").read_bytes())
    assert (run["Verdict"], run["ExitCode"], run["Plan"]) == ("NO-GO", 3, str(here / f"{HOSTILE}.toml"))
    assert [run[name] for name in ("Planned", "Pass", "Fail", "Skip", "Unknown", "Error")] == list(result["counts"].values())
    assert run["Moves"] == [{"VM": "LMTest", "Source": "TestServer01", "Target": "TestServer02", "Verdict": "NO-GO"}]
    assert run["ValidUntil"][:19] == result["valid_until"][:19]
    assert Path(run["Report"]).is_file()
    assert Path(run["Run"]).parent == here / "preflight-runs"


def test_findings_are_objects_that_can_be_chosen_and_exported(got: dict[str, Any]) -> None:
    result = json.loads((Path(got["run"]["Run"]) / "result.json").read_bytes())
    assert got["findings"] == len(result["findings"])
    failed = [finding for finding in result["findings"] if (finding["outcome"], finding["severity"]) == ("FAIL", "BLOCKER")]
    assert [(each["Id"], each["Message"], each["Commands"]) for each in got["open"]] == [
        (finding["id"], finding["message"]["text"], finding["remedy"]["commands"]) for finding in failed
    ]
    assert len(failed) > 1
    assert {each.partition(".")[0] for each in got["areas"]} == {"delegation"}
    assert got["csv"] == 2


def test_every_argument_and_the_password_arrive_as_they_were_given_and_nothing_of_it_stays(got: dict[str, Any], here: Path) -> None:
    arguments, password = json.loads(got["told"])
    assert arguments == [
        "check",
        "--format=json",
        f"--out={here}/out{'/' if arguments[2].endswith('/') else ''}",
        "--user=CONTOSO\\it's his",
        "--only=a\\",
        '--only=b"c',
        "--only=--skip=x",
        "--only=$(1)",
        "--skip=a b",
        "--skip=",
        "--",
        str(here / f"{HOSTILE}.toml"),
    ]
    assert (password, got["left"]) == (PASSWORD, None)


def test_help_completion_and_values_are_there_and_no_parameter_takes_a_password_in_clear_text(got: dict[str, Any]) -> None:
    assert got["completed"] == ["delegation.cifs", "delegation.cifs_in_doubt"]
    assert set(got["outcomes"]) == {"FAIL", "UNKNOWN", "ERROR", "SKIP", "PASS"}
    assert got["clear"] == []
    assert [each["lacks"] for each in got["help"]] == [[], []]
    assert all(each["synopsis"] and each["examples"] for each in got["help"])


def test_an_error_has_an_id_of_its_own_and_the_programs_words(got: dict[str, Any]) -> None:
    assert got["wrong"] == "HvPreflight.WrongUse,Test-HvMigration", "and its words are what that program wrote in UTF-8"
    ids = [(got[name]["id"], got[name]["category"]) for name in ("absent", "batch", "nothing", "unread")]
    assert ids == [
        ("HvPreflight.ProgramNotFound,Test-HvMigration", "ObjectNotFound"),
        ("HvPreflight.ProgramNotFound,Test-HvMigration", "ObjectNotFound"),
        ("HvPreflight.NoResult,Get-HvMigrationFinding", "ObjectNotFound"),
        ("HvPreflight.Unreadable,Get-HvMigrationFinding", "InvalidData"),
    ]
