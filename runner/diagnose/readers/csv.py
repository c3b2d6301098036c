"""Reads events as CSV: Event Viewer's export in any language, and `Get-WinEvent | Export-Csv`.

PowerShell's column names are the same everywhere. Event Viewer translates its five and puts the message in a sixth without a name, so
its columns are told by position. Its times are local and in the format of the country: they are not read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from runner.diagnose.readers import text
from runner.diagnose.readers.entries import Entry, keep, number, utc
from runner.diagnose.readers.kept import Kept

LINE_LIMIT = 1 << 16

_TYPE_LINE = re.compile(r"#TYPE [^\n]*\n")
_COLUMNS = {
    "id": "id", "eventid": "id", "event id": "id", "instanceid": "id",
    "logname": "channel", "log name": "channel", "containerlog": "channel",
    "providername": "provider", "source": "provider",
    "machinename": "computer", "computer": "computer", "pscomputername": "computer",
    "timecreated": "time",
    "message": "message",
}  # fmt: skip
_EVENT_VIEWER = ("level", "date", "provider", "id", "task", "message")


def columns(head: str) -> tuple[str, tuple[str, ...]] | None:
    """Delimiter and columns of a CSV file of events, from its beginning; nothing where it is none.

    A file of events has at least an id and a message or provider by PowerShell's names, or is Event Viewer's: five names, and in
    the next row an event id in the fourth place.
    """
    head = head.lstrip("\ufeff")
    type_line = _TYPE_LINE.match(head)
    rows = head[type_line.end() if type_line else 0 :].split("\n", 2)
    for delimiter in ",;\t":
        names = _row(rows[0], delimiter)
        if len(names) < 3:
            continue
        known = tuple(_COLUMNS.get(name.strip().casefold(), "") for name in names)
        if "id" in known and len(set(known) - {""}) >= 3:
            return delimiter, known
        second = _row(rows[1], delimiter) if len(rows) > 1 else []
        if len(names) == 5 and len(second) >= 5 and number(second[3]) is not None and number(names[3]) is None:
            return delimiter, _EVENT_VIEWER
    return None


def read(chunks: Iterable[str], kept: Kept, delimiter: str, names: Sequence[str]) -> None:
    """Keep what the rows tell. A row that is damaged is searched for codes as text."""
    lines = _Lines(chunks)
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.row.clear()
        begin = lines.count + 1
        where = f"line {begin}"
        try:
            fields = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            kept.odd("The row at line {line} is damaged ({problem}); it was searched as text.", line=begin, problem=str(error))
            text.read(lines.row, kept, place=where, salvage=True)
            continue
        row = {name: field for name, field in zip(names, fields, strict=False) if name}
        if (number_ := number(row.get("id"))) is None:
            if begin > 2:
                text.read(("\n".join(fields),), kept, place=where, salvage=True)
            continue
        further = "\n".join(fields[len(names) :])
        keep(
            kept,
            Entry(
                where=f"{kept.name}, {where}",
                id=number_,
                channel=row.get("channel", ""),
                provider=row.get("provider", ""),
                computer=row.get("computer", ""),
                time=utc(row.get("time")),
                message=row.get("message", "") + ("\n" + further if further else ""),
            ),
        )


def _row(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line.rstrip("\r")], delimiter=delimiter), [])
    except csv.Error:
        return []


class _Lines(Iterator[str]):
    """Lines of bounded length with their ends, counted; `row` holds those of the current row for as long as it is small."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._lines = self._split(chunks)
        self.count = 0
        self.row: list[str] = []

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        self.row.append(line)
        return line

    @staticmethod
    def _split(chunks: Iterable[str]) -> Iterator[str]:
        rest = ""
        for chunk in chunks:
            *lines, rest = (rest + chunk).split("\n")
            for line in lines:
                yield line.rstrip("\r").replace("\r", " ") + "\n"
            if len(rest) > LINE_LIMIT:
                yield rest.replace("\r", " ")
                rest = ""
        if rest:
            yield rest.rstrip("\r").replace("\r", " ")
