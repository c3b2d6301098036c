"""A session that is limited to the role which `hvpreflight jea` writes, in a real engine: it reads what an ordinary one reads, and refuses
everything else.

What differs from Windows: the engine is a newer PowerShell, it makes the sessions from the same files by itself and not for WinRM, and
nobody's rights change with them (no virtual account); there is no execution policy. The modules of Windows are one stand-in.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS
from checks.windows.names import HostName
from lab import scenario
from lab.credentials import Credentials as Accounts
from lab.engine.compiled import types
from lab.engine.process import Process
from lab.engine.shell import EngineShell
from lab.engine.world import TIME_ZONE, world
from lab.host import Host
from lab.scenario import ShellSpec
from lab.shell import Start
from lab.sids import Sids
from lab.winrm import Listener
from lab.wsman import WSMan
from reports.language import Language
from reports.scripts.script import literal
from runner.collect.credentials import Credentials
from runner.collect.hosts.language_mode import NO_LANGUAGE, UNKNOWN_SECTION
from runner.collect.hosts.request import EventRange, Partner, for_facts, for_logs
from runner.collect.hosts.script import FUNCTION, script
from runner.collect.hosts.target import Target
from runner.collect.hosts.visit import visit
from runner.endpoint import CONFIGURATION, GUIDS, MODULE, commands, files
from runner.endpoint.rights import run_as
from runner.files.folder import write_folder
from runner.powershell import Data, data_file
from tests.collect.directories.forests import missing
from tests.engine.sessions import PATIENCE_S, pwsh
from tests.engine.test_scenarios import NOW

pytestmark = pytest.mark.engine

ALLOWED = "CONTOSO\\hv readers' own"
UNKNOWN = "CommandNotFoundException"
WINDOWS = list(map(str, sorted((Path(__file__).parents[2] / "lab" / "engine" / "windows").glob("*.ps1"))))
READY = scenario.load("ready")
HOSTS = {name: replace(spec, windows="2025") for name, spec in READY.hosts.items()}
SCENARIO = replace(READY, hosts=HOSTS)
HOST = Host(SCENARIO, "TestServer01", Sids(SCENARIO), NOW)
REFUSED = ("Read-os", "Get-VMHost", "Hyper-V\\Get-VMHost", "Get-CimInstance", "Import-Module", "Invoke-Expression", "Set-Alias", "pwsh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modules that an engine finds by their names: what was written, and one that stands for all of Windows, in the place of a host."""
    folder = tmp_path_factory.mktemp("endpoint")
    write_folder(folder / "made", files([ALLOWED], run_as(administrator=True), Language()))
    (folder / MODULE).symlink_to(folder / "made" / MODULE)
    stand_in = (
        f"Add-Type -Path {literal(list(map(str, types(pwsh()))))}",
        f"$null = [StandIn.World]::Enter([System.IO.File]::ReadAllText({literal(str(folder / 'world.json'))}))",
        "Set-Alias Select-Object Microsoft.PowerShell.Utility\\Select-Object",
        f"foreach ($each in {literal(WINDOWS)}) {{ . $each }}",
        "Export-ModuleMember -Function *",
    )
    for name in {entry["module"] for entry in commands().values() if not entry["module"].startswith("Microsoft.PowerShell.")}:
        (folder / name).mkdir()
        (folder / name / f"{name}.psm1").write_text("\n".join(stand_in) if name == "Hyper-V" else "", encoding="utf-8")
    (folder / "world.json").write_bytes(msgspec.json.encode({"world": world(HOST)}))
    return folder


@pytest.fixture(scope="module")
def got(folder: Path) -> dict[str, Any]:
    configuration = folder / "made" / f"{CONFIGURATION}.pssc"
    text = configuration.read_text(encoding="utf-8-sig")
    configuration.write_text(text.replace("ExecutionPolicy = 'RemoteSigned'", ""), encoding="utf-8")
    request = for_facts([Partner("TestServer02", ("testserver02",), (), (6600, 445))], files=HOST.lying()).encoded()
    later = json.dumps({"frame": 2, "sections": ["clock", "weather"], "partners": []})
    given = {
        "configuration": str(configuration),
        "role": ALLOWED,
        "ordinary": {"script": script(SECTIONS), "parameters": {"Request": request}},
        "limited": [
            {"command": FUNCTION, "parameters": {"Request": request}},
            {"command": FUNCTION, "parameters": {"Request": for_logs(EventRange()).encoded()}},
            {"command": FUNCTION, "parameters": {"Request": later}},
            {"script": script(["clock"]), "parameters": {"Request": later}},
            {"command": FUNCTION, "parameters": {"Request": later, "Path": "x"}},
            *({"command": name, "parameters": {}} for name in (*REFUSED, "Get-Command")),
        ],
    }
    (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
    command = [str(pwsh()), "-NoProfile", "-NonInteractive", "-File", str(Path(__file__).with_name("endpoint.ps1")), str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert (folder / "got.json").exists(), ran.stdout + ran.stderr
    answer: dict[str, Any] = json.loads((folder / "got.json").read_text(encoding="utf-8"))
    return answer


@contextmanager
def remote(folder: Path) -> Iterator[Listener]:
    """A listener whose shells an engine answers that started with these files, and takes no script. An engine that is started so applies no
    role (https://github.com/PowerShell/PowerShell: OutOfProcessMediator): what it lets be seen stands in the session's own file."""
    session: dict[str, Data] = {
        "SchemaVersion": "2.0.0.0",
        "GUID": GUIDS[f"{CONFIGURATION}.pssc"],
        "SessionType": "RestrictedRemoteServer",
        "ModulesToImport": ("Hyper-V", MODULE),
        "VisibleFunctions": (FUNCTION,),
    }
    file = folder / "remote.pssc"
    file.write_text(data_file(session), encoding="utf-8")
    engine = Process(
        [str(pwsh()), "-NoLogo", "-NoProfile", "-s", "-ConfigurationFile", str(file)],
        {"PSModulePath": str(folder), "TZ": TIME_ZONE},
    )
    accounts = Accounts(HOST.scenario)
    with accounts:
        start = Start(shell=ShellSpec(configuration=CONFIGURATION))
        listener = Listener(WSMan("TESTSERVER01", lambda _: (), start, opens=partial(EngineShell, engine)), accounts)
        listener.start()
        try:
            yield listener
        finally:
            listener.stop()
            engine.kill()


def answered(texts: list[str]) -> list[Any]:
    """The sections, without how long each took."""
    return [{name: value for name, value in json.loads(each).items() if name not in ("ms", "utc")} for each in texts]


def test_it_gives_the_facts_of_an_ordinary_session(got: dict[str, Any]) -> None:
    limited = got["limited"][0]
    assert (limited["failure"], limited["errors"]) == (None, [])
    ours, ordinary = answered(limited["texts"]), answered(got["ordinary"]["texts"])
    assert [each.get("name") for each in ours] == [None, *HOST_FACTS]
    assert [each["name"] for each in ours[1:] if not each["ok"]] == []
    clock = 1 + HOST_FACTS.index("clock")
    assert {str(ours.pop(clock)["ok"]), str(ordinary.pop(clock)["ok"])} == {"True"}
    assert ours == ordinary


def test_it_gives_the_events_too_though_such_a_session_has_a_lesser_command_of_its_own(got: dict[str, Any]) -> None:
    logs = answered(got["limited"][1]["texts"])[1:]
    assert len(logs) == len(LOG_FACTS)
    assert [each for each in logs if not each["ok"]] == []


def test_a_section_that_it_does_not_know_fails_by_a_sign_of_its_own_and_alone(got: dict[str, Any]) -> None:
    _, clock, weather = answered(got["limited"][2]["texts"])
    assert clock["ok"]
    assert weather["error"]["id"] == UNKNOWN_SECTION


def test_it_refuses_every_script_parameter_and_command_but_its_own(got: dict[str, Any]) -> None:
    _, _, _, script_, parameter, *refused, shown = got["limited"]
    assert (script_["texts"], script_["failure"]) == ([], NO_LANGUAGE)
    assert (parameter["texts"], parameter["failure"]) == ([], f"NamedParameterNotFound,{FUNCTION}")
    assert {name: each["failure"] for name, each in zip(REFUSED, refused, strict=True)} == dict.fromkeys(REFUSED, UNKNOWN)
    always = {"Clear-Host", "Exit-PSSession", "Get-Command", "Get-FormatData", "Get-Help", "Measure-Object", "Out-Default", "Select-Object"}
    assert set(shown["texts"]) == always | {FUNCTION}


def test_a_visit_over_remoting_reads_every_fact_through_it(folder: Path) -> None:
    with remote(folder) as listener:
        target = Target(HostName("TestServer01"), "127.0.0.1", listener.port, "TestServer01", configuration_name=CONFIGURATION)
        signed_in = Credentials(SCENARIO.collector, listener.credentials.password_of(SCENARIO.collector))
        facts, how = visit(target, (), signed_in, PATIENCE_S)
    assert missing(facts) == {}
    assert how.engine.startswith("7.")
    assert listener.wsman.requests.count("Command") == 2, "the script, which is refused, and the function"
