from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import DomainFacts, NamedHost
from checks.facts.fact import Known, Reason
from checks.facts.migration import MigrationAuthentication
from checks.result import FindingRecord, Verdict
from checks.windows.service_names import MIGRATION_SERVICE, taken_apart
from tests.facts.directory import delegated
from tests.world import IN_CONTOSO, TestWorld, across_domains, good, services

CHECK = "delegation.stale_entries"
HOST = "testserver01"
SHOWN = f"{IN_CONTOSO}.delegated_hosts"
NEEDED = services("TestServer02")
GONE = services("OldServer")
PASS, FAIL, SKIP, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.SKIP, Outcome.UNKNOWN


def listing(*entries: str, world: TestWorld | None = None) -> TestWorld:
    """The source lists these entries besides those that it needs, and the controller was asked for their hosts."""
    listed = (world or good()).account(HOST, delegate_to=(*NEEDED, *entries))
    return listed.set(SHOWN, delegated(listed.snapshot.accounts))


def found(world: TestWorld) -> FindingRecord:
    return world.finding(CHECK, HOST)


def test_a_list_of_what_moves_need_passes() -> None:
    assert found(good()).outcome is PASS
    assert found(good().account(HOST, delegate_to=())).outcome is PASS
    assert found(listing(*services("TestServer01"))).outcome is PASS, "its own name is one of a host that is there"


def test_in_whatever_letters_a_snapshot_names_a_host_that_was_looked_for_it_is_the_same() -> None:
    world = listing(*GONE)
    written = tuple(NamedHost(row.name.swapcase(), row.accounts) for row in delegated(world.snapshot.accounts))
    assert found(world.set(SHOWN, written)).message == found(world).message


def test_entries_of_hosts_that_no_account_has_are_advice_with_a_command_that_takes_exactly_them_and_one_that_puts_them_back() -> None:
    world = listing(*GONE, "HTTP/OldServer.contoso.test:8080")
    told = found(world)
    assert (told.outcome, told.severity) == (FAIL, Severity.ADVICE)
    assert "holds 5 entries of hosts of which no account was found in the forest, first" in told.message.text
    assert told.remedy is not None
    listed = ", ".join(f"'{entry}'" for entry in (*GONE, "HTTP/OldServer.contoso.test:8080"))
    change = "Set-ADComputer -Identity 'TESTSERVER01$' -Server 'contoso.test'"
    assert told.remedy.commands == (f"{change} -Remove @{{'msDS-AllowedToDelegateTo'={listed}}}",)
    assert told.remedy.undo == (f"{change} -Add @{{'msDS-AllowedToDelegateTo'={listed}}}",)
    assert told.remedy.changes == (), "whether nobody needs them is for a person to decide"
    assert world.result().verdict is Verdict.GO


def test_entries_for_other_services_are_a_hint_and_no_command_takes_them() -> None:
    told = found(listing("HTTP/TestServer02", "HOST/testserver02.contoso.test", "nonsense", "cifs/", "cifs/a b", "cifs/x\x07y"))
    assert (told.outcome, told.severity) == (FAIL, Severity.ADVICE)
    assert "holds 6 entries that no move needs" in told.message.text
    assert "perhaps another job of TestServer01 does" in told.message.text
    assert told.remedy is not None
    assert (told.remedy.commands, told.remedy.undo) == ((), ())


def test_both_kinds_are_told_and_only_what_is_gone_is_taken() -> None:
    told = found(listing(GONE[0], "HTTP/TestServer02"))
    assert "1 entries of hosts" in told.message.text
    assert "1 entries that no move needs" in told.message.text
    assert told.remedy is not None
    assert "HTTP" not in told.remedy.commands[0]


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ("cifs/OldServer", FAIL),
        ("cifs/oldserver.contoso.test", FAIL),
        ("CIFS/OLDSERVER.CONTOSO.TEST.", FAIL),
        ("cifs/oldserver.elsewhere.test", UNKNOWN),
        ("cifs/10.0.0.9", UNKNOWN),
        ("cifs/contoso.test", PASS),
        ("cifs/CONTOSO", PASS),
    ],
)
def test_a_host_is_gone_only_where_its_name_is_one_of_the_forest(entry: str, outcome: Outcome) -> None:
    assert found(listing(entry)).outcome is outcome


def test_the_short_and_the_full_name_of_a_host_stand_and_fall_together() -> None:
    for other in ("cifs/oldserver.elsewhere.test", "cifs/oldserver.contoso.test"):
        world = listing("cifs/OldServer", other)
        known = world.set(SHOWN, (*rows(world, "oldserver.contoso.test"), NamedHost("oldserver.contoso.test", ("CN=CLUSTER",))))
        assert found(known).outcome is UNKNOWN, "one of its names is not known to be gone"
        assert found(known).reason is Reason.NOT_COLLECTED
    assert found(listing("cifs/OldServer", "cifs/oldserver.contoso.test")).outcome is FAIL


def rows(world: TestWorld, *without: str) -> tuple[NamedHost, ...]:
    fact = world.snapshot.domains["contoso.test"].controllers["dc01.contoso.test"].delegated_hosts
    assert isinstance(fact, Known)
    return tuple(row for row in fact.value if row.name not in without)


def second(world: TestWorld, *shown: NamedHost) -> TestWorld:
    """With one more controller of contoso.test, which shows this."""
    its = world.snapshot.domains["contoso.test"]
    other = replace(its.controllers["dc01.contoso.test"], delegated_hosts=Known(shown, *_origin(world)))
    domain = DomainFacts(its.controllers | {"dc02.contoso.test": other})
    return TestWorld(world.plan, replace(world.snapshot, domains=world.snapshot.domains | {"contoso.test": domain}))


def _origin(world: TestWorld) -> tuple[object, object]:
    fact = world.snapshot.domains["contoso.test"].controllers["dc01.contoso.test"].delegated_hosts
    return fact.source, fact.at


def test_one_controller_that_shows_the_host_or_was_not_asked_for_it_is_enough_to_call_it_not_gone() -> None:
    world = listing("cifs/OldServer")
    others = rows(world, "oldserver")
    assert found(second(world, *others, NamedHost("oldserver", ()))).outcome is FAIL
    assert found(second(world, *others, NamedHost("oldserver", ("CN=OLDSERVER",)))).outcome is PASS
    assert found(second(world, *others)).outcome is UNKNOWN
    silent = second(world, *others).miss("domains.contoso·test.controllers.dc02·contoso·test.delegated_hosts")
    assert (found(silent).outcome, found(silent).reason) == (UNKNOWN, Reason.ACCESS_DENIED)


def test_a_domain_of_the_forest_that_was_not_asked_may_have_the_host() -> None:
    names = {"contoso": "contoso.test", "eu": "eu.contoso.test"}
    told = found(listing("cifs/OldServer").set(f"{IN_CONTOSO}.forest", names))
    assert told.outcome is UNKNOWN
    assert "no controller of eu.contoso.test, which is of the same forest, was asked" in told.message.text
    assert found(good().set(f"{IN_CONTOSO}.forest", names)).outcome is PASS, "the hosts that are there are told"
    hint = found(listing("cifs/OldServer", "HTTP/TestServer02").set(f"{IN_CONTOSO}.forest", names))
    assert hint.outcome is FAIL
    assert ("entries of hosts of which it cannot be told whether they are there", ("cifs/OldServer",)) in [
        (each.what, each.actual) for each in hint.evidence
    ]


def test_a_host_of_another_forest_that_was_asked_is_there() -> None:
    world = across_domains().account(HOST, delegate_to=services("TestServer02", "cifs")[:1])
    shown = (NamedHost("testserver02", ("CN=TESTSERVER02,CN=Computers,DC=fabrikam,DC=test",)),)
    there = world.set("domains.fabrikam·test.controllers.dc01·fabrikam·test.delegated_hosts", shown)
    assert found(there.set(SHOWN, (NamedHost("testserver02", ()),))).outcome is PASS


def test_only_sources_that_use_kerberos_are_judged() -> None:
    world = listing(*GONE)
    assert found(world.set(f"hosts.{HOST}.migration.authentication", MigrationAuthentication.CREDSSP)).outcome is SKIP
    target = world.account("testserver02", delegate_to=GONE)
    assert target.finding(CHECK, "testserver02").outcome is SKIP
    assert target.with_return().finding(CHECK, "testserver02").outcome is FAIL


@pytest.mark.parametrize(
    "place", [f"accounts.{HOST}.views.dc01·contoso·test", f"hosts.{HOST}.migration", SHOWN, f"{IN_CONTOSO}.forest", f"{IN_CONTOSO}.domain"]
)
def test_what_was_not_read_is_unknown(place: str) -> None:
    assert found(good().miss(place)).outcome is UNKNOWN
    assert found(listing(*GONE).miss(place)).outcome is UNKNOWN


def test_a_snapshot_of_an_older_program_tells_of_other_services_and_of_no_host_that_is_gone() -> None:
    assert found(listing(*GONE).unheard_of(SHOWN)).outcome is UNKNOWN
    assert found(listing(*GONE, "HTTP/x").unheard_of(SHOWN)).outcome is FAIL


def test_a_list_of_thousands_is_judged_at_once_and_shown_in_part() -> None:
    many = tuple(entry for number in range(3_000) for entry in services(f"Old{number}"))
    odd = ("x" * 50_000, "cifs/" + "a." * 20_000, "/" * 10_000, *(f"{MIGRATION_SERVICE}/\u202e{number}" for number in range(500)))
    world = listing(*many, *odd)
    told = found(world)
    assert told.outcome is FAIL, "within the time that a check has"
    assert "holds 12000 entries" in told.message.text
    assert max(len(each.actual) for each in told.evidence if isinstance(each.actual, tuple)) == 20
    assert told.remedy is not None
    assert told.remedy.commands[0].lower().count("/old") == 100


@given(st.text(), st.sampled_from(["cifs/{}", "{}/hv01", "cifs/{}:1", "cifs/hv01/{}", "{}"]))
def test_what_an_entry_names_is_a_host_or_nothing(said: str, around: str) -> None:
    entry = around.replace("{}", said)
    told = taken_apart(entry)
    if told is not None:
        assert entry.startswith(f"{told.service}/{told.host.spelled}")
        assert told.host.spelled.isascii()
        assert not {*told.host.spelled} & set("/:*()\\ ")
