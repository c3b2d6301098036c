"""Reads event log files (.evtx) with the `evtx` package, one chunk at a time.

The file is a header of 4,096 bytes and chunks of 65,536 bytes that need nothing of each other (MS-EVEN6 describes the events, Joachim
Metz's "Windows XML Event Log (EVTX)" the file). Each chunk is given to the parser behind a header of our own, filled up with zeros
where the file was cut: so damage to the header or to one chunk costs only what it hit, and memory stays small.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from runner.diagnose.readers import text, xml
from runner.diagnose.readers.entries import keep
from runner.diagnose.readers.kept import Kept

MAGIC = b"ElfFile\0"
CHUNK_MAGIC = b"ElfChnk\0"
HEADER_SIZE = 0x1000
CHUNK_SIZE = 0x10000

_HEAD = struct.pack("<8sQQQIHHHH76xI", MAGIC, 0, 0, 1, 128, 1, 3, HEADER_SIZE, 1, 0)
_FILE_HEADER = (_HEAD + struct.pack("<I", zlib.crc32(_HEAD[:120]))).ljust(HEADER_SIZE, b"\0")
_ERRORS_IN_A_CHUNK = 400

_RECORD = struct.Struct("<4sI")
_RECORD_MAGIC = b"**\0\0"
_FIRST_RECORD = 512
_LEAST_RECORD = 28


def read(blocks: Iterable[bytes], kept: Kept) -> None:
    """Keep what the records of a log tell."""
    try:
        import evtx
    except ImportError:
        kept.problem("An event log file needs the package evtx: pip install 'hvpreflight[evtx]', or export the log as XML.")
        return
    pieces = _pieces(blocks)
    header = next(pieces)
    if len(header) < HEADER_SIZE or header[:8] != MAGIC:
        kept.problem("Its file header is damaged or cut off.")
    count = 0
    for position, chunk in enumerate(pieces, 1):
        if chunk[:8] != CHUNK_MAGIC:
            if chunk.strip(b"\0"):
                kept.problem(f"Chunk {position} is no part of an event log and was left out.")
            continue
        if len(chunk) < CHUNK_SIZE:
            kept.problem(f"It is cut off in chunk {position}; the records up to there were read.")
        count += _chunk(evtx.PyEvtxParser, chunk, kept, position)
    if not count:
        kept.problem("No record could be read from this event log.")


def _chunk(parser: Any, chunk: bytes, kept: Kept, position: int) -> int:
    """Keep what one chunk tells; the number of its records."""
    count = 0
    whole, damaged = _passable(chunk)
    if damaged:
        kept.problem(f"Chunk {position} has {damaged} damaged records; what was readable of it was read.")
    for record, error in _records(parser, whole):
        if record is None:
            if len(chunk) == CHUNK_SIZE:
                kept.problem(f"Records in chunk {position} are damaged and were left out ({error}).")
            continue
        count += 1
        place = f"record {record['event_record_id']}"
        source = record["data"]
        try:
            keep(kept, xml.event(source, f"{kept.name}, {place}"))
        except ValueError as error:
            kept.problem(f"{place.capitalize()} is damaged ({error}); it was searched as text.")
            text.read((source,), kept, place=place, salvage=True)
    return count


def _records(parser: Any, chunk: bytes) -> Iterator[tuple[dict[str, Any] | None, str]]:
    """The records of a chunk; for each that cannot be read, nothing and why. The parser is native code: a panic of it derives from
    BaseException and is a damaged record here."""
    try:
        records = parser(io.BytesIO(_FILE_HEADER + chunk), number_of_threads=1).records()
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as error:
        yield None, _sentence(error)
        return
    for _ in range(_ERRORS_IN_A_CHUNK):
        try:
            for record in records:
                yield record, ""
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
