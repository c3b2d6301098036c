from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.directory import ServiceName
from checks.facts.fact import Known
from checks.facts.migration import MigrationAuthentication
from checks.result import FindingRecord
from tests.checks.delegation.situations import FILE_SERVER, MOVE, on_share
from tests.world import CONTOSO, DC, IN_CONTOSO, MIGRATION_SERVICE, TestWorld, good, services

CHECK = "domain.file_service_names"
HOLDERS = f"{IN_CONTOSO}.service_names"
STRANGER = "CN=backup,CN=Users,DC=contoso,DC=test"
NAMES = services("TestServer02", MIGRATION_SERVICE)
HOST = services("TestServer02", "HOST")
CIFS = services("TestServer02", "cifs")


def found(world: TestWorld) -> FindingRecord:
    return world.finding(CHECK, MOVE)


def held(world: TestWorld, *rows: tuple[str, str]) -> TestWorld:
    """Let these accounts, by their SIDs, have these names besides those that have them."""
    own = world.snapshot.domains["contoso.test"].controllers[DC].service_names
    assert isinstance(own, Known)
    return world.set(HOLDERS, (*own.value, *(ServiceName(name, "contoso.test", STRANGER, sid) for name, sid in rows)))


def by_stranger(name: str, world: TestWorld | None = None) -> TestWorld:
    return held(world or good(), (name, f"{CONTOSO}-1105"))


def with_cifs() -> TestWorld:
    """The target has cifs literally."""
    world = good().account("testserver02", service_principal_names=(*NAMES, *HOST, *CIFS))
    return held(world, *((name, f"{CONTOSO}-2002") for name in CIFS))


def test_the_names_of_the_computer_itself_are_enough() -> None:
    said = found(good())
    assert said.outcome is Outcome.PASS
    assert (
        said.message.text == "cifs of TestServer02 is found at the account of each, and at no other account of contoso.test that was found"
    )


@pytest.mark.parametrize("name", [*CIFS, *HOST, CIFS[0].upper(), HOST[1].lower()])
def test_a_name_on_another_account_is_a_blocker(name: str) -> None:
    said = found(by_stranger(name))
    assert (said.outcome, said.severity, said.predicts) == (Outcome.FAIL, Severity.BLOCKER, ("0x80090322",))
    assert said.message.text == f"Kerberos looks for the file service of TestServer02 at another account: {name} stand on {STRANGER}"
    assert said.remedy is not None
    edit = f"Set-ADObject -Identity '{STRANGER}' -Server 'contoso.test'"
    assert said.remedy.commands == (f"{edit} -Remove @{{'servicePrincipalName'='{name}'}}",)
    assert said.remedy.undo == (f"{edit} -Add @{{'servicePrincipalName'='{name}'}}",)


def test_where_the_server_has_cifs_literally_nobody_looks_for_host() -> None:
    assert found(by_stranger(HOST[0], with_cifs())).outcome is Outcome.PASS


def test_two_accounts_with_the_literal_name_are_a_blocker() -> None:
    assert found(by_stranger(CIFS[1], with_cifs())).predicts == ("0x80090322",)


@pytest.mark.parametrize(
    ("protocol", "severity", "says"),
    [
        (MigrationAuthentication.KERBEROS, Severity.BLOCKER, "Kerberos finds no file service"),
        (MigrationAuthentication.CREDSSP, Severity.RISK, "falls back to NTLM"),
    ],
)
def test_a_name_that_nobody_has_is_registered(protocol: MigrationAuthentication, severity: Severity, says: str) -> None:
    world = good().set("hosts.testserver01.migration.authentication", protocol)
    said = found(world.account("testserver02", service_principal_names=(*NAMES, HOST[1])))
    assert (said.outcome, said.severity) == (Outcome.FAIL, severity)
    assert "TESTSERVER02: TESTSERVER02$ lacks it" in said.message.text
    assert says in said.message.text
    assert said.remedy is not None
    assert said.remedy.commands[0].endswith("-Add @{'servicePrincipalName'='HOST/TESTSERVER02'}")
    assert "find out who took them away" in said.remedy.text


def test_a_name_that_only_another_account_has_leads_there() -> None:
    lacking = good().account("testserver02", service_principal_names=NAMES)
    assert found(by_stranger(CIFS[0], lacking)).predicts == ("0x80090322",)


def test_a_search_that_does_not_show_what_the_account_has_has_not_seen_everything() -> None:
    rows = tuple(ServiceName(name, "contoso.test", STRANGER, f"{CONTOSO}-2002") for name in NAMES)
    said = found(good().set(HOLDERS, rows))
    assert said.outcome is Outcome.UNKNOWN
    assert "HOST/TESTSERVER02 of TESTSERVER02$" in said.message.text


@pytest.mark.parametrize("what", [HOLDERS, f"{IN_CONTOSO}.domain"])
def test_who_has_the_names_was_not_read(what: str) -> None:
    assert found(good().miss(what)).outcome is Outcome.UNKNOWN


def test_an_account_without_a_full_name_is_unknown() -> None:
    assert found(good().account("testserver02", dns_host_name="")).outcome is Outcome.UNKNOWN


def test_a_vm_that_moves_without_its_storage_opens_nothing() -> None:
    assert found(good().move(include_storage=False)).outcome is Outcome.SKIP


def test_the_server_of_a_share_is_looked_at() -> None:
    share = on_share(good(), configuration_path=f"\\\\{FILE_SERVER}\\vms")
    assert found(share).outcome is Outcome.UNKNOWN
    known = share.server(FILE_SERVER)
    assert found(known).outcome is Outcome.PASS
    said = found(by_stranger("cifs/fs01.contoso.test", known))
    assert (said.outcome, said.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "the file service of fs01" in said.message.text


def test_where_files_lie_is_unknown() -> None:
    world = good().move(include_storage=False).set("hosts.testserver01.vms.0.disks", None)
    assert found(world).outcome is Outcome.UNKNOWN
