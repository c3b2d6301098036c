"""Both hosts authenticate migrations in the same way."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Finding, Remedy, Scope, Severity, check, command, fails, passes, text
from checks.facts import MigrationAuthentication
from checks.protocols import PROTOCOL_NAMES
from checks.subject import PairSubject


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Both hosts use the same migration authentication",
    facts=("source.migration", "target.migration"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
    article=("W12 2.6", "W16 2.7"),
)
def same_protocol(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    ours, theirs = source.migration.authentication, target.migration.authentication
    evidence = (
        source.evidence(
            "migration", text("migration authentication of {host}", host=source.name), PROTOCOL_NAMES[ours], PROTOCOL_NAMES[theirs]
        ),
        target.evidence(
            "migration", text("migration authentication of {host}", host=target.name), PROTOCOL_NAMES[theirs], PROTOCOL_NAMES[ours]
        ),
    )
    if ours is theirs:
        return passes("Both hosts use {protocol}", *evidence, protocol=PROTOCOL_NAMES[ours])
    other = source if ours is MigrationAuthentication.CREDSSP else target
    return fails(
        text(
            "{source} uses {ours}, {target} uses {theirs}",
            source=source.name,
            ours=PROTOCOL_NAMES[ours],
            target=target.name,
            theirs=PROTOCOL_NAMES[theirs],
        ),
        *evidence,
        remedy=Remedy(
            text(
                "Use Kerberos on both hosts and delegate in both directions; where nobody can delegate, use CredSSP on both and start each "
                "move in a session on its source. {host} is the one that uses CredSSP",
                host=other.name,
            ),
            text("administrator of {host}", host=other.name),
            commands=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType Kerberos", host=other.name),),
            verify=(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property VirtualMachineMigrationAuthenticationType", host=other.name
                ),
            ),
            undo=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType CredSSP", host=other.name),),
            changes=(Change(Kind.AUTHENTICATION, other.name, "Kerberos", "CredSSP"),),
        ),
    )
