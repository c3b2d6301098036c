"""The program as a user starts it: its own process, its own exit code, and what it left in the run folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from lab.forest import Forest
from tests.loaded import FORKS, Loaded

ROOT = Path(__file__).parents[1]

_START = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from runner.__main__ import main; main()"


def program(*arguments: str | Path) -> list[str]:
    """The command line of the program. Ctrl-C reaches it also where whoever started the tests ignores it, as a shell does for its
    background jobs: a process that inherits this would never see one."""
    return [sys.executable, "-P", "-c", _START, *map(str, arguments)]


def environment(password: str | None = None, path: Iterable[Path] = ()) -> dict[str, str]:
    """The environment of a user with this password in it: without what the tests' own process was given, or gave to itself. Python
    keeps there what it compiles, else each start of the program would compile it anew."""
    ours = ("HVPREFLIGHT_", "PYTHON", "NTLM_USER_FILE")
    its = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    its |= {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, *path))), "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}
    return its if password is None else its | {"HVPREFLIGHT_PASSWORD": password}


class Ran(NamedTuple):
    """What one call did. `folder` is its run folder, which may not exist."""

    code: int
    out: str
    err: str
    folder: Path

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())

    @property
    def result(self) -> Any:
        return self.json("result.json")

    @property
    def snapshot(self) -> Any:
        return self.json("snapshot.json")


def hvpreflight(
    *arguments: str | Path,
    folder: Path = Path("-"),
    password: str | None = None,
    timeout_s: float = 120,
    cwd: Path | None = None,
    entered: str = "",
) -> Ran:
    """Run the program with these arguments, in a folder, with what is entered and, in the environment, with this password."""
    if not FORKS:
        return anew(*arguments, folder=folder, password=password, timeout_s=timeout_s, cwd=cwd, entered=entered)
    done = _loaded().start(list(map(str, arguments)), environment(password), cwd, entered, timeout_s)
    return Ran(done.returncode, done.stdout, done.stderr, folder)


def anew(
    *arguments: str | Path,
    folder: Path = Path("-"),
    password: str | None = None,
    timeout_s: float = 120,
    cwd: Path | None = None,
    entered: str = "",
    path: Iterable[Path] = (),
) -> Ran:
    """The same by a Python that has nothing loaded yet: where what is loaded, and from where, is the matter. `path` are further folders
    with packages."""
    done = subprocess.run(
        program(*arguments),
        env=environment(password, path),
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
        input=entered,
        timeout=timeout_s,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr, folder)


@cache
def _loaded() -> Loaded:
    return Loaded(environment())


def check(forest: Forest, folder: Path, *arguments: str | Path, plan: Path | None = None) -> Ran:
    """Run `check` against a forest with its own plan (or another), collecting as its collector."""
    return hvpreflight(
        "check", plan or forest.plan_path, "--user", forest.collector, "--out", folder, *arguments, folder=folder, password=forest.password
    )


def interrupted(forest: Forest, folder: Path, once: Callable[[], bool], *arguments: str | Path) -> Ran:
    """Run `check` against a forest and press Ctrl-C as soon as `once` holds."""
    command = program("check", forest.plan_path, "--user", forest.collector, "--out", folder, *arguments)
    process = subprocess.Popen(command, env=environment(forest.password), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    deadline = time.monotonic() + 60
    while not once() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return Ran(process.returncode, out, err, folder)
