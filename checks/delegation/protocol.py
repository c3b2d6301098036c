"""Protocol transition, where a start without a ticket of its own needs it."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check
from checks.delegation import _remedies
from checks.delegation._table import Question
from checks.delegation._way import FACTS, Way, services_of
from checks.remedy import Remedy
from checks.subject import MoveSubject


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title='The source may use "any authentication protocol" where its Windows version and the launch point need it',
    facts=FACTS,
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E", "0x8009030D"),
    article=("W12 1.5", "W16 1.5"),
)
def protocol(subject: MoveSubject) -> Finding:
    way = Way(subject.source, subject.target, subject.route.launch, services_of(subject.move))

    def remedy() -> Remedy:
        change = _remedies.kerberos_only if way.any_protocol else _remedies.allow_any_protocol
        return change(way.source, way.target)

    return way.finding(way.decide(Question.PROTOCOL), remedy)
