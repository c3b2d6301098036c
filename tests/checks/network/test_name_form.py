"""A target that the plan names by an address has no service that Kerberos could find."""

from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import MigrationAuthentication
from checks.plan import HostEntry
from checks.result import Verdict
from checks.windows.names import HostName
from tests.world import MIGRATION_SERVICE, TestWorld, good

CHECK = "network.name_form"


def named(name: str, fqdn: str | None = None) -> TestWorld:
    world = good().called("testserver02", name)
    return world.with_plan(hosts={HostName(name): HostEntry(fqdn=fqdn)}) if fqdn else world


def found(world: TestWorld, name: str) -> tuple[Outcome, Severity]:
    finding = world.finding(CHECK, f"LMTest@testserver01>{HostName(name).key}")
    return finding.outcome, finding.severity


@pytest.mark.parametrize("name", ["TestServer02", "TESTSERVER02", "testserver02.contoso.test", "testserver02.contoso.test."])
def test_a_name_of_its_account_is_right(name: str) -> None:
    assert found(named(name), name)[0] is Outcome.PASS


@pytest.mark.parametrize("name", ["10.0.0.2", "fd00:10::2"])
def test_an_address_is_a_blocker_with_kerberos(name: str) -> None:
    assert found(named(name), name) == (Outcome.FAIL, Severity.BLOCKER)
    assert named(name).result().verdict is Verdict.NO_GO


def test_an_address_whose_full_name_the_plan_gives_is_only_a_way_to_reach_it() -> None:
    world = named("10.0.0.2", "testserver02.contoso.test")
    assert found(world, "10.0.0.2")[0] is Outcome.PASS
    assert "started with testserver02.contoso.test" in world.finding(CHECK, "LMTest@testserver01>10.0.0.2").message.text


def test_an_address_with_a_service_of_its_own_is_a_risk() -> None:
    world = named("10.0.0.2")
    names = (f"{MIGRATION_SERVICE}/TESTSERVER02", f"{MIGRATION_SERVICE.upper()}/10.0.0.2", "HOST/10.0.0.2")
    assert found(world.account("10.0.0.2", service_principal_names=names), "10.0.0.2") == (Outcome.FAIL, Severity.RISK)


def test_with_credssp_an_address_is_a_risk() -> None:
    world = named("10.0.0.2").set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP)
    assert found(world, "10.0.0.2") == (Outcome.FAIL, Severity.RISK)


def test_storage_that_moves_alone_addresses_no_host() -> None:
    assert found(named("10.0.0.2").move(storage_only=True), "10.0.0.2")[0] is Outcome.SKIP


def test_a_host_of_another_name_is_not_known() -> None:
    assert found(named("alias"), "alias")[0] is Outcome.UNKNOWN


def test_an_alias_that_the_directory_gives_its_account_needs_a_service_of_its_own() -> None:
    world = named("alias").account("alias", other_names=("alias.contoso.test",))
    assert found(world, "alias") == (Outcome.FAIL, Severity.BLOCKER)
    own = (f"{MIGRATION_SERVICE}/TESTSERVER02", "HOST/TESTSERVER02")
    migration, other = f"{MIGRATION_SERVICE}/alias", "host/ALIAS"
    assert found(world.account("alias", service_principal_names=(*own, migration, other)), "alias") == (Outcome.FAIL, Severity.RISK)
    for half in (migration, other):
        assert found(world.account("alias", service_principal_names=(*own, half)), "alias") == (Outcome.FAIL, Severity.BLOCKER)


def test_without_its_account_it_is_unknown() -> None:
    world = named("10.0.0.2").miss("accounts.10·0·0·2.views.dc01·contoso·test")
    assert found(world, "10.0.0.2") == (Outcome.UNKNOWN, Severity.BLOCKER)
