"""The same for the way back."""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace

from checks.check import Finding, Outcome, Scope, Severity, check, skips
from checks.delegation import _alternatives
from checks.delegation._files import ways
from checks.delegation._table import Question
from checks.delegation._way import FACTS, SERVER_FACTS, Way, judged, stops
from checks.plan import LaunchPoint
from checks.remedy import Remedy
from checks.subject import PairSubject
from checks.text import text
from checks.windows.service_names import CIFS, MIGRATION_SERVICE


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="Delegation for the way back is configured too: the target may delegate to the source",
    facts=(*FACTS, *SERVER_FACTS, "target.migration", "target.os", "source.vms"),
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E", "0x8009030D"),
    article=("W12 1.11", "W16 1.11", "W12 last step"),
)
def return_direction(subject: PairSubject) -> Finding:
    target, source = subject.target, subject.source
    if subject.only_storage:
        return skips("Storage moves alone: the VMs stay on {source}", source=source.name)
    launches = tuple(dict.fromkeys(move.launch for move in subject.moves if not move.storage_only))

    @cache
    def home(launch: LaunchPoint, services: tuple[str, ...]) -> Way:
        return Way(target, source, launch, services)

    service = home(launches[0], (MIGRATION_SERVICE,))
    first = service.decide(Question.SERVICE)
    if first.outcome is Outcome.SKIP:
        return service.finding(first, lambda: _alternatives.remedy(service, ()))

    files = [way for launch, leg in subject.ways_back for way in ways(leg, target, source, launch, subject.server, sure=True)]
    direct = any(way.target is source for way in files)
    services = (MIGRATION_SERVICE, CIFS) if direct else (MIGRATION_SERVICE,)
    asked = [
        *((home(launch, (MIGRATION_SERVICE,)), Question.SERVICE) for launch in launches),
        *((way, Question.SERVICE) for way in files),
        *((home(launch, services), Question.PROTOCOL) for launch in launches),
    ]
    way, row = judged(asked, Severity.BLOCKER)
    if not stops(row):
        whole = home(launches[0], services)
        return whole.finding(whole.decide(Question.SERVICE), lambda: _alternatives.remedy(whole, ()))

    highest = Severity.BLOCKER if row.severity is Severity.BLOCKER and subject.return_planned else Severity.RISK

    def remedy() -> Remedy:
        if way.target is not source:
            return _alternatives.remedy(way, ((way, Question.SERVICE),), (home(way.launch, services),), highest=highest)
        whole = home(way.launch, services)
        ways_home = tuple(home(launch, services) for launch in launches)
        direct = tuple((each, question) for each in ways_home for question in (Question.SERVICE, Question.PROTOCOL))
        if not stops(whole.decide(Question.SERVICE)):
            return _alternatives.protocol(whole, direct, highest)
        flag = whole.will_need_any_protocol or stops(whole.decide(Question.PROTOCOL))
        return _alternatives.remedy(whole, direct, any_protocol=flag, highest=highest)

    why = way.message(row)
    return replace(
        way.finding(row, lambda: _alternatives.for_the_way_back(remedy()), highest),
        message=text("On the way back ({source} → {target}): {why}", source=target.name, target=source.name, why=why),
    )
