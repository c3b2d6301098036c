from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import unicodedata
from datetime import datetime

import msgspec
import pytest
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.result import Lack, Message, Result, Seal
from checks.text import text
from reports.console import BytesRead, Progress, write
from reports.digest import AREAS, SEALS
from reports.language import Language
from tests.reports import sample
from tests.reports.golden import assert_golden

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def written(result: Result, *, color: bool | None = None, quiet: bool = False, verbose: bool = False, now: datetime | None = None) -> str:
    stream = io.StringIO()
    write(result, stream=stream, color=color, quiet=quiet, verbose=verbose, now=now)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["no_go", "go", "conditions", "incomplete", "empty", "hostile"])
def test_the_console_report_reads_as_somebody_approved_it(name: str) -> None:
    assert_golden(f"console-{name}.txt", written(getattr(sample, name)()))


def test_the_verbose_report_shows_every_subject_its_evidence_and_the_whole_remedy() -> None:
    assert_golden("console-no_go-verbose.txt", written(sample.no_go(), verbose=True))


def test_who_sees_one_command_is_told_that_there_are_more() -> None:
    its = sample.no_go()
    number, first = next((number, each) for number, each in enumerate(its.findings) if each.remedy and each.remedy.commands)
    assert first.remedy is not None
    several = replace(first, remedy=replace(first.remedy, commands=("Do-This", "Do-That\nDo-More")))
    shown = written(replace(its, findings=(*its.findings[:number], several, *its.findings[number + 1 :])), quiet=True)
    assert re.search(r"\n +Do-This\n +2 more lines: -v shows them\n", shown)


def test_the_quiet_report_shows_what_failed_and_the_verdict() -> None:
    assert_golden("console-no_go-quiet.txt", written(sample.no_go(), quiet=True))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("no_go", "NO-GO: 1 blocker (delegation.cifs)"),
        ("go", "GO: 8 findings hold, no blocker and no risk is left"),
        ("conditions", "GO WITH CONDITIONS: 1 risk (network.isolated)"),
        ("incomplete", "INCOMPLETE: 1 blocker not judged (network.port_6600)"),
        ("empty", "INCOMPLETE: the plan holds no move"),
    ],
)
@pytest.mark.parametrize("quiet", [False, True])
def test_the_last_line_is_the_verdict(name: str, line: str, quiet: bool) -> None:
    assert written(getattr(sample, name)(), quiet=quiet).splitlines()[-1] == line


@pytest.mark.parametrize("quiet", [False, True])
def test_an_expired_go_says_so_in_the_line_of_the_verdict(quiet: bool) -> None:
    last = written(sample.go(), quiet=quiet, now=sample.AFTER_THE_END).splitlines()[-1]
    assert last.startswith("EXPIRED, was GO: ")
    assert last.endswith(" · valid until 2026-12-06T17:00:00Z (18:00+01:00)")
    assert "EXPIRED" not in written(sample.go(), now=sample.BEFORE_THE_END)


def test_the_sum_of_all_outcomes_is_what_was_planned() -> None:
    line = written(sample.no_go()).splitlines()[-2]
    found = re.fullmatch(r"planned (\d+) = PASS (\d+) \+ FAIL (\d+) \+ SKIP (\d+) \+ UNKNOWN (\d+) \+ ERROR (\d+)", line)
    assert found
    planned, *outcomes = map(int, found.groups())
    assert planned == sum(outcomes) == len(sample.no_go().findings)


def test_a_pipe_gets_no_control_character_and_no_broken_line() -> None:
    for result in (sample.no_go(), sample.hostile()):
        text = written(result, verbose=True)
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert any(len(line) > 120 for line in written(sample.no_go()).splitlines())


def test_hostile_names_reach_a_colour_terminal_without_their_control_characters() -> None:
    text = written(sample.hostile(), color=True, verbose=True)
    assert ANSI.search(text), "colour was asked for"
    left = ANSI.sub("", text)
    assert not [c for c in left if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert left == written(sample.hostile(), verbose=True), "colour adds nothing but colour"


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_thousand_moves_fit_on_one_screen(language: str) -> None:
    """Also where much is wrong, and hosts could not be read; what is left out is counted, and the verdict is the last line."""
    result = unread(sample.thousand_moves(), *(f"TestServer{number:02}" for number in range(3, 9)))
    lines = ANSI.sub(
        "",
        on_terminal(f"{RESULT}write(result, stream=sys.stdout, language=Language({language!r}))", 80, encoded(result)),
    ).splitlines()
    assert rows(lines, 80) <= 40
    assert [line for line in lines if len(line) > 80] == [line for line in lines if " Set-" in line], "a command stays whole"
    assert lines[-1].startswith(("NO-GO: ", "INCOMPLETE: "))
    text = " ".join(" ".join(lines).split())
    assert re.search(r"and \d+ more" if language == "en" else r"und \d+ weitere", text)
    assert "TestServer03" in text


def test_on_a_narrow_screen_each_blocker_keeps_who_must_act_before_advice_keeps_its_errors() -> None:
    """Whatever fails: nothing of the rows is cut off above, and each command stands where there is room."""
    result = sample.no_go()
    spread = [
        replace(each, id=f"{area}.{each.id}", check=f"{area}.{number}", severity=severity)
        for each in result.findings
        if each.check in ("delegation.cifs", "network.isolated")
        for number, severity in enumerate(Severity)
        for area in AREAS
    ]
    checks = {each.check: replace(result.checks["delegation.cifs"], area=each.check.partition(".")[0]) for each in spread}
    whole = replace(result, findings=(*result.findings, *spread), checks=result.checks | checks)
    for columns in (80, 200):
        text = ANSI.sub(
            "", on_terminal(f"{RESULT}write(result, stream=sys.stdout, whole='hvpreflight report run')", columns, encoded(whole))
        )
        assert rows(text.splitlines(), columns) <= 40
        assert re.search(r"… and \d+ more\n", text)
        assert "fix: domain administrator" in text
        assert "every check, with its evidence: hvpreflight report run\n" in text


def rows(lines: list[str], columns: int) -> int:
    return sum(-(-max(1, len(line)) // columns) for line in lines)


def encoded(result: Result) -> str:
    return msgspec.json.encode(result).decode()


def unread(result: Result, *hosts: str) -> Result:
    """The result with more findings, which wait for each of these hosts."""
    first = result.findings[0]
    found = [
        replace(
            first,
            id=f"{first.check}@{host}{number}",
            outcome=Outcome.UNKNOWN,
            severity=Severity.BLOCKER,
            reason=Reason.UNREACHABLE,
            lacks=Lack("host.os", text("visit to {host} ({address})", host=host, address="192.0.2.1:5985"), Reason.UNREACHABLE),
            message=Message("host.os is not known", "{fact} is not known", {"fact": "host.os", "detail": text("it does not answer")}),
            remedy=None,
        )
        for host in hosts
        for number in range(3)
    ]
    return replace(result, findings=(*result.findings, *found))


def test_an_area_in_which_something_was_not_judged_is_not_among_those_in_which_nothing_is_wrong() -> None:
    result = sample.thousand_moves()
    last = next(finding for finding in reversed(result.findings) if finding.outcome is Outcome.PASS)
    area = result.checks[last.check].area
    skipped = replace(last, outcome=Outcome.SKIP, because=("another.check",))
    text = written(replace(result, findings=tuple(skipped if each is last else each for each in result.findings)))
    assert re.search(rf"^  {area} .*SKIP 1 \(1 not judged\)", text, re.MULTILINE)
    assert not re.search(rf"nothing is wrong in .*\b{area}\b", text)


def test_a_host_that_could_not_be_read_is_told_once_with_what_waits_for_it() -> None:
    hostile = "Test\x1b[2J\u202eServer09"
    text = written(unread(sample.go(), "TestServer03", hostile))
    assert text.count("visit to TestServer03 (192.0.2.1:5985): unreachable, it does not answer") == 1
    assert "  ? TestServer03  BLOCKER  3 findings wait for it\n" in text
    assert "Make it reachable from where this program runs" in text
    assert "host.os is not known" not in text
    assert "Test\\x1b[2J\\u202eServer09" in text
    assert written(unread(sample.go(), "TestServer03"), verbose=True).count("host.os is not known") == 3


def test_what_the_user_left_out_is_one_line_and_named_where_everything_is() -> None:
    result = sample.go()
    aside = tuple(replace(each, outcome=Outcome.UNKNOWN, left_out=True) if each.check == "vm.running" else each for each in result.findings)
    count = sum(each.left_out for each in aside)
    result = replace(result, findings=aside)
    assert count
    assert f"left out by --only and --skip: {count} findings, all UNKNOWN" in written(result)
    assert "vm.running" not in written(result)
    assert "vm.running" in written(result, verbose=True)


def test_what_no_check_looks_at_is_one_line_and_named_where_everything_is() -> None:
    result = replace(sample.go(), unlooked={"vm": ("the first point", "the second point"), "plan": ("the third point",)})
    assert "not looked at by this version: 3 points, named with -v and in the report\n" in written(result)
    assert "not looked at by this version: the first point; the second point\n" in written(result, verbose=True)


def test_what_differs_for_each_vm_is_told_for_the_first_few_and_counted() -> None:
    text = written(sample.hostile())
    assert text.count("is switched off") == 1
    assert "10 moves, the first: " in text
    assert written(sample.hostile(), verbose=True).count("is switched off") == 10


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252"])
def test_an_old_code_page_gets_plain_symbols_and_no_error(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    write(sample.hostile(), stream=stream)
    write(sample.no_go(), stream=stream)
    write(unread(sample.thousand_moves(), "TestServer03"), stream=stream, language=Language("de"))
    stream.flush()
    text = raw.getvalue().decode(encoding)
    assert "? TestServer03" in text
    assert "  x FAIL     delegation.cifs" in text
    assert "TestServer01 -> TestServer02" in text


def on_terminal(code: str, columns: int, entered: str = "", **environment: str) -> str:
    """What a program writes to a terminal of this width, with what is entered."""
    pty = pytest.importorskip("pty", reason="needs a system with pseudo terminals")
    ours, theirs = pty.openpty()
    size = {"COLUMNS": str(columns), "LINES": "50", "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=os.environ | size | environment
    )
    os.close(theirs)
    assert process.stdin
    with process.stdin as given:
        given.write(entered.encode())
    read = b""
    try:
        while part := os.read(ours, 65536):
            read += part
    except OSError:
        pass
    os.close(ours)
    assert process.wait() == 0, read.decode()
    return read.decode().replace("\r\n", "\n")


RESULT = """import sys
import msgspec
from checks.result import Result
from reports.console import write
from reports.language import Language
result = msgspec.json.decode(sys.stdin.buffer.read(), type=Result)
"""
WRITE = "import sys; from tests.reports import sample; from reports.console import write; write(sample.no_go(), stream=sys.stdout)"


def test_a_narrow_terminal_breaks_lines_between_words_under_their_text() -> None:
    lines = ANSI.sub("", on_terminal(WRITE, 80)).splitlines()
    assert [line for line in lines if len(line) > 80] == [line for line in lines if " Set-" in line], "a command stays whole"
    assert sum("Set-ADComputer -Identity 'TestServer01' -Add @{" in line and line.endswith("}") for line in lines) == 1
    start = next(n for n, line in enumerate(lines) if line.startswith("  ✗ FAIL     delegation.cifs"))
    assert lines[start].endswith(" does not delegate")
    assert lines[start + 1] == " " * 13 + "to cifs on TestServer02"


def test_a_terminal_gets_colour_unless_no_color_is_set() -> None:
    assert "\x1b[31m" in on_terminal(WRITE, 80, NO_COLOR="")
    assert "\x1b[31m" not in on_terminal(WRITE, 80, NO_COLOR="1")


PROGRESS = """
import sys
from reports.console import Progress
with Progress(["TestServer01", "TestServer02"], stream=sys.stderr) as progress:
    progress.host("TestServer01", "reading")
    progress.host("TestServer01", Progress.DONE)
    progress.host("\\x1b[2JTestServer02", "access denied")
"""


@pytest.mark.parametrize("seal", Seal)
def test_the_console_says_how_the_snapshot_is_sealed_and_first_and_last_where_it_does_not_hold(seal: Seal) -> None:
    result = replace(sample.no_go(), seal=seal)
    assert f"snapshot {seal}\n" in written(result)
    for quiet in (False, True):
        first, *_, last = written(result, quiet=quiet).splitlines()
        assert first.startswith(f"{seal.upper()}: {SEALS[seal]}") == seal.broken
        assert last.endswith(f" · {seal.upper()}") == seal.broken


def test_progress_on_a_terminal_counts_the_hosts_and_cleans_up_behind_itself() -> None:
    text = on_terminal(PROGRESS, 100)
    assert "\\x1b[2JTestServer02 access denied" in text
    assert "\x1b[2J" not in text
    assert "2/3" in text, "the third name was not announced, and counts all the same"


def test_progress_is_silent_when_nobody_watches() -> None:
    stream = io.StringIO()
    with Progress(["TestServer01"], stream=stream) as progress:
        progress.host("TestServer01", Progress.DONE)
    assert stream.getvalue() == ""


READING = """
import sys
from reports.console import BytesRead
with BytesRead(stream=sys.stderr, after_s={after_s}) as reading:
    reading.read("\\x1b[2Jmail.txt", 20_000_000, 50_000_000)
    reading.read("standard input", 30_000_000, None)
"""


def test_reading_that_takes_long_is_counted_on_a_terminal() -> None:
    text = on_terminal(READING.format(after_s=0), 100)
    assert "20.0/50.0 MB" in text
    assert "30.0/? MB" in text
    assert "\\x1b[2Jmail.txt" in text
    assert "\x1b[2J" not in text


def test_reading_that_is_soon_over_shows_nothing() -> None:
    assert on_terminal(READING.format(after_s=3600), 100) == ""


def test_reading_is_silent_when_nobody_watches() -> None:
    stream = io.StringIO()
    with BytesRead(stream=stream, after_s=0) as reading:
        reading.read("mail.txt", 1, 2)
    assert stream.getvalue() == ""
