"""Reads what people hand over, whatever it is: files and standard input to readings, in bounded memory.

What a file is, its content tells, never its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeAlias

from checks.errors.observation import Reading
from checks.text import Text
from runner.diagnose.readers import clixml, csv, evtx, json, text, xml
from runner.diagnose.readers.kept import Kept
from runner.encodings import decoded, encoding
from runner.system import problem

BLOCK_SIZE = 1 << 16
STANDARD_INPUT = "standard input"

FOREIGN = (
    (b"\x30\0\0\0LfLe", "This is an event log of Windows XP or 2003 (.evt), which is not read; export it as text or XML."),
    (b"PK\x03\x04", "This is an archive or an Office document, which is not read; unpack it or copy its text."),
    (b"\x1f\x8b", "This is a compressed file, which is not read; unpack it."),
    (b"MSCF", "This is a cabinet file, which is not read; unpack it."),
    (b"7z\xbc\xaf", "This is an archive, which is not read; unpack it."),
    (b"%PDF", "This is a PDF file, which is not read; copy its text."),
    (b"\x89PNG", "This is a picture, which is not read; copy the text of the message (Ctrl+C in the message window)."),
    (b"\xff\xd8\xff", "This is a picture, which is not read; copy the text of the message (Ctrl+C in the message window)."),
)
"""How files begin that are not read, with what is said of them."""
_ANSI_STRETCH = re.compile(rb"[\t\n\r!-~](?=[\t\n\r -~]{1,64} )[\t\n\r -~]{14,}")
_UTF16_STRETCH = re.compile(rb"(?:[\t\n\r -~]\0){6,}")
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\v\f\r\x1b"})
_CLIXML = re.compile(r"\s*(?:#< CLIXML|(?:<\?xml[^<>]{0,200}\?>\s*)?<Objs[\s>])")
_BEFORE_ROOT = re.compile(
    r"\s+|<\?xml[^<>]{0,200}\?>|<!--.{0,2000}?-->|<!DOCTYPE[^\[>]{0,400}(?:\[.{0,4000}?\][ \t\r\n]{0,20})?>", re.DOTALL
)
_EVENTS = re.compile(r"<Events?[\s>]")
_OURS = re.compile(r'\s*\{\s*"format"\s*:\s*"hvpreflight\.(snapshot|result|report|diff)/')
_PLAN = re.compile(r"^\[\[moves\]\][ \t]*$", re.MULTILINE)
INSTEAD = {
    "snapshot": "This is a snapshot of hvpreflight, no failure: hvpreflight check PLAN --snapshot FILE judges it.",
    "result": "This is a result of hvpreflight, no failure: hvpreflight report FILE shows it.",
    "report": "This is a report of hvpreflight, no failure: open it in a browser.",
    "diff": "This is a comparison that hvpreflight made, no failure: hvpreflight diff OLD NEW shows it.",
    "plan": "This is a plan of hvpreflight, no failure: hvpreflight check FILE judges it.",
}
"""What our own files are for."""
_JSON = re.compile(r'\s*(?:\[\s*(?:[\[{"\]]|\Z)|\{\s*(?:["}]|\Z))')
_RTF = re.compile(r"\s*\{\\rtf")

Progress: TypeAlias = Callable[[str, int, int | None], None]
"""Is told the name of an input, how many of its bytes were read, and how many it has where that is known."""


def _quiet(_name: str, _count: int, _size: int | None) -> None:
    """No progress is wanted."""


def read_inputs(paths: Sequence[Path], stdin: BinaryIO | None, progress: Progress = _quiet) -> Iterator[Reading]:
    """One reading for each file in its order, then one for standard input if it is given. A file that cannot be opened or read is a
    reading with a problem. Never raises for what is in an input."""
    for path in paths:
        kept = Kept(str(path))
        try:
            with path.open("rb") as file:
                _read(_blocks(file, partial(progress, str(path)), path.stat().st_size or None), kept)
        except OSError as error:
            kept.odd("It could not be read: {problem}.", problem=problem(error))
        yield kept.reading()
    if stdin is not None:
        kept = Kept(STANDARD_INPUT, Text("standard input"))
        try:
            _read(_blocks(stdin, partial(progress, STANDARD_INPUT), None), kept)
        except OSError as error:
            kept.odd("It could not be read: {problem}.", problem=problem(error))
        yield kept.reading()


def _blocks(file: BinaryIO, progress: Callable[[int, int | None], None], size: int | None) -> Iterator[bytes]:
    count = 0
    while block := file.read(BLOCK_SIZE):
        count += len(block)
        progress(count, size)
        yield block


def _read(blocks: Iterator[bytes], kept: Kept) -> None:
    """Choose the reader by the first block and let it read everything."""
    head = next(blocks, b"")
    while len(head) < BLOCK_SIZE and (block := next(blocks, b"")):
        head += block
    blocks = chain((head,), blocks)
    if head.startswith(evtx.MAGIC) or head[evtx.HEADER_SIZE :].startswith(evtx.CHUNK_MAGIC):
        evtx.read(blocks, kept)
        return
    if foreign := next((sentence for magic, sentence in FOREIGN if head.startswith(magic)), None):
        kept.odd(foreign)
        return
    name, mark = encoding(head)
    if name == "utf-8" and len(head) - len(head.translate(None, _CONTROLS)) > len(head) // 50:
        kept.odd("This is no text; only what looks like text in it was searched.")
    chunks = decoded(_one_encoding(blocks, name), name, mark)
    first = next(chunks, "")
    _read_text(first, chain((first,), chunks), kept)


def _one_encoding(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """The bytes of a text in one encoding: a log that one program began as UTF-16 and another went on with in ANSI has both, and so has
    the reverse. A stretch that two blocks share may stay as it is."""
    for block in blocks:
        if name == "utf-16-le":
            yield _ANSI_STRETCH.sub(lambda match: match[0].decode("ascii").encode("utf-16-le"), block)
        elif name == "utf-8" and b"\0" in block:
            yield _UTF16_STRETCH.sub(lambda match: match[0].replace(b"\0", b""), block)
        else:
            yield block


def _read_text(head: str, chunks: Iterable[str], kept: Kept) -> None:
    if ours := _OURS.match(head):
        kept.odd(INSTEAD[ours[1]])
        return
    if _PLAN.search(head):
        kept.odd(INSTEAD["plan"])
        return
    if _CLIXML.match(head):
        clixml.read(chunks, kept)
    elif _EVENTS.match(head, _root(head)):
        xml.read(chunks, kept)
    elif _JSON.match(head):
        json.read(chunks, kept)
    elif table := csv.columns(head):
        csv.read(chunks, kept, *table)
    else:
        text.read(chunks, kept, rtf=_RTF.match(head) is not None)


def _root(head: str) -> int:
    """Where the root of an XML text may begin: after its declaration, comments and document type, which are taken one by one."""
    position = 0
    while part := _BEFORE_ROOT.match(head, position):
        position = part.end()
    return position
