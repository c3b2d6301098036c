from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import MigrationNetwork
from checks.facts.network import Adapter, Address, AddressState, Route
from tests.world import TestWorld, good

CHECK, HOST = "network.isolated", "testserver01"
MIGRATION = Route("192.168.10.0/24", "0.0.0.0", 7, 256)


def named(*subnets: str) -> TestWorld:
    return good().set(f"hosts.{HOST}.migration_networks", tuple(MigrationNetwork(subnet, 0) for subnet in subnets))


@pytest.mark.parametrize(
    "subnet", ["192.168.10.0/24", "192.168.10.1", "192.168.10.1/32", "192.168.10.77/255.255.255.0", " 192.168.10.0/24 "]
)
def test_a_network_of_its_own_passes_however_it_is_written(subnet: str) -> None:
    assert named(subnet).finding(CHECK, HOST).outcome is Outcome.PASS


def test_a_network_of_ipv6_passes_too() -> None:
    world = named("2001:db8:10::/64").set(f"hosts.{HOST}.routes", (Route("2001:db8:10::/64", "::", 7, 256),))
    addresses = (Address("10.0.0.1", 24, 5), Address("2001:db8:10::1", 64, 7), Address("fe80::1%7", 64, 7))
    assert world.set(f"hosts.{HOST}.addresses", addresses).finding(CHECK, HOST).outcome is Outcome.PASS


def test_any_network_is_a_risk() -> None:
    found = good().set(f"hosts.{HOST}.migration.any_network", True).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "any network" in found.message.text
    assert found.remedy
    assert "Set-VMHost -ComputerName 'TestServer01' -UseAnyNetworkForMigration $false" in found.remedy.commands
    assert "Set-VMHost -ComputerName 'TestServer01' -UseAnyNetworkForMigration $true" in found.remedy.undo


def test_no_named_network_at_all_is_a_blocker() -> None:
    found = named().finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "none is named" in found.message.text


@pytest.mark.parametrize(
    ("subnet", "words"),
    [("192.168.10.99", "does not have it"), ("192.168.10.99/32", "does not have it"), ("172.16.0.0/16", "no address in it")],
)
def test_a_network_in_which_the_host_has_no_address_is_a_blocker(subnet: str, words: str) -> None:
    found = named(subnet).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert words in found.message.text
    assert "0x80072741" in found.predicts
    assert found.remedy
    assert f"Remove-VMMigrationNetwork -ComputerName 'TestServer01' -Subnet '{subnet}'" in found.remedy.commands
    assert f"Add-VMMigrationNetwork -ComputerName 'TestServer01' -Subnet '{subnet}' -Priority 0" in found.remedy.undo


def test_beside_a_network_that_works_a_dead_one_is_a_risk() -> None:
    found = named("192.168.10.0/24", "172.16.0.0/16").finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "172.16.0.0/16" in found.message.text


@pytest.mark.parametrize("routes", [(), (Route("192.168.10.0/24", "0.0.0.0", 5, 256),), (Route("192.168.10.0/24", "10.0.0.9", 7, 1),)])
def test_a_network_whose_adapter_is_unplugged_is_a_blocker_although_the_address_is_listed(routes: tuple[Route, ...]) -> None:
    found = good().set(f"hosts.{HOST}.routes", (Route("0.0.0.0/0", "10.0.0.254", 5, 256), *routes)).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no route leads from its addresses there (192.168.10.1/24)" in found.message.text
    assert found.remedy
    assert not found.remedy.commands


def test_beside_a_network_that_works_an_unplugged_one_is_a_risk() -> None:
    world = named("192.168.10.0/24", "192.168.20.0/24")
    addresses = (Address("10.0.0.1", 24, 5), Address("192.168.10.1", 24, 7), Address("192.168.20.1", 24, 8))
    found = world.set(f"hosts.{HOST}.addresses", addresses).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "names 192.168.20.0/24 for migrations, but no route" in found.message.text


def test_a_cable_with_link_local_addresses_is_a_network_of_its_own() -> None:
    world = named("169.254.0.0/16").set(f"hosts.{HOST}.addresses", (Address("10.0.0.1", 24, 5), Address("169.254.1.1", 16, 7)))
    world = world.set(f"hosts.{HOST}.routes", (Route("169.254.0.0/16", "0.0.0.0", 7, 256),))
    assert world.finding(CHECK, HOST).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (None, Outcome.PASS),
        (AddressState.PREFERRED, Outcome.PASS),
        (AddressState.DEPRECATED, Outcome.FAIL),
        (AddressState.DUPLICATE, Outcome.FAIL),
        (AddressState.TENTATIVE, Outcome.UNKNOWN),
    ],
)
def test_the_host_has_an_address_in_use_in_its_network(state: AddressState | None, outcome: Outcome) -> None:
    addresses = (Address("10.0.0.1", 24, 5), Address("192.168.10.1", 24, 7, state, False))
    assert good().set(f"hosts.{HOST}.addresses", addresses).finding(CHECK, HOST).outcome is outcome


def test_what_is_no_network_is_named_and_nothing_crashes() -> None:
    found = named("192.168.10.0/24", "migration; rm -rf").finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "names migration; rm -rf for migrations, which is neither" in found.message.text


def test_a_network_with_the_default_route_is_a_risk() -> None:
    found = good().set(f"hosts.{HOST}.routes", (MIGRATION, Route("0.0.0.0/0", "192.168.10.254", 7, 10))).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "default route over 192.168.10.254" in found.message.text


def test_a_network_on_the_vms_switch_is_a_risk() -> None:
    world = named("10.0.0.0/24").set(f"hosts.{HOST}.routes", (Route("10.0.0.0/24", "0.0.0.0", 5, 256),))
    found = world.finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "external switch LAN" in found.message.text


def test_the_switch_is_seen_behind_a_physical_adapter_with_the_same_mac() -> None:
    world = named("10.0.0.0/24").set(f"hosts.{HOST}.routes", (Route("10.0.0.0/24", "0.0.0.0", 5, 256),))
    adapters = (Adapter("vEthernet (LAN)", 5, "00155D0A0001", True), Adapter("Ethernet", 3, "00155D0A0001", False))
    assert "external switch LAN" in world.set(f"hosts.{HOST}.adapters", adapters).finding(CHECK, HOST).message.text


def test_the_only_network_of_a_host_is_a_risk() -> None:
    world = good().set(f"hosts.{HOST}.addresses", (Address("192.168.10.1", 24, 7), Address("fe80::1", 64, 5)))
    found = world.finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "only network" in found.message.text


@pytest.mark.parametrize("fact", ["migration", "migration_networks", "addresses", "routes", "adapters", "switches"])
def test_an_unread_fact_is_never_a_pass(fact: str) -> None:
    found = good().miss(f"hosts.{HOST}.{fact}").finding(CHECK, HOST)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)
