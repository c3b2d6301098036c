from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.network import Address, AddressState, NameAnswer, PartnerAnswer
from tests.world import TestWorld, good

CHECK, PAIR = "network.name_resolution", "testserver01>testserver02"
SHORT, FULL = "testserver02", "testserver02.contoso.test"


def resolves(short: tuple[str, ...], full: tuple[str, ...], code: int = 0) -> TestWorld:
    """What the source resolves for the target's two names; `code` goes with the full one."""
    return names(NameAnswer(SHORT, short, 0), NameAnswer(FULL, full, code))


def names(*answers: NameAnswer) -> TestWorld:
    return good().set("hosts.testserver01.partners", (PartnerAnswer("testserver02", answers, ()),))


def test_hosts_that_resolve_each_other_pass() -> None:
    assert good().finding(CHECK, PAIR).outcome is Outcome.PASS
    assert resolves(("192.168.10.2", "10.0.0.2"), ("10.0.0.2", "192.168.10.2")).finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("code", "meaning"), [(11001, "host not found (11001)"), (11004, "no address (11004)"), (11002, "(11002)"), (10060, "(10060)")]
)
def test_a_name_that_does_not_resolve_is_a_blocker(code: int, meaning: str) -> None:
    found = resolves(("10.0.0.2",), (), code).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.message.text.startswith(f"TestServer01 does not resolve {FULL}: ")
    assert meaning in found.message.text
    assert found.predicts == ("0x80072AF9",)
    assert found.remedy


def test_the_target_has_to_resolve_the_source_too() -> None:
    answer = PartnerAnswer("testserver01", (NameAnswer("testserver01", (), 11001), NameAnswer("testserver01.contoso.test", (), 11001)), ())
    found = good().set("hosts.testserver02.partners", (answer,)).finding(CHECK, PAIR)
    assert found.severity is Severity.BLOCKER
    assert found.message.text.startswith("TestServer02 does not resolve testserver01: ")


def test_an_address_that_the_other_host_does_not_have_is_a_blocker() -> None:
    found = resolves(("10.0.0.99",), ("10.0.0.99",)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "to 10.0.0.99, which TestServer02 does not have" in found.message.text
    assert found.predicts == ("0x80090322",)


def test_a_foreign_address_beside_a_right_one_is_a_risk() -> None:
    found = resolves(("10.0.0.2",), ("10.0.0.2", "10.0.0.99")).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"resolves {FULL} also to 10.0.0.99" in found.message.text


def test_two_names_with_different_addresses_are_a_risk() -> None:
    found = resolves(("10.0.0.2",), ("192.168.10.2",)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"{SHORT} is 10.0.0.2, {FULL} is 192.168.10.2" in found.message.text


def test_the_worst_of_several_problems_is_told() -> None:
    found = resolves(("10.0.0.2", "10.0.0.99"), (), 11001).finding(CHECK, PAIR)
    assert found.severity is Severity.BLOCKER


def test_zones_of_addresses_do_not_make_them_different() -> None:
    world = resolves(("10.0.0.2", "fe80::2%12"), ("10.0.0.2", "fe80::2%7"))
    world = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address("fe80::2%5", 64, 5)))
    assert world.finding(CHECK, PAIR).outcome is Outcome.PASS


def test_a_foreign_address_counts_once_however_often_it_is_answered() -> None:
    found = resolves(("10.0.0.2",), ("10.0.0.2", "10.0.0.99", "10.0.0.99")).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert f"resolves {FULL} also to 10.0.0.99, which" in found.message.text


def on_both(world: TestWorld, *addresses: Address) -> TestWorld:
    """Both hosts have these addresses too."""
    for number in (1, 2):
        world = world.set(f"hosts.testserver0{number}.addresses", (Address(f"10.0.0.{number}", 24, 5), *addresses))
    return world


@pytest.mark.parametrize("own", ["172.16.0.1", "127.0.0.1", "::1", "fd00::1"])
def test_an_address_that_the_asking_host_has_too_proves_nothing(own: str) -> None:
    shared = (Address("172.16.0.1", 24, 9), Address("fd00::1", 64, 9), Address("127.0.0.1", 8, 1), Address("::1", 128, 1))
    found = on_both(resolves((own,), (own,)), *shared).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "which TestServer01 has itself" in found.message.text


def test_loopback_is_the_asking_host_even_where_no_host_lists_it() -> None:
    assert resolves(("127.0.0.1",), ("127.0.0.1",)).finding(CHECK, PAIR).severity is Severity.BLOCKER


def test_an_own_address_beside_a_right_one_is_a_risk_because_it_may_be_the_one_that_is_taken() -> None:
    both = ("10.0.0.2", "172.16.0.1")
    found = on_both(resolves(both, both), Address("172.16.0.1", 24, 9)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "also to 172.16.0.1, which TestServer01 has itself" in found.message.text


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (AddressState.DEPRECATED, Outcome.FAIL),
        (AddressState.DUPLICATE, Outcome.FAIL),
        (AddressState.INVALID, Outcome.FAIL),
        (AddressState.TENTATIVE, Outcome.UNKNOWN),
    ],
)
def test_an_address_that_the_other_host_has_not_in_use_is_not_enough(state: AddressState, outcome: Outcome) -> None:
    world = resolves(("10.0.0.2",), ("10.0.0.2",)).set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5, state, False),))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, Severity.BLOCKER)


def test_beside_one_in_use_an_address_that_is_not_does_not_matter() -> None:
    both = ("10.0.0.2", "10.0.0.3")
    addresses = (Address("10.0.0.2", 24, 5, AddressState.PREFERRED, False), Address("10.0.0.3", 24, 5, AddressState.DEPRECATED, False))
    assert resolves(both, both).set("hosts.testserver02.addresses", addresses).finding(CHECK, PAIR).outcome is Outcome.PASS


@pytest.mark.parametrize(("source", "severity"), [((), Severity.BLOCKER), ((Address("169.254.7.1", 16, 5),), Severity.RISK)])
def test_a_link_local_address_alone_is_never_enough(source: tuple[Address, ...], severity: Severity) -> None:
    world = resolves(("169.254.7.2",), ("169.254.7.2",))
    world = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address("169.254.7.2", 16, 5)))
    found = world.set("hosts.testserver01.addresses", (Address("10.0.0.1", 24, 5), *source)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)


@pytest.mark.parametrize("tunnel", ["2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::5efe:10.0.0.2"])
def test_the_end_of_a_tunnel_is_no_address_for_another_host(tunnel: str) -> None:
    world = resolves((tunnel,), (tunnel,)).set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address(tunnel, 64, 9)))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "at which another host cannot reach TestServer02" in found.message.text


@pytest.mark.parametrize("answer", [NameAnswer(SHORT, ("10.0.0.2",), 0), NameAnswer(FULL, ("10.0.0.2",), 0)])
def test_a_name_that_was_not_asked_for_is_unknown(answer: NameAnswer) -> None:
    found = names(answer).finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.NOT_COLLECTED)


def test_an_address_in_the_plan_is_no_name() -> None:
    found = names(NameAnswer("10.0.0.2", ("10.0.0.2",), 0), NameAnswer(SHORT, ("10.0.0.2",), 0)).finding(CHECK, PAIR)
    assert found.outcome is Outcome.UNKNOWN
    assert "full name" in found.message.text


@pytest.mark.parametrize("fact", ["testserver01.partners", "testserver02.partners", "testserver01.addresses", "testserver02.addresses"])
def test_an_unread_fact_is_never_a_pass(fact: str) -> None:
    found = good().miss(f"hosts.{fact}").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


def test_a_full_name_that_was_only_guessed_in_the_wrong_domain_is_unknown_rather_than_a_blocker() -> None:
    found = names(NameAnswer(SHORT, ("10.0.0.2",), 0), NameAnswer("testserver02.fabrikam.test", (), 11001)).finding(CHECK, PAIR)
    assert found.outcome is Outcome.UNKNOWN
    assert "testserver02.contoso.test, the full name of TestServer02; give [hosts.TestServer02] fqdn" in found.message.text
