from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.facts.machines import MediaDrive
from checks.windows.releases import BUILD_2012_R2, BUILD_2016
from tests.world import TestWorld, good, vm

CHECK = "vm.media"
MOVE = "LMTest@testserver01>testserver02"
GUEST_SERVICES = "C:\\WINDOWS\\system32\\vmguest.iso"


def holding(*drives: MediaDrive | None) -> TestWorld:
    return good().set("hosts.testserver01.vms", (vm(drives=None if None in drives else drives),))


def image(path: str | None, floppy: bool = False) -> MediaDrive:
    return MediaDrive(floppy, 1, path)


def test_empty_drives_pass_and_so_does_a_vm_without_any() -> None:
    assert good().finding(CHECK, MOVE).outcome is holding().finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("drive", "severity", "predicts", "says"),
    [
        (image("D:\\ISO\\setup.iso"), Severity.BLOCKER, ("0xC03A0014", "40010"), "The ISO file in LMTest lies on a disk of TestServer01"),
        (image("D:\\a.vfd", floppy=True), Severity.BLOCKER, ("0xC03A0014", "40010"), "The floppy in LMTest lies on a disk of TestServer01"),
        (image("\\\\fs01\\iso\\setup.iso"), Severity.RISK, ("0xC03A0014", "40010"), "lies on a share"),
        (MediaDrive(False, 2, "E:"), Severity.BLOCKER, (), "a DVD drive of TestServer01 itself"),
    ],
)
def test_each_medium_that_the_target_may_not_open_has_its_text(
    drive: MediaDrive, severity: Severity, predicts: tuple[str, ...], says: str
) -> None:
    found = holding(MediaDrive(False, 0, None), drive).finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.predicts) == (Outcome.FAIL, severity, predicts)
    assert says in found.message.text


def test_what_surely_stops_the_move_comes_before_what_may() -> None:
    found = holding(image("\\\\fs01\\iso\\a.iso"), image(None), image("D:\\b.iso")).finding(CHECK, MOVE)
    assert (found.severity, "D:\\b.iso" in found.message.text) == (Severity.BLOCKER, True)


@pytest.mark.parametrize(("build", "outcome"), [(BUILD_2012_R2, Outcome.PASS), (BUILD_2016, Outcome.FAIL)])
def test_the_image_that_every_older_windows_has_is_no_obstacle_between_them(build: int, outcome: Outcome) -> None:
    world = holding(image(GUEST_SERVICES)).set("hosts.testserver02.os.build", build)
    assert world.finding(CHECK, MOVE).outcome is outcome


@pytest.mark.parametrize("drive", [None, image(None), MediaDrive(False, None, "D:\\a.iso"), MediaDrive(False, 7, None)])
def test_what_the_vm_did_not_tell_of_its_drives_is_unknown(drive: MediaDrive | None) -> None:
    found = holding(drive).finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.UNREADABLE)


def test_storage_alone_leaves_the_medium_where_it_is() -> None:
    assert holding(image("D:\\a.iso")).move(storage_only=True).finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_without_the_vm_it_is_unknown() -> None:
    found = good().miss("hosts.testserver01.vms").finding(CHECK, MOVE)
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, Reason.ACCESS_DENIED)
