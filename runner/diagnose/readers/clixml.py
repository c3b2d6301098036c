"""Reads CLIXML (MS-PSRP, section 2.2.5): `Export-Clixml`, `ConvertTo-CliXml`, and what `powershell -OutputFormat XML` writes.

Objects of events become entries; the strings of everything else, error streams above all, are read as text.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, pairwise
from xml.parsers import expat

from runner.diagnose.readers import text
from runner.diagnose.readers.entries import Entry, keep, number, utc
from runner.diagnose.readers.kept import ENTRY_LIMIT, Kept
from runner.diagnose.readers.xml import legal

DEPTH_LIMIT = 100

_MARK = "#< CLIXML"
_DECLARATION = re.compile(r"\s*<\?xml[^<>]{0,200}\?>")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TAG = re.compile(r"<[^<>]{0,400}>")
_LISTS = frozenset({"LST", "IE", "STK", "QUE"})
_MEMBERS = frozenset({"Props", "MS"})
_SCALARS = frozenset({"S", "B", "I32", "I64", "U32", "U64", "I16", "U16", "DT", "ToString"})


class _Refused(Exception):
    """Something that no CLIXML has."""


class _Node:
    """An element: its tag, its name (attribute N) and stream (attribute S), its own text and what is inside."""

    __slots__ = ("inside", "name", "stream", "tag", "texts")

    def __init__(self, tag: str, name: str = "", stream: str = "") -> None:
        self.tag = tag
        self.name = name
        self.stream = stream
        self.texts: list[str] = []
        self.inside: list[_Node] = []

    @property
    def text(self) -> str:
        return unescaped("".join(self.texts))


def read(chunks: Iterable[str], kept: Kept) -> None:
    """Keep what the objects tell; after damage the rest is searched for codes as text."""
    source = iter(_unmarked(chunks))
    parser = _Parser(kept)
    for chunk in source:
        try:
            parser.feed(chunk)
        except (expat.ExpatError, _Refused) as error:
            kept.odd(
                "It is damaged after entry {count} ({problem}); the rest was searched as text.", count=parser.count, problem=str(error)
            )
            text.read(_as_text(parser.open_text(), chain((chunk,), source)), kept, place=f"after entry {parser.count}", salvage=True)
            return
    parser.close()
    if parser.is_open:
        kept.odd("It ends in the middle of an entry, after entry {count}; what was there of it was searched as text.", count=parser.count)
        text.read((parser.open_text(),), kept, place=f"after entry {parser.count}", salvage=True)
    parser.flush()


def unescaped(string: str) -> str:
    """A string of CLIXML with its `_xHHHH_` resolved; halves of surrogate pairs are left out."""
    if "_x" not in string:
        return string
    return _ESCAPE.sub(lambda match: "" if 0xD800 <= int(match[1], 16) < 0xE000 else chr(int(match[1], 16)), string)


def _as_text(read_before: str, rest: Iterable[str]) -> Iterator[str]:
    yield read_before + "\n"
    yield from (_TAG.sub(" ", unescaped(piece)) for piece in rest)


def _unmarked(chunks: Iterable[str]) -> Iterator[str]:
    """The text without its XML declaration and without the marks that PowerShell puts before each document."""
    rest, begun = "", False
    for chunk in chunks:
        rest = (rest + chunk).replace(_MARK, " " * len(_MARK))
        if not begun:
            declaration = _DECLARATION.match(rest)
            rest, begun = rest[declaration.end() if declaration else 0 :], True
        yield rest[: -len(_MARK)]
        rest = rest[-len(_MARK) :]
    yield rest


class _Parser:
    """Parses one document or several under a root of its own; hands over each outermost object and each member of an outermost list."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self.count = 0
        self._stack: list[_Node] = []
        self._size = 0
        self._stream: list[str] = []
        self._expat = expat.ParserCreate("utf-8")
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.Parse(b"<documents>", False)

    @property
    def is_open(self) -> bool:
        return len(self._stack) > 1

    def feed(self, chunk: str) -> None:
        """Parse a further piece. Raises ExpatError or _Refused."""
        self._expat.Parse(legal(chunk).encode("utf-8", "replace"), False)

    def close(self) -> None:
        """Take what the parser still holds back."""
        with suppress(expat.ExpatError):
            self._expat.Parse(b"", True)

    def open_text(self) -> str:
        """What the objects that have not ended hold so far."""
        apart = (node for parent, node in pairwise(self._stack) if not parent.inside or parent.inside[-1] is not node)
        return "\n".join(line for node in apart for line in _flat(node))

    def flush(self) -> None:
        """Read what the error and other streams had, as one text."""
        if self._stream:
            text.read(("".join(self._stream),), self._kept, place=f"entry {self.count}")
            self._stream = []

    def _doctype(self, *_: object) -> None:
        raise _Refused("it declares a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._stack) > DEPTH_LIMIT:
            raise _Refused(f"nested deeper than {DEPTH_LIMIT} elements")
        node = _Node(tag, unescaped(attributes.get("N", "")), attributes.get("S", ""))
        self._size += 1 + len(node.name)
        if len(self._stack) > 1 and self._size < ENTRY_LIMIT // 8 and not self._outermost():
            self._stack[-1].inside.append(node)
        self._stack.append(node)

    def _characters(self, data: str) -> None:
        if self._stack[-1].tag in _SCALARS and self._size < ENTRY_LIMIT:
            self._size += len(data)
            self._stack[-1].texts.append(data)

    def _end(self, _tag: str) -> None:
        node = self._stack.pop()
        if self._outermost():
            self._size = 0
            self.count += 1
            self._hand_over(node)

    def _outermost(self) -> bool:
        """Is what begins or ended under the open elements an object of its own."""
        tags = [node.tag for node in self._stack[:5]]
        return tags == ["documents", "Objs"] or (tags[:3] == ["documents", "Objs", "Obj"] and len(tags) == 4 and tags[3] in _LISTS)

    def _hand_over(self, node: _Node) -> None:
        where = f"entry {self.count}"
        if node.stream:
            self._stream.append(node.text)
            if sum(map(len, self._stream[-64:])) > 1 << 14 or len(self._stream) > 1 << 10:
                self.flush()
            return
        self.flush()
        if entry := _entry(node, f"{self._kept.name}, {where}"):
            keep(self._kept, entry)
        elif lines := "\n".join(_flat(node)):
            self._kept.told.gap()
            text.read((lines,), self._kept, place=where, salvage=node.tag != "S")


def _entry(node: _Node, where: str) -> Entry | None:
    """An event as Get-WinEvent makes it; nothing for any other object."""
    members = {member.name: member for part in node.inside if part.tag in ("Props", "MS") for member in part.inside if member.name}
    text_of = {name: member.text for name, member in members.items()}
    number_ = number(text_of.get("Id"))
    if number_ is None or not ("LogName" in members or "ProviderName" in members):
        return None
    properties = members.get("Properties", _Node(""))
    return Entry(
        where=where,
        id=number_,
        channel=text_of.get("LogName", ""),
        provider=text_of.get("ProviderName", ""),
        computer=text_of.get("MachineName", ""),
        time=utc(text_of.get("TimeCreated")),
        message=text_of.get("Message", ""),
        values=tuple(("", leaf.text) for leaf in _leaves(properties) if leaf.name == "Value" and leaf.texts),
    )


def _leaves(node: _Node) -> Iterator[_Node]:
    """The scalars inside an element, in order, without recursion."""
    left = [node]
    while left:
        node = left.pop()
        if node.tag in _SCALARS:
            yield node
        left += reversed(node.inside)


def _flat(node: _Node) -> Iterator[str]:
    """The scalars inside an element as lines `name: value`. An object with members that is inside another one stands after it, apart."""
    objects = deque([(node, node.name)])
    while objects:
        outermost = objects[0][0]
        left = [objects.popleft()]
        while left:
            node, name = left.pop()
            if node is not outermost and any(each.tag in _MEMBERS for each in node.inside):
                objects.append((node, name))
                continue
            if node.tag in _SCALARS and node.texts:
                yield f"{name}: {node.text}" if name else node.text
            left += reversed([(each, _name_of(each, node, name)) for each in node.inside])
        if objects:
            yield ""


def _name_of(inside: _Node, node: _Node, name: str) -> str:
    """What a part of an element is called: what it prints as and the members of a list as the element."""
    if inside.tag == "ToString":
        return node.name
    return inside.name or (name if _LISTS & {inside.tag, node.tag} else "")
