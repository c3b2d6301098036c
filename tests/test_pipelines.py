"""The examples of docs/automation.md run: each shell line as it stands there, against a forest, and with the exit code that it promises."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from lab import scenario
from lab.forest import Forest
from tests.engine.sessions import pwsh
from tests.program import ROOT, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the program that is put on the path here is a script with a #!")

PAGE = (ROOT / "docs" / "automation.md").read_text(encoding="utf-8")
NO_GO, USAGE = 3, 2
WINDOWS = """
function New-ScheduledTaskAction {
    [CmdletBinding()] param([string]$Execute, [string]$Argument, [string]$WorkingDirectory) $PSBoundParameters
}
function New-ScheduledTaskTrigger { [CmdletBinding()] param([switch]$Daily, [datetime]$At) $PSBoundParameters }
function New-ScheduledTaskPrincipal {
    [CmdletBinding()] param([string]$UserId, [ValidateSet('None', 'Password', 'S4U', 'Interactive', 'Group', 'ServiceAccount')]$LogonType)
    $PSBoundParameters
}
function Register-ScheduledTask { [CmdletBinding()] param([string]$TaskName, $Action, $Trigger, $Principal) $PSBoundParameters }
"""
"""In the places of Windows' own, those of their documented parameters that the example names
(https://learn.microsoft.com/powershell/module/scheduledtasks/)."""


def example(heading: str) -> str:
    """The code below a heading."""
    return re.split(r"^```\w*\n", PAGE.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[1].partition("```")[0]


def read(heading: str) -> Any:
    return yaml.safe_load(example(heading))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the path, with the program in it."""
    folder = tmp_path_factory.mktemp("bin")
    file = folder / "hvpreflight"
    file.write_text(f"#!{sys.executable}\nimport sys\nsys.path[0] = {str(ROOT)!r}\nfrom runner.__main__ import main\nmain()\n")
    file.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def forest() -> Iterator[Forest]:
    with Forest(scenario.load("articles")) as its:
        (its.house / "plan.toml").write_bytes(its.plan_path.read_bytes())
        yield its


@pytest.fixture
def checkout(forest: Forest, tmp_path: Path) -> Path:
    """What a pipeline finds: a plan, and beside it who collects."""
    for name in ("plan.toml", "hvpreflight.toml"):
        (tmp_path / name).write_bytes((forest.house / name).read_bytes())
    return tmp_path


def ran(command: list[str], program: Path, folder: Path, password: str, **more: str) -> int:
    """The exit code of a step, which is given the password as a secret."""
    its = environment(password)
    return subprocess.run(command, cwd=folder, env=its | {"PATH": f"{program}:{its['PATH']}"} | more, timeout=120, check=False).returncode


def failing(report: Path) -> int:
    """How many failures a test report of the JUnit form shows."""
    return sum(1 for _ in ElementTree.parse(report).iter("failure"))


def test_gitlab_publishes_the_report_and_ends_with_the_code_of_the_verdict(checkout: Path, forest: Forest, program: Path) -> None:
    job = read("GitLab")["preflight"]
    script = "\n".join(("set -eo pipefail", *job["script"]))
    assert ran(["bash", "-c", script], program, checkout, forest.password) == NO_GO
    assert failing(checkout / job["artifacts"]["reports"]["junit"]) > 0
    assert all((checkout / path).is_dir() for path in job["artifacts"]["paths"])
    monitoring = example("Monitoring").replace("/srv/preflight/preflight-runs", ".")
    assert ran(["bash", "-c", monitoring], program, checkout, forest.password) == 2, "CRITICAL"


def test_jenkins_runs_what_gitlab_runs() -> None:
    lines = re.findall(r"\bsh(?:\(script:)? '([^']+)'", example("Jenkins"))
    assert lines == ["hvpreflight check plan.toml --out run", "hvpreflight report run -f junit -o junit.xml"]
    script = " ".join(read("GitLab")["preflight"]["script"])
    assert all(line in script for line in lines)


@pytest.mark.engine
def test_steps_in_powershell_end_with_the_code_that_they_promise(checkout: Path, forest: Forest, program: Path) -> None:
    """One engine runs all, each step as a script of its own, as the runners do: its `exit` is its code and no more."""
    check, summary, last = [step["run"] for step in read("GitHub Actions")["jobs"]["preflight"]["steps"] if "run" in step]
    steps = {
        "github": check,
        "summary": summary,
        "last": last.replace("${{ steps.check.outputs.code }}", str(NO_GO)),
        "task": f"{WINDOWS}\n$task = $({example('Task Scheduler')})\nSet-Content task.txt $task.Action.Argument, $task.Principal.UserId",
        "azure": "Remove-Item plan.toml, run -Recurse; $ErrorActionPreference = 'Stop'\n" + read("Azure DevOps")["steps"][0]["pwsh"],
    }
    for name, script in steps.items():
        (checkout / f"{name}.ps1").write_text(script, encoding="utf-8")
    code = "; ".join(f"& ./{name}.ps1; $LASTEXITCODE | Add-Content codes.txt" for name in steps)
    files = {name: str(checkout / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    ran([str(pwsh()), "-NoProfile", "-NonInteractive", "-Command", code], program, checkout, forest.password, **files)
    codes = dict(zip(steps, map(int, lines(checkout / "codes.txt")), strict=True))
    assert codes == {"github": 0, "summary": 0, "last": NO_GO, "task": NO_GO, "azure": USAGE}, "the task sets none"
    assert lines(checkout / "github_output") == [f"code={NO_GO}"]
    assert "NO-GO" in (checkout / "github_step_summary").read_text(encoding="utf-8")
    argument, user = lines(checkout / "task.txt")
    assert shlex.split(argument, posix=False) == ["check", "C:\\preflight\\plan.toml", "--quiet"]
    assert user == "CONTOSO\\hv-reader$"


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()
