from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import ServiceName
from checks.facts.host import HOST_FACTS
from checks.facts.network import Address, NameAnswer
from checks.facts.system import DomainRole
from checks.plan import HostEntry, Move
from checks.result import Verdict
from checks.windows.account_control import DISABLED, DOMAIN_CONTROLLER
from checks.windows.names import HostName
from tests.world import AT, CONTOSO, IN_CONTOSO, MIGRATION_SERVICE, TestWorld, good, services

CHECK = "platform.identity"
HOST = "testserver02"
COMPUTER = f"hosts.{HOST}.computer"


def called(name: str, **entry: str) -> TestWorld:
    """The good world, in which the plan calls TestServer02 so, with this entry."""
    key = HostName(name).key
    world = good()
    (move,) = world.plan.moves
    again = Move(move.vm, move.source, name, move.operator, destination_path=move.destination_path)
    rows = {part: {key: getattr(world.snapshot, part)[HOST]} for part in ("hosts", "visits", "accounts")}
    snapshot = replace(world.snapshot, **{part: getattr(world.snapshot, part) | row for part, row in rows.items()})
    entries = {HostName(name): HostEntry(**entry)}  # type: ignore[arg-type]
    return TestWorld(replace(world.plan, moves=(again,), hosts=entries), snapshot)


@pytest.mark.parametrize("name", ["TestServer02", "TESTSERVER02", "testserver02.contoso.test", "TestServer02.CONTOSO.test."])
def test_a_host_under_its_name_is_itself(name: str) -> None:
    found = called(name).finding(CHECK, HostName(name).key)
    assert found.outcome is Outcome.PASS
    assert "TESTSERVER02$" in found.message.text


def test_a_name_longer_than_windows_keeps_for_a_computer_is_cut() -> None:
    world = called("testserver02-very-long", fqdn="testserver02-very-long.contoso.test")
    long = world.set("hosts.testserver02-very-long.computer.name", "TESTSERVER02-VE")
    for field in ("dns_host_name", "host_name", "next_host_name"):
        long = long.set(f"hosts.testserver02-very-long.computer.{field}", "testserver02-very-long")
    changed = long.account("testserver02-very-long", dns_host_name="testserver02-very-long.contoso.test")
    assert changed.finding(CHECK, "testserver02-very-long").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("name", "DC01", "says that it is DC01"),
        ("role", DomainRole.BACKUP_DOMAIN_CONTROLLER, "TESTSERVER02$ is none"),
    ],
)
def test_nothing_that_another_machine_says_counts(path: str, value: object, said: str) -> None:
    world = good().set(f"{COMPUTER}.{path}", value)
    found = world.finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert said in found.message.text
    result = world.result()
    about = [each for each in result.findings if each.id.endswith(f"@{HOST}") and each.outcome is Outcome.PASS]
    about = [each for each in about if each.check != "access.account_usable"]  # reads nothing of the host
    assert about == [], "no check of the host passes by what somebody else said"
    assert result.verdict is Verdict.NO_GO


def test_a_member_with_the_account_of_a_domain_controller_is_another_machine() -> None:
    found = good().account(HOST, user_account_control=DOMAIN_CONTROLLER).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "is one" in found.message.text


def test_a_plan_that_names_another_domain_means_another_machine() -> None:
    found = called("testserver02.fabrikam.test").finding(CHECK, "testserver02.fabrikam.test")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "says that it is in contoso.test" in found.message.text


def test_an_alias_says_what_to_do_and_the_full_name_in_the_plan_helps() -> None:
    found = called("storage-host").finding(CHECK, "storage-host")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.remedy is not None
    assert "storage-host is an alias or an old name of TestServer02.contoso.test" in found.remedy.text
    assert called("storage-host", fqdn="testserver02.contoso.test").finding(CHECK, "storage-host").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("others", "name", "outcome"),
    [
        (("storage-host.contoso.test",), "storage-host", Outcome.PASS),
        (("storage-host.contoso.test",), "Storage-Host.CONTOSO.test", Outcome.PASS),
        (("STORAGE-HOST$",), "storage-host", Outcome.PASS),
        (("STORAGE-HOST$",), "storage-host.contoso.test", Outcome.FAIL),
        (("storage-host.fabrikam.test",), "storage-host.contoso.test", Outcome.FAIL),
        (("other.contoso.test", ""), "storage-host", Outcome.FAIL),
    ],
)
def test_an_alias_that_the_directory_gives_its_account_means_it(others: tuple[str, ...], name: str, outcome: Outcome) -> None:
    key = HostName(name).key
    assert called(name).account(key, other_names=others).finding(CHECK, key).outcome is outcome


def test_an_address_means_whoever_answers_there() -> None:
    assert called("10.0.0.2").finding(CHECK, "10.0.0.2").outcome is Outcome.PASS


def test_a_disabled_account_is_a_blocker() -> None:
    found = good().account(HOST, user_account_control=0x1000 | DISABLED).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "is disabled" in found.message.text


def test_two_full_names_are_a_risk_that_names_both() -> None:
    found = good().account(HOST, dns_host_name="oldname.contoso.test").finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "calls itself TestServer02.contoso.test" in found.message.text
    assert "oldname.contoso.test" in found.message.text


def test_an_account_without_a_full_name_proves_nothing() -> None:
    assert good().account(HOST, dns_host_name="").finding(CHECK, HOST).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("path", [COMPUTER, f"accounts.{HOST}.views.dc01·contoso·test"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, HOST).outcome is Outcome.UNKNOWN


def test_a_workgroup_has_no_directory() -> None:
    world = good().set(f"{COMPUTER}.joined", False).set(f"{COMPUTER}.role", DomainRole.STANDALONE_SERVER)
    assert world.finding(CHECK, HOST).outcome is Outcome.SKIP


def test_the_name_that_was_proved_is_shown() -> None:
    world = good()
    visits = {name: replace(visit, proved="testserver02.contoso.test") for name, visit in world.snapshot.visits.items()}
    found = TestWorld(world.plan, replace(world.snapshot, visits=visits)).finding(CHECK, HOST)
    assert "testserver02.contoso.test" in str([each for each in found.evidence if "proved" in str(each.what)])


def twice(**other: object) -> TestWorld:
    """The plan names TestServer02 by its full name as well, and there answers a machine of which that is different."""
    full = "testserver02.contoso.test"
    world = good()
    rows = {part: getattr(world.snapshot, part) | {full: getattr(world.snapshot, part)[HOST]} for part in ("hosts", "visits", "accounts")}
    (move,) = world.plan.moves
    both = (move, Move("Other", move.source.spelled, full, move.operator.spelled, destination_path="D:\\Other"))
    world = TestWorld(replace(world.plan, moves=both), replace(world.snapshot, **rows))
    for path, value in other.items():
        world = world.set(f"hosts.{full.replace('.', '·')}.{path.replace('__', '.')}", value)
    return world


def test_one_machine_may_be_visited_under_two_names() -> None:
    world = twice(os__boot=AT.replace(microsecond=500))
    assert {world.finding(CHECK, name).outcome for name in (HOST, "testserver02.contoso.test")} == {Outcome.PASS}


@pytest.mark.parametrize(
    "other",
    [{"os__boot": AT - timedelta(hours=1)}, {"addresses": (Address("10.0.0.77", 24, 4), Address("fe80::2", 64, 4))}],
    ids=["started at another time", "has other addresses"],
)
def test_of_two_machines_that_claim_one_account_none_is_believed(other: dict[str, object]) -> None:
    world = twice(**other)
    for name, there in ((HOST, "testserver02.contoso.test"), ("testserver02.contoso.test", HOST)):
        found = world.finding(CHECK, name)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
        assert f"two machines answer as TestServer02.contoso.test, here and as {there}" in found.message.text
        assert world.finding("migration.enabled", name).outcome in (Outcome.UNKNOWN, Outcome.SKIP)


@pytest.mark.parametrize("fact", ["os", "addresses"])
def test_whether_two_answers_are_of_one_machine_was_not_read(fact: str) -> None:
    world = twice().miss(f"hosts.{HOST}.{fact}")
    assert world.finding(CHECK, "testserver02.contoso.test").outcome is Outcome.UNKNOWN


def test_every_section_of_another_machine_is_missing() -> None:
    world = good().set(f"{COMPUTER}.name", "DC01")
    unknown = {
        each.check
        for each in world.result().findings
        if each.outcome is Outcome.UNKNOWN and each.lacks and each.lacks.fact.partition(".")[2] in HOST_FACTS
    }
    assert {"platform.hyperv_role", "migration.enabled", "access.hyperv_administrator", "delegation.cifs"} <= unknown


SUFFIX = {"suffix": "corp.test", "next_suffix": "corp.test"}


def disjoint(*allowed: str) -> TestWorld:
    """The good world, in which TestServer02 has the suffix corp.test everywhere, and contoso.test allows these suffixes."""
    entries = tuple(f"{service}/{name}" for service in (MIGRATION_SERVICE, "cifs") for name in ("TESTSERVER02", "testserver02.corp.test"))
    registered = tuple(entry.replace("cifs", "HOST") for entry in entries)
    world = good().account(HOST, dns_host_name="testserver02.corp.test", service_principal_names=registered)
    world = world.account("testserver01", delegate_to=entries).set(f"{IN_CONTOSO}.dns_suffixes", allowed)
    for field, value in SUFFIX.items():
        world = world.set(f"{COMPUTER}.{field}", value)
    names = tuple(NameAnswer(name, ("10.0.0.2",), 0) for name in ("testserver02", "testserver02.corp.test"))
    holders = tuple(ServiceName(name, "contoso.test", f"CN={HOST}", f"{CONTOSO}-2002") for name in registered)
    others = tuple(
        ServiceName(name, "contoso.test", "CN=testserver01", f"{CONTOSO}-2001") for name in services("TestServer01", MIGRATION_SERVICE)
    )
    return world.set("hosts.testserver01.partners.0.names", names).set(f"{IN_CONTOSO}.service_names", (*holders, *others))


def test_a_suffix_that_the_domain_allows_is_the_hosts_full_name_everywhere() -> None:
    world = disjoint("branch.test", "CORP.test.")
    found = world.finding(CHECK, HOST)
    assert found.outcome is Outcome.PASS
    assert "TestServer02.corp.test" in found.message.text
    assert world.result().verdict is Verdict.GO
    planned = world.with_plan(hosts={HostName(HOST): HostEntry(fqdn="testserver02.corp.test")})
    assert planned.result().verdict is Verdict.GO


@pytest.mark.parametrize("allowed", [(), ("branch.test",), ("xcorp.test",)])
def test_a_suffix_that_the_domain_does_not_allow_is_a_risk(allowed: tuple[str, ...]) -> None:
    found = disjoint(*allowed).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "corp.test, which contoso.test does not allow" in found.message.text


def test_what_the_domain_allows_was_not_read() -> None:
    for world in (disjoint().miss(f"{IN_CONTOSO}.dns_suffixes"), disjoint().unheard_of(f"{IN_CONTOSO}.dns_suffixes")):
        assert world.finding(CHECK, HOST).outcome is Outcome.UNKNOWN
    for world in (good().miss(f"{IN_CONTOSO}.dns_suffixes"), good().unheard_of(f"{IN_CONTOSO}.dns_suffixes")):
        assert world.finding(CHECK, HOST).outcome is Outcome.PASS, "a host with the name of its domain needs none"


def test_a_suffix_that_only_the_host_knows_makes_two_names() -> None:
    world = good().set(f"{COMPUTER}.suffix", "corp.test").set(f"{COMPUTER}.next_suffix", "corp.test")
    found = world.set(f"{IN_CONTOSO}.dns_suffixes", ("corp.test",)).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "calls itself TestServer02.corp.test" in found.message.text


@pytest.mark.parametrize(
    ("field", "value", "soon"),
    [
        ("next_host_name", "hv02", "hv02.contoso.test"),
        ("next_suffix", "corp.test", "TestServer02.corp.test"),
    ],
)
def test_a_name_that_comes_with_the_next_restart_is_a_risk(field: str, value: str, soon: str) -> None:
    found = good().set(f"{COMPUTER}.{field}", value).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"will call itself {soon}" in found.message.text


@pytest.mark.parametrize(
    ("field", "value"),
    [("next_host_name", "TESTSERVER02"), ("next_suffix", "CONTOSO.test"), ("suffix", "Contoso.Test."), ("next_suffix", None)],
)
def test_another_spelling_of_the_name_or_nothing_is_no_other_name(field: str, value: str | None) -> None:
    assert good().set(f"{COMPUTER}.{field}", value).finding(CHECK, HOST).outcome is Outcome.PASS


def test_without_a_suffix_of_its_own_a_host_has_that_of_its_domain() -> None:
    assert good().set(f"{COMPUTER}.suffix", "").set(f"{COMPUTER}.next_suffix", "").finding(CHECK, HOST).outcome is Outcome.PASS


def test_where_the_suffix_was_not_read_nobody_knows_the_full_name() -> None:
    older = good()
    for field in ("host_name", "suffix", "next_host_name", "next_suffix"):
        older = older.set(f"{COMPUTER}.{field}", None)
    assert older.finding(CHECK, HOST).outcome is Outcome.UNKNOWN
    assert older.account(HOST, dns_host_name="testserver02.corp.test").finding(CHECK, HOST).outcome is Outcome.UNKNOWN
