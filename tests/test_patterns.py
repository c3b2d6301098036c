"""Every regular expression of the product takes a number of steps that grows no faster than what it reads, whatever that is.

The expressions are read from the sources, so none can be forgotten, and their steps are counted, so no clock decides. The lab is left
out: it reads what this program sends to it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.examples import some
from tests.steps import Counter, Use, growing, hostile

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("checks", "runner", "reports") for path in (ROOT / folder).rglob("*.py"))

USING = [path for path in SOURCES if "re." in path.read_text(encoding="utf-8")]

_FUNCTIONS = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4, "subn": 4}
"""The functions of `re` that take an expression, and the place of its flags."""
_ANCHORED = {"match": Use.MATCH, "fullmatch": Use.FULLMATCH}


class Found(NamedTuple):
    """An expression as its module has it, where, and how it is applied there."""

    place: str
    pattern: str | bytes
    flags: int
    use: Use


@cache
def patterns() -> tuple[Found, ...]:
    return tuple(each for path in USING for each in _in_module(path))


def _in_module(path: Path) -> Iterator[Found]:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    source = path.read_text(encoding="utf-8")
    nodes = tuple(ast.walk(ast.parse(source)))
    names = {id(node.value): node.targets[0].id for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    uses = _uses(nodes)
    for call in nodes:
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            continue
        if call.func.value.id == "re" and call.func.attr in _FUNCTIONS:
            function = call.func.attr
            called = names.get(id(call), "") if function == "compile" else ""
            use = _use_of(uses[called]) if function == "compile" else _ANCHORED.get(function, Use.SEARCH)
            flags = [*call.args[_FUNCTIONS[function] :], *(each.value for each in call.keywords if each.arg == "flags")]
            given = _value(flags[0], name) if flags else 0
            yield Found(f"{name}:{called or call.lineno}", _value(call.args[0], name), int(given), use)


def _value(expression: ast.expr, module: str) -> Any:
    """What an expression is in its module: an f-string of other expressions is one, what a function makes of its arguments is not."""
    code = compile(ast.Expression(expression), module, "eval")
    return eval(code, vars(importlib.import_module(module)))


def _uses(nodes: tuple[ast.AST, ...]) -> dict[str, set[Use]]:
    """How each name of a module is applied. Whatever is not known to be anchored is a search: also what begins at a given place."""
    uses: defaultdict[str, set[Use]] = defaultdict(set)
    called = {id(node.func): node for node in nodes if isinstance(node, ast.Call)}
    owned = {id(node.value): node for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Store):
            method = owned.get(id(node))
            if method is None or method.attr != "pattern":
                call = called.get(id(method)) if method else None
                anchored = _ANCHORED.get(method.attr) if method and call and len(call.args) == 1 else None
                uses[node.id if isinstance(node, ast.Name) else node.attr].add(anchored or Use.SEARCH)
    return uses


def _use_of(uses: set[Use]) -> Use:
    """Anchored only where nothing else is done with it."""
    return next(iter(uses)) if len(uses) == 1 else Use.SEARCH


@pytest.mark.parametrize("path", USING, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_steps_of_an_expression_grow_no_faster_than_what_it_reads(path: Path) -> None:
    for found in _in_module(path):
        counter = Counter(found.pattern, found.flags, found.use)
        assert growing(counter, some(hostile(counter))) is None, found.place


@pytest.mark.parametrize(
    ("pattern", "use"),
    [
        (r"(a+)+$", Use.MATCH),
        (r"(a|a)*b", Use.MATCH),
        (r"(?:a|b|ab)*c", Use.MATCH),
        (r"(\w\w?)+-", Use.MATCH),
        (r"(a?){30}a{30}", Use.MATCH),
        (r"(.*?,){11}P", Use.MATCH),
        (r"(?:[^\n]+\n?){1,40}x", Use.MATCH),
        (r"^(([a-z])+.)+[A-Z]([a-z])+$", Use.MATCH),
        (r"([a-zA-Z]+)*", Use.FULLMATCH),
        (rb"(a+)+b", Use.MATCH),
        (r"(?s)(?:<!--.{0,2000}?-->\s*)*<Events?[\s>]", Use.MATCH),
        (r"(?s)(?:<!DOCTYPE[^\[>]{0,400}(?:\[.{0,4000}?\]\s*)?>\s*)*<Events?[\s>]", Use.MATCH),
        (r".*=.*;.*", Use.MATCH),
        (r"\s*,?\s*;", Use.MATCH),
        (r"\s+$", Use.SEARCH),
        (r"(?m)^\s+x", Use.SEARCH),
        (r"a[^b]*b", Use.SEARCH),
        (r"\bfoo[^\n]*bar", Use.SEARCH),
        (r"(?=.*a)x", Use.SEARCH),
        (r"<(\w+)>.*</\1>", Use.SEARCH),
        (r"(?s)<!--.*?-->", Use.SEARCH),
    ],
)
def test_an_expression_that_is_known_to_be_slow_is_found(pattern: str | bytes, use: Use) -> None:
    assert growing(Counter(pattern, use=use)) is not None


@pytest.mark.parametrize(
    ("pattern", "use"),
    [
        (r"\s+$", Use.MATCH),
        (r"(?<!\s)\s+$", Use.SEARCH),
        (r"\w{2,}", Use.SEARCH),
        (r"<[^<>]{0,400}>", Use.SEARCH),
        (r"<a[^\n]{0,400}b", Use.SEARCH),
        (r"(?:ab?)*c", Use.MATCH),
        (r"(?:a*+)*+b", Use.MATCH),
        (r"(?>(?:a|b)+)c", Use.MATCH),
        (r"(?m)^[ \t]+x", Use.SEARCH),
        (r"(\w)=\1", Use.SEARCH),
    ],
)
def test_an_expression_that_is_not_slow_passes(pattern: str, use: Use) -> None:
    assert growing(Counter(pattern, use=use)) is None


@pytest.mark.parametrize(
    "pattern", [r"(a|ab)(c|bcd)(d*)", r"(?i)a{2,3}?B*", r"(?<=x)y+(?!z)", r"(?>a*)b|a+", r"<(\w)>.*</\1>|.", r"\bé\w*\Z"]
)
@pytest.mark.parametrize("text", ["abcd", "aaBbaab", "xyyzxyy", "<a>x</a></b>", "été aaa é"])
def test_a_counted_match_ends_where_the_engine_says(pattern: str, text: str) -> None:
    matches = [found.end() for found in re.finditer(pattern, text) if found[0]]
    assert Counter(pattern).ends(text) == matches


def test_each_use_of_an_expression_in_the_sources_is_seen() -> None:
    uses = {found.place: found.use for found in patterns()}
    assert uses["runner.diagnose.readers.text:_BLANK"] is Use.MATCH
    assert uses["checks.errors.codes:_HEX"] is Use.FULLMATCH
    assert uses["runner.diagnose.names:_REASON"] is Use.SEARCH
    assert uses["runner.diagnose.codes_in_text:_WORD_CHARACTER"] is Use.SEARCH


def test_a_module_knows_regular_expressions_by_their_module_only() -> None:
    """Else one could be made that is not found above."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.module == "re"), path
            assert not (isinstance(node, ast.Import) and any(each.name == "re" and each.asname for each in node.names)), path
