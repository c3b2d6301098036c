"""One PowerShell script: a block of data, in which every name and value stands as a literal, before code that is always the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import TypeAlias

from msgspec import Struct

from checks.remedy import Role
from checks.result import RemedyRecord
from checks.text import Text
from reports.escape import powershell, visible
from reports.language import Language
from reports.scripts.words import comment_help, spoken
from reports.scripts.work import Machine, Note, Step, target

DATA, CODE = "# --- data ---\n", "# --- code ---\n"
"""The lines around the data. No line of the data is like them: nothing in it begins with `#`."""

_PARTS: dict[Role, tuple[str, ...]] = {
    Role.DOMAIN: ("record.ps1", "domain.ps1", "body.ps1"),
    Role.HOST: ("record.ps1", "host.ps1", "body.ps1"),
}
_NOTHING_TO_CHANGE = ("none.ps1",)

Data: TypeAlias = "str | int | bool | Iterable[Data] | Mapping[str, Data] | None"


class About(Struct, frozen=True):
    """What a script says of itself: whose it is and what it is made from. `record` is the name of the file in which it and its undo keep
    what was really changed; `machine` is the host that it is for."""

    role: Role
    title: str
    version: str
    facts: str
    valid_until: str
    plan: str
    snapshot: str
    record: str
    machine: Machine | None = None


def script(about: About, steps: tuple[Step, ...], notes: tuple[Note, ...], language: Language, *, undo: bool = False) -> str:
    """The text of a script with LF line ends; `undo`: of the one that takes the steps back."""
    data = (
        f"$title = {literal(visible(about.title))}",
        _row("about", _about(about)),
        f"$undo = {literal(undo)}",
        f"$record = {literal(about.record)}",
        f"$machine = {literal(_machine(about.machine))}",
        _row("words", spoken(language)),
        _rows("steps", (_step(number, step, numbers(steps), language) for number, step in enumerate(steps, start=1))),
        _rows("notes", (_note(each.remedy, language, undo=undo) for each in notes)),
    )
    parts = ("common.ps1", *(_PARTS.get(about.role, _NOTHING_TO_CHANGE) if steps else _NOTHING_TO_CHANGE))
    return f"{comment_help(language)}{_file('head.ps1')}{DATA}" + "\n".join(data) + f"\n{CODE}" + "\n".join(map(_file, parts))


def numbers(steps: tuple[Step, ...]) -> dict[int, int]:
    """The number under which a script shows a step, by the id of the step."""
    return {step.id: number for number, step in enumerate(steps, start=1)}


def _about(about: About) -> dict[str, Data]:
    return {
        "Version": about.version,
        "Facts": about.facts,
        "ValidUntil": about.valid_until,
        "Plan": about.plan,
        "Snapshot": about.snapshot,
    }


def _machine(machine: Machine | None) -> dict[str, Data] | None:
    return {"Name": machine.full_name, "Address": machine.address, "Tls": machine.tls} if machine else None


def _note(remedy: RemedyRecord, language: Language, *, undo: bool) -> dict[str, Data]:
    """A remedy as an instruction; `undo`: how it is taken back."""
    said = Text(remedy.template, remedy.values)
    return {
        "Text": visible(language.say("Take this back: {what}", what=said) if undo else language.show(said)),
        "Commands": tuple(map(visible, language.commands(remedy, "undo" if undo else "commands"))),
        "Verify": tuple(map(visible, language.commands(remedy, "verify"))),
    }


def literal(value: Data) -> str:
    """A value as PowerShell data. Strings are exactly themselves."""
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return powershell(value)
    if isinstance(value, Mapping):
        return f"@{{ {'; '.join(f'{name} = {literal(each)}' for name, each in value.items())} }}"
    return f"@({', '.join(map(literal, value))})"


def _step(number: int, step: Step, shown: Mapping[int, int], language: Language) -> dict[str, Data]:
    principal = step.principal
    return {
        "Number": number,
        "Id": step.id,
        "Needs": tuple(shown[each] for each in step.needs),
        "Kind": step.kind.value,
        "Text": visible(language.show(step.text)),
        "Target": visible(language.show(target(step))),
        "Place": step.place,
        "Object": step.object,
        "Sid": step.sid,
        "Members": step.members,
        "Present": step.present,
        "Before": step.before,
        "After": step.after,
        "Principal": {"Sid": principal.sid, "Name": principal.name, "Account": principal.account, "Domain": principal.domain}
        if principal
        else None,
    }


def _rows(name: str, rows: Iterable[Mapping[str, Data]]) -> str:
    return f"${name} = @(\n" + "".join(f"    @{{\n{_fields(row, 8)}    }}\n" for row in rows) + ")"


def _row(name: str, row: Mapping[str, Data]) -> str:
    return f"${name} = @{{\n{_fields(row, 4)}}}"


def _fields(row: Mapping[str, Data], depth: int) -> str:
    return "".join(f"{' ' * depth}{name} = {literal(value)}\n" for name, value in row.items())


def _file(name: str) -> str:
    return (resources.files("reports.scripts") / name).read_text(encoding="utf-8")
