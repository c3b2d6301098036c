"""In which waves the moves of a plan run, and how long they take."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from checks.facts.fact import Reason
from checks.facts.migration import MigrationNetwork
from checks.facts.network import Adapter, Address, AddressState
from checks.plan import Kind
from checks.plan_state import Step
from checks.text import plain
from checks.waves import Route, Schedule, Wave, group, slots
from checks.windows.names import HostName, MachineName
from checks.world import World
from tests.world import TestWorld, good, vm

GIB = 1 << 30
ADAPTERS = "hosts.testserver02.adapters"
SPEED = 10_000_000_000


def planned(world: TestWorld) -> Schedule:
    return World(world.plan, world.snapshot).schedule


def crowd(count: int, **kind: Any) -> TestWorld:
    """The good world with that many VMs that all go from TestServer01 to TestServer02."""
    move = replace(good().plan.moves[0], **kind)
    vms = tuple(vm(f"VM{n}", id=f"{n:08}-2222-3333-4444-555555555555") for n in range(count))
    return good().set("hosts.testserver01.vms", vms).with_plan(moves=tuple(replace(move, vm=MachineName(each.name)) for each in vms))


def then(world: TestWorld, *changes: dict[str, Any]) -> TestWorld:
    """With further moves like the first one but for these changes."""
    first = world.plan.moves[0]
    return world.with_plan(moves=(*world.plan.moves, *(replace(first, **each) for each in changes)))


def without_a_slot_too_many(world: TestWorld, vms: int, storage: int) -> list[tuple[int, ...]]:
    """The waves, once it is sure that no host has more than its limits in any, and that each move stands in one."""
    seen = World(world.plan, world.snapshot)
    waves = [wave.moves for wave in seen.schedule.waves]
    for wave in waves:
        taken = Counter(slot for place in wave for slot in slots(*way(seen.steps[place])))
        assert all(count <= (vms, storage)[of] for (_, of), count in taken.items())
    assert sorted(place for wave in waves for place in wave) == list(range(len(seen.steps)))
    return waves


def way(step: Step) -> tuple[HostName, HostName, Kind]:
    return step.here, step.there, step.move.kind


# --- waves ---


def test_a_host_has_no_more_moves_at_once_than_its_limit() -> None:
    world = crowd(5)
    assert without_a_slot_too_many(world, 2, 2) == [(0, 1), (2, 3), (4,)]
    for one in ("testserver01", "testserver02"):
        assert without_a_slot_too_many(world.set(f"hosts.{one}.migration.maximum_storage_migrations", 1), 2, 1) == [(n,) for n in range(5)]
    more = world.set("hosts.testserver01.migration.maximum_migrations", 4).set("hosts.testserver02.migration.maximum_migrations", 4)
    assert without_a_slot_too_many(more, 4, 2) == [(0, 1), (2, 3), (4,)]


def test_storage_that_moves_alone_leaves_the_slots_for_vms_to_others() -> None:
    storage = {"storage_only": True, "destination_path": "E:\\VMs"}
    moves = crowd(4, include_storage=False).plan.moves
    mixed = (*moves[:2], *(replace(move, **storage) for move in moves[2:]))
    assert without_a_slot_too_many(crowd(4).with_plan(moves=mixed), 2, 2) == [(0, 1, 2, 3)]
    both = (*(replace(move, include_storage=True) for move in moves[:1]), *(replace(move, **storage) for move in moves[1:]))
    assert without_a_slot_too_many(crowd(4).with_plan(moves=both), 2, 2) == [(0, 1), (2, 3)]


def test_what_rests_on_a_move_waits_for_it_and_the_moves_of_a_vm_for_one_another() -> None:
    assert without_a_slot_too_many(good().with_return(), 2, 2) == [(0,), (1,)]
    storage_first = good().move(storage_only=True, destination_path="E:\\VMs")
    assert without_a_slot_too_many(then(storage_first, {"storage_only": False, "destination_path": None}), 2, 2) == [(0,), (1,)]


def test_a_limit_that_was_not_read_or_is_none_is_taken_for_one_and_said() -> None:
    unread = crowd(2).miss("hosts.testserver02.migration")
    none = crowd(2).set("hosts.testserver02.migration.maximum_storage_migrations", 0)
    for world in (unread, none):
        found = planned(world)
        assert [wave.moves for wave in found.waves] == [(0,), (1,)]
        assert plain(found.assumptions[-1]).startswith("TestServer02 did not tell how many migrations run at once")
    assert not any("did not tell" in plain(each) for each in planned(crowd(2)).assumptions)
    assert planned(good().with_plan(moves=())) == Schedule((), (), None)


def test_ten_thousand_moves_are_looked_at_once_each() -> None:
    world = crowd(10_000)
    steps = World(world.plan, world.snapshot).steps
    limits = _Counted([2, 2, 2, 2])
    assert len(group(steps, [Route((0, 1, 2, 3), (0, 1))] * len(steps), limits)) == 5_000
    assert limits.asked == 4 * len(steps)


class _Counted(list[int]):
    asked = 0

    def __getitem__(self, place: Any) -> Any:
        self.asked += 1
        return super().__getitem__(place)


# --- how long they take ---


def only(world: TestWorld) -> Wave:
    (wave,) = planned(world).waves
    return wave


def alone(**kind: Any) -> TestWorld:
    return good().move(include_storage=False, **kind)


def test_a_move_takes_what_its_memory_and_its_disks_take_over_the_slower_link() -> None:
    wave = only(good())
    assert (wave.least_seconds, wave.seconds, wave.transfers) == (37, 54, (54,))  # 44 GiB over 10 Gbit/s, at full speed and at 70 %
    wave = only(alone())
    assert (wave.least_seconds, wave.seconds) == (3, 5)  # 4 GiB
    slow = (Adapter("Migration", 7, "A0369F0B0002", False, SPEED // 10),)
    wave = only(good().set(ADAPTERS, slow))
    assert (wave.least_seconds, wave.seconds) == (377, 540)
    assert planned(good()).gap is None


def test_what_is_off_brings_no_memory() -> None:
    off = (vm(state=3, memory_assigned_bytes=0),)
    wave = only(good().set("hosts.testserver01.vms", off))
    assert (wave.least_seconds, wave.seconds) == (34, 50)  # 40 GiB
    wave = only(alone().set("hosts.testserver01.vms", off).miss("hosts.testserver01.migration"))
    assert (wave.least_seconds, wave.seconds, wave.uncounted) == (0, 0, 0)


def test_the_moves_of_a_wave_share_a_link_and_either_direction_is_for_itself() -> None:
    disks = {"D:\\VMs\\LMTest\\disk0.vhdx": good().snapshot.hosts["testserver01"].virtual_disks.value["D:\\VMs\\LMTest\\disk0.vhdx"]}  # type: ignore[union-attr]
    both = crowd(2).set("hosts.testserver01.virtual_disks", disks)
    assert (only(both).seconds, only(both).transfers) == (108, (108, 108))
    other = vm("Other", id="99999999-2222-3333-4444-555555555555")
    facing = good().set("hosts.testserver02.vms", (other,)).set("hosts.testserver02.virtual_disks", disks)
    move = facing.plan.moves[0]
    facing = then(facing, {"vm": MachineName("Other"), "source": move.target, "target": move.source})
    assert (only(facing).seconds, only(facing).moves) == (54, (0, 1))


def test_two_links_for_migrations_bound_it_from_both_sides() -> None:
    world = good()
    for number in (1, 2):
        host = f"hosts.testserver0{number}"
        facts = world.snapshot.hosts[f"testserver0{number}"]
        second = Adapter("Migration 2", 8, f"A0369F0C000{number}", False, SPEED // 10)
        address = Address(f"192.168.11.{number}", 24, 8, AddressState.PREFERRED, skip_as_source=False)
        world = world.set(f"{host}.adapters", (*facts.adapters.value, second)).set(f"{host}.addresses", (*facts.addresses.value, address))  # type: ignore[union-attr]
        world = world.set(f"{host}.migration_networks", (*facts.migration_networks.value, MigrationNetwork("192.168.11.0/24", None)))  # type: ignore[union-attr]
    assert (only(world).least_seconds, only(world).seconds) == (34, 540)  # 44 GiB over 11 Gbit/s, and over 70 % of 1 Gbit/s


UNREAD = {
    "hosts.testserver01.vms": "vms",
    "hosts.testserver01.virtual_disks": "virtual_disks",
    "hosts.testserver02.migration": "migration",
    "hosts.testserver02.migration_networks": "migration_networks",
    "hosts.testserver02.addresses": "addresses",
    "hosts.testserver02.adapters": "adapters",
}


@pytest.mark.parametrize("path", UNREAD)
def test_what_was_not_read_makes_no_number(path: str) -> None:
    found = planned(good().miss(path))
    (wave,) = found.waves
    assert (wave.seconds, wave.transfers, wave.least_seconds, wave.uncounted) == (None, (None,), 0, 1)
    assert found.gap is not None
    assert found.gap.fact == UNREAD[path]
    assert found.gap.missing is not None
    assert found.gap.missing.reason is Reason.ACCESS_DENIED
    assert len(wave.why) == 1


def of_speed(speed: int | None) -> TestWorld:
    return good().set(ADAPTERS, (Adapter("Migration", 7, "A0369F0B0002", False, speed),))


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (of_speed(None), "not read: link speed of every adapter of TestServer02 that carries migrations"),
        (of_speed(0), "not read: link speed of every adapter of TestServer02 that carries migrations"),
        (of_speed(2**64 - 1), "not read: link speed of every adapter of TestServer02 that carries migrations"),
        (good().set(ADAPTERS, ()), "not read: link speed of every adapter of TestServer02 that carries migrations"),
        (
            good().set("hosts.testserver02.migration_networks", (MigrationNetwork("192.168.99.0/24", None),)),
            "TestServer02 has no address in a network that is named for migrations",
        ),
        (good().set("hosts.testserver01.virtual_disks", {}), "not read: size of every disk of LMTest"),
        (good().move(vm=MachineName("Nobody")), "not read: VM Nobody on TestServer01"),
    ],
)
def test_what_is_not_in_an_answer_makes_no_number_either(world: TestWorld, says: str) -> None:
    found = planned(world)
    (wave,) = found.waves
    assert (wave.seconds, wave.transfers, wave.least_seconds) == (None, (None,), 0)
    assert [plain(each) for each in wave.why] == [says]
    assert found.gap is not None
    assert found.gap.missing is not None


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (
            good().set("hosts.testserver01.migration.any_network", True),
            "TestServer01 takes migrations on any network: which link they take is not known",
        ),
        *(
            (world, "files go to another disk of the host, or lie on a share: how fast they are copied there is not known")
            for world in (
                good().move(storage_only=True, destination_path="E:\\VMs"),
                good().move(destination_path="\\\\fs01\\vms"),
                good().set("hosts.testserver01.vms", (vm(configuration_path="\\\\fs01\\vms\\LMTest"),)),
                good().move(destination_path=None).set("hosts.testserver02.migration.disk_folder", "\\\\fs01\\vms"),
            )
        ),
    ],
)
def test_what_no_fact_tells_is_said_and_no_number(world: TestWorld, says: str) -> None:
    found = planned(world)
    (wave,) = found.waves
    assert (wave.seconds, wave.transfers, wave.uncounted) == (None, (None,), 1)
    assert [plain(each) for each in wave.why] == [says]
    assert found.gap is None


def test_a_move_that_shares_its_link_with_one_of_unknown_size_has_no_end() -> None:
    world = crowd(2)
    vms: tuple[Any, ...] = world.snapshot.hosts["testserver01"].vms.value  # type: ignore[union-attr]
    wave = only(world.set("hosts.testserver01.vms", (vms[0], replace(vms[1], disks=None))))
    assert (wave.seconds, wave.transfers, wave.least_seconds, wave.uncounted) == (None, (None, None), 37, 1)


def test_of_many_reasons_the_first_are_told() -> None:
    world = crowd(9)
    for one in ("testserver01", "testserver02"):
        world = world.set(f"hosts.{one}.migration.maximum_migrations", 9).set(f"hosts.{one}.migration.maximum_storage_migrations", 9)
    unsized = only(world.set("hosts.testserver01.virtual_disks", {}))
    assert (unsized.uncounted, len(unsized.why)) == (9, 3)
