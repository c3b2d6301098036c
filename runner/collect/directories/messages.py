"""What a directory sends, cut into messages, each looked over before ldap3 makes anything of it.

ldap3's decoder makes of one byte sixty, of a long integer a computation without end, and follows whatever is nested; before the sign-in it
does so for anybody who listens where a controller should. Here every message has bounds: its bytes, its elements, how deep they are, and
which there are. Nothing that Active Directory answers comes near them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from checks.facts.fact import Reason
from checks.text import Text, text
from runner.collect.unread import Unread

MOST_BYTES = 4 * 1024 * 1024
"""Of one message: twice what an object has with 5,000 values of 400 bytes each; more values a controller does not give at a time."""
MOST_BESIDE_AN_ENTRY = 64 * 1024
"""Of a part of a message that is no entry, in bytes: a token of the sign-in, the cookie of a page, an error's text."""
MOST_ELEMENTS = 200_000
"""Of all answers to one question: ten times what 100 accounts have."""
DEEPEST = 8
"""A value lies in its set, its attribute, the attributes, the entry and the message."""
LONGEST_NUMBER = 8

_PIECE = 65536
_CONSTRUCTED = 0x20
_MESSAGE, _ENTRY = 0x30, 0x64
_NUMBERS = frozenset({0x01, 0x02, 0x0A})
_TAGS = _NUMBERS | {
    0x04,  # OCTET STRING
    _MESSAGE,  # SEQUENCE
    0x31,  # SET
    0x61,  # BindResponse
    _ENTRY,  # SearchResultEntry
    0x65,  # SearchResultDone
    0x73,  # SearchResultReference
    0x78,  # ExtendedResponse
    0xA0,  # controls
    0xA3,  # referral
    0x87,  # serverSaslCreds
    0x8A,  # responseName
    0x8B,  # responseValue
}
"""The elements of all answers that a directory gives to what is asked here (RFC 4511, 4.1.1 to 4.12)."""


class Messages:
    """The messages of one connection, in their order. Once one is refused, so is all that follows."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._left = MOST_ELEMENTS
        self._refused: Unread | None = None

    def expect_answers(self) -> None:
        """A new question begins."""
        self._left = MOST_ELEMENTS

    def end_layer(self) -> None:
        """From here on everything comes inside another layer, sealed or in TLS. Raises Unread where something already came outside it."""
        if self._came:
            self._refuse(text("it said more before it was to be encrypted"))

    def next(self, receive: Callable[[int], bytes]) -> bytes:
        """The next whole message; nothing where no more comes. Raises Unread, and what `receive` raises."""
        if self._refused:
            raise self._refused
        while (size := self._size()) is None or len(self._came) < size:
            data = receive(_PIECE)
            if not data:
                return b""
            self._came += data
        message = bytes(self._came[:size])
        del self._came[:size]
        self._left -= self._elements(message)
        if self._left < 0:
            self._refuse(text("an answer of more than {count} elements", count=MOST_ELEMENTS))
        return message

    def _size(self) -> int | None:
        """Of the first message that came, if that is known yet."""
        if self._came and self._came[0] != _MESSAGE:
            self._refuse(text("this is no LDAP"))
        if len(self._came) < 2 or len(self._came) < 2 + _more(self._came[1]):
            return None
        _, end = self._measured(self._came, 0)
        if end > MOST_BYTES:
            self._refuse(text("an answer of more than {bytes} bytes", bytes=MOST_BYTES))
        return end

    def _measured(self, data: bytes | bytearray, at: int) -> tuple[int, int]:
        """Where the content of an element begins and ends. Raises Unread for a length that LDAP does not have."""
        more = _more(data[at + 1])
        start = at + 2 + more
        if data[at + 1] == 0x80 or more > 4:
            self._refuse(text("an answer of no definite length"))
        return start, start + (int.from_bytes(data[at + 2 : start], "big") if more else data[at + 1])

    def _elements(self, message: bytes) -> int:
        """How many there are. Raises Unread where one does not fit into those around it, or is none of an answer's."""
        count, at, ends = 0, 0, [len(message)]
        while ends:
            if at == ends[-1]:
                ends.pop()
                continue
            tag = message[at]
            if tag not in _TAGS or at + 2 > ends[-1]:
                self._refuse(text("an answer with parts that no directory sends"))
            start, end = self._measured(message, at)
            long_number = tag in _NUMBERS and not 0 < end - start <= LONGEST_NUMBER
            if end > ends[-1] or len(ends) > DEEPEST or long_number:
                self._refuse(text("an answer whose parts do not fit into it"))
            if len(ends) == 2 and tag != _ENTRY and end - start > MOST_BESIDE_AN_ENTRY:
                self._refuse(text("an answer of more than {bytes} bytes", bytes=MOST_BESIDE_AN_ENTRY))
            count += 1
            at = start if tag & _CONSTRUCTED else end
            if tag & _CONSTRUCTED:
                ends.append(end)
        return count

    def _refuse(self, why: Text) -> NoReturn:
        self._refused = Unread(Reason.UNREADABLE, why)
        raise self._refused


def _more(length: int) -> int:
    """How many bytes of a length follow its first."""
    return length & 0x7F if length & 0x80 else 0
