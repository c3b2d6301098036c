"""Scripts for those who have to act, from a result: one for each person, one that takes it back, and a README in both languages.

Nothing of this is ever run by us.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from checks.remedy import Role
from checks.result import Result
from checks.text import Text
from checks.windows.names import HostName
from reports.escape import file_name
from reports.language import Language, iso
from reports.scripts import readme
from reports.scripts.script import About, script
from reports.scripts.work import Machine, Person, Task, tasks

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


class Part(Struct, frozen=True):
    """What one person gets: the task and the names of its scripts. `undo` is empty where there is nothing to take back."""

    task: Task
    script: str
    undo: str

    @property
    def record(self) -> str:
        """The file in which the script and its undo keep what was really changed."""
        return self.script.removesuffix(".ps1") + ".record.jsonl"


def parts(result: Result, machines: Mapping[HostName, Machine]) -> tuple[Part, ...]:
    """The parts of the work in the order in which they are done."""
    found = tasks(result, machines)
    width = max(2, len(str(len(found))))
    named = ((task, f"{number:0{width}}-{_file_name(task.person)}.ps1") for number, task in enumerate(found, start=1))
    return tuple(Part(task, name, f"undo-{name}" if task.steps or task.undone_by_hand else "") for task, name in named)


def render(result: Result, machines: Mapping[HostName, Machine], language: Language, *, now: datetime) -> dict[str, bytes]:
    """The files of a fix by name; none where nobody has to do anything. The scripts speak `language`, the README stands there in each.
    Lines end as on Windows, and the scripts begin with a mark of their encoding, because Windows PowerShell reads a file without one in
    its own code page."""
    found = parts(result, machines)
    if not found:
        return {}
    files: dict[str, bytes] = {}
    for part in found:
        task = part.task
        about = _about(result, part, machines, _title(result, task.person, language))
        files[part.script] = _bytes(script(about, task.steps, task.notes, language))
        if part.undo:
            back = replace(about, title=_title(result, task.person, language, undo=True))
            files[part.undo] = _bytes(script(back, task.undo, task.undone_by_hand, language, undo=True))
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    for each, name in LANGUAGES.items():
        files[name] = readme.render(result, found, Language(each), now, digests).replace("\n", "\r\n").encode()
    return files


def _about(result: Result, part: Part, machines: Mapping[HostName, Machine], title: str) -> About:
    return About(
        part.task.person.role,
        title,
        version=result.tool.version,
        facts=iso(result.collected.end),
        valid_until=iso(result.valid_until),
        plan=result.plan_sha256,
        snapshot=result.snapshot_sha256,
        record=part.record,
        machine=machines.get(HostName(part.task.person.name)) if part.task.person.role is Role.HOST else None,
    )


def _bytes(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def _title(result: Result, person: Person, language: Language, *, undo: bool = False) -> str:
    named, unnamed = readme.PEOPLE[person.role]
    who = Text(named, {"name": person.name}) if person.name else Text(unnamed)
    what = language.say("{who}: the changes taken back" if undo else "{who}: changes", who=who)
    return ", ".join(filter(None, ("hvpreflight", result.change.id, what)))


def _file_name(who: Person) -> str:
    """Letters, digits, dots, lines: a name that needs no quotes in any shell."""
    name = who.name.upper() if who.role in _IN_CAPITALS else who.name
    plain = re.sub(r"[^\w.-]+", "_", name)[:60].strip("._-")
    return file_name("-".join(filter(None, (_FILE_NAMES[who.role], plain))))
