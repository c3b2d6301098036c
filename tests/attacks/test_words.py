"""Whatever a host, a directory, an error or the plan itself says, it is shown as text and does nothing else.

Plans with their snapshots (`hostile`), 1,000 where every lane is required, go through the readers, six of all checks, and what shows a
result: the console, JSON, and what is said of a file that is refused. Eight of each hundred go to the detailed console, the HTML report
and the fix with its scripts and README too, and beside each its twin, in which letters stand for everything special: both have to be
built alike.
"""

from __future__ import annotations

import io
import json
import logging
import re
import unicodedata
from collections import Counter
from contextlib import redirect_stdout, suppress
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace
from sansldap import FilterEquality, FilterOr, LDAPFilter

import reports.html
import reports.scripts
from checks.check import Outcome
from checks.registry import all_checks
from checks.result import Result
from checks.world import World
from reports import console
from reports.escape import powershell_comment
from reports.language import Language
from runner import say
from runner.collect.directories.controller import any_of
from runner.commands.check import _logging_to
from runner.evaluate import evaluate
from runner.files.folder import RunFolder, default_path
from runner.machines import machines
from tests.attacks.hostile import HARMLESS, HOSTILE, KEPT_FIELDS, LONE, NOW, PLAN, SNAPSHOT, Refused, files, texts
from tests.fix.made import everything, rendered
from tests.fix.reading import code_of, data_of
from tests.powershell import broken, command_name, nodes, tree, used

COUNT = 200
"""So many plans; where not every lane is required, the first of them."""
PART = 100
COMPARED = 8
"""So many of each part go to what takes long."""

CHECKS = tuple(replace(check, depends_on=()) for check in all_checks())
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
LOADING = {"img", "image", "iframe", "object", "embed", "base", "link", "video", "audio", "src", "srcset", "srcdoc", "action", "formaction"}
LANGUAGES = (Language("en"), Language("de"))


@cache
def codes() -> set[str]:
    """What fixes hold beside their data."""
    return {code_of(content) for name, content in rendered(everything("TestServer01")).items() if name.endswith(".ps1")}


class Judged(NamedTuple):
    result: Result
    world: World


def judged(number: int, words: tuple[str, ...], folder: Path) -> Judged:
    """What some of the checks say of the files with this number. Raises Refused."""
    plan, snapshot = files(number, words).read(folder)
    checks = tuple(Random(number).sample(CHECKS, 6))
    return Judged(evaluate(plan, snapshot, snapshot_sha256="0" * 64, plan_sha256="1" * 64, checks=checks), World(plan, snapshot))


def parts() -> list[Any]:
    """The numbers of all files, for so many tests."""
    return [pytest.param(range(start, start + PART), id=str(start)) for start in range(0, COUNT, PART)]


def hidden(shown: str) -> set[str]:
    """What a terminal obeys, or what hides or turns around what stands beside it."""
    return {c for c in set(shown) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def assert_plain(shown: str, ends: str = "\n") -> None:
    assert hidden(shown) <= set(ends)


def on_console(result: Result, **options: Any) -> str:
    stream = io.StringIO()
    console.write(result, stream=stream, **options)
    return stream.getvalue()


def as_json(result: Result) -> str:
    with redirect_stdout(io.StringIO()) as stream:
        say.json(msgspec.json.encode(result).decode())
    return stream.getvalue()


@pytest.mark.parametrize("numbers", parts())
def test_nothing_hidden_comes_out_of_plans_with_their_snapshots(numbers: range, tmp_path: Path) -> None:
    shown = 0
    for number in numbers:
        try:
            result, _ = judged(number, HOSTILE if number % 10 else (*HOSTILE, LONE), tmp_path)
        except Refused as refused:
            assert_plain(say.lines(str(refused)))
            continue
        shown += 1
        assert [finding for finding in result.findings if finding.outcome is Outcome.ERROR] == [], number
        assert_plain(on_console(result, quiet=True, language=LANGUAGES[number % len(LANGUAGES)]))
        written = as_json(result)
        assert_plain(written)
        assert msgspec.json.decode(written, type=Result) == result
    assert shown > len(numbers) / 2, "most are read, or nothing is tried"


class Elements(HTMLParser):
    """The elements of a page, and the JSON in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "type" in self.all[-1][1]:
            self.data += data

    @property
    def kinds(self) -> Counter[tuple[str, ...]]:
        """Without the places where a line may break, which the signs of a name make."""
        return Counter((tag, *attrs) for tag, attrs in self.all if tag != "wbr")


def shape(value: Any) -> Any:
    """Data without its texts."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return list(map(shape, value)) if isinstance(value, list) else "" if isinstance(value, str) else value


def scripts(made: dict[str, bytes]) -> list[tuple[str, list[str]]]:
    """How the scripts are built: their data, and every command. Their code is always the same, and what they say themselves is plain."""
    found = []
    for content in (content for name, content in made.items() if name.endswith(".ps1")):
        assert code_of(content) in codes()
        read = as_powershell(content.decode()).encode()
        root, data = tree(read, "pwsh"), data_of(read)
        assert broken(root) == []
        for row in (*data["steps"], *data["notes"]):
            assert_plain("".join((data["title"], row["Text"], row.get("Target", ""), *row.get("Commands", ()), *row.get("Verify", ()))))
        found.append((json.dumps(shape(data)), used(root)))
    return sorted(found)


def as_powershell(script: str) -> str:
    """PowerShell takes every quote for the one that is typed ([about_Quoting_Rules]); the grammar knows that one alone."""
    return script.translate(dict.fromkeys(map(ord, "‘’‚‛"), "'") | dict.fromkeys(map(ord, "“”„"), '"'))


def blocks(page: bytes) -> Counter[tuple[str, str]]:
    """What a page in Markdown is made of, apart from text."""
    tokens = MARKDOWN.parse(page.decode())
    inline = (token for block in tokens for token in (block, *(block.children or ())))
    return Counter((token.type, token.tag) for token in inline if token.type not in ("text", "text_special"))


def commands(result: Result, language: Language) -> Counter[tuple[str | None, ...]]:
    """The lines of PowerShell in the remedies, each by the names of its commands and what does not parse."""
    remedies = [finding.remedy for finding in result.findings if finding.remedy]
    said = {line for remedy in remedies for part in ("commands", "verify", "undo") for line in language.commands(remedy, part)}
    trees = (tree(as_powershell(line).encode(), "pwsh") for line in said)
    return Counter(tuple(map(command_name, nodes(root, "command", "ERROR"))) for root in trees)


class Shown(NamedTuple):
    """How everything that is made from a result is built."""

    lines: int
    elements: Counter[tuple[str, ...]]
    scripts: list[tuple[str, list[str]]]
    blocks: list[Counter[tuple[str, str]]]
    commands: Counter[tuple[str | None, ...]]


def shown(of: Judged, language: Language) -> Shown:
    """Everything that is made from a result, where it is plain text and each element of the page harmless."""
    told = on_console(of.result, verbose=True, language=language)
    page = reports.html.render(of.result, now=NOW, language=language)
    made = reports.scripts.render(of.result, machines(of.world), language, now=NOW)
    elements = Elements(page)
    assert_plain(told)
    assert_plain(page)
    assert json.loads(elements.data)
    assert [element for element in elements.all if not harmless(*element)] == []
    for name, content in made.items():
        assert re.fullmatch(r"README(\.de)?\.md|(undo-)?\d\d-[\w.-]+\.ps1", name)
        assert_plain(content.decode("utf-8-sig"), "\r\n")
    pages = [content for name, content in made.items() if name.endswith(".md")]
    return Shown(told.count("\n"), elements.kinds, scripts(made), list(map(blocks, pages)), commands(of.result, language))


def harmless(tag: str, attrs: dict[str, str | None]) -> bool:
    """Does an element load nothing, lead nowhere but within the page, and do nothing when something happens."""
    inside = (attrs.get("href") or "#").startswith("#")
    return inside and not {tag, *attrs} & LOADING and not any(name.startswith("on") or name == "style" for name in attrs)


@pytest.mark.parametrize("numbers", parts())
def test_reports_and_fixes_are_built_as_if_every_name_were_harmless(numbers: range, tmp_path: Path) -> None:
    compared = 0
    for number in numbers:
        try:
            hostile, twin = (judged(number, words, tmp_path) for words in (HOSTILE, HARMLESS))
        except Refused:
            continue
        if outcomes(hostile.result) == outcomes(twin.result):
            language = LANGUAGES[compared % len(LANGUAGES)]
            assert shown(hostile, language) == shown(twin, language), number
            compared += 1
        if compared == COMPARED:
            break
    assert compared == COMPARED


def outcomes(result: Result) -> list[tuple[str, str]]:
    return [(finding.check, finding.outcome) for finding in result.findings]


def test_every_text_of_a_plan_and_a_snapshot_is_tried() -> None:
    left = {*texts(PLAN), *texts(SNAPSHOT)} - {f"Snapshot.{name}" for name in KEPT_FIELDS}
    for number in range(1000):
        left -= files(number, HOSTILE).places
        if not left:
            break
    assert left == set()


def test_the_log_takes_any_error_as_text(tmp_path: Path) -> None:
    error = Refused("".join((*HOSTILE, "\n2026-12-05T12:00:00Z INFO verdict GO")))
    with suppress(Refused), _logging_to(RunFolder(tmp_path / "run")):
        logging.getLogger("hvpreflight").info("host %s", error)
        raise error
    written = (tmp_path / "run" / "run.log").read_text(encoding="utf-8")
    assert_plain(written)
    assert len(re.findall(r"(?m)^(?!    )", written.rstrip())) == 3, "the program's name and two entries"


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_words_among_commands_stay_a_comment(word: str) -> None:
    comment = powershell_comment(word)
    assert_plain(comment, ends="")
    assert {node.type for node in nodes(tree(as_powershell(comment).encode(), "pwsh"))} == {"program", "comment"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_name_steers_the_terminal_of_the_progress() -> None:
    def steered(names: tuple[str, ...]) -> set[str]:
        stream = Terminal()
        for name in names:
            with console.Progress([name], stream=stream) as progress:
                progress.host(name, name)
        written = stream.getvalue()
        return hidden(written) | set(re.findall(r"\x1b\[[\d;?]*\w", written))

    assert steered(HOSTILE) == steered(HARMLESS)


def test_a_run_of_any_change_stays_in_the_folder_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for word in (*HOSTILE, LONE):
        RunFolder(default_path(word, NOW)).write("plan.toml", b"")
    (runs,) = tmp_path.iterdir()
    assert {path.name for path in runs.glob("*/*")} == {"plan.toml"}
    assert [path.name for path in runs.iterdir() if not re.fullmatch(r"[\w.-]+", path.name)] == []
    assert len(list(runs.iterdir())) == len(HOSTILE) + 1


def test_a_directory_is_asked_for_any_name_as_a_value() -> None:
    asked = LDAPFilter.from_string(any_of("servicePrincipalName", HOSTILE))
    assert asked == FilterOr(filters=[FilterEquality("servicePrincipalName", word.encode()) for word in HOSTILE])
