"""What people may hand over to `diagnose`, in any size: what it is made for, and what nobody should."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path

from tests.diagnose.samples import ALL

Content = Callable[[Path, int], None]


def _repeated(piece: bytes, before: bytes = b"") -> Content:
    def write(path: Path, size: int) -> None:
        block = piece * (1 + (1 << 16) // len(piece))
        with path.open("wb") as file:
            file.write(before)
            while file.tell() < size:
                file.write(block[: size - file.tell()])

    return write


def _random(encoded: Callable[[bytes], bytes]) -> Content:
    """Different bytes in each block. No block is large: a program that is started afterwards would be said to have had its memory."""
    source = random.Random(1)

    def write(path: Path, size: int) -> None:
        with path.open("wb") as file:
            while file.tell() < size:
                file.write(encoded(source.randbytes(3 << 14)))

    return write


CONTENTS: dict[str, Content] = {
    **{
        f"{form} again and again": _repeated(text.encode() + b"\n")
        for form, text in ALL.items()
        if form in ("english", "xml", "csv english", "clixml")
    },
    "events of JSON": _repeated(ALL["json 7"].encode().strip().removeprefix(b"[").removesuffix(b"]") + b",", b"["),
    "words in one line": _repeated(b"lorem ipsum "),
    "one letter": _repeated(b"a"),
    "capitals that are no symbol": _repeated(b"A" * 16_000 + b"_ "),
    "<": _repeated(b"<"),
    "[": _repeated(b"["),
    "{": _repeated(b'{"a":'),
    "one quote, then letters": _repeated(b"a", b'["'),
    "quotes": _repeated(b'"'),
    "apostrophes": _repeated(b"' "),
    "blanks": _repeated(b" "),
    "line ends": _repeated(b"\n"),
    "zeros": _repeated(b"\0"),
    "<Event and no end": _repeated(b"<Event "),
    "one CSV row that does not end": _repeated(b"a,", b'Id,LogName,Message\n1,x,"'),
    "codes": _repeated(b"0x8009030E "),
    "random bytes": _random(bytes),
    "base64": _random(base64.b64encode),
}
