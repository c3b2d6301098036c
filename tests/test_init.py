"""From nothing to the first answer: hosts are asked what runs on them, and a plan is written that can be checked, whatever they say."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.facts.fact import Reason
from checks.facts.host import HostFacts
from checks.windows.names import DnsName, MachineName
from lab import scenario
from lab.forest import Forest
from reports.language import Language
from runner.draft import Draft, Host, Moving, Start, named, reference, written
from tests.program import Ran, hvpreflight
from tests.world import good, vm

IDS = [f"11111111-2222-3333-4444-{number:012}" for number in range(4)]
HOSTILE = (
    *('"]\n[[moves]]\nvm = "*', "a\r\n[run]", "\u2028#", "\u202egnp", "\x7f", "'''", "\\u0041"),
    *("*", " LMTest", "LMTest", "lmtest", IDS[0]),
)
NAMES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(HOSTILE),
    min_size=1,
    max_size=4,
)
CONTOSO = frozenset({DnsName("contoso.test")})


def host(*names: str) -> HostFacts:
    vms = tuple(vm(name, id=id) for name, id in zip(names, IDS, strict=False))
    facts = good().set("hosts.testserver01.vms", vms).snapshot.hosts["testserver01"]
    assert isinstance(facts, HostFacts)
    return facts


@settings(max_examples=60)
@given(NAMES, st.text(st.characters(exclude_categories=("Cs",)), max_size=20), st.booleans())
def test_whatever_hosts_call_what_they_have_the_plan_says_exactly_that_and_no_more(names: list[str], claimed: str, every: bool) -> None:
    source, target = Host("testserver01", host(*names)), Host("testserver02", host())
    moves = tuple(Moving(each, source, "testserver02") for each in source.vms) if every else ()
    unknown = {"testserver02": claimed}
    said = tomllib.loads(written(Draft((source, target), Start("CONTOSO\\a", "remote"), moves, unknown=unknown), Language("de")))
    called = [name for each in source.vms if (name := reference(each, source.vms)) is not None]
    meant = [{"vm": name, "source": "testserver01", "target": "testserver02"} for name in called]
    named = ({"moves": meant} if meant else {}) if every else {"pairs": [{"hosts": ["testserver01", "testserver02"]}]}
    assert said == {"change": {}, "defaults": {"operator": "CONTOSO\\a", "launch": "remote"}} | named


@given(NAMES)
def test_what_a_plan_calls_a_vm_is_that_vm_and_no_other(names: list[str]) -> None:
    vms = [vm(name, id=id) for name, id in zip(names, IDS, strict=False)]
    for each in vms:
        called = reference(each, vms)
        if called is None:
            assert each.id in names
            continue
        assert called == called.strip()
        assert [other.id for other in vms if MachineName(called.strip()) in (MachineName(other.name), MachineName(other.id))] == [each.id]


def test_a_vm_whose_id_is_none_is_not_written() -> None:
    assert reference(vm("*", id='"]'), [vm("*", id='"]')]) is None


def test_the_full_name_that_a_host_claims_counts_only_in_a_domain_that_the_user_named() -> None:
    facts = good().snapshot.hosts["testserver01"]
    assert named("TestServer01", facts, CONTOSO) == ("TestServer01.contoso.test", None)
    assert named("TestServer01", facts, frozenset()) == ("TestServer01", "TestServer01.contoso.test")
    assert named("another", facts, CONTOSO) == ("another", "TestServer01.contoso.test")
    assert named("x.fabrikam.test", facts, CONTOSO) == ("x.fabrikam.test", None)


def test_a_host_that_was_not_read_and_a_guessed_operator_are_to_be_decided() -> None:
    dark = good().miss("hosts.testserver01.os").miss("hosts.testserver01.vms", Reason.UNREACHABLE).snapshot.hosts["testserver01"]
    said = written(Draft((Host("testserver01", replace(dark)),), Start("CONTOSO\\a", guessed=True)), Language())
    assert "# testserver01: not read (unreachable" in said
    assert said.count("DECIDE: ") == 3


@pytest.fixture(scope="module")
def forest() -> Iterator[Forest]:
    with Forest(scenario.load("articles")) as running:
        yield running


def run(forest: Forest, *arguments: str | Path) -> Ran:
    return hvpreflight(*arguments, password=forest.password, cwd=forest.house)


def test_two_commands_lead_from_a_folder_without_a_plan_to_a_verdict(forest: Forest) -> None:
    hosts = ("testserver01.contoso.test", "testserver02.contoso.test")
    asked = run(forest, "init", *hosts, "--operator", "CONTOSO\\hv-operator", "--launch", "remote")
    assert (asked.code, asked.out) == (0, "plan.toml\n"), asked.err
    checked = run(forest, "check", "plan.toml", "-q")
    assert checked.code == 3, checked.err
    assert "nothing is said of any VM" in checked.out
    before = (forest.house / "plan.toml").read_bytes()
    assert (run(forest, "init", *hosts).code, (forest.house / "plan.toml").read_bytes()) == (2, before)


def test_the_moves_that_are_named_stand_in_the_plan(forest: Forest) -> None:
    asked = run(forest, "init", "testserver01.contoso.test", "--to", "testserver02.contoso.test", "--vm", "lmtest", "-o", "-")
    assert asked.code == 0, asked.err
    moves = tomllib.loads(asked.out)["moves"]
    assert moves == [{"vm": "LMTest", "source": "testserver01.contoso.test", "target": "testserver02.contoso.test"}]
    assert "DECIDE: this account is signed in here" in asked.out
    lacking = run(forest, "init", "testserver01.contoso.test", "--to", "testserver02.contoso.test", "--vm", "other", "-o", "x.toml")
    assert (lacking.code, "has a VM other" in lacking.err, (forest.house / "x.toml").exists()) == (2, True, False)
