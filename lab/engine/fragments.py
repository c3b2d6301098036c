"""The outside of PSRP messages ([MS-PSRP] 2.2.1, 2.2.4): whose they are and of what kind, without reading their content."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterator
from typing import NamedTuple

PIPELINE_STATE = 0x00041006
HOST_RESPONSES = frozenset((0x00021101, 0x00041101))
"""Answers of the client's host to a call: for the engine a stream of their own."""

_FRAGMENT = struct.Struct(">QQBI")
_MESSAGE = struct.Struct("<II16s16s")
_START, _END = 1, 2


class Fragment(NamedTuple):
    """`raw` is all of it; `kind` and `pipeline` are those of its message, `body` is its share of the message's content, `last` whether the
    message ends with it. Without a pipeline a message is of the runspace pool."""

    raw: bytes
    kind: int
    pipeline: uuid.UUID | None
    body: bytes
    last: bool


class Fragments:
    """Takes apart what one side sends. A fragment in the middle of a message does not say whose it is: that is remembered."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, uuid.UUID | None]] = {}

    def of(self, data: bytes) -> Iterator[Fragment]:
        while data:
            number, _, flags, length = _FRAGMENT.unpack_from(data)
            raw, data = data[: _FRAGMENT.size + length], data[_FRAGMENT.size + length :]
            body = raw[_FRAGMENT.size :]
            if flags & _START:
                _, kind, _, pipeline = _MESSAGE.unpack_from(body)
                body = body[_MESSAGE.size :]
                self._open[number] = (kind, uuid.UUID(bytes_le=pipeline) if any(pipeline) else None)
            kind, owner = self._open[number]
            if flags & _END:
                del self._open[number]
            yield Fragment(raw, kind, owner, body, bool(flags & _END))
