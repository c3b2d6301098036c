from __future__ import annotations

import json
import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

import pytest
import tree_sitter_powershell
import tree_sitter_pwsh
from hypothesis import example, given
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

from checks.text import Value
from reports.escape import file_name, json_in_html, powershell, powershell_command, terminal, visible
from tests.reports.sample import HOSTILE_NAMES

NAMES = st.text(st.characters(), max_size=40) | st.text(st.sampled_from("'‘’‚‛\"`$();{}|&#\\\n\r\x1b\u202e aé💥"), max_size=40)
PARSERS = [Parser(Language(grammar.language())) for grammar in (tree_sitter_powershell, tree_sitter_pwsh)]


def unsafe(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


@given(NAMES)
@example("\x1b]0;title\x07")
@example("\x9b31m")
@example("\u202e\u2066\u200f\ufeff")
def test_nothing_in_a_name_can_steer_a_terminal_or_reorder_its_line(name: str) -> None:
    assert not any(map(unsafe, terminal(name)))


@given(NAMES, st.sampled_from(["ascii", "cp437", "cp1252", "utf-8"]))
def test_a_name_fits_the_encoding_of_the_terminal(name: str, encoding: str) -> None:
    terminal(name, encoding).encode(encoding)


@pytest.mark.parametrize("name", ["LMTest", "CONTOSO\\hv-operator", "Büro 3 – Köln", "仮想マシン", "a<b>&'\""])
def test_a_readable_name_stays_as_it_is(name: str) -> None:
    assert terminal(name) == name


def test_a_hidden_character_is_shown_by_its_number() -> None:
    assert visible("a\u202eb\x1bc\U000e0041") == "a\\u202eb\\x1bc\\U000e0041"


def what_powershell_reads(literal: str) -> str:
    """A reader of PowerShell's verbatim strings and [char] sums, written from about_Quoting_Rules apart from the product's code:
    any of the five quotes ends a string, two of them in a row are the second one."""
    quotes = "'‘’‚‛"
    units: list[int] = []
    at = 0
    while at < len(literal):
        if cast := re.compile(r"\[char\]0x([0-9a-f]{4})").match(literal, at):
            units.append(int(cast[1], 16))
            at = cast.end()
        elif literal[at] in quotes:
            at += 1
            while literal[at] not in quotes or literal[at + 1 : at + 2] in tuple(quotes):
                at += literal[at] in quotes
                units += memoryview(literal[at].encode("utf-16-le", "surrogatepass")).cast("H")
                at += 1
            at += 1
        else:
            assert literal[at] in "()+ ", f"{literal[at]!r} outside a string in {literal}"
            at += 1
    return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le", "surrogatepass")


@given(NAMES)
@example("'; Remove-Item C:\\ -Recurse; '")
@example("’; Stop-Computer; ‘")
@example("it''s")
def test_powershell_reads_a_quoted_name_as_that_name(name: str) -> None:
    literal = powershell(name)
    assert what_powershell_reads(literal) == name.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert not any(map(unsafe, literal))


def commands_in(node: Node) -> int:
    return (node.type == "command") + sum(commands_in(child) for child in node.children)


@pytest.mark.parametrize("parser", PARSERS, ids=["tree-sitter-powershell", "tree-sitter-pwsh"])
@given(name=NAMES, names=st.lists(NAMES, max_size=3))
def test_a_command_with_any_names_stays_one_command(parser: Parser, name: str, names: list[str]) -> None:
    values: dict[str, Value] = {"vm": name, "services": tuple(names), "count": 2, "on": True}
    command = powershell_command("Set-VM -Name {vm} -Add @{'x' = {services}} -Count {count} -On {on}", values)
    tree = parser.parse(command.encode())
    assert not tree.root_node.has_error, command
    assert commands_in(tree.root_node) == 1


def test_lists_numbers_truth_and_nothing_become_powershell_literals() -> None:
    values: dict[str, Value] = {"a": ("x", "y'z"), "b": 3, "c": False, "d": None, "e": ()}
    assert powershell_command("F {a} {b} {c} {d} {e} {f}", values) == "F 'x', 'y''z' 3 $false $null @() {f}"


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    assert powershell_command("F {a} {b}", {"a": "{b}", "b": "x"}) == "F '{b}' 'x'"


@pytest.mark.parametrize("template", ["Get-ADUser -Filter \"Name -eq '{name}'\"", "F '{name}'", 'F "a`"{name}"'])
def test_a_command_that_would_put_a_literal_inside_quotes_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="inside quotes"):
        powershell_command(template, {"name": "x"})


def test_a_number_without_a_literal_is_refused() -> None:
    with pytest.raises(ValueError, match="no literal"):
        powershell_command("F {a}", {"a": float("nan")})


@given(NAMES)
@example("../../etc/passwd")
@example("..")
@example("CON")
@example("nul.txt")
@example("a" * 500)
@example("名" * 200)
def test_a_file_named_after_somebody_stays_in_its_folder_on_every_system(name: str) -> None:
    made = file_name(name)
    assert 0 < len(made.encode()) <= 255
    assert PurePosixPath(made).name == made == PureWindowsPath(made).name
    assert not set(made) & set('<>:"/\\|?*')
    assert not any(map(unsafe, made))
    assert made[-1] not in ". "
    assert made[0] not in ".-~"
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", made)


def test_an_ordinary_file_name_stays_as_it_is() -> None:
    assert file_name("CHG0042317 domain administrator.ps1") == "CHG0042317 domain administrator.ps1"


@given(st.lists(st.sampled_from(HOSTILE_NAMES) | st.text(st.characters(exclude_categories=["Cs"]))))
@example(["</script>", "<!--", "]]>", "&lt;"])
def test_json_in_a_page_cannot_end_its_element_and_keeps_its_values(values: list[str]) -> None:
    text = str(json_in_html(json.dumps(values, ensure_ascii=False).encode()))
    assert not set(text) & set("<>&")
    assert not any(map(unsafe, text))
    assert json.loads(text) == values
