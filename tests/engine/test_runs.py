"""A script runs in the place of a host: what it reads is of that host, and nothing stays of the run before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.engine import compiled
from lab.engine.runs import Engine
from tests.engine.sessions import pwsh

pytestmark = pytest.mark.engine

HOST: dict[str, Any] = {"name": "HV01", "language": "de-DE", "time_zone": "Europe/Berlin"}
GET_CIM_INSTANCE = "Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
OS = {"cim": {"root/cimv2": {"Win32_OperatingSystem:object[]": [{"BuildNumber": "14393", "LastBootUpTime:time": "2026-07-01T12:00:00Z"}]}}}


def test_a_host_has_its_own_language_and_time_zone(engine: Engine) -> None:
    script = "(Get-CimInstance -ClassName Win32_OperatingSystem).LastBootUpTime.ToString()"
    assert engine.run(HOST | OS, script).output == ["01.07.2026 14:00:00"]
    assert engine.run(HOST | OS | {"language": "en-US", "time_zone": "America/New_York"}, script).output == ["7/1/2026 8:00:00\u202fAM"]


@pytest.mark.parametrize(
    ("asks", "id_"),
    [
        (
            "Get-CimInstance -ClassName Win32_Service",
            f"HRESULT 0x80041010,{GET_CIM_INSTANCE}",
        ),
        (
            "Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_VirtualSystemMigrationService",
            f"HRESULT 0x8004100e,{GET_CIM_INSTANCE}",
        ),
        ("Get-VMHost", "CommandNotFoundException"),
    ],
)
def test_what_a_host_does_not_have_fails_as_on_windows(engine: Engine, asks: str, id_: str) -> None:
    (error,) = engine.run(HOST | OS, asks).errors
    assert error["id"] == id_


def test_parameters_arrive_as_data(engine: Engine) -> None:
    hostile = "'; Get-Date; $(1) `\" €"
    assert engine.run(HOST, "param($Text) $Text", {"Text": hostile}).output == [hostile]


def test_nothing_stays_of_the_run_before(engine: Engine) -> None:
    assert engine.run(HOST, "$global:left = 1; Set-Alias left Get-Date").errors == []
    assert engine.run(HOST, "Test-Path variable:left; Test-Path alias:left").output == [False, False]


def test_a_script_that_does_not_end_is_stopped(engine: Engine) -> None:
    assert engine.run(HOST, "while ($true) { }", seconds=1).stopped
    assert engine.run(HOST, "1").output == [1]


def test_a_script_is_stopped_as_soon_as_something_hangs_and_what_it_had_put_out_is_there(engine: Engine) -> None:
    ran = engine.run(HOST | {"fails": {"Get-VM": {"hangs": True}}}, "1; Get-VM; 2", seconds=600)
    assert (ran.output, ran.stopped) == ([1], True)
    assert engine.run(HOST, "1").output == [1]


def test_where_nothing_can_be_kept_an_engine_compiles_the_types_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "__pycache__").touch()
    monkeypatch.setattr(compiled, "_HERE", tmp_path)
    compiled.types.cache_clear()
    with Engine(pwsh()) as engine:
        assert engine.run(HOST | OS, "(Get-CimInstance -ClassName Win32_OperatingSystem).BuildNumber").output == ["14393"]
    assert compiled.types(pwsh()) == compiled.SOURCES
    compiled.types.cache_clear()
