from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import Disk
from tests.checks.delegation.situations import MOVE, Given, on_share
from tests.world import MIGRATION_SERVICE, TestWorld, good, services

CHECK = "delegation.cifs"


def without_cifs() -> TestWorld:
    return good().account("testserver01", delegate_to=services("TestServer02", MIGRATION_SERVICE))


def test_short_and_full_entries_let_the_storage_go() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_a_host_entry_does_not_count_for_cifs() -> None:
    world = good().account("testserver01", delegate_to=services("TestServer02", MIGRATION_SERVICE, "HOST"))
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "0x80070005" in found.predicts
    assert found.remedy
    assert "-Add @{'msDS-AllowedToDelegateTo'='cifs/TESTSERVER02', 'cifs/testserver02.contoso.test'}" in found.remedy.commands[0]


@pytest.mark.parametrize("disks", [None, (Disk(None, False, None),)])
def test_disks_that_the_vm_did_not_tell_may_lie_on_a_share(disks: tuple[Disk, ...] | None) -> None:
    found = on_share(without_cifs(), disks=disks).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)
    shared = on_share(without_cifs().server("fs01"), disks=disks, configuration_path="\\\\fs01\\vms\\LMTest").finding(CHECK, MOVE)
    assert shared.outcome is Outcome.FAIL


def test_a_pass_through_disk_lies_on_no_share() -> None:
    assert on_share(without_cifs(), disks=(Disk(None, True, None),)).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_it_is_needed_when_only_the_storage_moves() -> None:
    world = without_cifs().move(include_storage=False, storage_only=True, destination_path="\\\\testserver02\\vms")
    assert world.finding(CHECK, MOVE).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "changes",
    [
        {"configuration_path": "\\\\fs01\\vms\\LMTest"},
        {"checkpoint_path": "\\\\fs01\\vms\\LMTest"},
        {"paging_path": "\\\\?\\UNC\\fs01\\vms\\LMTest"},
        {"disks": (Disk("D:\\a.vhdx", False, False), Disk("\\\\fs01.contoso.test\\vms\\b.vhdx", False, False))},
    ],
)
def test_it_is_needed_when_a_file_lies_on_an_smb_share(changes: dict[str, object]) -> None:
    world = without_cifs().server("fs01").server("fs01.contoso.test")
    assert on_share(world, **changes).finding(CHECK, MOVE).outcome is Outcome.FAIL


@pytest.mark.parametrize("path", ["D:\\VMs\\a.vhdx", "\\\\?\\D:\\VMs\\a.vhdx", "\\\\.\\PHYSICALDRIVE3", "\\\\?\\Volume{1}\\a.vhdx", ""])
def test_it_is_not_needed_when_the_storage_stays_on_local_disks(path: str) -> None:
    found = on_share(without_cifs(), disks=(Disk(path, False, False),)).finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "cifs is not needed" in found.message.text


def test_whether_it_is_needed_is_unknown_without_the_vm_when_the_storage_stays() -> None:
    world = without_cifs().move(include_storage=False).miss("hosts.testserver01.vms")
    found = world.finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


def test_it_is_needed_for_certain_when_the_storage_moves_even_if_the_vm_was_not_read() -> None:
    assert without_cifs().miss("hosts.testserver01.vms").finding(CHECK, MOVE).outcome is Outcome.FAIL


def test_an_unread_account_is_never_a_pass() -> None:
    found = good().miss("accounts.testserver01.views.dc01·contoso·test").finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_the_remedy_leaves_the_protocol_to_the_migration_services_remedy() -> None:
    remedy = Given().world().finding(CHECK, MOVE).remedy
    assert remedy
    assert not any("TrustedToAuth" in command for command in remedy.commands)
