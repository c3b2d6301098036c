"""`jea`: a session configuration through which hosts are read by people who can do nothing else there. Writes files; asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reports.language import Language
from runner import say
from runner.endpoint import files
from runner.endpoint.rights import run_as
from runner.files.folder import write_folder


def jea(out: Path, allowed: Sequence[str], language: str, *, administrator: bool) -> int:
    """Write the module, the session configuration and their README into a new folder; returns the exit code. Raises FolderError, and
    Mistake for a name that nobody can have."""
    words = Language(language)
    for path in write_folder(out, files(allowed, run_as(administrator=administrator), words)):
        say.path(path)
    say.err(words.say("Nothing was registered. README.md says how each host gets it, how it is tested, and how it is removed."))
    return 0
