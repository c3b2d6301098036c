"""Starts another Python of this program."""

from __future__ import annotations

import sys


def python(*arguments: str) -> list[str]:
    """The command line of this interpreter with these arguments. The folder in which the user stands is not on its path (`-P`), so that no
    file there is taken for a module of ours or of Python."""
    return [sys.executable, "-P", *arguments]
