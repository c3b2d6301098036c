"""From what a check says to what the result keeps of it, in English and as values."""

from __future__ import annotations

from msgspec import UNSET
from msgspec.structs import replace

from checks.check import FAIL, Check, Finding, Outcome
from checks.facts.fact import Reason
from checks.remedy import Remedy, Step
from checks.result import FindingRecord, Lack, Message, RemedyRecord
from checks.text import NOTHING, Text, Value, holds_text, plain, render, text
from checks.world import FactMissing
from reports.escape import powershell_command, powershell_comment
from runner.cases import Case


def record(check: Check, case: Case, finding: Finding, because: tuple[str, ...] = ()) -> FindingRecord:
    """`because`: the findings for which a check was not judged."""
    message = finding.message
    predicts: tuple[str, ...] = ()
    if finding.outcome is FAIL:
        predicts = check.predicts if finding.predicts is None else finding.predicts
    return FindingRecord(
        f"{check.id}@{case.id}",
        check.id,
        case.subject,
        finding.outcome,
        finding.severity or check.severity,
        Message(render(message.template, message.values), message.template, case.sharing(message.values)),
        finding.evidence,
        predicts,
        because,
        remedy=_remedy(finding.remedy) if finding.remedy else None,
    )


def left_out(check: Check, case: Case) -> FindingRecord:
    """The user did not want this check."""
    finding = Finding(Outcome.UNKNOWN, text("This check was left out of the run"), check.highest)
    return replace(record(check, case, finding), reason=Reason.NOT_COLLECTED, left_out=True)


def unknown(check: Check, case: Case, lacking: FactMissing) -> FindingRecord:
    """A fact was missing."""
    missing = lacking.missing
    message = text("{fact} is not known ({source}): {reason}", fact=lacking.name, source=missing.source, reason=Text(missing.reason.value))
    if missing.detail != NOTHING:
        message = text("{fact} is not known ({source}): {reason}, {detail}", **message.values, detail=missing.detail)
    finding = Finding(Outcome.UNKNOWN, message, check.highest)
    return replace(record(check, case, finding), reason=missing.reason, lacks=Lack(lacking.name, missing.source, missing.reason))


def _remedy(remedy: Remedy) -> RemedyRecord:
    who = remedy.who.text
    said: dict[str, Value] = {name: words for name, words in (("who", who), ("effective_after", remedy.effective_after)) if words.values}
    for name in ("commands", "verify", "undo"):
        steps: Value = tuple(map(_step, getattr(remedy, name)))
        if holds_text(steps):
            said[name] = steps
    return RemedyRecord(
        text=plain(remedy.text),
        who=plain(who),
        commands=_lines(remedy.commands),
        effective_after=plain(remedy.effective_after),
        verify=_lines(remedy.verify),
        undo=_lines(remedy.undo),
        template=remedy.text.template,
        values=remedy.text.values,
        by=remedy.who,
        changes=remedy.changes,
        texts=said or UNSET,
        choice=remedy.choice or UNSET,
        alternatives=tuple(map(_remedy, remedy.alternatives)) or UNSET,
        ruled_out=remedy.ruled_out or UNSET,
        instead=remedy.instead or UNSET,
        restarts=remedy.restarts or UNSET,
        shows=remedy.shows or UNSET,
    )


def _step(step: Step) -> str | Text:
    """A command as it is run; in words what no command can do."""
    return step if isinstance(step, Text) else powershell_command(step.template, step.values)


def _lines(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The same as lines of PowerShell, the words in English as comments."""
    return tuple(powershell_comment(plain(step)) if isinstance(step, Text) else str(_step(step)) for step in steps)
