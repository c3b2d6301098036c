"""Reads event log files (.evtx) with the `evtx` package, one chunk at a time, in a process of its own.

The file is a header of 4,096 bytes and chunks of 65,536 bytes that need nothing of each other (Joachim Metz, "Windows XML Event Log
(EVTX)"). So damage to the header or to one chunk costs only what it hit, and memory stays small. The package is native code that a
damaged chunk can make loop for ever: `evtx_records` runs it where it can be ended.
"""

from __future__ import annotations

import importlib
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

import msgspec

from runner.diagnose.readers import evtx_records, text, xml
from runner.diagnose.readers.entries import keep
from runner.diagnose.readers.evtx_records import CHUNK_MAGIC, CHUNK_SIZE, HEADER_SIZE, MAGIC, Answer
from runner.diagnose.readers.kept import Kept
from runner.environment import for_children
from runner.python import python

__all__ = ["CHUNK_MAGIC", "HEADER_SIZE", "MAGIC", "read"]

START_LIMIT_S = 60.0
CHUNK_LIMIT_S = 5.0
"""A sound chunk needs some hundredths of a second."""

LOST_CHUNKS = 4
"""So many chunks may end the parser before the rest of the file is given up."""


def read(blocks: Iterable[bytes], kept: Kept) -> None:
    """Keep what the records of a log tell."""
    try:
        importlib.import_module("evtx")
    except ImportError:
        kept.odd("An event log file needs the package evtx: pip install 'hvpreflight[evtx]', or export the log as XML.")
        return
    pieces = _pieces(blocks)
    header = next(pieces)
    if len(header) < HEADER_SIZE or header[:8] != MAGIC:
        kept.odd("Its file header is damaged or cut off.")
    count = lost = 0
    with _Parser() as parser:
        for position, chunk in enumerate(pieces, 1):
            if chunk[:8] != CHUNK_MAGIC:
                if chunk.strip(b"\0"):
                    kept.odd("Chunk {number} is no part of an event log and was left out.", number=position)
                continue
            if len(chunk) < CHUNK_SIZE:
                kept.odd("It is cut off in chunk {number}; the records up to there were read.", number=position)
            try:
                for answer in parser.records(chunk):
                    count += _keep(answer, kept, position, whole=len(chunk) == CHUNK_SIZE)
            except _Stopped:
                lost += 1
                kept.odd("Chunk {number} is damaged so that its records could not be read to the end.", number=position)
                if lost > LOST_CHUNKS:
                    kept.odd("After chunk {number} the rest of the file was left out.", number=position)
                    break
    if not count:
        kept.odd("No record could be read from this event log.")


def _keep(answer: Answer, kept: Kept, position: int, *, whole: bool) -> int:
    """Keep what one record tells; 1 where it is a record."""
    number, source = answer
    if number is None:
        if whole:
            kept.odd(
                "Records in chunk {number} are damaged; what was readable of it was read ({problem}).", number=position, problem=str(source)
            )
        return 0
    place = f"record {number}"
    try:
        keep(kept, xml.event(source, f"{kept.name}, {place}"))
    except ValueError as error:
        kept.odd("Record {number} is damaged ({problem}); it was searched as text.", number=number, problem=str(error))
        text.read((source,), kept, place=place, salvage=True)
    return 1


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The header, then the chunks; the last one as far as it goes."""
    buffer = bytearray()
    size = HEADER_SIZE
    for block in blocks:
        buffer += block
        while len(buffer) >= size:
            yield bytes(buffer[:size])
            del buffer[:size]
            size = CHUNK_SIZE
    if buffer or size == HEADER_SIZE:
        yield bytes(buffer)


class _Stopped(Exception):
    """The parser ended, or did not end in time."""


class _Parser:
    """The process that parses chunks: started when the first one comes, and again after one that it did not survive.

    A frame between the two is its length in four bytes and then so many bytes: there a chunk, back an answer as JSON. `null` ends the
    answers to a chunk.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> _Parser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._end()

    def records(self, chunk: bytes) -> Iterator[Answer]:
        """The records of a chunk and what is damaged in it. Raises _Stopped where the parser does not come to its end in time."""
        try:
            process = self._process or self._start()
            with _ended_after(CHUNK_LIMIT_S, process):
                assert process.stdin is not None
                process.stdin.write(len(chunk).to_bytes(4, "little") + chunk)
                process.stdin.flush()
                while answer := self._receive(process):
                    yield answer
        except (OSError, EOFError, ValueError) as error:
            self._end()
            raise _Stopped from error

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the parser; -P, because the modules beside it are called like those of the standard library."""
        command = python(evtx_records.__file__)
        self._process = process = subprocess.Popen(
            command, env=for_children(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        with _ended_after(START_LIMIT_S, process):
            self._receive(process)
        return process

    @staticmethod
    def _receive(process: subprocess.Popen[bytes]) -> Answer | None:
        assert process.stdout is not None
        size = int.from_bytes(process.stdout.read(4), "little")
        frame = process.stdout.read(size)
        if not size or len(frame) < size:
            raise EOFError
        answer: Answer | None = msgspec.json.decode(frame, type=Answer | None)
        return answer

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            with suppress(OSError):
                self._process.communicate()
            self._process = None


@contextmanager
def _ended_after(limit_s: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process that is not done with something in time; who waits for its answer then reads the end of its output."""
    timer = threading.Timer(limit_s, process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
