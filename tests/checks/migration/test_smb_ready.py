from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import MigrationNetwork, PerformanceOption
from checks.facts.network import Address, AddressState, SmbInterface, SmbMultichannel
from checks.result import Verdict
from tests.world import TestWorld, good

CHECK, PAIR = "migration.smb_ready", "testserver01>testserver02"
SOURCE, TARGET = "hosts.testserver01", "hosts.testserver02"
LAN, STORAGE = 5, 7
"""The interfaces of a host: only the second one is in a migration network."""
SMB, COMPRESSION = PerformanceOption.SMB, PerformanceOption.COMPRESSION


def interfaces(*rdma: int, used: tuple[int, ...] = (LAN, STORAGE)) -> tuple[SmbInterface, ...]:
    return tuple(SmbInterface(index, index in rdma) for index in used)


def world(here: tuple[SmbInterface, ...] = interfaces(), there: tuple[SmbInterface, ...] = interfaces()) -> TestWorld:
    """Both hosts copy memory over SMB, which uses these interfaces."""
    changed = good().set(f"{SOURCE}.smb_interfaces", here).set(f"{TARGET}.smb_interfaces", there)
    return changed.set(f"{SOURCE}.migration.performance_option", SMB).set(f"{TARGET}.migration.performance_option", SMB)


def test_with_rdma_on_both_or_on_neither_it_passes_and_says_which() -> None:
    both = world(interfaces(STORAGE), interfaces(STORAGE)).finding(CHECK, PAIR)
    assert both.outcome is Outcome.PASS
    assert "by SMB Direct" in both.message.text
    neither = world().finding(CHECK, PAIR)
    assert neither.outcome is Outcome.PASS
    assert "over SMB and TCP" in neither.message.text


@pytest.mark.parametrize(
    ("here", "there", "holder", "other"),
    [
        (interfaces(STORAGE), interfaces(), "TestServer01", "TestServer02"),
        (interfaces(), interfaces(STORAGE), "TestServer02", "TestServer01"),
        (interfaces(STORAGE), interfaces(LAN), "TestServer01", "TestServer02"),
    ],
)
def test_rdma_on_one_host_alone_is_a_risk(here: tuple[SmbInterface, ...], there: tuple[SmbInterface, ...], holder: str, other: str) -> None:
    found = world(here, there).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text.startswith(f"{holder} has RDMA in the migration networks (192.168.10.")
    assert f"and {other} has not" in found.message.text
    assert found.remedy
    assert "Enable-NetAdapterRdma" in found.remedy.text


def test_rdma_in_different_networks_is_no_smb_direct() -> None:
    networks = (MigrationNetwork("192.168.10.0/24", 0), MigrationNetwork("10.0.0.0/24", 0))
    found = world(interfaces(STORAGE), interfaces(LAN)).set(f"{TARGET}.migration_networks", networks).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "TestServer01 has RDMA at 192.168.10.1 and TestServer02 at 10.0.0.2, in no network that both have" in found.message.text


def test_with_any_network_every_network_of_the_target_counts() -> None:
    anywhere = world(interfaces(LAN), interfaces(LAN)).set(f"{TARGET}.migration.any_network", True)
    assert "by SMB Direct" in anywhere.finding(CHECK, PAIR).message.text
    assert "over SMB and TCP" in world(interfaces(LAN), interfaces(LAN)).finding(CHECK, PAIR).message.text


def test_where_a_route_leads_to_the_target_all_interfaces_of_the_source_count() -> None:
    far = (Address("172.16.0.2", 24, STORAGE, AddressState.PREFERRED, False),)
    routed = world(interfaces(LAN), interfaces(STORAGE)).set(f"{TARGET}.addresses", far)
    routed = routed.set(f"{TARGET}.migration_networks", (MigrationNetwork("172.16.0.0/24", 0),))
    assert "by SMB Direct" in routed.finding(CHECK, PAIR).message.text


def test_multichannel_that_is_off_is_a_risk_with_rdma_and_else_advice() -> None:
    off = {f"{SOURCE}.smb_multichannel": SmbMultichannel(False, True), f"{TARGET}.smb_multichannel": SmbMultichannel(True, False)}
    for path, its in off.items():
        for rdma, severity in (((STORAGE,), Severity.RISK), ((), Severity.ADVICE)):
            found = world(interfaces(*rdma), interfaces(*rdma)).set(path, its).finding(CHECK, PAIR)
            assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
            assert found.remedy
            ((change,), (undo,)) = found.remedy.commands, found.remedy.undo
            assert change.startswith("Set-SmbClient" if path.startswith(SOURCE) else "Set-SmbServer")
            assert "$true" in change
            assert "$false" in undo
    other_way = world().set(f"{SOURCE}.smb_multichannel", SmbMultichannel(True, False))
    assert other_way.set(f"{TARGET}.smb_multichannel", SmbMultichannel(False, True)).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_interfaces_that_smb_does_not_use_are_a_risk() -> None:
    found = world(interfaces(used=(LAN,))).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "uses none of the interfaces from which it reaches the migration networks (192.168.10.1)" in found.message.text


def test_addresses_that_cannot_be_used_yet_do_not_count() -> None:
    tentative = world(interfaces(STORAGE), interfaces(STORAGE)).set(f"{SOURCE}.addresses.1.state", AddressState.TENTATIVE)
    found = tentative.finding(CHECK, PAIR)
    assert found.outcome is Outcome.FAIL
    assert "TestServer02 has RDMA" in found.message.text


def test_what_does_not_concern_it_is_skipped() -> None:
    apart = world(interfaces(STORAGE))
    one = apart.set(f"{SOURCE}.migration.performance_option", COMPRESSION)
    assert one.finding(CHECK, PAIR).outcome is Outcome.FAIL, "one host alone with the option is judged"
    assert one.set(f"{TARGET}.migration.performance_option", COMPRESSION).finding(CHECK, PAIR).outcome is Outcome.SKIP
    assert apart.move(storage_only=True, destination_path="\\\\testserver02\\vms").finding(CHECK, PAIR).outcome is Outcome.SKIP
    nowhere = apart.set(f"{TARGET}.migration_networks", (MigrationNetwork("172.16.0.0/24", 0),))
    assert nowhere.finding(CHECK, PAIR).outcome is Outcome.SKIP, "network.isolated says it"
    assert apart.set(f"{SOURCE}.addresses", ()).finding(CHECK, PAIR).outcome is Outcome.SKIP, "network.common_subnet says it"


@pytest.mark.parametrize("fact", ["migration", "addresses", "smb_interfaces", "smb_multichannel"])
def test_what_was_not_read_is_unknown(fact: str) -> None:
    for path in (SOURCE, TARGET):
        assert world().miss(f"{path}.{fact}").finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
        assert world().miss(f"{path}.{fact}").result().verdict is not Verdict.GO
        assert world().unheard_of(f"{path}.{fact}").finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert world().miss(f"{TARGET}.migration_networks").finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
