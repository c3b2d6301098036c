"""Distinguished names: compared as their normalized parts, written with the escapes of RFC 4514."""

from __future__ import annotations

import re
from typing import TypeAlias

Dn: TypeAlias = tuple[str, ...]
"""The parts from the object up to the root, each `type=value` in lower case without escapes. The root is ()."""

_PART = re.compile(r"\s*([A-Za-z][\w-]*|\d+(?:\.\d+)*)\s*=((?:[^\\,+]|\\.)*)(?:,|$)", re.DOTALL)
_ESCAPES = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)


def parse(text: str) -> Dn:
    """The normalized name. Raises ValueError for a text that is no name (a part with several values is none here)."""
    return tuple(f"{kind}={value}".casefold() for kind, value in _parts(text))


def first_value(text: str) -> str:
    """The value of the first part in its own spelling. Raises ValueError."""
    return _parts(text)[0][1]


def _parts(text: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            raise ValueError(f"not a distinguished name: {text!r}")
        parts.append((found[1], _unescaped(found[2])))
        position = found.end()
    return parts


def _unescaped(value: str) -> str:
    def plain(found: re.Match[bytes]) -> bytes:
        return bytes.fromhex(found[1].decode()) if len(found[1]) == 2 else found[1]

    bare = value.strip(" ")
    ends_escaped = (len(bare) - len(bare.rstrip("\\"))) % 2 == 1
    return _ESCAPES.sub(plain, f"{bare} ".encode() if ends_escaped else bare.encode()).decode()


def escape(value: str) -> str:
    """A value as it stands in a name."""
    escaped = re.sub(r'([\\,+"<>;=#])', r"\\\1", value).replace("\0", r"\00").replace("\r", r"\0D").replace("\n", r"\0A")
    if escaped.startswith(" "):
        escaped = "\\" + escaped
    return escaped[:-1] + "\\ " if value.endswith(" ") and len(value) > 1 else escaped


def child(kind: str, value: str, parent: str) -> str:
    """The name of an object below another one: `child("CN", "TESTSERVER01", "CN=Computers,DC=contoso,DC=test")`."""
    return f"{kind}={escape(value)},{parent}"


def of_domain(dns_name: str) -> str:
    """contoso.test → DC=contoso,DC=test"""
    return ",".join(f"DC={escape(label)}" for label in dns_name.split("."))


def domain_of(name: Dn) -> str:
    """The DNS name that the parts of type DC spell: the domain that a name says it belongs to."""
    return ".".join(part[3:] for part in name if part.startswith("dc="))
