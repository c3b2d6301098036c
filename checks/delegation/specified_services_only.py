"""A host is not trusted for more than it needs."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostSubject, HostView
from checks.text import Value, command, text, verbatim
from checks.windows.account_control import ANY_SERVICE
from checks.windows.numbers import in_hex

DOMAIN_CONTROLLER = 0x2000

_WITHOUT = text("without {bits}", bits=in_hex("user_account_control", ANY_SERVICE))


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="The host is trusted for delegation to the specified services only, not to any service",
    facts=("host.migration", "host.account", "host.computer"),
    depends_on=("domain.membership", "platform.hyperv_role"),
    article=("W12 1.5", "W16 1.5"),
)
def specified_services_only(subject: HostSubject) -> Finding:
    host = subject.host
    if host.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {host}: a move needs no delegation", host=host.name)
    account = host.account
    bits = account.user_account_control
    evidence = host.evidence(
        HostView.account,
        text("userAccountControl of {host}", host=host.name),
        in_hex("user_account_control", bits),
        _WITHOUT,
        fits=not bits & ANY_SERVICE,
    )
    if not bits & ANY_SERVICE:
        return passes("{host} is not trusted for delegation to any service", evidence, host=host.name)
    if bits & DOMAIN_CONTROLLER:
        return skips("{host} is a domain controller, which is always trusted for delegation to any service", host=host.name)
    values: dict[str, Value] = {"account": account.account_name, "domain": host.computer.domain}
    change = "Set-ADAccountControl -Identity {account} -Server {domain} -TrustedForDelegation "
    return fails(
        text(
            "{host} is trusted for delegation to any service: it may pass on every user who signs in to it to every server. "
            "Moves do not need that, and it does not replace the entries that they need",
            host=host.name,
        ),
        evidence,
        remedy=Remedy(
            text(
                'Choose "Trust this computer for delegation to specified services only" on the Delegation tab of {host}. '
                "Ask first which other service on {host} rests on the present setting",
                host=host.name,
            ),
            who=domain_administrator_of(host.computer.domain),
            commands=(command(change + "$false", **values),),
            effective_after=text(
                "when every domain controller that {host} is logged on to shows it and its tickets are renewed, at most 10 hours",
                host=host.name,
            ),
            shows=verbatim("False"),
            verify=(
                command(
                    "(Get-ADComputer -Identity {account} -Server {domain} -Properties TrustedForDelegation).TrustedForDelegation",
                    **values,
                ),
            ),
            undo=(command(change + "$true", **values),),
        ),
    )
