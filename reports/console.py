"""The result on a terminal or in a pipe, and the progress of long work.

rich is imported with the first line that is written, never before.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO, TypeAlias

from checks.check import Outcome, Severity
from checks.facts.fact import Reason
from checks.result import FindingRecord, RemedyRecord, Result, Verdict
from checks.second_opinion import LISTED
from checks.waiver import WaiverState
from reports.digest import (
    OUTCOMES,
    SEALS,
    SYMBOLS,
    Group,
    InTime,
    all_hosts,
    areas_of,
    beside,
    compared_vm,
    computed,
    counted,
    few,
    from_configuration,
    grouped,
    label,
    moved,
    place,
    remedy_key,
    reserve,
    still_open,
    subjects,
    waived,
    waived_by,
    without_fix,
)
from reports.escape import terminal
from reports.language import Language
from reports.obstacles import verdict_in_words
from reports.redact import told as told_of_redacted
from reports.since import in_short
from reports.times import both
from reports.unread import Unread, unread
from reports.ways import in_short as ways_in_short
from reports.ways import ways

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn, TaskID
    from rich.text import Text as Styled

SUBJECTS_SHOWN = 5
"""How many subjects of one group are told one by one."""

SCREEN_LINES = 37
"""So many rows one screen has for a result; what a command says around it takes up to three more."""
SCREEN_SHOWN = 3
"""So much of one kind stands on one screen: subjects by name, waivers, entries of Compare-VM."""
SCREEN_SENTENCE = 160
"""Characters of a sentence on one screen, where it is full."""

HOSTS_SHOWN = 20
"""So many hosts that could not be read are told one by one."""

_ASCII = str.maketrans({"✓": "+", "✗": "x", "△": "~", "–": "-", "→": "->", "·": "|", "‹": "<", "›": ">", "…": "...", "„": '"', "“": '"'})
_GLYPHS = "✓✗△–→·‹›…"
_STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.SKIP: "dim",
    Outcome.UNKNOWN: "magenta",
    Outcome.ERROR: "bold magenta",
    Verdict.GO: "bold green",
    Verdict.CONDITIONS: "bold yellow",
    Verdict.INCOMPLETE: "bold magenta",
    Verdict.NO_GO: "bold red",
}
WITH_WHO = 2
"""The shortest form of a failure in which it stands who has to act."""
_Part: TypeAlias = tuple[list["_Line"], ...]
"""Something that is told on one screen: in full first, then ever shorter."""

_WORD_WIDTH = max(len(outcome) for outcome in Outcome)
_TEXT_INDENT = 2 + 2 + _WORD_WIDTH + 2


@dataclass(frozen=True)
class _Line:
    """One line: parts of text with a style each, and where it goes on when a narrow terminal breaks it. A `whole` one is never broken:
    whoever copies a command gets it as it is."""

    parts: tuple[tuple[str, str], ...]
    indent: int = 0
    whole: bool = False


def write(
    result: Result,
    *,
    stream: TextIO,
    color: bool | None = None,
    quiet: bool = False,
    verbose: bool = False,
    language: Language | None = None,
    now: datetime | None = None,
    whole: str = "",
) -> None:
    """Writes the result, the verdict in the last line: what matters most on one screen. `color` None: as the stream can and NO_COLOR
    allows. `quiet`: only what failed, which hosts could not be read, and the verdict. `verbose`: every check and subject, all evidence,
    whole remedies. `now`: to say that the result has expired. `whole`: the command that tells all."""
    paper = _Paper(stream, color)
    report = _Report(result, language or Language(), verbose)
    if quiet:
        paper.write((*report.broken_seal(), *report.failures(), *report.not_read(report.shown), *report.verdict(now)))
    elif verbose:
        paper.write(report.all(now))
    else:
        paper.write(report.screen(now, whole, paper.height))


def write_after(result: Result, *, stream: TextIO, color: bool | None = None, language: Language | None = None) -> None:
    """Writes what would be left after the changes of the remedies, whole."""
    _Paper(stream, color).write(_Report(result, language or Language(), verbose=True).after())


class _Paper:
    """Where lines are written: a terminal of some width, or a stream on which nothing is broken."""

    def __init__(self, stream: TextIO, color: bool | None) -> None:
        from rich.console import Console

        self._encoding = stream.encoding or "utf-8"
        try:
            _GLYPHS.encode(self._encoding)
            self._glyphs: dict[int, str] = {}
        except UnicodeEncodeError:
            self._glyphs = _ASCII
        self._console = Console(
            file=stream,
            color_system=None if color is False else "auto",
            force_terminal=color,
            no_color=None if color is None else not color,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._width = self._console.width if stream.isatty() else 0

    def write(self, lines: Iterable[_Line]) -> None:
        for line in lines:
            for piece in self._pieces(line):
                self._console.print(piece, soft_wrap=True)

    def height(self, lines: Iterable[_Line]) -> int:
        """How many rows these lines take. The terminal itself breaks one that is whole."""
        pieces = (piece for line in lines for piece in self._pieces(line))
        return sum(max(1, -(-piece.cell_len // self._width)) if self._width else 1 for piece in pieces)

    def _pieces(self, line: _Line) -> list[Styled]:
        from rich.text import Text as Styled

        width, plain = self._width, {} if line.whole else self._glyphs
        text = Styled.assemble(*((terminal(part.translate(plain), self._encoding), style) for part, style in line.parts))
        if line.whole or not width or text.cell_len < width:
            return [text]
        head, *_ = text.wrap(self._console, width - 1)
        head.rstrip()
        tail = text[len(head) :]
        tail = tail[len(tail) - len(tail.plain.lstrip()) :]
        indent = min(line.indent, width // 2)
        pieces = [head]
        for piece in tail.wrap(self._console, width - indent - 1):
            piece.rstrip()
            pieces.append(Styled(" " * indent) + piece)
        return pieces


def _lead(outcome: Outcome, check: str) -> tuple[tuple[str, str], ...]:
    return ((f"  {SYMBOLS[outcome]} {outcome:<{_WORD_WIDTH}}  ", _STYLES[outcome]), (f"{check}  ", "bold"))


class _Report:
    def __init__(self, result: Result, language: Language, verbose: bool) -> None:
        self.result = result
        self.language = language
        self.say = language.say
        self.verbose = verbose
        self.shown = len(result.findings) if verbose else SUBJECTS_SHOWN
        self.unread = unread(result)
        self.left_out = frozenset() if verbose else frozenset(finding.id for finding in result.findings if finding.left_out)
        self.waiting = frozenset() if verbose else frozenset(finding.id for each in self.unread for finding in each.findings)

    def all(self, now: datetime | None) -> Iterator[_Line]:
        yield from self.broken_seal()
        yield from self.header()
        yield from self.not_read(HOSTS_SHOWN)
        yield from self.areas()
        yield from self.resting()
        yield from self.choice()
        yield from self.in_time()
        yield from self.waivers(len(self.result.waivers))
        yield from self.beside(None)
        yield from self.after()
        yield _Line((("", ""),))
        yield from self.not_wanted()
        yield self.since()
        yield self.sum()
        yield from self.verdict(now)

    def screen(self, now: datetime | None, whole: str, height: Callable[[Sequence[_Line]], int]) -> Iterator[_Line]:
        """What matters most, in as many rows as one screen has: each part as fully as there is room, the first parts first."""
        above = [*self.broken_seal(), *self.header(), *self.at_a_glance()]
        below = [
            *self.in_short(),
            *self.not_wanted(),
            *self.asked(),
            *self.unlooked(),
            self.since(),
            *self.whole(whole),
            self.sum(),
            *self.verdict(now),
        ]
        yield from above
        yield from self.fitted(self.parts_of_screen(), SCREEN_LINES - height([*above, *below]), height)
        yield from below

    def fitted(self, parts: list[_Part], room: int, height: Callable[[Sequence[_Line]], int]) -> Iterator[_Line]:
        """The parts in the rows that there are: the last ones become short first, then they are only counted, and only then the first few
        lose who has to act."""
        told, kept = [0] * len(parts), len(parts)
        heights = [[height(form) for form in part] for part in parts]
        everywhere, at_the_end = range(len(parts)), range(SCREEN_SHOWN, len(parts))

        def too_many() -> bool:
            return sum(each[level] for each, level in zip(heights[:kept], told, strict=False)) + (kept < len(parts)) > room

        def shorten(level: int, numbers: range) -> None:
            for number in reversed(numbers):
                if number < kept and level < len(parts[number]) and too_many():
                    told[number] = level

        def leave_out(least: int) -> None:
            nonlocal kept
            while kept > least and too_many():
                kept -= 1

        for level in range(1, WITH_WHO + 1):
            shorten(level, everywhere)
        shorten(WITH_WHO + 1, at_the_end)
        leave_out(SCREEN_SHOWN)
        shorten(WITH_WHO + 1, everywhere)
        leave_out(1)
        for part, level in zip(parts[:kept], told, strict=False):
            yield from part[level]
        if left := len(parts) - kept:
            yield _Line(((f"  … {self.say('and {count} more', count=left)}", "dim"),), 4)

    def parts_of_screen(self) -> list[_Part]:
        """What is told on one screen, each part in full, shorter, and in one sentence: what weighs most first."""
        weighed = [(each.severity.weight, OUTCOMES.index(Outcome.UNKNOWN), self.host_unread(each)) for each in self.unread]
        weighed += [
            (0 if first.waiver else first.severity.weight, OUTCOMES.index(first.outcome), self.failed(findings))
            for findings in self.failing()
            for first in findings[:1]
        ]
        weighed.sort(key=lambda each: (-each[0], each[1]))
        parts = [part for _, _, part in weighed]
        if choice := [*self.choice()]:
            blockers = sum(weight == Severity.BLOCKER.weight and order == 0 for weight, order, _ in weighed)
            parts.insert(blockers or len(parts), (choice, short := [*self.choice(why=False)], short[:1]))
        for each in (self.resting(), self.waivers(SCREEN_SHOWN), self.beside(SCREEN_SHOWN)):
            if lines := [line for line in each if any(part for part, _ in line.parts)]:
                parts.append((lines, lines[:1]))
        if parts:
            parts[0] = tuple([_Line((("", ""),)), *form] for form in parts[0])
        return parts

    def failing(self) -> Iterable[list[FindingRecord]]:
        """What fails or could not be judged, by check, as long as it does not wait for a host that could not be read."""
        aside = self.waiting | self.left_out
        found: dict[tuple[str, Outcome, Severity, bool], list[FindingRecord]] = {}
        for each in self.result.findings:
            if each.outcome in (Outcome.FAIL, Outcome.ERROR) or (each.outcome is Outcome.UNKNOWN and each.id not in aside):
                found.setdefault((each.check, each.outcome, each.severity, each.waiver is not None), []).append(each)
        return found.values()

    def failed(self, findings: list[FindingRecord]) -> _Part:
        first, sentence = findings[0], self.example(findings)
        named: list[_Line] = []
        if len(findings) > 1:
            names = ", ".join(
                few([each.subject.vm or label(each.subject, self.language) for each in findings], SCREEN_SHOWN, self.language)
            )
            named = [_Line(((" " * _TEXT_INDENT + names, "dim"),), _TEXT_INDENT)]
        remedy = first.remedy if first.waiver is None else None
        mended = [*self.fix(remedy)] if remedy else []
        others = len({remedy_key(each.remedy) for each in findings}) - 1
        more = [_Line(((f"{' ' * _TEXT_INDENT}… {self.say('and {count} more', count=others)}", "dim"),))] if remedy and others else []
        short = self.example(findings, SCREEN_SENTENCE)
        who = [self.fixed_by(self.language.said(remedy, "who"))] if remedy else []
        return [sentence, *named, *self.consequences(first), *more], [sentence, *mended, *more], [short, *who], [short]

    def areas(self) -> Iterator[_Line]:
        """Every area, with what each check found, and what none looks at."""
        for area in areas_of(self.result):
            yield _Line((("", ""),))
            yield _Line(((self.say(area), "bold"),))
            yield from self.findings(finding for finding in self.result.findings if self.result.checks[finding.check].area == area)
            if unlooked := self.result.unlooked.get(area):
                said = self.say("not looked at by this version: {what}", what="; ".join(map(self.say, unlooked)))
                yield _Line(((f"  {said}", "dim"),), 4)

    def at_a_glance(self) -> Iterator[_Line]:
        """Each area in a line: how many of its findings came out how. Those in which everything was judged and nothing is wrong share
        one."""
        counts: dict[str, Counter[Outcome]] = {area: Counter() for area in areas_of(self.result)}
        unjudged: Counter[str] = Counter()
        for finding in self.result.findings:
            area = self.result.checks[finding.check].area
            counts[area][finding.outcome] += 1
            unjudged[area] += bool(finding.because)
        wrong = {Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR}
        told = {area: of_area for area, of_area in counts.items() if of_area.keys() & wrong or unjudged[area]}
        yield _Line((("", ""),))
        width = max((len(self.say(area)) for area in told), default=0)
        for area, of_area in told.items():
            parts = [(f"  {self.say(area):<{width}}", "bold")]
            for outcome in (each for each in OUTCOMES if of_area[each]):
                parts.append((f"  {SYMBOLS[outcome]} {outcome} {of_area[outcome]}", _STYLES[outcome]))
                if outcome is Outcome.SKIP and unjudged[area]:
                    parts.append((f" ({self.say('{count} not judged', count=unjudged[area])})", _STYLES[outcome]))
            yield _Line(tuple(parts), 4)
        if held := tuple(self.say(area) for area in counts if area not in told):
            said = self.say("nothing is wrong in {areas}", areas=held)
            yield _Line(((f"  {SYMBOLS[Outcome.PASS]} {said}", _STYLES[Outcome.PASS]),), 4)

    def not_read(self, most: int) -> Iterator[_Line]:
        """Each host that could not be read, once: what was tried, why it failed, what is to be done, and how many findings wait for it."""
        if self.unread:
            yield _Line((("", ""),))
            yield _Line(((self.say("Could not be read"), "bold"),))
        for each in self.unread[:most]:
            yield from self.host_unread(each)[0]
        if left := self.unread[most:]:
            hosts, count = few([each.host for each in left], self.shown, self.language), sum(len(each.findings) for each in left)
            yield _Line(((f"    {self.say('and {hosts}, for {count} findings', hosts=hosts, count=count)}", "dim"),), 6)

    def host_unread(self, each: Unread) -> _Part:
        style, waits = _STYLES[Outcome.UNKNOWN], self.say("{count} findings wait for it", count=len(each.findings))
        head = _Line(((f"  {SYMBOLS[Outcome.UNKNOWN]} ", style), (f"{each.host}  ", "bold"), (f"{each.severity}  {waits}", style)), 4)
        tried = _Line(((f"    {each.tried(self.language)}", ""),), 6)
        to_do = _Line(((f"    {self.say('fix')}: ", "cyan"), (each.to_do(self.language), "")), 6)
        return [head, tried, to_do], [head, tried], [head]

    def not_wanted(self) -> Iterator[_Line]:
        """How much was left out by the user, and counts as UNKNOWN."""
        if self.left_out:
            count = len(self.left_out)
            said = self.say("left out by --only and --skip: {count} findings, all UNKNOWN, named with -v and in the report", count=count)
            yield _Line(((said, _STYLES[Outcome.UNKNOWN]),), 2)

    def asked(self) -> Iterator[_Line]:
        """What somebody has to give, or to look at where this program does not go."""
        if checks := tuple(dict.fromkeys(finding.check for finding in self.result.findings if finding.asks)):
            named = few(checks, SUBJECTS_SHOWN, self.language)
            said = self.say("for somebody to give or look at: {checks}, told with -v and in the report", checks=named)
            yield _Line(((said, _STYLES[Outcome.UNKNOWN]),), 2)

    def unlooked(self) -> Iterator[_Line]:
        """How much no check looks at, and where it is named."""
        count = sum(map(len, self.result.unlooked.values()))
        if count:
            said = self.say("not looked at by this version: {count} points, named with -v and in the report", count=count)
            yield _Line(((said, "dim"),), 2)

    def resting(self) -> Iterator[_Line]:
        """The moves that are not GO, and would be but for an earlier one that brings their VM."""
        by_id = {finding.id: finding for finding in self.result.findings}
        moves = self.result.moves
        told = [
            (move, moves[move.rests_on])
            for move in moves
            if move.rests_on is not None
            and move.verdict is not Verdict.GO
            and all(by_id[id].verdict is not move.verdict for id in move.findings)
        ]
        if told:
            yield _Line((("", ""),))
        for move, before in told:
            names = {"vm": moved(move.vm, self.language), "source": move.source, "target": move.target, "verdict": self.say(move.verdict)}
            earlier = f"{moved(before.vm, self.language)}: {before.source} → {before.target}"
            said = self.say("{vm}: {source} → {target} is {verdict}, for it rests on {earlier}", **names, earlier=earlier)
            yield _Line(((f"  {said}", _STYLES[move.verdict]),), 4)

    def in_time(self) -> Iterator[_Line]:
        """In which waves the moves can run, and how long that takes."""
        waves, say = self.result.waves, self.say
        if not waves:
            return
        yield _Line((("", ""),))
        yield _Line(((say("Plan in time"), "bold"),))
        whole = say("1 wave" if len(waves) == 1 else "{count} waves", count=len(waves))
        yield _Line(((f"  {whole}: {InTime.of(waves).said(self.language)}", ""),), 4)
        for number, wave in enumerate(waves if len(waves) > 1 else (), 1):
            moves = counted("move", len(wave.moves), self.language)
            said = say("wave {number}, {moves}: {time}", number=number, moves=moves, time=InTime.of((wave,)).said(self.language))
            yield _Line(((f"    {said}", ""),), 6)
        if whys := tuple(dict.fromkeys(self.language.show(why) for wave in waves for why in wave.why)):
            told = "; ".join(few(whys, self.shown, self.language))
            yield _Line(((f"  {say('not counted')}: {told}", "magenta"),), 4)
        for each in self.result.assumptions:
            yield _Line(((f"  {self.language.show(each)}", "dim"),), 4)

    def in_short(self) -> Iterator[_Line]:
        """How long it takes, and what would be left after the fixes, in a line each."""
        waves, after, say = self.result.waves, self.result.after, self.say
        yield _Line((("", ""),))
        if waves:
            whole = say("1 wave" if len(waves) == 1 else "{count} waves", count=len(waves))
            yield _Line(((f"{say('Plan in time')}: {whole}: {InTime.of(waves).said(self.language)}", ""),), 2)
        if after:
            yield _Line(((say("After these fixes: {verdict}", verdict=say(after.verdict)), _STYLES[after.verdict]),))

    def choice(self, *, why: bool = True) -> Iterator[_Line]:
        """Which one of several ways is enough, and which is not; `why` not."""
        told = ways(self.result, self.language)
        short = ways_in_short(told, self.language, why=why)
        if short is None:
            return
        note = f". {self.say('The fixes told here, taken together, are way {letter}.', letter=short.taken)}" if short.taken else ""
        yield _Line(((f"  {short.heading}", "cyan"), (note, "")), 4)
        for row in short.rows:
            yield _Line(((f"    {row.way} ({row.who}): {row.outcome}" if row.who else f"    {row.way}: {row.outcome}", ""),), 6)
        for way in told if self.verbose else ():
            yield _Line(((f"    {way.letter}: {way.name}", "bold"),), 6)
            parts = (("What to do", way.takes), ("Who", way.who), ("Needs", way.needs), ("Opens up or costs", way.opens))
            left = ("What it leaves" if way.enough else "Why not", way.lacks)
            for heading, said in (*parts, left):
                yield from (_Line(((f"      {self.say(heading)}: {each}", ""),), 8) for each in said)

    def after(self) -> Iterator[_Line]:
        """What would be left once the scripts of `fix` have run."""
        after, say = self.result.after, self.say
        if after is None:
            return
        yield _Line((("", ""),))
        yield _Line(((say("After these fixes: {verdict}", verdict=say(after.verdict)), _STYLES[after.verdict]),))
        yield _Line(((f"  {computed(after, self.language)}", "dim"),), 4)
        if later := reserve(self.result, self.language):
            yield _Line(((f"  {later}", ""),), 4)
        parts = [part for part in still_open(self.result) if part.first.id not in self.left_out]
        for part in parts:
            first, subject = part.first, subjects(part.findings, self.language)
            severity = str(first.severity) if first.waiver is None else f"{first.severity} {say('accepted')}"
            yield _Line(
                (*_lead(first.outcome, first.check), (f"{severity}  ", "yellow"), (f"{subject}: {part.said(self.language)}", "")),
                _TEXT_INDENT,
            )

    def waivers(self, most: int) -> Iterator[_Line]:
        """The waivers that accept nothing, each with the reason."""
        idle = [use for use in self.result.waivers if use.state is not WaiverState.APPLIED]
        if idle:
            yield _Line((("", ""),))
            yield _Line(((self.say("Waivers that accept nothing"), "bold"),))
        for use in idle[:most]:
            yield _Line(((f"  {waived(use.waiver)}: {self.say(use.state)}", "yellow"),), 4)
            yield _Line(((f"    {waived_by(use.waiver, self.language)}", "dim"),), 4)
        if len(idle) > most:
            yield _Line(((f"  … {self.say('and {count} more', count=len(idle) - most)}", "dim"),))

    def beside(self, most: int | None) -> Iterator[_Line]:
        """What Compare-VM lists, and how it stands to the findings."""
        rows = beside(self.result)
        shown = rows[:most]
        if rows:
            yield _Line((("", ""),))
            yield _Line(((self.say("Compare-VM beside the findings"), "bold"),))
        for each, said in shown:
            number = "" if said.entry.id is None else f"{said.entry.id}  "
            named = f"  {number}{compared_vm(each)} → {each.report.destination or '–'}: {self.say(said.agreement)}"
            checks = dict.fromkeys(id.partition("@")[0] for id in said.findings)
            yield _Line(((f"{named} ({', '.join(checks)})" if checks else named, "yellow" if said.agreement in LISTED else "dim"),), 4)
            if said.entry.message:
                yield _Line(((f"    {self.language.beginning(said.entry.message)}", "dim"),), 4)
        if left := len(rows) - len(shown):
            yield _Line(((f"  … {self.say('and {count} more', count=left)}", "dim"),))

    def broken_seal(self) -> Iterator[_Line]:
        result = self.result
        if result.seal.broken:
            yield _Line(((f"{self.say(result.seal).upper()}: {self.say(SEALS[result.seal])}", "bold red"),))

    def header(self) -> Iterator[_Line]:
        result, say = self.result, self.say
        title = result.change.name
        name = f"{result.tool.name} {result.tool.version}"
        yield _Line(((name, "bold"), (f" · {title}" if title else "", "")))
        counts = ", ".join(
            counted(kind, count, self.language)
            for kind, count in (("move", len(result.moves)), ("pair", len(result.pairs)), ("host", len(all_hosts(result))))
        )
        collected = result.collected
        by = self.language.collector(collected)
        start, until = both(collected.start, result), both(result.valid_until, result)
        read = say(
            "collected {start} by {by} from the computer named {on}, valid until {until}", start=start, by=by, on=collected.on, until=until
        )
        yield _Line(((f"{counts} · {read}", "dim"),))
        yield _Line(((say("snapshot {seal}", seal=say(result.seal)), "dim"),))
        if result.redacted:
            yield _Line(((say("names are replaced by tokens: {counts}", counts=told_of_redacted(result.redacted)), "dim"),), 2)
        if demands := result.policy.demands:
            said = "; ".join(f"{name} = {value}" for name, value in demands.items())
            yield _Line(((say("policy: {demands}", demands=said), "dim"),), 2)
        for origin, keys in result.configured.items():
            yield _Line(((from_configuration(origin, keys, self.language), "dim"),), 2)
        if collected.partial:
            yield _Line(((say("The run was cut short: what was not read is UNKNOWN."), "bold magenta"),))

    def failures(self) -> Iterator[_Line]:
        yield from self.findings(f for f in self.result.findings if f.outcome is Outcome.FAIL)

    def findings(self, findings: Iterable[FindingRecord]) -> Iterator[_Line]:
        by_check: dict[str, list[FindingRecord]] = {}
        for finding in findings:
            by_check.setdefault(finding.check, []).append(finding)
        for of_check in by_check.values():
            for outcome in OUTCOMES:
                of_outcome = [finding for finding in of_check if finding.outcome is outcome]
                by_template: dict[tuple[str, str], list[Group]] = {}
                for group in grouped(of_outcome):
                    by_template.setdefault((group.severity, group.template), []).append(group)
                for groups in by_template.values():
                    yield from self.told(groups)

    def told(self, groups: list[Group]) -> Iterator[_Line]:
        """What one sentence says of several subjects: once where it fits all of them, otherwise for the first few; and each error
        and remedy once, below the subjects that it concerns."""
        told = 0
        left = 0
        last: FindingRecord | None = None
        for findings in (part for group in groups for part in self.parts(group)):
            if told == self.shown:
                left += len(findings)
                continue
            told += 1
            first = findings[0]
            if last is not None and (first.predicts, first.remedy, first.waiver) != (last.predicts, last.remedy, last.waiver):
                yield from self.consequences(last)
            last = first
            yield self.sentence(findings)
            if len(findings) > 1:
                yield _Line(((" " * _TEXT_INDENT + self.named(findings), "dim"),), _TEXT_INDENT)
            if self.verbose:
                yield from self.evidence(first)
        if last is not None:
            yield from self.consequences(last)
        if left:
            yield _Line(((f"{' ' * _TEXT_INDENT}… {self.say('and {count} more', count=left)}", "dim"),))

    def parts(self, group: Group) -> Iterable[list[FindingRecord]]:
        """The findings of a group that one line tells: those that say word for word the same and need the same remedy. What was
        skipped fits one line in any case."""
        if self.verbose:
            return [[finding] for finding in group.findings]
        if group.outcome is Outcome.SKIP:
            return [group.findings]
        found: dict[tuple[str, ...], list[FindingRecord]] = {}
        for finding in group.findings:
            found.setdefault((finding.message.text, *remedy_key(finding.remedy)), []).append(finding)
        return found.values()

    def sentence(self, findings: list[FindingRecord]) -> _Line:
        """What is said of all of them."""
        return self.line(findings[0], f"{subjects(findings, self.language)}: {grouped(findings)[0].message(self.language)}")

    def example(self, findings: list[FindingRecord], most: int | None = None) -> _Line:
        """What is said of all of them, or how many there are and what is said of the first; `most` so many characters of it."""
        group, *others = grouped(findings)
        first, of = findings[0], subjects(findings, self.language)
        alike = not others and group.one_sentence
        said = group.message(self.language) if alike else self.say(first.message.template, **first.message.values)
        said = said if most is None or len(said) <= most else f"{said[:most]}…"
        return self.line(first, f"{of}: {said}" if alike else self.say("{subjects}, the first: {said}", subjects=of, said=said))

    def line(self, first: FindingRecord, said_of: str) -> _Line:
        parts = [*_lead(first.outcome, first.check)]
        if first.outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.ERROR):
            heavy = first.severity is Severity.BLOCKER and first.waiver is None
            said = f"{first.severity}  " if first.waiver is None else f"{first.severity} {self.say('accepted')}  "
            parts.append((said, _STYLES[first.outcome] if heavy else "yellow"))
        parts.append((said_of, ""))
        return _Line(tuple(parts), _TEXT_INDENT)

    def named(self, findings: list[FindingRecord]) -> str:
        """The first few subjects by name: the VMs of one pair behind it, everything else in full."""
        places = {place(finding.subject) for finding in findings}
        if len(places) == 1 and findings[0].subject.vm is not None:
            names = [str(finding.subject.vm) for finding in findings]
            return f"{places.pop()}: {', '.join(few(names, self.shown, self.language))}"
        return "; ".join(few([label(finding.subject, self.language) for finding in findings], self.shown, self.language))

    def consequences(self, finding: FindingRecord) -> Iterator[_Line]:
        """What the move would show, and what mends it."""
        if finding.waiver is not None:
            yield _Line(((" " * _TEXT_INDENT + waived_by(finding.waiver, self.language), "cyan"),), _TEXT_INDENT + 2)
            return
        if finding.predicts:
            errors = without_fix(finding.check, finding.predicts, self.language)
            yield _Line(((" " * _TEXT_INDENT + errors, "dim"),), _TEXT_INDENT + 2)
        if finding.remedy is not None and finding.asks:
            to_do = self.say("to do")
            yield _Line(((f"{' ' * _TEXT_INDENT}{to_do}: ", "cyan"), (self.language.remedy(finding.remedy), "")), _TEXT_INDENT + 5)
        elif finding.remedy is not None:
            yield from self.fix(finding.remedy)

    def fixed_by(self, said: str) -> _Line:
        return _Line(((f"{' ' * _TEXT_INDENT}{self.say('fix')}: ", "cyan"), (said, "")), _TEXT_INDENT + 5)

    def fix(self, remedy: RemedyRecord) -> Iterator[_Line]:
        pad = " " * _TEXT_INDENT
        indent = _TEXT_INDENT + 5
        said = self.language.remedy(remedy)
        commands = [line for command in self.language.commands(remedy, "commands") for line in command.splitlines() if line.strip()]
        if commands and not self.verbose:
            said = self.language.said(remedy, "who")
        yield self.fixed_by(said)
        if self.verbose:
            yield from self.steps(remedy, f"{pad}     ")
        elif commands:
            yield _Line(((f"{pad}     {commands[0]}", ""),), whole=True)
            if more := len(commands) - 1:
                said = self.say("1 more line: -v shows it") if more == 1 else self.say("{count} more lines: -v shows them", count=more)
                yield _Line(((f"{pad}     {said}", "dim"),), indent)
        if remedy.restarts:
            yield _Line(((f"{pad}     {self.language.show(remedy.restarts)}", "yellow"),), indent)
        for other in (remedy.alternatives or ()) if self.verbose else ():
            named = self.say("or {remedy}", remedy=self.language.remedy(other))
            yield _Line(((f"{pad}{named}", "cyan"),), indent)
            yield from self.steps(other, f"{pad}     ")

    def steps(self, remedy: RemedyRecord, pad: str) -> Iterator[_Line]:
        """When a remedy counts, what it opens up and needs where there is a choice, and its commands."""
        said = [self.say("effective: {when}", when=self.language.said(remedy, "effective_after"))]
        if remedy.choice:
            said.append(self.say("opens up: {what}", what=remedy.choice.opens))
            said += (self.say("needs: {what}", what=need) for need in remedy.choice.needs)
        yield from (_Line(((f"{pad}{line}", ""),), len(pad)) for line in said)
        for name, part in (("run", "commands"), ("verify", "verify"), ("undo", "undo")):
            for line in (line for command in self.language.commands(remedy, part) for line in command.splitlines()):
                yield _Line(((f"{pad}{self.say(name)}: {line}", ""),), whole=True)
            if part == "verify" and remedy.shows:
                yield _Line(((f"{pad}{self.say('You should see: {what}', what=remedy.shows)}", ""),), len(pad))

    def evidence(self, finding: FindingRecord) -> Iterator[_Line]:
        for row in finding.evidence:
            yield _Line(((" " * _TEXT_INDENT + self.language.evidence(row), "dim"),), _TEXT_INDENT + 2)

    def since(self) -> _Line:
        return _Line(((f"{self.say('Since the last run')}: {in_short(self.result, self.language)}", ""),), 2)

    def whole(self, command: str) -> Iterator[_Line]:
        """Where every check stands with its evidence."""
        if command:
            yield _Line(((f"{self.say('every check, with its evidence')}: {command}", ""),), whole=True)

    def sum(self) -> _Line:
        counts = self.result.counts
        order = (Outcome.PASS, Outcome.FAIL, Outcome.SKIP, Outcome.UNKNOWN, Outcome.ERROR)
        parts = " + ".join(f"{outcome} {counts.get(outcome, 0)}" for outcome in order)
        return _Line(((f"{self.say('planned')} {counts.get('planned', 0)} = {parts}", ""),))

    def verdict(self, now: datetime | None) -> Iterator[_Line]:
        result, say = self.result, self.say
        late = now is not None and result.expired(now)
        doubts = " · " + say("valid until {until}", until=both(result.valid_until, result)) if late else ""
        if result.seal.broken:
            doubts += " · " + say(result.seal).upper()
        said = verdict_in_words(result, self.language, now)
        yield _Line(((said, _STYLES[Verdict.INCOMPLETE if late else result.verdict]), (doubts, "bold red")))


class Progress:
    """What long work is doing, on a terminal; nothing anywhere else. Safe to call from several threads.

    with Progress(hosts, stream=sys.stderr) as progress:
        progress.host("TestServer01", "reading")
        progress.host("TestServer01", Progress.DONE)
    """

    DONE = "done"
    FAILED = "failed"
    FINISHED = frozenset({DONE, FAILED, *Reason})
    """The states after which a host counts as finished."""

    def __init__(self, hosts: Iterable[str], *, stream: TextIO, language: Language | None = None) -> None:
        self._hosts = dict.fromkeys(hosts, "")
        self._stream = stream
        self._say = (language or Language()).say
        self._bar: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._stream.isatty():
            from rich.progress import MofNCompleteColumn

            self._bar = _bar(MofNCompleteColumn(), self._stream)
            self._task = self._bar.add_task(self._say("hosts"), total=len(self._hosts))
            self._bar.start()
        return self

    def host(self, name: str, state: str) -> None:
        """Shows what a host is at. DONE, FAILED and the reasons of missing facts finish it; every other state is work."""
        self._hosts[name] = state
        if self._bar is not None and self._task is not None:
            finished = sum(state in self.FINISHED for state in tuple(self._hosts.values()))
            said = terminal(f"{name} {self._say(state)}", self._stream.encoding or "utf-8")
            self._bar.update(self._task, completed=finished, total=len(self._hosts), description=said)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()


class BytesRead:
    """How much of some inputs was read, on a terminal and once it takes longer than `after_s`; nothing anywhere else.

    with BytesRead(stream=sys.stderr) as progress:
        progress.read("mail.txt", 65_536, 50_000_000)
    """

    def __init__(self, *, stream: TextIO, after_s: float = 1.0) -> None:
        self._stream = stream
        self._begin = time.monotonic() + after_s if stream.isatty() else math.inf
        self._bar: RichProgress | None = None
        self._name = ""
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def read(self, name: str, count: int, size: int | None) -> None:
        """Shows that so many bytes of an input were read; `size` is how many it has, where that is known."""
        if time.monotonic() < self._begin:
            return
        if self._bar is None:
            from rich.progress import DownloadColumn

            self._bar = _bar(DownloadColumn(), self._stream)
            self._bar.start()
        if self._task is None or name != self._name:
            if self._task is not None:
                self._bar.remove_task(self._task)
            self._name = name
            self._task = self._bar.add_task(terminal(name, self._stream.encoding or "utf-8"), total=size, completed=count)
        self._bar.update(self._task, completed=count)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar(counted: ProgressColumn, stream: TextIO) -> RichProgress:
    """A bar that is gone when it is stopped, with what is counted before it and what it is about behind it."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    columns = (counted, BarColumn(bar_width=20), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    return RichProgress(*columns, console=console, transient=True)
