"""What the collector's script may consist of: every node of its syntax tree needs names, and each must stand on a list.

A list is data: the syntax is in allowed.toml, the commands are those of runner/collect/hosts/commands.toml, and what else the script asks
of Windows is in names/ (its head describes the lists). What no rule here knows needs its kind of node, which is on no list.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tree_sitter import Node

from checks.facts.host import TOPICS
from runner.collect.hosts.script import FRAME, HEAD, beside
from tests.powershell import command_name, faults, nodes, said, tree

PARTS = (HEAD, *dict.fromkeys(TOPICS.values()), FRAME)
HERE = Path(__file__).parent
SYNTAX: dict[str, list[str]] = tomllib.loads((HERE / "allowed.toml").read_text("utf-8"))
NAMES: dict[str, dict[str, Any]] = {part: tomllib.loads((HERE / "names" / f"{part}.toml").read_text("utf-8")) for part in PARTS}


class Need(NamedTuple):
    """A name that a script needs, the list on which it must stand, and the line that needs it."""

    on: str
    name: str
    line: int


def table(kind: str) -> dict[str, Any]:
    """The documented names of one kind, of every part."""
    entries = [entry for part in PARTS for entry in NAMES[part].get(kind, {}).items()]
    assert len({name for name, _ in entries}) == len(entries), f"a name stands twice: {kind}"
    return dict(entries)


def _listed(on: str) -> set[str]:
    """One list of [allowed], of every part."""
    entries = [name for part in PARTS for name in NAMES[part].get("allowed", {}).get(on, ())]
    assert len(set(entries)) == len(entries), f"an entry stands twice: {on}"
    return set(entries)


def _of(kind: str, *fields: str) -> set[str]:
    return {name for entry in table(kind).values() for field in fields for name in entry.get(field, ())}


COMMANDS: dict[str, Any] = tomllib.loads(beside("commands.toml"))
RESERVED = {name.lower() for name in SYNTAX["reserved"]}

ALLOWED: dict[str, set[str]] = {
    "kinds": set(SYNTAX["kinds"]),
    "tokens": set(SYNTAX["tokens"]),
    "variables": set(SYNTAX["variables"]),
    "commands": set(COMMANDS),
    "verbs": set(SYNTAX["verbs"]),
    "parameters": {
        f"{name} -{each}{'' if each in entry.get('switches', ()) else ' VALUE'}"
        for name, entry in COMMANDS.items()
        for each in entry["parameters"]
    },
    "positional": {f"{name} {each}" for name, entry in COMMANDS.items() for each in entry.get("positional", ())},
    "classes": {f"{entry['namespace']} {name}" for name, entry in table("classes").items()},
    "types": {name for name, entry in table("types").items() if not entry.get("held")},
    "members": _of("classes", "properties", "keys") | _of("objects", "properties", "holds") | _of("types", "members") | _listed("members"),
    **{on: _listed(on) for on in ("called", "exact", "dynamic", "invoked", "static", "assigned", "casts")},
}
EXACT = {entry.split()[0] for entry in ALLOWED["exact"]}
"""The commands that are allowed only in the words of the list."""


def refused(script: str) -> list[Need]:
    """What a script needs and no list holds. One that does not parse needs what the grammar does not know."""
    root = tree(script.encode(), "pwsh")
    if root.has_error:
        return [Need("syntax", said(node), node.start_point.row + 1) for node in faults(root)]
    return [need for need in needs(root) if need.name not in ALLOWED.get(need.on, ())]


def needs(root: Node) -> Iterator[Need]:
    """All that a script needs. The tree is one of the grammar `pwsh`."""
    every = list(nodes(root))
    for node, on, name in _names(root, every):
        yield Need(on, name, node.start_point.row + 1)


Named = tuple[Node, str, str]
"""A node, the list on which its name must stand, and the name."""


def _names(root: Node, every: list[Node]) -> Iterator[Named]:
    functions = {said(node) for node in every if node.type == "function_name"}
    bound = list(_bound(every))
    locals_ = {name.lower() for name, _ in bound}
    called = {said(each).lower() for node in every if node.type == "command_name_expr" for each in nodes(node, "variable")}
    for node in every:
        yield (node, "kinds" if node.is_named else "tokens", node.type)
        match node.type:
            case "variable" if not _is_local(said(node), locals_):
                yield (node, "variables", said(node))
            case "command":
                yield from _of_command(node, functions)
            case "type_literal":
                yield (node, "types", _bare(said(node)))
            case "attribute_name":
                yield (node, "types", said(node))
            case "attribute" if any(child.type == "type_literal" for child in node.children):
                yield (node, "casts", said(node))
            case "cast_expression":
                to = said(node.children[0])
                yield (node, "casts", to if to in ALLOWED["casts"] else said(node))
            case "member_name":
                yield (node, "members", said(node))
            case "member_access" if any(said(child) == "::" for child in node.children):
                yield (node, "static", said(node))
            case "invocation_expression":
                yield (node, "invoked", said(node))
            case "left_assignment_expression":
                yield from _of_target(node, node.children[0])
            case "expandable_string_literal" if "$" in said(node):
                yield (node, "expanded", said(node))
            case "generic_token" if not re.fullmatch(r"[\w./]+", said(node)):
                yield (node, "words", said(node))
            case keyword if keyword.isalpha() and not node.is_named and _is_glued(node):
                yield (node, "words", said(node.parent))
            case "comment" if said(node).lower().startswith("#requires"):
                yield (node, "comments", said(node))
    for name, binding in bound:
        if name[1:].lower() in RESERVED:
            yield (binding, "assigned", said(binding))
        if name.lower() in called:
            yield (binding, "called", said(binding))
    yield from _of_functions(every)
    yield from _of_characters(root, every)


def _is_local(name: str, locals_: set[str]) -> bool:
    """Whether a variable is a plain name that the script itself gives a value."""
    return re.fullmatch(r"\$\w+", name) is not None and name.lower() in locals_


def _is_glued(keyword: Node) -> bool:
    """Whether something follows a keyword without a space: PowerShell takes both for one word."""
    after = keyword.next_sibling
    return after is not None and after.is_named and after.start_byte == keyword.end_byte


def _bare(type_literal: str) -> str:
    """The name of a type, without its brackets and those of an array."""
    return type_literal[1:-1].removesuffix("[]")


def _bound(every: list[Node]) -> Iterator[tuple[str, Node]]:
    """The variables that get a value, with what gives it: an assignment, a loop, a parameter. What goes to $null is thrown away."""
    for node in every:
        match node.type:
            case "left_assignment_expression":
                assert node.parent is not None
                yield from (
                    (said(target), node.parent)
                    for target in _targets(node.children[0])
                    if target.type == "variable" and said(target) != "$null"
                )
            case "foreach_statement" | "script_parameter":
                yield from ((said(child), node) for child in node.children if child.type == "variable")


def _targets(left: Node) -> Iterator[Node]:
    """What is assigned to, of one or several at once."""
    if left.type in ("unary_expression", "array_literal_expression"):
        for child in left.children:
            if child.is_named:
                yield from _targets(child)
    else:
        yield left


def _of_target(node: Node, left: Node) -> Iterator[Named]:
    """An assignment to a plain variable is free, one to an element or a property is listed with its function, any other with its value."""
    for target in _targets(left):
        if target.type in ("element_access", "member_access"):
            yield (node, "assigned", f"{_function(node)}: {said(target)}")
        elif not re.fullmatch(r"\$\w+", said(target)):
            yield (node, "assigned", said(node.parent))


def _function(node: Node) -> str:
    """The function in which a node stands; `script` outside of all."""
    above = node.parent
    while above is not None and above.type != "function_statement":
        above = above.parent
    return "script" if above is None else said(next(nodes(above, "function_name")))


def _of_command(command: Node, functions: set[str]) -> Iterator[Named]:
    name = command_name(command)
    if name is None:
        yield (command, "called", said(command))
        return
    if name not in functions:
        yield (command, "commands", name)
    if name in EXACT:
        yield (command, "exact", said(command))
    elements = [_inner(each) for child in command.children if child.type == "command_elements" for each in child.children if each.is_named]
    elements = [each for each in elements if each.type != "command_argument_sep"]
    given = {
        said(each): following
        for each, following in pairwise(elements)
        if each.type == "command_parameter" and following.type != "command_parameter"
    }
    values = {following.id for following in given.values()}
    for each in elements:
        if each.type == "command_parameter":
            yield (each, "parameters", f"{name} {said(each)}{' VALUE' if said(each) in given else ''}")
        elif each.id not in values and name not in functions | EXACT:
            yield (each, "positional", f"{name} {'{ }' if each.type == 'script_block_expression' else said(each)}")
    if name == "Get-CimInstance":
        namespace, of, where = (said(given[each]) if each in given else None for each in ("-Namespace", "-ClassName", "-Filter"))
        yield (command, "classes", f"{namespace or 'root/cimv2'} {of}")
        yield from ((command, "members", each) for each in re.findall(r"(\w+)=", where or ""))
    if name in ("Get-Optional", "Get-Required"):
        by = elements[1] if len(elements) > 1 else command
        yield (command, "members", said(by).strip("'")) if by.type == "string_literal" else (command, "dynamic", said(command))


def _inner(element: Node) -> Node:
    """An expression without the node around it that holds nothing else."""
    return element.children[0] if element.type == "unary_expression" and len(element.children) == 1 else element


def _of_functions(every: list[Node]) -> Iterator[Named]:
    """A function is named for reading, stands outside of all others, and shares its name with no other and with no command that the script
    calls: where it is not defined, its name calls whatever the host has under it."""
    defined = [node for node in every if node.type == "function_name"]
    taken = Counter(name.lower() for name in [*map(said, defined), *COMMANDS])
    for node in defined:
        name = said(node)
        yield (node, "verbs", name.partition("-")[0])
        plain = re.fullmatch(r"\w+-\w+", name) is not None and taken[name.lower()] == 1
        if not plain or _above(node) != ["function_statement", "statement_list", "program"]:
            yield (node, "functions", name)


def _above(node: Node) -> list[str]:
    """The kinds of the nodes around one, the nearest first."""
    kinds = []
    while (above := node.parent) is not None:
        kinds.append(above.type)
        node = above
    return kinds


def _of_characters(root: Node, every: list[Node]) -> Iterator[Named]:
    """Grammars disagree over escapes and over what PowerShell takes for a quote or a dash: there are none outside of comments."""
    text = bytearray(said(root), "utf-8")
    for node in every:
        if node.type == "comment":
            text[node.start_byte - root.start_byte : node.end_byte - root.start_byte] = b" " * (node.end_byte - node.start_byte)
    for character in sorted(set(re.findall(r"[^\n -~]|`", text.decode()))):
        yield (root, "characters", character)
