"""Every controller that may decide knows resource-based delegation."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.delegation import _remedies
from checks.delegation._way import CONTROLLER_2012, FACTS, Way
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Remedy
from checks.subject import HostView, PairSubject
from checks.text import command, text

AT_SOURCE = (LaunchPoint.CONSOLE, LaunchPoint.RDP)


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="Where resource-based delegation is used, every domain controller that was asked knows it",
    facts=FACTS,
    depends_on=("domain.membership", "platform.hyperv_role", "delegation.across_domains"),
    predicts=("0x8009030E",),
)
def controllers(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {source}: a move needs no delegation", source=source.name)
    if all(move.launch in AT_SOURCE for move in subject.moves):
        return skips("Every move is started in a session on {source}: nothing is delegated", source=source.name)
    way = Way(source, target, LaunchPoint.REMOTE)
    if not way.resource_based:
        return skips(
            "{target} does not let {source} act for users: resource-based delegation is not used", source=source.name, target=target.name
        )
    old = way.single_old_controllers
    evidence = source.evidence(HostView.controller_domains, "level of the domain controllers", old, f"{CONTROLLER_2012}")
    if not old:
        return passes("Every domain controller that was asked knows resource-based delegation", evidence)
    return fails(
        text(
            "{target} lets {source} act for users, and some domain controllers do not know it: {old}",
            source=source.name,
            target=target.name,
            old=old,
        ),
        evidence,
        remedy=Remedy(
            text("Bring these domain controllers to Windows Server 2012 or later, or take care that the hosts use others"),
            who=_remedies.administrator(source),
            verify=tuple(
                command(
                    "Get-ADDomainController -Filter * -Server {domain} | Select-Object -Property HostName, OperatingSystem", domain=name
                )
                for name in dict.fromkeys((source.computer.domain, target.computer.domain))
            ),
        ),
    )
