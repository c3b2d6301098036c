"""Reads a fix script back: its data as values, by its syntax tree and apart from the product's code, and its code as bytes."""

from __future__ import annotations

import re
from typing import Any

from tree_sitter import Node

from reports.language import Language
from reports.scripts.words import comment_help
from tests.powershell import nodes, said, tree

HELP = tuple(comment_help(Language(name)) for name in Language().languages())

_QUOTES = re.compile("['‘’‚‛]")


def text_of(content: bytes) -> str:
    """A script's text with LF line ends; the file has a mark of its encoding, CRLF, and no other line ends."""
    text = content.decode("utf-8-sig")
    assert content.startswith(b"\xef\xbb\xbf")
    assert text.count("\n") == text.count("\r\n") == text.count("\r")
    return text.replace("\r\n", "\n")


def code_of(content: bytes) -> tuple[str, str]:
    """What stands before and after the data, without the help at the top, which is ours word for word in one of the languages."""
    before, _, rest = text_of(content).partition("\n# --- data ---\n")
    _, _, after = rest.partition("\n# --- code ---\n")
    assert after
    (described,) = filter(before.startswith, HELP)
    return before.removeprefix(described), after


def data_of(content: bytes) -> dict[str, Any]:
    """The variables of the data and their values."""
    _, _, rest = text_of(content).partition("\n# --- data ---\n")
    root = tree(rest.partition("\n# --- code ---\n")[0].encode(), "pwsh")
    found = {}
    for assignment in nodes(root, "assignment_expression"):
        name, value = (child for child in assignment.named_children if child.type != "assignment_operator")
        found[said(name).lstrip("$")] = _value(value)
    return found


def _value(node: Node) -> Any:
    match node.type:
        case "hash_literal_expression":
            return {
                said(entry.named_children[0]): _value(entry.named_children[-1]) for entry in nodes(node, "hash_entry") if _own(entry, node)
            }
        case "array_expression":
            return [value for child in node.named_children for value in _items(child)]
        case "additive_expression":
            left, right = node.named_children
            return _value(left) + _value(right)
        case "cast_expression":
            assert said(node).startswith("[char]0x")
            return chr(int(said(node).removeprefix("[char]"), 16))
        case "string_literal":
            text = said(node)
            assert _QUOTES.fullmatch(text[0])
            assert _QUOTES.fullmatch(text[-1])
            return re.sub("(['‘’‚‛])\\1", r"\1", text[1:-1])
        case "integer_literal":
            return int(said(node))
        case "variable":
            return {"$null": None, "$true": True, "$false": False}[said(node)]
    (only,) = node.named_children
    return _value(only)


def _own(entry: Node, table: Node) -> bool:
    """Is this an entry of the table itself, not of one within it."""
    above = entry.parent
    while above is not None and above.type != "hash_literal_expression":
        above = above.parent
    return above == table


def _items(node: Node) -> list[Any]:
    """The values of an array: those of its lines, and within a line those between commas."""
    if node.type == "statement_list":
        return [value for child in node.named_children for value in _items(child)]
    if node.type == "array_literal_expression":
        return [_value(child) for child in node.named_children]
    if node.type in ("pipeline", "pipeline_chain"):
        return [value for child in node.named_children for value in _items(child)]
    return [_value(node)]


def joined(text: str) -> str:
    """A string whose surrogates, which PowerShell adds one by one, are characters again."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
