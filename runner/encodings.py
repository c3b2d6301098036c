"""Which encoding a text is in, and the text: as Windows, its PowerShell and whoever pastes write them."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def encoding(head: bytes) -> tuple[str, int]:
    """The encoding and the length of the byte order mark. Without a mark: UTF-16 where every second byte is often zero."""
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, len(mark)
    sample = head[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 >= len(sample) // 2 > 0 and min(even, odd) * 10 <= max(even, odd):
        return ("utf-16-le" if odd > even else "utf-16-be"), 0
    return "utf-8", 0


def whole_text(content: bytes) -> str:
    """The text of a file that has to be in UTF-8 or UTF-16. Raises UnicodeDecodeError."""
    name, mark = encoding(content[:4096])
    return content[mark:].decode(name)


def without_mark(content: bytes) -> bytes:
    """A text with a byte order mark, as editors and PowerShell save it, in UTF-8 and without it; any other content as it is."""
    if not content.startswith(tuple(mark for mark, _ in _BYTE_ORDER_MARKS)):
        return content
    try:
        return whole_text(content).encode()
    except UnicodeError:
        return content


def decoded(blocks: Iterable[bytes], name: str, mark: int) -> Iterator[str]:
    """The text. What was taken for UTF-8 and is not, is read as Windows-1252 if nothing before it was beyond ASCII."""
    decoder = codecs.getincrementaldecoder(name)("strict" if name == "utf-8" else "replace")
    ascii_only = True
    for block, last in chain(((block, False) for block in blocks), ((b"", True),)):
        block, mark = block[mark:], 0
        pending = decoder.getstate()[0]
        try:
            piece = decoder.decode(block, final=last)
        except UnicodeDecodeError as error:
            damaged = pending + block
            fallback = "cp1252" if ascii_only and damaged[: error.start].isascii() else "utf-8"
            decoder = codecs.getincrementaldecoder(fallback)("replace")
            piece = decoder.decode(damaged, final=last)
        ascii_only = ascii_only and piece.isascii()
        if piece:
            yield piece
