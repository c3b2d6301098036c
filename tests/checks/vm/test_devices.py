from __future__ import annotations

from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.hardware import GpuPartitions
from checks.facts.machines import Disk
from checks.result import FindingRecord
from checks.windows.releases import BUILD_2012_R2, BUILD_2022, BUILD_2025
from tests.world import TestWorld, good, vm

CHECK = "vm.devices"
MOVE = "LMTest@testserver01>testserver02"
HERE = "hosts.testserver01"
ID = vm().id


def with_vm(**changes: object) -> TestWorld:
    return good().set(f"{HERE}.vms", (vm(**changes),))


def partition(outgoing: bool | None, *builds: int, state: int = 2) -> TestWorld:
    world = with_vm(state=state).set(f"{HERE}.gpu_partitions", {ID: GpuPartitions(1, outgoing)})
    for host, build in zip(("testserver01", "testserver02"), builds, strict=True):
        world = world.set(f"hosts.{host}.os.build", build)
    return world


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_a_vm_without_devices_passes_and_so_do_those_of_others() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS
    other = good().set(f"{HERE}.assigned_devices", {ID: 0, "99999999-2222-3333-4444-555555555555": 2})
    assert other.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_an_assigned_device_stops_the_move_however_the_id_is_written() -> None:
    for each in (ID, ID.upper()):
        found = with_vm(id=each).set(f"{HERE}.assigned_devices", {ID: 2}).finding(CHECK, MOVE)
        assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
        assert "has 2 devices of TestServer01 assigned" in found.message.text


def test_a_partition_of_a_gpu_moves_live_only_where_windows_and_hardware_can_and_is_a_risk_even_then() -> None:
    table = {
        "both 2025": (partition(True, BUILD_2025, BUILD_2025), Severity.RISK, "needs a free partition"),
        "both 2025, and it cannot": (partition(False, BUILD_2025, BUILD_2025), Severity.BLOCKER, "says that it cannot leave"),
        "from 2022": (partition(None, BUILD_2022, BUILD_2025), Severity.BLOCKER, "one host has Windows Server 2022"),
        "to 2022": (partition(True, BUILD_2025, BUILD_2022), Severity.BLOCKER, "one host has Windows Server 2022"),
        "off": (partition(False, BUILD_2022, BUILD_2022, state=3), Severity.RISK, "needs a free partition"),
    }
    for name, (world, severity, says) in table.items():
        found = world.finding(CHECK, MOVE)
        assert (said(found), says in found.message.text) == ((Outcome.FAIL, severity), True), name
    assert partition(None, BUILD_2025, BUILD_2025).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN, "it does not say whether it can"


def test_fibre_channel_is_a_risk_that_names_the_virtual_sans() -> None:
    found = with_vm(sans=("Fabric|A", "Fabric|A", "B'")).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "virtual SANs of the same names (inferred), Fabric|A, B'," in found.message.text
    assert "connected to no virtual SAN" in with_vm(sans=("",)).finding(CHECK, MOVE).message.text


def test_persistent_memory_is_a_risk() -> None:
    found = with_vm(disks=(Disk("D:\\a.vhdx", False, False), Disk("P:\\b.VHDPMEM", False, False))).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "P:\\b.VHDPMEM" in found.message.text


def test_what_surely_stops_the_move_comes_before_what_may() -> None:
    assert said(with_vm(sans=("A",)).set(f"{HERE}.assigned_devices", {ID: 1}).finding(CHECK, MOVE))[1] is Severity.BLOCKER


def test_what_was_not_read_or_not_told_is_unknown() -> None:
    for missed in ("vms", "assigned_devices", "gpu_partitions"):
        found = good().miss(f"{HERE}.{missed}").finding(CHECK, MOVE)
        assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED), missed
    for untold in ("assigned_devices", "gpu_partitions"):
        found = good().set(f"{HERE}.os.build", BUILD_2022).set(f"{HERE}.{untold}", {}).finding(CHECK, MOVE)
        assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE), untold
    for untold in ({"sans": None}, {"disks": None}):
        found = with_vm(**untold).finding(CHECK, MOVE)
        assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE), untold


def test_a_windows_without_such_devices_names_no_vm() -> None:
    old = good().set(f"{HERE}.os.build", BUILD_2012_R2).set(f"{HERE}.assigned_devices", {}).set(f"{HERE}.gpu_partitions", {})
    assert old.finding(CHECK, MOVE).outcome is Outcome.PASS


def test_on_a_second_hop_the_devices_are_those_that_its_first_host_told() -> None:
    world = good().with_host("testserver03").set(f"{HERE}.assigned_devices", {ID: 1})
    onward = replace(world.plan.moves[0], source="TestServer02", target="TestServer03")
    found = world.with_plan(moves=(*world.plan.moves, onward)).finding(CHECK, "LMTest@testserver02>testserver03")
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)


def test_storage_alone_leaves_the_devices_where_they_are() -> None:
    assert good().set(f"{HERE}.assigned_devices", {ID: 1}).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP
