from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.result import FindingRecord, Verdict
from tests.world import TestWorld, good

CHECK, PAIR = "domain.encryption_types", "testserver01>testserver02"
DES, RC4, AES, SESSION_KEYS, FAST = 0x3, 0x4, 0x18, 0x20, 0x10000
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def world(source: int | None, target: int | None) -> TestWorld:
    return good().account("testserver01", encryption_types=source).account("testserver02", encryption_types=target)


def finding(source: int | None, target: int | None) -> FindingRecord:
    return world(source, target).finding(CHECK, PAIR)


@pytest.mark.parametrize(
    ("source", "target", "outcome", "said"),
    [
        (RC4 | AES, AES, PASS, "share ('AES128', 'AES256')"),
        (AES, RC4 | SESSION_KEYS, PASS, "share ('AES128', 'AES256')"),
        (RC4, RC4 | AES, PASS, "share RC4 alone"),
        (0, AES, PASS, "TestServer01 name no encryption types"),
        (RC4, FAST, PASS, "TestServer02 name no encryption types"),
        (RC4, AES, FAIL, "share no encryption type"),
        (AES, DES | RC4, FAIL, "share no encryption type"),
        (DES, 0, FAIL, "The account of TestServer01 names only"),
        (AES, DES | FAST, FAIL, "The account of TestServer02 names only"),
        (None, AES, UNKNOWN, ""),
        (0, None, UNKNOWN, ""),
    ],
)
def test_two_hosts_need_one_type_in_common(source: int | None, target: int | None, outcome: Outcome, said: str) -> None:
    found = finding(source, target)
    assert found.outcome is outcome
    assert said.replace("('AES128', 'AES256')", "AES128") in found.message.text


def test_no_type_in_common_is_a_risk_that_names_both_sets_and_the_policy() -> None:
    found = finding(RC4, AES)
    assert (found.severity, found.predicts) == (Severity.RISK, ("0x80090342",))
    assert {evidence.actual for evidence in found.evidence} == {"0x4 (RC4)", "0x18 (AES128, AES256)"}
    assert found.remedy is not None
    assert found.remedy.who == "administrator of TestServer01, TestServer02"
    assert found.remedy.undo
    assert len(found.remedy.verify) == 2


def test_only_the_host_with_nothing_but_des_has_to_change() -> None:
    remedy = finding(DES, AES).remedy
    assert remedy is not None
    assert remedy.who == "administrator of TestServer01"


def test_storage_that_stays_on_its_host_needs_no_ticket() -> None:
    moved = world(RC4, RC4).move(target=good().plan.moves[0].source, storage_only=True)
    assert moved.finding(CHECK, "testserver01>testserver01").outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread", [good().account("testserver02", encryption_types=None), good().miss("accounts.testserver01.views.dc01·contoso·test")]
)
def test_what_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
