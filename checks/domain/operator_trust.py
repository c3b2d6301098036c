"""The operator's domain takes part: it and the hosts' trust each other as the start of the move needs it."""

from __future__ import annotations

from checks.check import PLAN, Finding, Scope, Severity, check, fails, passes
from checks.domain._realms import AT_SERVER, LEGS, Judged, Parties, Realm, Start, forest_rule, judge
from checks.domain._selective import judge_selective
from checks.facts.migration import MigrationAuthentication
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, MoveSubject, OperatorView
from checks.text import text
from checks.windows.names import DnsName, HostName, domain_of
from checks.world import FactMissing


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The domains of the hosts and of the operator trust each other as the start of the move needs it",
    facts=(
        "source.computer",
        "source.account",
        "source.account_views",
        "source.migration",
        "source.os",
        "target.computer",
        "target.account",
        "target.account_views",
        "operator.account",
        "operator.token",
        "server.account",
        "realm.domain",
        "realm.forest_domains",
        "realm.trusts",
    ),
    depends_on=("domain.membership", "domain.trust"),
    predicts=("0x8009030C",),
)
def operator_trust(subject: MoveSubject) -> Finding:
    source, target, operator = subject.source, subject.target, subject.operator
    if _is_local(subject) and source.migration.authentication is MigrationAuthentication.KERBEROS:
        return fails(
            text("{operator} is a local account of a host: Kerberos gives it no ticket for another", operator=operator.name),
            PLAN.another("operator", operator.name),
            remedy=Remedy(text("Let an account of a domain start the move, and say so in the plan"), OPERATOR),
        )
    home = domain_of(operator.account.dn)
    evidence = (
        operator.evidence(OperatorView.account, text("domain of {operator}", operator=operator.name), home),
        source.evidence(HostView.computer, text("domain of {host}", host=source.name), source.computer.domain),
        target.evidence(HostView.computer, text("domain of {host}", host=target.name), target.computer.domain),
    )
    parties = Parties(
        {Realm.SOURCE: source.computer.domain, Realm.TARGET: target.computer.domain, Realm.OPERATOR: home},
        {"source": source.name, "target": target.name, "operator": operator.name},
        subject.realm,
    )
    start = Start(source, subject.route.launch)
    at_servers = _at_servers(subject, parties, start)
    if len({DnsName(domain) for domain in parties.domains.values()}) == 1:
        return at_servers.failure(*evidence) or passes(
            "{operator} and both hosts are in {domain}", *evidence, operator=operator.name, domain=home
        )
    judged = judge((leg for leg in LEGS if Realm.OPERATOR in (leg.trusting, leg.trusted)), parties, (start,))
    judged.add(at_servers)
    forest_rule(parties, (start,), judged)
    judge_selective(subject, parties, start, judged)
    if failure := judged.failure(*evidence):
        return failure
    return passes(
        "The domains of {operator}, {source} and {target} trust each other as this start needs it",
        *evidence,
        *judged.rows,
        **parties.names,
    )


def _at_servers(subject: MoveSubject, parties: Parties, start: Start) -> Judged:
    """What speaks against the operator's credentials reaching every other server of the move's files. With Kerberos a host delegates to
    it, which is judged as delegation."""
    found = Judged([], [])
    if start.authentication is MigrationAuthentication.KERBEROS:
        return found
    for server in map(subject.server, subject.leg.third_servers):
        try:
            domains, names = {**parties.domains, Realm.SERVER: server.home}, {**parties.names, "server": server.name}
        except FactMissing as missing:
            found.lacks(missing)
        else:
            found.add(judge((AT_SERVER,), Parties(domains, names, parties.realms), (start,)))
    return found


def _is_local(subject: MoveSubject) -> bool:
    """Does the plan name the operator as an account of one of the hosts."""
    machine = HostName(subject.operator.key.authority)
    return machine in {HostName(name) for host in (subject.source, subject.target) for name in (host.computer.name, host.key.spelled)}
