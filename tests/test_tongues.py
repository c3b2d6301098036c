"""German, whole: what a person reads of the program in its help, its errors and its questions, and that none of it escapes who translates.

That every template has its German is in tests/reports/test_texts.py.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from checks.mistake import Mistake
from reports.language import Language
from reports.scripts.words import comment_help
from runner import say, spoken
from runner.cli import cli
from runner.collect.credentials import Credentials, find
from runner.files.folder import write_new
from runner.files.plan import read_plan
from runner.files.result import read_result
from runner.files.seal_key import read_key
from runner.files.snapshot import read_snapshot
from tests.program import hvpreflight
from tests.reports.golden import assert_golden
from tests.reports.templates import in_page, in_python
from tests.reports.test_texts import FILES

GERMAN = Language("de")


@pytest.mark.parametrize("command", ["", "check"])
def test_help_is_german_where_it_is_asked_for(command: str) -> None:
    asked = hvpreflight("--language", "de", *filter(None, [command]), "--help")
    assert (asked.code, asked.err) == (0, "")
    assert_golden(f"help-german{'-' * bool(command)}{command}.txt", asked.out)
    assert command == "" or hvpreflight(command, "--help", "--language=de").out == asked.out


def test_no_help_of_any_command_says_a_sentence_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    group = copy.deepcopy(cli)
    english = {text for told in spoken.told_by(group) for text in told.paragraphs if GERMAN.say(text) != text}
    assert len(english) > 70
    for module in spoken.spoken_by():
        for name in ("_", "ngettext"):
            monkeypatch.setattr(module, name, getattr(module, name, None), raising=False)
    spoken.speak(group, GERMAN.say)
    for name, command in {"": group, **group.commands}.items():
        shown = " ".join(command.get_help(click.Context(command, info_name=name)).split())
        assert shown.startswith("Aufruf: ")
        assert [text for text in (*english, "Usage", "Options:", "Commands", "default") if f" {text} " in f" {shown} "] == [], name


def test_help_can_be_said_in_the_code_pages_of_windows() -> None:
    """Nobody escapes it on its way to a pipe, as reports are."""
    for room in ("help", "parser"):
        for german in FILES[room].values():
            for code_page in ("cp437", "cp850", "cp1252"):
                german.encode(code_page)


WRONG_USE = (
    (("check",), "Fehler: Es fehlt das Argument 'PLAN|HOST HOST'."),
    (("chek", "plan.toml"), "Fehler: Den Befehl 'chek' gibt es nicht. (Ist eines davon gemeint: 'check', 'checks', 'schema'?)"),
    (
        ("wait", "plan.toml", "--no-ticket"),
        "Fehler: Die Option '--no-ticket' gibt es nicht. (Ist eines davon gemeint: '--no-tickets', '--timeout'?)",
    ),
    (("check", "--concurrency", "9999", "x"), "Fehler: Ungültiger Wert für '--concurrency': 9999 liegt nicht im Bereich 1<=x<=256."),
    (("diff", "a", "b", "c\x1b[31m\u202e"), "Fehler: Ein Argument zu viel (c\\u202e)"),
    (("check", "none.toml"), "none.toml: diese Datei ist nicht zu lesen: Datei oder Ordner gibt es nicht"),
    (("diagnose", "--plan", "x"), "--plan sagt, wie ein Datenstand zu beurteilen ist: Es braucht --snapshot"),
)


def test_wrong_use_is_told_in_the_language_that_is_asked_for_wherever_it_stands(tmp_path: Path) -> None:
    for number, (arguments, said) in enumerate(WRONG_USE):
        language = ("--language", "de")
        ran = hvpreflight(*(arguments + language if number % 2 else language + arguments), cwd=tmp_path)
        assert (ran.code, ran.out, ran.err.splitlines()[-1]) == (2, "", said)


MOVE = "[[moves]]\nvm='x'\nsource='a'\ntarget='b'\noperator='C\\o'\n"
PLANS = (
    ("", "the plan is empty", "der Plan ist leer"),
    ("[[moves]]\nvm='x'\n", "this move has no source, target, operator", "dieser Migration fehlt: source, target, operator"),
    (f"{MOVE}speed=1\n", "unknown key moves[1].speed; known are", "unbekannter Schlüssel moves[1].speed; bekannt sind"),
    (f"{MOVE}lauch='rdp'\n", "did you mean launch?", "unbekannter Schlüssel moves[1].lauch; ist launch gemeint?"),
    (f"{MOVE}include_storage='ja'\n", "must be true or false, not text", "moves[1].include_storage muss true oder false sein, nicht Text"),
    (f"{MOVE}launch='moon'\n", "is 'moon', not one of", "moves[1].launch ist 'moon', nicht eines von remote, console, rdp, powershell"),
    (MOVE.replace("'b'", "'A'"), "x would move from a to itself", "x würde von a auf denselben Host migriert"),
    (MOVE.replace("'x'", '"a\\u001b[2J\\u202e"'), "vm holds a control character", "vm enthält ein Steuerzeichen"),
    (f"[hosts.'\u202ea']\naddress='\u202e:x'\n{MOVE}", "is not an address or address:port", "'\\u202e:x' ist keine Adresse"),
    ("a = \n", "this is not TOML: ", "das ist kein TOML: „"),
    (f"{MOVE}[connection]\nauth='basic'\n", "refused without TLS", "Basic-Authentifizierung ohne TLS wird abgelehnt"),
)


def test_a_plan_that_does_not_read_is_told_in_both_languages_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    for plan, english, german in PLANS:
        path.write_text(plan, encoding="utf-8")
        with pytest.raises(Mistake) as raised:
            read_plan(path)
        for language, said in ((Language(), english), (GERMAN, german)):
            shown = [say.lines(language.show(sentence)) for sentence in raised.value.sentences]
            assert any(line.startswith(f"{path}:") and said in line for line in shown), (said, shown)
            assert all(line.isprintable() for line in shown)


def test_other_files_that_do_not_read_are_told_in_german(tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(b'{"format": ')
    (tmp_path / "short").write_bytes(b"x")
    now = datetime(2026, 12, 5, tzinfo=UTC)
    for read, said in (
        (lambda: read_snapshot(tmp_path / "cut", now), "als Datenstand nicht vollständig, vielleicht abgeschnitten"),
        (lambda: read_result(tmp_path / "cut"), "als Ergebnis nicht vollständig"),
        (lambda: read_result(tmp_path), "Diese Datei ist nicht zu lesen: Datei oder Ordner gibt es nicht"),
        (lambda: read_snapshot(tmp_path, now), "Diese Datei ist nicht zu lesen: "),
        (
            lambda: read_key(str(tmp_path / "short")),
            "Dieser Schlüssel ist zu kurz, um jemanden abzuhalten (1 Bytes",
        ),
        (lambda: write_new(tmp_path / "cut").__enter__(), "gibt es schon; es wird nicht überschrieben"),
    ):
        with pytest.raises(Mistake) as raised:
            read()
        assert said in GERMAN.show(raised.value.sentences[0])


def test_the_password_is_asked_for_in_german() -> None:
    asked: list[str] = []
    found = find("CONTOSO\\a", ask=True, prompt=lambda question: asked.append(question) or "secret", interactive=True, shown=GERMAN.show)
    assert isinstance(found, Credentials)
    assert asked == ["Kennwort für CONTOSO\\a: "]


def test_the_help_of_a_script_is_a_comment_in_each_language() -> None:
    for language in (Language(), GERMAN):
        text = comment_help(language)
        assert text.startswith("<#\n.SYNOPSIS\n")
        assert text.index("#>") == len(text) - 3
    assert "Macht die Änderungen" in comment_help(GERMAN)


FOUND = (
    ("checks/vm/x.py", '@check(id="a.b", title="Planted")\ndef it(): ...'),
    ("checks/vm/x.py", 'source.passes("Planted")'),
    ("checks/vm/x.py", 'source.evidence("Planted", "Planted", 1)'),
    ("runner/files/x.py", 'raise FileError(text("Planted", file=file))'),
    ("runner/diagnose/readers/x.py", 'kept.odd("Planted", count=1)'),
    ("runner/commands/x.py", 'say.err(language.say("Planted"))'),
    ("runner/commands/x.py", '_tell(options, "Planted")'),
    ("reports/scripts/x.py", 'yield language.say("Planted" if one else "Planted")'),
)
ESCAPED = (
    ("checks/vm/x.py", 'text(f"Planted {host}")'),
    ("checks/vm/x.py", 'source.evidence("x", f"Planted {host}", 1)'),
    ("runner/files/x.py", 'raise FileError(f"Planted {file}")'),
    ("runner/commands/x.py", 'raise UsageError("Planted")'),
    ("runner/commands/x.py", 'raise click.BadParameter("Planted")'),
    ("runner/commands/x.py", 'say.out("Planted")'),
    ("runner/commands/x.py", 'say.err(f"{count} Planted")'),
    ("reports/console.py", 'yield _Line(((f"  Planted {count}", "dim"),), 4)'),
    ("reports/diagnosis.py", 'yield _Line(0, "Planted", "dim")'),
    ("reports/x.py", 'language.say("Planted " + host)'),
)


def test_a_sentence_is_found_wherever_one_can_be_said_and_none_gets_past() -> None:
    for where, source in FOUND:
        assert "Planted" in set(in_python(source, where)), source
    for where, source in ESCAPED:
        with pytest.raises(AssertionError, match=f"{where}:1: "):
            list(in_python(source, where))
    assert list(in_page('<p class="x">{{ t("Planted") }}</p>', "reports/x.html")) == ["Planted"]
    with pytest.raises(AssertionError, match="Planted"):
        list(in_page('<p class="x">Planted</p>', "reports/x.html"))


def test_whatever_is_told_of_a_command_is_found() -> None:
    @click.group()
    @click.option("--planted", help="Planted option.", metavar="PLANTED")
    def group(planted: str) -> None:
        """Planted group."""

    @group.command()
    @click.argument("planted")
    @click.option("--number", type=float)
    def planted(planted: str) -> None:
        """Planted command.

        With a second
        paragraph.
        """

    found = [text for told in spoken.told_by(group) for text in told.paragraphs]
    assert {"Planted group.", "Planted option.", "PLANTED", "Planted command.", "With a second paragraph.", "float"} <= set(found)
