"""A fact is one stripe: the same topic has its part in every room, and who forgets one is told the file."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from checks.facts.fact import ABSENT, Fact
from checks.facts.host import HOST_FACTS, SECTIONS, TOPICS, HostFacts, HostTopics
from checks.subject import HostView

ROOT = Path(__file__).parents[2]


def functions(path: Path) -> set[str]:
    """The names of the functions and methods of a module; none where there is no such file."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def names_in(path: Path) -> set[str]:
    """The words in quotes of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def lacking(section: str) -> list[str]:
    """What a section still lacks, by the file that it has to stand in."""
    topic = TOPICS[section]
    script = ROOT / "runner" / "collect" / "hosts" / f"{topic}.ps1"
    answer = ROOT / "lab" / "host" / f"{topic}.py"
    world = ROOT / "tests" / "facts" / f"{topic}.py"
    documented = ROOT / "tests" / "collect" / "hosts" / "names" / f"{topic}.toml"
    found = []
    if not script.exists() or f"\nfunction Read-{section}" not in script.read_text(encoding="utf-8"):
        found.append(f"{script.relative_to(ROOT)} has no function Read-{section}")
    if section not in functions(answer):
        found.append(f"{answer.relative_to(ROOT)} has no method {section}")
    if section in HOST_FACTS and section not in names_in(world):
        found.append(f"{world.relative_to(ROOT)} says nothing of {section} in the good world")
    if not documented.exists() or not tomllib.loads(documented.read_text(encoding="utf-8")):
        found.append(f"{documented.relative_to(ROOT)} documents no outside names")
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_a_fact_has_its_part_in_every_room(section: str) -> None:
    assert lacking(section) == []


def test_a_forgotten_part_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOPICS, "weather", "system")
    assert lacking("weather") == [
        "runner/collect/hosts/system.ps1 has no function Read-weather",
        "lab/host/system.py has no method weather",
    ]
    monkeypatch.setitem(TOPICS, "weather", "sky")
    assert [line.partition(" ")[0] for line in lacking("weather")] == [
        "runner/collect/hosts/sky.ps1",
        "lab/host/sky.py",
        "tests/collect/hosts/names/sky.toml",
    ]


@pytest.mark.parametrize("room", ["runner/collect/hosts/*.ps1", "lab/host/*.py"])
def test_no_room_has_a_section_that_is_not_declared(room: str) -> None:
    for path in ROOT.glob(room):
        topic = path.stem
        if topic not in TOPICS.values():
            continue
        if path.suffix == ".ps1":
            lines = path.read_text(encoding="utf-8").splitlines()
            here = {line.removeprefix("function Read-").split("(")[0].split(" ")[0] for line in lines if line.startswith("function Read-")}
        else:
            here = {name for name in functions(path) if name in SECTIONS}
        assert here == {section for section in SECTIONS if TOPICS[section] == topic}, path.relative_to(ROOT)


def test_what_checks_read_through_and_what_a_snapshot_holds_come_from_the_declarations() -> None:
    assert set(HOST_FACTS) <= {name for name in dir(HostView) if not name.startswith("_")}
    empty: HostFacts = HostFacts()
    held: list[Fact[object]] = [getattr(empty, name) for name in HOST_FACTS]
    assert all(fact is ABSENT for fact in held)
    assert HostTopics.os is HostView.os
