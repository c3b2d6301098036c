"""Scripts for those who have to act, from a result: one for each person, one that takes it back, and a README in both languages.

Nothing of this is ever run by us.
"""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from checks.remedy import Role
from checks.result import Result
from reports.escape import file_name
from reports.language import Language
from reports.scripts import readme
from reports.scripts.script import note, script
from reports.scripts.work import Person, Task, tasks

LANGUAGES = {"en": "README.md", "de": "README.de.md"}

_FILE_NAMES = {
    Role.DOMAIN: "domain-administrator",
    Role.HOST: "administrator-of",
    Role.OWNER: "owner-of",
    Role.NETWORK: "network-administrator",
    Role.OPERATOR: "operator",
    Role.OTHER: "person",
}
_IN_CAPITALS = (Role.DOMAIN, Role.HOST)
_TITLE = {
    Role.DOMAIN: "domain administrator",
    Role.HOST: "administrator",
    Role.OWNER: "owner",
    Role.NETWORK: "network administrator",
    Role.OPERATOR: "operator",
    Role.OTHER: "",
}


class Part(Struct, frozen=True):
    """What one person gets: the task and the names of its two scripts."""

    task: Task
    script: str
    undo: str


def parts(result: Result) -> tuple[Part, ...]:
    """The parts of the work in the order in which they are done."""
    found = []
    for number, task in enumerate(tasks(result), start=1):
        name = f"{number:02}-{_file_name(task.person)}.ps1"
        found.append(Part(task, name, f"undo-{name}"))
    return tuple(found)


def render(result: Result, *, now: datetime) -> dict[str, bytes]:
    """The files of a fix by name; none where nobody has to do anything. Lines end as on Windows, and the scripts begin with a mark of
    their encoding, because Windows PowerShell reads a file without one in its own code page."""
    found = parts(result)
    if not found:
        return {}
    files: dict[str, bytes] = {}
    for part in found:
        task = part.task
        title = _title(task.person, result.change.id)
        back = tuple(note(each.remedy, back=True) for each in task.notes if each.remedy.undo)
        files[part.script] = _bytes(script(task.person.role, f"{title}: changes", task.steps, tuple(note(n.remedy) for n in task.notes)))
        files[part.undo] = _bytes(script(task.person.role, f"{title}: the changes taken back", task.undo, back))
    for language, name in LANGUAGES.items():
        files[name] = readme.render(result, found, Language(language), now).replace("\n", "\r\n").encode()
    return files


def _bytes(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def _title(who: Person, change: str) -> str:
    about = " of ".join(filter(None, (_TITLE[who.role], who.name)))
    return f"hvpreflight, {change}, {about}" if change else f"hvpreflight, {about}"


def _file_name(who: Person) -> str:
    """Letters, digits, dots, lines: a name that needs no quotes in any shell."""
    name = who.name.upper() if who.role in _IN_CAPITALS else who.name
    plain = re.sub(r"[^\w.-]+", "_", name)[:60].strip("._-")
    return file_name("-".join(filter(None, (_FILE_NAMES[who.role], plain))))
