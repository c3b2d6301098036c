"""What hosts are asked about the places to which files go: never about anything else than plain paths on their own fixed drives."""

from __future__ import annotations

from checks.facts.hardware import Volume
from checks.facts.machines import Disk
from checks.world import World
from runner.collect.hosts.destinations import CHUNK, MOST, questions
from tests.facts.machines import nothing
from tests.world import TestWorld, good, vm

HERE, THERE = "hosts.testserver01", "hosts.testserver02"
CONFIGURATION = set(nothing("D:\\LMTest")) - {"D:\\LMTest\\Virtual Hard Disks\\disk0.vhdx"}


def asked(world: TestWorld) -> dict[str, set[str]]:
    """The places by host, in all rounds."""
    found: dict[str, set[str]] = {}
    for places in questions(World(world.plan, world.snapshot)):
        for host, its in places.items():
            found.setdefault(host.key, set()).update(its)
    return found


def with_disks(*paths: str) -> TestWorld:
    return good().set(f"{HERE}.vms", (vm(disks=tuple(Disk(path, False, False) for path in paths)),))


def test_a_target_is_asked_for_the_configuration_and_the_disks_and_storage_alone_of_the_source() -> None:
    assert asked(good()) == {"testserver02": set(nothing("D:\\LMTest"))}
    assert asked(good().move(storage_only=True)) == {"testserver01": set(nothing("D:\\LMTest"))}
    assert asked(good().move(destination_path=None)) == {"testserver02": set(nothing(None))}
    assert asked(good().move(include_storage=False, destination_path=None)) == {}


def test_whatever_a_source_calls_its_files_no_host_reaches_for_another_one() -> None:
    """The names are those of files, whose folder the plan names; what is no plain name is asked of nobody."""
    odd = (
        "\\\\fabrikam.example\\share\\a.vhdx",
        "//fabrikam.example/share/b.vhdx",
        "\\\\?\\UNC\\fabrikam.example\\share\\c.vhdx",
        "D:\\x\\..\\d [1]'; $env.vhdx",
    )
    refused = (
        *("D:\\x\\..", "D:\\x\\.", "D:\\x\\", "D:\\NUL", "D:\\con.vhdx", "D:\\COM1 .vhdx", "D:\\lpt\u00b9.vhdx", "D:\\CONIN$"),
        *("D:\\a.vhdx.", "D:\\a.vhdx ", "D:\\a:b", "D:\\*.vhdx", "D:\\a?.vhdx", 'D:\\".vhdx', "D:\\a|b", "D:\\<a>", "D:\\\x01"),
        *("D:\\\ufffd.vhdx", f"D:\\{'x' * 250}.vhdx"),
    )
    for path, name in zip(odd, ("a.vhdx", "b.vhdx", "c.vhdx", "d [1]'; $env.vhdx"), strict=True):
        assert asked(with_disks(path))["testserver02"] == CONFIGURATION | {f"D:\\LMTest\\Virtual Hard Disks\\{name}"}
    for path in refused:
        assert asked(with_disks(path))["testserver02"] == CONFIGURATION, path
    evil = good().set(f"{HERE}.vms.0.id", "..\\..\\..\\Windows\\x")
    assert {each.rpartition("\\")[0] for each in asked(evil)["testserver02"]} == {
        f"D:\\LMTest\\Virtual {each}" for each in ("Machines", "Hard Disks")
    }
    for path in (*odd[:3], *refused, "\\\\.\\pipe\\x", "\\\\?\\Volume{1}\\x.vhdx", "x.vhdx"):
        paths = asked(with_disks(path).move(destination_path=None))["testserver02"]
        assert all(each.startswith("D:\\") and "fabrikam" not in each for each in paths), path


def test_only_fixed_drives_that_the_host_told_are_asked_for() -> None:
    for path in ("\\\\fs01\\vms", "\\\\testserver02\\vms", "//fs01/vms", "\\\\?\\Volume{1}\\x", "LMTest", "X:\\LMTest", "NUL"):
        assert asked(good().move(destination_path=path)) == {}, path
    assert asked(good().move(destination_path="\\\\?\\d:/LMTest\\")) == {"testserver02": {f"d{each[1:]}" for each in nothing("D:\\LMTest")}}
    for drive in (0, 2, 4, 5):
        assert asked(good().set(f"{THERE}.volumes", (Volume("D:\\", drive, 1 << 40, 1 << 40),))) == {}, "it may be a share"
    assert asked(good().miss(f"{THERE}.volumes")) == {}


def test_however_many_disks_a_source_tells_a_host_is_asked_in_bounded_rounds() -> None:
    world = with_disks(*(f"D:\\{number}.vhdx" for number in range(MOST + 5)))
    rounds = list(questions(World(world.plan, world.snapshot)))
    assert [len(its) for each in rounds for its in each.values()] == [CHUNK] * (MOST // CHUNK)
    same = with_disks(*("D:\\A.vhdx", "E:\\a.VHDX"))
    assert len(asked(same)["testserver02"]) == len(CONFIGURATION) + 1, "a place that two files go to is asked for once"
