"""A file of waivers: what it says is read, and what is wrong with it is told at once, with the lines."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from checks.registry import all_checks
from checks.text import plain
from checks.waiver import Waiver
from runner.files.tables import FileError
from runner.files.waivers import FIELDS, read_waivers
from tests.world import good

GOOD = """[[waivers]]
finding = "network.isolated@testserver02"
reason = "The network for migrations follows"
approved_by = "Change board"
ticket = "CHG0042400"
expires = 2026-12-31

[[waivers]]
finding = "network.port_6600"
source = "TestServer01"
reason = "Opened in the window"
approved_by = "Change board"
expires = 2027-01-31
"""


def problems(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as raised:
        read_waivers(path, all_checks())
    return [plain(problem.sentence).removeprefix(f"{path}:") for problem in raised.value.problems]


def test_waivers_are_read_as_they_stand_there(tmp_path: Path) -> None:
    path = tmp_path / "waivers.toml"
    path.write_text(GOOD, encoding="utf-8")
    waivers, content = read_waivers(path, all_checks())
    assert content == GOOD.encode()
    assert waivers[0] == Waiver(
        finding="network.isolated@testserver02",
        reason="The network for migrations follows",
        approved_by="Change board",
        ticket="CHG0042400",
        expires=date(2026, 12, 31),
    )
    assert waivers[1].subject == {"source": "TestServer01"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('reason = "The network for migrations follows"\n', "", "1: waivers[1].reason is missing"),
        ("The network for migrations follows", "  ", "1: reason is empty: a waiver says why, and who answers for it"),
        ('approved_by = "Change board"\nticket', "ticket", "1: waivers[1].approved_by is missing"),
        ("expires = 2026-12-31\n", "", "1: waivers[1].expires is missing"),
        ("expires = 2026-12-31", 'expires = "soon"', "6: waivers[1].expires must be a date, not text"),
        ("expires = 2026-12-31", "expires = 2026-12-31T20:00:00Z", "6: waivers[1].expires must be a date, not a time"),
        ("ticket", "tickets", "5: unknown key waivers[1].tickets; did you mean ticket?"),
        ("network.isolated@", "network.isolatd@", "1: there is no check network.isolatd; did you mean network.isolated?"),
        (
            'source = "TestServer01"\n',
            "",
            "8: of which subject of network.port_6600? Name a finding",
        ),
        ("source =", "host =", "8: host: what network.port_6600 is about has source, target"),
        ("[[waivers]]", "waivers]]", "1: this is not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD.replace(old, new, 1))[0].startswith(said)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, GOOD.replace("Change board", "").replace("network.", "netwrk."))) == 4


def test_the_fields_of_each_scope_are_those_that_its_findings_have() -> None:
    for finding in good().result().findings:
        subject = finding.subject
        has = {name for name in ("host", "source", "target", "vm", "operator") if getattr(subject, name) is not None}
        assert has == set(FIELDS[all_checks_by_id[finding.check].scope])


all_checks_by_id = {check.id: check for check in all_checks()}
