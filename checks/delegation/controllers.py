"""Every controller that may decide knows resource-based delegation."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.delegation import _remedies
from checks.delegation._way import CONTROLLER_2012, FACTS, Way, levels
from checks.facts.migration import MigrationAuthentication
from checks.plan import AT_SOURCE, LaunchPoint
from checks.remedy import Remedy
from checks.subject import HostView, PairSubject, RealmView
from checks.text import command, text
from checks.trusts import way as way_between
from checks.windows.names import DnsName
from checks.windows.numbers import named


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="Where resource-based delegation is used, every domain controller that was asked knows it",
    facts=(*FACTS, "realm.domain", "realm.forest_domains", "realm.trusts", "realm.controller_domains"),
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
    between = _between(subject)
    holders: tuple[HostView | RealmView, ...] = (source, target, *between)
    asked = sorted({name: level for holder in holders for name, level in levels(holder).items()}.items())
    said = {name: text("{controller}: level {level}", controller=name, level=named("controller_level", level)) for name, level in asked}
    old = tuple(said[name] for name, level in asked if level < CONTROLLER_2012)
    evidence = source.evidence(
        HostView.controller_domains,
        "level of the domain controllers",
        tuple(said.values()),
        text("at least {level}", level=named("controller_level", CONTROLLER_2012)),
        fits=not old,
    )
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
            shows=text("only controllers with Windows Server 2012 or later"),
            verify=tuple(
                command(
                    "Get-ADDomainController -Filter * -Server {domain} | Select-Object -Property HostName, OperatingSystem", domain=name
                )
                for name in dict.fromkeys((source.computer.domain, target.computer.domain, *(realm.name for realm in between)))
            ),
        ),
    )


def _between(subject: PairSubject) -> list[RealmView]:
    """The domains that refer the source's request to the target's: an old controller there refuses it ([MS-SFU] 3.2.5.2, note 27). Raises
    FactMissing where one of them was not read."""
    here, there = subject.source.computer.domain, subject.target.computer.domain
    if DnsName(here) == DnsName(there):
        return []
    between = [subject.realm(name) for name in way_between(subject.realm, subject.realm(here), subject.realm(there))]
    for realm in between:
        realm.read(RealmView.domain)
    return between
