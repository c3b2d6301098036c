"""Live migration is switched on."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of
from checks.subject import HostSubject, HostView
from checks.text import command, text, verbatim


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="Incoming and outgoing live migrations are enabled",
    facts=("host.migration",),
    depends_on=("platform.hyperv_role",),
    predicts=("migration_not_enabled", "0x80072746", "0x8007274D"),
    article=("W12 2.5", "W12 2.9", "W16 2.4", "W16 2.9"),
)
def enabled(subject: HostSubject) -> Finding:
    if not subject.moves_vms:
        return skips("Storage moves alone: no VM goes to or from {host}", host=subject.host.name)
    host = subject.host
    evidence = host.evidence(
        HostView.migration, text("VirtualMachineMigrationEnabled of {host}", host=host.name), host.migration.enabled, True
    )
    if host.migration.enabled:
        return passes("Live migrations are enabled on {host}", evidence, host=host.name)
    return fails(
        text("Live migrations are not enabled on {host}, neither incoming nor outgoing: one switch serves both", host=host.name),
        evidence,
        remedy=Remedy(
            text(
                "Enable live migrations on {host}. Check the networks and the authentication there first: it accepts "
                "migrations from that moment on",
                host=host.name,
            ),
            who=administrator_of(host.name),
            commands=(command("Enable-VMMigration -ComputerName {host}", host=host.name),),
            shows=verbatim("True"),
            verify=(command("(Get-VMHost -ComputerName {host}).VirtualMachineMigrationEnabled", host=host.name),),
            undo=(command("Disable-VMMigration -ComputerName {host}", host=host.name),),
            changes=(Change(Kind.MIGRATION, host.name, wanted=True, earlier=False),),
        ),
    )
