from __future__ import annotations

import pytest

from checks.check import Outcome, Severity
from checks.facts.migration import PerformanceOption
from checks.result import Verdict
from checks.windows.releases import BUILD_2019, BUILD_2022
from tests.world import TestWorld, good

CHECK = "platform.computer_name_case"
HERE, THERE = "hosts.testserver01", "hosts.testserver02"
PAIR = "testserver01>testserver02"


def world(here: str = "TESTSERVER01", there: str = "TESTSERVER02", builds: tuple[int, int] = (BUILD_2019, BUILD_2019)) -> TestWorld:
    """Both hosts copy memory over SMB, and their registries write these names."""
    changed = good()
    for path, name, build in ((HERE, here, builds[0]), (THERE, there, builds[1])):
        changed = changed.set(f"{path}.migration.performance_option", PerformanceOption.SMB)
        changed = changed.set(f"{path}.os.build", build).set(f"{path}.computer.registered", name)
    return changed


def test_names_in_upper_case_pass() -> None:
    assert world().finding(CHECK, PAIR).outcome is Outcome.PASS
    assert world("HÄUSER-ß").finding(CHECK, PAIR).outcome is Outcome.PASS, "ß has no other form on Windows"


@pytest.mark.parametrize("names", [("TestServer01", "TESTSERVER02"), ("TESTSERVER01", "testserver02")])
def test_a_name_in_lower_case_on_either_host_is_a_risk_and_is_written_anew(names: tuple[str, str]) -> None:
    found = world(*names).finding(CHECK, PAIR)
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.RISK)
    wrong = next(name for name in names if not name.isupper())
    assert wrong in found.message.text
    assert found.remedy
    (change,), (undo,) = found.remedy.commands, found.remedy.undo
    assert f"'{wrong.upper()}'" in change
    assert f"'{wrong}'" in undo
    assert found.predicts == ("0x8007000D",)


def test_where_both_are_wrong_both_are_named_and_changed() -> None:
    found = world("testserver01", "testserver02").finding(CHECK, PAIR)
    assert "TestServer01: testserver01, TestServer02: testserver02" in found.message.text
    assert found.remedy
    assert len(found.remedy.commands) == len(found.remedy.verify) == len(found.remedy.undo) == 2


def test_only_windows_server_2019_is_judged() -> None:
    assert world("a", "b", (BUILD_2022, BUILD_2022)).finding(CHECK, PAIR).outcome is Outcome.SKIP
    assert world("a", "TESTSERVER02", (BUILD_2022, BUILD_2019)).finding(CHECK, PAIR).outcome is Outcome.PASS
    assert world("a", "TESTSERVER02", (BUILD_2019, BUILD_2022)).finding(CHECK, PAIR).outcome is Outcome.FAIL


def test_without_the_smb_option_nothing_depends_on_it() -> None:
    without = world("testserver01")
    for path in (HERE, THERE):
        assert without.finding(CHECK, PAIR).outcome is Outcome.FAIL, "one host alone with the option is judged"
        without = without.set(f"{path}.migration.performance_option", PerformanceOption.COMPRESSION)
    assert without.finding(CHECK, PAIR).outcome is Outcome.SKIP


def test_where_only_storage_moves_it_is_skipped() -> None:
    moved = world("testserver01").move(storage_only=True, destination_path="\\\\testserver02\\vms")
    assert moved.finding(CHECK, PAIR).outcome is Outcome.SKIP


@pytest.mark.parametrize(
    "unread",
    [
        *(world().miss(f"{path}.{fact}") for path in (HERE, THERE) for fact in ("migration", "os", "computer")),
        world().set(f"{THERE}.computer.registered", None),
    ],
)
def test_what_was_not_read_is_unknown(unread: TestWorld) -> None:
    assert unread.finding(CHECK, PAIR).outcome is Outcome.UNKNOWN
    assert unread.result().verdict is not Verdict.GO
