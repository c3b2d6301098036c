"""The hosts' domains trust each other."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.facts.directory import Trust, TrustDirection
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.names import DnsName

TYPE_NT = 1
TYPE_REALM = 3
QUARANTINED = 0x4
FOREST = 0x8
SELECTIVE = 0x10
"""Numbers of trustType and trustAttributes: [MS-ADTS] 6.1.6.7.15 and 6.1.6.7.9."""


class Weakness(Struct, frozen=True):
    """A property of a two-way trust that stands in the way: which of its two sides' objects shows it, what it means, what to do."""

    shows: Callable[[Trust], bool]
    severity: Severity
    found: Text
    fix: Text


TO_FOREST_TRUST = text("Replace the trust by a two-way forest trust between the forests of {source} and {target}")

DIRECTIONS: dict[TrustDirection, Text] = {
    TrustDirection.DISABLED: text("disabled"),
    TrustDirection.INBOUND: text("inbound"),
    TrustDirection.OUTBOUND: text("outbound"),
    TrustDirection.BIDIRECTIONAL: text("bidirectional"),
}

WEAKNESSES: tuple[Weakness, ...] = (
    Weakness(
        lambda trust: trust.type == TYPE_NT,
        Severity.BLOCKER,
        text("The trust between {source} and {target} is of the Windows NT type: Kerberos does not pass it"),
        TO_FOREST_TRUST,
    ),
    Weakness(
        lambda trust: trust.type == TYPE_REALM,
        Severity.BLOCKER,
        text("The trust between {source} and {target} is a Kerberos realm trust: it carries no Windows group memberships"),
        TO_FOREST_TRUST,
    ),
    Weakness(
        lambda trust: bool(trust.attributes & SELECTIVE),
        Severity.RISK,
        text(
            "The trust between {source} and {target} uses selective authentication: accounts of the other side sign in only where they are "
            "allowed to authenticate"
        ),
        text(
            "Grant the operator and the other host's computer account the right 'Allowed to authenticate' on both hosts' computer accounts"
        ),
    ),
    Weakness(
        lambda trust: bool(trust.attributes & QUARANTINED),
        Severity.RISK,
        text("The trust between {source} and {target} filters SIDs (quarantine): memberships in groups of a third domain are dropped"),
        text("Give the operator the rights on both hosts through accounts and groups of {source} and {target}, not of a third domain"),
    ),
    Weakness(
        lambda trust: not trust.attributes & FOREST,
        Severity.RISK,
        text("The trust between {source} and {target} is an external trust, not a forest trust: Kerberos across it is limited"),
        TO_FOREST_TRUST,
    ),
)


def _trust_with(own: HostView, other: HostView) -> Trust | None:
    """What the directory of one host's domain says of a trust with the other's domain or forest. A trust between forests stands only
    in their root domains: for any other domain, none found is not known."""
    domain, partner = own.domain, other.domain
    named = {DnsName(trust.partner): trust for trust in own.trusts}
    found = named.get(DnsName(partner.dns_name))
    if found is None and (forest := named.get(DnsName(partner.forest))) is not None and forest.attributes & FOREST:
        found = forest
    if found is None and DnsName(domain.dns_name) != DnsName(domain.forest):
        raise own.lacks(
            HostView.trusts,
            text("trust of the forest root {forest} with {partner}", forest=domain.forest, partner=partner.forest),
        )
    return found


def _evidence(own: HostView, other: HostView, trust: Trust | None) -> tuple[Evidence, ...]:
    names: dict[str, Value] = {"partner": other.domain.dns_name, "domain": own.domain.dns_name}
    what, wanted = text("trust with {partner} in {domain}", **names), DIRECTIONS[TrustDirection.BIDIRECTIONAL]
    if trust is None:
        return (own.evidence(HostView.trusts, what, None, wanted),)
    return (
        own.evidence(HostView.trusts, what, DIRECTIONS[trust.direction], wanted),
        own.evidence(HostView.trusts, text("trustType of {partner} in {domain}", **names), trust.type, 2),
        own.evidence(
            HostView.trusts, text("trustAttributes of {partner} in {domain}", **names), f"0x{trust.attributes:X}", f"0x{FOREST:X}"
        ),
    )


def _remedy(fix: Text, source: str, target: str) -> Remedy:
    return Remedy(
        replace(fix, values={"source": source, "target": target}),
        domain_administrator_of(),
        effective_after=text("when the trust is replicated to the domain controllers of both sides"),
        verify=(
            command("Get-ADTrust -Server {source} -Filter *", source=source),
            command("Get-ADTrust -Server {target} -Filter *", target=target),
        ),
        undo=(text("Set the trust back in Active Directory Domains and Trusts of {source} and {target}", source=source, target=target),),
    )


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="The hosts' domains are the same, in one forest, or trust each other in both directions",
    facts=("source.computer", "target.computer", "source.domain", "target.domain", "source.trusts", "target.trusts"),
    depends_on=("domain.membership",),
    predicts=("0x8009030C", "0x80090303"),
    article=("W12 requirements", "W16 requirements"),
)
def trust(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    members = (
        source.evidence(HostView.computer, text("domain of {host}", host=source.name), source.computer.domain),
        target.evidence(HostView.computer, text("domain of {host}", host=target.name), target.computer.domain),
    )
    if DnsName(source.computer.domain) == DnsName(target.computer.domain):
        return passes("Both hosts are in {domain}", *members, domain=source.computer.domain)
    here, there = source.domain.dns_name, target.domain.dns_name
    if DnsName(source.domain.forest) == DnsName(target.domain.forest):
        forests = (
            source.evidence(HostView.domain, text("forest of {domain}", domain=here), source.domain.forest),
            target.evidence(HostView.domain, text("forest of {domain}", domain=there), target.domain.forest),
        )
        return passes(
            "{source} and {target} are in the forest {forest}", *members, *forests, source=here, target=there, forest=source.domain.forest
        )
    ours, theirs = _trust_with(source, target), _trust_with(target, source)
    evidence = (*members, *_evidence(source, target, ours), *_evidence(target, source, theirs))
    one_sided = text("Create a two-way forest trust between the forests of {source} and {target}")

    def blocks(found: Text, fix: Text, severity: Severity | None = None) -> Finding:
        return fails(found, *evidence, remedy=_remedy(fix, here, there), severity=severity)

    if ours is None and theirs is None:
        return blocks(text("There is no trust between {source} and {target}", source=here, target=there), one_sided)
    if ours is None or theirs is None:
        missing, holding = (here, there) if ours is None else (there, here)
        return blocks(
            text("The trust exists only half: {holding} knows it, {missing} does not", holding=holding, missing=missing),
            text("Remove the half trust and create a two-way forest trust between the forests of {source} and {target}"),
        )
    target_trusts_source = ours.direction & TrustDirection.INBOUND and theirs.direction & TrustDirection.OUTBOUND
    source_trusts_target = ours.direction & TrustDirection.OUTBOUND and theirs.direction & TrustDirection.INBOUND
    if not target_trusts_source and not source_trusts_target:
        return blocks(
            text("The trust between {source} and {target} is disabled or its two sides contradict each other", source=here, target=there),
            one_sided,
        )
    if not target_trusts_source or not source_trusts_target:
        trusting, trusted = (here, there) if target_trusts_source else (there, here)
        return blocks(
            text("The trust is one-way: {trusting} does not trust {trusted}", trusting=trusting, trusted=trusted),
            text("Make the trust between {source} and {target} two-way: add the missing direction"),
        )
    for weakness in WEAKNESSES:
        if weakness.shows(ours) or weakness.shows(theirs):
            found = replace(weakness.found, values={"source": here, "target": there})
            return blocks(found, weakness.fix, weakness.severity)
    return passes("{source} and {target} trust each other", *evidence, source=here, target=there)
