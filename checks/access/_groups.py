"""Membership of the operator in Administrators of a host, or in a group of it that has one right of theirs, and how one is added."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from checks.changes import Change, Kind, Principal
from checks.check import Evidence
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, domain_administrator_of
from checks.subject import AccessSubject, HostView, OperatorView, evidence_of
from checks.text import Text, Value, command, text
from checks.tokens import Logon, Sure, Token
from checks.windows.names import DnsName, domain_of
from checks.windows.sids import ADMINISTRATORS, HYPERV_ADMINISTRATORS, REMOTE_MANAGEMENT_USERS

GROUP_NAMES = {
    ADMINISTRATORS: text("Administrators"),
    HYPERV_ADMINISTRATORS: text("Hyper-V Administrators"),
    REMOTE_MANAGEMENT_USERS: text("Remote Management Users"),
}


class Found(NamedTuple):
    """The group that the operator is in, or nothing, and what tells it."""

    group: Text | None
    evidence: tuple[Evidence, ...]


def membership(subject: AccessSubject, group: str, logons: Iterable[Logon]) -> Found:
    """Is the operator, however the host is reached of these ways, in Administrators or in this group. Raises FactMissing where that is
    not sure."""
    host, operator = subject.host, subject.operator
    groups = host.local_groups
    if ADMINISTRATORS not in groups:
        raise host.lacks(HostView.local_groups, text("members of {group}", group=ADMINISTRATORS))
    among = (ADMINISTRATORS, group)
    tokens = {logon: operator.token(host.computer.domain, logon) for logon in logons}
    sure = {logon: _surest(groups, among, token) for logon, token in tokens.items()}
    worst = min(sure, key=lambda logon: sure[logon].sure)
    token, found = tokens[worst], sure[worst]
    told = operator.groups_in(host.computer.domain)
    if found.sure is Sure.YES:
        return Found(
            GROUP_NAMES[found.group],
            (
                host.evidence(
                    HostView.local_groups, text("{group} ({sid})", group=GROUP_NAMES[found.group], sid=found.group), groups[found.group]
                ),
                evidence_of(told, "the operator's SIDs among them", found.through),
            ),
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
    return Found(
        None,
        (
            *(
                host.evidence(
                    HostView.local_groups,
                    text("{group} ({sid})", group=GROUP_NAMES[sid], sid=sid),
                    groups.get(sid),
                    text("one of the operator's SIDs"),
                )
                for sid in among
            ),
            evidence_of(told, "SIDs in the operator's token", len(token.sids)),
            evidence_of(told, text("how {operator} reaches {host}", operator=operator.name, host=host.name), text(worst.value)),
        ),
    )


class _Membership(NamedTuple):
    """How sure it is that a token is in one of the groups, in which, and through which of its members."""

    sure: Sure
    group: str
    through: tuple[str, ...]


def _surest(groups: dict[str, tuple[str, ...]], among: tuple[str, ...], token: Token) -> _Membership:
    def of(group: str) -> _Membership:
        held = {member: token.holds(member) for member in groups.get(group, ())}
        sure = max(held.values(), default=Sure.NO)
        return _Membership(sure, group, tuple(member for member, its in held.items() if its is sure))

    return max(map(of, among), key=lambda membership: membership.sure)


def remedy(subject: AccessSubject, group: str) -> Remedy:
    """Add the operator to this group of the host."""
    return _on_controller(subject, group) if subject.host.computer.role in CONTROLLERS else _on_host(subject, group)


def _on_host(subject: AccessSubject, group: str) -> Remedy:
    host, operator = subject.host, subject.operator
    values: dict[str, Value] = {"host": host.name, "group": group, "operator": operator.name}
    on_it = "Invoke-Command -ComputerName {host} -ScriptBlock"
    return Remedy(
        text("Add {operator} or one of the operator's groups to {group} of {host}", **values | {"group": GROUP_NAMES[group]}),
        administrator_of(host.name),
        commands=(command(f"{on_it} {{ Add-LocalGroupMember -SID {{group}} -Member {{operator}} }}", **values),),
        effective_after=text("at the next sign-in of the operator"),
        shows=text("the operator, or the group that has the operator in it"),
        verify=(command(f"{on_it} {{ Get-LocalGroupMember -SID {{group}} }}", host=host.name, group=group),),
        undo=(command(f"{on_it} {{ Remove-LocalGroupMember -SID {{group}} -Member {{operator}} }}", **values),),
        changes=_added(subject, group),
    )


def _on_controller(subject: AccessSubject, group: str) -> Remedy:
    """A domain controller has no groups of its own but those of its domain, which hold on every one of them, and no cmdlets for local ones.
    Which object of another domain stands for the operator there, is left to a person."""
    host, operator = subject.host, subject.operator
    dn, domain = operator.account.dn, host.computer.domain
    values: dict[str, Value] = {"group": group, "account": dn, "domain": domain}
    member = "ADGroupMember -Identity {group} -Members {account} -Server {domain}"
    what = text(
        "Let somebody else start the move, who is in Administrators or {group} of {domain}. {host} is one of its domain "
        "controllers: to add {operator} gives that right on every one of them",
        group=GROUP_NAMES[group],
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
        shows=text("among others the group of the remedy"),
        verify=(command("(Get-ADUser -Identity {account} -Server {domain} -Properties MemberOf).MemberOf", account=dn, domain=domain),),
        undo=(command(f"Remove-{member} -Confirm:$false", **values),),
    )


def _added(subject: AccessSubject, group: str) -> tuple[Change, ...]:
    """The operator's own SID in the group, where both are known."""
    host, operator = subject.host, subject.operator
    account, members = operator.hint(OperatorView.account), host.local_groups.get(group)
    if account is None or members is None:
        return ()
    principal = Principal(account.sid, operator.name)
    return (Change(Kind.GROUP_MEMBER, host.name, (account.sid,), members, group, principal),)
