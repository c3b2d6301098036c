"""The page over run folders: what each run said, whether it still counts, and where its report lies."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from checks.result import ChangeInfo, Result
from runner.commands.index import MOST, index
from runner.files.folder import FolderError
from tests.program import hvpreflight
from tests.reports import sample
from tests.reports.test_html import Page

NOW = sample.no_go()


def lay(base: Path, name: str, result: Result | bytes, *, report: bool = True) -> Path:
    folder = base / name
    folder.mkdir()
    (folder / "result.json").write_bytes(result if isinstance(result, bytes) else msgspec.json.encode(result))
    if report:
        (folder / "report.html").write_text("<p>report")
    return folder


def of(change: str, hours: float, title: str = "", of: Result = NOW) -> Result:
    """A run of a change, so many hours ago of the sample's."""
    at = of.collected.end - timedelta(hours=hours)
    until = of.valid_until + timedelta(days=36_500 - hours)
    return replace(of, change=ChangeInfo(change, title), collected=replace(of.collected, start=at, end=at), valid_until=until)


def page(folder: Path, language: str = "en") -> Page:
    assert index(folder, None, language) == 0
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def test_the_newest_run_of_each_change_stands_first_with_what_it_said(tmp_path: Path) -> None:
    lay(tmp_path, "a", of("CHG1", 3))
    lay(tmp_path, "b", of("CHG1", 1, of=sample.go()))
    lay(tmp_path, "c", of("CHG2", 2))
    lay(tmp_path, "d", replace(of("", 4), valid_until=datetime(2020, 1, 1, tzinfo=UTC)))
    parsed = page(tmp_path)
    assert [parsed.text(number) for number, _ in parsed.all("h2")] == ["CHG1", "CHG2", "Without a change number"]
    heads = [parsed.text(number) for number, attrs in parsed.all("th") if attrs.get("role") == "rowheader"]
    assert heads == ["✓ GO", "✗ NO-GO", "✗ NO-GO", "? EXPIRED, was NO-GO"]
    assert "The newest run of each change: ✗ NO-GO 1 · ✓ GO 1 · ? EXPIRED 1" in parsed.words
    assert [attrs["href"] for _, attrs in parsed.all("a")] == [f"{name}/report.html" for name in "bacd"]


def test_what_cannot_be_told_is_named_and_what_is_no_run_is_not(tmp_path: Path) -> None:
    lay(tmp_path, "good", of("CHG1", 1), report=False)
    lay(tmp_path, "cut", b'{"format": "hvpreflight.result/1"')
    lay(tmp_path, "newer", b'{"format": "hvpreflight.result/9"}')
    lay(tmp_path, "other", b'{"format": "something"}')
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    parsed = page(tmp_path)
    assert sorted(parsed.text(number) for number, _ in parsed.all("li")) == [
        "cut: its result is damaged",
        "newer: a newer version of this program wrote it",
        "other: its result is none of this program",
    ]
    assert not parsed.all("a"), "there is no report to lead to"


def test_names_of_folders_and_changes_are_text_and_links_lead_to_them(tmp_path: Path) -> None:
    name = "<script>'\"&%20#?\u202e"
    hostile = of("<img src=x onerror=alert(1)>", 1, "\u202eexe.txt")
    lay(tmp_path, name, hostile)
    parsed = page(tmp_path)
    assert not parsed.all("script")
    assert not parsed.all("img")
    assert "\u202e" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    ((_, link),) = parsed.all("a")
    assert re.fullmatch(r"[\w%./'-]+", str(link["href"]))
    assert "%3Cscript%3E" in str(link["href"])


def test_an_earlier_page_is_replaced_and_any_other_file_is_not(tmp_path: Path) -> None:
    lay(tmp_path, "one", of("CHG1", 1))
    page(tmp_path)
    lay(tmp_path, "two", of("CHG2", 2))
    assert "CHG2" in page(tmp_path).words
    (tmp_path / ".index.html.part").write_text("what a run left that was ended while it wrote")
    assert "CHG2" in page(tmp_path).words
    other = tmp_path / "other.html"
    other.write_text("<p>mine, and of hvpreflight runs")
    with pytest.raises(FolderError, match="it is not written over"):
        index(tmp_path, other, "en")
    assert other.read_text() == "<p>mine, and of hvpreflight runs"
    assert (tmp_path / "index.html").stat().st_mode & 0o077 == 0 or os.name == "nt"
    with pytest.raises(FolderError, match="cannot be listed: No such file"):
        index(tmp_path / "nowhere", None, "en")


def test_a_page_elsewhere_leads_to_the_runs(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    lay(runs, "one", of("CHG1", 1))
    index(runs, tmp_path / "all.html", "en")
    ((_, link),) = Page((tmp_path / "all.html").read_text(encoding="utf-8")).all("a")
    assert link["href"] == "runs/one/report.html"


def test_of_very_many_runs_the_newest_are_told(tmp_path: Path) -> None:
    whole = msgspec.json.encode(replace(of("CHG1", 1), findings=()))
    for number in range(MOST + 1):
        lay(tmp_path, f"20261205T{number // 3600:02}{number // 60 % 60:02}{number % 60:02}Z", whole, report=False)
    parsed = page(tmp_path)
    assert "Of more than 1000 runs the newest are told." in parsed.words
    assert "20261205T000000Z" not in parsed.words


def test_the_command_says_where_the_page_is_in_german_too(tmp_path: Path) -> None:
    lay(tmp_path, "one", of("CHG1", 1))
    ran = hvpreflight("index", tmp_path, "--language", "de", folder=tmp_path)
    assert (ran.code, ran.out.strip()) == (0, str(tmp_path / "index.html"))
    assert "Läufe" in (tmp_path / "index.html").read_text(encoding="utf-8")
