"""The circle: a scenario fails, its fix applied to the lab makes the same plan GO, its undo makes the lab what it was.

What is applied is read from the scripts themselves.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

import reports.scripts
from checks.check import Outcome
from checks.facts.fact import Reason
from checks.facts.migration import MigrationAuthentication
from checks.plan import Preferences
from checks.remedy import Means
from checks.result import After, Result, Verdict
from checks.world import World
from lab import scenario
from lab.forest import Forest
from lab.scenario import Delegation, HostSpec, Scenario
from reports.language import Language
from runner.after import after
from runner.collect.credentials import Credentials
from runner.collect.snapshot import gather
from runner.evaluate import evaluate
from runner.files.plan import read_plan
from runner.machines import machines
from runner.options import Collector, Limits
from tests.fix.applying import applied
from tests.fix.reading import data_of

CREDSSP = MigrationAuthentication.CREDSSP


class Fixed(NamedTuple):
    """The scripts that were written for what failed, the fix in its order and the undo in its own, and what was computed of the time after
    them."""

    names: list[str]
    fix: list[bytes]
    undo: list[bytes]
    after: After | None


def judged(of: Scenario, prefer: Means | None = None) -> tuple[Result, World]:
    with Forest(of) as forest:
        plan, _ = read_plan(forest.plan_path)
        plan = replace(plan, policy=Preferences(prefer))
        collector = Collector(forest.collector, "TestServer05", "0.1.0", current_logon=False)
        snapshot = gather(plan, Credentials(forest.collector, forest.password), collector, Limits(), lambda *_: None)
    return evaluate(plan, snapshot, snapshot_sha256="0" * 64, plan_sha256="1" * 64), World(plan, snapshot)


def fixed(of: Scenario, prefer: Means | None = None) -> Fixed:
    result, world = judged(of, prefer)
    made = reports.scripts.render(result, machines(world), Language("en"), now=result.collected.end)
    names = sorted(name for name in made if name.endswith(".ps1") and not name.startswith("undo-"))
    undo = [made[f"undo-{name}"] for name in reversed(names) if f"undo-{name}" in made]
    return Fixed(names, [made[name] for name in names], undo, after(result, world.plan, world.snapshot))


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

STAYS = {"two domains": (Verdict.CONDITIONS, ["plan.rollback@plan"])}
"""What no script mends: the operator is of the source's forest, from which no remote start on the target leads back."""


def agrees(computed: After, read: Result) -> bool:
    """Is what was computed what was read afterwards: the same verdict with the same in the way, or, where something was to be read again,
    nothing in the way that was not named."""
    left = {finding.id for finding in read.findings if finding.verdict is not Verdict.GO}
    named = {*computed.same, *(finding.id for finding in computed.told)}
    if computed.verdict is Verdict.INCOMPLETE:
        assert {finding.reason for finding in computed.told} == {Reason.NOT_COLLECTED}
        return left <= named
    return (computed.verdict, named) == (read.verdict, left)


@pytest.mark.parametrize("name", CIRCLES)
def test_what_fails_is_go_after_its_fix_and_as_it_was_after_its_undo(name: str) -> None:
    before = fixed(CIRCLES[name])
    mended = applied(CIRCLES[name], before.fix)
    anew, _ = judged(mended)
    failed = [finding.id for finding in anew.findings if finding.outcome is Outcome.FAIL]
    assert (anew.verdict, failed) == STAYS.get(name, (Verdict.GO, failed))
    assert before.after is not None
    assert agrees(before.after, anew)
    assert applied(mended, before.undo) == CIRCLES[name] != mended


@pytest.mark.parametrize("prefer", Means)
def test_by_whichever_means_the_plan_prefers_it_is_go_after_the_fix_as_computed(prefer: Means) -> None:
    """There and back; the source of the first move serves others with "Kerberos only"."""
    of = like("ready", TestServer01={"delegation": Delegation(to=("cifs/FS09",))}, TestServer02={"delegation": NOBODY})
    before = fixed(of, prefer)
    kinds = {step["Kind"] for script in before.fix for step in data_of(script)["steps"]}
    assert kinds == {"any_protocol", "act_on_behalf" if prefer is Means.RESOURCE_BASED else "delegate_to"}
    mended = applied(of, before.fix)
    anew, _ = judged(mended, prefer)
    assert anew.verdict is Verdict.GO
    assert before.after is not None
    assert agrees(before.after, anew)
    assert applied(mended, before.undo) == of != mended


def test_the_fix_of_the_articles_is_one_script_for_the_domain_administrator_that_adds_only_what_is_missing() -> None:
    done = fixed(scenario.load("articles"))
    assert done.names[0] == "01-domain-administrator-CONTOSO.TEST.ps1"
    assert not [step for script in done.fix[1:] for step in data_of(script)["steps"]], "the hosts' administrators purge tickets, by hand"
    steps = data_of(done.fix[0])["steps"]
    assert [(step["Kind"], step["Object"], step["Members"], step["After"]) for step in steps] == [
        ("delegate_to", "TESTSERVER01$", ["cifs/TESTSERVER02", "cifs/TESTSERVER02.contoso.test"], None),
        ("any_protocol", "TESTSERVER01$", [], True),
        ("any_protocol", "TESTSERVER02$", [], True),
    ]


def test_across_domains_each_domain_gets_resource_based_delegation_on_its_own_host() -> None:
    done = fixed(CIRCLES["two domains"])
    assert done.names[:2] == ["01-domain-administrator-CONTOSO.TEST.ps1", "02-domain-administrator-FABRIKAM.TEST.ps1"]
    steps = [step for script in done.fix for step in data_of(script)["steps"]]
    assert [(step["Kind"], step["Place"], step["Object"], step["Principal"]["Domain"]) for step in steps] == [
        ("act_on_behalf", "contoso.test", "TESTSERVER01$", "fabrikam.test"),
        ("act_on_behalf", "fabrikam.test", "TESTSERVER02$", "contoso.test"),
    ]


def test_with_credssp_nobody_is_switched_to_kerberos_and_the_operator_is_told_to_sign_in() -> None:
    done = fixed(scenario.load("credssp"))
    assert done.names == ["01-operator.ps1"]
    data = data_of(done.fix[0])
    assert data["steps"] == []
    assert any("signs in to TestServer02" in note["Text"] for note in data["notes"])


def test_a_remote_start_with_credssp_is_a_decision_and_no_change() -> None:
    both = like("ready", TestServer01={"authentication": CREDSSP}, TestServer02={"authentication": CREDSSP})
    done = fixed(both)
    assert [step for script in done.fix for step in data_of(script)["steps"]] == []
    assert any("sign in to TestServer01" in note["Text"] for script in done.fix for note in data_of(script)["notes"])
