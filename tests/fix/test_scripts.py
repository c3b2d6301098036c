"""The scripts of a fix: that they parse, use only what is documented, change nothing unasked, and that no name can become code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tree_sitter import Node

import reports.scripts
from checks.changes import Kind
from checks.remedy import administrator_of
from reports.escape import visible
from reports.scripts.words import WORDS
from tests.fix.made import changes, everything, failure, remedy, rendered, result
from tests.fix.reading import code_of, data_of, joined, text_of
from tests.powershell import GRAMMARS, broken, command_name, nodes, parameters, said, tree, used
from tests.reports.sample import HOSTILE_NAMES

TABLE: dict[str, dict[str, dict[str, Any]]] = tomllib.loads((Path(__file__).parent / "documented_names.toml").read_text(encoding="utf-8"))
COMMANDS = TABLE["reading"] | TABLE["changing"]
TEMPLATES = {path.name: path.read_bytes() for path in sorted(Path(reports.scripts.__file__).parent.glob("*.ps1"))}

SPECIAL = "'‘’‚‛\"`$();{}@#%|&<>\\\n\r\t\0\x1b\u202e\u2028 aé💥"
NAMES = st.text(st.characters(codec="utf-8"), max_size=40) | st.text(st.sampled_from(SPECIAL), max_size=40).map(
    lambda name: name.encode("utf-8", "ignore").decode()
)
WORST = (
    *HOSTILE_NAMES,
    "'; Remove-Item C:\\ -Recurse; '",
    "$(Remove-Item C:\\)",
    "`",
    "@'\n'@",
    "#>",
    "W" * 300,
    "# --- code ---",
    "\n# --- code ---\n",
    "",
)


def scripts(name: str) -> dict[str, bytes]:
    files = rendered(everything(name))
    return {file: content for file, content in files.items() if file.endswith(".ps1")}


PLAIN = scripts("TestServer01")
CODES = {code_of(content) for content in PLAIN.values()}


def whole(name: str) -> Node:
    """The syntax tree of the plain script of one kind."""
    return tree(text_of(PLAIN[name]).encode(), "pwsh")


DOMAIN = next(name for name in PLAIN if name.startswith("01-"))
HOST = next(name for name in PLAIN if "administrator-of" in name and not name.startswith("undo"))
TREES = (whole(DOMAIN), whole(HOST))
OWN = {said(next(nodes(node, "function_name"))) for root in TREES for node in nodes(root, "function_statement")}


RUNS_ON_THE_HOST = "& $onHost $Do $Step $Left"
"""The only block that is run, where the script is already on the host."""


# --- syntax and documented names ---


@pytest.mark.parametrize("name", ["TestServer01", *WORST])
def test_every_script_parses_under_any_name(name: str) -> None:
    for file, content in scripts(name).items():
        faults = {grammar: broken(tree(text_of(content).encode(), grammar)) for grammar in GRAMMARS}
        assert [] in faults.values(), (file, faults)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_part_of_the_code_is_ascii_and_keeps_to_windows_powershell_3(name: str) -> None:
    source = TEMPLATES[name]
    assert source.isascii()
    later = (rb"^\s*(class|enum|using)\s", rb"::\s*new\s*\(", rb"\?\?|\?\.|\?\[", rb"&&|\|\|", rb"\?\s*[^?:\n]+\s:\s")
    assert [pattern for pattern in later if re.search(pattern, source, re.MULTILINE)] == []
    assert name == "head.ps1" or not broken(tree(source, "powershell")), "the ternary operator is a fault in this grammar"


def test_only_documented_commands_and_parameters_are_used() -> None:
    for root in TREES:
        for command in nodes(root, "command"):
            name = command_name(command)
            if said(command) == RUNS_ON_THE_HOST:
                continue
            assert name in OWN or name in COMMANDS, name
            if name in COMMANDS:
                assert set(parameters(command)) <= set(COMMANDS[name]["parameters"]), (name, parameters(command))


def test_every_documented_command_and_parameter_is_used() -> None:
    seen: dict[str, set[str]] = {}
    for root in TREES:
        for command in nodes(root, "command"):
            seen.setdefault(command_name(command) or "", set()).update(parameters(command))
    assert {name: set(entry["parameters"]) for name, entry in COMMANDS.items()} == {name: seen.get(name) for name in COMMANDS}


def test_only_documented_types_are_used() -> None:
    literals = {re.sub(r"[\[\]]", "", said(literal)) for root in TREES for literal in nodes(root, "type_literal")}
    attributes = {said(name) for root in TREES for name in nodes(root, "attribute_name")} - {"string"}
    made = {
        re.split(r"\s+", said(command))[2] for root in TREES for command in nodes(root, "command") if command_name(command) == "New-Object"
    }
    assert literals | attributes | made <= set(TABLE["types"])


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_every_name_in_the_table_has_its_page(kind: str) -> None:
    assert all(re.fullmatch(r"[a-z0-9./_-]+", entry["page"]) for entry in TABLE[kind].values())


def test_no_string_of_the_code_is_looked_into_and_nothing_is_evaluated() -> None:
    for root in TREES:
        assert "Invoke-Expression" not in used(root)
        assert [said(text) for text in nodes(root, "expandable_string_literal") if any(nodes(text, "variable", "sub_expression"))] == []
        assert not list(nodes(root, "expandable_here_string_literal", "verbatim_here_string_characters"))
        invoked = {said(command) for command in nodes(root, "command") if command.children[0].type.startswith("command_invo")}
        assert invoked <= {RUNS_ON_THE_HOST}


# --- nothing is changed unasked ---


def functions_around(node: Node) -> str:
    """The name of the function that a node stands in, or of the variable of its script block, or nothing."""
    above = node.parent
    while above is not None:
        if above.type == "function_statement":
            return said(next(nodes(above, "function_name")))
        if above.type == "assignment_expression" and "script_block" in {child.type for child in nodes(above)}:
            return said(above.named_children[0])
        above = above.parent
    return ""


def calls(root: Node, names: Iterable[str]) -> list[Node]:
    wanted = set(names)
    return [command for command in nodes(root, "command") if command_name(command) in wanted]


@pytest.mark.parametrize("root", TREES, ids=("domain", "host"))
def test_a_change_is_made_only_after_shouldprocess_has_agreed(root: Node) -> None:
    changing = [command for command in calls(root, TABLE["changing"]) if command_name(command) != "Add-Content"]
    assert changing
    assert {functions_around(command) for command in changing} <= {"Write-Left", "Write-Allowed", "$onHost"}
    assert {functions_around(command) for command in calls(root, ["Write-Left"])} == {"Invoke-Change"}
    assert {functions_around(command) for command in calls(root, ["Write-Allowed"])} <= {"Write-Left"}
    (invoked,) = calls(root, ["Invoke-Change"])
    around = []
    above = invoked.parent
    while above is not None:
        if above.type == "if_statement":
            around.append(said(above))
        above = above.parent
    assert any(clause.startswith("if ($PSCmdlet.ShouldProcess($Step.Target, $Step.Text)) {") for clause in around)


def test_nothing_is_written_into_the_record_with_whatif() -> None:
    for root in TREES:
        (written,) = calls(root, ["Add-Content"])
        assert functions_around(written) == "Write-Record"
        function = next(node for node in nodes(root, "function_statement") if said(next(nodes(node, "function_name"))) == "Write-Record")
        assert said(next(nodes(function, "statement_list"))).startswith("if ($WhatIfPreference) { return }")


def test_on_the_host_only_what_is_told_to_write_writes() -> None:
    uses = {(functions_around(command), said(command).split()[1]) for command in calls(whole(HOST), ["Invoke-OnHost"])}
    assert {use for use in uses if use[1] not in ("'who'", "'read'", "'networks'")} == {("Write-Left", "'write'")}
    block = TEMPLATES["host.ps1"].decode()
    before, _, after = block.partition("if ($Do -ne 'write') { return }")
    assert not re.search(
        r"\b(Set|Add|Remove|Enable|Disable|Start|Stop)-\w",
        re.sub("(?m)^ *#.*|Set-StrictMode|'Add-LocalGroupMember'", "", before.replace("-Name Add-LocalGroupMember", "")),
    )
    assert after


def test_confirmation_is_high_and_whatif_is_offered() -> None:
    (head, _) = next(iter(CODES))
    assert "[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]\nparam()\n" in head


def test_every_kind_of_change_is_read_and_written_by_its_script() -> None:
    for root in TREES:
        cases = {
            name: {
                said(label).strip("'")
                for node in nodes(root, "function_statement")
                if said(next(nodes(node, "function_name"))) == name
                for label in nodes(node, "switch_clause_condition")
            }
            for name in ("Get-Present", "Write-Left")
        }
        assert cases["Get-Present"] == cases["Write-Left"]
    both = {said(label).strip("'") for root in TREES for label in nodes(root, "switch_clause_condition")}
    assert {kind.value for kind in Kind} == both - {"default"}


# --- no name becomes code ---


def test_there_are_three_codes_one_for_domains_one_for_hosts_and_one_that_changes_nothing() -> None:
    assert len(CODES) == 3


@settings(max_examples=30)
@given(NAMES)
@example("'; Remove-Item C:\\ -Recurse; '")
@example("’; Stop-Computer; ‘")
@example("$(Stop-Computer)`\n# --- code ---\n")
@example("\x1b]0;owned\x07")
@example("W" * 300)
def test_the_code_is_the_same_byte_for_byte_whatever_the_names_are(name: str) -> None:
    assert {code_of(content) for content in scripts(name).values()} <= CODES


@settings(max_examples=30)
@given(NAMES)
@example("'; Remove-Item C:\\ -Recurse; '")
@example("’; Stop-Computer; ‘")
@example("\r\n\t💥\u2028")
def test_a_name_arrives_in_the_data_as_exactly_itself(name: str) -> None:
    files = rendered(result(failure(remedy(*changes(name)))))
    steps = [step for file, content in files.items() if file[:2].isdigit() for step in data_of(content)["steps"]]
    by_kind = {step["Kind"]: step for step in steps}
    assert set(by_kind) == {kind.value for kind in Kind}
    for step in steps:
        assert joined(step["Place"]) == name
        assert joined(step["Text"]) == visible(joined(step["Text"])), "what is shown cannot steer a console"
    assert [joined(member) for member in by_kind["delegate_to"]["Members"]] == list(dict.fromkeys((f"cifs/{name}", name)))
    assert joined(by_kind["act_on_behalf"]["Principal"]["Name"]) == name
    assert joined(by_kind["firewall_rule"]["Object"]) == name


@pytest.mark.parametrize("name", WORST)
def test_file_names_need_no_quotes_and_stay_in_the_folder(name: str) -> None:
    for file in scripts(name):
        assert re.fullmatch(r"(undo-)?\d\d-[\w.-]+\.ps1", file)
        assert len(file) < 130


def test_windows_powershell_reads_the_scripts_as_utf8_with_its_own_line_ends() -> None:
    for content in PLAIN.values():
        text_of(content)


def test_the_undo_takes_back_each_step_in_the_opposite_order_and_nothing_else() -> None:
    for file, content in PLAIN.items():
        if file.startswith("undo-"):
            continue
        fix, undo = data_of(content)["steps"], data_of(PLAIN[f"undo-{file}"])["steps"]
        assert [(s["Kind"], s["Place"], s["Object"], s["Members"]) for s in fix] == [
            (s["Kind"], s["Place"], s["Object"], s["Members"]) for s in reversed(undo)
        ]
        for one, other in zip(fix, reversed(undo), strict=True):
            assert one["Present"] is not other["Present"]
            assert (one["Before"], one["After"]) == (other["After"], other["Before"])


def test_beyond_ninety_nine_people_the_numbers_are_as_long_as_the_longest() -> None:
    notes = (failure(remedy(who=administrator_of(f"HV{number:03}")), number=number) for number in range(100))
    names = [name for name in rendered(result(*notes)) if name.endswith(".ps1")]
    assert names[0].startswith("001-")
    assert sorted(names) == names


def test_there_is_no_undo_where_there_is_nothing_to_take_back() -> None:
    files = rendered(result(failure(remedy(who=administrator_of("HV01")))))
    assert [name for name in files if name.endswith(".ps1")] == ["01-administrator-of-HV01.ps1"]
    assert "undo-" not in files["README.md"].decode()


def test_fix_and_undo_share_one_record() -> None:
    for file, content in PLAIN.items():
        if not file.startswith("undo-"):
            assert data_of(content)["record"] == file.replace(".ps1", ".record.jsonl")
            if f"undo-{file}" in PLAIN:
                assert data_of(PLAIN[f"undo-{file}"])["record"] == data_of(content)["record"]
                assert data_of(PLAIN[f"undo-{file}"])["undo"] is True


def test_the_code_says_every_word_of_the_table_and_no_other() -> None:
    source = "".join(text.decode() for text in TEMPLATES.values())
    outcomes = set(re.findall(r"return '(\w+)', ", source)) | set(re.findall(r"\$outcome = '(\w+)'", source))
    assert set(re.findall(r"\$words\.(\w+)", source)) | outcomes == set(WORDS)
