"""What is said on standard output and standard error goes through here, so that no foreign name in it can move a cursor, change a colour or
turn the direction of reading. Reports on the console have their own way, which escapes the same (reports/console.py, diagnosis.py)."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path
from typing import TextIO

from reports.escape import ascii_json, terminal, visible, visible_json


def out(text: str) -> None:
    """Lines to standard output."""
    _say(text, sys.stdout)


def err(text: str) -> None:
    """Lines to standard error, at once."""
    _say(text, sys.stderr)


def path(written: Path) -> None:
    """The name of what was written to standard output, on one line whatever it holds."""
    out(visible(str(written)))


def json(text: str) -> None:
    """A JSON text to standard output: the same values, with what has no glyph of its own written as its number; everything beyond ASCII is
    where standard output is not in UTF-8, as which JSON is read."""
    shown = visible_json(text).rstrip("\n") + "\n"
    sys.stdout.write(shown if is_utf_8(sys.stdout.encoding) else ascii_json(shown))
    sys.stdout.flush()


def is_utf_8(encoding: str | None) -> bool:
    return codecs.lookup(encoding or "utf-8").name == "utf-8"


def lines(text: str, encoding: str = "utf-8") -> str:
    """A text of several lines, each escaped by itself."""
    return "\n".join(terminal(line, encoding) for line in text.split("\n"))


def _say(text: str, stream: TextIO) -> None:
    stream.write(lines(text, stream.encoding or "utf-8") + "\n")
    stream.flush()
