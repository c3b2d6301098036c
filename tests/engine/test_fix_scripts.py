"""The fix scripts in a real engine: each does what it says, once; its undo takes back what it did, and nothing else."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest

from checks.facts.migration import MigrationAuthentication, MigrationNetwork, PerformanceOption
from checks.facts.network import FirewallRule, PortAnswer
from lab.engine.runs import Engine
from tests.engine.forests import ADMIN, fix, run, state
from tests.world import CONTOSO, TestWorld, across_domains, good, services

SOURCE, TARGET = "testserver01.contoso.test", "testserver02.contoso.test"
H1, H2 = "hosts.testserver01", "hosts.testserver02"
RULE = FirewallRule("VIRT-MIGL-In-TCP-NoScope", "local", "v2.26|Action=Allow|Active=FALSE|Dir=In|Protocol=6|LPort=6600|")
CLOSED = (PortAnswer("192.168.10.2", 6600, False, 10060),)
NOBODY = {"S-1-5-32-544": (f"{CONTOSO}-512",), "S-1-5-32-578": (f"{CONTOSO}-999",)}


def without_delegation(world: TestWorld) -> TestWorld:
    return world.account("testserver01", resource_based=()).account("testserver02", resource_based=())


WORLDS: dict[str, TestWorld] = {
    "delegate_to": good().account("testserver01", delegate_to=services("TestServer02")[:2]),
    "any_protocol": good().account("testserver01", user_account_control=0x1000),
    "act_on_behalf": without_delegation(across_domains()),
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


def place(name: str, forest: dict[str, object]) -> str:
    """Where a script is run: a domain's wherever the module is, a host's on the host."""
    if "domain-administrator" in name:
        return ADMIN
    short = name.partition("administrator-of-")[2].removesuffix(".ps1").casefold()
    return next(host for host in forest["hosts"] if host.startswith(short))  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["en-US", "de-DE", "tr-TR"])
@pytest.mark.parametrize("kind", WORLDS)
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
        assert set(back.steps) == {"was not changed by these scripts, and is left alone"}
    assert state(forest) == before
    assert deepcopy(before) == before
