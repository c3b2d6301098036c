"""Runs in a process of its own: takes chunks of an event log file and answers their records, with the native parser.

Each chunk is given to the parser behind a file header of our own, filled up with zeros where the file was cut. This
file runs as a program and imports nothing of the package.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

Answer = tuple[int | None, str]
"""Number and XML of a record; without a number, a sentence about damage."""

MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
HEADER_SIZE = 0x1000
CHUNK_SIZE = 0x10000

_HEAD = struct.pack("<8sQQQIHHHH76x", MAGIC, 0, 0, 1, 128, 1, 3, HEADER_SIZE, 1)
_FILE_HEADER = (_HEAD + struct.pack("<II", 0, zlib.crc32(_HEAD))).ljust(HEADER_SIZE, b"\0")
_ERRORS_IN_A_CHUNK = 400
_LONGEST = 1 << 20

_RECORD = struct.Struct("<4sI")
_RECORD_MAGIC = b"**\0\0"
_FIRST_RECORD = 512
_LEAST_RECORD = 28


def main() -> None:
    """Say that the parser is there, then answer each chunk with its records, until the input ends. See `evtx.py` for the frames."""
    import evtx

    chunks, answers = sys.stdin.buffer, sys.stdout.buffer
    _send(answers, None)
    while size := int.from_bytes(chunks.read(4), "little"):
        for answer in records(evtx.PyEvtxParser, chunks.read(size)):
            _send(answers, answer)
        _send(answers, None)


def _send(answers: BinaryIO, answer: Answer | None) -> None:
    frame = json.dumps(answer).encode()
    answers.write(len(frame).to_bytes(4, "little") + frame)
    answers.flush()


def records(parser: Any, chunk: bytes) -> Iterator[Answer]:
    """The records of a chunk, and a sentence for each damage. A panic of the native parser derives from BaseException."""
    whole, damaged = _passable(chunk)
    if damaged:
        yield None, f"{damaged} without a sound size"
    try:
        found = parser(io.BytesIO(_FILE_HEADER + whole), number_of_threads=1).records()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        yield None, _sentence(error)
        return
    for _ in range(_ERRORS_IN_A_CHUNK):
        try:
            record = next(found, None)
            while record is not None:
                yield record["event_record_id"], record["data"][:_LONGEST]
                record = next(found, None)
        except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
            raise
        except BaseException as error:
            yield None, _sentence(error)
        else:
            return


def _passable(chunk: bytes) -> tuple[bytes, int]:
    """A whole chunk in which every record leads to the next: the size of a damaged one is made to reach the next sound one. And how
    many were so."""
    damaged = 0
    whole = bytearray(chunk.ljust(CHUNK_SIZE, b"\0"))
    free = min(int.from_bytes(whole[48:52], "little"), CHUNK_SIZE)
    place = _FIRST_RECORD
    while place + _LEAST_RECORD <= free:
        if not (size := _record_size(whole, place)):
            following = whole.find(_RECORD_MAGIC, place + _LEAST_RECORD)
            while following >= 0 and not _record_size(whole, following):
                following = whole.find(_RECORD_MAGIC, following + 1)
            if following < 0:
                break
            size = following - place
            damaged += 1
            _RECORD.pack_into(whole, place, _RECORD_MAGIC, size)
        place += size
    return bytes(whole), damaged


def _record_size(chunk: bytearray, place: int) -> int:
    """The size of the record at a place; 0 where there is no sound one: it stands at the record's beginning and again at its end."""
    magic, size = _RECORD.unpack_from(chunk, place)
    sound = magic == _RECORD_MAGIC and _LEAST_RECORD <= size <= CHUNK_SIZE - place
    return size if sound and int.from_bytes(chunk[place + size - 4 : place + size], "little") == size else 0


def _sentence(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


if __name__ == "__main__":
    main()
