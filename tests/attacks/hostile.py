"""Plans and snapshots in which hosts, directories and people say what a terminal, a page or a shell would obey.

A file is made from one in which nothing is odd: texts are replaced wherever the types of a plan and a snapshot have a text, so that the
text of a new fact is among them by itself. The same number gives the same file, and with HARMLESS instead of HOSTILE its twin: letters
stand where something special stood, and everything else is equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import inspect

from checks.facts.fact import Known
from checks.facts.snapshot import Snapshot
from checks.mistake import Mistake
from checks.plan import Plan
from checks.windows.names import HostName
from runner.files.plan import PlanFile, read_plan
from runner.files.snapshot import decode
from tests.reports.worlds import worlds
from tests.world import AT

HOSTILE = (
    # what a terminal obeys, and what hides or turns text around
    "\x1b[2J\x1b[31mred",
    "\x1b]0;owned\x07",
    "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x9b31m\x9d0;owned\x9c",
    "\x1bP+q544e\x1b\\ \x1b(0 \x1bc",
    "a\x08\x08\x7fb\x0bc\x0cd",
    "safe\u202egpj.exe\u202c\u2066x\u2069",
    "a\u200bb\u200fc\u2060d\ufeffe\u00adf\u180eg\u061ch",
    "tag\U000e0041\U000e007f note\U0001d173",
    "line\r\nVerdict: GO",
    "line\u2028Verdict: GO\u2029next\x85last",
    "nul\x00end",
    # markup
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "<!--<script>",
    "--></style></title></textarea><svg onload=alert(3)>",
    "]]></text></svg><iframe srcdoc='<b>'>",
    '"><a href="javascript:alert(4)">x</a>',
    "' onmouseover='alert(5)' style='x:y",
    '" autofocus onfocus="alert(6)" x="',
    "javascript:alert(7)//",
    "&lt;b&gt;&#60;b&#62;&amp;",
    "{{ 7*7 }}{% include 'x' %}{# x #}",
    # spreadsheets and format strings
    '=HYPERLINK("http://evil.example";"x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-1 {0} {vm} {what.__class__} %s %n ${jndi:ldap://x}",
    # Markdown
    "[x](javascript:alert(8)) ![y](http://evil.example/y.png)",
    "<http://evil.example> www.evil.example @somebody #1",
    "x\n\n# Heading\n\n- item\n\n> quote",
    "``` ```` ~~~ `code` **bold** __x__ ~~x~~ | a | b |\\",
    # PowerShell
    "'; Remove-Item C:\\ -Recurse; '",
    "\u2019; Stop-Computer; \u2018 \u201a; x \u201b; y",
    '"; Stop-Computer; \u201c$x\u201d \u201e',
    "$(Stop-Computer) `$x ${env:x} @(1) &{x} |iex",
    "x\n'@\n@'\n\"@\n@\"\n# --- code ---\nStop-Computer",
    "#> <# Stop-Computer",
    "; Stop-Computer # ",
    # directories, files, size
    "*)(objectClass=*))(|(cn=\\2a",
    "../../etc/passwd",
    "..\\..\\CON",
    "NUL.txt::$DATA",
    "CON",
    "W" * 3000,
)
LONE = "\ud800lone"
"""Half a character, which is in no text that a reader takes."""

KEPT = " ./\\@=,:-"
"""What has a meaning in names, paths, addresses and principals. It stays in the twins, whose facts mean the same then."""

_SPECIAL = dict.fromkeys(c for c in "".join(HOSTILE) if c not in KEPT and not (c.isascii() and c.isalnum()))
_LETTERS = {ord(c): chr(0x4E00 + number) for number, c in enumerate(_SPECIAL)}
HARMLESS = tuple(word.translate(_LETTERS) for word in HOSTILE)

PLAN, SNAPSHOT = inspect.type_info(PlanFile), inspect.type_info(Snapshot)
KEPT_FIELDS = ("format",)
"""Without it a file is nothing of ours."""
KEPT_NAMES = ("testserver01", "testserver02", "testserver01.contoso.test", "testserver02.contoso.test", "contoso.test")
"""Mostly left as they are: of a host that nobody knows not much is said."""

SOURCES = 20
"""So many facts say where they were read, as all of a real snapshot do."""

Tree: TypeAlias = Any
NOW = AT + timedelta(hours=1)


class Refused(Exception):
    """What the readers say of files that they do not take."""


class Files(NamedTuple):
    """A plan and a snapshot as trees, as they stand in TOML and JSON. `places` are the texts of their types that a word was put into."""

    plan: Tree
    snapshot: Tree
    places: frozenset[str]

    def read(self, folder: Path) -> tuple[Plan, Snapshot]:
        """What the program's own readers make of it. Raises Refused."""
        path = folder / "plan.toml"
        path.write_bytes("".join(f"{name} = {_toml(value)}\n" for name, value in self.plan.items()).encode("utf-8", "surrogatepass"))
        try:
            return read_plan(path)[0], decode(json.dumps(self.snapshot).encode(), "snapshot.json", NOW)
        except Mistake as mistake:
            raise Refused(str(mistake)) from mistake


def files(number: int, words: tuple[str, ...]) -> Files:
    """The files with this number, in which some texts are one of these words or hold one."""
    random = Random(number)
    plan, snapshot = random.choice(_bases())
    write = _Writer(random, words)
    return Files(write.put(PLAN, plan, ""), write.put(SNAPSHOT, snapshot, ""), frozenset(write.places))


def texts(kind: inspect.Type, place: str = "", above: tuple[inspect.Type, ...] = ()) -> Iterator[str]:
    """Every text of a type, as `Class.field`; what stands in a fact is called after the fact."""
    if kind in above:
        return
    above = (*above, kind)
    match kind:
        case inspect.StrType() | inspect.CustomType():
            yield place
        case inspect.UnionType(types=kinds):
            for each in kinds:
                yield from texts(each, place, above)
        case inspect.VarTupleType(item_type=item):
            yield from texts(item, place, above)
        case inspect.DictType(key_type=key, value_type=value):
            yield from (*texts(key, f"{place} key", above), *texts(value, place, above))
        case inspect.StructType(fields=fields):
            for field in fields:
                yield from texts(field.type, _place(kind, field, place), above)


def _place(kind: inspect.StructType, field: inspect.Field, place: str) -> str:
    return place if getattr(kind.cls, "__origin__", None) is Known else f"{kind.cls.__name__}.{field.name}"


class _Writer:
    """Writes words into a tree. Texts that are equal, whatever their case, stay equal."""

    def __init__(self, random: Random, words: tuple[str, ...]) -> None:
        self.random = random
        self.words = words
        self.places: set[str] = set()
        self.share = random.choice((0.03, 0.1, 0.3, 0.6))
        self.grown = random.choice((0, 0.05, 0.2))
        self.instead: dict[str, str] = {name: "" for name in KEPT_NAMES if random.random() < 0.95}

    def put(self, kind: inspect.Type, value: Tree, place: str) -> Tree:
        """The tree of a type with words in its texts. What is empty may grow, and what is not there is made."""
        if isinstance(value, bool | int | float):
            return value
        match kind:
            case inspect.StrType() | inspect.CustomType():
                return self.text(value or "", place)
            case inspect.UnionType(types=kinds):
                return self.put(self.one_of(kinds, value), value, place)
            case inspect.VarTupleType(item_type=item):
                items = value or ((None,) if self.grows() else ())
                return [self.put(item, each, place) for each in items]
            case inspect.DictType(key_type=key, value_type=of):
                items = value or ({"": None} if self.grows() else {})
                return {HostName(self.put(key, name, f"{place} key")).key: self.put(of, each, place) for name, each in items.items()}
            case inspect.StructType():
                return self.struct(kind, value or {}, place)
        return _plain(kind) if value is None else value

    def struct(self, kind: inspect.StructType, value: Tree, place: str) -> Tree:
        made = {kind.tag_field: kind.tag} if kind.tag_field else {}
        for field in kind.fields:
            its = value.get(field.name)
            if its is None and not field.required and not self.grows():
                continue
            made[field.name] = its if field.name in KEPT_FIELDS else self.put(field.type, its, _place(kind, field, place))
        return made

    def one_of(self, kinds: tuple[inspect.Type, ...], value: Tree) -> inspect.Type:
        """The part of a union that a value is of; for one that is not there, any, or nothing."""
        if value is None:
            named = [kind for kind in kinds if not isinstance(kind, inspect.NoneType)]
            return self.random.choice(named) if len(named) == len(kinds) or self.grows() else inspect.NoneType()
        return next(kind for kind in kinds if _is_of(kind, value))

    def text(self, value: str, place: str) -> str:
        same = value.casefold()
        if same not in self.instead:
            word = self.random.choice(self.words)
            form = self.random.choice((word, value + word, word + value))
            self.instead[same] = form if self.random.random() < self.share or not value else ""
        if self.instead[same]:
            self.places.add(place)
        return self.instead[same] or value

    def grows(self) -> bool:
        return self.random.random() < self.grown


def _is_of(kind: inspect.Type, value: Tree) -> bool:
    """Is a value that is no number of this part of a union."""
    match kind:
        case inspect.StructType(tag_field=None):
            return isinstance(value, dict)
        case inspect.StructType():
            return isinstance(value, dict) and value[kind.tag_field] == kind.tag
        case inspect.EnumType(cls=values):
            return value in list(values)
        case inspect.StrType() | inspect.CustomType() | inspect.DateTimeType():
            return isinstance(value, str)
        case inspect.VarTupleType():
            return isinstance(value, list)
    return False


def _plain(kind: inspect.Type) -> Tree:
    """Some value of a type that holds no text."""
    match kind:
        case inspect.BoolType():
            return False
        case inspect.IntType(ge=least):
            return least or 0
        case inspect.FloatType():
            return 0.5
        case inspect.EnumType(cls=values):
            return next(iter(values)).value
        case inspect.DateTimeType():
            return AT.isoformat()
    assert isinstance(kind, inspect.NoneType), kind
    return None


@cache
def _bases() -> tuple[tuple[Tree, Tree], ...]:
    """Plans and snapshots without anything odd in them, between them all that checks can say."""
    more = {"defaults": {"operator": "CONTOSO\\hv-operator"}, "hosts": {"testserver02": {"configuration_name": "Microsoft.PowerShell"}}}
    pair = {"hosts": ["testserver01", "testserver02"], "operator": "CONTOSO\\hv-operator", "launch_from": "admin01.contoso.test"}
    found = [(_tree(world.plan) | more, _tree(world.snapshot)) for world in worlds() if world.plan.moves]
    return tuple((plan | ({"pairs": [pair]} if number % 4 == 0 else {}), facts) for number, (plan, facts) in enumerate(found))


def _tree(value: object) -> Tree:
    source = b'{"template":"{what} on {host}","values":{"what":"Get-VM","host":"testserver01"}}'
    return msgspec.json.decode(msgspec.json.encode(value, enc_hook=str).replace(b'{"template":"test"}', source, SOURCES))


def _toml(value: Tree) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(name)} = {_toml(each)}" for name, each in value.items() if each is not None) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
