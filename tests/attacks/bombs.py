"""Small inputs that cost much, or say what was never read: XML, CLIXML, fragments of a session and JSON, by what each does.

The XML is of two parts, what stands before the root and what stands inside it, so that it goes off in any place that takes XML.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

ELSEWHERE = b"http://elsewhere.invalid/"
"""Stands for a listener that must not be asked."""
SECRET_FILE = b"file:///secret"
"""Stands for a file that must not be read."""
MANY = 100_000
LONG = 200_000


class Xml(NamedTuple):
    inside: bytes = b""
    before: bytes = b""

    def within(self, around: bytes) -> bytes:
        return self.before + around.replace(b"%s", self.inside)


def declaring(*entities: bytes, inside: bytes) -> Xml:
    return Xml(inside, b"<!DOCTYPE a [" + b"".join(b"<!ENTITY " + entity + b">" for entity in entities) + b"]>")


XML: dict[str, Xml] = {
    "entities of entities": declaring(b'e0 "boom"', *(b'e%d "%s"' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12)), inside=b"&e11;"),
    "one entity many times": declaring(b'e "%s"' % (b"x" * MANY), inside=b"&e;" * MANY),
    "an entity of itself": declaring(b'a "&b;"', b'b "&a;"', inside=b"&a;"),
    "a file as entity": declaring(b'e SYSTEM "%s"' % SECRET_FILE, inside=b"&e;"),
    "a page as entity": declaring(b'e SYSTEM "%s"' % ELSEWHERE, inside=b"&e;"),
    "a page as parameter entity": declaring(b'%% e SYSTEM "%s">%%e;<!ENTITY f "f"' % ELSEWHERE, inside=b"&f;"),
    "a parameter entity that takes a file along": declaring(
        b'%% f SYSTEM "%s"' % SECRET_FILE, b"%% e \"<!ENTITY &#37; g SYSTEM '%s?%%f;'>\">%%e;%%g;<!ENTITY h 'h'" % ELSEWHERE, inside=b""
    ),
    "a page as document type": Xml(before=b'<!DOCTYPE a SYSTEM "%s">' % ELSEWHERE),
    "a document type without end": Xml(before=b"<!DOCTYPE a [" + b"<!ENTITY e 'e'>" * MANY),
    "attributes by document type": Xml(before=b"<!DOCTYPE a [<!ATTLIST a " + b"b CDATA 'c' " * 10_000 + b">]>"),
    "a file by XInclude": Xml(b'<i xmlns="http://www.w3.org/2001/XInclude"><include parse="text" href="%s"/></i>' % SECRET_FILE),
    "a page by XInclude": Xml(b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="%s"/>' % ELSEWHERE),
    "a page as style sheet": Xml(before=b'<?xml-stylesheet type="text/xsl" href="%s"?>' % ELSEWHERE),
    "a page as schema": Xml(
        b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a %s" i:noNamespaceSchemaLocation="%s"/>'
        % (ELSEWHERE, ELSEWHERE)
    ),
    "processing instructions": Xml(b"<?a b?>" * MANY),
    "one processing instruction": Xml(b"<?a " + b"b" * LONG + b"?>"),
    "elements in elements": Xml(b"<a>" * MANY + b"</a>" * MANY),
    "elements in elements without end": Xml(b"<a>" * MANY),
    "thousands of elements in elements": Xml(b"<a>" * 4000 + b"</a>" * 4000),
    "many elements": Xml(b"<a/>" * MANY),
    "many attributes": Xml(b"<a %s/>" % b" ".join(b'b%d="c"' % n for n in range(MANY))),
    "a long attribute": Xml(b'<a b="%s"/>' % (b"c" * LONG)),
    "an attribute twice": Xml(b'<a b="c" b="d"/>'),
    "a long name": Xml(b"<%s/>" % (b"a" * LONG)),
    "a long namespace on many elements": Xml(b'<a xmlns="%s">%s</a>' % (b"u" * 4000, b"<b/>" * 9000)),
    "a namespace in each element": Xml(b"".join(b'<a xmlns:n%d="u%d">' % (n, n) for n in range(5000)) + b"</a>" * 5000),
    "a prefix of no namespace": Xml(b"<a:b/>"),
    "comments": Xml(b"<!---->" * MANY),
    "a comment without end": Xml(b"<!--" + b"-" * MANY),
    "CDATA in pieces": Xml(b"<![CDATA[a]]>" * MANY),
    "a CDATA section without end": Xml(b"<![CDATA[" + b"]" * MANY),
    "a character that is none": Xml(b"&#0;&#xD800;&#x110000;"),
    "a character with a number of many digits": Xml(b"&#%s;" % (b"9" * MANY)),
    "an entity of nobody": Xml(b"&nobody;"),
    "NULs": Xml(b"\0" * MANY),
    "no UTF-8": Xml(b"\xff\xfe\xc0\x80\xed\xa0\x80"),
    "another encoding than it says": Xml(before=b'<?xml version="1.0" encoding="utf-16"?>'),
    "an encoding that hides tags": Xml(b"+ADw-S+AD4-", b'<?xml version="1.0" encoding="utf-7"?>'),
    "an encoding of nobody": Xml(before=b'<?xml version="1.0" encoding="%s"?>' % (b"x" * 4000)),
    "byte order marks": Xml(b"\xef\xbb\xbf" * MANY, b"\xef\xbb\xbf" * 3),
    "two roots": Xml(before=b"<a/>"),
    "a text of many characters": Xml(b"x" * LONG),
    "a tag without end": Xml(b"<" * 5000),
}


LITERAL = frozenset(
    {
        "a file by XInclude",
        "a page by XInclude",
        "a page as style sheet",
        "a page as schema",
        "a long namespace on many elements",
        "another encoding than it says",
        "an encoding that hides tags",
        "an encoding of nobody",
        "a text of many characters",
    }
)
"""What a reader that includes nothing, asks nobody and takes UTF-8 may take for what it literally says."""


def nested(tag: bytes, item: bytes) -> bytes:
    return (b'<Obj RefId="1"><%s>%s' % (tag, item)) * 20_000


CLIXML: dict[str, bytes] = {
    "a reference to itself": b'<Obj RefId="7" N="Message"><LST><Ref RefId="7"/></LST></Obj>',
    "references in a circle": b'<Obj RefId="7"><LST><Ref RefId="8"/></LST></Obj>'
    b'<Obj RefId="8" N="Message"><LST><Ref RefId="7"/></LST></Obj>',
    "a reference to nothing": b'<Ref N="Message" RefId="4711"/>',
    "a reference with a number of many digits": b'<Ref N="Message" RefId="%s"/>' % (b"9" * 4000),
    "lists of references": b"".join(
        b'<Obj RefId="%d" N="Message"><LST>%s</LST></Obj>' % (n, b'<Ref RefId="%d"/>' % (n - 1) * 10) for n in range(100)
    ),
    "a type that is referred to and nowhere told": b'<Obj N="Message" RefId="7"><TNRef RefId="4711"/><ToString>boom</ToString></Obj>',
    "a type of nobody": b'<Obj N="Message" RefId="7"><TN RefId="7"><T>Boom.Boom</T></TN><ToString>boom</ToString></Obj>',
    "types without end": b'<Obj N="Message" RefId="7"><TN RefId="7">%s</TN></Obj>' % (b"<T>a</T>" * 4000),
    "an element of nobody": b'<BOOM N="Message">boom</BOOM>',
    "lists in lists": nested(b"LST", b""),
    "dictionaries in dictionaries": nested(b"DCT", b'<En><S N="Key">k</S><Obj N="Value" RefId="2"><DCT>'),
    "a dictionary that is its own key": b'<Obj N="Message" RefId="7"><DCT><En><Ref N="Key" RefId="7"/>'
    b'<Ref N="Value" RefId="7"/></En></DCT></Obj>',
    "a secret": b'<SS N="Message">01000000d08c9ddf0115d1118c7a00c04fc297eb</SS>',
    "a script": b'<SBK N="Message">[Environment]::Exit(1)</SBK>',
    "a document in it": b'<XD N="Message">&lt;!DOCTYPE a [&lt;!ENTITY b SYSTEM "%s"&gt;]&gt;&lt;a&gt;&amp;b;&lt;/a&gt;</XD>' % ELSEWHERE,
    "an address": b'<URI N="Message">%s</URI>' % ELSEWHERE,
    "bytes that are no base64": b'<BA N="Message">%s</BA>' % (b"=" * MANY),
    "a time that is none": b'<DT N="Message">99999-13-32T25:61:61.0+99:99</DT>',
    "a span that is none": b'<TS N="Message">P%sD</TS>' % (b"9" * MANY),
    "a number of many digits": b'<I32 N="Message">%s</I32>' % (b"9" * MANY),
    "a number that is none": b'<Db N="Message">1e400</Db><Db N="Message">NaN</Db>',
    "a text inside a text": b'<S N="Message">a<S>b</S></S>',
    "a version of many digits": b'<Version N="Message">%s</Version>' % (b"9." * MANY),
}
"""What stands as message in the exception of an error record."""


def fragment(number: int, place: int, blob: bytes, identity: int = 1, length: int | None = None) -> bytes:
    return struct.pack(">QQBI", identity, number, place, len(blob) if length is None else length) + blob


START, END = 1, 2
_HEADER = struct.pack("<II", 1, 0x00041004) + bytes(32)
SAYS = _HEADER + b"<S>said</S>"
"""A message that is whole: an output."""

FRAGMENTS: dict[str, bytes] = {
    "a header that is cut": fragment(0, START | END, SAYS)[:20],
    "a blob that is cut": fragment(0, START | END, SAYS)[:-1],
    "a length of four gigabytes": fragment(0, START | END, SAYS, length=2**32 - 1),
    "a length of more than a kilobyte too much": fragment(0, START | END, SAYS, length=len(SAYS) + 1024),
    "a length of nothing and something behind it": fragment(0, START | END, SAYS, length=0),
    "a length that is too short": fragment(0, START | END, SAYS, length=len(SAYS) - 30),
    "the same number twice": fragment(0, START, SAYS[:50]) + fragment(0, START | END, SAYS[50:]),
    "a number left out": fragment(0, START, SAYS[:50]) + fragment(2, END, SAYS[50:]),
    "the last one first": fragment(1, END, SAYS[50:]) + fragment(0, START, SAYS[:50]),
    "the last number there is": fragment(2**64 - 1, START | END, SAYS),
    "a start in the middle": fragment(0, START, SAYS[:50]) + fragment(1, START | END, SAYS[50:]),
    "no start": fragment(0, END, SAYS),
    "neither start nor end": fragment(0, 0, SAYS),
    "a start that is not the first": fragment(5, START | END, SAYS),
    "a message of nothing": fragment(0, START | END, b""),
    "a message shorter than its header": fragment(0, START | END, _HEADER[:-1]),
    "a message without content": fragment(0, START | END, _HEADER),
    "rubbish": bytes(range(256)) * 400,
}
"""Bytes that are no message."""

UNFINISHED: dict[str, bytes] = {
    "fragments without end": b"".join(fragment(n, START if n == 0 else 0, b"x") for n in range(10_000)),
    "empty fragments without end": b"".join(fragment(n, START if n == 0 else 0, b"") for n in range(10_000)),
    "a message begun under each of many numbers": b"".join(fragment(0, START, b"x", identity) for identity in range(10_000)),
    "messages of kinds that nobody knows": b"".join(
        fragment(0, START | END, struct.pack("<II", 1, kind) + bytes(32) + b"<no xml", kind) for kind in range(10_000)
    ),
}
"""Bytes that are no message yet, or none that is looked at."""


def message(kind: int, xml: bytes) -> bytes:
    return fragment(0, START | END, struct.pack("<II", 1, kind) + bytes(32) + b"\xef\xbb\xbf" + xml, uuid.uuid4().int >> 65)


Value: TypeAlias = Callable[[bytes], bytes]

JSON: dict[str, bytes] = {
    "arrays in arrays": b"[" * MANY + b"]" * MANY,
    "objects in objects": b'{"a":' * MANY + b"1" + b"}" * MANY,
    "arrays without end": b"[" * MANY,
    "objects without end": b'{"a":' * MANY,
    "arrays and objects in turn": b'[{"a":' * MANY + b"1" + b"}]" * MANY,
    "a number of many digits": b"9" * MANY,
    "a negative number of many digits": b"-" + b"9" * MANY,
    "a fraction of many digits": b"0." + b"9" * MANY,
    "a number beyond all": b"1e400",
    "a number beyond all, written out": b"1" + b"0" * 400 + b".0",
    "an exponent of many digits": b"1e" + b"9" * MANY,
    "not a number": b"NaN",
    "infinite": b"-Infinity",
    "octal": b"0777",
    "many keys": b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(MANY)) + b"}",
    "keys that fall into one place": b"{" + b",".join(b'"%d":0' % (n * (2**61 - 1)) for n in range(1, 20_000)) + b"}",
    "a key twice": b'{"name":"a","name":"b"}',
    "a key of many characters": b'{"%s":1}' % (b"k" * LONG),
    "a key that is a property of all": b'{"__proto__":{"polluted":true},"constructor":1}',
    "many items": b"[" + b"0," * LONG + b"0]",
    "a text of many characters": b'"%s"' % (b"x" * LONG),
    "escapes": b'"%s"' % (b"\\u0000" * MANY),
    "half a character": b'"\\ud800"',
    "halves in the wrong order": b'"\\udc00\\ud800"',
    "an escape that is cut": b'"\\u12',
    "an escape of nobody": b'"\\x41"',
    "no UTF-8": b'"\xff\xfe\xc0\x80\xed\xa0\x80"',
    "a NUL": b'"a\0b"',
    "a byte order mark": b"\xef\xbb\xbf[]",
    "UTF-16": '"a"'.encode("utf-16"),
    "a text without end": b'"' + b"x" * MANY,
    "nothing": b"",
    "two values": b"[] []",
    "a comment": b"/* a */ []",
    "a comma too much": b"[1,]",
    "the wrong quotes": b"{'a':1}",
    "a time out of all calendars": b'"99999-13-32T25:61:61+99:99"',
    "base64 that is none": b'"====%s"' % (b"=" * MANY),
}
"""What stands in the place of a value."""
