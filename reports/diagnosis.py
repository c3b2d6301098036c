"""Shows a diagnosis: on a terminal, or as JSON for scripts. Names and texts come from others: each line is escaped before it is written.

rich is imported with the first line that is written, never before.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import datetime
from math import ceil
from typing import Any, NamedTuple, TextIO

from msgspec.structs import replace

from checks.check import Evidence, Outcome
from checks.errors import Attestation, Doing
from checks.errors.diagnosis import NOBODY, Answers, By, Configuration, Diagnosed, Diagnosis, Judged, Operation, Ranked, Standing
from checks.errors.lookup import find
from checks.errors.tables import class_of, numbers
from checks.errors.timeline import Machine, Moment, Part, Timeline
from checks.plan import LaunchPoint
from checks.result import FindingRecord, RemedyRecord
from checks.text import plain
from reports.digest import few
from reports.escape import terminal
from reports.language import Language, iso

MOST_SHOWN = 10
"""So many operations are told at length on a terminal; JSON holds all of them."""
LONGEST_TEXT = 300
MOST_FINDINGS = 40
"""So many findings of settings that fail, and as many that hold, are told on a terminal."""
MOST_CODES = 10
"""So many codes and events of an operation, and so many codes that nobody knows, are named on a terminal; the rest is a count."""

_STYLES = {
    Standing.FAILS: "bold red",
    Standing.MAY_FAIL: "bold yellow",
    Standing.SHOWN_BY_TEXT: "bold yellow",
    Standing.OPEN: "bold",
    Standing.RULED_OUT_BY_TEXT: "dim",
    Standing.HOLDS: "dim",
}
CARRIED = {
    By.WORDS: "words in common with its message",
    By.EVENT: "the event",
    By.SENTENCE: "the sentence of the message",
    By.CODE: "the code",
    By.SIGN: "the code and what stands beside it",
    By.TOLD: "facts of the text",
    By.SNAPSHOT: "facts of the snapshot",
}
"""Which kind of evidence gave a cause its place."""
DOING = {
    Doing.MOVE: "a move",
    Doing.STORAGE_MOVE: "a move of storage",
    Doing.START: "the start of a VM",
    Doing.CREATE: "the creation of a VM or a disk",
    Doing.IMPORT: "an import or export",
    Doing.CONFIGURE: "a change of a VM",
    Doing.REPLICATION: "replication",
    Doing.REMOTING: "a remote session (WinRM)",
    Doing.COLLECTING: "collecting facts",
    Doing.OTHER: "another program",
}
"""What was being done."""
_RECOGNIZED_BY = {By.WORDS: "text", By.SENTENCE: "text", By.EVENT: "event", By.TOLD: "text"}
"""What `recognized_by` calls what is less than a code."""
LAUNCHES = {
    LaunchPoint.REMOTE: "remotely",
    LaunchPoint.CONSOLE: "at the console of the source",
    LaunchPoint.RDP: "through Remote Desktop on the source",
    LaunchPoint.POWERSHELL: "in a PowerShell session on the source",
}
TO_GET_A_MESSAGE = (
    "on both hosts, Get-WinEvent -FilterHashtable @{LogName='Microsoft-Windows-Hyper-V-VMMS-Admin'; StartTime=(Get-Date).AddHours(-2)} | "
    "Format-List TimeCreated, Id, Message",
    "in a PowerShell session on the source, Move-VM with -Verbose; $Error[0] | Format-List * -Force gives the whole error",
    "hvpreflight diagnose --live PLAN reads the logs of both hosts itself",
)
"""Where nothing known fits: which log and which command give a message that has a code."""
NAMED = ("VM {name}", "from {name}", "to {name}")
"""How the VM, the source and the target of an operation are named."""
RECOGNIZED = {
    By.WORDS: "by the words of the message alone, weak",
    By.EVENT: "by the event alone",
    By.SENTENCE: "by the sentence of the message alone",
    By.TOLD: "by what the text tells of a setting",
}
"""By what an error was recognized, where that is less than a code."""


def finding(record: FindingRecord, language: Language) -> str:
    """A finding by its check and what was found."""
    return f"{record.check}: {language.say(record.message.template, **record.message.values)}"


def fixes(ranked: Ranked, language: Language) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is to be done against a cause, and the commands for it: what the failing checks say, by whom; the least harmful comes first;
    where they say nothing, what is known of the cause."""
    remedies = [record.remedy for record in ranked.failing if record.remedy]
    if ranked.cause.mild or not remedies:
        yield language.of_error(ranked.cause, "fix"), ()
    for remedy in remedies:
        yield mended(remedy, language)


def mended(remedy: RemedyRecord, language: Language) -> tuple[str, tuple[str, ...]]:
    """What a remedy does and by whom, and its commands line by line."""
    return language.remedy(remedy), tuple(line for command in language.commands(remedy, "commands") for line in command.splitlines())


def _remedy(record: FindingRecord, language: Language) -> Iterator[str]:
    """By whom a failure is mended, and how."""
    if record.remedy:
        said, commands = mended(record.remedy, language)
        yield from (said, *commands)


def remedies(ranked: Ranked, language: Language) -> Iterator[str]:
    """What the failing checks say is to be done: by whom, and the commands; nothing where they say nothing."""
    if any(record.remedy for record in ranked.failing):
        for said, commands in fixes(ranked, language):
            yield said
            yield from commands


def _iso(time: datetime | None) -> str:
    return iso(time) if time else ""


def quoted(ranked: Ranked, language: Language) -> list[str]:
    """What shows a cause: each failing check's sentence and its evidence."""
    return [line for record in ranked.failing for line in (finding(record, language), *map(language.evidence, record.evidence))]


def decides(ranked: Ranked, language: Language) -> list[str]:
    """How a cause that is not decided would be: the facts that are missing, the failures to mend first, else how to tell it apart."""
    missing = [finding(record, language) for record in ranked.missing]
    stopped = [f"{language.say('not judged because')} {finding(record, language)}" for record in ranked.because]
    return [*missing, *stopped] or [language.of_error(ranked.cause, "tell_apart")]


class _Line(NamedTuple):
    indent: int
    text: str
    style: str = ""


# --- what happened around it ---

MOST_MOMENTS = 20
"""So many moments are told on a terminal; JSON and the page have all of them."""
PARTS = {
    Part.SOURCE: "source",
    Part.TARGET: "target",
    Part.CONTROLLER: "domain controller",
    Part.OTHER: "another machine",
}
"""What a machine is to an operation."""


def iso_ms(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def says(moment: Moment, language: Language) -> str:
    """What a moment says, as far as that is known: of an event in our own words, else what its codes mean."""
    if moment.says is not None:
        return language.show(moment.says)
    if moment.known is not None:
        return language.of_error(moment.known, "sentence")
    known = next((error for code in moment.codes for error in find(code)), None)
    return language.of_error(known, "message") if known else ""


def event_of(moment: Moment) -> str:
    """An event by its provider, without the vendor, and its number."""
    if moment.number is None:
        return ""
    return f"{moment.provider.removeprefix('Microsoft-Windows-')} {moment.number}".strip()


def clock(machine: Machine, language: Language) -> str:
    """How a machine's clock differs from the collector's, and what was done about it."""
    ahead = machine.ahead
    if ahead is None:
        return language.say("{machine}: its clock was not compared, its times stand as it wrote them", machine=machine.name)
    if ahead.agrees:
        return language.say(
            "{machine}: its clock agrees within {seconds} s", machine=machine.name, seconds=ceil(max(ahead.high, -ahead.low))
        )
    return language.say(
        "{machine}: its clock was {seconds} s ahead, its times are shown so much earlier"
        if ahead.low > 0
        else "{machine}: its clock was {seconds} s behind, its times are shown so much later",
        machine=machine.name,
        seconds=abs(round(ahead.likely.total_seconds())),
    )


def _timeline(line: Timeline, language: Language) -> Iterator[_Line]:
    say = language.say
    yield _Line(0, "")
    yield _Line(0, say("What happened around it (UTC, by the clock of whoever collected):"), "bold")
    shown = sorted(line.moments, key=lambda each: not each.own)[:MOST_MOMENTS]
    for each in sorted(shown, key=line.moments.index):
        parts = [
            each.machine.name or say("unknown machine"),
            f"({say(PARTS[each.machine.part])})",
            event_of(each),
            *each.codes[:MOST_CODES],
        ]
        said = says(each, language) or each.message
        yield _Line(2, f"{'*' if each.own else ' '} {iso_ms(each.at)} {' '.join(filter(None, parts))}: {said}", "" if each.own else "dim")
    if left := len(line.moments) - len(shown) + line.left_out:
        yield _Line(2, say("and {count} more; --format html and json have them", count=left), "dim")
    yield from (_Line(2, clock(each, language), "dim") for each in line.machines if each.name)


# --- JSON ---


def as_data(answers: Answers, language: Language) -> dict[str, Any]:
    """The answer for scripts: the first operation's fields, and all operations."""
    operations = [_data(answer, language) for answer in answers.diagnosed]
    first = operations[0] if operations else {"codes": [], "vm": None, "source": None, "target": None, "causes": [], "operation": "unknown"}
    return {
        **first,
        "operations": operations,
        "problems": list(map(language.show, answers.problems)),
        "noticed": [language.say(said.template, **said.values) for said in (*answers.before, *answers.noticed)],
        "configuration": _configuration_data(answers.configuration, language) if answers.configuration else None,
    }


def _data(answer: Diagnosed, language: Language) -> dict[str, Any]:
    diagnosis, judged = answer.diagnosis, answer.judged
    operation = diagnosis.operation
    source, target = answer.direction
    return {
        "codes": list(diagnosis.codes),
        "vm": operation.vm,
        "source": source,
        "target": target,
        "causes": [_cause(ranked, language) for ranked in diagnosis.causes],
        "operation": diagnosis.doing.value if diagnosis.doing else "unknown",
        "general": diagnosis.of_anything,
        "events": [{"channel": channel, "id": number} for channel, number in operation.events],
        "hosts": list(operation.hosts),
        "start": _iso(operation.start) or None,
        "end": _iso(operation.end) or None,
        "moved_later": _iso(operation.moved) or None,
        "again": operation.again,
        "where": [seen.where for seen in operation.observations],
        "unknown": list(diagnosis.unknown),
        "symbols": {code: numbers()[code].symbol for code in diagnosis.unknown if code in numbers()},
        "classes": {code: known.sentence for code in diagnosis.unknown if code not in numbers() and (known := class_of(code))},
        "nearest": [error.code for error in diagnosis.near],
        "blockers": [finding(record, language) for record in diagnosis.blockers],
        "judged": _judged_data(judged),
        "timeline": _timeline_data(answer.timeline, language) if answer.timeline else None,
    }


def _timeline_data(line: Timeline, language: Language) -> dict[str, Any]:
    return {
        "machines": [
            {"name": each.name, "part": each.part.value, "seconds_ahead": [each.ahead.low, each.ahead.high] if each.ahead else None}
            for each in line.machines
        ],
        "moments": [
            {
                "at": iso_ms(each.at),
                "written": iso_ms(each.written),
                "machine": each.machine.name or None,
                "part": each.machine.part.value,
                "channel": each.channel,
                "provider": each.provider,
                "event": each.number,
                "codes": list(each.codes),
                "says": says(each, language),
                "message": each.message,
                "own": each.own,
            }
            for each in line.moments
        ],
        "left_out": line.left_out,
    }


def _cause(ranked: Ranked, language: Language) -> dict[str, Any]:
    return {
        "id": ranked.cause.id,
        "rank": ranked.rank,
        "score": ranked.score,
        "code": ranked.error.code,
        "cause": language.of_error(ranked.cause, "cause"),
        "fix": language.of_error(ranked.cause, "fix"),
        "checks": list(ranked.cause.checks),
        "remedies": list(remedies(ranked, language)),
        "evidence": quoted(ranked, language),
        "tell_apart": language.of_error(ranked.cause, "tell_apart"),
        "grade": ranked.error.evidence.value,
        "recognized_by": _RECOGNIZED_BY.get(ranked.by, By.CODE.value),
        "carried_by": ranked.carried.value,
        "told_at": list(ranked.told),
        "formerly": list(ranked.cause.formerly),
        "standing": ranked.standing.name.lower(),
        "launch": list(ranked.launches),
        "decide": decides(ranked, language) if ranked.standing is Standing.OPEN else [],
        "against": [finding(record, language) for record in ranked.holding] if ranked.standing is Standing.HOLDS else [],
    }


def _configuration_data(configuration: Configuration, language: Language) -> dict[str, Any]:
    return {
        "hosts": list(configuration.hosts),
        "moves": [
            {"vm": move.vm.spelled or None, "source": move.source.spelled, "target": move.target.spelled} for move in configuration.moves
        ],
        "findings": [
            {
                "check": finding.check,
                "outcome": finding.outcome.value,
                "severity": finding.severity.value,
                "host": finding.subject.host,
                "source": finding.subject.source,
                "target": finding.subject.target,
                "vm": finding.subject.vm,
                "launch": list(configuration.launches.get(finding.id, ())),
                "message": language.say(finding.message.template, **finding.message.values),
                "evidence": _shown_evidence(finding, language),
                "remedies": list(_remedy(finding, language)),
            }
            for finding in configuration.findings
        ],
        "to_decide": [{"command": each.command, "checks": list(each.checks)} for each in configuration.deciders],
        "not_by_outputs": list(configuration.elsewhere),
        "unclear": list(map(language.show, configuration.unclear)),
    }


def _shown_evidence(finding: FindingRecord, language: Language) -> list[str]:
    return [language.evidence(untimed(row)) for row in finding.evidence]


def untimed(row: Evidence) -> Evidence:
    """Where a pasted value stands; when it was read nobody knows."""
    return replace(row, at=None)


def under(configuration: Configuration, record: FindingRecord, language: Language) -> str:
    """For which ways of starting a finding holds, before what it says; nothing where it holds for all."""
    ways = ", ".join(language.say(LAUNCHES[LaunchPoint(launch)]) for launch in configuration.launches.get(record.id, ()))
    return f"{language.say('if it was started {launch}', launch=ways)}: " if ways else ""


def _judged_data(judged: Judged | None) -> dict[str, Any] | None:
    if judged is None:
        return None
    moves = [
        {"vm": move.vm.spelled or None, "source": move.source.spelled, "target": move.target.spelled, "operator": move.operator.spelled}
        for move in judged.moves
    ]
    return {
        "collected": _iso(judged.collected) or None,
        "moves": moves,
        "planned": judged.planned,
        "problem": plain(judged.problem) if judged.problem else None,
    }


# --- a terminal ---


def write(answers: Answers, language: Language, stream: TextIO, color: bool | None = None) -> None:
    """Writes the diagnoses. `color` None: as the stream can and NO_COLOR allows."""
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=stream,
        color_system=None if color is False else "auto",
        no_color=None if color is None else not color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    width = max(40, console.width) if stream.isatty() else 0
    for line in _lines(answers, language):
        text = terminal(line.text, stream.encoding or "utf-8")
        pad = " " * line.indent
        wrapped = textwrap.wrap(text, width - 1, initial_indent=pad, subsequent_indent=pad + "  ") if width else [pad + text]
        for piece in wrapped or [""]:
            console.print(Text(piece.rstrip(), line.style), soft_wrap=True)


def _lines(answers: Answers, language: Language) -> Iterator[_Line]:
    if not answers.diagnosed and answers.noticed:
        yield _Line(0, language.say("Nothing failed in what this tells. It holds:"), "bold")
        yield from (_Line(2, language.say(said.template, **said.values)) for said in answers.noticed)
    elif not answers.diagnosed and not answers.configuration:
        yield _Line(0, language.say("Nothing was found that tells of a failed operation."), "bold")
    yield from (_Line(0, language.say(said.template, **said.values), "yellow") for said in answers.before)
    yield from _operations(answers.diagnosed, language)
    if answers.configuration:
        if answers.diagnosed or answers.noticed:
            yield _Line(0, "")
        yield from _configuration(answers.configuration, language)


def _configuration(configuration: Configuration, language: Language) -> Iterator[_Line]:
    say = language.say
    if configuration.hosts:
        yield _Line(
            0, say("Settings of {hosts}, judged by what the text holds of them and nothing else", hosts=configuration.hosts), "bold"
        )
    yield from (_Line(2, language.show(said), "yellow") for said in configuration.unclear)
    for move in configuration.moves[:MOST_SHOWN]:
        yield _Line(
            2,
            say(
                "A move with its storage: {vm} from {source} to {target}, started {launch}",
                vm=move.vm.spelled or say("a VM"),
                source=move.source.spelled,
                target=move.target.spelled,
                launch=say("remotely or in a session on the source (not known)"),
            ),
            "dim",
        )
    failing = [finding for finding in configuration.findings if finding.outcome is Outcome.FAIL]
    holding = [finding for finding in configuration.findings if finding.outcome is Outcome.PASS]
    if failing:
        yield _Line(0, say("This fails:"), "bold red")
        yield from _told_findings(failing, configuration, language)
    if holding:
        yield _Line(0, say("This holds:"), "bold green")
        yield from _told_findings(holding, configuration, language)
    if configuration.deciders:
        yield _Line(0, say("What these commands show would decide more:"), "bold")
        for each in configuration.deciders:
            yield _Line(2, each.command, "cyan")
            yield _Line(4, ", ".join(each.checks), "dim")
    if configuration.elsewhere:
        yield _Line(
            0, say("No pasted output decides these, `hvpreflight check PLAN` does: {checks}", checks=configuration.elsewhere), "dim"
        )


def _told_findings(findings: list[FindingRecord], configuration: Configuration, language: Language) -> Iterator[_Line]:
    told: set[tuple[str, ...]] = set()
    for record in findings[:MOST_FINDINGS]:
        failed = record.outcome is Outcome.FAIL
        severity = f" ({record.severity.value})" if failed else ""
        yield _Line(2, f"{under(configuration, record, language)}{finding(record, language)}{severity}", "red" if failed else "")
        if failed:
            yield from (_Line(4, line, "dim") for line in _shown_evidence(record, language))
            remedy = tuple(_remedy(record, language))
            yield from (_Line(4, f"{language.say('fix')}: {line}", "cyan") for line in (() if remedy in told else remedy))
            told.add(remedy)
    if len(findings) > MOST_FINDINGS:
        yield _Line(2, language.say("and {count} more; --format json has them all", count=len(findings) - MOST_FINDINGS), "dim")


def _operations(answers: tuple[Diagnosed, ...], language: Language) -> Iterator[_Line]:
    for number, answer in enumerate(answers[:MOST_SHOWN], start=1):
        if number > 1:
            yield _Line(0, "")
        if len(answers) > 1:
            yield _Line(0, language.say("Operation {number} of {count}", number=number, count=len(answers)), "bold")
        yield from _operation(answer, language)
    if len(answers) > MOST_SHOWN:
        yield _Line(0, "")
        yield _Line(0, language.say("and {count} more operations; --format json has them all", count=len(answers) - MOST_SHOWN), "dim")


def _operation(answer: Diagnosed, language: Language) -> Iterator[_Line]:
    diagnosis, by = answer.diagnosis, answer.judged
    yield _Line(0, language.say("Understood: {what}", what=understood(diagnosis.operation, language)))
    if diagnosis.operation.moved:
        yield _Line(0, language.say("A move of this VM succeeded afterwards, at {time}.", time=_iso(diagnosis.operation.moved)))
    yield from codes(diagnosis, language)
    if diagnosis.of_anything:
        yield _Line(0, language.say("Nothing here tells that this was a move: this is what the code means in one."), "yellow")
    if by is not None:
        yield _Line(0, judged(by, language), "dim")
    if not diagnosis.causes:
        yield _Line(0, language.say("Nothing known fits."), "bold")
        if diagnosis.near:
            named = ", ".join(f"{error.code} ({language.of_error(error, 'message')})" for error in diagnosis.near)
            yield _Line(0, f"{language.say('Nearest known: {codes}', codes=named)} {language.say('See `hvpreflight explain CODE`.')}")
        else:
            yield from (_Line(2, seen.text[:LONGEST_TEXT], "dim") for seen in diagnosis.operation.observations[:3] if seen.text.strip())
        yield from (_Line(0, f"{language.say('How to get the message')}: {language.say(way)}") for way in TO_GET_A_MESSAGE)
    if by and by.views and not diagnosis.blockers and not any(ranked.failing for ranked in diagnosis.causes):
        yield _Line(0, language.say("No check fails now: what is undecided remains, or the facts have changed since the failure."))
    if by is None and any(ranked.cause.checks for ranked in diagnosis.causes):
        yield _Line(0, language.say("With a snapshot of the hosts (--snapshot) or the hosts themselves (--live) the checks decide."), "dim")
    unlikely = [ranked for ranked in diagnosis.causes if ranked.standing is Standing.HOLDS]
    ruled_out = [ranked for ranked in diagnosis.causes if ranked.standing is Standing.RULED_OUT_BY_TEXT]
    for ranked in diagnosis.causes:
        if ranked not in unlikely and ranked not in ruled_out:
            yield _Line(0, "")
            yield from _ranked(ranked, language)
    if ruled_out:
        yield _Line(0, "")
        yield _Line(0, language.say("Ruled out by what the text tells:"), "dim")
        yield from (_Line(2, f"{ranked.rank}. {ranked.cause.id}: {_ruled_out_by(ranked, language)}", "dim") for ranked in ruled_out)
    if unlikely:
        yield _Line(0, "")
        yield _Line(0, language.say("Less likely, because what was checked holds:"), "dim")
        yield from (_Line(2, f"{ranked.rank}. {ranked.cause.id}: {_against(ranked, language)}", "dim") for ranked in unlikely)
    if diagnosis.blockers:
        yield _Line(0, "")
        yield _Line(0, language.say("Stops the move as well:"), "yellow")
        yield from (_Line(2, finding(record, language)) for record in diagnosis.blockers)
    if answer.timeline:
        yield from _timeline(answer.timeline, language)


def understood(operation: Operation, language: Language) -> str:
    """VM, direction, codes, events, hosts and times of an operation, in one line."""
    say = language.say
    names = (operation.vm, operation.source, operation.target)
    parts = [say(template, name=name) for template, name in zip(NAMED, names, strict=True) if name]
    if operation.codes:
        parts.append(say("codes {codes}", codes=few(operation.codes, MOST_CODES, language)))
    if operation.events:
        numbers = tuple(dict.fromkeys(str(number) for _, number in operation.events))
        parts.append(say("events {events}", events=few(numbers, MOST_CODES, language)))
    if operation.hosts:
        parts.append(say("written by {hosts}", hosts=operation.hosts))
    if operation.start:
        first, last = _iso(operation.start), _iso(operation.end)
        parts.append(say("at {time}", time=first if first == last else f"{first} – {last}"))
    if operation.again:
        parts.append(say("and {count} more times in the same way", count=operation.again))
    return ", ".join(parts) or say("nothing but the text")


def codes(diagnosis: Diagnosis, language: Language) -> Iterator[_Line]:
    """What each code of an operation is, known or not, a line each."""
    say = language.say
    for found in diagnosis.found:
        error = found.error
        marks = [say(RECOGNIZED[found.by])] if found.by in RECOGNIZED and not error.wrapper else []
        marks += [say("says only that something failed")] if error.wrapper else []
        if found.elsewhere and diagnosis.doing:
            marks += [say("what causes it in {operation} is not known here", operation=say(DOING[diagnosis.doing]))]
        marks += [say("weakly attested")] if error.evidence is Attestation.WEAK else []
        symbol = f" {error.symbol}" if error.symbol and error.symbol != error.code else ""
        noted = f" ({', '.join(marks)})" if marks else ""
        yield _Line(0, f"{error.code}{symbol}: {language.of_error(error, 'message')}{noted}", "" if error.wrapper else "bold")
    for code in diagnosis.unknown[:MOST_CODES]:
        yield _Line(0, _number(code, language), "magenta")
    if len(diagnosis.unknown) > MOST_CODES:
        yield _Line(0, say("and {count} more codes that nobody knows", count=len(diagnosis.unknown) - MOST_CODES), "magenta")


def _number(code: str, language: Language) -> str:
    """What Windows says for a code that is no known error."""
    number = numbers().get(code)
    if number is None:
        known = class_of(code)
        of_class = f" ({language.of_error(known, 'sentence')})" if known else ""
        return f"{code}: {language.say('nobody knows this code')}{of_class}"
    symbol = f" {number.symbol}" if number.symbol else ""
    return f"{code}{symbol}: {language.of_error(number, 'sentence')} ({language.say('what causes it in a move is not known here')})"


def judged(by: Judged, language: Language) -> str:
    """Against which facts an operation was judged, and as which moves."""
    say = language.say
    if not by.views:
        return say("Not judged against facts: {problem}", problem=by.problem or "")
    either_way = say("remotely or in a session on the source (not known)")
    launch = either_way if len(by.views) > 1 else say(LAUNCHES[by.moves[0].launch])
    moves = (
        say(
            "{vm} from {source} to {target}, started {launch}, by {operator}",
            vm=move.vm.spelled or say("a VM"),
            source=move.source.spelled,
            target=move.target.spelled,
            launch=launch,
            operator=say("somebody") if move.operator == NOBODY else move.operator.spelled,
        )
        for move in by.moves
    )
    return say("Judged against the facts of {time}: {moves}", time=_iso(by.collected), moves="; ".join(moves))


def carried(ranked: Ranked, language: Language) -> str:
    """The kind of evidence that gave a cause its place, and where its facts stand in the text."""
    kind = language.say(CARRIED[ranked.carried])
    return f"{kind} ({_at(ranked, language)})" if ranked.told else kind


def _against(ranked: Ranked, language: Language) -> str:
    return "; ".join(dict.fromkeys(finding(record, language) for record in ranked.holding))


def _ruled_out_by(ranked: Ranked, language: Language) -> str:
    """The lines with the facts that rule a cause out, else the checks that hold by what stands in the text."""
    return _at(ranked, language) if ranked.told else _against(ranked, language)


def launches(ranked: Ranked, language: Language) -> str:
    """From where it must have been started for a cause to be the one."""
    return ", ".join(language.say(LAUNCHES[LaunchPoint(launch)]) for launch in ranked.launches)


def _at(ranked: Ranked, language: Language) -> str:
    return language.say("lines {lines}", lines=tuple(map(str, ranked.told)))


def _ranked(ranked: Ranked, language: Language) -> Iterator[_Line]:
    say = language.say
    yield _Line(0, f"{ranked.rank}. {ranked.cause.id} · {ranked.error.code} · {say(ranked.standing.value)}", _STYLES[ranked.standing])
    yield _Line(3, language.of_error(ranked.cause, "cause"))
    yield _Line(3, say("carried by: {kind}", kind=carried(ranked, language)), "dim")
    for record in ranked.failing:
        yield _Line(3, f"{say('evidence')}: {finding(record, language)}", "red")
        yield from (_Line(5, language.evidence(row), "dim") for row in record.evidence)
    if ranked.launches:
        yield _Line(3, say("if it was started {launch}", launch=launches(ranked, language)), "yellow")
    if ranked.standing is Standing.OPEN:
        yield from (_Line(3, f"{say('to decide')}: {text}") for text in decides(ranked, language))
    for line in [*remedies(ranked, language)] or [language.of_error(ranked.cause, "fix")]:
        yield _Line(3, f"{say('fix')}: {line}", "cyan")
