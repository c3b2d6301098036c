"""One PowerShell script: a block of data, in which every name and value stands as a literal, before code that is always the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import TypeAlias

from checks.remedy import Role
from checks.result import RemedyRecord
from checks.text import render
from reports.escape import powershell, visible
from reports.scripts.work import Step

DATA, CODE = "# --- data ---\n", "# --- code ---\n"
"""The lines around the data. No line of the data is like them: nothing in it begins with `#`."""

_PARTS: dict[Role, tuple[str, ...]] = {Role.DOMAIN: ("domain.ps1", "body.ps1"), Role.HOST: ("host.ps1", "body.ps1")}
_NOTHING_TO_CHANGE = ("none.ps1",)

Data: TypeAlias = "str | int | bool | Iterable[Data] | Mapping[str, Data] | None"


def script(role: Role, title: str, steps: tuple[Step, ...], notes: tuple[Mapping[str, Data], ...]) -> str:
    """The text of a script with LF line ends. `notes` are instructions (`note`)."""
    data = "\n".join((f"$title = {powershell(visible(title))}", _rows("steps", map(_step, _numbered(steps))), _rows("notes", notes)))
    parts = ("common.ps1", *(_PARTS.get(role, _NOTHING_TO_CHANGE) if steps else _NOTHING_TO_CHANGE))
    return f"{_file('head.ps1')}{DATA}{data}\n{CODE}" + "\n".join(map(_file, parts))


def note(remedy: RemedyRecord, *, back: bool = False) -> dict[str, Data]:
    """A remedy as an instruction in a script's data; `back`: how it is taken back."""
    commands = remedy.undo if back else remedy.commands
    text = f"Take this back: {remedy.text}" if back else remedy.text
    return {
        "Text": visible(text),
        "Commands": tuple(map(visible, commands)),
        "Verify": tuple(map(visible, remedy.verify)),
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


def _numbered(steps: tuple[Step, ...]) -> list[tuple[int, Step]]:
    return list(enumerate(steps, start=1))


def _step(numbered: tuple[int, Step]) -> dict[str, Data]:
    number, step = numbered
    principal = step.principal
    return {
        "Number": number,
        "Kind": step.kind.value,
        "Text": visible(render(step.text.template, step.text.values)),
        "Target": visible(step.target),
        "Place": step.place,
        "Object": step.object,
        "Members": step.members,
        "Present": step.present,
        "Before": step.before,
        "After": step.after,
        "Principal": {"Sid": principal.sid, "Name": principal.name, "Account": principal.account, "Domain": principal.domain}
        if principal
        else None,
    }


def _rows(name: str, rows: Iterable[Mapping[str, Data]]) -> str:
    return f"${name} = @(\n" + "".join(map(_row, rows)) + ")"


def _row(row: Mapping[str, Data]) -> str:
    return "    @{\n" + "".join(f"        {name} = {literal(value)}\n" for name, value in row.items()) + "    }\n"


def _file(name: str) -> str:
    return (resources.files("reports.scripts") / name).read_text(encoding="utf-8")
