"""Where the VMs are before each move of a plan, as the checks see it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import reports.html
from checks.check import Outcome, Severity
from checks.facts.fact import Missing
from checks.facts.machines import VirtualMachine
from checks.plan import Move
from checks.registry import all_checks
from checks.result import Result, Verdict
from checks.windows.names import HostName, MachineName
from checks.world import World
from reports.console import write
from tests.world import MIGRATION_SERVICE, TestWorld, good, services, vm

OPERATOR = "CONTOSO\\hv-operator"
ONE, TWO, THREE = "TestServer01", "TestServer02", "TestServer03"
FULL = "testserver02.contoso.test"
ID, OTHER, THIRD = (f"{digit * 8}-2222-3333-4444-555555555555" for digit in "198")


def go(vm: str, source: str, target: str, **kind: object) -> Move:
    return Move(vm, source, target, OPERATOR, **kind)  # type: ignore[arg-type]


def planned(*moves: Move, world: TestWorld | None = None, **vms: tuple[VirtualMachine, ...]) -> TestWorld:
    """The good world, or this one, with these moves and these VMs on hosts."""
    world = (world or good()).with_plan(moves=moves)
    for host, held in vms.items():
        world = world.set(f"hosts.{host}.vms", held)
    return world


def by_both_names() -> TestWorld:
    """The good world where TestServer02 was also visited under its full name."""
    world = good()
    snapshot = world.snapshot
    return TestWorld(
        world.plan,
        replace(
            snapshot,
            hosts=snapshot.hosts | {FULL: snapshot.hosts["testserver02"]},
            accounts=snapshot.accounts | {FULL: snapshot.accounts["testserver02"]},
        ),
    )


def present(world: TestWorld) -> list[Outcome]:
    """What vm.present says of each move."""
    return [found.outcome for found in judged(world, "vm.present").findings]


def judged(world: TestWorld, *checks: str) -> Result:
    return world.result(tuple(replace(each, depends_on=()) for each in all_checks() if each.id in checks))


def moved(world: TestWorld) -> list[tuple[str, str]]:
    return [(step.move.vm.spelled, step.move.source.spelled) for step in World(world.plan, world.snapshot).steps]


def test_storage_that_moves_alone_leaves_the_vm_where_it_is() -> None:
    storage = go("LMTest", ONE, TWO, storage_only=True, destination_path="\\\\testserver02\\vms")
    assert present(planned(storage, go("LMTest", TWO, ONE))) == [Outcome.PASS, Outcome.FAIL]
    assert present(planned(storage, go("LMTest", ONE, TWO))) == [Outcome.PASS, Outcome.PASS]


@pytest.mark.parametrize(("back", "outcome"), [("LMTest", Outcome.FAIL), (ID, Outcome.PASS), (f"{{{ID}}}", Outcome.PASS)])
def test_the_way_back_of_one_of_two_vms_of_a_name_needs_the_id(back: str, outcome: Outcome) -> None:
    world = planned(go("LMTest", ONE, TWO), go(back, TWO, ONE), testserver02=(vm("lmtest", id=OTHER),))
    assert present(world) == [Outcome.PASS, outcome]


@pytest.mark.parametrize("back", ["LMTest", ID, ID.upper(), "*"])
@pytest.mark.parametrize("there", ["LMTest", ID, "*"])
def test_a_vm_that_went_by_any_of_its_names_comes_back_by_any(there: str, back: str) -> None:
    assert present(planned(go(there, ONE, TWO), go(back, TWO, ONE))) == [Outcome.PASS, Outcome.PASS]


def test_all_vms_are_those_that_the_source_has_when_the_plan_comes_there() -> None:
    world = planned(go("*", ONE, TWO), go("*", TWO, ONE), testserver02=(vm("X", id=OTHER),))
    assert moved(world) == [("LMTest", ONE), ("LMTest", TWO), ("X", TWO)]
    assert present(world) == [Outcome.PASS] * 3


def test_of_two_vms_of_a_name_all_are_named_by_their_ids() -> None:
    world = planned(go("LMTest", ONE, TWO), go("*", TWO, ONE), testserver02=(vm(id=OTHER), vm("A", id=THIRD)))
    assert moved(world)[1:] == [("A", TWO), (ID, TWO), (OTHER, TWO)]


def test_a_machine_is_one_under_its_short_and_its_full_name() -> None:
    world = planned(go("LMTest", ONE, TWO), go("LMTest", FULL, ONE), world=by_both_names())
    assert present(world) == [Outcome.PASS, Outcome.PASS]
    assert present(planned(go("LMTest", ONE, FULL), go(ID, TWO, ONE), world=by_both_names())) == [Outcome.PASS, Outcome.PASS]


def test_a_chain_is_followed_from_host_to_host() -> None:
    chain = (go("LMTest", ONE, TWO), go("LMTest", TWO, THREE), go("LMTest", THREE, ONE))
    world = good().with_host("testserver03")
    assert present(planned(*chain, world=world)) == [Outcome.PASS] * 3
    assert present(planned(*chain, go("LMTest", TWO, ONE), world=world))[3] is Outcome.FAIL


def test_a_move_is_no_better_than_the_one_that_brings_its_vm() -> None:
    there, back = good().with_return().result().moves
    assert (there.verdict, back.verdict, there.rests_on, back.rests_on) == (Verdict.GO, Verdict.GO, None, 0)
    result = good().with_return().set("hosts.testserver02.supported_versions", ("11.0",)).result()
    there, back = result.moves
    own = {finding.verdict for finding in result.findings if finding.id in back.findings}
    assert (there.verdict, back.verdict, back.rests_on) == (Verdict.NO_GO, Verdict.NO_GO, 0)
    assert Verdict.NO_GO not in own
    assert [pair.verdict for pair in result.pairs] == [Verdict.NO_GO, Verdict.NO_GO]
    stream = io.StringIO()
    write(result, stream=stream)
    assert "LMTest: TestServer02 → TestServer01 is NO-GO, for it rests on LMTest: TestServer01 → TestServer02" in stream.getvalue()
    assert "rests on LMTest: TestServer01 → TestServer02" in reports.html.render(result)


def test_the_way_back_of_a_leg_is_judged_by_the_storage_that_the_vm_has_then() -> None:
    """A > B > C with the VM on a share: C may not open files on FS01 for others, so that the way back of B > C lacks cifs."""
    world = good().server("fs01").with_host("testserver03")
    third = replace(good().snapshot.accounts["testserver02"])
    world = TestWorld(world.plan, replace(world.snapshot, accounts=world.snapshot.accounts | {"testserver03": third}))
    world = world.account("testserver03", sid="S-1-5-21-1-2-3-4", delegate_to=services(TWO, MIGRATION_SERVICE))
    legs = [go("LMTest", ONE, TWO, include_storage=False), go("LMTest", TWO, THREE, include_storage=False)]
    on_share = (vm(configuration_path="\\\\fs01\\vms", checkpoint_path="\\\\fs01\\vms", paging_path="\\\\fs01\\vms", disks=()),)
    found = planned(*legs, world=world, testserver01=on_share).finding("delegation.return_direction", "testserver02>testserver03")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "cifs" in found.message.text
    found = planned(*legs, world=world).finding("delegation.return_direction", "testserver02>testserver03")
    assert found.outcome is Outcome.PASS


@pytest.mark.parametrize(("path", "outcome"), [("\\\\testserver02\\vms", Outcome.PASS), ("D:\\VMs", Outcome.SKIP), (None, Outcome.UNKNOWN)])
def test_a_move_without_storage_is_judged_by_where_an_earlier_one_put_the_files(path: str | None, outcome: Outcome) -> None:
    storage = go("LMTest", ONE, TWO, storage_only=True, destination_path=path)
    world = planned(storage, go("LMTest", ONE, TWO, include_storage=False))
    assert world.finding("delegation.cifs", "LMTest@testserver01>testserver02#2").outcome is outcome


def test_a_way_back_is_planned_under_any_name_of_vm_and_host_but_only_later() -> None:
    def returns(*moves: Move) -> list[bool]:
        world = planned(*moves, world=by_both_names())
        built = World(world.plan, world.snapshot)
        return [built.comes_back(place) for place in range(len(built.steps))]

    assert returns(go("LMTest", ONE, TWO), go(ID, FULL, ONE)) == [True, False]
    assert returns(go("LMTest", ONE, TWO), go("*", FULL, ONE)) == [True, False]
    assert returns(go("X", FULL, ONE), go("LMTest", ONE, TWO)) == [False, False]


# --- what was not read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", ["LMTest", ID, "*"])
def test_a_way_back_from_a_host_that_did_not_list_its_vms_is_sure_by_id_only(back: str) -> None:
    world = planned(go("LMTest", ONE, TWO), go(back, TWO, ONE)).miss("hosts.testserver02.vms")
    assert present(world) == [Outcome.PASS, Outcome.PASS if back == ID else Outcome.UNKNOWN]


@pytest.mark.parametrize(
    ("came", "onward", "outcome"),
    [
        ("LMTest", "LMTest", Outcome.UNKNOWN),
        ("LMTest", ID, Outcome.UNKNOWN),
        ("LMTest", "*", Outcome.UNKNOWN),
        ("LMTest", "Other", Outcome.PASS),
        ("LMTest", "Nobody", Outcome.FAIL),
        (ID, "LMTest", Outcome.UNKNOWN),
        ("*", "Nobody", Outcome.UNKNOWN),
        ("*", OTHER, Outcome.PASS),
    ],
)
def test_what_comes_from_a_host_that_did_not_list_its_vms_is_not_absent(came: str, onward: str, outcome: Outcome) -> None:
    world = planned(go(came, ONE, TWO), go(onward, TWO, ONE), testserver02=(vm("Other", id=OTHER),)).miss("hosts.testserver01.vms")
    assert present(world) == [Outcome.UNKNOWN, outcome]


# --- what changes nothing, and what makes nothing better --------------------------------------------------------------

HOSTS = (ONE, TWO, THREE)
NAMES = ("A", "B", "C")
IDS = (ID, OTHER, THIRD)
MACHINES = st.sampled_from([[(name, id) for name, id in zip(names, IDS, strict=True)] for names in (NAMES, ("A", "A", "B"))])
MOVES = st.builds(
    lambda vm, pair, storage: go(vm, *pair, storage_only=storage, destination_path="D:\\VMs"),
    st.sampled_from(NAMES + IDS),
    st.sampled_from([(one, other) for one in HOSTS for other in HOSTS if one != other]),
    st.sampled_from((False, False, True)),
)
CHECKS = tuple(check.id for check in all_checks())


def spread(machines: list[tuple[str, str]], places: list[int], unread: int | None) -> TestWorld:
    world = good().with_host("testserver03")
    for number, host in enumerate(HOSTS):
        held = tuple(vm(name, id=id) for (name, id), place in zip(machines, places, strict=True) if place == number)
        world = world.set(f"hosts.{host.lower()}.vms", held)
    return world if unread is None else world.miss(f"hosts.{HOSTS[unread].lower()}.vms")


WORLDS = st.builds(spread, MACHINES, st.lists(st.integers(0, 2), min_size=3, max_size=3), st.sampled_from((None, None, 0, 1)))


@given(WORLDS, st.lists(MOVES, min_size=1, max_size=5), MOVES, st.data())
def test_a_move_of_another_vm_makes_no_move_better(world: TestWorld, moves: list[Move], more: Move, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(moves)))
    without, with_it = planned(*moves, world=world), planned(*moves[:place], more, *moves[place:], world=world)
    known = {MachineName(each.id): each for facts in world.snapshot.hosts.values() for each in getattr(facts.vms, "value", ())}
    before, after = judged(without, *CHECKS).moves, judged(with_it, *CHECKS).moves
    brings_what_nobody_knows = isinstance(World(with_it.plan, with_it.snapshot).steps[place].found, Missing)
    for number, (old, new) in enumerate(zip(before, (*after[:place], *after[place + 1 :]), strict=True)):
        same = _name(MachineName(old.vm), known) == _name(more.vm, known)
        if place > number and "plan.consistent@plan" not in old.findings:
            assert new.verdict.weight >= old.verdict.weight
        elif not same:  # what is between two moves that contradict one another may bring the VM back
            least = Verdict.INCOMPLETE if brings_what_nobody_knows else Verdict.NO_GO
            assert new.verdict.weight >= min(old.verdict.weight, least.weight)


def _name(wanted: MachineName, known: dict[MachineName, VirtualMachine]) -> MachineName:
    """The name of the VM that is meant, as far as any host told it."""
    return MachineName(known[wanted].name) if wanted in known else wanted


@given(WORLDS, st.lists(MOVES, min_size=1, max_size=5), st.booleans())
def test_letter_case_order_and_doubles_change_nothing(world: TestWorld, moves: list[Move], every: bool) -> None:
    moves = [*moves, *([go("*", moves[0].target.spelled, moves[0].source.spelled)] if every else [])]
    other = [
        replace(
            each,
            vm=MachineName(f"{{{each.vm.spelled.upper()}}}" if len(each.vm.spelled) == 36 else each.vm.spelled.lower()),
            source=HostName(each.source.spelled.upper() + "."),
            target=HostName(each.target.spelled.lower()),
        )
        for each in moves
    ]
    shuffled = world
    for host in HOSTS:
        held = getattr(world.snapshot.hosts[host.lower()].vms, "value", None)
        if held is not None:
            shuffled = shuffled.set(f"hosts.{host.lower()}.vms", (*held[::-1], *held))
    one, two = judged(planned(*moves, world=world), *CHECKS), judged(planned(*other, world=shuffled), *CHECKS)
    assert [found.outcome for found in one.findings] == [found.outcome for found in two.findings]
    assert [move.verdict for move in one.moves] == [move.verdict for move in two.moves]


def test_there_and_back_of_two_thousand_vms_is_one_walk() -> None:
    held = tuple(vm(f"VM{number}", id=f"{number:08x}-2222-3333-4444-555555555555") for number in range(2_000))
    ways = [(ONE, TWO), (TWO, ONE)] * 3
    world = planned(*(go("*", *way) for way in ways), testserver01=held)
    steps = World(world.plan, world.snapshot).steps
    assert len(steps) == 12_000
    assert all(step.placed for step in steps)
