"""The scenarios that come with the lab, and its command line."""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import dns.resolver
import msgspec
import pytest
from msgspec.structs import replace

from checks.facts.host import HOST_FACTS
from lab import scenario as scenarios
from lab.__main__ import main
from lab.crowd import expand
from lab.forest import Forest
from lab.scenario import Crowd, Fault, HostSpec, LanguageMode, Scenario, ScenarioError, ShellSpec
from tests.lab.host.test_host import LACKS
from tests.lab.visiting import sections

VERDICTS = {
    "articles": "NO-GO",
    "credssp": "NO-GO",
    "crowd": "GO",
    "half-dark": "INCOMPLETE",
    "old-and-new": "NO-GO",
    "ready": "GO",
    "two-domains": "GO WITH CONDITIONS",
}


def test_each_scenario_promises_its_verdict() -> None:
    assert {name: scenarios.load(name).promise.verdict for name in scenarios.names()} == VERDICTS


@pytest.mark.parametrize("name", VERDICTS)
def test_every_server_of_a_scenario_starts_and_answers(name: str) -> None:
    with Forest(scenarios.load(name)) as forest:
        for host, running in forest.hosts.items():
            if running.spec.fault is None:
                answers = sections(forest, host)
                failed = {section for section, answer in answers.items() if not answer["ok"]}
                assert set(answers) == set(HOST_FACTS)
                assert failed == set(running.spec.denied) | LACKS.get(running.spec.windows, set())
        assert len(forest.controllers) == sum(len(domain.controllers) for domain in forest.scenario.domains.values())


@pytest.mark.parametrize("name", VERDICTS)
def test_the_written_plan_leads_to_the_servers_of_its_moves(name: str) -> None:
    with Forest(scenarios.load(name)) as forest:
        plan = tomllib.loads(forest.plan_path.read_text(encoding="utf-8"))
        assert plan == json.loads(json.dumps(forest.plan))
        assert forest.dns is not None
        assert plan["names"] == {"servers": [f"127.0.0.1:{forest.dns.port}"]}
        for move in plan["moves"]:
            for role in ("source", "target"):
                entry = plan["hosts"][move[role]]
                assert entry["address"] == forest.hosts[move[role]].address
                assert entry["fqdn"].startswith(move[role].lower() + ".")
                assert entry.get("tls", False) == (forest.ca_file is not None)


@pytest.mark.parametrize("name", VERDICTS)
def test_every_controller_is_found_through_the_name_server(name: str) -> None:
    with Forest(scenarios.load(name)) as forest:
        assert forest.dns is not None
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], forest.dns.port, 5
        found: dict[str, int] = {}
        for domain in forest.scenario.domains:
            for record in resolver.resolve(f"_ldap._tcp.dc._msdcs.{domain}", "SRV"):
                target = record.target.to_text(omit_final_dot=True)
                found[target] = record.port
                assert [address.to_text() for address in resolver.resolve(target, "A")] == ["127.0.0.1"]
        assert found == {server: its.port for server, its in forest.controllers.items()}


def test_nothing_is_left_when_a_forest_stops() -> None:
    with Forest(scenarios.load("ready")) as forest:
        folder = forest.folder
        assert (folder / "plan.toml").exists()
        assert "NTLM_USER_FILE" in os.environ
    assert not folder.exists()
    assert "NTLM_USER_FILE" not in os.environ


def test_a_crowd_has_as_many_hosts_and_vms_as_asked_for() -> None:
    crowd = expand(scenarios.load("crowd"), hosts=200, vms=7)
    assert len(crowd.hosts) == 200
    assert {len(host.vms) for host in crowd.hosts.values()} == {7}
    assert len(crowd.plan["moves"]) == 100
    assert len({vm.name for host in crowd.hosts.values() for vm in host.vms}) == 1400
    for network in ("management", "migration"):
        assert len({getattr(host, network) for host in crowd.hosts.values()}) == 200


def test_a_crowd_too_large_for_its_network_is_refused() -> None:
    small = Crowd(hosts=9, vms_per_host=0, host=HostSpec(management="10.0.0.1/29"))
    with pytest.raises(ScenarioError, match="no room"):
        expand(replace(scenarios.load("crowd"), crowd=small))


def test_the_odd_one_of_a_crowd_is_left_over() -> None:
    crowd = expand(scenarios.load("crowd"), hosts=3, vms=1)
    assert [(move["source"], move["target"]) for move in crowd.plan["moves"]] == [("hv001", "hv002")]
    assert crowd.hosts["hv003"].delegation.to == ()


def test_the_example_of_the_format_reads(tmp_path: Path) -> None:
    example = inspect.cleandoc(scenarios.__doc__ or "").partition(":\n\n    title")[2].partition("\n\nAccounts")[0]
    file = tmp_path / "example.toml"
    file.write_text(textwrap.dedent(f"    title{example}"), encoding="utf-8")
    with Forest(scenarios.load(str(file))) as forest:
        assert set(forest.hosts) == {"TestServer01", "TestServer02"}


def test_a_scenario_without_a_crowd_stays_as_it_is() -> None:
    ready = scenarios.load("ready")
    assert expand(ready, hosts=9, vms=9) == ready


@pytest.mark.parametrize("name", ["no-such", "../pyproject", "no/such.toml", ""])
def test_an_unknown_scenario_is_an_error(name: str) -> None:
    with pytest.raises(ScenarioError, match="There is no scenario"):
        scenarios.load(name)


@pytest.mark.parametrize("text", ["title = ", 'title = "x"', "\0", 'title = "x"\nnonsense = 1'])
def test_a_file_that_is_no_scenario_is_an_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match="does not read"):
        scenarios.load(str(file))


def test_a_scenario_of_ones_own_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes((Path(scenarios.__file__).parent / "scenarios" / "ready.toml").read_bytes())
    assert scenarios.load(str(file)) == scenarios.load("ready")


def test_the_list_shows_name_title_and_promised_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {name: verdict for name, _, verdict in rows} == VERDICTS
    assert all(title for _, title, _ in rows)


def test_an_unknown_scenario_ends_the_command_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "no-such"]) == 2
    assert capsys.readouterr().err.startswith("There is no scenario no-such")


def _serve(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "lab", "serve", *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def _announced(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    said: dict[str, Any] = json.loads(process.stdout.readline())
    return said


def test_serve_says_where_everything_is_and_ends_with_its_input() -> None:
    with _serve("ready") as process:
        said = _announced(process)
        assert set(said["hosts"]) == {"TestServer01", "TestServer02"}
        assert set(said["controllers"]) == {"dc01.contoso.test", "dc02.contoso.test"}
        assert said["collector"] == "CONTOSO\\hv-reader"
        assert said["password"]
        assert said["dns"].startswith("127.0.0.1:")
        assert Path(said["plan"]).parent == Path(said["ca_file"]).parent == Path(said["folder"])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
    assert not Path(said["folder"]).exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_serve_cleans_up_when_it_is_told_to_end() -> None:
    with _serve("crowd", "--hosts", "2", "--vms", "1", "--external-directory") as process:
        said = _announced(process)
        assert len(said["hosts"]) == 2
        assert (said["controllers"], said["dns"]) == ({}, None)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not Path(said["folder"]).exists()


def test_a_scenario_is_plain_data() -> None:
    for name in scenarios.names():
        its = scenarios.load(name)
        assert msgspec.convert(msgspec.to_builtins(its), Scenario) == its


def test_the_unreachable_host_of_half_dark_refuses_connections() -> None:
    assert scenarios.load("half-dark").hosts["TestServer03"].fault is Fault.REFUSES


@pytest.mark.parametrize("its", [{"shell": ShellSpec(language_mode=LanguageMode.NONE, function="Get-It")}, {"takes_s": {"os": 1.0}}])
def test_what_an_engine_would_not_do_is_refused(its: dict[str, Any]) -> None:
    ready = scenarios.load("ready")
    special = replace(ready, hosts=ready.hosts | {"TestServer01": replace(ready.hosts["TestServer01"], **its)})
    with pytest.raises(ScenarioError, match="TestServer01: an engine opens an ordinary session"), Forest(special, pwsh=Path("pwsh")):
        pass
