"""`diff`: what changed from one run to another."""

from __future__ import annotations

from pathlib import Path

import msgspec

from checks.result import EXIT_CODES, Verdict
from reports.difference import as_data, differences, lines, new_failures, newly_unknown
from reports.language import Language
from runner import say
from runner.files.result import read_result

NEW_FAILURES = 7
"""The exit code where something fails that did not before."""
NEWLY_UNKNOWN = EXIT_CODES[Verdict.INCOMPLETE]
"""The exit code where nothing does, and something could not be judged that was before: INCOMPLETE, as a verdict is."""


def diff(old: Path, new: Path, form: str, language: str) -> int:
    """Say what changed from one run, or result file, to another; returns the exit code. Raises ResultError."""
    before, now = read_result(old), read_result(new)
    found = differences(before, now)
    if form == "json":
        say.json(msgspec.json.encode(as_data(before, now, found)).decode())
    else:
        for line in lines(before, now, found, Language(language)):
            say.out(line)
    return NEW_FAILURES if new_failures(found) else NEWLY_UNKNOWN if newly_unknown(found) else 0
