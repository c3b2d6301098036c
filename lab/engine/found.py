"""Where a PowerShell engine is on this machine, and how one is started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

BESIDE = Path(__file__).parents[3] / "shared" / "engine" / "pwsh"
"""Beside the project's folder, where a checkout may keep one."""
ENVIRONMENT = {"DOTNET_TieredPGO": "0"}
"""No profile-guided optimization: an engine of ours ends long before it pays
(https://learn.microsoft.com/dotnet/core/runtime-config/compilation)."""
LACKING = "a PowerShell 7 engine is needed: PWSH, pwsh on the path, or ../shared/engine/pwsh"


def engine() -> Path | None:
    """The first program of: what the variable PWSH names, `pwsh` on the path, the one beside the project; nothing where there is none."""
    for candidate in (os.environ.get("PWSH"), "pwsh", BESIDE):
        if candidate and (program := shutil.which(candidate)):
            return Path(program)
    return None
