"""The operator may manage Hyper-V on the host."""

from __future__ import annotations

from typing import NamedTuple

from checks.changes import Change, Kind, Principal
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, domain_administrator_of
from checks.subject import AccessSubject, HostView, OperatorView, evidence_of
from checks.text import Value, command, text
from checks.tokens import Sure, Token
from checks.windows.names import DnsName, domain_of
from checks.windows.sids import ADMINISTRATORS, HYPERV_ADMINISTRATORS

GROUP_NAMES = {ADMINISTRATORS: text("Administrators"), HYPERV_ADMINISTRATORS: text("Hyper-V Administrators")}


@check(
    scope=Scope.ACCESS,
    severity=Severity.BLOCKER,
    title="The operator is in Administrators or Hyper-V Administrators of the host",
    facts=("operator.account", "operator.token", "host.computer", "host.local_groups"),
    depends_on=("domain.membership",),
    predicts=("0x80070005",),
    article=("W12 requirements 5", "W16 requirements 1"),
)
def hyperv_administrator(subject: AccessSubject) -> Finding:
    if not subject.manages:
        return skips("Only storage goes to a share of {host}: that needs no Hyper-V there", host=subject.host.name)
    host, operator = subject.host, subject.operator
    groups = host.local_groups
    if ADMINISTRATORS not in groups:
        raise host.lacks(HostView.local_groups, text("members of {group}", group=ADMINISTRATORS))
    tokens = {logon: operator.token(host.computer.domain, logon) for logon in subject.logons}
    sure = {logon: _membership(groups, token) for logon, token in tokens.items()}
    worst = min(sure, key=lambda logon: sure[logon].sure)
    token, found = tokens[worst], sure[worst]
    reached = evidence_of(
        operator.groups_in(host.computer.domain),
        text("how {operator} reaches {host}", operator=operator.name, host=host.name),
        text(worst.value),
    )
    if found.sure is Sure.YES:
        return passes(
            "{operator} is in {group} of {host}",
            host.evidence(
                HostView.local_groups, text("{group} ({sid})", group=GROUP_NAMES[found.group], sid=found.group), groups[found.group]
            ),
            evidence_of(operator.groups_in(host.computer.domain), "the operator's SIDs among them", found.through),
            operator=operator.name,
            group=GROUP_NAMES[found.group],
            host=host.name,
        )
    if found.sure is Sure.MAYBE:
        doubt = text(
            "{group} of {host} holds {sids}: whether that is in the token of {operator} is not sure",
            group=GROUP_NAMES[found.group],
            host=host.name,
            sids=found.through,
            operator=operator.name,
        )
        raise operator.doubts(host.computer.domain, token.gaps[0] if token.gaps else doubt)
    return fails(
        text("{operator} is neither in Administrators nor in Hyper-V Administrators of {host}", operator=operator.name, host=host.name),
        *(
            host.evidence(
                HostView.local_groups, text("{group} ({sid})", group=name, sid=group), groups.get(group), text("one of the operator's SIDs")
            )
            for group, name in GROUP_NAMES.items()
        ),
        evidence_of(operator.groups_in(host.computer.domain), "SIDs in the operator's token", len(token.sids)),
        reached,
        remedy=_on_controller(host, operator) if host.computer.role in CONTROLLERS else _on_host(subject),
    )


def _on_host(subject: AccessSubject) -> Remedy:
    host, operator = subject.host, subject.operator
    return Remedy(
        text("Add {operator} or one of the operator's groups to Hyper-V Administrators of {host}", operator=operator.name, host=host.name),
        administrator_of(host.name),
        commands=(
            command(
                "Invoke-Command -ComputerName {host} -ScriptBlock { Add-LocalGroupMember -SID {group} -Member {operator} }",
                host=host.name,
                group=HYPERV_ADMINISTRATORS,
                operator=operator.name,
            ),
        ),
        effective_after=text("at the next sign-in of the operator"),
        verify=(
            command(
                "Invoke-Command -ComputerName {host} -ScriptBlock { Get-LocalGroupMember -SID {group} }",
                host=host.name,
                group=HYPERV_ADMINISTRATORS,
            ),
        ),
        undo=(
            command(
                "Invoke-Command -ComputerName {host} -ScriptBlock { Remove-LocalGroupMember -SID {group} -Member {operator} }",
                host=host.name,
                group=HYPERV_ADMINISTRATORS,
                operator=operator.name,
            ),
        ),
        changes=_added(subject),
    )


def _on_controller(host: HostView, operator: OperatorView) -> Remedy:
    """A domain controller has no groups of its own but those of its domain, which hold on every one of them, and no cmdlets for local ones.
    Which object of another domain stands for the operator there, is left to a person."""
    dn, domain = operator.account.dn, host.computer.domain
    values: dict[str, Value] = {"group": HYPERV_ADMINISTRATORS, "account": dn, "domain": domain}
    member = "ADGroupMember -Identity {group} -Members {account} -Server {domain}"
    what = text(
        "Let somebody else start the move, who is in Administrators or Hyper-V Administrators of {domain}. {host} is one of its domain "
        "controllers: to add {operator} gives that right on every one of them",
        domain=domain,
        host=host.name,
        operator=operator.name,
    )
    who = domain_administrator_of(domain)
    if DnsName(domain_of(dn)) != DnsName(domain):
        return Remedy(what, who, effective_after=text("at the next sign-in of the operator"))
    return Remedy(
        what,
        who,
        commands=(command(f"Add-{member}", **values),),
        effective_after=text("when every domain controller shows it, at the next sign-in of the operator"),
        verify=(command("(Get-ADUser -Identity {account} -Server {domain} -Properties MemberOf).MemberOf", account=dn, domain=domain),),
        undo=(command(f"Remove-{member} -Confirm:$false", **values),),
    )


class _Membership(NamedTuple):
    """How sure it is that a token is in one of the groups, in which, and through which of its members."""

    sure: Sure
    group: str
    through: tuple[str, ...]


def _membership(groups: dict[str, tuple[str, ...]], token: Token) -> _Membership:
    """The surest of both."""

    def of(group: str) -> _Membership:
        held = {member: token.holds(member) for member in groups.get(group, ())}
        sure = max(held.values(), default=Sure.NO)
        return _Membership(sure, group, tuple(member for member, its in held.items() if its is sure))

    return max((of(group) for group in GROUP_NAMES), key=lambda membership: membership.sure)


def _added(subject: AccessSubject) -> tuple[Change, ...]:
    """The operator's own SID in the group, where both are known."""
    host, operator = subject.host, subject.operator
    account, members = operator.hint(OperatorView.account), host.local_groups.get(HYPERV_ADMINISTRATORS)
    if account is None or members is None:
        return ()
    principal = Principal(account.sid, operator.name)
    return (Change(Kind.GROUP_MEMBER, host.name, (account.sid,), members, HYPERV_ADMINISTRATORS, principal),)
