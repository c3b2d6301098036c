"""PowerShell that the program writes for people: what its files are like, and the module HvPreflight (HvPreflight.psm1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TypeAlias

from checks.registry import all_checks
from reports.escape import powershell
from reports.scripts.script import literal
from runner.version import VERSION

MODULE = "HvPreflight"
FUNCTIONS = ("Test-HvMigration", "Get-HvMigrationFinding")

Data: TypeAlias = "str | bool | Sequence[str] | Mapping[str, Data]"


def module() -> dict[str, bytes]:
    """The files of the module by their paths."""
    known = sorted({name for check in all_checks() for name in (check.area, check.id)})
    code = (resources.files("runner.powershell") / f"{MODULE}.psm1").read_text(encoding="utf-8")
    manifest: dict[str, Data] = {
        "RootModule": f"{MODULE}.psm1",
        "ModuleVersion": VERSION,
        "GUID": "4b8e5d7c-2f0a-4a36-8b1d-9c7e5a1f3d20",
        "Author": "hvpreflight",
        "Description": "Will a Hyper-V move work, and what stands in its way? Runs hvpreflight and makes objects of what it says.",
        "PowerShellVersion": "5.1",
        "CompatiblePSEditions": ("Desktop", "Core"),
        "FunctionsToExport": FUNCTIONS,
        "CmdletsToExport": (),
        "VariablesToExport": (),
        "AliasesToExport": (),
    }
    return {
        f"{MODULE}/{MODULE}.psd1": encoded(data_file(manifest)),
        f"{MODULE}/{MODULE}.psm1": encoded(f"# Made by hvpreflight {VERSION}.\n$known = {literal(known)}\n\n{code}"),
    }


def data_file(data: Mapping[str, Data], depth: int = 0) -> str:
    """A PowerShell data file (.psd1, .psrc, .pssc): one key a line."""
    inner = "    " * (depth + 1)
    shown = {name: data_file(value, depth + 1) if isinstance(value, Mapping) else literal(value) for name, value in data.items()}
    rows = "".join(f"{inner}{name if name.isalpha() else powershell(name)} = {value}\n" for name, value in shown.items())
    return f"@{{\n{rows}{'    ' * depth}}}" + ("" if depth else "\n")


def encoded(text: str) -> bytes:
    """A text as Windows keeps one: Windows PowerShell reads a file without a mark of its encoding in its own code page."""
    return text.replace("\n", "\r\n").encode("utf-8-sig")
