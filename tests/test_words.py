"""Words are for people: nothing in the program is decided by the wording of a text that is shown.

Read from the source, because a wording that is compared works until somebody improves it or reads it in German.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

import checks
from checks.result import Message
from checks.text import Command, Text
from tests.reports.templates import rooms

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("checks", "runner", "reports", "lab") for path in (ROOT / folder).rglob("*.py"))

_WORDS = (Text, Command, Message)
_TAKES_APART = {
    *("startswith", "endswith", "partition", "rpartition", "split", "rsplit", "splitlines", "find", "rfind", "index", "count"),
    *("removeprefix", "removesuffix", "casefold", "lower", "upper", "isdigit"),
}
_PATTERNS = {"match", "search", "fullmatch", "findall", "finditer", "split"}


def _fields_of_words() -> frozenset[str]:
    """The names of every field that holds words, from the types themselves."""
    found = {"template"}
    for module in pkgutil.walk_packages(checks.__path__, "checks."):
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, type) and issubclass(each, msgspec.Struct):
                hints = typing.get_type_hints(each)
                found |= {name for name, hint in hints.items() if any(one in _WORDS for one in (hint, *typing.get_args(hint)))}
    return frozenset(found)


FIELDS = _fields_of_words() - {"text"}
"""`text` is also what the readers of a diagnosis call the words of others, which they are there to read."""


@cache
def sentences() -> frozenset[str]:
    return frozenset(template for template in rooms() if " " in template)


def decided_by_words(source: str) -> Iterator[tuple[int, str]]:
    """The lines of a module that compare, take apart, or look up by a shown text, with the expression."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            compared = any(map(_is_words, sides)) and any(map(_is_string, sides))
            wrong = compared or any(_is_sentence(side) for side in sides)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            called, arguments = node.func, node.args
            wrong = (called.attr in _TAKES_APART and (_is_words(called.value) or any(map(_is_sentence, arguments)))) or (
                called.attr in _PATTERNS and any(map(_is_words, arguments))
            )
        elif isinstance(node, ast.Match):
            wrong = _is_words(node.subject)
        elif isinstance(node, ast.Subscript):
            wrong = _is_sentence(node.slice) or (_is_words(node.value) and isinstance(node.slice, ast.Slice))
        else:
            continue
        if wrong:
            yield node.lineno, ast.unparse(node)


def _is_words(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in FIELDS


def _is_string(node: ast.expr) -> bool:
    several = node.elts if isinstance(node, ast.Tuple | ast.Set | ast.List) else (node,)
    return any(isinstance(one, ast.JoinedStr) or (isinstance(one, ast.Constant) and isinstance(one.value, str)) for one in several)


def _is_sentence(node: ast.expr) -> bool:
    several = node.elts if isinstance(node, ast.Tuple | ast.Set | ast.List) else (node,)
    return any(isinstance(one, ast.Constant) and one.value in sentences() for one in several)


def test_no_module_is_decided_by_a_shown_text() -> None:
    assert [(path, *found) for path in SOURCES for found in decided_by_words(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        'fact.detail == "the user must be here"',
        '"denied" in missing.detail.template',
        'finding.message.template.startswith("The host")',
        'finding.template in ("a", "b")',
        're.match("No", finding.message.template)',
        'by["{host} is in a workgroup"]',
        'said == "{host} is in a workgroup"',
        'said.startswith("{host} is in a workgroup")',
        "record.template[:4]",
    ],
)
def test_a_module_that_reads_a_shown_text_is_found(wrong: str) -> None:
    sentence = next(iter(sorted(sentences())))
    assert list(decided_by_words(wrong.replace("{host} is in a workgroup", sentence.replace('"', '\\"'))))


def test_the_fields_of_words_are_known_from_the_types() -> None:
    assert {"template", "detail", "message"} <= FIELDS
    assert len(sentences()) > 200
