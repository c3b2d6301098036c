"""`module`: the PowerShell module for people. Writes files; asks nobody."""

from __future__ import annotations

from pathlib import Path

from reports.language import Language
from runner import say
from runner.files.folder import write_folder
from runner.powershell import MODULE
from runner.powershell import module as files


def module(out: Path, language: str) -> int:
    """Write the module into a new folder; returns the exit code. Raises FolderError."""
    for path in write_folder(out, files()):
        say.path(path)
    say.err(
        Language(language).say(
            "Import-Module takes the folder {folder}. Get-Help Test-HvMigration tells the rest.", folder=str(out / MODULE)
        )
    )
    return 0
