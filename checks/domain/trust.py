"""The hosts' domains trust each other."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, passes
from checks.domain._realms import LEGS, Parties, Realm, Start, judge
from checks.subject import HostView, PairSubject
from checks.text import text
from checks.windows.names import DnsName


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="The hosts' domains are the same, in one forest, or trust each other in both directions",
    facts=("source.computer", "target.computer", "source.migration", "source.os", "realm.domain", "realm.forest_domains", "realm.trusts"),
    depends_on=("domain.membership",),
    predicts=("0x8009030C", "0x80090303"),
    article=("W12 requirements 3", "W16 requirements 5"),
)
def trust(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    members = (
        source.evidence(HostView.computer, text("domain of {host}", host=source.name), source.computer.domain),
        target.evidence(HostView.computer, text("domain of {host}", host=target.name), target.computer.domain),
    )
    if DnsName(source.computer.domain) == DnsName(target.computer.domain):
        return passes("Both hosts are in {domain}", *members, domain=source.computer.domain)
    parties = Parties(
        {Realm.SOURCE: source.computer.domain, Realm.TARGET: target.computer.domain},
        {"source": source.name, "target": target.name},
        subject.realm,
    )
    starts = tuple(Start(source, launch) for launch in dict.fromkeys(move.launch for move in subject.moves))
    judged = judge((leg for leg in LEGS if Realm.OPERATOR not in (leg.trusting, leg.trusted)), parties, starts)
    if failure := judged.failure(*members):
        return failure
    here, there = (subject.realm(parties.domains[realm]).domain for realm in (Realm.SOURCE, Realm.TARGET))
    return passes(
        "{source} and {target} are in the forest {forest}"
        if DnsName(here.forest) == DnsName(there.forest)
        else "{source} and {target} trust each other",
        *members,
        *judged.rows,
        source=here.dns_name,
        target=there.dns_name,
        **({"forest": here.forest} if DnsName(here.forest) == DnsName(there.forest) else {}),
    )
