"""A shell that has read the script completes what there is: commands, options, values, ids, and files where they belong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runner.completion import script
from tests.engine.sessions import pwsh
from tests.program import ROOT, environment


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the program is on the path."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "hvpreflight"
    program.write_text(f"#!{sys.executable}\nimport sys\nsys.path[0] = {str(ROOT)!r}\nfrom runner.__main__ import main\nmain()\n")
    program.chmod(0o755)
    return (given := environment()) | {"PATH": f"{folder}:{given['PATH']}"}


def test_bash_completes(installed: dict[str, str]) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    asked = 'COMPREPLY=(); COMP_WORDS=({line}); COMP_CWORD={last}; _hvpreflight_completion hvpreflight; echo "${{COMPREPLY[*]}}"'
    lines = (("hvpreflight expl", 1), ("hvpreflight explain delegation.pr", 2), ("hvpreflight check --only delegation.pr", 3))
    code = "\n".join((script("bash"), *(asked.format(line=line, last=last) for line, last in lines)))
    ran = subprocess.run([bash, "-c", code], env=installed, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.splitlines() == ["explain", "delegation.protocol", "delegation.protocol"]


@pytest.mark.parametrize(("shell", "sign"), [("zsh", "#compdef hvpreflight"), ("fish", "complete --no-files --command hvpreflight")])
def test_other_shells_get_what_they_read(shell: str, sign: str) -> None:
    assert sign in script(shell)


@pytest.mark.engine
def test_powershell_completes(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "it's a plan.toml").touch()
    lines = ("hvpreflight expl", "hvpreflight explain delegation.pr", "hvpreflight report run -f mark", "hvpreflight check it")
    complete = "([Management.Automation.CommandCompletion]::CompleteInput('{}', {}, $null).CompletionMatches.CompletionText) -join ' '"
    asked = "\n".join(complete.format(line, len(line)) for line in lines)
    (tmp_path / "ask.ps1").write_text(f"{script('powershell')}\nSet-Location $PSScriptRoot\n{asked}\n", encoding="utf-8")
    ran = subprocess.run(
        [pwsh(), "-NoProfile", "-File", tmp_path / "ask.ps1"], env=installed, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.splitlines() == ["explain", "delegation.protocol", "markdown", "'./it''s a plan.toml'"]
