from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.directory import AccessEntry
from checks.facts.migration import MigrationAuthentication
from tests.world import CONTOSO, good

CHECK = "delegation.named_sources_only"
HOST = "testserver02"
NAMED = AccessEntry(True, 0xF01FF, f"{CONTOSO}-2001")


@pytest.mark.parametrize("entries", [(), (NAMED,), (AccessEntry(False, 0xF01FF, "S-1-1-0"),), (AccessEntry(True, 0x10, "S-1-1-0"),)])
def test_a_list_that_names_whom_it_allows_passes(entries: tuple[AccessEntry, ...]) -> None:
    assert good().account(HOST, resource_based=entries).finding(CHECK, HOST).outcome is Outcome.PASS


@pytest.mark.parametrize("sid", ["S-1-1-0", "S-1-5-11", "S-1-18-1"])
def test_an_entry_for_everyone_is_a_risk_though_the_move_works(sid: str) -> None:
    world = good().account("testserver01", delegate_to=()).account(HOST, resource_based=(NAMED, AccessEntry(True, 0xF01FF, sid)))
    found = world.finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert sid in found.message.text
    assert world.finding("delegation.migration_service", "LMTest@testserver01>testserver02").outcome is Outcome.PASS


def test_with_credssp_it_does_not_matter() -> None:
    world = good().set(f"hosts.{HOST}.migration.authentication", MigrationAuthentication.CREDSSP)
    assert world.finding(CHECK, HOST).outcome is Outcome.SKIP


@pytest.mark.parametrize("path", [f"accounts.{HOST}.views.dc01·contoso·test", f"hosts.{HOST}.migration"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, HOST).outcome is Outcome.UNKNOWN
