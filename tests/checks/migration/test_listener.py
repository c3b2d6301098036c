from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.migration import MigrationNetwork, MigrationPort, Socket
from checks.facts.network import Address, AddressState
from tests.world import TestWorld, good

CHECK, HOST = "migration.listener", "testserver02"
PATH = f"hosts.{HOST}"
VMMS = 2140


def listening(*addresses: str, process: int = VMMS, services: tuple[int, ...] = (VMMS,)) -> TestWorld:
    """The target has sockets at these addresses."""
    return good().set(f"{PATH}.migration_port", MigrationPort(tuple(Socket(each, process) for each in addresses), services))


def two_networks(world: TestWorld) -> TestWorld:
    """The target names a second network for migrations, and has an address there."""
    world = world.set(f"{PATH}.migration_networks", (MigrationNetwork("192.168.10.0/24", 0), MigrationNetwork("fd00:11::/64", 0)))
    used, tentative = AddressState.PREFERRED, AddressState.TENTATIVE
    return world.set(
        f"{PATH}.addresses",
        (
            Address("10.0.0.2", 24, 5, used, False),
            Address("192.168.10.2", 24, 7, used, False),
            Address("fd00:11::2", 64, 7, used, False),
            Address("fd00:11::3", 64, 7, tentative, False),
            Address("fe80::2%7", 64, 7, used, False),
        ),
    )


@pytest.mark.parametrize(
    ("sockets", "outcome", "severity"),
    [
        (("192.168.10.2", "fd00:11::2"), Outcome.PASS, Severity.BLOCKER),
        (("0.0.0.0", "::"), Outcome.PASS, Severity.BLOCKER),
        (("0.0.0.0",), Outcome.FAIL, Severity.RISK),
        (("192.168.10.2",), Outcome.FAIL, Severity.RISK),
        (("10.0.0.2", "127.0.0.1"), Outcome.FAIL, Severity.BLOCKER),
        ((), Outcome.FAIL, Severity.BLOCKER),
    ],
)
def test_it_has_to_listen_at_every_address_in_its_networks(sockets: tuple[str, ...], outcome: Outcome, severity: Severity) -> None:
    found = two_networks(listening(*sockets)).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (outcome, severity)


def test_what_is_lacking_is_named() -> None:
    some = two_networks(listening("192.168.10.2")).finding(CHECK, HOST)
    assert "does not listen on TCP 6600 at fd00:11::2, which its settings name" in some.message.text
    none = listening().finding(CHECK, HOST)
    assert "Nothing listens on TCP 6600 of TestServer02" in none.message.text
    assert none.remedy
    assert "Restart-Service -Name vmms" in none.remedy.commands[0]
    assert set(none.predicts) == {"listener_disabled", "0x8007274D", "0x80072741"}


def test_with_any_network_it_has_to_listen_everywhere() -> None:
    world = listening("192.168.10.2").set(f"{PATH}.migration.any_network", True)
    assert world.finding(CHECK, HOST).severity is Severity.ADVICE


def test_a_port_that_another_process_holds_is_not_the_services() -> None:
    found = listening("0.0.0.0", process=4711).finding(CHECK, HOST)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "another process than the migration service holds TCP 6600: 4711" in found.message.text
    assert found.remedy
    assert found.remedy.commands == ()
    assert listening("0.0.0.0", services=()).finding(CHECK, HOST).outcome is Outcome.UNKNOWN, "whose it is, is not known"


def test_a_host_to_which_no_vm_comes_is_skipped() -> None:
    assert listening().finding(CHECK, "testserver01").outcome is Outcome.SKIP
    assert listening().move(storage_only=True, destination_path="\\\\testserver02\\vms").finding(CHECK, HOST).outcome is Outcome.SKIP


def test_networks_in_which_the_host_has_no_address_are_told_by_another_check() -> None:
    world = listening("192.168.10.2").set(f"{PATH}.migration_networks", (MigrationNetwork("172.16.0.0/24", 0),))
    assert world.finding(CHECK, HOST).outcome is Outcome.SKIP


@pytest.mark.parametrize("fact", ["migration_port", "migration", "migration_networks", "addresses"])
def test_missing_facts_are_unknown(fact: str) -> None:
    found = good().miss(f"{PATH}.{fact}").finding(CHECK, HOST)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)


def test_an_older_snapshot_does_not_know() -> None:
    assert good().unheard_of(f"{PATH}.migration_port").finding(CHECK, HOST).outcome is Outcome.UNKNOWN
