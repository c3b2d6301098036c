"""Reads text that people paste: console output, messages of windows, tickets and mail.

The text is cut into parts at blank lines, prompts, beginnings of errors, mail headers and times at the start of a line; parts are put
together to stretches, one for each failure that the text tells. What stands before a code without one of its own belongs to it,
because names often come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checks.errors.observation import Observation
from runner.diagnose.codes_in_text import (
    channel_in_text,
    codes_with_places,
    events_in_text,
    from_quoted_printable,
    from_rtf,
    is_foreign,
    plain,
)
from runner.diagnose.names import names_in_text, vm_id_in
from runner.diagnose.readers.kept import Kept

TEXT_LIMIT = 2_000
"""Characters of an observation's text."""

LINE_LIMIT = 1 << 14
"""Characters of a line and of a part; a longer line is cut between two words."""

BEFORE, AFTER = 4_000, 4_000
"""Characters before and after the first code of a stretch in which its names are looked for."""

BEGINNING = 20_000
"""Characters of a text without any code that are handed on."""

_BLANK = re.compile(r"[\s>|*_]*\Z")
_QUOTE_MARKS = re.compile(r"[ \t]*(?:[>|][ \t]*)+")
_BEGINS = re.compile(
    r"""(?P<error>[A-Z][A-Za-z]+-VM\w*\s?:\s)                                             # an error of a cmdlet
      | (?:\[[^\]\n]{1,64}\]:\s*)?PS(?:\s[^>\n]{0,200})?>                                 # a PowerShell prompt
      | [A-Za-z]:\\[^>\n]{0,200}>                                                         # a prompt of cmd
      | [^\W\d_][\w -]{0,20}:\s[^\n]{0,200}?[\w.-]@[\w.-]                                 # a mail header with an address
      | [^\W\d_][^\n:]{0,30}:\s+Microsoft-Windows-[\w/-]+\s*$                             # an event as Event Viewer copies it
      | -{3,}[ \t]{0,9}[^\W\d_][^\n]{0,80}?-{3,}\s*$                                      # a forwarded message
      | \W{0,3}(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})[T ,]{1,2}\d{1,2}:\d\d    # a line of a log
    """,
    re.VERBOSE,
)
_CODE_GOES_ON = re.compile(r"[0-9A-Fa-fx×]\s*\Z")


class _Part(NamedTuple):
    line: int
    text: str
    begins: bool = False
    error: bool = False


def read(chunks: Iterable[str], kept: Kept, *, rtf: bool = False, place: str = "", salvage: bool = False) -> None:
    """Keep an observation for each failure that a text tells. Where it has no code, its beginning is kept, so that its words can be
    looked at; with `salvage`, for what is left of a damaged file, only stretches with codes are. `place` stands for the line."""
    found = False
    beginning: list[_Part] = []
    size = 0

    def parts() -> Iterator[_Part]:
        nonlocal size
        for part in _parts(_shown(_plain_lines(_lines(chunks), rtf), kept)):
            if is_foreign(part.text) and not codes_with_places(part.text):
                continue
            if not found and size < BEGINNING:
                beginning.append(part)
                size += len(part.text)
            yield part

    for stretch in _stretches(parts()):
        found = True
        _keep(kept, stretch, place)
    if not found and not salvage:
        for number, piece in _pieces(beginning):
            _keep(kept, _Stretch(number, piece), place)


def _pieces(parts: list[_Part]) -> Iterator[tuple[int, str]]:
    """The texts of parts, put together to pieces that fit an observation."""
    gathered: list[str] = []
    number = 1
    for part in parts:
        for begin in range(0, len(part.text), TEXT_LIMIT):
            piece = part.text[begin : begin + TEXT_LIMIT]
            if gathered and sum(map(len, gathered)) + len(piece) > TEXT_LIMIT - 2 * len(gathered):
                yield number, "\n\n".join(gathered)
                gathered = []
            number = number if gathered else part.line
            gathered.append(piece)
    if gathered:
        yield number, "\n\n".join(gathered)


# --- lines ----------------------------------------------------------------------------------------------------------


def _lines(chunks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Numbered lines of bounded length; a line that a mail program broke softly (a final `=`) is whole again."""
    number, soft = 1, ""
    for line, ended in _physical_lines(chunks):
        line = soft + line
        soft = ""
        if ended and line.endswith("=") and line[-2:-1] not in ("", "=", " ", "\t") and len(line) < LINE_LIMIT:
            soft = line[:-1]
        else:
            yield number, line
        number += ended
    if soft:
        yield number, soft


def _physical_lines(chunks: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Lines without their ends, and whether they have one; what is longer than the limit comes in pieces."""
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split("\n")
        for line in lines:
            while len(line) > LINE_LIMIT:
                piece, line = _cut(line)
                yield piece, False
            yield line.rstrip("\r"), True
        while len(rest) > LINE_LIMIT:
            piece, rest = _cut(rest)
            yield piece, False
    if rest:
        yield rest.rstrip("\r"), True


def _cut(line: str) -> tuple[str, str]:
    end = max(line.rfind(separator, LINE_LIMIT // 2, LINE_LIMIT) for separator in (" ", ">", ",")) + 1 or LINE_LIMIT
    return line[:end], line[end:]


def _plain_lines(lines: Iterable[tuple[int, str]], rtf: bool) -> Iterator[tuple[int, str]]:
    """Lines without markup and without the marks of quoting; an HTML line may become several."""
    quoted_printable = False
    for number, line in lines:
        quoted_printable = quoted_printable or "=3D" in line or "quoted-printable" in line
        if quoted_printable and "=" in line:
            line = from_quoted_printable(line)
        line = plain(from_rtf(line) if rtf else line)
        if "\r" in line:
            line = line.replace("\r", "\n")
        for piece in line.split("\n") if "\n" in line else (line,):
            marks = _QUOTE_MARKS.match(piece)
            yield number, piece[marks.end() :] if marks else piece


def _shown(lines: Iterable[tuple[int, str]], kept: Kept) -> Iterator[tuple[int, str]]:
    """The lines, each shown to what reads facts."""
    for number, line in lines:
        kept.told.line(number, line)
        yield number, line


def _parts(lines: Iterable[tuple[int, str]]) -> Iterator[_Part]:
    gathered: list[str] = []
    size, first, begins, error = 0, 1, False, False
    for number, line in lines:
        beginning = _BEGINS.match(line)
        blank = not line or _BLANK.match(line) is not None
        full = size > LINE_LIMIT and not (_CODE_GOES_ON.search(gathered[-1]) and size < 2 * LINE_LIMIT)
        if gathered and (beginning or blank or full):
            yield _Part(first, "\n".join(gathered), begins, error)
            gathered, size = [], 0
        if blank:
            continue
        if not gathered:
            first, begins, error = number, beginning is not None, beginning is not None and beginning["error"] is not None
        gathered.append(line)
        size += len(line) + 1
    if gathered:
        yield _Part(first, "\n".join(gathered), begins, error)


# --- stretches ------------------------------------------------------------------------------------------------------


class _Stretch:
    """A growing piece of text about one failure. `anchor` is where its first code or event stands in the text."""

    def __init__(self, line: int, text: str = "") -> None:
        self.line = line
        self.text = text
        self.codes: dict[str, None] = {}
        self.events: dict[int, None] = {}
        self.error = False
        self.anchor: int | None = None
        self.vm_id: str | None = None

    @property
    def tells(self) -> bool:
        """Is a failure in it already, so that the next beginning is another one's."""
        return bool(self.codes or self.events or self.error)

    def another(self, part: _Part, codes: Iterable[str]) -> bool:
        """Does a part tell of another failure than this."""
        if part.begins:
            return self.tells
        vm_id = vm_id_in(part.text)
        return bool(self.codes) and (
            any(code not in self.codes for code in codes) or (vm_id is not None and vm_id != (self.vm_id or vm_id))
        )

    def add(self, part: _Part, places: list[tuple[int, str]], events: Iterable[int]) -> None:
        offset = len(self.text) + 2 if self.text else 0
        if self.anchor is None or offset - self.anchor < AFTER:
            self.text += ("\n\n" if self.text else "") + part.text
        if self.anchor is None and (places or part.error):
            self.anchor = offset + (places[0][0] if places else 0)
        self.codes.update((code, None) for _, code in places)
        self.events.update((number, None) for number in events)
        self.error = self.error or part.error
        self.vm_id = self.vm_id or vm_id_in(part.text)
        self._shorten()

    def _shorten(self) -> None:
        begin = max(0, (len(self.text) if self.anchor is None else self.anchor) - BEFORE)
        if begin:
            self.line += self.text.count("\n", 0, begin)
            self.text = self.text[begin:]
            self.anchor = None if self.anchor is None else self.anchor - begin
        if self.anchor is not None:
            self.text = self.text[: self.anchor + AFTER]


def _stretches(parts: Iterable[_Part]) -> Iterator[_Stretch]:
    """The stretches that tell of a failure."""
    current: _Stretch | None = None
    for part in parts:
        places = codes_with_places(part.text)
        if current is not None and current.another(part, (code for _, code in places)):
            if current.tells:
                yield current
            current = None
        current = current or _Stretch(part.line)
        current.add(part, places, events_in_text(part.text))
    if current is not None and current.tells:
        yield current


def _keep(kept: Kept, stretch: _Stretch, place: str) -> None:
    where = f"{kept.name}, {place or f'line {stretch.line}'}"
    text, codes, events = stretch.text, tuple(stretch.codes), tuple(stretch.events)
    begin = max(0, (stretch.anchor or 0) - TEXT_LIMIT // 2)

    def observation() -> Observation:
        names = names_in_text(text)
        channel = channel_in_text(text) if events else ""
        return Observation(
            where=where,
            text=text[begin : begin + TEXT_LIMIT],
            codes=codes,
            events=tuple((channel, number) for number in events),
            host=names.host,
            vm=names.vm,
            source=names.source,
            target=names.target,
        )

    kept.add(observation, telling=bool(codes or events))
