"""The main job over the real protocols: each scenario ends as its file promises, and what goes wrong on the way never makes a GO."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.facts.directory import TrustDirection
from checks.result import EXIT_CODES, Verdict
from lab import scenario
from lab.dns import DnsServer
from lab.forest import Forest
from lab.scenario import ControllerSpec, DomainSpec, Fault, Group, GroupScope, HostSpec, Scenario, TrustSpec, User
from tests.program import Ran, anew, check, hvpreflight, interrupted

IN, OUT, BOTH = TrustDirection.INBOUND, TrustDirection.OUTBOUND, TrustDirection.BIDIRECTIONAL


def outcomes(ran: Ran) -> dict[str, set[str]]:
    found = defaultdict(set)
    for finding in ran.result["findings"]:
        found[finding["check"]].add(finding["outcome"])
    return found


@pytest.mark.parametrize("name", scenario.names())
def test_a_scenario_ends_with_the_verdict_that_it_promises(name: str, tmp_path: Path) -> None:
    promise = scenario.load(name).promise
    with Forest(scenario.load(name)) as forest:
        ran = check(forest, tmp_path / "run")
    assert ran.result["verdict"] == promise.verdict, ran.out
    assert ran.code == EXIT_CODES[Verdict(promise.verdict)]
    assert ran.out.splitlines()[-1].startswith(promise.verdict)
    found = outcomes(ran)
    for check_id, promised in promise.outcomes.items():
        assert found[check_id] == set(promised), check_id
    counts = ran.result["counts"]
    assert (
        counts["planned"] == sum(counts[outcome] for outcome in ("PASS", "FAIL", "SKIP", "UNKNOWN", "ERROR")) == len(ran.result["findings"])
    )
    assert counts["ERROR"] == 0
    assert f"planned {counts['planned']} =" in ran.out
    assert sorted(path.name for path in ran.folder.iterdir()) == ["plan.toml", "report.html", "result.json", "run.log", "snapshot.json"]


def of_another_forest(
    ours: TrustDirection, theirs: TrustDirection, domain: str = "fabrikam.test", not_routed: tuple[str, ...] = ()
) -> Scenario:
    """Two hosts with everything right, moved by an operator of another forest, who is in their local group of administrators."""
    ready = scenario.load("ready")
    contoso = ready.domains["contoso.test"]
    foreign = f"{domain.partition('.')[0].upper()}\\op"
    admins = Group("hv-local", GroupScope.LOCAL, (foreign,))
    contoso = replace(
        contoso,
        groups=(*contoso.groups, admins),
        trusts=(TrustSpec("fabrikam.test", direction=ours, not_routed=not_routed),),
    )
    users = (User("op"),)
    root = DomainSpec(
        netbios="FABRIKAM",
        sid="S-1-5-21-2025429265-507921405-854245398",
        controllers={"dc11": ControllerSpec()},
        trusts=(TrustSpec("contoso.test", direction=theirs),),
    )
    below = DomainSpec(netbios="EU", sid="S-1-5-21-4-4-4", forest="fabrikam.test", controllers={"dc21": ControllerSpec()}, users=users)
    others = (
        {"fabrikam.test": root, "eu.fabrikam.test": below} if domain != "fabrikam.test" else {"fabrikam.test": replace(root, users=users)}
    )
    hosts = {name: replace(host, administrators=(*host.administrators, "CONTOSO\\hv-local")) for name, host in ready.hosts.items()}
    plan = ready.plan | {"defaults": ready.plan["defaults"] | {"operator": foreign}}
    return replace(ready, plan=plan, domains={"contoso.test": contoso} | others, hosts=hosts)


@pytest.mark.parametrize(
    ("described", "verdict", "says"),
    [
        (of_another_forest(BOTH, BOTH), "GO", ""),
        (of_another_forest(OUT, IN), "NO-GO", "fabrikam.test does not trust contoso.test"),
        (of_another_forest(IN, OUT), "NO-GO", "contoso.test does not trust fabrikam.test"),
        (of_another_forest(BOTH, BOTH, "eu.fabrikam.test"), "GO", ""),
        (of_another_forest(BOTH, BOTH, "eu.fabrikam.test", ("eu.fabrikam.test",)), "NO-GO", "lets no accounts of eu.fabrikam.test pass"),
    ],
    ids=["two-way", "only the hosts' domain trusts", "only the operator's domain trusts", "child", "child that is not routed"],
)
def test_an_operator_of_another_forest_needs_that_both_trust_each_other(
    described: Scenario, verdict: str, says: str, tmp_path: Path
) -> None:
    with Forest(described) as forest:
        ran = check(forest, tmp_path / "run")
    assert ran.result["verdict"] == verdict, ran.out
    failed = [finding for finding in ran.result["findings"] if finding["outcome"] == "FAIL"]
    assert [finding["check"] for finding in failed] == (["domain.operator_trust"] if says else [])
    assert all(says in finding["message"]["text"] for finding in failed)


def in_another_namespace(*allowed: str) -> Scenario:
    """Two hosts with everything right, the target with the DNS suffix corp.test, which the domain does not have for itself."""
    ready = scenario.load("ready")
    source, target = ready.hosts["TestServer01"], ready.hosts["TestServer02"]
    entries = tuple(entry.replace("contoso.test", "corp.test") for entry in source.delegation.to)
    hosts = {
        "TestServer01": replace(source, delegation=replace(source.delegation, to=entries)),
        "TestServer02": replace(target, suffix="corp.test"),
    }
    return replace(ready, domains={"contoso.test": replace(ready.domains["contoso.test"], dns_suffixes=allowed)}, hosts=hosts)


@pytest.mark.parametrize(("allowed", "failed"), [(("corp.test",), []), ((), ["platform.identity"])])
def test_a_host_whose_dns_suffix_is_not_its_domain_is_known_by_its_own_full_name(
    allowed: tuple[str, ...], failed: list[str], tmp_path: Path
) -> None:
    with Forest(in_another_namespace(*allowed)) as forest:
        ran = check(forest, tmp_path / "run")
    assert [finding["check"] for finding in ran.result["findings"] if finding["outcome"] in ("FAIL", "UNKNOWN", "ERROR")] == failed, ran.out
    assert (ran.result["verdict"] == "GO") is not bool(failed)


def test_the_articles_mistakes_are_named_with_their_remedies(tmp_path: Path) -> None:
    with Forest(scenario.load("articles")) as forest:
        ran = check(forest, tmp_path / "run")
    assert ran.code == 3
    assert "0x8009030E" in ran.out
    assert len(re.findall(r"^\s+fix: ", ran.out, re.MULTILINE)) >= 2
    blockers = [f for f in ran.result["findings"] if f["outcome"] == "FAIL" and f["severity"] == "BLOCKER"]
    assert {f["check"] for f in blockers} == {"delegation.cifs", "delegation.protocol"}
    assert all(f["remedy"]["commands"] and f["remedy"]["undo"] and "0x8009030E" in f["predicts"] for f in blockers)


def test_no_secret_stands_in_what_a_run_leaves_behind(tmp_path: Path) -> None:
    with Forest(scenario.load("articles")) as forest:
        ran = check(forest, tmp_path / "run", "-v")
        secret = forest.password
    assert secret not in ran.out + ran.err
    for path in ran.folder.iterdir():
        assert secret.encode() not in path.read_bytes(), path.name


def test_the_same_snapshot_gives_the_same_bytes_again(tmp_path: Path) -> None:
    with Forest(scenario.load("old-and-new")) as forest:
        first = check(forest, tmp_path / "first")
    again = [
        hvpreflight("check", first.folder / "plan.toml", "--snapshot", first.folder / "snapshot.json", "--out", out, folder=out)
        for out in (tmp_path / "second", tmp_path / "third")
    ]
    assert [ran.code for ran in again] == [first.code, first.code]
    assert len({(ran.folder / "result.json").read_bytes() for ran in (first, *again)}) == 1


def test_a_collected_snapshot_is_judged_elsewhere_as_in_one_go(tmp_path: Path) -> None:
    snapshot = tmp_path / "s.json"
    with Forest(scenario.load("ready")) as forest:
        ran = hvpreflight("collect", forest.plan_path, "-o", snapshot, "--user", forest.collector, password=forest.password)
        plan = tmp_path / "plan.toml"
        plan.write_bytes(forest.plan_path.read_bytes())
    assert ran.code == 0, ran.err
    judged = hvpreflight("check", plan, "--snapshot", snapshot, "--out", tmp_path / "run", folder=tmp_path / "run")
    assert judged.code == 0, judged.out


def test_who_collects_is_told_of_which_hosts_the_snapshot_holds_nothing(tmp_path: Path) -> None:
    hosts = scenario.load("ready").hosts
    dark = hosts | {"TestServer02": replace(hosts["TestServer02"], fault=Fault.REFUSES)}
    with Forest(replace(scenario.load("ready"), hosts=dark)) as forest:
        how = (forest.plan_path, "--user", forest.collector, "--only", "delegation", "-o")
        told = hvpreflight("collect", *how, tmp_path / "a.json", password=forest.password)
        ran = hvpreflight("collect", *how, tmp_path / "b.json", "-f", "json", password=forest.password)
    assert (told.code, told.out) == (0, f"{tmp_path / 'a.json'}\n")
    assert "TestServer02: nothing was read: unreachable" in told.err
    said = json.loads(ran.out)
    assert (said["hosts"], [*said["not_read"]], said["partial"]) == (["TestServer01", "TestServer02"], ["TestServer02"], False)
    assert said["sha256"] == hashlib.sha256((tmp_path / "b.json").read_bytes()).hexdigest()


def test_where_kerberos_is_required_nobody_is_signed_in_to_otherwise(tmp_path: Path) -> None:
    """The lab speaks NTLM only. Nothing is sent to it that it would take for a sign-in."""
    with Forest(scenario.load("ready")) as forest:
        ran = check(forest, tmp_path / "run", "--require-kerberos")
        assert not any(host.requests for host in forest.hosts.values())
        refused = check(forest, tmp_path / "ntlm", "--require-kerberos", "--auth", "ntlm")
    libraries_missing = (2, True)
    assert (ran.code, "pip install 'hvpreflight[kerberos]'" in ran.err) in (libraries_missing, (4, False)), ran.err
    assert (refused.code, refused.folder.exists()) == (2, False)
    assert "ntlm authentication is refused where Kerberos is required" in refused.err


def many(faults: dict[str, Fault]) -> Scenario:
    """A crowd of eight hosts of which some have a fault."""
    crowd = scenario.load("crowd")
    assert crowd.crowd is not None
    from lab.crowd import expand

    whole = expand(crowd, 8, 1)
    hosts: dict[str, HostSpec] = {name: replace(spec, fault=faults.get(name)) for name, spec in whole.hosts.items()}
    return replace(whole, hosts=hosts)


def test_hosts_that_hang_drop_or_answer_rubbish_cost_only_their_own_facts(tmp_path: Path) -> None:
    faults = {"hv002": Fault.HANGS, "hv004": Fault.DROPS, "hv006": Fault.RUBBISH, "hv008": Fault.HALF}
    with Forest(many(faults)) as forest:
        ran = check(forest, tmp_path / "run", "--host-deadline", "3", "--deadline", "20")
    assert ran.code == 4, ran.out
    assert ran.result["verdict"] == "INCOMPLETE"
    hosts = ran.snapshot["hosts"]
    for name, facts in hosts.items():
        states = {fact["fact"] for fact in facts.values()}
        assert states == ({"missing"} if name in faults else {"known"}), name
    assert hosts["hv002"]["os"]["reason"] == hosts["hv008"]["os"]["reason"] == "timed out"
    touched = [move for move in ran.result["moves"] if {move["source"].lower(), move["target"].lower()} & set(faults)]
    assert touched
    assert {move["verdict"] for move in touched} == {"INCOMPLETE"}


def test_a_run_ends_at_its_deadline_even_when_every_host_hangs(tmp_path: Path) -> None:
    with Forest(many({f"hv00{n}": Fault.HANGS for n in range(1, 9)})) as forest:
        ran = check(forest, tmp_path / "run", "--deadline", "4", "--concurrency", "2")
    assert ran.code == 4
    assert {fact["reason"] for facts in ran.snapshot["hosts"].values() for fact in facts.values()} == {"timed out"}


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT can be sent to one process on Windows")
def test_an_interrupted_run_keeps_what_it_has_and_marks_it_partial(tmp_path: Path) -> None:
    ready = scenario.load("ready")
    hosts = ready.hosts | {"TestServer01": replace(ready.hosts["TestServer01"], fault=Fault.HALF)}
    (tmp_path / "key").write_text("a key that nobody guesses")
    with Forest(replace(ready, hosts=hosts)) as forest:
        visited = forest.hosts["TestServer01"].requests
        ran = interrupted(forest, tmp_path / "run", lambda: "Command" in visited, "--seal-key", tmp_path / "key")
    assert ran.code == 130, ran.err
    assert ran.snapshot["collected"]["partial"] is True
    assert {fact["fact"] for fact in ran.snapshot["hosts"]["testserver02"].values()} == {"known"}
    assert {fact["reason"] for fact in ran.snapshot["hosts"]["testserver01"].values()} == {"not collected"}
    assert not (ran.folder / "report.html").exists()
    assert sorted(ran.json("run.seal")["files"]) == ["plan.toml", "snapshot.json"]


def test_a_visit_costs_at_most_seven_requests_and_a_domain_few_whatever_its_hosts(tmp_path: Path) -> None:
    from lab.crowd import expand

    searches = {}
    for hosts in (4, 16):
        with Forest(expand(scenario.load("crowd"), hosts, 1)) as forest:
            ran = check(forest, tmp_path / f"run{hosts}")
            visits = {name: host.requests.count("Create") for name, host in forest.hosts.items()}
            assert [len(host.requests) <= 7 * visits[name] for name, host in forest.hosts.items()] == [True] * hosts
            assert sorted(visits.values()) == [1] * (hosts // 2) + [2] * (hosts // 2), "only who takes storage is asked what lies there"
            searches[hosts] = sorted(len([r for r in server.requests if r[0] == "search"]) for server in forest.controllers.values())
        assert ran.code == 0, ran.out
    assert searches[4] == searches[16]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("ready") / "run"
    with Forest(scenario.load("ready")) as forest:
        return check(forest, folder)


def one_line(ran: Ran, code: int) -> str:
    assert ran.code == code, ran.err
    lines = ran.err.strip().splitlines()
    assert len(lines) == 1, ran.err
    assert "Traceback" not in ran.err
    return lines[0]


PLAN = """[defaults]
operator = 'CONTOSO\\hv-operator'
[[moves]]
vm = "LMTest"
source = "{source}"
target = "{target}"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the plan is empty"),
        (PLAN.format(source="a", target="b") + "speed = 9\n", "plan.toml:7: unknown key moves[1].speed"),
        (PLAN.format(source="a", target="b").replace('"LMTest"', "5"), "plan.toml:4: moves[1].vm must be text, not a number"),
        (PLAN.format(source="a", target="A"), "plan.toml:3: LMTest would move from a to itself"),
        (PLAN.format(source="a", target="b") + "[connection]\nauth='basic'\n", "plan.toml:8: basic authentication is refused without TLS"),
    ],
)
def test_a_bad_plan_is_one_clear_line_and_nothing_is_written(text: str, said: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(text)
    assert said in one_line(hvpreflight("check", plan, "--out", tmp_path / "run"), 2)
    assert not (tmp_path / "run").exists()


def test_a_plan_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in one_line(hvpreflight("check", tmp_path / "none.toml"), 2)


def test_basic_over_the_plan_is_refused_without_tls(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN.format(source="a", target="b"))
    ran = hvpreflight("check", plan, "--auth", "basic", "--user", "x", "--out", tmp_path / "run", password="y")
    assert "refused without TLS" in one_line(ran, 2)


def test_an_unknown_host_makes_the_verdict_incomplete(tmp_path: Path) -> None:
    plan, folder = tmp_path / "plan.toml", tmp_path / "run"
    with DnsServer(()) as names:
        servers = f"[names]\nservers=['127.0.0.1:{names.port}']\n"
        plan.write_text(PLAN.format(source="nosuchhost01.invalid", target="nosuchhost02.invalid") + servers)
        ran = hvpreflight("check", plan, "--user", "CONTOSO\\x", "--deadline", "20", "--out", folder, folder=folder, password="y")
    assert ran.code == 4, ran.err
    assert {fact["reason"] for fact in ran.snapshot["hosts"]["nosuchhost01.invalid"].values()} == {"unreachable"}


def test_a_wrong_password_is_tried_on_one_host_and_no_controller(tmp_path: Path) -> None:
    with Forest(many({})) as forest:
        ran = hvpreflight("check", forest.plan_path, "--user", forest.collector, "--out", tmp_path / "run", password="not the password")
        assert sum(host.listener.refused for host in forest.hosts.values()) == 1
        assert [controller.requests for controller in forest.controllers.values()] == [[]] * len(forest.controllers)
    assert "rejects the logon of CONTOSO\\hv-reader" in one_line(ran, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows signs in with the current logon")
def test_without_a_logon_nobody_is_asked(tmp_path: Path) -> None:
    with Forest(scenario.load("ready")) as forest:
        ran = hvpreflight("check", forest.plan_path, "--auth", "ntlm", "--out", tmp_path / "run")
        assert [host.requests for host in forest.hosts.values()] == [[], []]
    assert "name an account with --user" in one_line(ran, 2)


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    ready = scenario.load("ready")
    tls = replace(ready, hosts={name: replace(spec, certificate=True) for name, spec in ready.hosts.items()})
    with Forest(tls) as forest:
        trusted = check(forest, tmp_path / "trusted")
        plan = tmp_path / "plan.toml"
        plan.write_text(re.sub(r"ca_file = .*\n", "", forest.plan_path.read_text()))
        refused = check(forest, tmp_path / "refused", plan=plan)
    assert trusted.code == 0, trusted.out
    assert refused.code == 4
    facts = refused.snapshot["hosts"]["testserver01"]["os"]
    assert facts["reason"] == "unreachable"
    assert "certificate" in facts["detail"]["template"]


def test_a_snapshot_cut_in_half_is_one_clear_line(ready: Ran, tmp_path: Path) -> None:
    half = tmp_path / "half.json"
    content = (ready.folder / "snapshot.json").read_bytes()
    half.write_bytes(content[: len(content) // 2])
    ran = hvpreflight("check", ready.folder / "plan.toml", "--snapshot", half, "--out", tmp_path / "run")
    assert "may be truncated" in one_line(ran, 2)


def test_a_run_folder_that_cannot_be_made_is_one_clear_line(ready: Ran, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    snapshot = ready.folder / "snapshot.json"
    ran = hvpreflight("check", ready.folder / "plan.toml", "--snapshot", snapshot, "--out", tmp_path / "file" / "run")
    assert "cannot be made" in one_line(ran, 2)
    ran = hvpreflight("check", ready.folder / "plan.toml", "--snapshot", snapshot, "--out", ready.folder)
    assert "is not empty" in one_line(ran, 2)


def test_a_go_from_facts_that_are_too_old_is_none_unless_it_is_a_rehearsal(ready: Ran, tmp_path: Path) -> None:
    old = json.loads((ready.folder / "snapshot.json").read_bytes())
    old["collected"]["start"] = (datetime.now(UTC) - timedelta(hours=25)).isoformat()
    (tmp_path / "old.json").write_text(json.dumps(old))
    arguments = ("check", ready.folder / "plan.toml", "--snapshot", tmp_path / "old.json")
    ran = hvpreflight(*arguments, "--out", tmp_path / "run", folder=tmp_path / "run")
    assert (ran.code, ran.result["verdict"]) == (4, "GO")
    assert ran.out.splitlines()[-1].startswith("EXPIRED, was GO: ")
    assert "</span> EXPIRED, was GO<" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert hvpreflight(*arguments, "--allow-expired", "--out", tmp_path / "rehearsal").code == 0


def test_leaving_a_blocker_out_never_makes_a_go(ready: Ran, tmp_path: Path) -> None:
    arguments = ("check", ready.folder / "plan.toml", "--snapshot", ready.folder / "snapshot.json")
    assert hvpreflight(*arguments, "--skip", "network", "--out", tmp_path / "a").code == 4
    assert hvpreflight(*arguments, "--only", "delegation", "--out", tmp_path / "b").code == 4
    assert "There is no check and no area nonsense" in one_line(hvpreflight(*arguments, "--only", "nonsense", "--out", tmp_path / "c"), 2)


def test_the_result_on_standard_output_is_the_file(ready: Ran, tmp_path: Path) -> None:
    snapshot = ready.folder / "snapshot.json"
    ran = hvpreflight("check", ready.folder / "plan.toml", "--snapshot", snapshot, "--format", "json", "--out", tmp_path / "run")
    assert ran.out.encode() == (tmp_path / "run" / "result.json").read_bytes()


def test_the_demo_ends_as_the_articles_foretell(tmp_path: Path) -> None:
    ran = anew("demo", "--out", tmp_path / "run")
    assert ran.code == 3
    assert ran.out.splitlines()[-1].startswith("NO-GO")


@pytest.mark.parametrize("name", ["lab.py", "json.py", "runner.py"])
def test_the_demo_runs_our_modules_in_a_folder_that_holds_others_of_the_same_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("raise SystemExit('the wrong module')")
    ran = anew("demo", "--list", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "ready" in ran.out


def test_the_scenarios_are_listed_with_what_they_promise() -> None:
    ran = hvpreflight("demo", "--list")
    assert ran.code == 0
    assert all(name in ran.out for name in scenario.names())


@pytest.mark.parametrize("name", ["plan", "waivers", "policy", "snapshot", "result"])
def test_the_schemas_describe_the_files(name: str) -> None:
    ran = hvpreflight("schema", name)
    assert ran.code == 0
    assert '"$defs"' in ran.out


def test_the_catalogue_names_every_check() -> None:
    from checks.registry import all_checks

    ran = hvpreflight("checks", "--format", "json")
    assert ran.code == 0
    assert all(f'"{check.id}"' in ran.out for check in all_checks())
