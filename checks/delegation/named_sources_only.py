"""Not everybody may act for users at a host."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostSubject, HostView
from checks.text import command, text
from checks.windows.rights import CONTROL_ACCESS
from checks.windows.sids import EVERY_IDENTITY


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="Only named accounts and groups may act for users at the host (resource-based delegation), not everyone",
    facts=("host.migration", "host.account", "host.computer"),
    depends_on=("domain.membership", "platform.hyperv_role"),
)
def named_sources_only(subject: HostSubject) -> Finding:
    host = subject.host
    if host.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {host}: a move needs no delegation", host=host.name)
    account = host.account
    allowed = tuple(dict.fromkeys(entry.sid for entry in account.resource_based if entry.allow and entry.mask & CONTROL_ACCESS))
    everyone = tuple(sid for sid in allowed if sid in EVERY_IDENTITY)
    what = text("msDS-AllowedToActOnBehalfOfOtherIdentity of {host}", host=host.name)
    if not everyone:
        return passes(
            "Nobody but those who are named may act for users at {host}", host.evidence(HostView.account, what, allowed), host=host.name
        )
    return fails(
        text("Everyone who has an account may act for users at {host}: {sids}", host=host.name, sids=everyone),
        host.evidence(HostView.account, what, allowed, tuple(sid for sid in allowed if sid not in EVERY_IDENTITY)),
        remedy=Remedy(
            text(
                "Name the computer accounts that move VMs to {host} instead of everyone (-PrincipalsAllowedToDelegateToAccount). "
                "Ask first who else rests on the present entry",
                host=host.name,
            ),
            who=domain_administrator_of(host.computer.domain),
            shows=text("only the computer accounts that move VMs to it, and no group of everybody"),
            verify=(
                command(
                    "(Get-ADComputer -Identity {account} -Server {domain} -Properties PrincipalsAllowedToDelegateToAccount)"
                    ".PrincipalsAllowedToDelegateToAccount",
                    account=account.account_name,
                    domain=host.computer.domain,
                ),
            ),
        ),
    )
