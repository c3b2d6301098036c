"""`hvpreflight checks`: what is checked."""

from __future__ import annotations

import click
import msgspec

from checks.check import Check
from checks.registry import all_checks


def show(form: str) -> int:
    """Print every check, as text for people or as JSON for machines."""
    found = sorted(all_checks(), key=lambda check: check.id)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode([described(check) for check in found]), indent=2).decode())
        return 0
    area = ""
    for check in found:
        if check.area != area:
            area = check.area
            click.echo(f"\n{area}" if found[0] is not check else area)
        click.echo(f"  {check.id:<38} {check.scope.value:<7} {check.severity.value:<8} {check.title}")
    click.echo(f"\n{len(found)} checks")
    return 0


def described(check: Check) -> dict[str, object]:
    """What the catalogue says of a check, for machines."""
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
