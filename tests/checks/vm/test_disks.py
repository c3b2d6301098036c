from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import Disk
from checks.result import FindingRecord
from tests.world import good, vm

CHECK = "vm.disks"
MOVE = "LMTest@testserver01>testserver02"
OWN = Disk("D:\\VMs\\LMTest\\disk0.vhdx", False, False)
PHYSICAL = Disk("Disk 3 2,00 TB", True, None)
SHARED = Disk("\\\\fs01\\vms\\quorum.vhdx", False, True)


def finding(*disks: Disk, **changes: object) -> FindingRecord:
    return good().set("hosts.testserver01.vms", (vm(**({"disks": disks} | changes)),)).finding(CHECK, MOVE)


def test_virtual_disks_of_its_own_pass_and_so_does_a_vm_without_any() -> None:
    assert finding(OWN).outcome is finding().outcome is Outcome.PASS


@pytest.mark.parametrize("storage_only", [True, False])
def test_a_physical_disk_stops_every_kind_of_move(storage_only: bool) -> None:
    world = good().set("hosts.testserver01.vms", (vm(disks=(OWN, PHYSICAL)),)).move(storage_only=storage_only)
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.BLOCKER, ())
    assert "has a disk of TestServer01 passed through" in found.message.text


@pytest.mark.parametrize("disk", [SHARED, Disk("D:\\a.VHDS", False, False), Disk("D:\\a.vhds", False, None)])
def test_a_shared_disk_stops_the_move(disk: Disk) -> None:
    found = finding(OWN, disk)
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.BLOCKER, ("shared_vhdx",))
    assert f"which Hyper-V does not move: {disk.path}" in found.message.text


@pytest.mark.parametrize("changes", [{"disks": None}, {"disks": (OWN, Disk("D:\\b.vhdx", False, None))}])
def test_what_the_vm_did_not_tell_of_its_disks_is_unknown(changes: dict[str, object]) -> None:
    found = finding(**changes)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_2012_has_no_shared_disks_and_tells_nothing_of_them() -> None:
    assert finding(Disk("D:\\a.vhdx", False, None), version=None).outcome is Outcome.PASS


def test_without_the_vm_it_is_unknown() -> None:
    found = good().miss("hosts.testserver01.vms").finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
