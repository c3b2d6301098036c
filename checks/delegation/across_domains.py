"""The one way across the border of two domains."""

from __future__ import annotations

from checks.check import Finding, Outcome, Scope, Severity, check, fails, skips
from checks.delegation import _alternatives, _remedies
from checks.delegation._table import Question
from checks.delegation._way import CONTROLLER_2012, FACTS, Way, worst
from checks.remedy import Remedy
from checks.subject import HostView, PairSubject
from checks.text import command, text
from checks.windows.numbers import named


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Across domains the target itself lets the source act for users (resource-based delegation)",
    facts=FACTS,
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E",),
)
def across_domains(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    launches = dict.fromkeys(move.launch for move in subject.moves)
    way, row = worst((way, way.decide(Question.BORDER)) for way in (Way(subject.source, subject.target, launch) for launch in launches))
    if row.outcome is Outcome.FAIL and way.old_controllers:
        return fails(
            text(
                "Between {source} ({source_domain}) and {target} ({target_domain}) only resource-based delegation works, and "
                "the domain controllers of {old} do not know it",
                source=subject.source.name,
                target=subject.target.name,
                source_domain=subject.source.computer.domain,
                target_domain=subject.target.computer.domain,
                old=way.old_controllers,
            ),
            subject.source.evidence(
                HostView.domain,
                "level of the domain controllers",
                way.old_controllers,
                text("at least {level}", level=named("controller_level", CONTROLLER_2012)),
            ),
            remedy=Remedy(
                text(
                    "Bring domain controllers of Windows Server 2012 or later into these domains, or start the move in a "
                    "session on {source} itself",
                    source=subject.source.name,
                ),
                who=_remedies.administrator(subject.source),
                shows=text("at least one controller of each domain with Windows Server 2012 or later"),
                verify=tuple(
                    command(
                        "Get-ADDomainController -Filter * -Server {domain} | Select-Object -Property HostName, OperatingSystem", domain=name
                    )
                    for name in dict.fromkeys((subject.source.computer.domain, subject.target.computer.domain))
                ),
            ),
        )
    return way.finding(row, lambda: _alternatives.remedy(way, ((way, Question.BORDER), (way, Question.SERVICE))))
