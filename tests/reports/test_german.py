"""The reports in German: nothing is shown that is not translated, and no English word is left."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import runner
from checks.check import Outcome, Severity
from checks.errors.lookup import known
from checks.facts.fact import Missing, Reason
from checks.facts.host import HostTopics
from checks.facts.migration import MigrationAuthentication
from checks.facts.snapshot import Protection
from checks.result import Result, Verdict
from checks.text import Text, Value, text, verbatim
from reports import html
from reports.console import write
from reports.language import Language
from runner.files.plan import PlanFile
from runner.files.snapshot import encode
from tests.program import hvpreflight
from tests.reports import sample, worlds
from tests.reports.golden import assert_golden
from tests.reports.templates import PLACE
from tests.reports.test_texts import TEXTS
from tests.world import AT, DC, TestWorld, good

CREDSSP = MigrationAuthentication.CREDSSP
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
    """The texts of a page that are for people: neither code nor data, nor names in quotes. Where a word may be broken it does not end."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(document.replace("<wbr>", ""))

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


# --- where facts come from, and why they are missing ---


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (
            text("{controller}: {what}", controller=DC, what=text("computer account {account}", account="TESTSERVER01$")),
            "dc01.contoso.test: Computerkonto TESTSERVER01$",
        ),
        (HostTopics.local_groups.origin.on("TestServer02"), "lokale Gruppen (WinNT-Anbieter) auf TestServer02"),
        (text("VM {vm} on {host}", vm="SQL on the rocks", host="TestServer01"), "VM SQL on the rocks auf TestServer01"),
        (
            text(HostTopics.credential_guard.origin.earlier.source, origin=HostTopics.os.origin.on("HV01")),
            "Windows vor 2016 hat kein Credential Guard, für den gelesenen Build aus Win32_OperatingSystem auf HV01",
        ),
        (verbatim("something else"), "something else"),
    ],
)
def test_a_source_is_said_in_german_and_the_words_of_others_as_they_are(source: Text, says: str) -> None:
    assert german().show(source) == says


def test_the_source_of_evidence_and_the_reason_of_an_unknown_are_said_in_german() -> None:
    detail = text("no whole answer within {seconds} s", seconds="90")
    missing = Missing(Reason.TIMED_OUT, HostTopics.migration.origin.on("TestServer01"), AT, detail)
    world = good().set("hosts.testserver02.migration.enabled", False)
    hosts = world.snapshot.hosts | {"testserver01": replace(world.snapshot.hosts["testserver01"], migration=missing)}
    said = console(TestWorld(world.plan, replace(world.snapshot, hosts=hosts)).result())
    assert "(Get-VMHost auf TestServer01): Zeitüberschreitung, keine vollständige Antwort innerhalb von 90 s" in said


def test_who_collected_and_how_is_said_in_german() -> None:
    collected = replace(good().snapshot.collected, by="CONTOSO\\auditor", current_logon=True)
    assert german().collector(collected) == "CONTOSO\\auditor (aktuelle Anmeldung)"
    assert german().say(Protection.MESSAGES) == "WinRM-Nachrichtenverschlüsselung"


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
        "decides": True,
    }
    assert written["remedy"]["who"] == "administrator of TestServer01"
    assert written["remedy"]["texts"] == {"who": {"template": "administrator of {host}", "values": {"host": "TestServer01"}}}


def test_what_no_command_can_undo_is_said_in_german_beside_the_commands() -> None:
    world = good().set(f"{worlds.SOURCE}.migration.authentication", CREDSSP).set(f"{worlds.TARGET}.migration.authentication", CREDSSP)
    text = console(world.move(launch="console").result())
    assert "rückgängig: # Nach der Migration von TestServer01 abmelden" in text
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
