"""`hvpreflight explain`: the page of a check, or of an error by any spelling of its code."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable

import msgspec

from checks.check import Check
from checks.errors.lookup import find
from checks.registry import all_checks
from reports import pages
from reports.check_list import described, lines
from reports.escape import terminal
from reports.language import Language
from runner import say

NOTHING_KNOWN = 6

_WIDEST = 110


def explain(asked: str, language: str = "en", form: str = "text") -> int:
    """Print what is known of a check id or an error. Returns the exit code: 0, or 6 where nothing known fits."""
    asked = asked.strip()
    check = next((check for check in all_checks() if check.id == asked.casefold()), None)
    errors = () if check else find(asked)
    said = Language(language)
    if of_area := tuple(check for check in all_checks() if check.area == asked.casefold()):
        return _area(of_area, form, said)
    if form == "json":
        say.json(msgspec.json.format(msgspec.json.encode(pages.as_data(asked, check, errors, said)), indent=2).decode())
    else:
        _print(pages.of_check(check, said) if check else pages.of_errors(asked, errors, said))
    return 0 if check or errors else NOTHING_KNOWN


def _area(checks: tuple[Check, ...], form: str, language: Language) -> int:
    """Print the checks of an area."""
    if form == "json":
        say.json(msgspec.json.format(msgspec.json.encode([described(check) for check in checks]), indent=2).decode())
    else:
        _print(lines(checks, language))
    return 0


def _print(shown_lines: Iterable[str]) -> None:
    """To a terminal in its width, to anything else each line whole."""
    width = min(shutil.get_terminal_size().columns - 1, _WIDEST) if sys.stdout.isatty() else 0
    encoding = sys.stdout.encoding or "utf-8"
    for line in shown_lines:
        shown = terminal(line, encoding)
        indent = " " * (len(shown) - len(shown.lstrip()))
        parts = textwrap.wrap(shown, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False) if width > 40 else ()
        say.out("\n".join(parts) if parts else shown)
