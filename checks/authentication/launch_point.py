"""The move may be started from where it will be."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text, verbatim


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The move is started in a session on the source, or Kerberos is used",
    facts=("source.migration",),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
    article=("W12 planning 1", "W12 planning 2", "W12 planning 3", "W16 planning 1", "W16 planning 2", "W16 planning 3"),
)
def launch_point(subject: MoveSubject) -> Finding:
    source, launch = subject.source, subject.route.launch
    protocol = source.migration.authentication
    evidence = source.evidence(HostView.migration, text("migration authentication of {host}", host=source.name), protocol.label)
    if protocol is MigrationAuthentication.KERBEROS:
        return passes(
            "{source} uses Kerberos: as far as authentication goes, the move may be started from anywhere", evidence, source=source.name
        )
    if not subject.acts_elsewhere:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    if launch is not LaunchPoint.REMOTE:
        return passes(
            "{source} uses CredSSP, and the move is started on it ({launch})", evidence, source=source.name, launch=Text(launch.value)
        )
    return fails(
        text("{source} uses CredSSP, but the move is started remotely", source=source.name),
        source.evidence(HostView.migration, text("migration authentication of {host}", host=source.name), "CredSSP", "Kerberos"),
        remedy=Remedy(
            text(
                "Either sign in to {source} (console or Remote Desktop) and start the move there; or use Kerberos on both hosts, "
                "which needs delegation in Active Directory",
                source=source.name,
            ),
            administrator_of(source.name),
            commands=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType Kerberos", host=source.name),),
            shows=verbatim("Kerberos"),
            verify=(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property VirtualMachineMigrationAuthenticationType", host=source.name
                ),
            ),
            undo=(command("Set-VMHost -ComputerName {host} -VirtualMachineMigrationAuthenticationType CredSSP", host=source.name),),
        ),
    )
