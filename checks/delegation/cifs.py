"""The source may delegate to the file service that takes the VM's storage."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check
from checks.delegation import _remedies
from checks.delegation._table import Question
from checks.delegation._way import FACTS, Way
from checks.subject import MoveSubject
from checks.windows.service_names import CIFS


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The source may delegate to cifs of the target, by short and full name, where storage moves or lies on SMB",
    facts=(*FACTS, "vm"),
    depends_on=("delegation.across_domains",),
    predicts=("0x80070005", "0x8009030E", "0x8009030D"),
    article=("W12 1.9", "W16 1.9"),
)
def cifs(subject: MoveSubject) -> Finding:
    move = subject.route
    way = Way(
        subject.source,
        subject.target,
        move.launch,
        (CIFS,),
        needed=lambda: move.moves_storage or subject.vm_on_smb,
    )
    return way.finding(way.decide(Question.SERVICE), lambda: _remedies.for_service(way))
