"""The fix scripts in a real engine: each does what it says, once; its undo takes back what it did, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from checks.changes import Change, Kind
from checks.facts.directory import AccessEntry
from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import FirewallRule, PortAnswer
from checks.plan import Connection, Preferences
from checks.remedy import Means
from lab.engine.runs import Engine
from tests.engine.forests import ADMIN, Fix, Forest, fix, forest_of, run, state
from tests.examples import in_turn
from tests.fix.made import everything, failure, remedy, rendered, result
from tests.world import CONTOSO, FABRIKAM, TestWorld, across_domains, good, services

pytestmark = pytest.mark.engine

SOURCE, TARGET = "testserver01.contoso.test", "testserver02.contoso.test"
H1, H2 = "hosts.testserver01", "hosts.testserver02"
RULE = FirewallRule("VIRT-MIGL-In-TCP-NoScope", "local", "v2.26|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=6600|")
CLOSED = (PortAnswer("192.168.10.2", 6600, False, 10060),)
NOT_OWN = "was not changed by these scripts, and is left alone"
SOMEBODY = "it is {} now, and should be {} before it is changed: somebody else has changed it"
NOBODY = {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": (f"{CONTOSO}-999",)}


def without_delegation(world: TestWorld) -> TestWorld:
    return world.account("testserver01", resource_based=()).account("testserver02", resource_based=())


def preferring(means: Means) -> TestWorld:
    """The source lists services of another host with "Kerberos only", and none of the target; an account acts for users at that already."""
    world = good().account("testserver01", delegate_to=services("TestServer03"), user_account_control=0x1000)
    world = world.account("testserver02", resource_based=(AccessEntry(True, 0xF01FF, f"{CONTOSO}-515"),))
    return world.with_plan(policy=Preferences(means))


WORLDS: dict[str, TestWorld] = {
    "delegate_to": good().account("testserver01", delegate_to=services("TestServer02")[:2]),
    "any_protocol": good().account("testserver01", user_account_control=0x1000),
    "act_on_behalf": without_delegation(across_domains()),
    "resource_based": preferring(Means.RESOURCE_BASED),
    "constrained": preferring(Means.CONSTRAINED),
    "migration": good().set(f"{H2}.migration.enabled", False),
    "authentication": good().set(f"{H2}.migration.authentication", MigrationAuthentication.CREDSSP),
    "performance_option": good().set(f"{H2}.migration.performance_option", PerformanceOption.SMB),
    "limits": good().set(f"{H2}.migration.maximum_migrations", 0).set(f"{H2}.migration.maximum_storage_migrations", 0),
    "any_network": good().set(f"{H2}.migration.any_network", True),
    "migration_network": good()
    .set(f"{H2}.migration_networks", (MigrationNetwork("172.16.0.0/24", 7),))
    .set(f"{H2}.migration_listener.addresses", ("172.16.0.2",)),
    "group_member": good().set(f"{H2}.local_groups", NOBODY),
    "firewall_rule": good().set(f"{H1}.partners.0.ports", CLOSED).set(f"{H2}.firewall", (RULE,)),
    "service": good().set(f"{H2}.hyperv_role.service_state", "Stopped").set(f"{H2}.hyperv_role.service_start", "Disabled"),
}


def place(name: str, forest: Forest) -> str:
    """Where a script is run: a domain's wherever the module is, a host's on the host."""
    if "domain-administrator" in name:
        return ADMIN
    short = name.partition("administrator-of-")[2].removesuffix(".ps1").casefold()
    return next(host for host in forest["hosts"] if host.startswith(short))


ABROAD = [(kind, "de-DE") for kind in WORLDS] + [(kind, "tr-TR") for kind in ("delegate_to", "act_on_behalf", "group_member")]
"""Each kind on German hosts; those that compare names and lists of names on Turkish ones too. All other tests are on English ones."""


@pytest.mark.parametrize(("kind", "language"), ABROAD)
def test_a_fix_takes_effect_once_and_its_undo_gives_back_what_was_there(engine: Engine, tmp_path: Path, kind: str, language: str) -> None:
    made = fix(WORLDS[kind], tmp_path)
    forest = made.forest
    for host in forest["hosts"].values():
        host["language"] = language
    before = state(forest)
    scripts = [name for name in made.names() if (tmp_path / f"undo-{name}").exists()]
    assert scripts
    for name in scripts:
        seen = run(engine, tmp_path / name, forest, place(name, forest), whatif=True)
        assert set(seen.steps) == {"would be changed"}, seen
    assert state(forest) == before
    assert not made.records(), "-WhatIf writes nothing"
    for name in scripts:
        done = run(engine, tmp_path / name, forest, place(name, forest))
        assert set(done.steps) == {"changed"}, (done.said, done.ran.errors)
        assert done.code in (0, 2)
        again = run(engine, tmp_path / name, forest, place(name, forest))
        assert set(again.steps) == {"already right"}, again
    assert state(forest) != before
    for name in reversed(scripts):
        back = run(engine, tmp_path / f"undo-{name}", forest, place(name, forest))
        assert set(back.steps) == {"changed"}, (back.said, back.ran.errors)
    assert state(forest) == before
    for name in scripts:
        back = run(engine, tmp_path / f"undo-{name}", forest, place(name, forest))
        assert set(back.steps) == {NOT_OWN}
    assert state(forest) == before


def only(made: Fix) -> str:
    """The one script that changes something."""
    (name,) = [name for name in made.names() if (made.folder / f"undo-{name}").exists()]
    return name


def hyperv(forest: Forest, host: str = TARGET) -> dict[str, Any]:
    found: dict[str, Any] = forest["hosts"][host]["hyperv"]
    return found


def computer(forest: Forest, name: str, domain: str = "contoso.test") -> dict[str, Any]:
    objects: dict[str, dict[str, Any]] = forest["domains"][domain]["objects"]
    return next(each for each in objects.values() if each["account"].casefold() == f"{name}$".casefold())


# --- only what was really changed is taken back ---


@pytest.mark.parametrize("kind", ["delegate_to", "any_protocol", "migration", "group_member", "firewall_rule", "service"])
def test_what_somebody_else_did_before_is_not_taken_back(engine: Engine, tmp_path: Path, kind: str) -> None:
    """Two runs give the same scripts; the first one's are run, the second one's find everything right."""
    first, second = fix(WORLDS[kind], tmp_path / "first"), fix(WORLDS[kind], tmp_path / "second")
    forest = first.forest
    scripts = [name for name in first.names() if (first.folder / f"undo-{name}").exists()]
    for name in scripts:
        run(engine, first.folder / name, forest, place(name, forest))
    after = state(forest)
    for name in scripts:
        assert set(run(engine, second.folder / name, forest, place(name, forest)).steps) == {"already right"}
    for name in scripts:
        back = run(engine, second.folder / f"undo-{name}", forest, place(name, forest))
        assert set(back.steps) == {NOT_OWN}
    assert state(forest) == after


def test_an_undo_without_a_record_does_nothing(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["firewall_rule"], tmp_path)
    made.forest["hosts"][TARGET]["firewall"][RULE.name]["enabled"] = True
    before = state(made.forest)
    back = run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET)
    assert (back.code, back.steps) == (1, [])
    assert "there is no record" in back.said[-1]
    assert state(made.forest) == before


@pytest.mark.parametrize("damage", ["not JSON", "another plan"])
def test_a_record_that_cannot_be_relied_on_ends_the_undo(engine: Engine, tmp_path: Path, damage: str) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    run(engine, tmp_path / only(made), made.forest, TARGET)
    (record,) = tmp_path.glob("*.jsonl")
    text = record.read_text("utf-8-sig")
    record.write_text(text[:-20] if damage == "not JSON" else text.replace(made.result.plan_sha256, "f" * 64))
    before = state(made.forest)
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET).code == 1
    assert state(made.forest) == before


def test_a_record_that_cannot_be_written_lets_nothing_be_changed(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    (tmp_path / only(made).replace(".ps1", ".record.jsonl")).mkdir()
    before = state(made.forest)
    assert run(engine, tmp_path / only(made), made.forest, TARGET).code == 1
    assert state(made.forest) == before


def test_a_change_that_was_begun_and_never_said_to_be_done_is_taken_back(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    before = state(made.forest)
    run(engine, tmp_path / only(made), made.forest, TARGET)
    (record,) = tmp_path.glob("*.jsonl")
    lines = [line for line in record.read_text("utf-8-sig").splitlines() if json.loads(line)["state"] != "changed"]
    record.write_text("\n".join(lines) + "\n")
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET).steps == ["changed", "changed"]
    assert state(made.forest) == before


def test_of_a_list_only_the_members_that_the_script_added_are_taken_back(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["delegate_to"], tmp_path)
    wanted = services("TestServer02", "cifs")
    computer(made.forest, "TestServer01")["delegate_to"].append(wanted[0].upper())
    before = state(made.forest)
    assert run(engine, tmp_path / only(made), made.forest, ADMIN).steps == ["changed"]
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, ADMIN).steps == ["changed"]
    assert state(made.forest) == before


def test_a_value_that_somebody_changed_since_is_left_alone_by_fix_and_undo(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    hyperv(made.forest)["maximum_migrations"] = 5
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert done.steps == [f"refused: {SOMEBODY.format(5, 0)}", "changed"]
    assert done.code == 1
    hyperv(made.forest)["maximum_storage_migrations"] = 9
    back = run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET)
    assert back.steps == [f"refused: {SOMEBODY.format(9, 2)}", NOT_OWN]
    assert hyperv(made.forest)["maximum_storage_migrations"] == 9


def test_the_record_says_when_who_where_and_what(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["any_protocol"], tmp_path)
    run(engine, tmp_path / only(made), made.forest, ADMIN)
    (changed,) = [row for row in made.records() if row["state"] == "changed"]
    assert changed["kind"] == "any_protocol"
    assert changed["object"] == "TESTSERVER01$"
    assert (changed["place"], changed["at"]) == ("contoso.test", "dc01.contoso.test")
    assert (changed["before"], changed["after"]) == (["False"], ["True"])
    assert (changed["plan"], changed["snapshot"]) == (made.result.plan_sha256, made.result.snapshot_sha256)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", changed["time"])
    assert {"user", "computer"} <= changed.keys()


# --- it is the right account, host and controller ---


def test_a_source_whose_account_was_made_anew_is_not_granted_anything(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["act_on_behalf"], tmp_path)
    computer(made.forest, "TestServer02", "fabrikam.test")["sid"] = f"{FABRIKAM}-7777"
    before = state(made.forest)
    for name in made.names()[:2]:
        done = run(engine, tmp_path / name, made.forest, ADMIN)
        assert done.code == 1
        assert all("is another account now" in step for step in done.steps), done
    assert state(made.forest) == before


@pytest.mark.parametrize("kind", ["delegate_to", "any_protocol"])
def test_an_account_that_was_made_anew_is_not_changed(engine: Engine, tmp_path: Path, kind: str) -> None:
    made = fix(WORLDS[kind], tmp_path)
    computer(made.forest, "TestServer01")["sid"] = f"{CONTOSO}-7777"
    before = state(made.forest)
    done = run(engine, tmp_path / only(made), made.forest, ADMIN)
    assert done.code == 1
    assert "is another account now" in done.steps[0]
    assert state(made.forest) == before


@pytest.mark.parametrize("kind", ["delegate_to", "any_protocol"])
@pytest.mark.parametrize("control", [0x82000, 0x5001000, None])
def test_an_account_that_is_a_domain_controller_by_now_is_not_changed(
    engine: Engine, tmp_path: Path, kind: str, control: int | None
) -> None:
    made = fix(WORLDS[kind], tmp_path)
    computer(made.forest, "TestServer01")["control"] = control
    before = state(made.forest)
    done = run(engine, tmp_path / only(made), made.forest, ADMIN)
    assert done.code == 1
    assert "is a domain controller, or does not show that it is none" in done.steps[0]
    assert state(made.forest) == before


OTHER = f"{FABRIKAM}-3000"
SOURCE_SID = f"{FABRIKAM}-2002"
PLAIN = "A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;"


@pytest.mark.parametrize(
    "entries",
    [
        f"(D;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;{OTHER})",
        f"(D;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;{SOURCE_SID})",
        f"(D;;CR;;;{SOURCE_SID})({PLAIN}{SOURCE_SID})",
        f"(A;;CR;;;{OTHER})",
        f"(OA;;CR;00299570-246d-11d0-a768-00aa006e0529;;{OTHER})",
        "(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;DA)",
        "opaque",
    ],
)
def test_a_list_that_the_cmdlet_would_not_give_back_as_it_is_is_left_alone(engine: Engine, tmp_path: Path, entries: str) -> None:
    made = fix(WORLDS["act_on_behalf"], tmp_path)
    account = computer(made.forest, "TestServer01")
    account.update({"descriptor": f"D:({PLAIN}{OTHER})", "opaque": True} if entries == "opaque" else {"descriptor": f"D:{entries}"})
    before = state(made.forest)
    (name,) = [name for name in made.names() if "CONTOSO" in name]
    done = run(engine, tmp_path / name, made.forest, ADMIN)
    assert done.code == 1
    assert "list of those who may act" in done.steps[0]
    assert state(made.forest) == before


def test_those_who_stand_in_the_list_stay_through_fix_and_undo(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["act_on_behalf"], tmp_path)
    computer(made.forest, "TestServer01")["descriptor"] = f"D:AI({PLAIN}{CONTOSO}-2001)"
    (name,) = [name for name in made.names() if "CONTOSO" in name]
    assert run(engine, tmp_path / name, made.forest, ADMIN).steps == ["changed"]
    assert computer(made.forest, "TestServer01")["descriptor"] == f"D:({PLAIN}{CONTOSO}-2001)({PLAIN}{SOURCE_SID})"
    assert run(engine, tmp_path / f"undo-{name}", made.forest, ADMIN).steps == ["changed"]
    assert computer(made.forest, "TestServer01")["descriptor"] == f"D:({PLAIN}{CONTOSO}-2001)"


def test_another_machine_under_the_hosts_name_is_not_changed(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    machine = made.forest["hosts"].pop(TARGET)
    made.forest["hosts"]["testserver09.contoso.test"] = machine | {
        "name": "TESTSERVER09",
        "full_name": "testserver09.contoso.test",
        "answers_to": [TARGET],
    }
    before = state(made.forest)
    done = run(engine, tmp_path / only(made), made.forest, ADMIN)
    assert (done.code, done.steps) == (1, [])
    assert "it calls itself testserver09.contoso.test" in done.said[-1]
    assert state(made.forest) == before


HOST_KINDS = ("migration", "limits", "any_network", "migration_network", "group_member", "firewall_rule", "service")


@pytest.mark.parametrize("kind", HOST_KINDS)
def test_on_the_host_itself_no_remoting_is_needed(engine: Engine, tmp_path: Path, kind: str) -> None:
    made = fix(WORLDS[kind], tmp_path)
    made.forest["hosts"][TARGET]["winrm"] = False
    assert set(run(engine, tmp_path / only(made), made.forest, TARGET).steps) == {"changed"}
    assert {call["host"] for call in made.forest["calls"]} == {TARGET}
    assert {call["where"] for call in made.forest["calls"]} == {""}


@pytest.mark.parametrize(
    ("kind", "tls"), [*((kind, number % 2 == 0) for number, kind in enumerate(in_turn(HOST_KINDS))), (HOST_KINDS[0], False)]
)
def test_from_elsewhere_the_host_is_reached_as_in_the_plan(engine: Engine, tmp_path: Path, kind: str, tls: bool) -> None:
    made = fix(WORLDS[kind].with_plan(connection=Connection(tls=tls)), tmp_path)
    made.forest["hosts"][TARGET]["tls"] = tls
    before = state(made.forest)
    assert set(run(engine, tmp_path / only(made), made.forest, ADMIN).steps) == {"changed"}
    assert state(made.forest) != before
    assert set(run(engine, tmp_path / f"undo-{only(made)}", made.forest, ADMIN).steps) == {"changed"}
    assert state(made.forest) == before
    reached = {call["where"].casefold() for call in made.forest["calls"] if call["cmdlet"] in ("New-PSSession", "Invoke-Command")}
    assert reached == {TARGET}


def test_before_windows_server_2016_the_windows_nt_provider_changes_the_group(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["group_member"], tmp_path)
    made.forest["hosts"][TARGET]["local_accounts"] = False
    before = state(made.forest)
    assert run(engine, tmp_path / only(made), made.forest, TARGET).steps == ["changed"]
    assert state(made.forest) != before
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET).steps == ["changed"]
    assert state(made.forest) == before


def test_a_member_whose_account_is_gone_does_not_hide_the_others(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["group_member"], tmp_path)
    del made.forest["hosts"][TARGET]["accounts"][f"{CONTOSO}-999"]
    assert run(engine, tmp_path / only(made), made.forest, TARGET).steps == ["changed"]
    assert run(engine, tmp_path / only(made), made.forest, TARGET).steps == ["already right"]


def test_one_controller_that_can_be_written_does_everything_and_is_named(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["delegate_to"].account("testserver01", delegate_to=(), user_account_control=0x1000), tmp_path)
    done = run(engine, tmp_path / only(made), made.forest, ADMIN)
    assert done.steps == ["changed", "changed"]
    assert "Domain controller of contoso.test, for everything: dc01.contoso.test" in done.said
    assert servers(made.forest) == {"dc01.contoso.test"}


def test_the_undo_goes_to_the_controller_that_was_written(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["delegate_to"], tmp_path)
    run(engine, tmp_path / only(made), made.forest, ADMIN)
    made.forest["domains"]["contoso.test"]["controllers"].reverse()
    made.forest["calls"] = []
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, ADMIN).steps == ["changed"]
    assert servers(made.forest) == {"dc01.contoso.test"}


def test_a_grant_to_an_account_whose_domain_is_gone_can_be_taken_back(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["act_on_behalf"], tmp_path)
    (name,) = [name for name in made.names() if "CONTOSO" in name]
    assert run(engine, tmp_path / name, made.forest, ADMIN).steps == ["changed"]
    del made.forest["domains"]["fabrikam.test"]
    assert run(engine, tmp_path / f"undo-{name}", made.forest, ADMIN).steps == ["changed"]
    assert computer(made.forest, "TestServer01")["descriptor"] == ""


def servers(forest: Forest) -> set[str]:
    """Where the directory was asked and written, but for the question which controllers there are."""
    return {call["where"] for call in forest["calls"] if "-AD" in call["cmdlet"] and call["cmdlet"] != "Get-ADDomainController"}


# --- the order, and what has come in between ---

NOT_ISOLATED = WORLDS["any_network"].set(f"{H2}.migration.enabled", False)


def test_migrations_are_enabled_last_and_disabled_first(engine: Engine, tmp_path: Path) -> None:
    made = fix(NOT_ISOLATED, tmp_path)
    before = state(made.forest)
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert done.steps == ["changed", "changed"]
    assert written(made.forest) == ["Set-VMHost", "Enable-VMMigration"]
    made.forest["calls"] = []
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET).steps == ["changed", "changed"]
    assert written(made.forest) == ["Disable-VMMigration", "Set-VMHost"]
    assert state(made.forest) == before


def written(forest: Forest) -> list[str]:
    return [call["cmdlet"] for call in forest["calls"] if not call["cmdlet"].startswith("Get-")]


def test_a_host_whose_networks_are_not_kept_to_does_not_begin_to_take_migrations(engine: Engine, tmp_path: Path) -> None:
    made = fix(NOT_ISOLATED, tmp_path)
    hyperv(made.forest)["networks"] = []
    before = state(made.forest)
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert "no migration network is named there any more" in done.steps[0]
    assert done.steps[1] == "left out, because something that has to come first was not done"
    assert done.code == 1
    assert state(made.forest) == before


def test_what_somebody_changes_while_the_question_waits_is_not_written_over(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    limit = ["hosts", TARGET, "hyperv", "maximum_migrations"]
    made.forest["meanwhile"] = [{"before": "answer", "path": limit, "value": 7}]
    made.forest["answers"] = {"confirm": ["Yes"] * 2}
    done = run(engine, tmp_path / only(made), made.forest, TARGET, confirm=True)
    assert done.steps == [f"refused: {SOMEBODY.format(7, 0)}", "changed"]
    assert hyperv(made.forest)["maximum_migrations"] == 7


def test_each_change_is_asked_for_and_one_that_is_declined_is_not_made(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    made.forest["answers"] = {"confirm": ["No", "Yes"]}
    done = run(engine, tmp_path / only(made), made.forest, TARGET, confirm=True)
    assert (done.steps, done.code) == (["declined", "changed"], 1)
    assert (hyperv(made.forest)["maximum_migrations"], hyperv(made.forest)["maximum_storage_migrations"]) == (0, 2)
    back = run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET)
    assert back.steps == ["changed", NOT_OWN]


def test_a_declined_isolation_leaves_migrations_off(engine: Engine, tmp_path: Path) -> None:
    made = fix(NOT_ISOLATED, tmp_path)
    made.forest["answers"] = {"confirm": ["No"]}
    done = run(engine, tmp_path / only(made), made.forest, TARGET, confirm=True)
    assert done.steps == ["declined", "left out, because something that has to come first was not done"]
    assert hyperv(made.forest)["enabled"] is False


def test_one_network_in_two_spellings_is_one_network(engine: Engine, tmp_path: Path) -> None:
    change = Change(Kind.MIGRATION_NETWORK, "TestServer02", ("fd00:10::/64", "10.77.0.1/32"), ())
    for file, content in rendered(result(failure(remedy(change)))).items():
        (tmp_path / file).write_bytes(content)
    (path,) = tmp_path.glob("01-*.ps1")
    forest = forest_of(good())
    hyperv(forest)["networks"] = [{"subnet": "FD00:10:0:0::/64", "priority": 3}]
    before = state(forest)
    assert run(engine, path, forest, TARGET).steps == ["changed"]
    assert [each["subnet"] for each in hyperv(forest)["networks"]] == ["FD00:10:0:0::/64", "10.77.0.1/32"]
    hyperv(forest)["networks"][1]["subnet"] = "10.77.0.1"
    assert run(engine, path, forest, TARGET).steps == ["already right"]
    assert run(engine, tmp_path / f"undo-{path.name}", forest, TARGET).steps == ["changed"]
    assert state(forest) == before


# --- nothing is swallowed ---


def test_a_firewall_rule_that_is_gone_fails_and_says_so(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["firewall_rule"], tmp_path)
    made.forest["hosts"][TARGET]["firewall"] = {}
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert done.code == 1
    assert done.steps[0].startswith("failed: No MSFT_NetFirewallRule objects found")


def test_a_step_that_fails_leaves_the_others_to_be_done_and_its_undo_too(engine: Engine, tmp_path: Path) -> None:
    world = WORLDS["limits"].set(f"{H2}.local_groups", NOBODY)
    made = fix(world, tmp_path)
    before = state(made.forest)
    made.forest["hosts"][TARGET]["accounts"].pop("S-1-5-32-578")
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert sorted(step.partition(":")[0] for step in done.steps) == ["changed", "changed", "failed"]
    assert done.code == 1
    run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET)
    made.forest["hosts"][TARGET]["accounts"]["S-1-5-32-578"] = "VORDEFINIERT\\Hyper-V-Administratoren"
    assert state(made.forest) == before


def test_a_host_that_does_not_answer_is_said_once(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    made.forest["hosts"][TARGET]["winrm"] = False
    done = run(engine, tmp_path / only(made), made.forest, ADMIN)
    assert (done.code, done.steps) == (1, [])
    assert [line for line in done.said if "does not answer" in line] == [done.said[-1]]


@pytest.mark.parametrize(("kind", "at", "says"), [("limits", TARGET, "Hyper-V module"), ("delegate_to", TARGET, "ActiveDirectory module")])
def test_a_missing_module_is_said_before_anything(engine: Engine, tmp_path: Path, kind: str, at: str, says: str) -> None:
    made = fix(WORLDS[kind], tmp_path)
    made.forest["hosts"][TARGET]["features"] = []
    done = run(engine, tmp_path / only(made), made.forest, at)
    assert (done.code, done.steps) == (1, [])
    assert says in done.said[-1]


def test_where_nobody_can_answer_the_question_nothing_is_changed(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    before = state(made.forest)
    assert run(engine, tmp_path / only(made), made.forest, TARGET, confirm=True).code == 1
    assert state(made.forest) == before


def test_work_by_hand_that_is_left_is_not_success(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["delegate_to"], tmp_path)
    purge = next(name for name in made.names() if "administrator-of" in name)
    assert not (tmp_path / f"undo-{purge}").exists(), "there is nothing to take back"
    done = run(engine, tmp_path / purge, made.forest, SOURCE)
    assert done.code == 2
    assert any("klist.exe purge -li 0x3e7" in line for line in done.said)


# --- what a script says of itself ---


def test_a_script_says_from_what_it_was_made_and_until_when_that_is_valid(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["limits"], tmp_path)
    said = run(engine, tmp_path / only(made), made.forest, TARGET, whatif=True).said
    assert any(made.result.plan_sha256 in line and made.result.snapshot_sha256 in line for line in said)
    assert any("2026-12-05T12:00:00Z" in line and made.result.tool.version in line for line in said)


def test_german_readers_get_german_scripts(engine: Engine, tmp_path: Path) -> None:
    made = fix(WORLDS["group_member"], tmp_path, "de")
    done = run(engine, tmp_path / only(made), made.forest, TARGET)
    assert done.steps == ["geändert"]
    assert any("Hyper-V-Administratoren (S-1-5-32-578)" in line for line in done.said)
    assert run(engine, tmp_path / f"undo-{only(made)}", made.forest, TARGET).steps == ["geändert"]


@pytest.mark.parametrize("name", ["'; $global:owned = 1; '", "$($global:owned = 1)", "’; $global:owned = 1 #", "`\n$global:owned = 1"])
def test_a_name_is_never_run(engine: Engine, tmp_path: Path, name: str) -> None:
    for file, content in rendered(everything(name)).items():
        (tmp_path / file).write_bytes(content)
    forest = forest_of(good())
    for path in sorted(tmp_path.glob("*.ps1")):
        ran = engine.change(forest, ADMIN, "param($Path) $null = & $Path -WhatIf; Test-Path variable:global:owned", {"Path": str(path)})
        assert ran.output == [False], path
