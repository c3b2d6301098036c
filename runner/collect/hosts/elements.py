"""XML that a host sends, bounded before and while it is parsed: how large, how many elements, how deep. Without document type, so without
entities."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checks.facts.fact import Reason
from checks.text import Text, text
from runner.collect.unread import Unread

MOST_TAGS = 10_000
LONGEST_TAG = 4096
"""Bounds also the names, which the parser writes out with their namespace for each element and attribute."""
DEEPEST = 64


class Overgrown(Unread):
    """XML that no Windows sends."""

    def __init__(self, why: Text) -> None:
        super().__init__(Reason.UNREADABLE, why)


class _Shallow(ET.TreeBuilder):
    depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Overgrown(text("XML with elements more than {deep} deep", deep=DEEPEST))
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self.depth -= 1
        return super().end(tag)


def decoded(content: bytes) -> str:
    """The text of XML in UTF-8, whatever it says of its own encoding. Raises Overgrown for what `parsed` would not take."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.count(b"<") > MOST_TAGS:
        raise Overgrown(text("XML with more than {tags} tags", tags=MOST_TAGS))
    try:
        xml = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Overgrown(text("XML that is not UTF-8")) from error
    for piece in xml.split("<")[1:]:
        if piece.startswith("!"):
            raise Overgrown(text("XML with a document type, a comment or a CDATA section"))
        if piece.find(">", 0, LONGEST_TAG) < 0:
            raise Overgrown(text("XML with a tag of more than {characters} characters", characters=LONGEST_TAG))
    return xml


def parsed(xml: str) -> ET.Element:
    """The root element of a text that `decoded` gave. Raises Overgrown, and ParseError for what is no XML."""
    parser = ET.XMLParser(target=_Shallow())  # noqa: S314 - without document type there are no entities
    parser.feed(xml)
    root: ET.Element = parser.close()
    return root
