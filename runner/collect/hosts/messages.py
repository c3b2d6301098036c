"""What a host sends in a session ([MS-PSRP] 2.2), as far as a visit looks at it: whether the session and the pipeline run, the texts that
a pipeline puts out, and of error records a few texts and numbers.

pypsrp would make objects of everything that comes, of any depth and with references among them, and would write them out as
text. Here nothing is made of what is not asked for, no reference to an object is followed, and each message is bounded
(runner.collect.hosts.elements).
"""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from checks.facts.fact import Reason
from checks.text import text
from runner.collect.hosts.elements import decoded, parsed
from runner.collect.hosts.signs import Failure, hexadecimal
from runner.collect.unread import Unread

_FRAGMENT = struct.Struct(">QQBI")
_HEADER = struct.Struct("<II16s16s")
_START, _END = 1, 2
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_CATEGORIES = {18: "PermissionDenied"}
"""Of System.Management.Automation.ErrorCategory, those that are signs."""


class Kind(IntEnum):
    """The messages that are looked at."""

    SESSION_CAPABILITY = 0x00010002
    RUNSPACEPOOL_STATE = 0x00021005
    PIPELINE_OUTPUT = 0x00041004
    ERROR_RECORD = 0x00041005
    PIPELINE_STATE = 0x00041006


class Message(NamedTuple):
    """A message and the root of its XML (CLIXML)."""

    kind: Kind
    root: ET.Element


def garbled() -> Unread:
    return Unread(Reason.UNREADABLE, text("a message of the session that does not read"))


class Messages:
    """Puts messages together from the fragments in which they come."""

    def __init__(self) -> None:
        self._begun: dict[int, list[bytes]] = {}

    def take(self, data: bytes) -> Iterator[Message]:
        """The messages that are whole with these fragments; those that nobody looks at are left out. Raises Unread."""
        start = 0
        while start < len(data):
            if len(data) < start + _FRAGMENT.size:
                raise garbled()
            identity, number, place, length = _FRAGMENT.unpack_from(data, start)
            start += _FRAGMENT.size
            blob = data[start : start + length]
            start += length
            parts = self._begun.setdefault(identity, [])
            if len(blob) != length or number != len(parts) or bool(place & _START) != (number == 0):
                raise garbled()
            parts.append(blob)
            if place & _END:
                yield from _message(b"".join(self._begun.pop(identity)))


def _message(data: bytes) -> Iterator[Message]:
    if len(data) < _HEADER.size:
        raise garbled()
    kind = _HEADER.unpack_from(data)[1]
    if kind not in set(Kind):
        return
    try:
        yield Message(Kind(kind), parsed(decoded(data[_HEADER.size :])))
    except ET.ParseError as error:
        raise garbled() from error


def member(element: ET.Element, name: str) -> ET.Element | None:
    """A member of an object by its name: one that it has (Props) or that was added (MS)."""
    return next((each for part in ("Props", "MS") for each in element.iterfind(f"{part}/*") if each.get("N") == name), None)


def said(element: ET.Element | None) -> str | None:
    """The text of a string, nothing for anything else. Raises Unread for half a character."""
    if element is None or element.tag not in ("S", "Version") or len(element):
        return None
    try:
        return (
            _ESCAPED.sub(lambda match: chr(int(match[1], 16)), element.text or "").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        )
    except UnicodeDecodeError as error:
        raise garbled() from error


def number(element: ET.Element | None) -> int | None:
    """The value of a number of 32 bits, nothing for anything else."""
    if element is None or element.tag != "I32" or not re.fullmatch(r"-?[0-9]{1,10}", element.text or ""):
        return None
    return int(element.text or "")


def state_of(root: ET.Element, name: str) -> int:
    """The state that a message tells. Raises Unread when it tells none."""
    state = number(member(root, name))
    if state is None:
        raise garbled()
    return state


def failure_in(root: ET.Element, name: str) -> Failure | None:
    """What the error record tells that a message holds; nothing when it holds none."""
    record = member(root, name)
    return None if record is None or record.tag != "Obj" else failure_of(record)


def failure_of(record: ET.Element) -> Failure:
    """What an error record tells. What is not in it stays empty."""
    exception = member(record, "Exception")
    exception = ET.Element("Nil") if exception is None else exception
    hresult = number(member(exception, "HResult"))
    return Failure(
        type=exception.findtext("TN/T", ""),
        id=said(member(record, "FullyQualifiedErrorId")) or "",
        category=_CATEGORIES.get(number(member(record, "ErrorCategory_Category")) or 0, ""),
        hresult="" if hresult is None else hexadecimal(hresult),
        text=said(member(exception, "Message")) or "",
    )
