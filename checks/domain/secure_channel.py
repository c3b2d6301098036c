"""The host's secure channel to its domain works."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, asks, check, fails, passes
from checks.identity import CONTROLLERS
from checks.remedy import Remedy, administrator_of, domain_administrator_of
from checks.subject import HostSubject, HostView
from checks.text import command, text, verbatim


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="The host's secure channel to its domain works",
    facts=("host.computer", "host.secure_channel"),
    depends_on=("domain.membership",),
    predicts=("0x80090350", "0x8009030C"),
)
def secure_channel(subject: HostSubject) -> Finding:
    host, computer = subject.host, subject.host.computer
    if computer.role in CONTROLLERS:
        return asks(
            "{host} is a domain controller, which cannot be asked for its own channel",
            Remedy(
                text("See that the tests of dcdiag find nothing wrong with {host}", host=host.name),
                domain_administrator_of(computer.domain),
            ),
            host=host.name,
        )
    its = host.secure_channel
    evidence = host.evidence(HostView.secure_channel, "secure channel works", its.works, True)
    if its.works:
        return passes("The secure channel of {host} to {domain} works", evidence, host=host.name, domain=computer.domain)
    return fails(
        text(
            "The secure channel of {host} to {domain} does not work: its password there is another one, or it reaches no controller",
            host=host.name,
            domain=computer.domain,
        ),
        evidence,
        severity=Severity.BLOCKER,
        remedy=Remedy(
            text(
                "Look first whether {host} finds a controller of {domain}. If it does, let it agree on a new password with the domain, as "
                "somebody who may reset computer accounts there. The old password is of no use any more: there is no way back",
                host=host.name,
                domain=computer.domain,
            ),
            administrator_of(host.name),
            commands=(
                command(
                    "Invoke-Command -ComputerName {host} -ScriptBlock { Test-ComputerSecureChannel -Repair -Credential $args[0] } "
                    "-ArgumentList (Get-Credential -Message 'Account that may reset computer accounts in the domain')",
                    host=host.name,
                ),
            ),
            effective_after=text("at once; a restart of {host} makes services forget old tickets", host=host.name),
            shows=verbatim("True"),
            verify=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Test-ComputerSecureChannel }", host=host.name),),
        ),
    )
