"""Protocol transition, where a start without a ticket of its own needs it."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, skips
from checks.delegation import _alternatives, _files, _remedies
from checks.delegation._table import Question
from checks.delegation._way import FACTS, SERVER_FACTS, Way
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy
from checks.subject import MoveSubject
from checks.windows.service_names import CIFS, MIGRATION_SERVICE


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title='The source may use "any authentication protocol" where its Windows version and the launch point need it',
    facts=(*FACTS, *SERVER_FACTS),
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E", "0x8009030D"),
    article=("W12 1.5", "W16 1.5"),
)
def protocol(subject: MoveSubject) -> Finding:
    way = _way(subject)
    if way is None:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=subject.source.name)

    def remedy() -> Remedy:
        if way.any_protocol:
            return _remedies.kerberos_only(way.source, way.target)
        return _alternatives.protocol(way, ((way, Question.PROTOCOL),))

    return way.finding(way.decide(Question.PROTOCOL), remedy)


def _way(subject: MoveSubject) -> Way | None:
    """The way that decides: for a VM that to the target, since what the source lacks for that one it lacks for every server; for storage
    alone that to its server, or none."""
    source, target, route = subject.source, subject.target, subject.route
    if not route.storage_only:
        return Way(source, target, route.launch, (MIGRATION_SERVICE, CIFS) if route.moves_storage else (MIGRATION_SERVICE,))
    direct = Way(source, target, route.launch, (CIFS,))
    if direct.authentication is MigrationAuthentication.CREDSSP:
        return direct
    return next(iter(_files.ways(subject.leg, source, target, route.launch, subject.server, sure=True)), None)
