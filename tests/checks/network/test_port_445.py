from __future__ import annotations

from dataclasses import dataclass

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import Disk
from checks.facts.migration import PerformanceOption
from checks.facts.network import FirewallRule, NameAnswer, PartnerAnswer, PortAnswer
from checks.remedy import Role
from tests.checks.delegation.situations import MOVE, on_share
from tests.world import TestWorld, good

CHECK = "network.port_445"
ONE, TWO = "hosts.testserver01", "hosts.testserver02"
LOCAL, SHARE = "D:\\VMs\\LMTest", "\\\\fs01\\vms"
OPEN, DROPPED, REFUSED = 0, 10060, 10061
RULE = "v2.26|Action={}|Active={}|Dir=In|Protocol=6|LPort=445|App=System|"


def answer(partner: str, address: str, code: int, *, found: bool = True) -> PartnerAnswer:
    """What a host says of another one under a name: its address, and what came of TCP 445 there."""
    ports = (PortAnswer(address, 445, code == 0, code),) if found else ()
    return PartnerAnswer(partner, (NameAnswer(partner, (address,) if found else (), 0 if found else 11001),), ports)


@dataclass(frozen=True)
class Codes:
    """What each attempt came to: of the source at the target, of the target at the source, of both at the file server."""

    there: int = OPEN
    back: int = OPEN
    source_fs: int = OPEN
    target_fs: int = OPEN


def world(codes: Codes = Codes(), files: str = LOCAL, **move: object) -> TestWorld:
    """The VM lies at `files` and moves alone, unless said otherwise."""
    lies = on_share(good(), configuration_path=files, checkpoint_path=files, paging_path=files, disks=(Disk(files, False, False),))
    lies = lies.set(f"{ONE}.partners", (answer("testserver02", "10.0.0.2", codes.there), answer("fs01", "10.0.0.9", codes.source_fs)))
    lies = lies.set(f"{TWO}.partners", (answer("testserver01", "10.0.0.1", codes.back), answer("fs01", "10.0.0.9", codes.target_fs)))
    return lies.move(**move)


KINDS: dict[str, tuple[str, dict[str, object], frozenset[str]]] = {
    "C1": (LOCAL, {"include_storage": True, "destination_path": "D:\\VMs"}, frozenset({"there"})),
    "C2": (SHARE, {"include_storage": True, "destination_path": None}, frozenset({"there"})),
    "C3": (LOCAL, {"include_storage": True, "destination_path": SHARE}, frozenset({"there", "source_fs", "target_fs"})),
    "C4": (LOCAL, {"include_storage": True, "destination_path": "\\\\testserver02\\vms"}, frozenset({"there"})),
    "C4 source": (LOCAL, {"include_storage": True, "destination_path": "\\\\testserver01\\vms"}, frozenset({"there", "back"})),
    "C5": (SHARE, {}, frozenset({"target_fs"})),
    "C7 source": ("\\\\testserver01\\vms", {}, frozenset({"back"})),
    "C7 target": ("\\\\testserver02\\vms", {}, frozenset()),
    "C8": (LOCAL, {"storage_only": True, "destination_path": "E:\\VMs"}, frozenset()),
    "C9": (LOCAL, {"storage_only": True, "destination_path": SHARE}, frozenset({"source_fs"})),
    "C9 target": (LOCAL, {"storage_only": True, "destination_path": "\\\\testserver02\\vms"}, frozenset({"there"})),
}
"""Rows of the table of kinds of move: where the files lie, the move, and which attempts decide."""


@pytest.mark.parametrize("row", KINDS)
def test_a_closed_port_fails_the_moves_that_need_it_and_no_others(row: str) -> None:
    files, move, needed = KINDS[row]
    assert world(files=files, **move).finding(CHECK, MOVE).outcome is (Outcome.PASS if needed else Outcome.SKIP)
    for way in ("there", "back", "source_fs", "target_fs"):
        found = world(Codes(**{way: DROPPED}), files, **move).finding(CHECK, MOVE)
        assert (found.outcome is Outcome.FAIL) is (way in needed)
        assert found.severity is Severity.BLOCKER


SMB, TCPIP = PerformanceOption.SMB, PerformanceOption.TCPIP


@pytest.mark.parametrize(("options", "severity"), [((SMB, SMB), Severity.BLOCKER), ((SMB, TCPIP), Severity.RISK), ((TCPIP, TCPIP), None)])
def test_a_vm_alone_needs_the_target_where_memory_goes_over_smb(
    options: tuple[PerformanceOption, PerformanceOption], severity: Severity | None
) -> None:
    of = world(Codes(there=DROPPED), SHARE)
    for host, option in zip((ONE, TWO), options, strict=True):
        of = of.set(f"{host}.migration.performance_option", option)
    found = of.finding(CHECK, MOVE)
    assert (found.severity if found.outcome is Outcome.FAIL else None) is severity


WITH_STORAGE = {"include_storage": True, "destination_path": "D:\\VMs"}
TO_FS = {"storage_only": True, "destination_path": SHARE}


def test_the_answer_tells_who_can_help() -> None:
    dropped = world(Codes(there=DROPPED), **WITH_STORAGE).finding(CHECK, MOVE)
    assert "gets no answer from TCP 445 of TestServer02 at 10.0.0.2 (10060)" in dropped.message.text
    refused = world(Codes(there=REFUSED), **WITH_STORAGE).finding(CHECK, MOVE)
    assert "refuses TCP 445 at 10.0.0.2 to TestServer01 (10061)" in refused.message.text
    assert refused.remedy
    assert "Start-Service -Name LanmanServer" in refused.remedy.commands[0]
    odd = world(Codes(there=10065), **WITH_STORAGE).finding(CHECK, MOVE)
    assert "10.0.0.2: no route to the host (10065)" in odd.message.text


def test_nobody_is_told_to_change_a_file_server_that_was_not_looked_at() -> None:
    for code, role in ((DROPPED, Role.NETWORK), (REFUSED, Role.HOST)):
        remedy = world(Codes(source_fs=code), **TO_FS).finding(CHECK, MOVE).remedy
        assert remedy
        assert (remedy.commands, remedy.by.role) == ((), role)


def test_a_file_server_that_is_not_found_by_the_name_in_the_path_is_a_blocker() -> None:
    lost = world(**TO_FS).set(f"{ONE}.partners.1", answer("fs01", "", 0, found=False)).finding(CHECK, MOVE)
    assert (lost.outcome, lost.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "finds no address for fs01, which holds or takes files of the move (11001)" in lost.message.text


@pytest.mark.parametrize(
    ("rule", "says", "commands"),
    [
        (("Allow", "FALSE"), "Enable the firewall rule FPS-SMB-In-TCP on TestServer02", 1),
        (("Allow", "TRUE"), "TestServer02 itself allows it", 0),
        (("Block", "TRUE"), "blocks it", 0),
        (None, "rule FPS-SMB-In-TCP", 0),
    ],
)
def test_the_targets_own_rules_say_what_to_do(rule: tuple[str, str] | None, says: str, commands: int) -> None:
    rules = (FirewallRule("FPS-SMB-In-TCP", "local", RULE.format(*rule)),) if rule else ()
    found = world(Codes(there=DROPPED), **WITH_STORAGE).set(f"{TWO}.firewall", rules).finding(CHECK, MOVE)
    assert found.remedy
    assert says in found.remedy.text
    assert (len(found.remedy.commands), len(found.remedy.changes)) == (commands, commands)
    assert "TestServer02 allows TCP 445" not in {each.what for each in found.evidence}, "older programs kept no rules of this port"


def test_what_was_not_tried_is_unknown() -> None:
    for path, partners in ((f"{ONE}.partners", ()), (f"{ONE}.partners", (answer("fs01", "10.0.0.9", OPEN),))):
        found = world(**WITH_STORAGE).set(path, partners).finding(CHECK, MOVE)
        assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.NOT_COLLECTED)
    found = world(files=SHARE).set(f"{TWO}.partners", (answer("testserver01", "10.0.0.1", OPEN),)).finding(CHECK, MOVE)
    assert found.outcome is Outcome.UNKNOWN
    assert "attempt of TestServer02 at TCP 445 of fs01" in found.message.text


def test_a_closed_port_that_is_needed_tells_more_than_one_that_was_not_tried() -> None:
    found = world(Codes(there=DROPPED), include_storage=True, destination_path=SHARE).set(f"{TWO}.partners", ()).finding(CHECK, MOVE)
    assert found.outcome is Outcome.FAIL


def test_an_address_that_the_target_does_not_have_or_the_source_has_too_proves_nothing() -> None:
    other = world(**WITH_STORAGE).set(f"{ONE}.partners", (answer("testserver02", "10.0.0.77", OPEN),))
    assert other.finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    own = world(**WITH_STORAGE).set(f"{ONE}.addresses", good().snapshot.hosts["testserver02"].addresses.value)  # type: ignore[union-attr]
    assert own.finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_files_of_which_it_is_not_known_where_they_lie_are_unknown() -> None:
    assert on_share(world(files=SHARE), disks=None).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("fact", [f"{ONE}.partners", f"{ONE}.addresses", f"{TWO}.addresses"])
def test_missing_facts_are_unknown(fact: str) -> None:
    found = world(**WITH_STORAGE).miss(fact).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
