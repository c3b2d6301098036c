"""The collector's PowerShell: that it parses, only reads, and uses no name that is not documented.

What can be said of the scripts without an engine is said over their syntax trees, and over tables of the names that Microsoft
documents (names/, one for each part of the script). What the script may consist of at all says test_allowed.py.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
from tree_sitter import Node

from checks.facts.fact import Way
from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS, TOPICS
from runner.collect.hosts.request import EventRange, Partner, Request
from runner.collect.hosts.script import FRAME, HEAD, part, script
from tests.collect.hosts.allowed import COMMANDS, PARTS, table
from tests.powershell import GRAMMARS, arguments, broken, command_name, keys, members, nodes, said, tree, used

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted(path for folder in ("checks", "runner", "reports", "lab") for path in (ROOT / folder).rglob("*.ps1"))

READING_VERBS = frozenset({"Get", "Test", "Resolve", "ConvertTo", "ConvertFrom"})
HARMLESS = frozenset({"ForEach-Object", "Where-Object", "Sort-Object", "Select-Object", "New-Object", "Set-StrictMode"})
"""Commands that touch nothing outside the session."""


TABLE: dict[str, dict[str, dict[str, Any]]] = {"commands": COMMANDS} | {kind: table(kind) for kind in ("classes", "objects", "types")}
LOCAL_NAMES: dict[str, list[str]] = table("keys")
MAY_BE_NONE: dict[str, str] = table("none")

SOURCE = script(SECTIONS).encode()
TREE = tree(SOURCE, "powershell")
FUNCTIONS = {said(next(nodes(node, "function_name"))): node for node in nodes(TREE, "function_statement")}


def reached(name: str) -> list[Node]:
    """A function and those of the script that it calls, directly or not."""
    found: dict[str, Node] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in FUNCTIONS and current not in found:
            found[current] = FUNCTIONS[current]
            waiting += used(FUNCTIONS[current])
    return list(found.values())


# --- syntax ---


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_script_of_the_product_parses(path: Path) -> None:
    faults = {grammar: broken(tree(path.read_bytes(), grammar)) for grammar in GRAMMARS}
    assert [] in faults.values(), faults


@pytest.mark.parametrize(
    "wrong",
    [b"function Read-os { @{ a = 1 }", b"$x = $c ? 1 : 2", b"if ($a { 1 }", b"param([string $a)"],
)
def test_a_script_with_a_fault_would_be_noticed(wrong: bytes) -> None:
    assert broken(tree(wrong, "powershell"))


def test_the_script_keeps_to_the_syntax_of_windows_powershell_3() -> None:
    later = {
        "a class or an enumeration": rb"^\s*(class|enum|using)\s",
        "the method new": rb"::\s*new\s*\(",
        "a null-coalescing or null-conditional operator": rb"\?\?|\?\.|\?\[",
        "a pipeline chain": rb"&&|\|\|",
    }
    found = {what for what, pattern in later.items() if re.search(pattern, SOURCE, re.MULTILINE)}
    assert found == set()
    assert not broken(TREE), "the ternary operator is a fault in this grammar"


def test_the_script_is_ascii_because_old_engines_read_files_in_their_own_code_page() -> None:
    assert SOURCE.isascii()


# --- only reading ---


@pytest.mark.parametrize("name", sorted(TABLE["commands"]))
def test_every_command_on_the_allow_list_only_reads(name: str) -> None:
    assert name in HARMLESS or name.partition("-")[0] in READING_VERBS


# --- documented names ---


def read_through(functions: list[Node]) -> tuple[set[str], set[str]]:
    """The CIM classes and the cmdlets through which some functions read."""
    commands = [command for function in functions for command in nodes(function, "command")]
    classes = {name for command in commands if command_name(command) == "Get-CimInstance" for name in arguments(command, "ClassName")}
    return classes, {name for command in commands if (name := command_name(command)) in TABLE["objects"]}


def read_by_name(function: Node) -> set[str]:
    """The properties that a function reads through Get-Optional and Get-Required."""
    wanted = [command for command in nodes(function, "command") if command_name(command) in ("Get-Optional", "Get-Required")]
    return {quoted[0] for command in wanted if (quoted := re.findall(r"'(\w+)'", said(command).rpartition(")")[2]))}


def documented(functions: list[Node]) -> set[str]:
    """The names that may stand after a dot in some functions: of the classes and cmdlets that they read, of .NET, of the request.
    A function that is handed objects reads those of its callers."""
    classes, cmdlets = read_through(functions)
    of_classes = {name for each in classes for field in ("properties", "keys") for name in TABLE["classes"][each].get(field, ())}
    of_cmdlets = {name for each in cmdlets for field in ("properties", "holds") for name in TABLE["objects"][each].get(field, ())}
    of_net = {name for entry in TABLE["types"].values() for name in entry.get("members", ())}
    own = keys(TREE) | {name for asked in (Request(), Partner(""), EventRange()) for name in msgspec.structs.asdict(asked)}
    return of_classes | of_cmdlets | of_net | own


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_reads_only_documented_properties_of_what_it_reads(name: str) -> None:
    given = [caller for each, caller in FUNCTIONS.items() if FUNCTIONS[name] in reached(each)]
    assert (members(FUNCTIONS[name]) | read_by_name(FUNCTIONS[name])) - documented([*reached(name), *given]) == set()


def test_every_class_that_is_read_is_documented_with_its_namespace() -> None:
    for command in nodes(TREE, "command"):
        if command_name(command) == "Get-CimInstance":
            (name,) = arguments(command, "ClassName")
            (namespace,) = arguments(command, "Namespace") or ["root/cimv2"]
            assert TABLE["classes"][name]["namespace"] == namespace
            for text in arguments(command, "Filter"):
                assert text.partition("=")[0] in TABLE["classes"][name]["properties"]


def test_the_table_holds_no_property_that_nobody_reads() -> None:
    filters = {text.partition("=")[0] for command in nodes(TREE, "command") for text in arguments(command, "Filter")}
    read = members(TREE) | filters | read_by_name(TREE)
    listed = {(name, each) for kind in ("classes", "objects") for name, entry in TABLE[kind].items() for each in entry["properties"]}
    assert {pair for pair in listed if pair[1] not in read} == set()


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_name_in_the_table_has_its_page(kind: str) -> None:
    assert all(re.fullmatch(r"[a-z0-9./_-]+", entry["page"]) for entry in TABLE[kind].values())


# --- sections and facts ---


def test_every_fact_of_a_host_has_its_function_and_every_function_its_fact() -> None:
    assert {name.removeprefix("Read-") for name in FUNCTIONS if name.startswith("Read-")} == SECTIONS.keys()


@pytest.mark.parametrize("name", PARTS)
def test_every_part_parses_by_itself_and_defines_no_function_of_another(name: str) -> None:
    source = part(name).encode()
    assert [] in [broken(tree(source, grammar)) for grammar in GRAMMARS]
    defined = {said(next(nodes(node, "function_name"))) for node in nodes(tree(source, "powershell"), "function_statement")}
    elsewhere = {other for each in PARTS if each != name for other in re.findall(r"(?m)^function ([\w-]+)", part(each))}
    assert defined.isdisjoint(elsewhere)


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_what_is_sent_for_one_section_holds_all_that_it_needs_and_no_other_topic(section: str) -> None:
    sent = script([section])
    defined = set(re.findall(r"(?m)^function ([\w-]+)", sent))
    assert {name for node in reached(f"Read-{section}") for name in used(node) if name in FUNCTIONS} <= defined
    assert {name.removeprefix("Read-") for name in defined if name.startswith("Read-")} <= {
        each for each in SECTIONS if TOPICS[each] == TOPICS[section]
    }
    assert sent.startswith(part(HEAD))
    assert sent.endswith(part(FRAME))


def test_an_ordinary_visit_does_not_carry_the_sections_for_the_logs() -> None:
    assert "Read-events" not in script(HOST_FACTS)
    assert "Read-vms" not in script(LOG_FACTS)


def fields(of: Any) -> set[str]:
    """The names of all fields of a type and of the types within it."""
    own = (
        {field.name: field.type for field in msgspec.structs.fields(of)} if isinstance(of, type) and issubclass(of, msgspec.Struct) else {}
    )
    inner = [*own.values(), *get_args(of)]
    return set(own) | {name for each in inner if each is not of for name in fields(each)}


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_a_section_answers_the_fields_of_its_fact_and_no_others(section: str) -> None:
    function = f"Read-{section}"
    answered = {key for node in reached(function) for key in keys(node)} - set(LOCAL_NAMES.get(function, ()))
    assert answered == fields(SECTIONS[section].type)


ROWS_OF_HYPERV = sorted(
    name
    for name, section in SECTIONS.items()
    if section.origin.hyperv and section.origin.way is Way.CMDLET and get_origin(section.type) in (tuple, dict)
)


@pytest.mark.parametrize("section", ROWS_OF_HYPERV)
def test_no_rows_of_hyperv_are_believed_only_after_the_right_to_read_is_proven(section: str) -> None:
    called = used(FUNCTIONS[f"Read-{section}"])
    hyperv = [name for name in called if "VM" in name or name == "Get-HyperVHost"]
    assert hyperv[0] == "Get-HyperVHost" or "Confirm-Any" in called


OF_CIM = sorted(name for name, section in SECTIONS.items() if section.origin.way is Way.CIM and name not in MAY_BE_NONE)


@pytest.mark.parametrize("section", OF_CIM)
def test_of_what_always_exists_none_means_that_the_right_is_missing(section: str) -> None:
    assert "Confirm-Any" in used(FUNCTIONS[f"Read-{section}"])
