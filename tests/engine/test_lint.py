"""Every PowerShell that we send, write or print runs in Windows PowerShell 3.0 to 5.1, uses only documented commands and falls into no
known trap, judged by the syntax tree of a real engine (lint.ps1)."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

import checks
from checks.facts.host import SECTIONS, TOPICS
from reports.language import Language
from runner import endpoint
from runner.collect.hosts.script import FRAME, HEAD, part, script
from runner.endpoint.rights import run_as
from runner.powershell import module
from tests.collect.hosts.test_script import TABLE as COLLECTOR
from tests.engine.reference import FOLDER, reference_lane
from tests.engine.sessions import pwsh
from tests.fix.reading import text_of
from tests.fix.test_scripts import COMMANDS as FIX
from tests.fix.test_scripts import PLAIN, RUNS_ON_THE_HOST, TEMPLATES

pytestmark = pytest.mark.engine

HERE = Path(__file__).parent
CALLS_A_SECTION = "command that is not named: & $reader $asked"
MARK = re.compile(r"\s+# ([a-z ]+)$")


class Finding(NamedTuple):
    name: str
    line: int
    rule: str
    what: str


def lint(scripts: Mapping[str, str], allowed: Mapping[str, Any] | None, free: Mapping[str, str] | None = None) -> list[Finding]:
    """What the linter finds in these texts, by name; `allowed` is a table of documented commands, which does not bind those of `free`."""
    names = None if allowed is None else {name: list(entry["parameters"]) for name, entry in allowed.items()}
    asked = [{"name": name, "text": text, "allowed": names} for name, text in scripts.items()]
    asked += [{"name": name, "text": text, "allowed": None} for name, text in (free or {}).items()]
    command = [str(pwsh()), "-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(HERE / "lint.ps1")]
    ran = subprocess.run(command, input=msgspec.json.encode(asked).decode(), capture_output=True, text=True, encoding="utf-8", check=True)
    return [Finding(**found) for found in msgspec.json.decode(ran.stdout)]


def test_what_is_sent_to_a_host_and_the_modules_that_are_written() -> None:
    parts = {name: part(name) for name in (HEAD, *dict.fromkeys(TOPICS.values()), FRAME)}
    joined = script(SECTIONS)
    found = lint({"joined": joined}, COLLECTOR["commands"], free=parts | modules())
    assert [each.what for each in found if each.name == "joined"] == [CALLS_A_SECTION]
    assert {(each.rule, each.what) for each in found} == {("dynamic", CALLS_A_SECTION)}


def modules() -> dict[str, str]:
    """The modules that the program writes, and the commands of the README beside one."""
    made = module() | endpoint.files([], run_as(administrator=False), Language())
    texts = {path: content.decode("utf-8-sig").replace("\r\n", "\n") for path, content in made.items()}
    blocks = re.findall(r"```powershell\n(.*?)```", texts.pop("README.md"), re.DOTALL)
    assert len(blocks) == 3
    return texts | {f"README {number}": block for number, block in enumerate(blocks)}


def test_the_scripts_of_a_fix_and_their_parts() -> None:
    whole = {name: text_of(content) for name, content in PLAIN.items()}
    templates = {name: content.decode() for name, content in TEMPLATES.items()}
    found = lint(whole, FIX, free=templates)
    assert {(each.rule, each.what) for each in found} <= {("dynamic", f"command that is not named: {RUNS_ON_THE_HOST}")}


def remedies() -> Iterator[tuple[str, str]]:
    """Every line of PowerShell that a check prints, with a name in each of its places, and where it stands."""
    for path in sorted(Path(checks.__path__[0]).rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            target.id: node.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "command" and call.args:
                template = call.args[0]
                said = template.value if isinstance(template, ast.Constant) else named.get(ast.unparse(template))
                if isinstance(said, str):
                    yield f"{path.name}:{call.lineno}", re.sub(r"\{\w+\}", "'TestServer01'", said)


def test_the_commands_that_a_check_prints() -> None:
    lines = dict(remedies())
    assert len(lines) > 40
    assert lint(lines, None) == []


# --- the linter itself ---

ALLOWED = {
    "Get-Date": {"parameters": []},
    "Get-Service": {"parameters": ["Name", "DisplayName", "ErrorAction"]},
    "Get-Command": {"parameters": ["Name", "ErrorAction"]},
    "ConvertTo-Json": {"parameters": ["Depth", "Compress", "InputObject"]},
    "ConvertFrom-Json": {"parameters": ["InputObject", "AsHashtable"]},
    "ForEach-Object": {"parameters": ["Parallel"]},
    "Where-Object": {"parameters": []},
    "Invoke-Expression": {"parameters": ["Command"]},
    "Set-StrictMode": {"parameters": ["Version"]},
}
FAULTS = [(name, line) for name in ("bad.ps1", "traps.ps1") for line in (HERE / name).read_text("utf-8").splitlines()]


def test_each_faulty_line_is_refused_by_its_rule_and_no_other() -> None:
    marks = [MARK.search(line) for _, line in FAULTS]
    expected = {
        f"{number} {line.split('#')[0].strip()}": {mark.group(1)}
        for number, ((_, line), mark) in enumerate(zip(FAULTS, marks, strict=True))
        if mark
    }
    assert len(expected) == len(FAULTS)
    rules: dict[str, set[str]] = {name: set() for name in expected}
    for each in lint({name: name.partition(" ")[2] for name in expected}, ALLOWED):
        rules[each.name].add(each.rule)
    assert rules == expected


def test_a_good_script_passes() -> None:
    assert lint({"good.ps1": (HERE / "good.ps1").read_text("utf-8")}, ALLOWED) == []


def test_the_reference_judges_the_syntax_of_each_line_alike(tmp_path: Path) -> None:
    reference_lane()
    lines = {f"{number}.ps1": line.split("#")[0].strip() for number, (_, line) in enumerate(FAULTS)}
    for name, line in lines.items():
        (tmp_path / name).write_text(line + "\n", "utf-8")
    files = [str(path) for path in (*sorted(tmp_path.glob("*.ps1")), HERE / "good.ps1")]
    command = [str(pwsh()), "-NoProfile", "-File", str(FOLDER / "lint.ps1"), "-AsJson", *files]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    theirs = {each["File"] for each in msgspec.json.decode(ran.stdout)["findings"] if each["Rule"] in ("syntax", "version")}
    assert theirs == {each.name for each in lint(lines, None) if each.rule == "syntax"}
