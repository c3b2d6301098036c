"""The domain controllers say the same of their domain and of its trusts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from checks.check import Finding, Scope, Severity, check, fails, passes
from checks.facts.directory import Domain, Trust, differing, same_domain, same_trusts
from checks.facts.fact import Fact, FactOf, Known, Missing
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView, PairSubject, evidence_of
from checks.text import Text, text
from checks.windows.names import DnsName
from checks.world import FactMissing

T = TypeVar("T")


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="All domain controllers that were asked say the same of their domain and its trusts",
    facts=(
        "source.computer",
        "target.computer",
        "source.controller_domains",
        "target.controller_domains",
        "source.controller_trusts",
        "target.controller_trusts",
    ),
    depends_on=("domain.membership",),
    predicts=("0x8009030E",),
    article=("W16 take effect 1",),
)
def controllers_agree(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    across = DnsName(source.computer.domain) != DnsName(target.computer.domain)
    asked: dict[str, None] = {}
    for host in (source, target) if across else (source,):
        asked |= dict.fromkeys(host.controller_domains)
        finding = _compared(host, HostView.controller_domains, host.controller_domains, same_domain, _domain)
        if finding is None and across:
            finding = _compared(host, HostView.controller_trusts, host.controller_trusts, same_trusts, _trusts)
        if finding is not None:
            return finding
    return passes("Every controller says the same: {controllers}", controllers=tuple(asked))


def _compared(
    host: HostView, fact: FactOf[Any], said: Mapping[str, Fact[T]], alike: Callable[[T], Any], shown: Callable[[T], tuple[Text, ...]]
) -> Finding | None:
    """A failure when two controllers differ. Raises FactMissing when none does, and one does not say it."""
    if two := differing(said, alike):
        return _differ(host, said, {name: shown(each.value) for name in two if isinstance(each := said[name], Known)})
    for each in said.values():
        if isinstance(each, Missing):
            raise FactMissing(f"{host.role}.{fact.name}", each)
    return None


def _differ(host: HostView, said: Mapping[str, Fact[Any]], shown: Mapping[str, tuple[Text, ...]]) -> Finding:
    (one, ours), (other, theirs) = shown.items()
    domain = host.computer.domain
    return fails(
        text("{one} and {other} say different things of the domain {domain}", one=one, other=other, domain=domain),
        evidence_of(said[one], text("only {controller} says", controller=one), tuple(each for each in ours if each not in theirs)),
        evidence_of(said[other], text("only {controller} says", controller=other), tuple(each for each in theirs if each not in ours)),
        remedy=Remedy(
            text(
                "Wait until {one} and {other} have replicated with each other, or look for what stops it. When one of them cannot be a "
                "controller of {domain}, find out who it is before anything else is done",
                one=one,
                other=other,
                domain=domain,
            ),
            who=domain_administrator_of(domain),
            effective_after=text("when the domain controllers have replicated it"),
        ),
    )


def _domain(domain: Domain) -> tuple[Text, ...]:
    return (
        text("{domain} ({netbios}), {sid}", domain=domain.dns_name, netbios=domain.netbios_name, sid=domain.sid),
        text("forest of {domain}: {forest}", domain=domain.dns_name, forest=domain.forest),
        text("functional level {level}", level=domain.functional_level),
    )


def _trusts(trusts: tuple[Trust, ...]) -> tuple[Text, ...]:
    return tuple(
        text(
            "trust with {partner} ({netbios}), {sid}: direction {direction}, type {type}, attributes {attributes}",
            partner=trust.partner,
            netbios=trust.flat_name,
            sid=trust.sid or "–",
            direction=int(trust.direction),
            type=trust.type,
            attributes=f"{trust.attributes:#x}",
        )
        for trust in sorted(trusts, key=lambda trust: trust.partner)
    )
