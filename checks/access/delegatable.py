"""The operator's account may be delegated."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.fact import Known
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import MoveSubject, OperatorView, RealmView
from checks.text import Value, command, text
from checks.windows.account_control import NOT_DELEGATED
from checks.windows.names import domain_of
from checks.windows.numbers import in_hex
from checks.windows.sids import PROTECTED_USERS, in_domain_of

PROTECTING = 6
"""The level of domain controllers from Windows Server 2012 R2 on, which know Protected Users ([MS-KILE] 3.3.5.1)."""

NEEDED = (LaunchPoint.REMOTE, LaunchPoint.POWERSHELL)


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="With Kerberos and a remote start, the operator's account may be delegated",
    facts=("source.migration", "operator.account", "realm.controller_domains"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
)
def delegatable(subject: MoveSubject) -> Finding:
    source, operator = subject.source, subject.operator
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used: nothing is delegated through Kerberos")
    if subject.route.launch not in NEEDED:
        return skips("The move is started on {source} with the operator's own ticket: nothing is delegated", source=source.name)
    if not subject.acts_elsewhere:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    account = operator.account
    group = in_domain_of(account.sid, PROTECTED_USERS)
    sensitive, protected = bool(account.user_account_control & NOT_DELEGATED), group in account.sids
    evidence = (
        operator.evidence(OperatorView.account, "sensitive and cannot be delegated", sensitive, False),
        operator.evidence(OperatorView.account, "in Protected Users", protected, False),
        operator.evidence(OperatorView.account, "userAccountControl", in_hex("user_account_control", account.user_account_control)),
    )
    if not sensitive and not protected:
        return passes("{operator} may be delegated", *evidence, operator=operator.name)
    domain = domain_of(account.dn)
    ignored = not sensitive and _ignored(subject.realm(domain))
    values: dict[str, Value] = {"account": account.dn, "group": group, "domain": domain}
    control = "Set-ADAccountControl -Identity {account} -Server {domain} -AccountNotDelegated {to}"
    member = "ADGroupMember -Identity {group} -Members {account} -Server {domain}"
    commands, undo = [], []
    if sensitive:
        commands.append(command(control, **values, to=False))
        undo.append(command(control, **values, to=True))
    if protected:
        commands.append(command(f"Remove-{member} -Confirm:$false", **values))
        undo.append(command(f"Add-{member}", **values))
    return fails(
        text(
            "{operator} is marked as sensitive and cannot be delegated: a host cannot act on behalf of this account"
            if sensitive
            else "{operator} is in Protected Users. No domain controller of {domain} that was asked knows this group yet; the first of "
            "Windows Server 2012 R2 or later will let no host act on behalf of this account"
            if ignored
            else "{operator} is in Protected Users: a host cannot act on behalf of this account",
            operator=operator.name,
            domain=domain,
        ),
        *evidence,
        severity=Severity.RISK if ignored else None,
        remedy=Remedy(
            text(
                "Let another account start the move, or start it at the console or through Remote Desktop on {source}. "
                "The commands take a protection away from {operator}: the last resort",
                source=source.name,
                operator=operator.name,
            ),
            domain_administrator_of(domain),
            commands=tuple(commands),
            effective_after=text(
                "when the operator has signed in anew and the hosts' tickets are renewed (about 15 minutes, 10 hours at most)"
            ),
            shows=text("AccountNotDelegated False, and Protected Users not below MemberOf"),
            verify=(command("Get-ADUser -Identity {account} -Server {domain} -Properties AccountNotDelegated, MemberOf", **values),),
            undo=tuple(undo),
        ),
    )


def _ignored(realm: RealmView) -> bool:
    """Is every controller of the domain, all of which were asked, from before Protected Users."""
    said = realm.hint(RealmView.controller_domains) or {}
    levels = [fact.value.controller_level if isinstance(fact, Known) else PROTECTING for fact in said.values()]
    return bool(levels) and max(levels) < PROTECTING
