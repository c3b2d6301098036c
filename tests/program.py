"""The program as a user starts it: its own process, its own exit code, and what it left in the run folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from lab.forest import Forest

ROOT = Path(__file__).parents[1]


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


def hvpreflight(*arguments: str | Path, folder: Path = Path("-"), password: str | None = None, timeout_s: float = 120) -> Ran:
    """Run the program with these arguments and, in the environment, this password."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HVPREFLIGHT_") and name != "NTLM_USER_FILE"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}
    if password is not None:
        environment["HVPREFLIGHT_PASSWORD"] = password
    command = [sys.executable, "-m", "runner.cli", *map(str, arguments)]
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, timeout=timeout_s, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr, folder)


def check(forest: Forest, folder: Path, *arguments: str | Path, plan: Path | None = None) -> Ran:
    """Run `check` against a forest with its own plan (or another), collecting as its collector."""
    return hvpreflight(
        "check", plan or forest.plan_path, "--user", forest.collector, "--out", folder, *arguments, folder=folder, password=forest.password
    )
