from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.machines import Disk
from tests.checks.delegation.situations import MOVE, on_share
from tests.world import TestWorld, good

CHECK = "vm.share_rights"
ONE, TWO = "TESTSERVER01$", "TESTSERVER02$"
SHARE = "\\\\fs01\\vms"
LOCAL = "D:\\VMs\\LMTest"


def lies_on(path: str, world: TestWorld | None = None) -> TestWorld:
    """The VM moves alone, with all of it at this path."""
    return on_share(world or good(), configuration_path=path, checkpoint_path=path, paging_path=path, disks=(Disk(path, False, False),))


@pytest.mark.parametrize(
    ("row", "files", "kind", "accounts"),
    [
        ("C2", SHARE, {"include_storage": True}, (ONE,)),
        ("C3", LOCAL, {"include_storage": True, "destination_path": SHARE}, (ONE, TWO)),
        ("C4", LOCAL, {"include_storage": True, "destination_path": "\\\\testserver02\\vms"}, (TWO,)),
        ("C4 source", LOCAL, {"include_storage": True, "destination_path": "\\\\testserver01\\vms"}, (TWO,)),
        ("C5", SHARE, {}, (ONE, TWO)),
        ("C7", "\\\\testserver02\\vms", {}, (ONE, TWO)),
        ("C9", LOCAL, {"storage_only": True, "destination_path": SHARE}, (ONE,)),
        ("C9 target", LOCAL, {"storage_only": True, "destination_path": "\\\\testserver02\\vms"}, (ONE,)),
    ],
)
def test_whose_accounts_need_rights_on_a_share(row: str, files: str, kind: dict[str, object], accounts: tuple[str, ...]) -> None:  # noqa: ARG001
    found = lies_on(files).move(**kind).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)
    assert found.message.values["accounts"] == accounts


@pytest.mark.parametrize("kind", [{"include_storage": True}, {}, {"storage_only": True, "destination_path": "E:\\VMs"}])
def test_on_disks_of_a_host_there_is_nothing_to_say_of_shares(kind: dict[str, object]) -> None:
    found = lies_on(LOCAL).move(**kind).finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "S-1-5-83-0" in found.message.text


def test_it_says_how_to_look() -> None:
    remedy = lies_on("\\\\?\\UNC\\fs01\\vms$\\LMTest").move(include_storage=True).finding(CHECK, MOVE).remedy
    assert remedy
    assert remedy.commands == ()
    assert remedy.verify == (
        "Get-SmbShareAccess -CimSession 'fs01' -Name 'vms$'",
        "icacls.exe '\\\\?\\UNC\\fs01\\vms$\\LMTest'",
        "Invoke-Command -ComputerName 'TestServer02' -ScriptBlock { icacls.exe 'D:\\LMTest' }",
    )


def test_an_advice_changes_no_verdict_and_what_is_not_known_is_not_passed_over() -> None:
    unread = lies_on(SHARE).miss("hosts.testserver01.vms").finding(CHECK, MOVE)
    assert (unread.outcome, unread.severity) == (Outcome.UNKNOWN, Severity.ADVICE)
    assert on_share(good(), disks=None).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
