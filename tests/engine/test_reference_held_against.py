"""Our stand-in for Windows, held against a larger one that was made from Microsoft's pages: what our scripts read has the same types in
both, and what fails fails in the same way. Where that other one is not at hand the tests say so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from lab import scenario
from lab.engine.runs import Engine
from lab.engine.world import world
from lab.host import Host
from lab.scenario import HostSpec, Scenario
from lab.sids import Sids
from tests.engine.reference import Reference

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
NAMES = ROOT / "tests" / "collect" / "hosts" / "names"
NOW = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)

TYPES = """
param([string] $Names)
foreach ($asked in ConvertFrom-Json $Names) {
    $row = if ($asked.namespace) { Get-CimInstance -Namespace $asked.namespace -ClassName $asked.name }
    elseif ($asked.every) { & $asked.name -VM (Get-VM) }
    elseif ($asked.own) { & $asked.name -ManagementOS }
    else { & $asked.name }
    foreach ($property in $asked.properties) {
        $value = $row | ForEach-Object { , $_.$property } | Where-Object { $null -ne $_ } | Select-Object -First 1
        if ($null -ne $value) { $asked.name + '.' + $property + ' ' + $value.GetType().FullName }
    }
}
"""
FAILURE = """
$ErrorActionPreference = 'Stop'
try { %s }
catch {
    $root = $_.Exception
    while ($root.InnerException) { $root = $root.InnerException }
    $code = if ($root -is [System.Net.Sockets.SocketException]) { $root.ErrorCode }
    "$(if ($code) { 'SocketException' } else { $root.GetType().Name })|$($_.FullyQualifiedErrorId)|$($_.CategoryInfo.Category)|$code"
}
"""
FAILING = (
    "Get-CimInstance -ClassName Win32_Nothing",
    "Get-CimInstance -Namespace root/nothing -ClassName Win32_Service",
    "Get-WinEvent -FilterHashtable @{ LogName = 'Nothing-Admin'; StartTime = (Get-Date).AddDays(-1) } -MaxEvents 5",
    "Get-WinEvent -FilterHashtable @{ LogName = 'Microsoft-Windows-Hyper-V-VMMS-Admin'; StartTime = (Get-Date).AddYears(50) } -MaxEvents 5",
    "[System.Net.Dns]::GetHostAddressesAsync('nobody.contoso.test').Wait()",
)


def told(
    reference: Reference, code: str, arguments: Mapping[str, Any] | None = None, *, of: str = "ws2016-en", host: str = "TestServer01"
) -> list[Any]:
    """What a script puts out in the reference, on a host of one of its worlds."""
    return [*reference.run(of, host, code, arguments or {})["output"]]


def host(**changes: Any) -> dict[str, Any]:
    """The world of a host of 2016 that has at least one of everything."""
    ready = scenario.load("ready")
    spec: HostSpec = replace(ready.hosts["TestServer01"], **changes)
    described: Scenario = replace(ready, hosts=ready.hosts | {"TestServer01": spec})
    return world(Host(described, "TestServer01", Sids(described), NOW))


def documented() -> list[dict[str, Any]]:
    """The classes and cmdlets that the collector reads, with the properties it reads of each."""
    names = []
    for path in sorted(NAMES.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        names += [{"name": name} | its for name, its in data.get("classes", {}).items() if its["properties"]]
        names += [
            {
                "name": name,
                "properties": its["properties"],
                "every": name in ("Get-VMSnapshot", "Get-VMAssignableDevice"),
                "own": name == "Get-VMNetworkAdapter",
            }
            for name, its in data.get("objects", {}).items()
            if name.startswith("Get-VM") and name != "Get-VMGpuPartitionAdapter"  # 2016 has none
        ]
    return names


def types(lines: list[str]) -> dict[str, str]:
    """The type of each property. Instances are instances and lists are lists, whatever class carries them."""
    kinds = {
        "System.Management.Automation.PSCustomObject": "instance",
        "Microsoft.Management.Infrastructure.CimInstance": "instance",
        "System.Object[]": "list",
        "Microsoft.HyperV.PowerShell.HardDiskDrive[]": "list",
        "Microsoft.HyperV.PowerShell.DvdDrive[]": "list",
        "System.Collections.Generic.List`1": "list",
    }
    found = ((name, its.partition("[[")[0]) for name, its in (line.split(" ", 1) for line in lines))
    return {name: kinds.get(its, its) for name, its in found}


def test_what_is_read_has_the_same_types(engine: Engine, reference: Reference) -> None:
    asked = {"Names": msgspec.json.encode(documented()).decode()}
    ours, theirs = types(engine.run(host(), TYPES, asked).output), types(told(reference, TYPES, asked))
    both = ours.keys() & theirs.keys()
    assert len(both) > 40
    assert {name: (ours[name], theirs[name]) for name in both if ours[name] != theirs[name]} == {}


@pytest.mark.parametrize("code", FAILING)
def test_what_is_not_there_fails_in_the_same_way(engine: Engine, reference: Reference, code: str) -> None:
    assert engine.run(host(), FAILURE % code).output == told(reference, FAILURE % code)


def test_a_host_without_the_role_has_no_cmdlet(engine: Engine, reference: Reference) -> None:
    code = FAILURE % "Get-VM"
    assert engine.run(host(hyperv=False, vms=()), code).output == told(reference, code, of="nohyperv-en", host="FILE01")
