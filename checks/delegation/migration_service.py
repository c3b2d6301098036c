"""The source may delegate to the service that moves the VM."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, skips
from checks.delegation import _alternatives
from checks.delegation._table import Question
from checks.delegation._way import FACTS, Way
from checks.remedy import Remedy
from checks.subject import MoveSubject
from checks.windows.service_names import CIFS, MIGRATION_SERVICE


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title='The source may delegate to the target\'s "Microsoft Virtual System Migration Service", by short and full name',
    facts=FACTS,
    depends_on=("delegation.across_domains",),
    predicts=("0x8009030E", "0x8009030D"),
    article=(
        "W12 planning 2",
        "W12 1",
        "W12 1.3",
        "W12 1.8",
        "W12 1.9",
        "W12 1.10",
        "W16 planning 2",
        "W16 1",
        "W16 1.3",
        "W16 1.8",
        "W16 1.9",
        "W16 1.10",
    ),
)
def migration_service(subject: MoveSubject) -> Finding:
    move = subject.route
    if move.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    way = Way(subject.source, subject.target, move.launch, (MIGRATION_SERVICE,))

    def remedy() -> Remedy:
        whole = Way(subject.source, subject.target, move.launch, (MIGRATION_SERVICE, CIFS) if move.moves_storage else (MIGRATION_SERVICE,))
        return _alternatives.remedy(way, ((way, Question.SERVICE),), (whole,), any_protocol=whole.will_need_any_protocol)

    return way.finding(way.decide(Question.SERVICE), remedy)
