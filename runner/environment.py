"""What the program takes from its environment, and what its children inherit of it."""

from __future__ import annotations

import os
import sys

PASSWORD = "HVPREFLIGHT_PASSWORD"  # noqa: S105 - the name of a variable
LANGUAGE = "HVPREFLIGHT_LANGUAGE"
"""The language of what is shown, where the command line names none."""
LANGUAGES = ("en", "de")
NO_COLOR = "NO_COLOR"
INHERITED = frozenset(
    {
        "DYLD_LIBRARY_PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "PWSH", "PYTHONHOME", "PYTHONIOENCODING",
        "PYTHONPATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "TZ", "USERPROFILE", "WINDIR",
    }
)  # fmt: skip
"""What a child needs to run: no account, no proxy, no secret of whoever started us."""


def has_terminal() -> bool:
    """Does somebody sit there who can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def color() -> bool | None:
    """False where colours are not wanted; None: as the stream can."""
    return False if os.environ.get(NO_COLOR) else None


_taken: dict[str, str] = {}


def password() -> str | None:
    """The password that was given in the environment. It is taken out of there the first time, so that nothing that runs after, neither a
    child nor a library, finds it."""
    if PASSWORD in os.environ:
        _taken[PASSWORD] = os.environ.pop(PASSWORD)
    return _taken.get(PASSWORD)


def for_children() -> dict[str, str]:
    """The environment of a process that we start."""
    return {name: value for name, value in os.environ.items() if name.upper() in INHERITED}
