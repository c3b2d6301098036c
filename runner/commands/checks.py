"""`hvpreflight checks`: what is checked."""

from __future__ import annotations

import click
import msgspec

from checks.registry import all_checks
from reports.check_list import described, lines


def show(form: str) -> int:
    """Print every check, as text for people or as JSON for machines."""
    if form == "json":
        found = sorted(all_checks(), key=lambda check: check.id)
        click.echo(msgspec.json.format(msgspec.json.encode([described(check) for check in found]), indent=2).decode())
    else:
        click.echo("\n".join(lines(all_checks())))
    return 0
