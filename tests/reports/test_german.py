"""The reports in German: nothing is shown that is not translated, and no English word is left."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

import reports
import runner
from checks.check import Outcome, Severity, Value
from checks.errors.lookup import known
from checks.recorded import ACCOUNTS, DETAILS, PROTECTIONS, SOURCES, recognized
from checks.result import Result, Verdict
from reports import html
from reports.console import write
from reports.language import Language
from runner.collect.answer import SOURCES as SECTIONS
from runner.planfile import PlanFile
from runner.snapshotfile import encode
from tests.program import hvpreflight
from tests.reports import sample, worlds
from tests.reports.golden import assert_golden
from tests.reports.templates import PLACE
from tests.reports.test_texts import TEXTS
from tests.world import AT, TestWorld, good

COLLECTOR = Path(runner.__path__[0]) / "collect"

FIXED = {*map(str, Verdict), *map(str, Outcome), *map(str, Severity), "CredSSP", "Kerberos"}
"""Words that are the same in every language."""

ENGLISH = re.compile(
    r"\b(the|is|are|of|not|and|or|with|without|for|by|from|has|have|does|its|it|this|yes|any|every|no|to|at)\b", re.IGNORECASE
)


@cache
def german() -> Language:
    return Language("de")


def console(result: Result, language: Language | None = None) -> str:
    stream = io.StringIO()
    write(result, stream=stream, verbose=True, language=language or german(), now=sample.AFTER_THE_END)
    return stream.getvalue()


def page(result: Result, language: Language | None = None) -> str:
    return html.render(result, language=language or german(), now=sample.AFTER_THE_END)


class Prose(HTMLParser):
    """The texts of a page that are for people: neither code nor data, nor names in quotes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self._inside.append(tag)
        self.texts += [value for name, value in attrs if name in ("aria-label", "data-label", "data-template") and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside[-1:] == [tag]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.texts.append(data)


@cache
def sentences() -> tuple[str, ...]:
    """The codes that are predicted, and what Windows says with them: English where no German wording is known."""
    codes = {code for result in worlds.everything() for finding in result.findings for code in finding.predicts}
    errors = ((code, known(code)) for code in sorted(codes, key=len, reverse=True))
    return tuple(each for code, error in errors for each in (code, german().of_error(error, "message").rstrip(".") if error else ""))


def prose(text: str) -> str:
    """Without commands and what is the same in every language."""
    lines = (line for line in text.splitlines() if not re.match(r"\s+(Abhilfe|ausführen|nachprüfen|rückgängig)\b", line))
    left = re.sub(r"NO-GO|GO WITH CONDITIONS|\(Allowed to Authenticate\)", "", "\n".join(lines))
    for sentence in filter(None, sentences()):
        left = left.replace(sentence, "")
    return left


# --- what the snapshot says in words ---

TECHNICAL = {
    "LDAP",
    "DNS",
    "rootDSE, crossRef",
    "trustedDomain",
    "X: X",
    "HTTP X",
    "X: LDAP",
    "X: Win32_NTDomain",
    "X X",
    "X (X) X",
    "X: not in the answer",
}
"""What the collector says in names and numbers alone."""


def words(node: ast.expr) -> str | None:
    """A string as it could be recorded, with X for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)  # type: ignore[misc]
    return None


def said(calls: dict[str, int], folder: Path = COLLECTOR) -> Iterator[str]:
    """The strings that stand as the argument of this place in calls of these functions."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = calls.get(name)
                if place is not None and len(node.args) > place and (found := words(node.args[place])) is not None:
                    yield found
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and "explain" in calls:
                yield from (found for each in node.value.elts if (found := words(each)) is not None)


def test_the_words_for_where_a_fact_comes_from_are_recognized() -> None:
    checks = Path(reports.__path__[0]).parent / "checks"
    found = {f"{section} on X" for section in SECTIONS.values()}
    found |= {*said({"Missing": 1, "Known": 1, "missing_host": 1}), *said({"not_collected": 0, "Known": 1}, checks)}
    found |= {f"X: {what}" for what in said({"fact": 0})} - {"X: rootDSE, crossRef", "X: trustedDomain"}
    assert {each for each in found - TECHNICAL if isinstance(recognized(each, SOURCES), str)} == set()


def test_the_words_for_why_a_fact_is_missing_are_recognized() -> None:
    checks = Path(reports.__path__[0]).parent / "checks"
    functions = {"Missing": 3, "Unanswered": 1, "missing": 1, "give_up_all": 1, "_give_up": 3, "Refused": 0, "Unreadable": 0}
    found = {*said(functions | {"UnencryptedAnswer": 0, "ValidationError": 0, "explain": 0}), *said({"Missing": 3}, checks)}
    found |= {f"{what}: not in the answer" for what in said({"lacks": 1}, checks)}
    assert {each for each in found - TECHNICAL if isinstance(recognized(each, DETAILS), str)} == set()


@pytest.mark.parametrize(
    ("recorded", "says"),
    [
        ("dc01.contoso.test: computer account TESTSERVER01$", "dc01.contoso.test: Computerkonto TESTSERVER01$"),
        ("local groups (WinNT provider) on TestServer02", "lokale Gruppen (WinNT-Anbieter) auf TestServer02"),
        ("VM SQL on the rocks on TestServer01", "VM SQL auf the rocks on TestServer01"),
        (
            "Windows before 2016 has no Credential Guard, for the build read from Win32_OperatingSystem on HV01",
            "Windows vor 2016 hat kein Credential Guard, für den gelesenen Build aus Win32_OperatingSystem auf HV01",
        ),
        ("something else", "something else"),
    ],
)
def test_a_source_is_said_in_german_and_what_is_not_known_as_it_was_recorded(recorded: str, says: str) -> None:
    assert german().recorded(recorded) == says


def test_who_collected_and_how_is_said_in_german() -> None:
    assert german().recorded("CONTOSO\\auditor (current logon)", ACCOUNTS) == "CONTOSO\\auditor (aktuelle Anmeldung)"
    assert german().recorded("WinRM message encryption", PROTECTIONS) == "verschlüsselte WinRM-Nachrichten"


# --- the reports ---


class Noted(Language):
    """A language that notes what it was asked for and does not have."""

    def __init__(self) -> None:
        super().__init__("de")
        self.lacking: set[str] = set()

    def say(self, template: str, /, **values: Value) -> str:
        if template not in TEXTS and re.search(r"[^\W\d_]", PLACE.sub("", template)) and " " in template.strip():
            self.lacking.add(template)
        return super().say(template, **values)


def test_no_check_and_no_report_says_anything_that_is_not_translated() -> None:
    language = Noted()
    for result in worlds.everything():
        console(result, language)
        page(result, language)
    assert language.lacking - FIXED == set()


def test_a_german_report_holds_no_english_word() -> None:
    seen: set[str] = set()
    for result in worlds.everything():
        seen |= {line for line in prose(console(result)).splitlines()[1:] if ENGLISH.search(line)}
        seen |= {text for text in map(prose, Prose(page(result)).texts) if ENGLISH.search(text)}
    assert seen == set()


def test_a_result_that_was_written_and_read_again_gives_the_same_german_report() -> None:
    for result in (worlds.no_go(), *worlds.everything()):
        again = msgspec.json.decode(msgspec.json.encode(result), type=Result)
        assert page(again) == page(result)
        assert console(again) == console(result)


def test_the_result_itself_stays_english_in_the_fields_that_scripts_read() -> None:
    (finding,) = (f for f in worlds.no_go().findings if f.check == "network.isolated" and f.outcome is Outcome.FAIL)
    written = msgspec.to_builtins(finding)
    assert written["evidence"][0] == {
        "what": "UseAnyNetworkForMigration of TestServer01",
        "actual": True,
        "expected": False,
        "from": "test",
        "at": AT.isoformat().replace("+00:00", "Z"),
        "texts": {"what": {"template": "UseAnyNetworkForMigration of {host}", "values": {"host": "TestServer01"}}},
    }
    assert written["remedy"]["who"] == "administrator of TestServer01"
    assert written["remedy"]["texts"] == {"who": {"template": "administrator of {host}", "values": {"host": "TestServer01"}}}


def test_what_no_command_can_undo_is_said_in_german_beside_the_commands() -> None:
    world = good().set(f"{worlds.SOURCE}.migration.authentication", 0).set(f"{worlds.TARGET}.migration.authentication", 0)
    text = console(world.move(launch="console").result())
    assert "rückgängig: # Nach der Verschiebung von TestServer01 abmelden" in text
    assert "rückgängig: # Sign" not in text


@pytest.mark.parametrize("quiet", [False, True])
def test_the_german_console_report_reads_as_somebody_approved_it(quiet: bool) -> None:
    stream = io.StringIO()
    write(worlds.no_go(), stream=stream, quiet=quiet, verbose=not quiet, language=german(), now=AT)
    assert_golden(f"console-german{'-quiet' if quiet else ''}.txt", stream.getvalue())


def test_the_german_page_reads_as_somebody_approved_it() -> None:
    assert_golden("report-german.html", html.render(worlds.no_go(), now=AT, language=german()))


# --- the option ---


def run(world: TestWorld, folder: Path, *options: str) -> tuple[int, str, str]:
    """`check` with a plan file and a snapshot file of this world; gives code, output and the page of the run folder."""
    (move,) = world.plan.moves
    plan = f"[[moves]]\nvm = '{move.vm}'\nsource = '{move.source}'\ntarget = '{move.target}'\noperator = '{move.operator}'\n"
    msgspec.toml.decode(plan, type=PlanFile)
    (folder / "plan.toml").write_text(plan, encoding="utf-8")
    (folder / "snapshot.json").write_bytes(encode(world.snapshot))
    ran = hvpreflight("check", folder / "plan.toml", "--snapshot", folder / "snapshot.json", "--out", folder / "run", *options)
    written = folder / "run" / "report.html"
    return ran.code, ran.out + ran.err, written.read_text(encoding="utf-8") if written.exists() else ""


def test_check_in_german_gives_a_german_console_report_and_a_german_page(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    world = good().set("collected.start", now).set("collected.end", now).set(f"{worlds.SOURCE}.migration.enabled", False)
    code, said, document = run(world, tmp_path, "--language", "de")
    assert code == 3, said
    assert "Livemigrationen sind auf TestServer01 nicht aktiviert" in said
    assert "Bericht: " in said
    assert '<html lang="de">' in document
    assert "Livemigrationen sind auf TestServer01 nicht aktiviert" in document


def test_a_language_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    code, said, document = run(good(), tmp_path, "--language", "fr")
    assert (code, document) == (2, "")
    assert "'en', 'de'" in said
