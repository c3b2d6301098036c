"""What is checked: every check in a line for people, or with everything that it declares for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from checks.check import Check, Scope
from reports.language import Language


def lines(checks: Iterable[Check], language: Language) -> Iterator[str]:
    """The checks in lines, sorted by id: a heading for each area, a blank line between two, and their number."""
    found = sorted(checks, key=lambda check: check.id)
    width = max(len(language.say(scope)) for scope in Scope) + 1
    for area, of_area in groupby(found, key=lambda check: check.area):
        yield language.say(area)
        for check in of_area:
            scope, title = language.say(check.scope), language.say(check.title)
            yield f"  {check.id:<38} {scope:<{width}} {_severity(check):<12} {title}"
        yield ""
    yield language.say("{count} checks. Of two severities the graver one counts where it is not known.", count=len(found))


def _severity(check: Check) -> str:
    """The severity of a failure, and the highest that one may have where that is another: `RISK–BLOCKER`."""
    return "–".join(dict.fromkeys((check.severity.value, check.highest.value)))


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
