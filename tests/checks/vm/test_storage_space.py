from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.hardware import Volume
from checks.facts.machines import Disk, VirtualDisk
from checks.result import FindingRecord
from checks.windows.names import MachineName
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good, vm

CHECK = "vm.storage_space"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
OTHER, APP = "22222222-2222-3333-4444-555555555555", "APP01@testserver01>testserver02"
DISK, APP_DISK = "D:\\VMs\\LMTest\\disk0.vhdx", "D:\\VMs\\APP01\\disk0.vhdx"
GIB = 1 << 30


def volumes(free: int | None, *more: Volume) -> tuple[Volume, ...]:
    return (Volume("C:\\", 3, 100 * GIB, 50 * GIB), Volume("D:\\", 3, 8192 * GIB, free), *more)


def world(free: int | None, *more: Volume, files: dict[str, VirtualDisk | None] | None = None, **changes: object) -> TestWorld:
    """The disk of LMTest takes 40 GB and grows no more; it has no memory now, and the target's drive D has so much free."""
    told = {DISK: VirtualDisk(40 * GIB, 40 * GIB, None)} if files is None else files
    made = good().set(f"{THERE}.volumes", volumes(free, *more)).set(f"{HERE}.virtual_disks", told)
    return made.set(f"{HERE}.vms", (vm(**({"memory_assigned_bytes": 0} | changes)),))


def two(free: int, second: str = "D:\\") -> TestWorld:
    """LMTest and then APP01 go to the target, each with 40 GB."""
    size = VirtualDisk(40 * GIB, 40 * GIB, None)
    app = vm("APP01", id=OTHER, disks=(Disk(APP_DISK, False, False),), memory_assigned_bytes=0)
    made = world(free, Volume("D:\\Mount\\", 3, 100 * GIB, 41 * GIB), files={DISK: size, APP_DISK: size})
    made = made.set(f"{HERE}.vms", (vm(memory_assigned_bytes=0), app))
    (move,) = made.plan.moves
    return made.with_plan(moves=(replace(move, destination_path="D:\\"), replace(move, vm=MachineName("APP01"), destination_path=second)))


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_a_volume_with_room_takes_it_to_the_last_byte_and_not_one_more() -> None:
    assert world(40 * GIB).finding(CHECK, MOVE).outcome is Outcome.PASS
    found = world(40 * GIB - 1).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.predicts == ("0x80070070",)
    assert "D:\\ on TestServer02 has 40959 MB free" in found.message.text
    assert "take 40960 MB" in found.message.text


def test_of_a_disk_on_a_share_nobody_knows_the_size_and_somebody_has_to_look() -> None:
    path = "\\\\fs01\\vms\\a.vhdx"
    found = world(40 * GIB, disks=(Disk(DISK, False, False), Disk(path, False, False))).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert found.message.text == (
        f"Disks of LMTest lie on a share, and nobody looks how much room they need at D:\\LMTest on TestServer02: {path}"
    )
    assert found.remedy is not None
    assert "Look on the share how large the files of LMTest are" in found.remedy.text


def test_every_file_of_a_chain_counts_once() -> None:
    base, first, second = "D:\\Base\\a.vhdx", "D:\\VMs\\1.avhdx", "D:\\VMs\\2.avhdx"
    files = {
        base: VirtualDisk(30 * GIB, 40 * GIB, None),
        first: VirtualDisk(5 * GIB, 5 * GIB, "d:/base/A.VHDX"),
        second: VirtualDisk(5 * GIB, 5 * GIB, base),
    }
    disks = (Disk(first, False, False), Disk(second, False, False))
    assert world(40 * GIB, files=files, disks=disks).finding(CHECK, MOVE).outcome is Outcome.PASS
    assert said(world(40 * GIB - 1, files=files, disks=disks).finding(CHECK, MOVE)) == (Outcome.FAIL, Severity.BLOCKER)


def test_a_chain_that_leads_back_to_itself_ends() -> None:
    files = {DISK: VirtualDisk(40 * GIB, 40 * GIB, DISK)}
    assert world(40 * GIB, files=files).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_what_earlier_moves_bring_to_the_volume_counts() -> None:
    assert two(80 * GIB).finding(CHECK, APP).outcome is Outcome.PASS
    assert two(80 * GIB - 1).finding(CHECK, MOVE).outcome is Outcome.PASS
    found = two(80 * GIB - 1).finding(CHECK, APP)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert "has 40959 MB free when the plan comes to this move" in found.message.text


def test_a_volume_that_is_mounted_in_a_folder_is_another_one() -> None:
    assert two(40 * GIB, "d:/MOUNT/x").finding(CHECK, APP).outcome is Outcome.PASS
    assert said(two(40 * GIB, "D:\\Mounted").finding(CHECK, APP)) == (Outcome.FAIL, Severity.BLOCKER)


def test_what_an_earlier_move_brings_and_nobody_knows_leaves_the_next_one_open() -> None:
    made = two(500 * GIB).set(f"{HERE}.virtual_disks", {DISK: None, APP_DISK: VirtualDisk(GIB, GIB, None)})
    assert made.finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert made.finding(CHECK, APP).outcome is Outcome.UNKNOWN


def test_a_move_to_a_share_of_the_target_may_fill_its_volume() -> None:
    made = two(500 * GIB)
    first, second = made.plan.moves
    made = made.with_plan(moves=(replace(first, destination_path="\\\\testserver02\\vms"), second))
    assert made.finding(CHECK, APP).outcome is Outcome.UNKNOWN


def test_what_an_earlier_move_takes_away_may_make_room() -> None:
    made = world(10 * GIB).set(f"{THERE}.vms", (vm("APP01", id=OTHER, disks=(Disk(APP_DISK, False, False),)),))
    made = made.set(f"{THERE}.virtual_disks", {APP_DISK: VirtualDisk(40 * GIB, 40 * GIB, None)})
    (move,) = made.plan.moves
    away = replace(move, vm=MachineName("APP01"), source=move.target, target=move.source)
    found = made.with_plan(moves=(away, move)).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "only where earlier moves of the plan have freed" in found.message.text


def test_a_vm_that_comes_back_needs_its_room_again() -> None:
    made = world(500 * GIB).set(f"{HERE}.volumes", volumes(0)).with_return()
    found = made.finding(CHECK, "LMTest@testserver02>testserver01")
    assert said(found) == (Outcome.FAIL, Severity.RISK)


def test_less_left_than_the_vm_has_memory_is_a_risk() -> None:
    found = world(43 * GIB, memory_assigned_bytes=4 * GIB).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "less than LMTest has memory" in found.message.text


def test_no_room_to_grow_is_a_risk_without_an_error_of_the_move() -> None:
    found = world(100 * GIB, files={DISK: VirtualDisk(40 * GIB, 127 * GIB, None)}).finding(CHECK, MOVE)
    assert (*said(found), found.predicts) == (Outcome.FAIL, Severity.RISK, ())
    assert "can grow by 89088 MB, for which it has 61440 MB" in found.message.text


def test_storage_alone_stays_on_the_source_and_needs_room_there() -> None:
    made = world(0).move(storage_only=True, destination_path="E:\\VMs")
    made = made.set(f"{HERE}.volumes", volumes(0, Volume("E:\\", 3, 100 * GIB, 40 * GIB)))
    assert made.finding(CHECK, MOVE).outcome is Outcome.PASS
    assert said(made.set(f"{HERE}.volumes", volumes(0, Volume("E:\\", 3, 100 * GIB, 1))).finding(CHECK, MOVE)) == (
        Outcome.FAIL,
        Severity.BLOCKER,
    )


def test_without_a_path_the_default_folder_of_the_target_counts() -> None:
    made = world(0).move(destination_path=None)
    assert said(made.finding(CHECK, MOVE)) == (Outcome.FAIL, Severity.BLOCKER)
    assert made.set(f"{THERE}.migration.disk_folder", "C:\\Hyper-V").finding(CHECK, MOVE).outcome is Outcome.PASS
    assert made.set(f"{THERE}.migration.disk_folder", None).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_a_share_is_looked_at_by_nobody() -> None:
    found = world(0).move(destination_path="\\\\fs01\\vms").finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "nobody looks whether it has room" in found.message.text


def test_without_its_storage_a_vm_needs_no_space() -> None:
    assert world(0).move(include_storage=False, destination_path=None).finding(CHECK, MOVE).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "made",
    [
        world(None),
        world(500 * GIB, files={}),
        world(500 * GIB, files={DISK: VirtualDisk(GIB, GIB, "\\\\fs01\\vms\\base.vhdx")}),
        world(500 * GIB, disks=None),
        world(500 * GIB, disks=(Disk(None, False, None),)),
        world(500 * GIB).move(storage_only=True, destination_path=None),
        *(good().miss(path) for path in (f"{HERE}.vms", f"{HERE}.virtual_disks", f"{THERE}.volumes")),
        *(good().unheard_of(path) for path in (f"{HERE}.virtual_disks", f"{THERE}.volumes")),
    ],
)
def test_what_was_not_read_is_unknown(made: TestWorld) -> None:
    assert made.finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
