from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.machines import VirtualAdapter
from checks.facts.network import Switch, SwitchType
from checks.result import FindingRecord
from tests.checks.delegation.situations import MOVE
from tests.world import TestWorld, good

CHECK = "vm.switch"
ADAPTERS = "hosts.testserver01.vms.0.adapters"
HERE, THERE = "hosts.testserver01.switches", "hosts.testserver02.switches"


def switch(name: str, type: SwitchType = SwitchType.EXTERNAL) -> Switch:
    return Switch("5f3c0000-0000-0000-0000-000000000002", name, type, False)


def connected(*switches: str) -> TestWorld:
    return good().set(ADAPTERS, tuple(VirtualAdapter("Network Adapter", each, "00155D000001") for each in switches))


def said(found: FindingRecord) -> tuple[Outcome, Severity | None]:
    return found.outcome, found.severity


def test_a_switch_of_the_same_name_and_type_will_do() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_without_it_the_move_is_refused_and_the_message_names_it() -> None:
    found = connected("LAN", "DMZ|'").finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no switch with the name DMZ|'" in found.message.text
    assert found.predicts == ("33012",)


def test_a_switch_that_takes_no_adapter_is_made_by_a_command() -> None:
    found = connected("Lab's").set(HERE, (switch("Lab's", SwitchType.PRIVATE),)).finding(CHECK, MOVE)
    assert found.remedy is not None
    assert found.remedy.commands == ("New-VMSwitch -ComputerName 'TestServer02' -Name 'Lab''s' -SwitchType 'Private'",)
    assert found.remedy.undo == ("Remove-VMSwitch -ComputerName 'TestServer02' -Name 'Lab''s' -Force",)


def test_other_letters_are_a_risk() -> None:
    found = good().set(THERE, (switch("lan"),)).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "lan instead of LAN" in found.message.text


def test_one_that_is_missing_outweighs_one_in_other_letters() -> None:
    assert said(connected("LAN", "DMZ").set(THERE, (switch("lan"),)).finding(CHECK, MOVE)) == (Outcome.FAIL, Severity.BLOCKER)


def test_another_type_is_a_risk() -> None:
    found = good().set(THERE, (switch("LAN", SwitchType.INTERNAL),)).finding(CHECK, MOVE)
    assert said(found) == (Outcome.FAIL, Severity.RISK)
    assert "Internal instead of External" in found.message.text


def test_adapters_that_are_not_connected_need_no_switch() -> None:
    for world in (connected(""), connected()):
        assert world.set(THERE, ()).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("path", [HERE, THERE, "hosts.testserver01.vms"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_a_vm_that_did_not_tell_its_adapters_and_a_host_without_its_own_switch_are_unknown() -> None:
    assert good().set(ADAPTERS, None).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
    assert good().set(HERE, ()).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN


def test_on_a_second_hop_the_type_is_that_of_where_the_vm_is_now() -> None:
    world = good().with_host("testserver03").set(THERE, (switch("LAN", SwitchType.PRIVATE),))
    onward = replace(world.plan.moves[0], source="TestServer02", target="TestServer03")
    found = world.with_plan(moves=(*world.plan.moves, onward)).finding(CHECK, "LMTest@testserver02>testserver03")
    assert found.outcome is Outcome.PASS


def test_storage_alone_needs_no_switch() -> None:
    world = good().set(THERE, ()).move(storage_only=True)
    assert world.finding(CHECK, MOVE).outcome is Outcome.SKIP
