from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.world import CONTOSO, FABRIKAM, OPERATOR, TestWorld, good

MOVE = "LMTest@testserver01>testserver02"
CHECK = "access.delegatable"
ACCOUNT = "operators.contoso\\hv-operator.account"
NEEDED = [LaunchPoint.REMOTE, LaunchPoint.POWERSHELL]


def sensitive() -> TestWorld:
    return good().set(f"{ACCOUNT}.user_account_control", 0x100200)


def protected() -> TestWorld:
    return good().set(f"{ACCOUNT}.sids", (OPERATOR, f"{CONTOSO}-525"))


@pytest.mark.parametrize("launch", NEEDED)
def test_an_ordinary_account_passes(launch: LaunchPoint) -> None:
    assert good().move(launch=launch).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("launch", NEEDED)
@pytest.mark.parametrize(
    ("world", "says", "command"),
    [
        (sensitive(), "sensitive", "-AccountNotDelegated $false"),
        (protected(), "Protected Users", f"Remove-ADGroupMember -Identity '{CONTOSO}-525'"),
    ],
)
def test_an_account_that_cannot_be_delegated_is_a_blocker(world: TestWorld, says: str, command: str, launch: LaunchPoint) -> None:
    found = world.move(launch=launch).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert says in found.message.text
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert command in found.remedy.commands[0]


def test_an_account_with_both_marks_gets_both_commands_and_both_undone() -> None:
    found = sensitive().set(f"{ACCOUNT}.sids", (OPERATOR, f"{CONTOSO}-525")).finding(CHECK, MOVE)
    assert found.remedy is not None
    assert (len(found.remedy.commands), len(found.remedy.undo)) == (2, 2)


@pytest.mark.parametrize(("level", "severity"), [(5, Severity.RISK), (6, Severity.BLOCKER), (7, Severity.BLOCKER)])
def test_protected_users_count_with_the_first_controller_that_knows_them(level: int, severity: Severity) -> None:
    controllers = "domains.contoso·test.controllers"
    first = f"{controllers}.dc01·contoso·test.domain"
    found = protected().set(f"{first}.controller_level", level).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, severity)
    assert sensitive().set(f"{first}.controller_level", level).finding(CHECK, MOVE).severity is Severity.BLOCKER
    assert protected().miss(first).finding(CHECK, MOVE).severity is Severity.BLOCKER


def test_protected_users_of_another_domain_is_another_group() -> None:
    assert good().set(f"{ACCOUNT}.sids", (OPERATOR, f"{FABRIKAM}-525")).finding(CHECK, MOVE).outcome is Outcome.PASS


@pytest.mark.parametrize("launch", [LaunchPoint.CONSOLE, LaunchPoint.RDP])
def test_a_start_in_a_session_on_the_source_needs_no_delegation(launch: LaunchPoint) -> None:
    found = sensitive().move(launch=launch).finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "own ticket" in found.message.text


def test_with_credssp_the_check_says_so_and_is_skipped() -> None:
    found = sensitive().set("hosts.testserver01.migration.authentication", MigrationAuthentication.CREDSSP).finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "CredSSP is used" in found.message.text


@pytest.mark.parametrize("path", [ACCOUNT, "hosts.testserver01.migration"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert good().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
