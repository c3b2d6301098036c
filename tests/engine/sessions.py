"""A script in a session of a restricted language mode, or one that is looked at while it runs: a process of its own each."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from lab.engine import found
from tests.lanes import lacking

PATIENCE_S = 120

RUN = Path(__file__).with_suffix(".ps1")


def pwsh() -> Path:
    """The engine of this machine. Ends the calling test where there is none."""
    return found.engine() or lacking(found.LACKING)


def run(script: str, request: str, *, mode: str = "FullLanguage", enough: int = 1000) -> dict[str, Any]:
    """What a script puts out in a session of this language mode, as `texts` of UTF-16 code units, with the id of its `failure`, and
    whether it had `ended`: it is not waited for beyond so many texts."""
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        here = Path(folder)
        (here / "given.json").write_text(json.dumps({"request": request, "mode": mode, "enough": enough}), encoding="utf-8")
        (here / "script.ps1").write_text(script, encoding="utf-8")
        command = [str(pwsh()), "-NoProfile", "-NonInteractive", "-File", str(RUN), folder]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        assert (here / "got.json").exists(), ran.stdout + ran.stderr
        got: dict[str, Any] = json.loads((here / "got.json").read_text(encoding="utf-8"))
    return got
