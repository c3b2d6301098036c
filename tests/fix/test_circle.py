"""The circle: a scenario fails, its fix applied to the lab makes the same plan GO, its undo makes the lab what it was.

What is applied is read from the scripts themselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from checks.facts.migration import MigrationAuthentication
from lab import scenario
from lab.forest import Forest
from lab.scenario import Delegation, HostSpec, Scenario
from tests.fix.applying import applied
from tests.fix.reading import data_of
from tests.program import Ran, check, hvpreflight

CREDSSP = MigrationAuthentication.CREDSSP


class Fixed(NamedTuple):
    """A failed run and the scripts that were written from it, the fix in its order and the undo in its own."""

    ran: Ran
    fix: list[bytes]
    undo: list[bytes]
    names: list[str]


def run(of: Scenario, folder: Path) -> Ran:
    with Forest(of) as forest:
        return check(forest, folder)


def fixed(of: Scenario, folder: Path) -> Fixed:
    ran = run(of, folder)
    done = hvpreflight("fix", folder)
    assert done.code == 0, done.err
    made = sorted(path.name for path in (folder / "fix").glob("*.ps1"))
    fix = [name for name in made if not name.startswith("undo-")]
    contents = {name: (folder / "fix" / name).read_bytes() for name in made}
    return Fixed(
        ran, [contents[name] for name in fix], [contents[f"undo-{name}"] for name in reversed(fix) if f"undo-{name}" in contents], fix
    )


def like(name: str, **hosts: dict[str, Any]) -> Scenario:
    """A scenario of the lab with other fields of some hosts."""
    loaded = scenario.load(name)
    changed: dict[str, HostSpec] = {host: replace(loaded.hosts[host], **fields) for host, fields in hosts.items()}
    return replace(loaded, hosts=loaded.hosts | changed)


NOBODY = Delegation()
CIRCLES = {
    "articles": scenario.load("articles"),
    "two domains": like("two-domains", TestServer01={"delegation": NOBODY}, TestServer02={"delegation": NOBODY}),
    "no delegation at all": like("ready", TestServer01={"delegation": NOBODY}, TestServer02={"delegation": NOBODY}),
    "migration disabled": like("ready", TestServer02={"enabled": False}),
    "migration disabled on both": like("ready", TestServer01={"enabled": False}, TestServer02={"enabled": False}),
    "wrong authentication on the source": like("ready", TestServer01={"authentication": CREDSSP}),
    "wrong authentication on the target": like("ready", TestServer02={"authentication": CREDSSP}),
    "options differ, no migrations allowed, the port closed by the host's firewall, the operator without rights": like(
        "ready",
        TestServer01={"maximum_migrations": 0, "maximum_storage_migrations": 0},
        TestServer02={"performance_option": 2, "closed_ports": (6600,), "administrators": ()},
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_what_fails_is_go_after_its_fix_and_as_it_was_after_its_undo(name: str, tmp_path: Path) -> None:
    before = fixed(CIRCLES[name], tmp_path / "before")
    assert before.ran.code != 0
    mended = applied(CIRCLES[name], before.fix)
    after = run(mended, tmp_path / "after")
    assert (after.code, after.result["verdict"]) == (0, "GO"), after.out
    assert applied(mended, before.undo) == CIRCLES[name] != mended


def test_the_fix_of_the_articles_is_one_script_for_the_domain_administrator_that_adds_only_what_is_missing(tmp_path: Path) -> None:
    done = fixed(scenario.load("articles"), tmp_path / "run")
    assert done.names[0] == "01-domain-administrator-CONTOSO.TEST.ps1"
    assert not [step for script in done.fix[1:] for step in data_of(script)["steps"]], "the hosts' administrators purge tickets, by hand"
    steps = data_of(done.fix[0])["steps"]
    assert [(step["Kind"], step["Object"], step["Members"], step["After"]) for step in steps] == [
        ("delegate_to", "TESTSERVER01$", ["cifs/TESTSERVER02", "cifs/TESTSERVER02.contoso.test"], None),
        ("any_protocol", "TESTSERVER01$", [], True),
        ("any_protocol", "TESTSERVER02$", [], True),
    ]


def test_across_domains_each_domain_gets_resource_based_delegation_on_its_own_host(tmp_path: Path) -> None:
    done = fixed(CIRCLES["two domains"], tmp_path / "run")
    assert done.names[:2] == ["01-domain-administrator-CONTOSO.TEST.ps1", "02-domain-administrator-FABRIKAM.TEST.ps1"]
    steps = [step for script in done.fix for step in data_of(script)["steps"]]
    assert [(step["Kind"], step["Place"], step["Object"], step["Principal"]["Domain"]) for step in steps] == [
        ("act_on_behalf", "contoso.test", "TESTSERVER01$", "fabrikam.test"),
        ("act_on_behalf", "fabrikam.test", "TESTSERVER02$", "contoso.test"),
    ]


def test_with_credssp_nobody_is_switched_to_kerberos_and_the_operator_is_told_to_sign_in(tmp_path: Path) -> None:
    done = fixed(scenario.load("credssp"), tmp_path / "run")
    assert done.names == ["01-operator.ps1"]
    data = data_of(done.fix[0])
    assert data["steps"] == []
    assert any("signs in to TestServer02" in note["Text"] for note in data["notes"])


def test_a_remote_start_with_credssp_is_a_decision_and_no_change(tmp_path: Path) -> None:
    both = like("ready", TestServer01={"authentication": CREDSSP}, TestServer02={"authentication": CREDSSP})
    done = fixed(both, tmp_path / "run")
    assert [step for script in done.fix for step in data_of(script)["steps"]] == []
    assert any("sign in to TestServer01" in note["Text"] for script in done.fix for note in data_of(script)["notes"])


def test_nothing_is_written_for_a_run_without_failures(tmp_path: Path) -> None:
    assert run(scenario.load("ready"), tmp_path / "run").code == 0
    done = hvpreflight("fix", tmp_path / "run")
    assert done.code == 0
    assert "nothing to fix" in done.out
    assert not (tmp_path / "run" / "fix").exists()
