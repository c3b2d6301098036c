"""The sign-off: who confirms which fix, who accepts which risk, who approves and who starts; and where a move that stops leaves a VM."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from checks.plan import Kind
from checks.registry import all_checks
from checks.result import Verdict
from checks.waiver import Waiver, WaiverState, WaiverUse
from reports import midway
from reports.asked import asked
from reports.html import render
from reports.language import Language
from reports.obstacles import obstacles
from reports.signing import Signature, entries, signatures
from runner.files.tables import FileError
from runner.files.waivers import read_waivers
from tests.reports import sample
from tests.world import account, good

ENGLISH = Language("en")


BROKEN_BACK = good().account("testserver02", delegate_to=account("TestServer02", 2, "TestServer01").delegate_to[:1])


def test_where_nothing_may_be_started_nobody_approves_or_starts_anything() -> None:
    result = BROKEN_BACK.account("testserver01", delegate_to=()).result()
    assert signatures(result, obstacles(result), (), asked(result, ENGLISH), ENGLISH) == (
        Signature(
            "confirms as done, and verified as the page says: the fix of BLOCKER 1, BLOCKER 2, RISK 1",
            "domain administrator of contoso.test",
        ),
    )
    page = render(result)
    assert "This result is NO-GO: nobody approves or starts anything with it." in page
    assert "What was decided rests on the snapshot" not in page


def test_each_signs_for_what_is_theirs_and_only_names_that_are_known_stand_there() -> None:
    result = BROKEN_BACK.result()
    assert signatures(result, obstacles(result), (), asked(result, ENGLISH), ENGLISH) == (
        Signature("accepts what is not mended: RISK 1", "Who answers for the risk"),
        Signature(
            "has looked at, or leaves open: plan.window, platform.management_tools, plan.second_opinion, access.delegation_administrator",
            "operator",
        ),
        Signature("has made a backup or an export of the VMs, unless a way back was made possible", "operator", "CONTOSO\\hv-operator"),
        Signature("approves the change", "Change manager"),
        Signature("starts the moves", "operator", "CONTOSO\\hv-operator"),
    )


def test_what_is_left_is_accepted_with_the_file_that_stands_there_once_somebody_answers_for_it(tmp_path: Path) -> None:
    result, file = BROKEN_BACK.result(), tmp_path / "waivers.toml"
    file.write_text(entries(result), encoding="utf-8")
    with pytest.raises(FileError, match="reason"):
        read_waivers(file, all_checks())
    file.write_text(entries(result).replace('reason = ""', 'reason = "-"').replace('approved_by = ""', 'approved_by = "Board"'), "utf-8")
    waivers, _ = read_waivers(file, all_checks())
    assert BROKEN_BACK.result(waivers=waivers).verdict is Verdict.GO
    assert not entries(BROKEN_BACK.account("testserver01", delegate_to=()).result()), "what stops the moves is mended"


def test_whoever_accepted_in_a_waiver_signs_by_name() -> None:
    waiver = Waiver(finding="vm.running", reason="-", approved_by="Change board", ticket="CHG1", expires=date(2027, 1, 1))
    uses = (WaiverUse(waiver, WaiverState.APPLIED, ("vm.running@x",)), WaiverUse(waiver, WaiverState.EXPIRED))
    found = signatures(replace(sample.go(), waivers=uses), (), (), (), ENGLISH)
    assert found[0] == Signature("accepted vm.running until 2027-01-01", "Who answers for the risk", "Change board (CHG1)")
    assert len(found) == 3


@pytest.mark.parametrize(
    ("kind", "stays", "left"),
    [
        (Kind.WITH_STORAGE, "its files on the source are deleted only once it runs on the target", "a planned VM and copies of files"),
        (Kind.VM_ALONE, "its files stay where they are", "a planned VM can be left"),
        (Kind.STORAGE_ALONE, "they are deleted only once it uses the new ones", "At the new place copies of files"),
    ],
)
def test_what_a_move_that_stops_leaves_depends_on_what_it_takes_along(kind: Kind, stays: str, left: str) -> None:
    go = sample.go()
    result = replace(go, moves=tuple(replace(move, storage=kind) for move in go.moves))
    told = " ".join(midway.told(result, ENGLISH))
    assert stays in midway.stays(result, ENGLISH)
    assert left in told
    assert "event 21024 failed, 20415, 20418 succeeded" in told
    assert midway.sources(result)


def test_without_moves_nothing_is_said_of_them() -> None:
    empty = replace(sample.go(), moves=())
    assert (midway.stays(empty, ENGLISH), tuple(midway.told(empty, ENGLISH))) == ("", ())
