"""The source may delegate to the file service of each server that takes or holds the VM's storage."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check
from checks.delegation import _files
from checks.delegation._table import Question
from checks.delegation._way import FACTS, SERVER_FACTS
from checks.subject import MoveSubject


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The source may delegate to cifs of the server to which storage moves or on which it stays, by short and full name",
    facts=(*FACTS, *SERVER_FACTS, "vm"),
    depends_on=("delegation.across_domains",),
    predicts=("0x80070005", "0x8009030E", "0x8009030D"),
    article=("W12 1.3", "W12 1.8", "W12 1.9", "W12 1.10", "W16 1.3", "W16 1.8", "W16 1.9", "W16 1.10"),
)
def cifs(subject: MoveSubject) -> Finding:
    return _files.finding(subject, Question.SERVICE, Severity.BLOCKER)
