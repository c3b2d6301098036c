"""Writes small event log files (.evtx): one header, one chunk, records of plain binary XML without templates.

The layout is Joachim Metz's "Windows XML Event Log (EVTX)": names stand where they are first used, values are UTF-16 strings.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
Attributes = Mapping[str, str]
Node = tuple[str, Attributes, "Sequence[Node] | str"]

_STRINGS_END = 512


def event(number: int, channel: str, computer: str, data: Mapping[str, str], *, provider: str, time: str) -> Node:
    """The tree of an event with user data of Hyper-V's kind."""
    system: list[Node] = [
        ("Provider", {"Name": provider}, ""),
        ("EventID", {}, str(number)),
        ("TimeCreated", {"SystemTime": time}, ""),
        ("Channel", {}, channel),
        ("Computer", {}, computer),
    ]
    user: list[Node] = [(name, {}, value) for name, value in data.items()]
    return ("Event", {"xmlns": NAMESPACE}, [("System", {}, system), ("UserData", {}, [("VmlEventLog", {}, user)])])


def log(events: Sequence[Node]) -> bytes:
    """A whole file with these events as records 1, 2, …."""
    chunk = bytearray(_STRINGS_END)
    last = 0
    for number, root in enumerate(events, 1):
        last = len(chunk)
        body = bytearray()
        begin = last + 24
        body += b"\x0f\x01\x01\x00"
        _element(body, begin, root)
        body += b"\x00"
        size = 24 + len(body) + 4
        padding = -size % 8
        chunk += struct.pack("<4sIQQ", b"**\0\0", size + padding, number, 132_000_000_000_000_000) + body + b"\0" * padding
        chunk += struct.pack("<I", size + padding)
    free = len(chunk)
    records = zlib.crc32(chunk[_STRINGS_END:])
    struct.pack_into("<8sQQQQIIII", chunk, 0, b"ElfChnk\0", 1, len(events), 1, len(events), 128, last, free, records)
    struct.pack_into("<I", chunk, 124, zlib.crc32(bytes(chunk[:120]) + bytes(chunk[128:512])))
    head = struct.pack("<8sQQQIHHHH76x", b"ElfFile\0", 0, 0, len(events) + 1, 128, 1, 3, 4096, 1)
    header = (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(4096, b"\0")
    return header + bytes(chunk).ljust(65536, b"\0")


def _element(out: bytearray, begin: int, node: Node) -> None:
    tag, attributes, content = node
    out += b"\x41" if attributes else b"\x01"
    size_at = len(out)
    out += b"\0\0\0\0"
    _name(out, begin, tag)
    if attributes:
        list_at = len(out)
        out += b"\0\0\0\0"
        for position, (name, value) in enumerate(attributes.items(), 1):
            out += b"\x46" if position < len(attributes) else b"\x06"
            _name(out, begin, name)
            _value(out, value)
        struct.pack_into("<I", out, list_at, len(out) - list_at - 4)
    out += b"\x02"
    if isinstance(content, str):
        _value(out, content)
    else:
        for child in content:
            _element(out, begin, child)
    out += b"\x04"
    struct.pack_into("<I", out, size_at, len(out) - size_at - 4)


def _name(out: bytearray, begin: int, name: str) -> None:
    """A name's place in the chunk, and there, right behind, the name itself."""
    hashed = 0
    for character in name:
        hashed = (hashed * 65599 + ord(character)) & 0xFFFFFFFF
    out += struct.pack("<I", begin + len(out) + 4)
    out += struct.pack("<IHH", 0, hashed & 0xFFFF, len(name)) + name.encode("utf-16-le") + b"\0\0"


def _value(out: bytearray, value: str) -> None:
    out += b"\x05\x01" + struct.pack("<H", len(value)) + value.encode("utf-16-le")
