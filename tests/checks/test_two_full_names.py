"""A host that calls itself otherwise than the directory does: which of its names the source has to list."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Known
from checks.facts.network import NameAnswer
from checks.result import FindingRecord, Verdict
from checks.text import plain
from tests.checks.delegation.situations import MOVE, PAIR
from tests.world import MIGRATION_SERVICE, TestWorld, good

SHORT, OWN, REGISTERED = "TESTSERVER02", "testserver02.contoso.test", "oldname.contoso.test"
CHECKS = ("delegation.migration_service", "delegation.cifs")


def renamed(*listed: str) -> TestWorld:
    """The good world, in which the directory has another name for TestServer02, and TestServer01 lists these."""
    entries = tuple(f"{service}/{name}" for service in (MIGRATION_SERVICE, "cifs") for name in listed)
    return good().account("testserver02", dns_host_name=REGISTERED).account("testserver01", delegate_to=entries)


def found(check: str, *listed: str) -> FindingRecord:
    return renamed(*listed).finding(check, MOVE)


@pytest.mark.parametrize("check", CHECKS)
def test_the_short_and_both_full_names_let_a_move_go_and_the_two_names_stay_a_risk(check: str) -> None:
    assert found(check, SHORT, OWN, REGISTERED).outcome is Outcome.PASS
    two_names = renamed(SHORT, OWN, REGISTERED).finding("platform.identity", "testserver02")
    assert (two_names.outcome, two_names.severity) == (Outcome.FAIL, Severity.RISK)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("listed", [(SHORT, REGISTERED), (SHORT, OWN), (OWN, REGISTERED), (SHORT,), (REGISTERED,), (OWN,)])
def test_some_of_them_are_a_risk_and_the_remedy_adds_the_others(check: str, listed: tuple[str, ...]) -> None:
    said = found(check, *listed)
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"only when the target is addressed as {', '.join(each for each in (SHORT, REGISTERED, OWN) if each in listed)}" in (
        said.message.text.replace("TestServer02.contoso.test", OWN)
    )
    assert said.remedy is not None
    (command,) = said.remedy.commands
    assert all((f"/{name.casefold()}'" in command.casefold()) is (name not in listed) for name in (SHORT, OWN, REGISTERED))


@pytest.mark.parametrize("check", CHECKS)
def test_none_of_them_is_a_blocker_that_names_all(check: str) -> None:
    said = found(check)
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert all(name.casefold() in said.message.text.casefold() for name in (SHORT, OWN, REGISTERED))


def test_the_verdict_of_what_was_a_go() -> None:
    assert renamed(SHORT, REGISTERED).result().verdict is not Verdict.GO


def test_both_names_have_to_be_registered_for_the_migration_service() -> None:
    said = renamed().finding("domain.service_names", "testserver02")
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert f"{MIGRATION_SERVICE}/{REGISTERED}" in said.message.text


def resolving(world: TestWorld, *names: str) -> TestWorld:
    facts = world.snapshot.hosts["testserver01"].partners
    assert isinstance(facts, Known)
    answers = tuple(NameAnswer(name, ("10.0.0.2",), 0) for name in names)
    return world.set("hosts.testserver01.partners", (replace(facts.value[0], names=answers),))


def test_both_names_have_to_be_resolved() -> None:
    check = "network.name_resolution"
    both = resolving(renamed(), "testserver02", OWN, REGISTERED)
    assert both.finding(check, PAIR).outcome is Outcome.PASS
    one = resolving(renamed(), "testserver02", OWN).finding(check, PAIR)
    assert one.outcome is Outcome.UNKNOWN
    assert one.lacks is not None
    assert "oldname.contoso.test, the name that the directory has for TestServer02" in plain(one.lacks.source)


@pytest.mark.parametrize(
    "entry", ["cifs/TESTSERVRE02", "HOST/TESTSERVER02", "cifs/testserver02.contoso.test:445", "cifs/testserver02.fabrikam.test"]
)
def test_an_entry_that_only_looks_like_a_wanted_one_is_shown_beside_it(entry: str) -> None:
    said = good().account("testserver01", delegate_to=(entry,)).finding("delegation.cifs", MOVE)
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    (near,) = [each for each in said.evidence if "look like" in str(each.what)]
    assert entry in str(near.actual)


def test_a_list_without_such_an_entry_shows_none() -> None:
    said = good().account("testserver01", delegate_to=("cifs/TESTSERVER03",)).finding("delegation.cifs", MOVE)
    assert not [each for each in said.evidence if "look like" in str(each.what)]
