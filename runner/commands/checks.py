"""`hvpreflight checks`: what is checked."""

from __future__ import annotations

import msgspec

from checks.registry import all_checks
from reports.check_list import described, lines
from reports.language import Language
from reports.pages import rights
from runner import say


def show(form: str, language: str) -> int:
    """Print every check, as text for people or as JSON for machines."""
    if form == "json":
        found = sorted(all_checks(), key=lambda check: check.id)
        say.json(
            msgspec.json.format(msgspec.json.encode([{**described(check), "rights": rights(check)} for check in found]), indent=2).decode()
        )
    else:
        say.out("\n".join(lines(all_checks(), Language(language))))
    return 0
