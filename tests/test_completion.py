"""A shell that has read the script completes what there is: commands, options, values, ids, and files where they belong."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import time
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a run in it and a plan."""
    run = tmp_path / "preflight-runs" / "20261205T190000Z"
    run.mkdir(parents=True)
    (run / "result.json").touch()
    (tmp_path / "plan.toml").touch()
    return tmp_path


LINES = {
    "hvpreflight check --only delegation.pr": "delegation.protocol",
    "hvpreflight fix ": "preflight-runs/20261205T190000Z",
    "hvpreflight check pl": "plan.toml",
}
"""What is typed, and what its last word becomes. Each costs a Python."""


def test_bash_completes(installed: dict[str, str], folder: Path) -> None:
    asked = 'COMPREPLY=(); COMP_WORDS=({line}); COMP_CWORD={last}; _hvpreflight_completion hvpreflight; echo "${{COMPREPLY[*]}}"'
    lines = (("hvpreflight expl", 1), ("hvpreflight check --only delegation.pr", 3), ('hvpreflight fix ""', 2))
    code = "\n".join((script("bash"), *(asked.format(line=line, last=last) for line, last in lines)))
    ran = subprocess.run([shell("bash"), "-c", code], env=installed, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.splitlines() == ["explain", "delegation.protocol", "preflight-runs/20261205T190000Z"]


def test_fish_completes(installed: dict[str, str], folder: Path) -> None:
    code = "\n".join((script("fish"), *(f"complete -C '{line}'" for line in LINES)))
    ran = subprocess.run(
        [shell("fish"), "--no-config", "-c", code], env=installed, cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert [line.partition("\t")[0] for line in ran.stdout.splitlines()] == list(LINES.values())


@pytest.mark.skipif(sys.platform == "win32", reason="zsh asks in a terminal")
def test_zsh_completes(installed: dict[str, str], folder: Path) -> None:
    """Each line is typed with a tab behind it, and a key shows what the line has become."""
    (folder / "completion").write_text(script("zsh"), encoding="utf-8")
    begin = (
        "autoload -U compinit; compinit -u -D; source ./completion",
        "shown() { print -r -- \"<$BUFFER>\"; BUFFER= }; zle -N shown; bindkey '^X' shown; print '<'ready'>'",
    )
    wanted = [f"{line.rpartition(' ')[0]} {word}" for line, word in LINES.items()]
    with Terminal([shell("zsh"), "-f", "-i"], installed | {"TERM": "dumb"}, folder) as zsh:
        zsh.enter("; ".join(begin) + "\n", "ready")
        found = [zsh.enter(f"{line}\t\x18", "hvpreflight [^>]*").rstrip() for line in LINES]
    assert found == wanted


def shell(name: str) -> str:
    """Where this shell is. Only those whose users it is for have it: no lane."""
    found = shutil.which(name)
    return found or pytest.skip(f"no {name} here")


class Terminal:
    """A program at a terminal of its own."""

    def __init__(self, command: list[str], env: dict[str, str], folder: Path) -> None:
        import pty

        self.fd, inner = pty.openpty()
        self.process = subprocess.Popen(command, env=env, cwd=folder, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
        os.close(inner)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fd)

    def enter(self, typed: str, pattern: str) -> str:
        """Type something, and wait until `<pattern>` is shown, of which this is the inside."""
        os.write(self.fd, typed.encode())
        shown, end = "", time.monotonic() + 60
        while not (found := re.search(f"<({pattern})>", shown)):
            assert time.monotonic() < end, shown
            if select.select([self.fd], [], [], 1)[0]:
                shown += os.read(self.fd, 65536).decode()
        return found[1]


@pytest.mark.engine
def test_powershell_completes(installed: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "it's a plan.toml").touch()
    lines = ("hvpreflight expl", "hvpreflight report run -f mark", "hvpreflight check it")
    complete = "([Management.Automation.CommandCompletion]::CompleteInput('{}', {}, $null).CompletionMatches.CompletionText) -join ' '"
    asked = "\n".join(complete.format(line, len(line)) for line in lines)
    (tmp_path / "ask.ps1").write_text(f"{script('powershell')}\nSet-Location $PSScriptRoot\n{asked}\n", encoding="utf-8")
    ran = subprocess.run(
        [pwsh(), "-NoProfile", "-File", tmp_path / "ask.ps1"], env=installed, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.splitlines() == ["explain", "markdown", "'./it''s a plan.toml'"]
