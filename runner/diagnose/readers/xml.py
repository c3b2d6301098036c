"""Reads events as XML: Event Viewer's export, `wevtutil qe`, `ToXml()`, and what the event log file reader makes.

Each `<Event>` is cut out and parsed on its own: whatever stands around it (a root, a declaration, a document type, another event's
damage) is never interpreted, so a document type or an entity has nowhere to be declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from runner.diagnose.readers import text
from runner.diagnose.readers.entries import Entry, keep, number, utc
from runner.diagnose.readers.kept import ENTRY_LIMIT, Kept

DEPTH_LIMIT = 64

_BEGIN = re.compile(r"<Event[\s>]")
_END = "</Event>"
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY)")
_LONGEST_MARK = 16
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[0-8]|1[124-9]|2\d|3[01]|x0{0,4}(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));")


def read(chunks: Iterable[str], kept: Kept) -> None:
    """Keep what the events of an XML text tell; what is no whole event is searched for codes as text."""
    buffer = ""
    count = 0
    searched = 0
    for chunk in chunks:
        buffer += chunk
        while True:
            end = buffer.find(_END, max(0, searched - _LONGEST_MARK))
            if end < 0:
                break
            end += len(_END)
            count += 1
            _piece(buffer[:end], kept, count)
            buffer, searched = buffer[end:], 0
        searched = len(buffer)
        if len(buffer) > ENTRY_LIMIT:
            kept.odd("An entry is longer than {most} characters; it was only searched as text.", most=ENTRY_LIMIT)
            text.read((buffer[:-_LONGEST_MARK],), kept, place=f"after entry {count}", salvage=True)
            buffer, searched = buffer[-_LONGEST_MARK:], 0
    if _BEGIN.search(buffer):
        kept.odd("It ends in the middle of an entry; what was there of it was searched as text.")
    _around(buffer, kept, count)
    if not count:
        kept.odd("No whole <Event> was found in this XML.")


def event(source: str, where: str) -> Entry:
    """One event from its XML. Raises ValueError where it cannot be read."""
    deep = source.count("</") + source.count("/>") > DEPTH_LIMIT
    parser = XMLParser(target=_Bounded() if deep else TreeBuilder())  # noqa: S314 - what begins with <Event cannot declare a document type
    try:
        parser.feed(legal(source).encode("utf-8", "replace"))
        root = parser.close()
    except ParseError as error:
        raise ValueError(str(error)) from None
    values: list[tuple[str, str]] = []
    system: Element | None = None
    message = ""
    for part in root:
        match _local(part):
            case "System":
                system = part
            case "RenderingInfo":
                message = next((child.text or "" for child in part if _local(child) == "Message"), "")
            case _:
                values += ((leaf.get("Name") or _local(leaf), (leaf.text or "").strip()) for leaf in part.iter() if not len(leaf))
    fields = {} if system is None else {_local(child): child for child in system}
    return Entry(
        where=where,
        id=number(_text(fields, "EventID")),
        channel=_text(fields, "Channel"),
        provider=_attribute(fields, "Provider", "Name"),
        computer=_text(fields, "Computer"),
        time=utc(_attribute(fields, "TimeCreated", "SystemTime")),
        message=message,
        values=tuple((name if name not in ("Data", "Binary") else "", value) for name, value in values if value),
    )


def legal(source: str) -> str:
    """XML in which control characters, which data of events can hold and XML cannot, are replaced."""
    source = _CONTROL.sub("\ufffd", source)
    return _REFERENCE.sub("\ufffd", source) if "&#" in source else source


def _piece(piece: str, kept: Kept, count: int) -> None:
    """A stretch of the file that ends with an event: the last `<Event` in it begins that event."""
    begin = max((match.start() for match in _BEGIN.finditer(piece)), default=-1)
    if begin != 0:
        _around(piece[:begin] if begin > 0 else piece, kept, count)
    if begin < 0:
        return
    try:
        keep(kept, event(piece[begin:], f"{kept.name}, entry {count}"))
    except ValueError as error:
        kept.odd("Entry {count} is damaged ({problem}); it was searched as text.", count=count, problem=str(error))
        text.read((piece[begin:],), kept, place=f"entry {count}", salvage=True)


def _around(rest: str, kept: Kept, count: int) -> None:
    """What stands between events: nothing but roots and blanks in a whole file."""
    if _DECLARATION.search(rest):
        kept.odd("It declares a document type or entities, which are not read.")
    if len(rest) > 256 or _BEGIN.search(rest):
        text.read((rest,), kept, place=f"after entry {count}", salvage=True)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(fields: dict[str, Element], name: str) -> str:
    return (fields[name].text or "").strip() if name in fields else ""


def _attribute(fields: dict[str, Element], name: str, attribute: str) -> str:
    return fields[name].get(attribute, "") if name in fields else ""


class _Bounded(TreeBuilder):
    """Builds no tree that is deeper than any event is; for what has more elements than that."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise ValueError(f"nested deeper than {DEPTH_LIMIT} elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
