"""A session configuration (JEA) in which one can read what the collector reads, and do nothing else: the files that a host gets.

Its one function has the collector's script as its body, as it is sent to other hosts. For Windows PowerShell 5.1 (JEA needs 5.0), see
https://learn.microsoft.com/powershell/scripting/security/remoting/jea/overview.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from checks.facts.host import SECTIONS
from checks.mistake import Mistake
from checks.text import text
from reports.escape import visible
from reports.language import Language
from reports.scripts.script import literal
from runner.collect.hosts.script import FUNCTION, beside, script
from runner.endpoint.rights import RunAs
from runner.powershell import Data, data_file, encoded
from runner.version import VERSION

MODULE, ROLE, CONFIGURATION = "HvPreflightEndpoint", "HvPreflightReader", "hvpreflight"
EVERYBODY = "BUILTIN\\Remote Management Users"
"""Who may connect where nobody is named: those whom the ordinary session configuration lets in too."""
GUIDS = {
    f"{MODULE}.psd1": "0c1ba1a2-6a35-4f0e-9d0e-6f3c8a4e7f51",
    f"{ROLE}.psrc": "7f2f9a57-63f5-4a11-9a43-0d6a5be9c1f4",
    f"{CONFIGURATION}.pssc": "b5a9fd0e-1d7d-4b8d-8c6b-3f1f0a7f6a2d",
}
CORE = "Microsoft.PowerShell.Core"
"""Always there, and no module that could be imported."""
REPLACED = frozenset(
    {"Clear-Host", "Exit-PSSession", "Get-Command", "Get-FormatData", "Get-Help", "Measure-Object", "Out-Default", "Select-Object"}
)
"""What a restricted session always shows, partly as functions of its own that take fewer parameters:
https://learn.microsoft.com/powershell/scripting/security/remoting/jea/session-configurations."""
READMES = {"en": "README.md", "de": "README.de.md"}
_NAME = re.compile(r"[^\\/\"\[\]:;|=,+*?<>\s][^\\/\"\[\]:;|=,+*?<>]*\\[^\\/\"\[\]:;|=,+*?<>]+")


def files(allowed: Sequence[str], run_as: RunAs, language: Language) -> dict[str, bytes]:
    """The files of the folder by their paths in it. `allowed` are the accounts and groups that may connect, DOMAIN\\name. The README is
    English, and stands there in `language` too. Raises Mistake for what is no name of an account."""
    from runner.endpoint.readme import readme

    names = tuple(allowed) or (EVERYBODY,)
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > 256 or visible(name) != name:
            raise Mistake(text("--allow {name}: this is no account and no group; they are written DOMAIN\\name", name=name))
    made = {
        f"{MODULE}/{MODULE}.psd1": data_file(_manifest()),
        f"{MODULE}/{MODULE}.psm1": _module(),
        f"{MODULE}/RoleCapabilities/{ROLE}.psrc": data_file(_role()),
        f"{CONFIGURATION}.pssc": data_file(_session(names, run_as)),
    }
    made |= {file: readme(names, run_as, Language(name)) for name, file in READMES.items() if name in ("en", language.name)}
    return {path: encoded(content) for path, content in made.items()}


@cache
def commands() -> dict[str, dict[str, Any]]:
    """What the collector's script calls, each command with its module (runner/collect/hosts/commands.toml)."""
    return tomllib.loads(beside("commands.toml"))


def modules() -> list[str]:
    """The modules that the function may reach."""
    return sorted({entry["module"] for entry in commands().values()} - {CORE})


def _module() -> str:
    """Commands that a restricted session replaces are called here as they are: by their module."""
    aliases = "".join(
        f"Set-Alias -Name {literal(name)} -Value {literal(entry['module'] + chr(92) + name)}\n"
        for name, entry in commands().items()
        if name in REPLACED
    )
    return (
        f"# Made by hvpreflight {VERSION}. The body of the function is what is sent to hosts that take scripts; it only reads.\n\n"
        "# What it may reach. A module that this Windows does not have is left out: its commands are unknown then, as in any session.\n"
        "# One that is there and does not load ends the session: its commands would look as if they were not there.\n"
        f"foreach ($name in {literal(modules())}) {{\n"
        "    if (Get-Module -ListAvailable -Name $name) { Import-Module -Name $name -ErrorAction Stop }\n"
        "}\n\n"
        "# A restricted session has functions with fewer parameters in the places of these.\n"
        f"{aliases}\n"
        f"function {FUNCTION} {{\n{script(SECTIONS)}\n}}\n\n"
        f"Export-ModuleMember -Function {FUNCTION}\n"
    )


def _manifest() -> dict[str, Data]:
    return {
        "RootModule": f"{MODULE}.psm1",
        "ModuleVersion": VERSION,
        "GUID": GUIDS[f"{MODULE}.psd1"],
        "Author": "hvpreflight",
        "Description": "Reads what hvpreflight collects of a Hyper-V host. Changes nothing.",
        "PowerShellVersion": "5.0",
        "FunctionsToExport": (FUNCTION,),
        "CmdletsToExport": (),
        "VariablesToExport": (),
        "AliasesToExport": (),
    }


def _role() -> dict[str, Data]:
    return {
        "GUID": GUIDS[f"{ROLE}.psrc"],
        "Author": "hvpreflight",
        "Description": "May read what hvpreflight collects of a Hyper-V host, and nothing else.",
        "ModulesToImport": (MODULE,),
        "VisibleFunctions": (FUNCTION,),
    }


def _session(allowed: Sequence[str], run_as: RunAs) -> dict[str, Data]:
    groups: dict[str, Data] = {"RunAsVirtualAccountGroups": [group.name for group in run_as.groups]} if run_as.limited else {}
    return {
        "SchemaVersion": "2.0.0.0",
        "GUID": GUIDS[f"{CONFIGURATION}.pssc"],
        "Author": "hvpreflight",
        "Description": "Reads what hvpreflight collects of a Hyper-V host. Changes nothing.",
        "SessionType": "RestrictedRemoteServer",
        "LanguageMode": "NoLanguage",
        "ExecutionPolicy": "RemoteSigned",
        "RunAsVirtualAccount": True,
        **groups,
        "RoleDefinitions": {name: {"RoleCapabilities": ROLE} for name in allowed},
    }
