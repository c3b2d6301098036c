from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.windows.names import HostName, MachineName
from tests.world import good, vm

CHECK = "vm.present"
MOVE = "LMTest@testserver01>testserver02"
VMS = "hosts.testserver01.vms"
ID = "11111111-2222-3333-4444-555555555555"
OTHER = "99999999-2222-3333-4444-555555555555"


@pytest.mark.parametrize("wanted", ["LMTest", "lmtest", ID, ID.upper()])
def test_one_vm_of_that_name_or_id_passes(wanted: str) -> None:
    name = wanted if wanted != "*" else "LMTest"
    assert good().move(vm=wanted).finding(CHECK, f"{name}@testserver01>testserver02").outcome is Outcome.PASS


def test_no_such_vm_is_a_blocker() -> None:
    found = good().set(VMS, (vm("Another"),)).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert found.message.text == "TestServer01 has no VM with the name or id LMTest"
    assert found.remedy is not None
    assert found.remedy.verify == ("Get-VM -ComputerName 'TestServer01' | Select-Object -Property Name, Id",)


def test_several_vms_of_one_name_are_a_blocker_that_lists_their_ids() -> None:
    found = good().set(VMS, (vm(), vm("lmtest", id=OTHER))).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "2 VMs" in found.message.text
    assert ID in found.message.text
    assert OTHER in found.message.text


def test_a_vm_whose_name_is_the_id_of_another_is_not_guessed() -> None:
    assert good().set(VMS, (vm(), vm(ID, id=OTHER))).move(vm=ID).finding(CHECK, f"{ID}@testserver01>testserver02").outcome is Outcome.FAIL


def test_all_vms_of_a_host_without_any_is_a_blocker_with_its_own_text() -> None:
    found = good().set(VMS, ()).move(vm="*").finding(CHECK, "*@testserver01>testserver02")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no VM at all" in found.message.text


def test_all_vms_of_a_host_that_did_not_list_them_is_unknown() -> None:
    assert good().miss(VMS).move(vm="*").finding(CHECK, "*@testserver01>testserver02").outcome is Outcome.UNKNOWN


def test_a_vm_that_an_earlier_move_of_the_plan_brings_is_present_for_its_way_back() -> None:
    found = good().with_return().finding(CHECK, "LMTest@testserver02>testserver01")
    assert found.outcome is Outcome.PASS
    assert "is on TestServer01 now" in found.message.text


def test_a_way_back_says_on_which_move_it_depends() -> None:
    found = good().with_return().finding(CHECK, "LMTest@testserver02>testserver01")
    assert ("depends on", "LMTest: TestServer01 → TestServer02") in [(each.what, each.actual) for each in found.evidence]


def test_a_vm_that_an_earlier_move_takes_away_is_not_there_and_that_move_is_named() -> None:
    move = good().plan.moves[0]
    world = good().with_host("testserver03").with_plan(moves=(move, replace(move, vm=MachineName(ID), target=HostName("TestServer03"))))
    found = world.finding(CHECK, f"{ID}@testserver01>testserver03")
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "LMTest: TestServer01 → TestServer02 takes it away" in found.message.text


def test_a_name_is_compared_letter_by_letter() -> None:
    world = good().set(VMS, (vm("Stra\u00dfe"),)).move(vm=MachineName("Strasse"))
    assert world.finding(CHECK, "Strasse@testserver01>testserver02").outcome is Outcome.FAIL


@pytest.mark.parametrize("written", ["?MTest", "[L]MTest", "LM*"])
def test_no_other_wildcard_than_all_is_one(written: str) -> None:
    assert good().move(vm=MachineName(written)).finding(CHECK, f"{written}@testserver01>testserver02").outcome is Outcome.FAIL


def test_a_vm_that_only_a_later_move_brings_is_not_present() -> None:
    world = good().with_return()
    world = world.with_plan(moves=world.plan.moves[::-1])
    assert world.finding(CHECK, "LMTest@testserver02>testserver01").outcome is Outcome.FAIL


def test_moves_in_a_circle_without_the_vm_end() -> None:
    world = good().with_return().set(VMS, ())
    back = world.plan.moves[1]
    world = world.with_plan(moves=(*world.plan.moves, replace(back, target="TestServer01")))
    assert world.finding(CHECK, "LMTest@testserver02>testserver01#2").outcome is Outcome.FAIL


def test_vms_that_were_not_read_are_unknown() -> None:
    assert good().miss(VMS).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
