from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import MigrationListener, MigrationNetwork
from checks.facts.network import Address, AddressFamily, AddressState, IpInterface, Route
from tests.world import TestWorld, good

CHECK, PAIR = "network.common_subnet", "testserver01>testserver02"
DEFAULT = Route("0.0.0.0/0", "10.0.0.254", 5, 256)
LOCAL = Route("10.0.0.0/24", "0.0.0.0", 5, 256)


def apart(*routes: Route) -> TestWorld:
    """The migration network of the target is one in which the source has no address; the source has these routes."""
    world = good().set("hosts.testserver02.migration_networks", (MigrationNetwork("172.16.5.0/24", 0),))
    world = world.set("hosts.testserver02.migration_listener", MigrationListener(("172.16.5.2",), 0, 0))
    world = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address("172.16.5.2", 24, 7)))
    return world.set("hosts.testserver01.routes", (LOCAL, *routes)).set("hosts.testserver01.migration.any_network", True)


def test_an_address_in_the_same_network_passes() -> None:
    found = good().finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert found.message.text == "TestServer01 (192.168.10.1/24) is in the same network as TestServer02 (192.168.10.2)"


def test_a_route_of_its_own_passes() -> None:
    found = apart(DEFAULT, Route("172.16.0.0/16", "10.0.0.253", 5, 1)).finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert "over 10.0.0.253" in found.message.text


def test_an_address_that_the_source_would_not_use_for_migrations_is_a_risk() -> None:
    world = apart(DEFAULT, Route("172.16.0.0/16", "10.0.0.253", 5, 1)).set("hosts.testserver01.migration.any_network", False)
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "from 10.0.0.1/24, which is in none of the networks that TestServer01 itself names" in found.message.text


def test_without_its_route_a_listed_address_is_no_way() -> None:
    found = good().set("hosts.testserver01.routes", (LOCAL,)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_with_its_route_gone_traffic_leaves_over_the_default_gateway() -> None:
    found = good().set("hosts.testserver01.routes", (DEFAULT, LOCAL)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "only over its default gateway 10.0.0.254" in found.message.text


def test_the_longest_prefix_is_the_way_also_where_an_address_is_in_the_same_network() -> None:
    world = good().set("hosts.testserver01.migration.any_network", True)
    routes = (LOCAL, Route("192.168.10.0/24", "0.0.0.0", 7, 256), Route("192.168.10.2/32", "10.0.0.253", 5, 900))
    assert "over 10.0.0.253" in world.set("hosts.testserver01.routes", routes).finding(CHECK, PAIR).message.text


def on_two_interfaces(seven: tuple[int, int], eight: tuple[int, int]) -> TestWorld:
    """The source has an address in the target's network on two interfaces, whose routes and they themselves have these metrics. Only that
    on interface 7 is in a network that the source names itself."""
    world = good().set("hosts.testserver01.addresses", (preferred("192.168.10.1", 7), preferred("192.168.10.200", 8)))
    world = world.set("hosts.testserver01.migration_networks", (MigrationNetwork("192.168.10.1", 0),))
    routes = tuple(Route("192.168.10.0/24", "0.0.0.0", index, route) for index, (route, _) in ((7, seven), (8, eight)))
    interfaces = tuple(IpInterface(index, AddressFamily.IPV4, own) for index, (_, own) in ((7, seven), (8, eight)))
    return world.set("hosts.testserver01.routes", routes).set("hosts.testserver01.ip_interfaces", interfaces)


def preferred(address: str, interface: int) -> Address:
    return Address(address, 24, interface, AddressState.PREFERRED, skip_as_source=False)


@pytest.mark.parametrize(
    ("seven", "eight", "outcome", "words"),
    [
        ((10, 5), (1, 50), Outcome.PASS, "TestServer01 (192.168.10.1/24)"),
        ((10, 50), (1, 5), Outcome.FAIL, "from 192.168.10.200/24, which is in none"),
        ((256, 15), (256, 15), Outcome.FAIL, "several routes to 192.168.10.2"),
        ((250, 20), (260, 10), Outcome.FAIL, "several routes to 192.168.10.2"),
    ],
)
def test_of_two_routes_that_fit_as_well_the_sum_of_the_metrics_decides_and_equal_ones_are_a_risk(
    seven: tuple[int, int], eight: tuple[int, int], outcome: Outcome, words: str
) -> None:
    found = on_two_interfaces(seven, eight).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, Severity.BLOCKER if outcome is Outcome.PASS else Severity.RISK)
    assert words in found.message.text


def test_prefix_lengths_that_differ_are_a_risk() -> None:
    world = (
        good().set("hosts.testserver01.addresses", (Address("192.168.99.1", 16, 7),)).set("hosts.testserver01.migration.any_network", True)
    )
    world = world.set("hosts.testserver01.routes", (Route("192.168.0.0/16", "0.0.0.0", 7, 256),))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "(192.168.99.1/16) takes 192.168.10.2 of TestServer02 for one of its own network" in found.message.text


def test_a_gateway_is_no_way_to_a_link_local_address() -> None:
    world = good().set("hosts.testserver02.migration_networks", (MigrationNetwork("169.254.0.0/16", 0),))
    world = world.set("hosts.testserver02.migration_listener.addresses", ("169.254.1.2",))
    for number in (1, 2):
        addresses = (Address(f"10.0.0.{number}", 24, 5), Address(f"169.254.1.{number}", 16, 7))
        world = world.set(f"hosts.testserver0{number}.addresses", addresses)
    assert world.set("hosts.testserver01.routes", (DEFAULT, LOCAL)).finding(CHECK, PAIR).severity is Severity.BLOCKER


def test_a_route_that_is_listed_twice_is_one() -> None:
    world = good().set("hosts.testserver01.routes", (Route("192.168.10.0/24", "0.0.0.0", 7, 256),) * 2)
    assert world.finding(CHECK, PAIR).outcome is Outcome.PASS


def test_metrics_that_were_not_read_are_unknown_only_where_they_decide() -> None:
    metrics = "hosts.testserver01.ip_interfaces"
    world = on_two_interfaces((10, 5), (1, 50))
    assert world.miss(metrics).finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert world.unheard_of(metrics).finding(CHECK, PAIR).reason is Reason.NOT_COLLECTED
    assert world.set(metrics, (IpInterface(7, AddressFamily.IPV4, 5), IpInterface(8, AddressFamily.IPV6, 5))).finding(
        CHECK, PAIR
    ).outcome is (Outcome.UNKNOWN)
    assert good().miss(metrics).finding(CHECK, PAIR).outcome is Outcome.PASS
    gateways = (DEFAULT, Route("0.0.0.0/0", "192.168.10.254", 7, 1))
    assert apart(*gateways).miss(metrics).finding(CHECK, PAIR).severity is Severity.RISK


@pytest.mark.parametrize(
    ("state", "skip", "outcome"),
    [
        (None, None, Outcome.PASS),
        (AddressState.PREFERRED, None, Outcome.PASS),
        (AddressState.PREFERRED, False, Outcome.PASS),
        (AddressState.PREFERRED, True, Outcome.FAIL),
        (AddressState.DEPRECATED, False, Outcome.FAIL),
        (AddressState.DUPLICATE, False, Outcome.FAIL),
        (AddressState.INVALID, False, Outcome.FAIL),
        (AddressState.TENTATIVE, False, Outcome.UNKNOWN),
    ],
)
def test_a_connection_starts_from_an_address_that_is_in_use_for_it(state: AddressState | None, skip: bool | None, outcome: Outcome) -> None:
    own = Address("192.168.10.1", 24, 7, state, skip)
    found = good().set("hosts.testserver01.addresses", (preferred("10.0.0.1", 5), own)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, Severity.BLOCKER)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (None, Outcome.PASS),
        (AddressState.PREFERRED, Outcome.PASS),
        (AddressState.DEPRECATED, Outcome.FAIL),
        (AddressState.DUPLICATE, Outcome.FAIL),
        (AddressState.INVALID, Outcome.FAIL),
        (AddressState.TENTATIVE, Outcome.UNKNOWN),
    ],
)
def test_the_target_takes_migrations_at_an_address_in_use(state: AddressState | None, outcome: Outcome) -> None:
    its = Address("192.168.10.2", 24, 7, state, skip_as_source=True)
    found = good().set("hosts.testserver02.addresses", (preferred("10.0.0.2", 5), its)).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (outcome, Severity.BLOCKER)


@pytest.mark.parametrize(("first", "severity"), [(0, Severity.RISK), (8, Severity.BLOCKER), (4, Severity.RISK)])
def test_the_way_to_the_network_that_is_tried_first_decides(first: int, severity: Severity) -> None:
    """One network of the target is behind the default gateway of the source, the other one connected."""
    networks = (MigrationNetwork("172.16.5.0/24", first), MigrationNetwork("192.168.10.0/24", 4))
    world = good().set("hosts.testserver02.migration_networks", networks)
    world = world.set("hosts.testserver02.migration_listener.addresses", ("172.16.5.2", "192.168.10.2"))
    world = world.set("hosts.testserver02.addresses", (Address("192.168.10.2", 24, 7), Address("172.16.5.2", 24, 8)))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome is Outcome.PASS) is (first == 8)
    assert found.severity is severity


@pytest.mark.parametrize("subnet", ["169.254.0.0/16", "fe80::/64"])
@pytest.mark.parametrize(("mine", "severity"), [(True, Severity.RISK), (False, Severity.BLOCKER)])
def test_a_cable_with_link_local_addresses_is_a_risk_at_best(subnet: str, mine: bool, severity: Severity) -> None:
    source, target = ("169.254.1.1", "169.254.1.2") if "." in subnet else ("fe80::a%5", "fe80::b%5")
    world = good().set("hosts.testserver02.migration_networks", (MigrationNetwork(subnet, 0),))
    world = world.set("hosts.testserver02.migration_listener.addresses", (target,))
    world = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address(target, 64 if ":" in target else 16, 7)))
    has = (Address("10.0.0.1", 24, 5), *((Address(source, 64 if ":" in source else 16, 7),) if mine else ()))
    world = world.set("hosts.testserver01.addresses", has)
    world = world.set("hosts.testserver01.routes", (LOCAL, Route(subnet, "::" if ":" in subnet else "0.0.0.0", 7, 256)))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)


def test_only_the_default_gateway_is_a_risk() -> None:
    found = apart(DEFAULT).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "only over its default gateway 10.0.0.254" in found.message.text


def test_no_way_at_all_is_a_blocker() -> None:
    found = apart().finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no way to the migration addresses of TestServer02 (172.16.5.2)" in found.message.text
    assert found.predicts == ("0x8007274C",)
    assert found.remedy


def test_any_network_means_every_address_that_another_host_can_use() -> None:
    world = apart().set("hosts.testserver02.migration.any_network", True)
    world = world.set("hosts.testserver02.migration_listener.addresses", ("172.16.5.2", "10.0.0.2"))
    assert "10.0.0.2" in world.finding(CHECK, PAIR).message.text


def test_an_address_that_the_source_has_too_is_no_way_to_the_target() -> None:
    world = good().set("hosts.testserver01.addresses", (Address("10.0.0.1", 24, 5), Address("192.168.10.2", 24, 9)))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "192.168.10.2, which TestServer01 has itself" in found.message.text


@pytest.mark.parametrize("subnet", ["192.168.10.0/24", "192.168.20.0/24"])
def test_where_the_target_listens_and_what_it_has_and_names_must_agree(subnet: str) -> None:
    world = good().set("hosts.testserver02.migration_networks", (MigrationNetwork(subnet, 0),))
    has = "192.168.10.3" if subnet == "192.168.10.0/24" else "192.168.10.2"
    found = world.set("hosts.testserver02.addresses", (Address("10.0.0.2", 24, 5), Address(has, 24, 7))).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "listens for migrations on 192.168.10.2 only, which is no usable address of it in a network" in found.message.text


def test_a_target_that_does_not_listen_yet_is_judged_by_what_it_has_in_its_networks() -> None:
    assert good().set("hosts.testserver02.migration_listener.addresses", ()).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_link_local_and_isatap_addresses_are_no_way() -> None:
    world = good().set("hosts.testserver02.migration.any_network", True)
    useless = (Address("fe80::2%5", 64, 5), Address("169.254.7.7", 16, 5), Address("2001:db8::200:5efe:10.0.0.2", 64, 9))
    world = world.set("hosts.testserver02.addresses", useless)
    world = world.set("hosts.testserver02.migration_listener", MigrationListener(("fe80::2%5", "::1"), 0, 0))
    found = world.finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "on no address that another host can reach" in found.message.text


def test_a_source_without_an_address_of_that_family_has_no_way() -> None:
    world = good().set("hosts.testserver02.migration_networks", (MigrationNetwork("2001:db8:10::/64", 0),))
    world = world.set("hosts.testserver02.addresses", (Address("2001:db8:10::2", 64, 7),))
    world = world.set("hosts.testserver02.migration_listener", MigrationListener(("2001:db8:10::2",), 0, 0))
    world = world.set("hosts.testserver01.routes", (Route("::/0", "fe80::1", 5, 1),))
    assert world.finding(CHECK, PAIR).severity is Severity.BLOCKER


@pytest.mark.parametrize(
    "fact",
    [
        "testserver01.addresses",
        "testserver01.routes",
        "testserver01.migration",
        "testserver02.addresses",
        "testserver02.migration_listener",
    ],
)
def test_an_unread_fact_is_never_a_pass(fact: str) -> None:
    found = good().miss(f"hosts.{fact}").finding(CHECK, PAIR)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)
