from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.plan import Move
from checks.result import FindingRecord
from tests.world import TestWorld, good, vm

OPERATOR = "CONTOSO\\hv-operator"
ID = "11111111-2222-3333-4444-555555555555"


def move(vm: str = "LMTest", source: str = "TestServer01", target: str = "TestServer02", operator: str = OPERATOR) -> Move:
    return Move(vm, source, target, operator)


def finding(*moves: Move, world: TestWorld | None = None) -> FindingRecord:
    return (world or good()).with_plan(moves=moves).finding("plan.consistent", "plan")


def test_a_plan_with_a_way_back_passes() -> None:
    assert good().with_return().finding("plan.consistent", "plan").outcome is Outcome.PASS


def test_the_same_name_on_two_hosts_is_two_vms() -> None:
    assert finding(move(), move(source="TestServer02", target="TestServer01")).outcome is Outcome.PASS


def test_a_plan_without_a_move_is_a_blocker() -> None:
    found = finding()
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no move" in found.message.text


@pytest.mark.parametrize(
    ("again", "world"),
    [
        (move(), good()),
        (move("lmtest", "TESTSERVER01"), good()),
        (move(ID), good()),
        (move(ID.upper()), good()),
        (move("*"), good()),
        (move(source="testserver01.contoso.test"), good().with_host("testserver01.contoso.test", "testserver01", "TestServer01")),
    ],
)
def test_a_move_that_stands_twice_in_the_plan_is_a_blocker_however_it_is_written(again: Move, world: TestWorld) -> None:
    found = finding(move(), again, world=world)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "more than once" in found.message.text


def test_a_second_star_on_one_source_finds_nothing_left() -> None:
    world = good().set("hosts.testserver01.vms", (vm("A", id="a"), vm("B", id="b")))
    found = finding(move("*"), move("*"), world=world)
    assert (found.outcome, found.message.values["count"]) == (Outcome.FAIL, 1)


def test_a_star_after_a_single_vm_is_what_is_left() -> None:
    world = good().set("hosts.testserver01.vms", (vm(), vm("B", id="b")))
    assert finding(move(), move("*", target="TestServer03"), world=world.with_host("testserver03")).outcome is Outcome.PASS


def test_both_moves_of_a_vm_that_goes_twice_are_named() -> None:
    found = finding(move(), move(ID, target="TestServer03"), world=good().with_host("testserver03"))
    (place,) = found.evidence
    assert (place.what, place.actual) == ("LMTest: TestServer01 → TestServer02", f"then {ID}: TestServer01 → TestServer03")


@pytest.mark.parametrize("again", ["LMTest", ID, "*"])
def test_a_vm_that_came_back_may_go_again(again: str) -> None:
    back = move(ID, "TestServer02", "TestServer01")
    assert finding(move(), back, move(again, target="TestServer03"), world=good().with_host("testserver03")).outcome is Outcome.PASS


def test_storage_that_moves_alone_lets_the_vm_go_later() -> None:
    storage = replace(move(target="TestServer03"), storage_only=True, destination_path="\\\\testserver03\\vms")
    world = good().with_host("testserver03")
    assert finding(storage, move(), world=world).outcome is Outcome.PASS
    assert "more than once" in finding(storage, storage, world=world).message.text


def test_storage_may_move_within_one_machine() -> None:
    storage = replace(move(target="testserver01.contoso.test"), storage_only=True)
    world = good().with_host("testserver01.contoso.test", "testserver01", "TestServer01")
    assert finding(storage, world=world).outcome is Outcome.PASS


def test_two_names_of_a_host_that_did_not_answer_are_one_by_its_account() -> None:
    world = good().with_host("hv02", "testserver02").miss("hosts.hv02.computer").miss("hosts.testserver02.computer")
    accounts = world.snapshot.accounts
    world = TestWorld(world.plan, replace(world.snapshot, accounts=accounts | {"hv02": accounts["testserver02"]}))
    assert "one host as source and target" in finding(move(source="hv02"), world=world).message.text


@pytest.mark.parametrize("second", ["LMTest", ID, "*"])
def test_one_vm_to_two_targets_is_a_blocker(second: str) -> None:
    found = finding(move(), move(second, target="TestServer03"), world=good().with_host("testserver03"))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "second target" in found.message.text


@pytest.mark.parametrize("target", ["TestServer01", "testserver01.", "alias"])
def test_one_host_as_source_and_target_is_a_blocker_under_any_name(target: str) -> None:
    found = finding(move(target=target), world=good().with_host("alias", "testserver01", "TestServer01"))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "one host as source and target" in found.message.text


def test_a_host_that_the_snapshot_does_not_know_is_a_blocker() -> None:
    found = finding(move(target="TestServer09"))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "TestServer09" in found.message.text


@pytest.mark.parametrize(
    "operator", ["CONTOSO\\hv-operator", "hv-operator@contoso.test", "hv-operator@corp", "CONTOSO\\hv operator", "contoso.test\\hv$"]
)
def test_domain_accounts_in_both_forms_pass(operator: str) -> None:
    assert finding(move(operator=operator)).outcome is Outcome.PASS


@pytest.mark.parametrize(
    "operator",
    ["hv-operator", "", "\\hv-operator", "CONTOSO\\", ".\\hv-operator", "CONTOSO\\a\\b", "hv@", "@contoso.test", "a@.b", "a@b..c", "A\\b*"],
)
def test_an_account_in_no_known_form_is_a_blocker(operator: str) -> None:
    found = finding(move(operator=operator))
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "operators" in found.message.text


def test_every_kind_of_contradiction_is_in_the_evidence() -> None:
    found = finding(move(), move(), move(target="TestServer09"), move("X", target="TestServer01"))
    assert {evidence.actual for evidence in found.evidence} == {
        "not in the snapshot",
        "source and target are one host",
        "again as LMTest: TestServer01 → TestServer02",
        "then LMTest: TestServer01 → TestServer09",
    }


def test_a_contradiction_is_told_even_when_a_host_did_not_answer() -> None:
    world = good().miss("hosts.testserver01.computer").miss("hosts.testserver01.vms")
    assert finding(move(), move(), world=world).outcome is Outcome.FAIL


def test_a_host_that_does_not_say_who_it_is_leaves_the_plan_unknown() -> None:
    found = good().miss("hosts.testserver01.computer").finding("plan.consistent", "plan")
    assert (found.outcome, found.severity) == (Outcome.UNKNOWN, Severity.BLOCKER)


def test_names_mixed_with_ids_are_unknown_without_the_list_of_vms() -> None:
    world = good().miss("hosts.testserver01.vms")
    assert finding(move("A"), move(ID), world=world).outcome is Outcome.UNKNOWN
    assert finding(move("A"), move("*"), world=world).outcome is Outcome.UNKNOWN
    assert finding(move("A"), move("B"), world=world).outcome is Outcome.PASS


def test_ten_thousand_moves_are_judged_move_by_move() -> None:
    vms = tuple(vm(f"VM{number}", id=str(number)) for number in range(10_000))
    world = good().set("hosts.testserver01.vms", vms)
    moves = tuple(move(machine.name) for machine in vms)
    assert finding(*moves, world=world).outcome is Outcome.PASS
    assert finding(*moves, move("VM5000"), world=world).message.values["count"] == 1


def test_a_contradiction_reaches_the_moves_that_it_is_about_and_their_pairs() -> None:
    aside, back = move("X"), move("X", "TestServer02", "TestServer01")
    nowhere, local = move("X", target="TestServer01"), move("Y", operator="hv-operator")
    world = good().with_host("testserver03").set("hosts.testserver01.vms", (vm(), vm("X", id="b"), vm("Y", id="c")))

    def reached(*moves: Move) -> list[bool]:
        return ["plan.consistent@plan" in each.findings for each in world.with_plan(moves=moves).result().moves]

    assert reached(aside, move(), back, move(ID)) == [False, True, False, True]
    assert reached(aside, move(), move(ID, target="TestServer03")) == [False, True, True]
    assert reached(move(), nowhere) == [False, True]
    assert reached(move(), local) == [False, True]
    assert reached(move(), move("X", target="TestServer09")) == [True, True]
