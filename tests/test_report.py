"""`report`: a run in another form, on standard output or in a new file."""

from __future__ import annotations

import stat
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from checks.result import Tool
from runner.browser import find
from runner.cli import FORMS as OFFERED
from runner.commands.report import FORMS, report
from runner.options import UsageError
from tests.lanes import lacking
from tests.program import hvpreflight
from tests.reports import sample

PAST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "result.json").write_bytes(msgspec.json.encode(replace(sample.hostile(), valid_until=PAST)))
    return tmp_path


BEGINNINGS = {
    "text": "hvpreflight 1.2.3",
    "html": "<!doctype html>",
    "json": '{"format":"hvpreflight.result/1"',
    "markdown": "# ",
    "csv": '\ufeff"id"',
    "junit": "<?xml",
    "sarif": '{\n "$schema"',
    "nagios": "HVPREFLIGHT UNKNOWN - ",
    "checkmk": '3 "hvpreflight',
}


def test_every_form_is_written_to_a_file_that_its_owner_alone_may_read(run: Path) -> None:
    assert BEGINNINGS.keys() | {"pdf"} == FORMS.keys() == set(OFFERED)
    for form, beginning in BEGINNINGS.items():
        file = run / f"made.{form}"
        ran = hvpreflight("report", run, "-f", form, "-o", file, "--language", "de")
        assert ran.code == (3 if form == "nagios" else 0), ran.err
        assert file.read_text(encoding="utf-8").startswith(beginning)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_result_file_alone_is_shown_and_monitoring_gets_its_state(run: Path) -> None:
    ran = hvpreflight("report", run / "result.json", "-f", "nagios")
    assert (ran.code, ran.err) == (3, "")
    assert "EXPIRED, was NO-GO" in ran.out


def test_a_result_of_an_older_program_is_shown_too(run: Path) -> None:
    (run / "result.json").write_bytes(msgspec.json.encode(replace(sample.go(), tool=Tool("hvpreflight", "0.0.9", "ffffffffffff"))))
    assert "hvpreflight 0.0.9" in hvpreflight("report", run).out


def test_nothing_is_written_over_and_what_is_no_result_is_one_clear_line(run: Path) -> None:
    there = run / "there.csv"
    there.write_text("mine")
    (run / "broken.json").write_text('{"format": "hvpreflight.result/1", "tool": ')
    (run / "newer.json").write_text('{"format": "hvpreflight.result/9"}')
    wrong = (
        (("-f", "csv", "-o", there), "not written over"),
        ((), "cannot be read"),
    )
    for (options, said), path in zip(wrong, (run, run / "nothing"), strict=True):
        ran = hvpreflight("report", path, *options)
        assert (ran.code, len(ran.err.splitlines())) == (2, 1), ran.err
        assert said in ran.err
    for name in ("broken.json", "newer.json"):
        ran = hvpreflight("report", run / name)
        assert (ran.code, len(ran.err.splitlines())) == (2, 1), ran.err
        assert name in ran.err
    assert there.read_text() == "mine"


def test_a_difference_ends_with_7_where_something_new_fails(run: Path, tmp_path: Path) -> None:
    better = tmp_path / "better.json"
    better.write_bytes(msgspec.json.encode(sample.go()))
    ran = hvpreflight("diff", better, run, "--format", "json")
    assert (ran.code, ran.err) == (7, "")
    assert msgspec.json.decode(ran.out)["old"]["verdict"] == "GO"
    ran = hvpreflight("diff", run, better, "--language", "de")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "Neue Fehlschläge: 0."
    assert hvpreflight("diff", run, tmp_path / "nothing").code == 2


def test_a_redacted_report_names_nobody_and_only_the_key_file_tells_who_it_is(run: Path) -> None:
    key, file = run / "key.json", run / "shared.html"
    ran = hvpreflight("report", run, "-f", "html", "-o", file, "--redact", key)
    assert ran.code == 0, ran.err
    assert "HV01" not in file.read_text(encoding="utf-8")
    assert "HOST-01" in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "<b>HV01</b>" in msgspec.json.decode(key.read_bytes())["names"].values()


@pytest.mark.browser
def test_the_report_is_printed_as_a_pdf_of_few_pages(run: Path) -> None:
    if find() is None:
        lacking("there is no browser")
    file = run / "report.pdf"
    ran = hvpreflight("report", run, "-f", "pdf", "-o", file)
    assert ran.code == 0, ran.err
    assert file.read_bytes().startswith(b"%PDF-")
    assert [left for left in Path(tempfile.gettempdir()).glob("hvpreflight-*") if (left / "report.html").exists()] == []


def test_without_a_browser_a_pdf_is_one_clear_line(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(run))
    monkeypatch.setattr("runner.browser.INSTALLED", ())
    with pytest.raises(UsageError, match=r"report\.html prints the same"):
        report(run, "pdf", run / "report.pdf", "en")
    assert not (run / "report.pdf").exists()
