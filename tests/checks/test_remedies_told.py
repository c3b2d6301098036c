"""Whoever carries out a remedy is told beforehand what goes down with it, and what to see afterwards."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import checks

RESTARTS = re.compile(r"\bRestart-(Computer|Service)\b|\s-Restart\b")


def remedies() -> Iterator[tuple[str, ast.Call]]:
    """Every remedy of a check, as it is written."""
    folder = Path(checks.__file__).parent
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Remedy":
                yield f"{path.relative_to(folder)}:{node.lineno}", node


def test_a_remedy_whose_commands_restart_something_says_what_goes_down() -> None:
    found = [(where, {each.arg: each.value for each in node.keywords}) for where, node in remedies()]
    restarting = [(where, parts) for where, parts in found if "commands" in parts and RESTARTS.search(ast.unparse(parts["commands"]))]
    assert len(restarting) >= 8
    assert [where for where, parts in restarting if "restarts" not in parts] == []


def test_whoever_verifies_a_remedy_is_told_what_to_see() -> None:
    found = [(where, {each.arg: each.value for each in node.keywords}) for where, node in remedies()]
    verified = [(where, parts) for where, parts in found if "verify" in parts and "text(" not in ast.unparse(parts["verify"])]
    assert len(verified) >= 50
    assert [where for where, parts in verified if "shows" not in parts] == []
