"""Each cmdlet of the stand-in that changes a forest has the parameters that Microsoft publishes (published.toml), and no others; what the
scripts and remedies call in another way is refused here as it is on Windows."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lab.engine.runs import Engine
from tests.engine.forests import ADMIN, Forest, forest_of
from tests.world import good

pytestmark = pytest.mark.engine

CHANGING = Path(__file__).parents[2] / "lab" / "engine" / "changing"
PUBLISHED: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))

DECLARED = """
param([string[]] $Names)
$common = [System.Management.Automation.Cmdlet]::CommonParameters
foreach ($command in Get-Command -Name $Names -CommandType Function -ErrorAction Ignore | Where-Object { $_.CmdletBinding }) {
    $sets = @{}
    foreach ($set in $command.ParameterSets) {
        $sets[$set.Name] = @($set.Parameters | Where-Object { $common -notcontains $_.Name } | ForEach-Object {
                @{ name = $_.Name; type = $_.ParameterType.Name; position = $_.Position; mandatory = $_.IsMandatory }
            })
    }
    @{ name = $command.Name; default = [string]$command.DefaultParameterSet; sets = $sets }
}
"""


def administrators_forest() -> Forest:
    """A forest in which the administrator's workstation has every module."""
    forest = forest_of(good())
    forest["hosts"][ADMIN]["features"] = ["Hyper-V"]
    return forest


@pytest.fixture(scope="module")
def declared(engine: Engine) -> dict[str, dict[str, Any]]:
    """The stand-in's cmdlets as the engine shows them, in the form of published.toml. A function without common parameters is a helper."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in CHANGING.glob("*.ps1"))
    names = re.findall(r"^\s*function ([\w-]+)", sources, re.MULTILINE)
    ran = engine.change(administrators_forest(), ADMIN, DECLARED, {"Names": names})
    assert ran.errors == []
    return {
        each["name"]: ({"default": each["default"]} if each["default"] else {})
        | {"sets": {name: syntax(parameters) for name, parameters in each["sets"].items()}}
        for each in ran.output
    }


def syntax(parameters: list[dict[str, Any]]) -> str:
    """The parameters of a set as Get-Command -Syntax writes them: positional ones in their order, then the others by name."""
    return " ".join(map(notation, sorted(parameters, key=lambda each: (each["position"] < 0, max(each["position"], 0), each["name"]))))


def notation(parameter: dict[str, Any]) -> str:
    name = f"-{parameter['name']}"
    said = f"[{name}]" if parameter["position"] >= 0 else name
    if parameter["type"] != "SwitchParameter":
        said += f" <{parameter['type']}>"
    return said if parameter["mandatory"] else f"[{said}]"


def test_every_cmdlet_of_the_stand_in_is_published(declared: dict[str, dict[str, Any]]) -> None:
    assert declared.keys() == PUBLISHED.keys()


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_stand_in_has_the_published_parameters(declared: dict[str, dict[str, Any]], name: str) -> None:
    assert declared[name] | {"page": PUBLISHED[name]["page"]} == PUBLISHED[name]


@pytest.mark.parametrize(
    ("command", "id_"),
    [
        ("Get-VM -Name a -Id 00000000-0000-0000-0000-000000000001", "AmbiguousParameterSet,Get-VM"),
        ("Get-ADComputer -Identity a -Filter *", "AmbiguousParameterSet,Get-ADComputer"),
        ("Get-ADDomainController -Discover -Server contoso.test", "AmbiguousParameterSet,Get-ADDomainController"),
        ("Get-Credential -Message a -Credential ([pscredential]::Empty)", "AmbiguousParameterSet,Get-Credential"),
        ("Get-LocalGroupMember -Name a -SID S-1-5-32-544", "AmbiguousParameterSet,Get-LocalGroupMember"),
        ("Invoke-Command -ScriptBlock { } -Session $null -ComputerName a", "AmbiguousParameterSet,Invoke-Command"),
        ("Remove-VMMigrationNetwork -Subnet 10.0.0.0/8, 10.77.0.0/24", "ParameterArgumentTransformationError,Remove-VMMigrationNetwork"),
        ("Set-Service -Name vmms -StartupType AutomaticDelayedStart", "ParameterArgumentTransformationError,Set-Service"),
        ("Set-ADComputer -Identity a -TrustedToAuthForDelegation $true", "NamedParameterNotFound,Set-ADComputer"),
    ],
)
def test_what_windows_cannot_bind_is_refused(engine: Engine, command: str, id_: str) -> None:
    assert [error["id"] for error in engine.change(administrators_forest(), ADMIN, command).errors] == [id_]
