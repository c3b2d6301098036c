"""No foreign name reaches a terminal or a log as anything but text."""

from __future__ import annotations

import ast
import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab import scenario
from lab.forest import Forest
from reports.escape import terminal, visible_json
from runner import say
from tests.program import check, hvpreflight

ROOT = Path(__file__).parents[1]
ALLOWED = {"runner/say.py", "runner/__main__.py", "reports/console.py", "reports/diagnosis.py", "runner/diagnose/readers/evtx_records.py"}
"""The sink itself; a version that is our own; the reports on the console, which tests/reports hold; a process that answers in frames."""
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"
PLAN = """
[[moves]]
vm = "LMTest"
source = "TestServer01"
target = "TestServer02"
operator = "CONTOSO\\\\hv-operator"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_json_is_json_whatever_standard_output_is_written_in(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    say.json(json.dumps({"title": "Łódź → é 😀"}, ensure_ascii=False))
    stream.flush()
    assert json.loads(stream.buffer.getvalue().decode("utf-8")) == {"title": "Łódź → é 😀"}  # type: ignore[attr-defined]


def sinks(file: Path) -> list[str]:
    """What in a module writes to a terminal by itself."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in ("print", "click.echo", "click.secho") or called.startswith(("sys.stdout.write", "sys.stderr.write")):
                found.append(f"{called} in line {node.lineno}")
    return found


def test_nothing_writes_to_a_terminal_but_the_one_sink() -> None:
    files = [path for folder in ("runner", "reports") for path in (ROOT / folder).rglob("*.py")]
    assert {path.relative_to(ROOT).as_posix() for path in files if sinks(path)} <= ALLOWED


def test_a_module_that_prints_by_itself_is_found(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import sys\nprint(1)\nsys.stderr.write('x')\n")
    assert sinks(tmp_path / "bad.py") == ["print in line 2", "sys.stderr.write in line 3"]


def harmless(shown: str) -> bool:
    return all(line == terminal(line) for line in shown.split("\n"))


@pytest.mark.parametrize(
    "plan",
    [
        f'"evil{ESCAPES}" = 1\n{PLAN}'.replace("\x1b", "\\u001b").replace("\x07", "\\u0007").replace("\x9b", "\\u009b"),
        PLAN.replace('vm = "LMTest"', "csv = 'evil\\u001b.csv'".replace("'", '"')),
        PLAN.replace('target = "TestServer02"', 'target = "Test\\u001b[2JServer02"'),
        PLAN.replace('operator = "CONTOSO', 'operator = "CONT\\u001b]0;x\\u0007OSO') + "[hosts.\"x\\u009b31m\"]\naddress = 'a:b:c'\n",
    ],
    ids=["unknown key", "csv", "host", "operator and address"],
)
def test_what_is_wrong_with_a_plan_is_said_without_its_escape_sequences(plan: str, tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")
    ran = hvpreflight("check", tmp_path / "plan.toml", "--user", "x", "--host-deadline", "1", "--out", tmp_path / "run", password="y")
    assert harmless(ran.out), ran.out
    assert harmless(ran.err), ran.err
    assert ran.code != 0


def test_a_snapshot_with_a_hostile_name_is_refused_and_logged_without_its_escape_sequences(tmp_path: Path) -> None:
    with Forest(scenario.load("articles")) as forest:
        ran = check(forest, tmp_path / "run")
    snapshot = ran.snapshot
    snapshot["hosts"][f"evil{ESCAPES}"] = {"unknown": 1}
    (tmp_path / "odd.json").write_text(json.dumps(snapshot), encoding="utf-8")
    again = hvpreflight(
        "check", tmp_path / "run" / "plan.toml", "--snapshot", tmp_path / "odd.json", "--out", tmp_path / "again", folder=tmp_path / "again"
    )
    log = tmp_path / "again" / "run.log"
    for shown in (again.out, again.err, log.read_text(encoding="utf-8") if log.exists() else ""):
        assert harmless(shown), shown


@given(st.dictionaries(st.text(), st.text() | st.none()))
@example({"\x7f\x9b\u202e\u2028": "\u180e", "note": "\U0001d173"})
def test_json_keeps_its_values_and_shows_nothing_hidden(values: dict[str, str | None]) -> None:
    shown = visible_json(json.dumps(values, ensure_ascii=False, indent=2))
    assert json.loads(shown) == values
    assert harmless(shown)


@given(st.text())
def test_lines_are_escaped_one_by_one(text: str) -> None:
    assert harmless(say.lines(text))
    assert say.lines(text).count("\n") == text.count("\n")
