from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.delegation._table import Listed
from checks.facts.fact import Reason
from checks.plan import LaunchPoint
from checks.result import Verdict
from tests.checks.delegation.situations import MOVE, Given
from tests.world import good

CHECK = "delegation.protocol"
LISTED = Given(listed=Listed.BOTH)


def test_any_protocol_lets_a_remote_start_go() -> None:
    assert good().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_kerberos_only_stops_a_remote_start_from_2016_on() -> None:
    found = LISTED.world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "Windows Server 2016 is managed over WinRM" in found.message.text
    assert "0x8009030E" in found.predicts
    assert found.remedy
    command = "Set-ADAccountControl -Identity 'TESTSERVER01$' -Server 'contoso.test' -TrustedToAuthForDelegation"
    assert found.remedy.commands == (f"{command} $true",)
    assert found.remedy.undo == (f"{command} $false",)


def test_kerberos_only_suffices_on_2012_r2_and_more_is_only_advice_to_take_it_back() -> None:
    old = Given(listed=Listed.BOTH, old=True)
    assert old.world().finding(CHECK, MOVE).outcome is Outcome.PASS
    found = Given(listed=Listed.BOTH, old=True, any_protocol=True).world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.ADVICE)
    assert "without 0x1000000 (TRUSTED_TO_AUTH_FOR_DELEGATION)" in [row.expected for row in found.evidence]
    assert found.remedy
    assert found.remedy.commands[0].endswith("-TrustedToAuthForDelegation $false")
    assert found.remedy.undo[0].endswith("-TrustedToAuthForDelegation $true")


def test_a_powershell_session_counts_as_a_remote_start() -> None:
    found = Given(listed=Listed.BOTH, launch=LaunchPoint.POWERSHELL).world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "(inferred)" in found.message.text


def test_a_powershell_session_on_2012_r2_is_a_risk() -> None:
    found = Given(listed=Listed.BOTH, launch=LaunchPoint.POWERSHELL, old=True).world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    assert "Windows Server 2012 R2" in found.message.text


def test_a_session_at_the_console_needs_no_protocol_and_reads_no_account() -> None:
    world = Given(launch=LaunchPoint.CONSOLE).world().miss("accounts.testserver01.views.dc01·contoso·test")
    found = world.finding(CHECK, MOVE)
    assert found.outcome is Outcome.PASS
    assert "console" in found.message.text


def test_without_any_entry_the_protocol_is_no_question() -> None:
    assert Given().world().finding(CHECK, MOVE).outcome is Outcome.SKIP


def test_unconstrained_delegation_does_not_replace_the_protocol() -> None:
    found = Given(listed=Listed.BOTH, any_service=True).world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)


def test_an_unread_windows_version_is_never_a_pass() -> None:
    found = good().miss("hosts.testserver01.os").finding(CHECK, MOVE)
    assert (found.outcome, found.severity, found.reason) == (Outcome.UNKNOWN, Severity.BLOCKER, Reason.ACCESS_DENIED)


@pytest.mark.parametrize("same_domain", [True, False])
@pytest.mark.parametrize("launch", [LaunchPoint.REMOTE, LaunchPoint.POWERSHELL])
def test_a_list_for_other_hosts_without_any_protocol_spoils_resource_based_delegation(launch: LaunchPoint, same_domain: bool) -> None:
    """The source's own ticket for the operator may then not be passed on, on either way."""
    given = Given(resource_based=True, empty=False, launch=launch, same_domain=same_domain)
    found = given.world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "no ticket that may be passed on" in found.message.text
    assert any(row.actual == ("cifs/OTHER", "cifs/other.contoso.test") for row in found.evidence)
    assert found.remedy
    assert any("TrustedToAuthForDelegation" in line for line in found.remedy.commands)
    assert given.world().result().verdict is Verdict.NO_GO
    for mended in (replace(given, any_protocol=True), replace(given, empty=True), replace(given, launch=LaunchPoint.CONSOLE)):
        assert mended.world().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_what_will_spoil_it_is_said_together_with_what_is_missing_across_domains() -> None:
    given = Given(same_domain=False, empty=False)
    failed = {found.check for found in given.world().result().findings if found.outcome is Outcome.FAIL}
    assert {CHECK, "delegation.across_domains"} <= failed


def test_on_2012_r2_a_remote_start_brings_a_ticket_that_may_be_passed_on_whatever_the_list_holds() -> None:
    given = Given(resource_based=True, empty=False, old=True)
    assert given.world().finding(CHECK, MOVE).outcome is Outcome.PASS
    found = replace(given, launch=LaunchPoint.POWERSHELL).world().finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (Given(listed=Listed.BOTH, empty=False), 'delegate with "Use any authentication protocol", by the command'),
        (
            Given(listed=Listed.BOTH, empty=False, any_protocol=True, old=True),
            'Take "Use any authentication protocol" from TestServer01, by the command',
        ),
    ],
)
def test_on_a_domain_controller_the_delegation_tab_is_not_touched(given: Given, says: str) -> None:
    remedy = given.world().controller("testserver01").finding(CHECK, MOVE).remedy
    assert remedy
    assert says in remedy.text
    assert "not on the Delegation tab" in remedy.text
