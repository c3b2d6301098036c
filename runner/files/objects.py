"""Objects of PowerShell that somebody saved or copied: as JSON, as CLIXML, as a list or as a table of the console. Names of properties are
the same in every language of Windows; everything else is a value.

An object is a dict, a list of them a list, everything else a text, a number or nothing. What is in another form than that raises Damaged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any, TypeAlias
from xml.parsers import expat

from checks.text import Text, text
from runner.diagnose.readers.clixml import unescaped
from runner.diagnose.readers.xml import legal

Object: TypeAlias = dict[str, Any]

DEPTH_LIMIT = 100
VALUE_LIMIT = 1 << 20
"""Values in one file."""
LONGEST = 20_000
"""Characters of a value that goes on over several lines of a list or a table. What is longer ends with the sign of an ellipsis."""

_CLIXML = re.compile(r"\s*(?:#< CLIXML|<\?xml|<Objs[\s>])")
_JSON = re.compile(r'\s*(?:\[\s*(?:[\[{"\]]|\Z)|\{\s*(?:["}]|\Z))')
_DECLARATION = re.compile(r"<\?xml[^<>]{0,200}\?>")
_BLANK = re.compile(r"\s*")
_LABEL = re.compile(r"([ \t#>|]*)([A-Za-z]\w{0,40})[ \t]*:(?:[ \t]|\Z)")
_DASHES = re.compile(r"-+")
_RULE = re.compile(r"[ \t#>|]*-+(?:[ \t]+-+)*[ \t]*")
_LISTS = frozenset({"LST", "IE", "STK", "QUE"})
_CONTAINERS = frozenset({"Props", "MS"})
_TYPES = frozenset({"TN", "TNRef"})


class Damaged(Exception):
    """What cannot be read of it; a part of a sentence."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def objects(content: str, wanted: Collection[str], beside: Collection[str]) -> Iterator[Object]:
    """The objects that a text holds, in its order; of lists and tables those that have a property that is wanted. A list begins with one
    of these or of those beside them. Raises Damaged."""
    if _CLIXML.match(content):
        yield from _outermost(_Clixml().read(content))
    elif _JSON.match(content):
        yield from _outermost(_json(content))
    else:
        yield from (item for item in _shown(content, wanted, {*wanted, *beside}) if not item.keys().isdisjoint(wanted))


def _outermost(value: Any) -> Iterator[Object]:
    """The objects in lists, and in the wrapper that Windows PowerShell puts around a list."""
    left, count = [value], 0
    while left:
        item, count = left.pop(), count + 1
        if count + len(left) > VALUE_LIMIT:
            raise Damaged(text("it holds too many values"))
        if isinstance(item, list):
            left += reversed(item)
        elif isinstance(item, dict):
            inner = unwrapped(item)
            if inner is item:
                yield item
            else:
                left.append(inner)


def unwrapped(value: Any) -> Any:
    """A list without the object `{"value": [...], "Count": n}` that Windows PowerShell writes around it."""
    if isinstance(value, dict) and value.keys() <= {"value", "Count"} and isinstance(value.get("value"), list):
        return value["value"]
    return value


# --- JSON -----------------------------------------------------------------------------------------------------------


def _json(content: str) -> list[Any]:
    """One JSON text, or several one after the other."""
    found: list[Any] = []
    decoder = json.JSONDecoder()
    position = _after_blank(content, 0)
    try:
        while position < len(content):
            value, position = decoder.raw_decode(content, position)
            found.append(value)
            position = _after_blank(content, position)
    except RecursionError as error:
        raise Damaged(text("it is nested too deep")) from error
    except ValueError as error:
        raise Damaged(text("it is no whole JSON")) from error
    return found


def _after_blank(content: str, position: int) -> int:
    match = _BLANK.match(content, position)
    return match.end() if match else position


# --- CLIXML (MS-PSRP, section 2.2.5) ----------------------------------------------------------------------------------


class _Open:
    """An element that has not ended."""

    __slots__ = ("inside", "name", "reference", "tag", "texts")

    def __init__(self, tag: str, name: str, reference: str) -> None:
        self.tag, self.name, self.reference = tag, name, reference
        self.texts: list[str] = []
        self.inside: list[tuple[str, str, Any]] = []
        """Tag, name and value of what is in it."""


class _Clixml:
    def __init__(self) -> None:
        self._count = 0
        self._stack = [_Open("", "", "")]
        self._known: dict[str, Any] = {}
        self._parser = expat.ParserCreate("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, content: str) -> list[Any]:
        """The outermost objects of all documents in a text."""
        bare = _DECLARATION.sub("", content.replace("#< CLIXML", "", 1), count=1)
        try:
            self._parser.Parse(f"<documents>{legal(bare)}</documents>".encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            raise Damaged(text("it is no whole CLIXML")) from error
        (_, _, documents), *_ = self._stack[0].inside
        return documents if isinstance(documents, list) else []

    def _doctype(self, *_: object) -> None:
        raise Damaged(text("it declares a document type"))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > VALUE_LIMIT:
            raise Damaged(text("it holds too many values"))
        if len(self._stack) > DEPTH_LIMIT:
            raise Damaged(text("it is nested too deep"))
        self._stack.append(_Open(tag, unescaped(attributes.get("N", "")), attributes.get("RefId", "")))

    def _characters(self, data: str) -> None:
        self._stack[-1].texts.append(data)

    def _end(self, tag: str) -> None:
        element = self._stack.pop()
        value = self._value(element)
        if element.reference and tag == "Obj":
            self._known[element.reference] = value
        self._stack[-1].inside.append((tag, element.name, value))

    def _value(self, element: _Open) -> Any:
        if element.tag in ("documents", "Objs") or element.tag in _LISTS:
            return [value for tag, _, value in element.inside if tag not in _TYPES]
        if element.tag in _CONTAINERS:
            return {name: value for _, name, value in element.inside if name}
        if element.tag == "Ref":
            return self._known.get(element.reference)
        if element.tag == "Nil":
            return None
        if element.tag == "Obj":
            return _of_object(element)
        return unescaped("".join(element.texts))


def _of_object(element: _Open) -> Any:
    """A list, the properties, or as the last what ToString says."""
    members: Object = {}
    said: Any = None
    for tag, _, value in element.inside:
        if tag in _LISTS:
            return value
        if tag in _CONTAINERS:
            members |= value
        elif tag not in _TYPES:
            said = value
    return members or said


# --- lists and tables of the console ------------------------------------------------------------------------------------


def _shown(content: str, wanted: Collection[str], first: Collection[str]) -> Iterator[Object]:
    lines = [line.rstrip("\r") for line in content.split("\n")]
    block: Object = {}
    indent, last, position = "", "", 0
    while position < len(lines):
        line = lines[position]
        label = _LABEL.match(line)
        if _is_table(lines, position, wanted):
            if block:
                yield block
            block, last = {}, ""
            rows, position = _table(lines, position)
            yield from rows
            continue
        position += 1
        if label and (last or label[2] in first) and (not last or label[1] == indent):
            if label[2] in block:
                yield block
                block = {}
            indent, last = label[1], label[2]
            block[last] = line[label.end() :].strip()
        elif last and line[:1] in (" ", "\t") and line.strip():
            block[last] = _further(block[last], line.strip())
        elif block:
            yield block
            block, last = {}, ""
    if block:
        yield block


def _is_table(lines: list[str], position: int, wanted: Collection[str]) -> bool:
    """Does a heading with a column that is wanted stand here, with its rule below."""
    below = lines[position + 1] if position + 1 < len(lines) else ""
    return _RULE.fullmatch(below) is not None and any(word in wanted for word in lines[position].split())


def _table(lines: list[str], position: int) -> tuple[list[Object], int]:
    """The rows of a table up to a blank line, and where it ends. A row that goes on in the next line is one row."""
    heading, rule = lines[position], lines[position + 1]
    spans = [match.span() for match in _DASHES.finditer(rule)]
    names = [heading[begin:end].strip() for begin, end in spans]
    rows: list[Object] = []
    position += 2
    while position < len(lines) and lines[position].strip(" \t#>|"):
        row = {}
        for number, (begin, end) in enumerate(spans):
            until = spans[number + 1][0] if number + 1 < len(spans) else None
            whole = lines[position][begin:until]
            exact = lines[position][begin:end].strip()
            row[names[number]] = exact if exact.isdecimal() else whole.strip()
        begun = row[names[0]]
        if rows and len(spans) > 1 and len(lines[position].rstrip()) <= spans[1][0] and not begun.isdecimal():
            rows[-1][names[0]] = _further(rows[-1][names[0]], begun)
        else:
            rows.append(row)
        position += 1
    return rows, position


def _further(before: str, more: str) -> str:
    """A value with what its next line adds."""
    if before.endswith("…"):
        return before
    return f"{before} {more}".strip() if len(before) < LONGEST else f"{before} …"
