from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import MigrationListener, MigrationNetwork
from checks.facts.network import Address, AddressState, FirewallRule, PartnerAnswer, PortAnswer
from checks.remedy import Role
from tests.world import TestWorld, good

CHECK, PAIR = "network.port_6600", "testserver01>testserver02"
RULE = "VIRT-MIGL-In-TCP-NoScope"
TOKENS = "v2.26|Action={}|Active={}|Dir=In|Protocol=6|LPort=6600|"


def listening(*addresses: str, priorities: tuple[int | None, ...] = (), held: tuple[str, ...] | None = None) -> TestWorld:
    """The target listens on these addresses and has them, unless said otherwise, each in a migration network of its own. With equal
    priorities, unless said otherwise."""
    world = good().set("hosts.testserver02.migration_listener", MigrationListener(addresses, 0, 0))
    has = tuple(Address(address, 24 if "." in address else 64, 7) for address in (addresses if held is None else held))
    world = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), *has))
    networks = tuple(
        MigrationNetwork(f"{address.partition('%')[0]}/{32 if '.' in address else 128}", priority)
        for address, priority in zip(addresses, priorities or [0] * len(addresses), strict=True)
    )
    return world.set("hosts.testserver02.migration_networks", networks)


def answers(world: TestWorld, *ports: tuple[str, int]) -> TestWorld:
    """What the source got from TCP 6600 of the target: address and socket error, 0 when it is open."""
    probed = tuple(PortAnswer(address, 6600, code == 0, code) for address, code in ports)
    return world.set("hosts.testserver01.partners", (PartnerAnswer("TestServer02", (), probed),))


FIRST, SECOND = "192.168.11.2", "192.168.10.2"
OPEN, DROPPED, REFUSED = 0, 10060, 10061


@pytest.mark.parametrize(
    ("priorities", "ports", "outcome", "severity"),
    [
        ((0, 8), ((FIRST, OPEN), (SECOND, OPEN)), Outcome.PASS, Severity.BLOCKER),
        ((0, 8), ((FIRST, OPEN), (SECOND, DROPPED)), Outcome.FAIL, Severity.ADVICE),
        ((0, 8), ((FIRST, OPEN),), Outcome.FAIL, Severity.ADVICE),
        ((0, 8), ((FIRST, DROPPED), (SECOND, OPEN)), Outcome.FAIL, Severity.RISK),
        ((0, 8), ((SECOND, OPEN),), Outcome.FAIL, Severity.RISK),
        ((0, 8), ((FIRST, DROPPED), (SECOND, REFUSED)), Outcome.FAIL, Severity.BLOCKER),
        ((0, 8), ((FIRST, DROPPED),), Outcome.UNKNOWN, Severity.BLOCKER),
        ((0, 8), (), Outcome.UNKNOWN, Severity.BLOCKER),
        ((5, 5), ((FIRST, OPEN), (SECOND, DROPPED)), Outcome.FAIL, Severity.RISK),
        ((None, 8), ((FIRST, OPEN), (SECOND, DROPPED)), Outcome.FAIL, Severity.RISK),
        ((0, None), ((FIRST, OPEN), (SECOND, DROPPED)), Outcome.FAIL, Severity.RISK),
    ],
)
def test_the_address_that_is_tried_first_decides_and_another_one_is_a_fall_back_at_best(
    priorities: tuple[int | None, ...], ports: tuple[tuple[str, int], ...], outcome: Outcome, severity: Severity
) -> None:
    found = answers(listening(FIRST, SECOND, priorities=priorities), *ports).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, severity)


def test_without_named_networks_no_address_is_known_to_come_first() -> None:
    world = answers(listening(FIRST, SECOND, priorities=(0, 8)), (FIRST, OPEN), (SECOND, DROPPED))
    found = world.set("hosts.testserver02.migration.any_network", True).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"at {FIRST} and not where it may be tried first: {SECOND}: no answer (10060)" in found.message.text


def test_a_link_local_address_that_was_not_tried_is_named_with_the_interface_of_the_source() -> None:
    world = answers(listening("fe80::b%5")).set("hosts.testserver02.migration_networks", (MigrationNetwork("fe80::/64", 0),))
    found = world.set("hosts.testserver01.addresses", (Address("fe80::a%7", 64, 7),)).finding(CHECK, PAIR)
    assert found.outcome is Outcome.UNKNOWN
    assert (
        "at fe80::b: name these addresses as migration_addresses of TestServer02 in the plan, each with % and the number"
        in found.message.text
    )


def test_of_two_answers_for_one_address_the_worse_one_counts_in_any_order() -> None:
    for ports in (((SECOND, OPEN), (SECOND, DROPPED)), ((SECOND, DROPPED), (SECOND, OPEN))):
        assert answers(good(), *ports).finding(CHECK, PAIR).severity is Severity.BLOCKER


def test_an_address_that_the_source_has_too_is_the_source_itself() -> None:
    world = answers(listening(SECOND), (SECOND, OPEN)).set("hosts.testserver01.addresses", (Address(SECOND, 24, 9),))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert f"at {SECOND}, which TestServer01 has itself" in found.message.text


def test_beside_a_right_one_an_address_of_the_source_is_a_risk() -> None:
    world = answers(listening(FIRST, SECOND), (FIRST, OPEN), (SECOND, OPEN)).set("hosts.testserver01.addresses", (Address(FIRST, 24, 9),))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"listens also on {FIRST}, which TestServer01 has itself" in found.message.text


def test_listening_on_an_address_that_the_target_does_not_have_is_a_contradiction() -> None:
    world = answers(listening("10.1.1.5", SECOND, held=(SECOND,)), ("10.1.1.5", OPEN), (SECOND, OPEN))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "two things: it listens also on 10.1.1.5" in found.message.text


@pytest.mark.parametrize("any_network", [True, False])
def test_listening_only_on_an_address_that_the_target_does_not_have_is_a_blocker(any_network: bool) -> None:
    world = answers(listening(SECOND, held=()), (SECOND, OPEN)).set("hosts.testserver02.migration.any_network", any_network)
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_listening_outside_of_all_named_networks_is_a_blocker() -> None:
    world = listening(FIRST, SECOND).set("hosts.testserver02.migration_listener.addresses", (SECOND,))
    found = answers(world.set("hosts.testserver02.migration_networks", (MigrationNetwork(FIRST, 0),)), (SECOND, OPEN)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert f"listens for migrations on {SECOND} only" in found.message.text


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (AddressState.DEPRECATED, Outcome.FAIL),
        (AddressState.DUPLICATE, Outcome.FAIL),
        (AddressState.INVALID, Outcome.FAIL),
        (AddressState.TENTATIVE, Outcome.UNKNOWN),
    ],
)
def test_an_open_port_at_an_address_that_is_not_in_use_proves_nothing(state: AddressState, outcome: Outcome) -> None:
    world = answers(listening(SECOND), (SECOND, OPEN))
    found = world.set("hosts.testserver02.addresses", (Address(SECOND, 24, 7, state, False),)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, Severity.BLOCKER)


@pytest.mark.parametrize("state", [AddressState.DEPRECATED, AddressState.TENTATIVE])
def test_beside_one_in_use_an_address_that_is_not_is_a_risk(state: AddressState) -> None:
    world = answers(listening(FIRST, SECOND), (FIRST, OPEN), (SECOND, OPEN))
    addresses = (Address(FIRST, 24, 7, state, False), Address(SECOND, 24, 8, AddressState.PREFERRED, False))
    found = world.set("hosts.testserver02.addresses", addresses).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


def test_a_closed_port_at_a_tentative_address_is_closed() -> None:
    world = answers(listening(SECOND), (SECOND, DROPPED))
    tentative = Address(SECOND, 24, 7, AddressState.TENTATIVE, False)
    assert world.set("hosts.testserver02.addresses", (tentative,)).finding(CHECK, PAIR).outcome is Outcome.FAIL


CABLE = {
    "169.254.0.0/16": ("169.254.1.1", "169.254.1.2", "169.254.1.2"),
    "fe80::/64": ("fe80::a%5", "fe80::b%5", "fe80::b%9"),
}
"""Migration networks of a cable between the hosts: the addresses of source and target, and that of the target as the source tries it."""


@pytest.mark.parametrize("subnet", CABLE)
@pytest.mark.parametrize(
    ("codes", "severity"), [((OPEN,), Severity.RISK), ((DROPPED, OPEN), Severity.RISK), ((DROPPED,), Severity.BLOCKER)]
)
def test_a_cable_with_link_local_addresses_is_a_risk_at_best(subnet: str, codes: tuple[int, ...], severity: Severity) -> None:
    mine, theirs, tried = CABLE[subnet]
    world = answers(listening(theirs), *((tried, code) for code in codes))
    world = world.set("hosts.testserver02.migration_networks", (MigrationNetwork(subnet, 0),))
    found = world.set("hosts.testserver01.addresses", (Address("10.0.0.1", 24, 5), Address(mine, 16, 7))).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)


def test_an_open_port_at_another_address_does_not_count() -> None:
    found = answers(good(), ("10.0.0.2", 0), ("192.168.10.2", 10061)).finding(CHECK, PAIR)
    assert found.outcome is Outcome.FAIL


def test_no_answer_points_at_firewalls_and_routes() -> None:
    found = answers(good(), ("192.168.10.2", 10060)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no answer" in found.message.text
    assert found.predicts == ("0x8007274C",)


def firewall(*rules: tuple[str, str, str, str]) -> TestWorld:
    """The target does not answer, and these are its rules: name, store, action, is it on."""
    found = tuple(FirewallRule(name, store, TOKENS.format(action, active)) for name, store, action, active in rules)
    return answers(good(), ("192.168.10.2", 10060)).set("hosts.testserver02.firewall", found)


def test_the_hosts_own_rule_that_is_off_is_to_be_enabled() -> None:
    remedy = firewall((RULE, "local", "Allow", "FALSE")).finding(CHECK, PAIR).remedy
    assert remedy
    assert remedy.commands == (f"Enable-NetFirewallRule -CimSession 'TestServer02' -Name '{RULE}'",)
    assert remedy.undo == (f"Disable-NetFirewallRule -CimSession 'TestServer02' -Name '{RULE}'",)
    assert [change.object for change in remedy.changes] == [RULE]


@pytest.mark.parametrize(
    ("rules", "says", "who"),
    [
        (((RULE, "local", "Allow", "TRUE"),), "itself allows it", Role.NETWORK),
        (((RULE, "local", "Allow", "FALSE"), ("other", "local", "Allow", "TRUE")), "itself allows it", Role.NETWORK),
        (((RULE, "local", "Allow", "FALSE"), ("wall", "policy", "Block", "TRUE")), "wall (policy): block", Role.HOST),
        (((RULE, "local", "Allow", "TRUE"), ("wall", "local", "Block", "TRUE")), "wall (local): block", Role.HOST),
        (((RULE, "policy", "Allow", "FALSE"),), "group policy", Role.HOST),
        ((), f"rule {RULE}", Role.HOST),
    ],
)
def test_a_rule_that_is_on_absent_or_not_the_hosts_own_is_not_enabled_nor_would_undoing_that_close_it(
    rules: tuple[tuple[str, str, str, str], ...], says: str, who: Role
) -> None:
    remedy = firewall(*rules).finding(CHECK, PAIR).remedy
    assert remedy
    assert (remedy.commands, remedy.undo, remedy.changes) == ((), (), ())
    assert says in remedy.text
    assert remedy.by.role is who


def test_a_target_that_does_not_tell_where_it_listens_is_unknown() -> None:
    found = good().set("hosts.testserver02.migration_listener.addresses", None).finding(CHECK, PAIR)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_a_refusal_points_at_the_service() -> None:
    found = answers(good(), ("192.168.10.2", 10061)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "nothing listens there" in found.message.text
    assert found.predicts == ("0x8007274D",)


def test_different_answers_are_told_one_by_one() -> None:
    world = answers(
        listening("192.168.10.2", "192.168.11.2", "192.168.12.2"), ("192.168.10.2", 10061), ("192.168.11.2", 10060), ("192.168.12.2", 10050)
    )
    found = world.finding(CHECK, PAIR)
    assert "192.168.10.2: refused (10061), 192.168.11.2: no answer (10060), 192.168.12.2: closed (10050)" in found.message.text
    assert found.predicts == ("0x8007274C", "0x8007274D")


@pytest.mark.parametrize(
    ("action", "active", "shown", "allowed"),
    [
        ("Allow", "TRUE", f"{RULE} (local): allow, on, all profiles", True),
        ("Allow", "FALSE", f"{RULE} (local): allow, disabled, all profiles", False),
        ("Block", "TRUE", f"{RULE} (local): block, on, all profiles", False),
    ],
)
def test_the_targets_own_rules_explain_a_closed_port(action: str, active: str, shown: str, allowed: bool) -> None:
    world = answers(good(), ("192.168.10.2", 10060))
    world = world.set("hosts.testserver02.firewall", (FirewallRule(RULE, "local", TOKENS.format(action, active)),))
    evidence = {each.what: each.actual for each in world.finding(CHECK, PAIR).evidence}
    assert evidence["inbound rules of TestServer02 for TCP 6600"] == (shown,)
    assert ("TestServer02 allows TCP 6600" not in evidence) is allowed


def test_unread_rules_leave_the_failure_a_failure() -> None:
    found = answers(good(), ("192.168.10.2", 10060)).miss("hosts.testserver02.firewall").finding(CHECK, PAIR)
    assert found.outcome is Outcome.FAIL


def test_unread_rules_do_not_matter_when_the_port_is_open() -> None:
    assert good().miss("hosts.testserver02.firewall").finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize("addresses", [(), ("fe80::2%7", "169.254.1.1"), ("2001:db8::5efe:192.168.10.2",)])
def test_a_target_that_listens_nowhere_is_a_blocker(addresses: tuple[str, ...]) -> None:
    found = listening(*addresses).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "listens for migrations on no address" in found.message.text


@pytest.mark.parametrize("ports", [(), (("10.0.0.2", 0),), (("192.168.10.2", 10061),)])
def test_addresses_that_were_not_tried_are_unknown_and_the_plan_can_name_them(ports: tuple[tuple[str, int], ...]) -> None:
    found = answers(listening("192.168.10.2", "192.168.11.2"), *ports).finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.NOT_COLLECTED)
    assert "migration_addresses of TestServer02 in the plan" in found.message.text


def test_a_partner_that_was_not_asked_about_is_unknown() -> None:
    found = good().set("hosts.testserver01.partners", ()).finding(CHECK, PAIR)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)


@pytest.mark.parametrize(
    "fact",
    [
        "testserver01.partners",
        "testserver01.addresses",
        "testserver02.migration",
        "testserver02.migration_networks",
        "testserver02.migration_listener",
        "testserver02.addresses",
    ],
)
def test_an_unread_fact_is_never_a_pass(fact: str) -> None:
    found = good().miss(f"hosts.{fact}").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


def test_it_is_not_judged_when_live_migration_is_off() -> None:
    result = answers(good(), ("192.168.10.2", 10061)).set("hosts.testserver02.migration.enabled", False).result()
    found = next(finding for finding in result.findings if finding.check == CHECK)
    assert found.because == ("migration.enabled@testserver02",)
