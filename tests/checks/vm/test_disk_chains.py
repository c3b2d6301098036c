from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.machines import Disk, VirtualDisk, VirtualMachine
from checks.result import FindingRecord, Verdict
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good, vm

CHECK = "vm.disk_chains"
HERE = "hosts.testserver01"
DISK, BASE, GONE = "D:\\VMs\\LMTest\\disk0.vhdx", "D:\\Base\\a.vhdx", "X:\\Base\\a.vhdx"
OTHER = "22222222-2222-3333-4444-555555555555"
SHARE = "\\\\fs01\\vms\\a.vhdx"


def file(parent: str | None = None) -> VirtualDisk:
    return VirtualDisk(1 << 30, 1 << 30, parent, 3 if parent is None else 4)


def world(files: dict[str, VirtualDisk | None], *others: VirtualMachine, disks: tuple[str, ...] = (DISK,)) -> TestWorld:
    mine = vm(disks=tuple(Disk(path, False, False) for path in disks))
    return good().set(f"{HERE}.vms", (mine, *others)).set(f"{HERE}.virtual_disks", files)


def other(*disks: str, name: str = "APP01", id: str = OTHER) -> VirtualMachine:
    return vm(name, id=id, disks=tuple(Disk(path, False, False) for path in disks))


def said(made: TestWorld) -> tuple[Outcome, Severity | None]:
    found = judged(made)
    return found.outcome, found.severity


def judged(made: TestWorld) -> FindingRecord:
    return made.finding(CHECK, MOVE)


RISK, BLOCKER = (Outcome.FAIL, Severity.RISK), (Outcome.FAIL, Severity.BLOCKER)


def test_a_chain_of_which_every_file_opened_passes_however_its_paths_are_written() -> None:
    first, second = "D:\\VMs\\1.avhdx", "D:\\VMs\\2.avhdx"
    whole = {BASE: file(), first: file("d:/base/A.VHDX"), second: file(first)}
    found = judged(world(whole, disks=(second, first)))
    assert found.outcome is Outcome.PASS
    assert "with the 2 files of which they hold the differences" in found.message.text
    assert "needs another file" in judged(world({DISK: file()})).message.text
    assert judged(world({}, disks=())).outcome is Outcome.PASS


def test_a_parent_on_no_volume_of_the_host_is_a_blocker_wherever_it_is_in_the_chain() -> None:
    for files in ({DISK: file(GONE)}, {DISK: file(GONE), GONE: None}, {DISK: file(BASE), BASE: file(GONE)}):
        found = judged(world(files))
        assert (found.outcome, found.severity, found.predicts) == (*BLOCKER, ("0xC03A000D",))
        assert found.message.text.endswith(GONE)
    found = judged(world({}, disks=(GONE,)))
    assert (found.outcome, found.severity, found.predicts) == (*BLOCKER, ("0x80070002",))
    assert found.remedy
    assert found.remedy.verify == (f"Test-VHD -ComputerName 'TestServer01' -Path '{GONE}'",)


def test_a_file_that_did_not_open_is_unknown_where_its_volume_is_there_or_was_not_read() -> None:
    for made in (
        world({DISK: None}),
        world({}),
        world({DISK: file(BASE)}),
        world({DISK: file(BASE), BASE: None}),
        world({DISK: file("Base\\a.vhdx")}),
        world({DISK: file(), BASE: None}, disks=(DISK, BASE)),
        world({DISK: VirtualDisk(1, 1, None, 4)}),
        world({DISK: VirtualDisk(1, 1, None, 0)}),
        world({DISK: VirtualDisk(1, 1, None)}),
        world({DISK: file(BASE), BASE: VirtualDisk(1, 1, None)}),
        world({DISK: file(GONE)}).miss(f"{HERE}.volumes"),
        world({DISK: file(GONE)}).set(f"{HERE}.volumes", ()),
        world({DISK: file()}).set(f"{HERE}.vms", (vm(disks=None),)),
        world({DISK: file()}).set(f"{HERE}.vms", (vm(disks=(Disk(None, False, False),)),)),
        *(world({DISK: file()}).miss(f"{HERE}.{fact}") for fact in ("vms", "virtual_disks")),
        world({DISK: file()}).unheard_of(f"{HERE}.virtual_disks"),
    ):
        assert judged(made).outcome is Outcome.UNKNOWN
        assert made.result().verdict is not Verdict.GO


def test_the_reason_names_the_file_that_did_not_open_and_which_one_needs_it() -> None:
    found = judged(world({DISK: file(BASE), BASE: None}))
    assert f"file {BASE}, of which {DISK} holds the differences, and which did not open" in found.message.text


def test_a_chain_that_leads_back_to_itself_is_a_blocker_and_two_disks_with_one_parent_are_none() -> None:
    assert said(world({DISK: file(BASE), BASE: file(DISK.upper())})) == BLOCKER
    assert said(world({DISK: file(DISK)})) == BLOCKER
    second = "D:\\VMs\\2.vhdx"
    assert judged(world({DISK: file(BASE), second: file(BASE), BASE: file()}, disks=(DISK, second))).outcome is Outcome.PASS


def test_of_files_on_a_share_somebody_has_to_look_whether_they_need_others() -> None:
    for made in (world({}, disks=(SHARE,)), world({DISK: file(SHARE)}), world({}, disks=(SHARE,)).move(include_storage=False)):
        found = judged(made)
        assert (found.outcome, found.severity, found.predicts) == (*RISK, ())
        assert found.remedy
        assert found.remedy.verify == (f"Test-VHD -Path '{SHARE}'",)


def test_a_file_that_another_vm_needs_too_is_a_risk_for_either_where_storage_moves() -> None:
    child = "D:\\VMs\\APP01\\disk0.vhdx"
    for made in (
        world({DISK: file(BASE), child: file(BASE), BASE: file()}, other(child)),
        world({DISK: file(), child: file(DISK)}, other(child)),
        world({DISK: file(BASE), BASE: file()}, other(BASE)),
    ):
        assert said(made) == RISK
        assert "that other VMs need too (1)" in judged(made).message.text
        assert judged(made.move(include_storage=False, destination_path=None)).outcome is Outcome.PASS
        assert said(made.move(storage_only=True)) == RISK


def test_of_disks_of_other_vms_that_did_not_open_nobody_knows_whose_files_they_need() -> None:
    unread = "D:\\VMs\\APP01\\disk0.vhdx"
    silent = replace(other(unread), disks=None)
    for made in (world({DISK: file(), unread: None}, other(unread)), world({DISK: file()}, silent)):
        assert said(made) == RISK
        assert judged(made).message.text.endswith("may need files of LMTest: APP01")
    many = tuple(other(unread, name=f"VM{number}", id=f"{number:08}{OTHER[8:]}") for number in range(50))
    assert "(50)" in judged(world({DISK: file()}, *many)).message.text
    assert "VM3" not in judged(world({DISK: file()}, *many)).message.text


def test_a_vm_that_is_told_twice_shares_nothing_with_itself() -> None:
    again = replace(vm(), id=vm().id.upper())
    assert judged(world({DISK: file(BASE), BASE: file()}, again)).outcome is Outcome.PASS


def test_a_disk_that_is_passed_through_is_no_file() -> None:
    assert judged(world({}).set(f"{HERE}.vms", (vm(disks=(Disk("Disk 3", True, None),)),))).outcome is Outcome.PASS
