"""The hosts may delegate to the file service of servers whose files they open perhaps for the operator, perhaps as themselves."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check
from checks.delegation import _files
from checks.delegation._table import Question
from checks.delegation._way import FACTS, SERVER_FACTS
from checks.subject import MoveSubject


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    title="The hosts may delegate to cifs of every server whose files they open, also where it is not documented for whom",
    facts=(*FACTS, *SERVER_FACTS, "target.migration", "target.os", "vm"),
    depends_on=("delegation.across_domains",),
    predicts=("0x80070005", "0x8009030E", "0x8009030D"),
)
def cifs_in_doubt(subject: MoveSubject) -> Finding:
    return _files.finding(subject, Question.DOUBT, Severity.RISK)
