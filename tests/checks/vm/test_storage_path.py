from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.hardware import Volume
from checks.facts.machines import Disk
from checks.result import Verdict
from tests.checks.delegation.situations import MOVE, on_share
from tests.world import TestWorld, good

CHECK = "vm.storage_path"
NAMES = ("configuration_path", "checkpoint_path", "paging_path")
FOLDERS = "hosts.testserver02.migration"
DISK = Disk("D:\\VMs\\a.vhdx", False, False)


def all_on(path: str, **changes: object) -> dict[str, object]:
    return dict.fromkeys(NAMES, path) | {"disks": (Disk(f"{path}\\a.vhdx", False, False),)} | changes


def test_a_vm_that_moves_alone_from_a_file_server_passes() -> None:
    assert on_share(good(), **all_on("\\\\fs01\\vms")).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"disks": (DISK,)},
        {"disks": (Disk("\\\\fs01\\vms\\a.vhdx", False, False), DISK)},
        {"configuration_path": "D:\\VMs"},
        {"checkpoint_path": "\\\\?\\D:\\VMs"},
        {"paging_path": "C:\\VMs"},
    ],
)
def test_one_file_on_the_hosts_own_disks_is_left_behind(changes: dict[str, object]) -> None:
    """C-5, C6."""
    found = on_share(good(), **all_on("\\\\fs01\\vms", **changes)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "moves without its storage" in found.message.text
    assert found.remedy


def test_with_its_storage_the_same_vm_goes() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("disks", [None, (Disk(None, False, None),)])
def test_disks_that_the_vm_did_not_tell_may_lie_on_the_host(disks: tuple[Disk, ...] | None) -> None:
    found = on_share(good(), **all_on("\\\\fs01\\vms", disks=disks)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.UNREADABLE)


def test_without_the_vm_it_is_unknown() -> None:
    found = good().move(include_storage=False).miss("hosts.testserver01.vms").finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)


@pytest.mark.parametrize(("host", "words"), [("testserver02", "a share of its own"), ("TESTSERVER01.contoso.test", "stays needed")])
@pytest.mark.parametrize("with_storage", [True, False])
def test_a_share_of_one_of_the_two_hosts_is_a_risk(host: str, words: str, with_storage: bool) -> None:
    """C4, C7."""
    share = f"\\\\{host}\\vms"
    world = good().move(destination_path=share) if with_storage else on_share(good(), **all_on(share))
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert words in found.message.text


def test_storage_alone_may_go_to_a_share_of_the_target_and_not_of_the_host_itself() -> None:
    """C9; the host would run the VM over its own share."""
    there, own = (good().move(storage_only=True, destination_path=f"\\\\testserver0{number}\\vms") for number in (2, 1))
    assert there.finding(CHECK, MOVE).outcome is Outcome.PASS
    assert (own.finding(CHECK, MOVE).outcome, own.finding(CHECK, MOVE).severity) == (Outcome.FAIL, Severity.RISK)


def test_where_the_plan_names_no_destination_the_folders_that_were_not_read_are_a_risk() -> None:
    """As in a snapshot of an older program."""
    made = good().move(destination_path=None)
    for folder in ("machine_folder", "disk_folder"):
        found = made.set(f"{FOLDERS}.{folder}", None).finding(CHECK, MOVE)
        assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.RISK, ())
        assert "into its default folders (inferred), which were not read" in found.message.text
    assert made.set(f"{FOLDERS}.disk_folder", None).result().verdict is Verdict.INCOMPLETE


def test_where_the_plan_names_no_destination_the_default_folders_of_the_target_count() -> None:
    made = good().move(destination_path=None)
    assert made.finding(CHECK, MOVE).outcome is Outcome.PASS
    assert made.result().verdict is Verdict.GO
    for folder in ("machine_folder", "disk_folder"):
        found = made.set(f"{FOLDERS}.{folder}", "\\\\fs01\\vms").finding(CHECK, MOVE)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
        assert "of which one is on a share: \\\\fs01\\vms" in found.message.text
        assert blocked(made.set(f"{FOLDERS}.{folder}", "X:\\VMs")) == "TestServer02 has no volume for X:\\VMs"
    assert made.miss(FOLDERS).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_a_path_needs_a_fixed_volume_of_the_host_that_is_to_hold_the_files() -> None:
    drives = (Volume("C:\\", 3, 1, 1), *(Volume(f"{letter}:\\", kind, None, None) for letter, kind in (("R", 2), ("S", 5), ("U", 0))))
    made = good().set("hosts.testserver02.volumes", drives)
    assert made.move(destination_path="\\\\?\\c:/VMs").finding(CHECK, MOVE).outcome is Outcome.PASS
    assert blocked(made.move(destination_path="X:\\=cmd|' <b>")) == "TestServer02 has no volume for X:\\=cmd|' <b>"
    for path in ("R:\\VMs", "s:\\"):
        assert "on a drive that is not fixed" in blocked(made.move(destination_path=path))
    for path in ("VMs", "C:VMs", "\\VMs"):
        assert "no absolute path" in blocked(made.move(destination_path=path))
    for path in ("U:\\VMs", "\\\\?\\Volume{11111111-2222-3333-4444-555555555555}\\VMs"):
        assert made.move(destination_path=path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert made.move(destination_path="X:\\").miss("hosts.testserver02.volumes").finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    alone = made.move(destination_path="D:\\", storage_only=True)
    assert alone.finding(CHECK, MOVE).outcome is Outcome.PASS
    assert blocked(alone.set("hosts.testserver01.volumes", drives)) == "TestServer01 has no volume for D:\\"


def blocked(made: TestWorld) -> str:
    """What a blocker says."""
    found = made.finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, Severity.BLOCKER, ("0x80070003",))
    return found.message.text
