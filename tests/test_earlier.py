"""The last run that lies beside a run: which one it is, what became of its findings, and what is said where it cannot be told."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec.structs import replace

from checks.check import Outcome
from checks.result import Result, Since
from checks.text import plain
from reports.html import render
from reports.language import Language
from reports.redact import redact
from reports.since import in_short, parts
from runner.commands.report import FORMS, Source
from runner.earlier import since_last_run
from runner.files.result import read_result
from tests.reports import sample
from tests.reports.test_forms import WAIVER

ENGLISH = Language()
NOW = sample.no_go()


def before(hours: int = 1, of: Result = NOW) -> Result:
    """A result by facts that were read so many hours earlier."""
    at = of.collected.end - timedelta(hours=hours)
    return replace(of, collected=replace(of.collected, start=at, end=at), snapshot_sha256=f"{hours:064x}")


def lay(base: Path, name: str, result: Result | bytes) -> Path:
    folder = base / name
    folder.mkdir()
    content = result if isinstance(result, bytes) else msgspec.json.encode(result)
    (folder / "result.json").write_bytes(content)
    return folder


def found(base: Path, result: Result = NOW) -> Since:
    (base / "run").mkdir(exist_ok=True)
    return since_last_run(result, base / "run")


def changed() -> Result:
    """An earlier run: one failure of now passed, another said something else, one more failed, and so did one of a host that is gone."""
    first, second, *_ = [each for each in NOW.findings if each.outcome is Outcome.FAIL]
    known = next(each for each in NOW.findings if each.outcome is Outcome.PASS)
    gone = sample.finding("vm.running", sample.move("OLD01", "GONE01", "TestServer02"), Outcome.FAIL, "It did not run")
    other = {
        first.id: replace(first, outcome=Outcome.PASS),
        second.id: replace(second, message=replace(second.message, template="It said so", text="It said so", values={})),
        known.id: replace(known, outcome=Outcome.FAIL),
    }
    return replace(before(), findings=(*(other.get(each.id, each) for each in NOW.findings), gone))


def test_the_last_run_by_earlier_facts_of_the_same_plan_is_found_whatever_else_lies_there(tmp_path: Path) -> None:
    lay(tmp_path, "20261205T120000Z-CHG", before(3))
    lay(tmp_path, "20261205T130000Z-CHG", before(2))
    lay(tmp_path, "20261205T140000Z-other", replace(before(1), change=replace(NOW.change, id="CHG-OTHER")))
    lay(tmp_path, "20261205T150000Z-same-facts", NOW)
    lay(tmp_path, "20261205T160000Z-later", before(-1))
    (tmp_path / "a file").write_text("no run")
    since = found(tmp_path)
    assert since.earlier is not None
    assert (since.earlier.folder, since.unread) == ("20261205T130000Z-CHG", ())
    unnamed = replace(NOW, change=replace(NOW.change, id=""))
    assert found(tmp_path, unnamed).earlier is None
    lay(tmp_path, "20261205T110000Z", before(4, replace(unnamed, plan_sha256="another")))
    assert found(tmp_path, unnamed).earlier is not None, "between the same hosts"


def test_a_run_that_cannot_be_compared_is_said_and_the_one_before_it_is_taken(tmp_path: Path) -> None:
    whole = msgspec.json.encode(before())
    deep = b'{"format": "hvpreflight.result/1", "tool": ' + b"[" * 100_000
    laid = {
        "cut": (whole[:-100], "its result is damaged"),
        "deep": (deep, "its result is damaged"),
        "foreign": (b'{"tests": 3}', "its result is none of this program"),
        "newer": (b'{"format": "hvpreflight.result/9"}', "a newer version of this program wrote it"),
        "edited": (whole.replace(b'"outcome":"FAIL"', b'"outcome":"FINE"'), "its result is damaged"),
    }
    for name, (content, _) in laid.items():
        lay(tmp_path, f"20261205T150000Z-{name}", content)
    pipe = tmp_path / "20261205T150000Z-pipe"
    pipe.mkdir()
    os.mkfifo(pipe / "result.json")
    only = found(tmp_path)
    assert only.earlier is None
    assert {each.folder.rpartition("-")[2]: plain(each.why) for each in only.unread}.items() <= {
        **{name: why for name, (_, why) in laid.items()},
        "pipe": "its result cannot be read",
    }.items()
    assert len(only.unread) == 5
    lay(tmp_path, "20261205T140000Z-CHG", before())
    assert found(tmp_path).earlier is not None
    shown = render(replace(NOW, since=only))
    assert "No earlier run was found beside this one." in shown
    assert "which was not compared: its result is damaged." in shown


def test_each_form_tells_what_became_of_the_findings_also_when_it_is_made_later(tmp_path: Path) -> None:
    lay(tmp_path, "20261205T130000Z-CHG", changed())
    result = replace(NOW, since=found(tmp_path))
    run = lay(tmp_path, "later", result)
    assert read_result(run) == result
    short = in_short(result, ENGLISH)
    assert re.search(
        r"NO-GO in 20261205T130000Z-CHG: new failures 1, still failing \d+, still failing, with other evidence 1, fixed 1", short
    )
    page = render(read_result(run))
    assert {part.became.name for part in parts(result, ENGLISH)} == {"NEW", "STILL", "EVIDENCE", "FIXED", "GONE"}
    for told in ("Since the last run", "It did not run", "It said so", "20261205T130000Z-CHG"):
        assert told in page
    assert short in str(FORMS["text"](result, ENGLISH, sample.BEFORE_THE_END, Source()))
    assert (result.verdict, result.counts) == (NOW.verdict, NOW.counts)
    accepted = replace(NOW, findings=tuple(replace(each, waiver=WAIVER) if each.outcome is Outcome.FAIL else each for each in NOW.findings))
    assert "accepted since" in in_short(replace(accepted, since=found(tmp_path, accepted)), ENGLISH)


def test_a_redacted_result_names_nobody_of_the_last_run_either(tmp_path: Path) -> None:
    lay(tmp_path, "TestServer01", changed())
    hidden, _ = redact(replace(NOW, since=found(tmp_path)))
    said = msgspec.json.encode(hidden.since).decode() + render(hidden)
    assert re.search(r"(?i)testserver0|OLD01|GONE01", said) is None


def test_a_result_from_before_says_that_it_is_older() -> None:
    assert "This result is older than the comparison with earlier runs." in render(NOW)
