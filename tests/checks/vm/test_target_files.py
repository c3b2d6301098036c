from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import Disk, VirtualDisk
from checks.registry import all_checks
from checks.result import FindingRecord
from checks.way_back import asked_of_ways_back
from checks.windows.names import HostName, MachineName
from tests.checks.delegation.situations import MOVE
from tests.facts.machines import NOT_THERE, nothing
from tests.world import TestWorld, good, vm

CHECK = "vm.target_files"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
ID, OTHER = "11111111-2222-3333-4444-555555555555", "22222222-2222-3333-4444-555555555555"
APP = "APP01@testserver01>testserver02"
FOLDER = "D:\\LMTest"
DISK = f"{FOLDER}\\Virtual Hard Disks\\disk0.vhdx"
CONFIGURATION = f"{FOLDER}\\Virtual Machines\\{ID}"
FILE, DIRECTORY = 0x20, 0x10
DENIED, TOO_LONG, NO_FOLDER = (code - (1 << 32) for code in (0x80070005, 0x800700CE, 0x80070003))


def lying(codes: dict[str, int], world: TestWorld | None = None, host: str = THERE, folder: str | None = FOLDER) -> TestWorld:
    """At these places lies something, and nothing at the others to which LMTest goes."""
    return (world or good()).set(f"{host}.destination_files", nothing(folder) | codes)


def in_the_way() -> Iterator[TestWorld]:
    """Worlds that show each remedy."""
    yield good().set(f"{THERE}.planned_machines", {ID: "LMTest"})
    yield lying({DISK: FILE})
    yield lying({DISK: FILE}).set(f"{THERE}.vms", (vm("APP01", id=OTHER, disks=(Disk(DISK, False, False),)),))
    yield two()
    yield twice()
    yield good().move(destination_path="\\\\fs01\\vms")


def twice() -> TestWorld:
    """LMTest has two disks of one name, in two folders."""
    disks = tuple(Disk(path, False, False) for path in ("D:\\a\\disk0.vhdx", "E:\\b\\Disk0.VHDX"))
    world = good().set(f"{HERE}.vms.0.disks", disks)
    return world.set(f"{HERE}.virtual_disks", {str(disk.path): VirtualDisk(1, 1, None, 3) for disk in disks})


def said(found: FindingRecord) -> tuple[Outcome, Severity | None, tuple[str, ...]]:
    return found.outcome, found.severity, found.predicts


BLOCKS = (Outcome.FAIL, Severity.BLOCKER, ("0x80070050",))
RISKS = (Outcome.FAIL, Severity.RISK, ())
PASSES, UNKNOWN = Outcome.PASS, Outcome.UNKNOWN


def two(**second: Any) -> TestWorld:
    """LMTest and then APP01, which has a disk of the same name, go to the target."""
    app = vm("APP01", id=OTHER, disks=(Disk("D:\\VMs\\APP01\\DISK0.vhdx", False, False),), configuration_path="D:\\VMs\\APP01")
    made = good().set(f"{HERE}.vms", (vm(), app))
    size = VirtualDisk(1 << 30, 1 << 30, None, 3)
    made = made.set(f"{HERE}.virtual_disks", {"D:\\VMs\\LMTest\\disk0.vhdx": size, "D:\\VMs\\APP01\\DISK0.vhdx": size})
    made = made.set(f"{THERE}.destination_files", nothing(FOLDER) | nothing(FOLDER, id=OTHER) | nothing("D:\\APP01", id=OTHER))
    (move,) = made.plan.moves
    return made.with_plan(moves=(move, replace(move, vm=MachineName("APP01"), **second)))


def test_what_lies_where_a_file_goes_decides_and_what_cannot_be_told_is_unknown() -> None:
    rows: dict[str, tuple[dict[str, int], object]] = {
        "nothing": ({}, PASSES),
        "not even the folder": (dict.fromkeys(nothing(FOLDER), NO_FOLDER), PASSES),
        "a disk's file": ({DISK: FILE}, BLOCKS),
        "a disk's file in other letters": ({DISK.upper(): FILE}, BLOCKS),
        "a folder of a disk's name": ({DISK: DIRECTORY}, BLOCKS),
        "its attributes say nothing": ({DISK: 0}, BLOCKS),
        "the configuration": ({f"{CONFIGURATION}.vmcx": FILE}, BLOCKS),
        "the older configuration": ({f"{CONFIGURATION}.xml": FILE}, BLOCKS),
        "the runtime state": ({f"{CONFIGURATION}.vmrs": FILE}, BLOCKS),
        "the folder of saved states": ({CONFIGURATION: DIRECTORY}, RISKS),
        "access is denied": ({DISK: DENIED}, UNKNOWN),
        "the path is too long": ({f"{CONFIGURATION}.vmcx": TOO_LONG}, UNKNOWN),
        "one file, and another of which nobody knows": ({DISK: FILE, CONFIGURATION: DENIED}, BLOCKS),
        "a folder, and a file of which nobody knows": ({DISK: DENIED, CONFIGURATION: DIRECTORY}, UNKNOWN),
    }
    for row, (codes, wanted) in rows.items():
        found = lying(codes).finding(CHECK, MOVE)
        assert (found.outcome if isinstance(wanted, Outcome) else said(found)) == wanted, row


def test_what_was_left_says_so_and_nothing_is_deleted() -> None:
    left = lying({f"{CONFIGURATION}.vmcx": FILE, DISK: FILE}).finding(CHECK, MOVE)
    assert left.message.text.startswith("The configuration of LMTest lies on TestServer02 already, where it goes (2)")
    assert lying({DISK: FILE}).finding(CHECK, MOVE).message.text == (
        f"Files of the names of the disks of LMTest lie on TestServer02 already, where they go (1): {DISK}"
    )
    state = lying({CONFIGURATION: DIRECTORY}).finding(CHECK, MOVE)
    assert "an earlier try left it" in state.message.text
    assert left.remedy is not None
    assert left.remedy.commands == ()
    assert "delete nothing before LMTest runs" in left.remedy.text
    assert left.remedy.verify[0] == (
        f"Invoke-Command -ComputerName 'TestServer02' -ScriptBlock {{ Get-Item -Force -LiteralPath '{CONFIGURATION}.vmcx' }}"
    )


def test_where_a_vm_of_the_target_uses_the_file_another_folder_is_to_be_named() -> None:
    neighbour = vm("APP01", id=OTHER, disks=(Disk(DISK.lower(), False, False),))
    found = lying({DISK: FILE}).set(f"{THERE}.vms", (neighbour,)).finding(CHECK, MOVE)
    assert said(found) == BLOCKS
    assert "where a disk of APP01 lies" in found.message.text
    assert found.remedy is not None
    assert "destination_path" in found.remedy.text


def test_a_planned_vm_with_the_id_is_in_the_way_of_every_move_of_the_vm() -> None:
    planned = good().set(f"{THERE}.planned_machines", {ID.upper(): "LMTest", OTHER: "APP01"})
    for world in (planned, planned.move(include_storage=False, destination_path=None)):
        found = world.set(f"{HERE}.vms", (vm(configuration_path="\\\\fs01\\vms"),)).result(checks_alone())
        (its,) = (each for each in found.findings if each.check == CHECK)
        assert said(its) == (Outcome.FAIL, Severity.BLOCKER, ("vm_exists",))
        assert "TestServer02 has a planned VM with the id of LMTest" in its.message.text
    assert good().set(f"{THERE}.planned_machines", {OTHER: "LMTest"}).finding(CHECK, MOVE).outcome is PASSES
    alone = planned.move(storage_only=True).finding(CHECK, MOVE)
    assert alone.outcome is PASSES, "storage that moves alone makes no planned VM"


def checks_alone() -> Any:
    return tuple(replace(check, depends_on=()) for check in all_checks() if check.id == CHECK)


def test_a_vm_that_moves_without_its_storage_puts_no_file_anywhere() -> None:
    world = lying({DISK: FILE, f"{CONFIGURATION}.vmcx": FILE}).move(include_storage=False, destination_path=None)
    shared = vm(**dict.fromkeys(("configuration_path", "checkpoint_path", "paging_path"), "\\\\fs01\\vms"), disks=())
    found = world.set(f"{HERE}.vms", (shared,)).finding(CHECK, MOVE)
    assert found.outcome is PASSES
    assert found.message.text == "No file moves, and TestServer02 has no planned VM with the id of LMTest"


def test_storage_that_moves_alone_is_looked_for_on_the_source_and_its_own_files_are_not_in_its_way() -> None:
    assert lying({DISK: FILE}).move(storage_only=True).finding(CHECK, MOVE).outcome is PASSES
    assert said(lying({DISK: FILE}, host=HERE).move(storage_only=True).finding(CHECK, MOVE)) == BLOCKS
    partly = good().set(f"{HERE}.vms", (vm(configuration_path=FOLDER, disks=(Disk("E:\\x\\disk0.vhdx", False, False),)),))
    partly = partly.set(f"{HERE}.virtual_disks", {"E:\\x\\disk0.vhdx": VirtualDisk(1, 1, None, 3)}).move(storage_only=True)
    assert lying({f"{CONFIGURATION}.vmcx": FILE}, partly, HERE).finding(CHECK, MOVE).outcome is PASSES
    assert said(lying({f"{CONFIGURATION}.vmcx": FILE, DISK: FILE}, partly, HERE).finding(CHECK, MOVE)) == BLOCKS


def test_every_file_of_a_chain_goes_along() -> None:
    base, top = "E:\\Base\\Windows.vhdx", "D:\\VMs\\LMTest\\disk0.vhdx"
    chain = {top: VirtualDisk(1, 1, base.upper(), 4), base: VirtualDisk(1, 1, None, 3)}
    names = nothing(FOLDER, "disk0.vhdx", "windows.vhdx")
    world = good().set(f"{HERE}.virtual_disks", chain).set(f"{THERE}.destination_files", names)
    assert world.finding(CHECK, MOVE).outcome is PASSES
    there = f"{FOLDER}\\Virtual Hard Disks\\windows.vhdx"
    assert said(world.set(f"{THERE}.destination_files", names | {there: FILE}).finding(CHECK, MOVE)) == BLOCKS
    assert lying({}, world).finding(CHECK, MOVE).outcome is UNKNOWN, "nobody asked for the parent"
    assert world.set(f"{HERE}.virtual_disks", {top: None}).finding(CHECK, MOVE).outcome is UNKNOWN, "it may need any other file"


def test_what_earlier_moves_bring_is_in_the_way_and_what_they_take_away_is_not() -> None:
    assert two(destination_path="D:\\APP01").finding(CHECK, APP).outcome is PASSES
    clash = two().finding(CHECK, APP)
    assert said(clash) == BLOCKS
    assert "LMTest: TestServer01 → TestServer02 brings D:\\LMTest\\Virtual Hard Disks\\DISK0.vhdx" in clash.message.text
    assert two().finding(CHECK, MOVE).outcome is PASSES

    app = vm("APP01", id=OTHER, disks=(Disk(DISK, False, False),))
    world = lying({DISK: FILE}).set(f"{THERE}.vms", (app,)).set(f"{THERE}.virtual_disks", {DISK: VirtualDisk(1, 1, None, 3)})
    (move,) = world.plan.moves
    away = replace(move, vm=MachineName("APP01"), source=move.target, target=move.source)
    assert said(world.finding(CHECK, MOVE)) == BLOCKS
    assert world.with_plan(moves=(away, move)).finding(CHECK, MOVE).outcome is PASSES
    assert said(world.with_plan(moves=(move, away)).finding(CHECK, MOVE)) == BLOCKS
    both = world.set(f"{THERE}.vms", (app, vm("APP02", id="3" + OTHER[1:], disks=app.disks)))
    assert said(both.with_plan(moves=(away, move)).finding(CHECK, MOVE)) == BLOCKS, "another VM keeps it there"


def test_the_later_leg_of_a_vm_is_looked_at_on_its_own_target_and_the_way_home_is_free_of_its_own_files() -> None:
    world = good().with_host("testserver03")
    (move,) = world.plan.moves
    on = replace(move, source=HostName("TestServer02"), target=HostName("TestServer03"), destination_path="D:\\LMTest")
    legs = world.with_plan(moves=(move, on))
    leg = "LMTest@testserver02>testserver03"
    assert legs.finding(CHECK, leg).outcome is PASSES
    assert said(lying({DISK: FILE}, legs, "hosts.testserver03").finding(CHECK, leg)) == BLOCKS

    home = replace(move, source=HostName("TestServer02"), target=HostName("TestServer01"), destination_path="D:\\VMs\\LMTest")
    there = dict.fromkeys(nothing("D:\\VMs\\LMTest"), FILE)
    back = lying(there, good().with_plan(moves=(move, home)), HERE, "D:\\VMs\\LMTest")
    disks = (Disk("D:\\VMs\\LMTest\\Virtual Hard Disks\\disk0.vhdx", False, False),)
    back = back.set(f"{HERE}.vms.0.disks", disks).set(f"{HERE}.virtual_disks", {str(disks[0].path): VirtualDisk(1, 1, None, 3)})
    assert back.finding(CHECK, "LMTest@testserver02>testserver01").outcome is PASSES


def test_where_the_plan_names_no_folder_each_place_to_which_files_may_go_is_looked_at() -> None:
    world = good().move(destination_path=None)
    assert world.finding(CHECK, MOVE).outcome is PASSES
    for path in nothing(None):
        found = lying({path: FILE}, world, folder=None).finding(CHECK, MOVE)
        assert said(found) == RISKS, path
        assert "does not say where on TestServer02" in found.message.text
    elsewhere = world.set(f"{HERE}.vms.0.disks", (Disk("X:\\disk0.vhdx", False, False),))
    elsewhere = elsewhere.set(f"{HERE}.virtual_disks", {"X:\\disk0.vhdx": VirtualDisk(1, 1, None, 3)})
    assert elsewhere.finding(CHECK, MOVE).outcome is PASSES, "the target has no such drive, so that nothing goes there"
    assert elsewhere.miss(f"{THERE}.volumes").finding(CHECK, MOVE).outcome is UNKNOWN
    assert world.set(f"{THERE}.migration.disk_folder", None).result(checks_alone()).findings[0].outcome is UNKNOWN


def test_two_disks_of_one_name_are_a_risk_where_they_go_to_one_folder() -> None:
    world = twice()
    found = world.finding(CHECK, MOVE)
    assert said(found)[:2] == RISKS[:2]
    assert "Two disks of LMTest have one file name" in found.message.text
    assert world.move(destination_path=None).finding(CHECK, MOVE).outcome is UNKNOWN, "without a folder nobody asked for these paths"


def test_of_shares_nobody_is_asked_and_somebody_has_to_look() -> None:
    found = good().move(destination_path="\\\\fs01\\vms").finding(CHECK, MOVE)
    assert said(found) == RISKS
    assert "nobody looks whether the like lie there already: \\\\fs01\\vms" in found.message.text
    on_share = good().set(f"{HERE}.vms.0.disks", (Disk("\\\\fs01\\vms\\disk0.vhdx", False, False),))
    away = on_share.finding(CHECK, MOVE)
    assert said(away) == RISKS
    assert "nobody looks which other files they need" in away.message.text
    assert said(lying({DISK: FILE}, on_share).finding(CHECK, MOVE)) == BLOCKS


def test_without_a_folder_on_a_drive_that_is_known_nothing_is_known() -> None:
    volume = good().move(destination_path="\\\\?\\Volume{11111111-2222-3333-4444-555555555555}\\x")
    assert volume.finding(CHECK, MOVE).outcome is UNKNOWN


def test_what_was_not_read_is_unknown_and_an_older_snapshot_says_why() -> None:
    for fact in (f"{THERE}.destination_files", f"{THERE}.planned_machines", f"{HERE}.virtual_disks"):
        assert good().miss(fact).finding(CHECK, MOVE).outcome is UNKNOWN, fact
        assert good().miss(fact).move(destination_path="\\\\fs01\\vms").finding(CHECK, MOVE).outcome is UNKNOWN or "planned" not in fact
    older = good().unheard_of(f"{THERE}.destination_files").finding(CHECK, MOVE)
    assert older.reason is Reason.NOT_COLLECTED
    assert "not collected by this snapshot's version" in older.message.text
    seen = lying({DISK: FILE}).miss(f"{THERE}.planned_machines").finding(CHECK, MOVE)
    assert said(seen) == BLOCKS, "what was seen is in the way, whatever else is not known"


def test_a_way_back_is_not_judged_by_what_lies_on_the_source_today() -> None:
    (check,) = (check for check in all_checks() if check.id == CHECK)
    assert not asked_of_ways_back(check)
    assert NOT_THERE < 0
