"""With CredSSP, Credential Guard does not run on the source."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import command, text, verbatim
from checks.windows.numbers import named


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="With CredSSP, Credential Guard does not run on the source",
    facts=("source.migration", "source.credential_guard", "target.migration"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
)
def credential_guard(subject: MoveSubject) -> Finding:
    source = subject.source
    if source.migration.authentication is MigrationAuthentication.KERBEROS:
        return skips("Kerberos is used: Credential Guard on {source} does not matter", source=source.name)
    if not subject.acts_elsewhere:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    guard = source.credential_guard
    evidence = (
        source.evidence(HostView.credential_guard, text("Credential Guard runs on {host}", host=source.name), guard.running, False),
        source.evidence(
            HostView.credential_guard,
            "security services running",
            tuple(named("security_service", each) for each in guard.services_running),
        ),
    )
    if not guard.running:
        return passes("Credential Guard does not run on {source}", *evidence, source=source.name)
    theirs = subject.target.hint(HostView.migration)
    both = theirs is not None and theirs.authentication is MigrationAuthentication.CREDSSP
    hosts = (source.name, subject.target.name) if both else (source.name,)
    change = "Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType {to}"
    return fails(
        text("Credential Guard runs on {source}: CredSSP cannot pass on the operator's sign-in", source=source.name),
        *evidence,
        remedy=Remedy(
            text(
                "Use Kerberos on both hosts and delegate in Active Directory. Switching Credential Guard off works too, but takes a "
                "protection away from {source}",
                source=source.name,
            ),
            administrator_of(source.name),
            commands=tuple(command(change, host=host, to="Kerberos") for host in hosts),
            effective_after=text("at once for the protocol; the delegation after its replication and a new ticket"),
            shows=verbatim("Kerberos"),
            verify=(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property VirtualMachineMigrationAuthenticationType", host=source.name
                ),
            ),
            undo=tuple(command(change, host=host, to="CredSSP") for host in hosts),
        ),
    )
