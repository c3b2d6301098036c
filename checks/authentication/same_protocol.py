"""Both hosts authenticate migrations in the same way."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import command, text, verbatim


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Both hosts use the same migration authentication",
    facts=("source.migration", "target.migration"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
    article=("W12 2.6", "W12 2.9", "W16 2.7", "W16 2.9"),
)
def same_protocol(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    source, target = subject.source, subject.target
    ours, theirs = source.migration.authentication, target.migration.authentication
    evidence = (
        source.evidence(HostView.migration, text("migration authentication of {host}", host=source.name), ours.label, theirs.label),
        target.evidence(HostView.migration, text("migration authentication of {host}", host=target.name), theirs.label, ours.label),
    )
    if ours is theirs:
        return passes("Both hosts use {protocol}", *evidence, protocol=ours.label)
    other = source if ours is MigrationAuthentication.CREDSSP else target
    return fails(
        text(
            "{source} uses {ours}, {target} uses {theirs}",
            source=source.name,
            ours=ours.label,
            target=target.name,
            theirs=theirs.label,
        ),
        *evidence,
        remedy=Remedy(
            text(
                "Use Kerberos on both hosts and delegate in both directions; where nobody can delegate, use CredSSP on both and start each "
                "move in a session on its source. {host} is the one that uses CredSSP",
                host=other.name,
            ),
            administrator_of(other.name),
            commands=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType Kerberos", host=other.name),),
            shows=verbatim("Kerberos"),
            verify=(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property VirtualMachineMigrationAuthenticationType", host=other.name
                ),
            ),
            undo=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType CredSSP", host=other.name),),
            changes=(Change(Kind.AUTHENTICATION, other.name, "Kerberos", "CredSSP"),),
        ),
    )
