from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.network import Address, AddressState, FirewallRule, NameAnswer, PartnerAnswer, PortAnswer
from checks.plan import LaunchPoint
from checks.remedy import Role
from checks.result import Verdict
from checks.windows.releases import BUILD_2012_R2
from tests.world import TestWorld, good

CHECK, PAIR = "network.management_port", "testserver01>testserver02"
SOURCE, TARGET = "hosts.testserver01", "hosts.testserver02"
OPEN, DROPPED, REFUSED = 0, 10060, 10061
HERE = (LaunchPoint.CONSOLE, LaunchPoint.RDP, LaunchPoint.POWERSHELL)


def world(codes: dict[str, int], port: int = 5985, launch: LaunchPoint = LaunchPoint.CONSOLE) -> TestWorld:
    """The source got these socket errors from WinRM of the target at these addresses; the move is started in a session on it."""
    names = (NameAnswer("testserver02", tuple(codes), 0),)
    ports = tuple(PortAnswer(ip, port, code == OPEN, code) for ip, code in codes.items())
    return good().set(f"{SOURCE}.partners", (PartnerAnswer("testserver02", names, ports),)).move(launch=launch)


def rule(action: str = "Allow", active: str = "TRUE", name: str = "WINRM-HTTP-In-TCP") -> tuple[FirewallRule, ...]:
    data = f"v2.26|Action={action}|Active={active}|Dir=In|Protocol=6|LPort=5985|App=System|"
    return (FirewallRule(name, "local", data),)


@pytest.mark.parametrize("port", [5985, 5986])
def test_an_open_port_passes_and_names_it(port: int) -> None:
    found = world({"10.0.0.2": OPEN}, port).finding(CHECK, PAIR)
    assert found.outcome is Outcome.PASS
    assert f"TCP {port} (WinRM) of TestServer02 at 10.0.0.2" in found.message.text


def test_one_open_address_is_enough() -> None:
    assert world({"192.168.10.2": DROPPED, "10.0.0.2": OPEN}).finding(CHECK, PAIR).outcome is Outcome.PASS


def test_a_closed_port_is_a_risk_where_a_move_is_started_on_the_source_and_else_advice() -> None:
    for launch in LaunchPoint:
        found = world({"10.0.0.2": DROPPED}, launch=launch).finding(CHECK, PAIR)
        assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK if launch in HERE else Severity.ADVICE)
        assert ("started on TestServer01 with tools that need it" in found.message.text) is (launch not in HERE)
        assert found.predicts == (("winrm_cannot_connect",) if launch in HERE else ())


@pytest.mark.parametrize("path", [SOURCE, TARGET])
def test_tools_of_older_windows_do_not_need_it(path: str) -> None:
    older = world({"10.0.0.2": DROPPED}).set(f"{path}.os.build", BUILD_2012_R2)
    assert older.finding(CHECK, PAIR).severity is Severity.ADVICE


def test_a_port_that_is_closed_to_a_remote_start_keeps_no_plan_from_going() -> None:
    partners = good().set(f"{SOURCE}.partners.0.ports.2", PortAnswer("10.0.0.2", 5985, False, DROPPED))
    assert partners.finding(CHECK, PAIR).severity is Severity.ADVICE
    assert partners.result().verdict is Verdict.GO
    assert partners.move(launch=LaunchPoint.POWERSHELL).finding(CHECK, PAIR).severity is Severity.RISK


def test_what_an_address_answers_that_is_not_the_targets_own_does_not_count() -> None:
    stale = {"10.0.0.77": OPEN, "10.0.0.1": OPEN, "10.0.0.2": DROPPED}
    found = world(stale).finding(CHECK, PAIR)
    assert found.outcome is Outcome.FAIL
    assert "10.0.0.77" not in found.message.text
    tentative = (Address("10.0.0.2", 24, 5, AddressState.TENTATIVE, False),)
    assert world({"10.0.0.2": OPEN}).set(f"{TARGET}.addresses", tentative).finding(CHECK, PAIR).outcome is Outcome.UNKNOWN


def test_the_rule_of_windows_is_switched_on_where_it_is_off() -> None:
    closed = world({"10.0.0.2": DROPPED})
    off = closed.set(f"{TARGET}.firewall", rule(active="FALSE")).finding(CHECK, PAIR).remedy
    assert off
    assert off.commands == ("Enable-NetFirewallRule -CimSession 'TestServer02' -Name 'WINRM-HTTP-In-TCP'",)
    assert off.undo
    allowed = closed.finding(CHECK, PAIR).remedy
    assert allowed
    assert allowed.by.role is Role.NETWORK
    blocked = closed.set(f"{TARGET}.firewall", rule("Block", name="No WinRM")).finding(CHECK, PAIR).remedy
    assert blocked
    assert "No WinRM" in blocked.text
    assert blocked.commands == ()


def test_for_https_no_rule_is_named_that_windows_does_not_bring() -> None:
    remedy = world({"10.0.0.2": DROPPED}, 5986).finding(CHECK, PAIR).remedy
    assert remedy
    assert "for which Windows brings no rule" in remedy.text


def test_a_refusal_leads_to_the_listener() -> None:
    remedy = world({"10.0.0.2": REFUSED}).finding(CHECK, PAIR).remedy
    assert remedy
    assert "winrm enumerate winrm/config/listener" in remedy.text
    mixed = world({"10.0.0.2": REFUSED, "192.168.10.2": DROPPED}).finding(CHECK, PAIR)
    assert "10.0.0.2: refused (10061), 192.168.10.2: no answer (10060)" in mixed.message.text


def test_where_only_storage_moves_it_is_skipped() -> None:
    moved = world({"10.0.0.2": DROPPED}).move(storage_only=True, destination_path="\\\\testserver02\\vms")
    assert moved.finding(CHECK, PAIR).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread",
    [
        *(good().miss(f"{path}") for path in (f"{SOURCE}.partners", f"{SOURCE}.addresses", f"{TARGET}.addresses")),
        world({}),
        *(world({"10.0.0.2": DROPPED}).miss(f"{path}.os") for path in (SOURCE, TARGET)),
    ],
)
def test_what_was_not_tried_or_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO


def test_rules_that_were_not_read_leave_the_failure_as_it_is() -> None:
    found = world({"10.0.0.2": DROPPED}).miss(f"{TARGET}.firewall").finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
