"""Whatever a name leads to, a command says in one line that it cannot use it, and ends with the exit code of wrong usage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runner.files.folder import FolderError, replace_own
from tests.program import hvpreflight

LONG = "=cmd|" + 250 * "z" + "\n\x1b[31m\u202e"
"""A name that no system takes, with what would move a cursor, begin a line or turn the direction of reading."""
COMMANDS = (
    ("check",),
    ("fix",),
    ("report",),
    ("diff", LONG),
    ("index",),
    ("index", ".", "-o"),
    ("diagnose",),
)
"""Each way in which a command comes to a file or folder that is named on the command line."""


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_name_that_no_file_can_have_is_refused_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    ran = hvpreflight(*command, LONG, cwd=tmp_path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), ran
    assert "z\\x0a\\x1b[31m\\u202e" in ran.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name")
def test_a_page_does_not_wait_for_who_may_write_into_a_pipe_of_its_name(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "index.html")
    with pytest.raises(FolderError, match=r"index\.html cannot be written: it is no file"):
        replace_own(tmp_path / "index.html", b"page", b"mark")
