"""What can be said of PowerShell without an engine: its syntax trees, and what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import tree_sitter_powershell
import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

GRAMMARS = {"powershell": tree_sitter_powershell, "pwsh": tree_sitter_pwsh}


def tree(script: bytes, grammar: str) -> Node:
    return Parser(Language(GRAMMARS[grammar].language())).parse(script).root_node


def nodes(root: Node, *kinds: str) -> Iterator[Node]:
    """A node and those below it, of some kinds or all, as they stand in the text."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not kinds or node.type in kinds:
            yield node
        waiting += reversed(node.children)


def said(node: Node | None) -> str:
    assert node is not None
    assert node.text is not None
    return node.text.decode()


def faults(root: Node) -> list[Node]:
    """The smallest nodes that do not parse. A token that is missing may have no node of its own, only the one that lacks it."""
    if not root.has_error:
        return []
    return [node for node in nodes(root) if node.has_error and not any(child.has_error for child in node.children)]


def broken(root: Node) -> list[str]:
    return [f"line {node.start_point.row + 1}: {said(node)[:80]}" for node in faults(root)]


def command_name(command: Node) -> str | None:
    """The name of a command; nothing for `& $variable`."""
    return next((said(child) for child in command.children if child.type == "command_name"), None)


def parameters(command: Node) -> list[str]:
    """The parameters of one command, without those of commands within its arguments."""
    elements = [child for child in command.children if child.type == "command_elements"]
    return [said(part).lstrip("-") for element in elements for part in element.children if part.type == "command_parameter"]


def arguments(command: Node, parameter: str) -> list[str]:
    """What is said after a parameter of a command, without quotes."""
    parts = [part for element in command.children if element.type == "command_elements" for part in element.children]
    parts = [part for part in parts if part.type != "command_argument_sep"]
    return [said(after).strip("'\"") for part, after in pairwise(parts) if said(part) == f"-{parameter}"]


def members(root: Node) -> set[str]:
    """The names after a dot or `::` below a node."""
    return {said(name) for name in nodes(root, "member_name")}


def keys(root: Node) -> set[str]:
    """The keys of the hash tables below a node."""
    return {said(key).strip("'\"") for key in nodes(root, "key_expression")}


def used(root: Node) -> list[str]:
    """The names of the commands below a node."""
    return [name for command in nodes(root, "command") if (name := command_name(command)) is not None]
