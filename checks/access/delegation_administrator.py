"""Who is named to change delegation may do it in every domain concerned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checks.check import Finding, Scope, Severity, asks, check, fails, passes, skips
from checks.facts.directory import Domain
from checks.facts.migration import MigrationAuthentication
from checks.plan import Move, Pair
from checks.remedy import OPERATOR, Remedy, domain_administrator_of
from checks.subject import HostView, OperatorView, PlanSubject, evidence_of
from checks.text import text
from checks.tokens import Logon, Sure
from checks.windows.names import DnsName, domain_of
from checks.windows.sids import ADMINISTRATORS, DOMAIN_ADMINS


class Held(NamedTuple):
    """How sure it is that somebody administers a domain, and because of which groups."""

    sure: Sure
    groups: tuple[str, ...]


@check(
    scope=Scope.PLAN,
    severity=Severity.ADVICE,
    title="Who is named to change delegation is an administrator of every domain concerned",
    facts=("administrator.account", "administrator.token", "hosts.domain", "hosts.migration"),
    article=("W12 requirements 4", "W16 requirements 2"),
)
def delegation_administrator(subject: PlanSubject) -> Finding:
    administrator = subject.administrator
    concerned = _concerned(subject)
    if administrator is None and (concerned or subject.reads.hints_missing):
        return asks(
            "The plan names nobody who will change delegation (delegation_administrator)",
            Remedy(text("Name in the plan who will change delegation, where anybody has to, and check again"), OPERATOR),
        )
    if not concerned:
        if subject.reads.hints_missing:
            raise subject.reads.hints_missing[0]
        return skips("No move of the plan rests on delegation")
    assert administrator is not None
    held = {domain: _held(administrator, domain) for domain in concerned}
    evidence = (
        evidence_of(
            administrator.groups_in(domain.dns_name),
            text("administrators of {domain} that {administrator} is among", domain=domain.dns_name, administrator=administrator.name),
            its.groups,
            text("{domain_admins} or {administrators}", domain_admins=_domain_admins(domain), administrators=ADMINISTRATORS),
            fits=its.sure is not Sure.NO,
        )
        for domain, its in held.items()
    )
    foreign = tuple(domain.dns_name for domain, its in held.items() if its.sure is Sure.NO)
    if foreign:
        return fails(
            text(
                "{administrator} is neither in Domain Admins nor in Administrators of {domains}. Whoever was given these rights otherwise "
                "can change delegation too: that was not looked at",
                administrator=administrator.name,
                domains=foreign,
            ),
            *evidence,
            concerns={move for domain, moves in concerned.items() if domain.dns_name in foreign for move in moves},
            remedy=Remedy(
                text(
                    "Let an administrator of {domains} change delegation there, and name that account in the plan; or make sure that "
                    "{administrator} was given the rights: to write the computer accounts, and for a delegation list the user right "
                    '"Enable computer and user accounts to be trusted for delegation" on the domain controllers',
                    administrator=administrator.name,
                    domains=foreign,
                ),
                domain_administrator_of(*foreign),
                effective_after=text("at the next sign-in of {administrator}", administrator=administrator.name),
            ),
        )
    for domain, its in held.items():
        if its.sure is Sure.MAYBE:
            raise administrator.doubts(
                domain.dns_name,
                text(
                    "whether {groups} of {domain} are in the token of {administrator} is not sure",
                    groups=its.groups,
                    domain=domain.dns_name,
                    administrator=administrator.name,
                ),
            )
    return passes(
        "{administrator} is in Domain Admins or Administrators of {domains}",
        *evidence,
        administrator=administrator.name,
        domains=tuple(domain.dns_name for domain in concerned),
    )


def _concerned(subject: PlanSubject) -> dict[Domain, list[Move]]:
    """The domains of the hosts between which somebody is delegated, with the moves. In one domain the source's account is changed, across
    domains the target's, and for the way back the other one's."""
    found: dict[DnsName, tuple[Domain, list[Move]]] = {}
    for (source, target), moves in _acting(subject).items():
        here = subject.hosts[source]
        settings = here.hint(HostView.migration)
        if settings is None or settings.authentication is MigrationAuthentication.CREDSSP:
            continue
        for domain in dict.fromkeys(_homes(here, subject.hosts[target])):
            found.setdefault(DnsName(domain.dns_name), (domain, []))[1].extend(moves)
    return dict(found.values())


def _acting(subject: PlanSubject) -> dict[Pair, list[Move]]:
    """The moves for which the source does anything for the operator at another host, by the pairs of the plan."""
    found: dict[Pair, list[Move]] = {}
    for step, leg in zip(subject.steps, subject.world.legs, strict=True):
        if not leg.stays:
            found.setdefault(step.move.pair, []).append(step.move)
    return found


def _homes(*hosts: HostView) -> Iterator[Domain]:
    for host in hosts:
        domain = host.hint(HostView.domain)
        if domain is not None:
            yield domain


def _held(administrator: OperatorView, domain: Domain) -> Held:
    """Of the two groups of a domain that may change delegation as Windows comes. Domain Admins has members of its own domain alone,
    Enterprise Admins are in Administrators of each. Raises FactMissing."""
    account, token = administrator.account, administrator.token(domain.dns_name, Logon.NETWORK)
    at_home = DnsName(domain_of(account.dn)) == DnsName(domain.dns_name)
    of_built_in = token.holds(ADMINISTRATORS)
    if at_home:
        of_built_in = Sure.YES if ADMINISTRATORS in account.sids else Sure.NO
    sure = {_domain_admins(domain): token.holds(_domain_admins(domain)), ADMINISTRATORS: of_built_in}
    surest = max(sure.values())
    return Held(surest, () if surest is Sure.NO else tuple(group for group, its in sure.items() if its is surest))


def _domain_admins(domain: Domain) -> str:
    return f"{domain.sid}-{DOMAIN_ADMINS}"
