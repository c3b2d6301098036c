"""Reads a file of waivers. Every problem is reported at once, with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct

from checks.check import Check, Scope
from checks.text import Text, text
from checks.waiver import Waiver
from runner.files.tables import FileError, did_you_mean, read_table

FIELDS = {
    Scope.HOST: ("host",),
    Scope.PAIR: ("source", "target"),
    Scope.MOVE: ("source", "target", "vm"),
    Scope.ACCESS: ("host", "operator"),
    Scope.PLAN: (),
}
"""What the subjects of each scope have."""


class WaiverFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The waivers as they stand in their TOML file."""

    waivers: tuple[Waiver, ...]


def read_waivers(path: Path, checks: Iterable[Check]) -> tuple[tuple[Waiver, ...], bytes]:
    """The waivers in a file, and its bytes. Raises FileError with every problem."""
    table = read_table(path, WaiverFile, text("the file of waivers"))
    scopes = {check.id: check.scope for check in checks}
    places = enumerate(table.said.waivers)
    problems = [table.problem(path, ("waivers", number), said) for number, waiver in places for said in _odd(waiver, scopes)]
    if problems:
        raise FileError(problems)
    return table.said.waivers, table.content


def _odd(waiver: Waiver, scopes: dict[str, Scope]) -> Iterator[Text]:
    """What is wrong with a waiver by itself."""
    for name in ("reason", "approved_by"):
        if not getattr(waiver, name).strip():
            yield text("{name} is empty: a waiver says why, and who answers for it", name=name)
    check = waiver.finding.partition("@")[0]
    if check not in scopes:
        yield text("there is no check {name}{hint}", name=check, hint=did_you_mean(check, scopes))
        return
    has = FIELDS[scopes[check]]
    if strange := [name for name in waiver.subject if name not in has]:
        yield text("{names}: what {check} is about has {fields}", names=tuple(strange), check=check, fields=has or text("no such fields"))
    if waiver.of_check and has and not waiver.subject:
        yield text("of which subject of {check}? Name a finding ({check}@...), or {fields}", check=check, fields=has)
