"""The README of a fix: who does what in which order, what it changes, how long it takes, how to verify it and how to take it back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from checks.check import Outcome, Severity
from checks.remedy import Role
from checks.result import Result
from checks.text import Text, Value
from reports.digest import instead_of
from reports.escape import markdown, visible
from reports.language import Language
from reports.scripts.work import Note, Person, Step, Task
from reports.times import both
from reports.ways import in_markdown, in_short, ways

if TYPE_CHECKING:
    from reports.scripts import Part

PEOPLE: dict[Role, tuple[str, str]] = {
    Role.DOMAIN: ("Domain administrator of {name}", "Domain administrator"),
    Role.HOST: ("Administrator of {name}", "Administrator of the host"),
    Role.OWNER: ("Owner of the VM {name}", "Owner of the VM"),
    Role.NETWORK: ("Network administrator", "Network administrator"),
    Role.OPERATOR: ("Operator, who starts the move", "Operator, who starts the move"),
    Role.OTHER: ("{name}", "Somebody else"),
}


def render(result: Result, parts: Sequence[Part], language: Language, now: datetime, digests: Mapping[str, str]) -> str:
    """The README in one language, as Markdown that reads well without being rendered. `digests` are the SHA-256 of the scripts, by name."""
    return "\n".join(_Readme(result, parts, language, digests).lines(now)) + "\n"


class _Readme:
    def __init__(self, result: Result, parts: Sequence[Part], language: Language, digests: Mapping[str, str]) -> None:
        self.result, self.parts, self.language, self.digests = result, parts, language, digests
        self.by_id = {finding.id: finding for finding in result.findings}

    def say(self, template: str, **values: Value) -> str:
        """One of this module's sentences; the values are escaped, the sentence itself may hold Markdown."""
        return self.language.say(template, **{name: self._escaped(value) for name, value in values.items()})

    def _escaped(self, value: Value) -> str:
        return markdown(self.language.show(value))

    def text(self, text: Text) -> str:
        """A sentence of a check or of a step, wholly escaped."""
        return markdown(self.language.show(text))

    def lines(self, now: datetime) -> Iterator[str]:
        result = self.result
        change = result.change.name
        yield "# " + (
            self.say("What has to be done before the moves of {change}", change=change)
            if change
            else self.say("What has to be done before the moves")
        )
        yield ""
        yield self.say(
            "Made by hvpreflight {version} from the facts of {at}. Verdict then: **{verdict}**. Nothing of this has been run.",
            version=result.tool.version,
            at=both(result.collected.end, result),
            verdict=result.verdict.value,
        )
        if result.expired(now):
            yield ""
            yield self.say(
                "**These facts are too old (valid until {until}). Check again before anything is changed.**",
                until=both(result.valid_until, result),
            )
        if choice := in_short(ways(result, self.language), self.language):
            yield ""
            yield f"**{markdown(choice.heading)}**"
            yield ""
            if choice.taken:
                yield self.say("The scripts here, taken together, are way {letter}.", letter=choice.taken)
                yield ""
            yield from in_markdown(choice, self.language)
        yield from self._order()
        yield from self._how_to()
        for number, part in enumerate(self.parts, start=1):
            yield from self._part(number, part)
        yield from self._afterwards()
        yield from self._undo()
        yield from self._open()

    def _order(self) -> Iterator[str]:
        yield from self._heading("The order")
        yield f"| | {self.say('Who')} | {self.say('Script')} | {self.say('Changes')} | {self.say('By hand')} |"
        yield "|---|---|---|---|---|"
        for number, part in enumerate(self.parts, start=1):
            task = part.task
            yield f"| {number} | {self._who(task.person)} | `{part.script}` | {len(task.steps)} | {len(task.notes)} |"
        yield ""
        yield self.say("Those of the same kind (domains, hosts) may act at the same time. Each gets a script of their own and its undo.")
        yield ""
        yield self.say("Whoever gets a script can tell that it is this one (`Get-FileHash -Algorithm SHA256 .\\*.ps1`):")
        yield ""
        yield from (f"* `{name}`: `{digest}`" for name, digest in self.digests.items())

    def _how_to(self) -> Iterator[str]:
        yield from self._heading("How to run a script")
        first = self.parts[0].script
        yield self.say(
            "Read it: what it changes stands at its top. Windows blocks scripts that came from elsewhere; then allow those of this folder, "
            "for this window alone:"
        )
        yield from _code(("Unblock-File -Path .\\*.ps1", "Set-ExecutionPolicy -Scope Process -ExecutionPolicy RemoteSigned"))
        yield self.say(
            "Where a policy demands signed scripts, sign each (`Set-AuthenticodeSignature`): nothing in it may be changed after that. "
            "Then, in Windows PowerShell:"
        )
        yield from _code((f".\\{first} -WhatIf", f".\\{first}"))
        yield self.say(
            "`-WhatIf` shows what would be done. Without it each change is asked for (`-Confirm:$false`: none is). What is right already "
            "stays; what somebody else has changed since the facts were read is refused. Run again, a script does nothing more. Its "
            "exit code is 0 when everything is as it should be, 1 when something failed, was refused or declined, 2 when only work by hand "
            "is left."
        )
        yield ""
        yield self.say("From a task or cmd.exe, without questions (`-File` cannot take `-Confirm:$false` in Windows PowerShell 5.1):")
        yield from _code((f"powershell.exe -NoProfile -Command \"& '.\\{first}' -Confirm:$false; exit $LASTEXITCODE\"",))
        yield self.say(
            "What a script really changes it writes into a record beside itself (`.record.jsonl`: time, user, place, the value before and "
            "after). Keep it with the scripts: the undo takes back what stands there and nothing else, and does nothing without it."
        )
        yield ""
        yield self.say(
            "The domain administrators' scripts need the ActiveDirectory module. Those for hosts run best on the host itself, in a window "
            "started as administrator; from elsewhere they reach it through PowerShell remoting. Each looks first whether it has found the "
            "right host or a domain controller that can be written, and says so."
        )

    def _part(self, number: int, part: Part) -> Iterator[str]:
        task = part.task
        yield ""
        yield f"## {number}. {self._who(task.person)}"
        yield ""
        if part.undo:
            yield self.language.say("Script `{script}`, undo `{undo}`.", script=part.script, undo=part.undo)
        else:
            yield self.language.say("Script `{script}`. It changes nothing that could be taken back.", script=part.script)
        yield ""
        for place, step in enumerate(task.steps, start=1):
            yield from self._step(place, step)
        if task.steps:
            yield ""
            yield self.say("To verify, run the script again with `-WhatIf`: it says what is right already. To take it back, run its undo.")
        for note in task.notes:
            yield from self._note(task.person, note)
        yield from self._effective(task)

    def _step(self, number: int, step: Step) -> Iterator[str]:
        yield f"{number}. {self.text(step.text)}"
        yield from self._because("   ", step.findings)
        yield "   - " + self.say("before: {before}", before=step.before if step.after is not None else self._absent(step))
        yield from (f"   - {said}" for said in self._to_decide(step.findings))

    def _to_decide(self, findings: Sequence[str]) -> Iterator[str]:
        """What a change for these findings opens up, and what could be done in its place: for whoever is to answer for it."""
        found = [self.by_id[id] for id in findings if id in self.by_id]
        choices = [finding.remedy.choice for finding in found if finding.remedy and finding.remedy.choice]
        yield from dict.fromkeys(self.say("opens up: {what}", what=choice.opens) for choice in choices)
        yield from map(markdown, dict.fromkeys(instead_of(found, self.language)))

    def _because(self, indent: str, findings: Sequence[str]) -> Iterator[str]:
        """The findings for which something is to be done, and what each found: one sentence as often as it is said once."""
        told: dict[str, list[str]] = {}
        for id in findings:
            found = self.by_id.get(id)
            told.setdefault(self.text(Text(found.message.template, found.message.values)) if found else "", []).append(id)
        for said, ids in told.items():
            why = self.say("because of: {findings}", findings=tuple(ids))
            yield f"{indent}- {why}" + (f": {said}" if said else "")

    def _absent(self, step: Step) -> str:
        return self.language.say("not there: {members}", members=step.members)

    def _note(self, who: Person, note: Note) -> Iterator[str]:
        remedy = note.remedy
        yield "- " + self.say("By hand:") + " " + self.text(Text(remedy.template, remedy.values))
        if who.role is Role.OWNER:
            yield "  - " + self.say("Agree on a time: the VM may have to be off, or is started or stopped.")
        yield from self._because("  ", note.findings)
        yield from self._listing("Commands, for whoever decides to do it this way:", self.language.commands(remedy, "commands"))
        yield from self._listing("To verify:", self.language.commands(remedy, "verify"))
        yield from self._listing("To take it back:", self.language.commands(remedy, "undo"))

    def _listing(self, heading: str, commands: tuple[str, ...]) -> Iterator[str]:
        if commands:
            yield "  - " + self.say(heading)
            yield from (f"    {line}" if line else "" for line in _code(commands))

    def _effective(self, task: Task) -> Iterator[str]:
        if task.effective:
            yield ""
            yield self.say("When it counts:")
            yield from (f"- {markdown(self.language.said(remedy, 'effective_after'))}" for remedy in task.effective)

    def _afterwards(self) -> Iterator[str]:
        yield from self._heading("Afterwards")
        if any(part.task.person.role is Role.DOMAIN for part in self.parts):
            yield self.say("Wait until every domain controller shows the delegation and refused requests are forgotten, and check again:")
            yield from _code(("hvpreflight wait plan.toml", "hvpreflight check plan.toml"))
        else:
            yield self.say("Check again:")
            yield from _code(("hvpreflight check plan.toml",))
        skipped = sum(finding.outcome is Outcome.SKIP and bool(finding.because) for finding in self.result.findings)
        if skipped:
            yield self.say(
                "Requirements that could not be judged because of these failures: {count}. The next check may find more.", count=skipped
            )

    def _undo(self) -> Iterator[str]:
        yield from self._heading("To take everything back")
        undo = tuple(f".\\{part.undo}" for part in reversed(self.parts) if part.undo)
        if not undo:
            yield self.say("There is nothing to take back.")
            return
        yield self.say(
            "Run the undo scripts in the opposite order. Each takes back what its record says that the script really changed, and nothing "
            "else: what was right already stays, and a value that somebody has changed since is left alone and named."
        )
        yield from _code(undo)

    def _open(self) -> Iterator[str]:
        unread = sum(finding.outcome in (Outcome.UNKNOWN, Outcome.ERROR) for finding in self.result.findings)
        advice = sum(finding.outcome is Outcome.FAIL and finding.severity is Severity.ADVICE for finding in self.result.findings)
        if unread or advice:
            yield from self._heading("Not in these scripts")
        if unread:
            yield "- " + self.say("Requirements that could not be judged because facts are missing: {count}. See the report.", count=unread)
        if advice:
            yield "- " + self.say("Findings that are only advice: {count}. See the report.", count=advice)

    def _heading(self, text: str) -> Iterator[str]:
        yield ""
        yield f"## {self.say(text)}"
        yield ""

    def _who(self, who: Person) -> str:
        named, unnamed = PEOPLE[who.role]
        return self.say(named, name=who.name) if who.name else self.say(unnamed)


def _code(lines: tuple[str, ...]) -> Iterator[str]:
    """Lines as a code block: its fence is longer than any run of backticks in them."""
    shown = tuple(map(visible, lines))
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    yield ""
    yield f"{fence}powershell"
    yield from shown
    yield fence
    yield ""
