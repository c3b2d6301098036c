"""The same for the way back."""

from __future__ import annotations

from checks.check import Finding, Outcome, Scope, Severity, check
from checks.delegation import _remedies
from checks.delegation._table import Question
from checks.delegation._way import FACTS, Way, stops, worst
from checks.remedy import Remedy
from checks.subject import PairSubject
from checks.windows.service_names import CIFS, MIGRATION_SERVICE


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="The way back is configured too: the target may delegate to the source",
    facts=(*FACTS, "target.migration", "target.os", "source.vms"),
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E", "0x8009030D"),
    article=("W12 1.11", "W16 1.11", "W12 last step"),
)
def return_direction(subject: PairSubject) -> Finding:
    target, source = subject.target, subject.source
    launches = tuple(dict.fromkeys(move.launch for move in subject.moves))
    service = Way(target, source, launches[0])
    first = service.decide(Question.SERVICE)
    if first.outcome is Outcome.SKIP:
        return service.finding(first, lambda: _remedies.for_service(service))

    with_files = any(move.moves_storage for move in subject.moves) or subject.vms_on_smb
    services = (MIGRATION_SERVICE, CIFS) if with_files else (MIGRATION_SERVICE,)
    asked = [
        *((Way(target, source, launch, (each,)), Question.SERVICE) for launch in launches for each in services),
        *((Way(target, source, launch, services), Question.PROTOCOL) for launch in launches),
    ]
    decisions = [(way, way.decide(question)) for way, question in asked]
    against = [(way, row) for way, row in decisions if stops(row)]
    if not against:
        whole = Way(target, source, launches[0], services)
        return whole.finding(whole.decide(Question.SERVICE), lambda: _remedies.for_service(whole))
    way, row = worst(against)

    def remedy() -> Remedy:
        whole = Way(target, source, way.launch, services)
        if not stops(whole.decide(Question.SERVICE)):
            return _remedies.allow_any_protocol(target, source)
        flag = whole.will_need_any_protocol or stops(whole.decide(Question.PROTOCOL))
        return _remedies.for_service(whole, any_protocol=flag)

    blocks = row.severity is Severity.BLOCKER and subject.return_planned
    return way.finding(row, remedy, Severity.BLOCKER if blocks else Severity.RISK)
