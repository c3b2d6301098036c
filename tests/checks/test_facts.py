"""A fact is one stripe: the same topic has its part in every room, and who forgets one is told the file."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.facts.directory import QUESTIONS, ControllerFacts
from checks.facts.fact import ABSENT, Fact, Known
from checks.facts.host import HOST_FACTS, SECTIONS, TOPICS, HostFacts, HostTopics
from checks.subject import HostView
from lab.forest import Forest
from runner.endpoint.rights import rights
from tests.collect.directories.asking import asked, first, scenario

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ready() -> Iterator[Forest]:
    with Forest(scenario()) as running:
        yield running


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
    in_engine = ROOT / "lab" / "engine" / "world" / f"{topic}.py"
    world = ROOT / "tests" / "facts" / f"{topic}.py"
    documented = ROOT / "tests" / "collect" / "hosts" / "names" / f"{topic}.toml"
    found = []
    if not script.exists() or f"\nfunction Read-{section}" not in script.read_text(encoding="utf-8"):
        found.append(f"{script.relative_to(ROOT)} has no function Read-{section}")
    if section not in functions(answer):
        found.append(f"{answer.relative_to(ROOT)} has no method {section}")
    if section not in functions(in_engine):
        found.append(f"{in_engine.relative_to(ROOT)} has no function {section}")
    if section in HOST_FACTS and section not in names_in(world):
        found.append(f"{world.relative_to(ROOT)} says nothing of {section} in the good world")
    if not documented.exists() or not tomllib.loads(documented.read_text(encoding="utf-8")):
        found.append(f"{documented.relative_to(ROOT)} documents no outside names")
    if section not in rights().sections:
        found.append(f"runner/collect/hosts/rights.toml does not say what {section} needs")
    return found


@pytest.mark.parametrize("section", SECTIONS)
def test_a_fact_has_its_part_in_every_room(section: str) -> None:
    assert lacking(section) == []


def test_a_forgotten_part_is_named_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOPICS, "weather", "system")
    assert lacking("weather") == [
        "runner/collect/hosts/system.ps1 has no function Read-weather",
        "lab/host/system.py has no method weather",
        "lab/engine/world/system.py has no function weather",
        "runner/collect/hosts/rights.toml does not say what weather needs",
    ]
    monkeypatch.setitem(TOPICS, "weather", "sky")
    assert [line.partition(" ")[0] for line in lacking("weather")] == [
        "runner/collect/hosts/sky.ps1",
        "lab/host/sky.py",
        "lab/engine/world/sky.py",
        "tests/collect/hosts/names/sky.toml",
        "runner/collect/hosts/rights.toml",
    ]


READERS = ROOT / "runner" / "collect" / "directories" / "questions"


def unanswered(question: str) -> list[str]:
    """What a question to domain controllers still lacks, by the file that it has to stand in."""
    reader, world = READERS / f"{question}.py", ROOT / "tests" / "facts" / "directory.py"
    found = []
    if "read" not in functions(reader):
        found.append(f"{reader.relative_to(ROOT)} has no function read")
    if question not in names_in(world):
        found.append(f"{world.relative_to(ROOT)} says nothing of {question} in the good world")
    return found


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_to_controllers_has_its_reader_and_its_answer_in_the_good_world(question: str) -> None:
    assert unanswered(question) == []


def test_a_forgotten_part_of_a_question_is_named_with_its_file() -> None:
    assert unanswered("weather") == [
        "runner/collect/directories/questions/weather.py has no function read",
        "tests/facts/directory.py says nothing of weather in the good world",
    ]


def test_no_reader_answers_a_question_that_is_not_declared() -> None:
    assert {path.stem for path in READERS.glob("*.py")} - {"__init__"} == set(QUESTIONS)


def test_the_lab_answers_every_question(ready: Forest) -> None:
    answers = asked(ready)
    for name in answers.domains:
        missing = [question for question, each in QUESTIONS.items() if not isinstance(first(answers, name, each), Known)]
        assert not missing, f"lab/directory.py does not answer {missing} for {name}"


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
    assert tuple(QUESTIONS) == ControllerFacts.__struct_fields__
