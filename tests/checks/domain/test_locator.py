from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.directory import Locator
from checks.facts.network import DomainAnswer, ServerAddresses, ServiceAnswer
from checks.result import FindingRecord
from checks.windows.names import HostName
from tests.checks.domain.realms import A_CON, C_CON, CON, FAB, PAIR, two_way, without, without_controllers
from tests.checks.domain.realms import world as domains
from tests.facts.network import found
from tests.world import DC, TestWorld, good

CHECK = "domain.locator"
ONE, TWO = "hosts.testserver01", "hosts.testserver02"
NO_SUCH_NAME, NO_RECORDS, TIME_OVER, SERVER_FAILURE = 9003, 9501, 1460, 9002
GONE = ServiceAnswer((), NO_SUCH_NAME)
BLOCKER, RISK = Severity.BLOCKER, Severity.RISK


def nowhere(world: TestWorld, host: str, domain: str, code: int = NO_SUCH_NAME) -> TestWorld:
    return without_controllers(world, host, domain, ServiceAnswer((), code), names=())


def forgotten(world: TestWorld, host: str) -> TestWorld:
    """The host's own locator knows no controller, and its secure channel does not work."""
    return world.set(f"{host}.locators", ()).set(f"{host}.secure_channel.works", False)


def judged(world: TestWorld) -> FindingRecord:
    return world.finding(CHECK, PAIR)


def across(source: str = CON, target: str = FAB) -> TestWorld:
    return domains(source, target, source, two_way(CON, FAB))


def test_hosts_that_find_controllers_of_both_domains_pass() -> None:
    one, two = judged(good()), judged(across())
    assert (one.outcome, two.outcome) == (Outcome.PASS, Outcome.PASS)
    assert one.message.text == "TestServer01 and TestServer02 find domain controllers of contoso.test"
    assert two.message.text == "TestServer01 and TestServer02 find domain controllers of contoso.test, fabrikam.test"
    assert [line.actual for line in one.evidence] == [("dc01.contoso.test is 10.0.0.10",)] * 4


def test_who_finds_no_controller_of_which_domain_decides_how_bad_it_is() -> None:
    """By row: the world, whether and how bad it fails, and what is said of it."""
    alone, pair, children = forgotten(good(), ONE), across(), domains(A_CON, C_CON, A_CON, {}).set(f"{ONE}.locators", ())
    rows = {
        "its own": (nowhere(alone, ONE, CON), BLOCKER, "the domain of TestServer01 itself"),
        "its own, of the target": (nowhere(forgotten(good(), TWO), TWO, CON), BLOCKER, "the domain of TestServer02 itself"),
        "its own, but knows one": (nowhere(good(), ONE, CON), RISK, f"it knows {DC} all the same"),
        "its own, but the channel works": (nowhere(good().set(f"{ONE}.locators", ()), ONE, CON), RISK, "its secure channel works"),
        "the target's": (nowhere(pair, ONE, FAB), BLOCKER, "TestServer01 gets its ticket for TestServer02 there"),
        "the source's": (nowhere(pair, TWO, CON), RISK, "a move back to TestServer01 does"),
        "one between": (nowhere(children, ONE, CON), BLOCKER, "on its way to TestServer02"),
        "one between, of the target": (nowhere(children, TWO, CON), None, "find domain controllers of"),
        "no such records": (nowhere(pair, ONE, FAB, NO_RECORDS), BLOCKER, "has no such records"),
        "only the root": (nowhere(pair, ONE, FAB, 0), BLOCKER, "names no server"),
        "no KDC": (
            without_controllers(pair, ONE, FAB, GONE, ldap=found(FAB).ldap),
            BLOCKER,
            f"_kerberos._tcp.dc._msdcs.{FAB} does not exist",
        ),
        "nothing but a KDC": (
            without_controllers(pair, ONE, FAB, GONE, kerberos=found(FAB).kerberos),
            RISK,
            "it finds those that give tickets",
        ),
        "its own, nothing but a KDC": (
            without_controllers(alone, ONE, CON, GONE, kerberos=found(CON).kerberos),
            BLOCKER,
            f"_ldap._tcp.dc._msdcs.{CON} does not exist",
        ),
    }
    for name, (world, severity, words) in rows.items():
        finding = judged(world)
        assert (finding.outcome, finding.severity) == ((Outcome.FAIL, severity) if severity else (Outcome.PASS, BLOCKER)), name
        assert words in finding.message.text, name
        assert (finding.predicts == ("0x80090311",)) is bool(severity), name


def test_a_controller_of_another_domain_that_the_hosts_own_locator_knows_makes_it_a_risk() -> None:
    lost = nowhere(across(), ONE, FAB)
    for row, severity in (
        (Locator("FABRIKAM", "dc01.fabrikam.test", "", "", ""), RISK),
        (Locator("FABRIKAM", "DC01", "", "", ""), RISK),
        (Locator("TAILSPIN", "DC01", "", "", ""), BLOCKER),
        (Locator("CONTOSO", DC, "", "", ""), BLOCKER),
    ):
        assert judged(lost.set(f"{ONE}.locators", (row,))).severity is severity, row


def test_a_server_counts_only_where_it_has_an_address() -> None:
    """By row: what comes for the names of two servers, and the outcome."""
    servers = (*found(FAB).kerberos.servers, replace(found(FAB).kerberos.servers[0], name="dc02.fabrikam.test"))
    rows: dict[str, tuple[tuple[tuple[tuple[str, ...], int], ...], Outcome]] = {
        "one of them": (((("10.0.0.10",), 0), ((), 11001)), Outcome.PASS),
        "none": ((((), 11004), ((), 11001)), Outcome.FAIL),
        "none, and of one the name server said nothing": ((((), 11001), ((), 11002)), Outcome.UNKNOWN),
        "none, and one was not looked up": ((((), 11001),), Outcome.UNKNOWN),
    }
    for name, (answers, outcome) in rows.items():
        names = tuple(ServerAddresses(server.name, *answer) for server, answer in zip(servers, answers, strict=False))
        world = without_controllers(across(), ONE, FAB, ServiceAnswer(servers, 0), names=names)
        assert judged(world).outcome is outcome, name
        assert outcome is not Outcome.FAIL or "has an address" in judged(world).message.text


def test_what_is_no_answer_is_unknown_and_a_blocker_counts_more() -> None:
    pair = across()
    silent = {
        "time over": nowhere(pair, ONE, FAB, TIME_OVER),
        "failure of the server": nowhere(pair, TWO, CON, SERVER_FAILURE),
        "not asked": pair.set(f"{ONE}.controller_records", (found(CON),)),
        "no records read": pair.miss(f"{TWO}.controller_records"),
        "old snapshot": pair.unheard_of(f"{ONE}.controller_records"),
        "domains between not read": without(pair, FAB),
        "whether it knows one": nowhere(pair, ONE, FAB).miss(f"{ONE}.locators"),
        "whether its channel works": nowhere(good().set(f"{ONE}.locators", ()), ONE, CON).miss(f"{ONE}.secure_channel"),
    }
    for name, world in silent.items():
        assert judged(world).outcome is Outcome.UNKNOWN, name
    assert judged(nowhere(silent["domains between not read"], ONE, FAB)).severity is BLOCKER


def test_a_domain_without_a_dot_is_looked_for_in_the_dns_only_inside_its_tree() -> None:
    for own, other, outcome in (("corp", "corp", Outcome.PASS), (CON, "corp", Outcome.UNKNOWN), ("child.corp", "corp", Outcome.UNKNOWN)):
        world = good().set(f"{ONE}.computer.domain", own).set(f"{TWO}.computer.domain", other)
        for host in (ONE, TWO):
            world = world.set(f"{host}.controller_records", tuple(map(found, ("corp", "child.corp", CON))))
        finding = judged(world)
        assert finding.outcome is outcome
        if own == "child.corp":
            assert "directory of" in finding.message.text, "the records count, what is unread are the domains between"


def test_storage_that_stays_on_one_machine_needs_nobody() -> None:
    world = nowhere(forgotten(good(), ONE), ONE, CON).move(target=HostName("TestServer01"), storage_only=True)
    assert world.finding(CHECK, "testserver01>testserver01").outcome is Outcome.SKIP


def test_names_compare_without_case_and_final_dot() -> None:
    shouted = replace(found(CON), domain="CONTOSO.TEST.")
    assert isinstance(shouted, DomainAnswer)
    assert judged(good().set(f"{ONE}.controller_records", (shouted,))).outcome is Outcome.PASS


def test_the_fix_of_another_domain_is_a_forwarder_and_of_the_own_one_its_dns_servers() -> None:
    other, own = judged(nowhere(across(), ONE, FAB)).remedy, judged(nowhere(forgotten(good(), ONE), ONE, CON)).remedy
    assert other is not None
    assert own is not None
    assert "Add-DnsServerConditionalForwarderZone" in other.commands[0]
    assert "-Name 'fabrikam.test'" in other.undo[0]
    assert any("Set-DnsClientServerAddress -CimSession 'TestServer01'" in line for line in own.commands)
