"""Where configuration files lie, and the language that they name, which is asked for at every start: nothing heavy is imported here."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from runner.encodings import whole_text
from runner.environment import LANGUAGES

NAME = "hvpreflight.toml"
MOST_BYTES = 1 << 20
"""So much of a file is looked through for a language before anything is asked of it; one that is cut is no TOML, and names none."""


def users_file() -> Path | None:
    """Where the user's own configuration file would lie; nothing where the system does not tell of a folder for it."""
    try:
        if sys.platform == "win32":
            folder = Path(os.environ["APPDATA"]) if os.environ.get("APPDATA") else None
        elif sys.platform == "darwin":
            folder = Path.home() / "Library" / "Application Support"
        else:
            folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:  # there is no home
        return None
    return folder / "hvpreflight" / NAME if folder and folder.is_absolute() else None


def configured_language(words: Iterable[str]) -> str | None:
    """The language that configuration files name for a command line, where they can be read. It is asked for before anything is parsed;
    what is wrong with a file says the command that needs it."""
    plans = (Path(word) for word in words if not word.startswith("-"))
    beside = [plan.parent / NAME for plan in plans if plan.suffix.lower() == ".toml"]
    places = [*(beside or [Path(NAME)]), users_file()]
    for path in dict.fromkeys(places):
        try:
            if path is not None and path.is_file():
                import tomllib

                with path.open("rb") as file:
                    content = file.read(MOST_BYTES)
                said = tomllib.loads(whole_text(content))["run"]["language"]
                if said in LANGUAGES:
                    return str(said)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
    return None
