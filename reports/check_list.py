"""What is checked: every check in a line for people, or with everything that it declares for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from checks.check import Check


def lines(checks: Iterable[Check]) -> Iterator[str]:
    """The checks in lines, sorted by id: a heading for each area, a blank line between two, and their number."""
    found = sorted(checks, key=lambda check: check.id)
    for area, of_area in groupby(found, key=lambda check: check.area):
        yield area
        yield from (f"  {check.id:<38} {check.scope.value:<7} {check.severity.value:<8} {check.title}" for check in of_area)
        yield ""
    yield f"{len(found)} checks"


def described(check: Check) -> dict[str, object]:
    """What a check declares, by the names that scripts read."""
    return {
        "id": check.id,
        "title": check.title,
        "scope": check.scope.value,
        "severity": check.severity.value,
        "highest_severity": check.highest.value,
        "facts": check.facts,
        "depends_on": check.depends_on,
        "codes": check.predicts,
        "article": check.article,
    }
