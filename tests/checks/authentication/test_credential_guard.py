from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.system import CredentialGuard
from tests.checks.authentication.worlds import MOVE, credssp
from tests.world import good

CHECK = "authentication.credential_guard"
RUNS = CredentialGuard(True, (1, 2))


def test_a_source_without_credential_guard_passes() -> None:
    assert credssp().finding(CHECK, MOVE).outcome is Outcome.PASS


def test_credential_guard_on_the_source_is_a_blocker() -> None:
    found = credssp().set("hosts.testserver01.credential_guard", RUNS).finding(CHECK, MOVE)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.BLOCKER)
    assert "Credential Guard runs on TestServer01" in found.message.text
    assert found.predicts == ("0x8009030E",)
    assert found.remedy is not None
    assert [command.split("'")[1] for command in found.remedy.commands] == ["TestServer01", "TestServer02"]


def test_credential_guard_on_the_target_does_not_matter() -> None:
    assert credssp().set("hosts.testserver02.credential_guard", RUNS).finding(CHECK, MOVE).outcome is Outcome.PASS


def test_with_kerberos_it_does_not_matter_and_the_check_is_skipped() -> None:
    found = good().set("hosts.testserver01.credential_guard", RUNS).finding(CHECK, MOVE)
    assert found.outcome is Outcome.SKIP
    assert "Kerberos is used" in found.message.text


@pytest.mark.parametrize("path", ["hosts.testserver01.migration", "hosts.testserver01.credential_guard"])
def test_what_was_not_read_is_unknown(path: str) -> None:
    assert credssp().miss(path).finding(CHECK, MOVE).outcome is Outcome.UNKNOWN
