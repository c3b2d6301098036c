"""The collector's PowerShell: that it parses, only reads, and uses no name that is not documented.

There is no PowerShell engine here. What can be said of the scripts without one is said over their syntax trees, and over a table of the
names that Microsoft documents (documented_names.toml).
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from tree_sitter import Node

from checks.facts import HOST_FACTS, LOG_FACTS
from runner.collect.answer import VALUE_TYPES
from runner.collect.host import EventRange, Partner, Request
from tests.powershell import GRAMMARS, arguments, broken, command_name, keys, members, nodes, parameters, said, tree, used

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(path for folder in ("checks", "runner", "reports", "lab") for path in (ROOT / folder).rglob("*.ps1"))
COLLECTOR = ROOT / "runner" / "collect" / "collect.ps1"
TABLE: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "documented_names.toml").read_text(encoding="utf-8"))

READING_VERBS = frozenset({"Get", "Test", "Resolve", "ConvertTo", "ConvertFrom"})
HARMLESS = frozenset({"ForEach-Object", "Where-Object", "Sort-Object", "Select-Object", "New-Object", "Set-StrictMode"})
"""Commands that touch nothing outside the session."""
LOCAL_NAMES = {
    "Read-firewall": {"path"},
    "Read-partners": {"asked", "task", "attempts"},
    "Read-events": {"LogName", "StartTime", "Level", "Id"},
}
"""Keys that a section uses for itself and does not answer."""


SOURCE = COLLECTOR.read_bytes()
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


def test_nothing_of_the_request_can_become_code() -> None:
    assert "Invoke-Expression" not in used(TREE)
    interpolated = [said(text) for text in nodes(TREE, "expandable_string_literal") if any(nodes(text, "variable", "sub_expression"))]
    assert interpolated == []
    called = [
        said(command)
        for command in nodes(TREE, "command")
        if any(child.type == "command_invokation_operator" for child in command.children)
    ]
    assert called == ["& $reader $asked"], "only a function that Get-Command found is called by a variable"


# --- only reading ---


def test_only_commands_on_the_allow_list_are_used() -> None:
    assert set(used(TREE)) - set(FUNCTIONS) <= set(TABLE["commands"])


@pytest.mark.parametrize("name", sorted(TABLE["commands"]))
def test_every_command_on_the_allow_list_only_reads(name: str) -> None:
    assert name in HARMLESS or name.partition("-")[0] in READING_VERBS


def test_every_command_on_the_allow_list_is_used() -> None:
    assert set(TABLE["commands"]) <= set(used(TREE))


def test_only_documented_parameters_are_used() -> None:
    unknown = [
        (name, parameter)
        for command in nodes(TREE, "command")
        if (name := command_name(command)) in TABLE["commands"]
        for parameter in parameters(command)
        if parameter not in TABLE["commands"][name]["parameters"]
    ]
    assert unknown == []


def test_only_listed_types_are_made_or_used() -> None:
    literals = {re.sub(r"[\[\]]", "", said(literal)) for literal in nodes(TREE, "type_literal")}
    attributes = {said(name) for name in nodes(TREE, "attribute_name")}
    made = {re.split(r"\s+", said(command))[1] for command in nodes(TREE, "command") if command_name(command) == "New-Object"}
    assert (literals | attributes | made) - set(TABLE["types"]) == set()


# --- documented names ---


def read_through(functions: list[Node]) -> tuple[set[str], set[str]]:
    """The CIM classes and the cmdlets through which some functions read."""
    commands = [command for function in functions for command in nodes(function, "command")]
    classes = {name for command in commands if command_name(command) == "Get-CimInstance" for name in arguments(command, "ClassName")}
    return classes, {name for command in commands if (name := command_name(command)) in TABLE["objects"]}


def documented(functions: list[Node]) -> set[str]:
    """The names that may stand after a dot in some functions: of the classes and cmdlets that they read, of .NET, of the request."""
    classes, cmdlets = read_through(functions)
    of_classes = {name for each in classes for field in ("properties", "keys") for name in TABLE["classes"][each].get(field, ())}
    of_cmdlets = {name for each in cmdlets for name in TABLE["objects"][each]["properties"]}
    of_net = {name for entry in TABLE["types"].values() for name in entry.get("members", ())}
    own = keys(TREE) | {name for asked in (Request(()), Partner(""), EventRange()) for name in msgspec.structs.asdict(asked)}
    return of_classes | of_cmdlets | of_net | own


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_reads_only_documented_properties_of_what_it_reads(name: str) -> None:
    functions = reached(name)
    optional = {
        said(command).rpartition("'")[0].rpartition("'")[2]
        for command in nodes(FUNCTIONS[name], "command")
        if command_name(command) == "Get-Optional"
    }
    assert (members(FUNCTIONS[name]) | optional) - documented(functions) == set()


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
    optional = set(re.findall(r"Get-Optional \S+ '(\w+)'", SOURCE.decode()))
    read = members(TREE) | filters | optional
    listed = {(name, each) for kind in ("classes", "objects") for name, entry in TABLE[kind].items() for each in entry["properties"]}
    assert {pair for pair in listed if pair[1] not in read} == set()


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_name_in_the_table_has_its_page(kind: str) -> None:
    assert all(re.fullmatch(r"[a-z0-9./_-]+", entry["page"]) for entry in TABLE[kind].values())


# --- sections and facts ---


def test_every_fact_of_a_host_has_its_function_and_every_function_its_fact() -> None:
    assert {name.removeprefix("Read-") for name in FUNCTIONS if name.startswith("Read-")} == {*HOST_FACTS, *LOG_FACTS}


def fields(of: Any) -> set[str]:
    """The names of all fields of a type and of the types within it."""
    own = (
        {field.name: field.type for field in msgspec.structs.fields(of)} if isinstance(of, type) and issubclass(of, msgspec.Struct) else {}
    )
    inner = [*own.values(), *get_args(of)]
    return set(own) | {name for each in inner if each is not of for name in fields(each)}


@pytest.mark.parametrize("section", [*HOST_FACTS, *LOG_FACTS])
def test_a_section_answers_the_fields_of_its_fact_and_no_others(section: str) -> None:
    function = f"Read-{section}"
    answered = keys(FUNCTIONS[function]) - LOCAL_NAMES.get(function, set())
    assert answered == fields(VALUE_TYPES[section])


HYPERV = {"migration_networks", "host_virtual_adapters", "switches", "vms"}


@pytest.mark.parametrize("section", sorted(HYPERV))
def test_no_rows_of_hyperv_are_believed_only_after_the_right_to_read_is_proven(section: str) -> None:
    hyperv = [name for name in used(FUNCTIONS[f"Read-{section}"]) if "VM" in name or name == "Get-HyperVHost"]
    assert hyperv[0] == "Get-HyperVHost"


@pytest.mark.parametrize(
    "section",
    ["os", "computer", "migration_listener", "supported_versions", "credential_guard", "addresses", "routes", "adapters", "sessions"],
)
def test_of_what_always_exists_none_means_that_the_right_is_missing(section: str) -> None:
    assert "Confirm-Any" in used(FUNCTIONS[f"Read-{section}"])
