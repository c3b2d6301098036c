"""The VM holds no medium that the target cannot open."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.machines import MediaDrive
from checks.remedy import Remedy, Role, Who
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text
from checks.windows.paths import server_of
from checks.windows.releases import BUILD_2012_R2

EMPTY, IMAGE, OF_HOST = range(3)
"""DvdMediaType."""
GUEST_SERVICES = "c:\\windows\\system32\\vmguest.iso"
"""The image of the integration services, which every host has until Windows Server 2012 R2."""


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="No drive of the VM holds a medium that the target cannot open",
    facts=("vm", "target.os"),
    depends_on=("vm.present",),
    predicts=("0xC03A0014", "40010"),
)
def media(subject: MoveSubject) -> Finding:
    vm, holder, target = subject.vm, subject.holder, subject.target
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    if vm.drives is None:
        raise holder.lacks(HostView.vms, text("media in drives of {vm}", vm=vm.id))
    held = [drive for drive in vm.drives if drive.kind != EMPTY]
    evidence = subject.vm_evidence("media in drives of the VM", tuple([drive.path or "" for drive in held]), ())
    if OF_HOST in [drive.kind for drive in held]:
        found = text(
            "{vm} has a DVD drive of {host} itself, which {target} does not have", vm=vm.name, host=holder.name, target=target.name
        )
        return fails(found, evidence, remedy=_empty(subject), predicts=())
    images = [(drive, drive.path) for drive in held if drive.kind == IMAGE and drive.path is not None]
    for drive, path in images:
        if server_of(path) is None and not _on_every_host(path, subject):
            found = text(
                "{medium} in {vm} lies on a disk of {host}, and does not move with it: {target} needs the same file at {path}",
                medium=_medium(drive),
                vm=vm.name,
                host=holder.name,
                target=target.name,
                path=path,
            )
            return fails(found, evidence, remedy=_empty(subject))
    if len(images) < len(held):
        raise holder.lacks(HostView.vms, text("media in drives of {vm}", vm=vm.id))
    for drive, path in images:
        if server_of(path) is not None:
            found = text(
                "{medium} in {vm} lies on a share, which {target} has to reach and read as itself: {path}",
                medium=_medium(drive),
                vm=vm.name,
                target=target.name,
                path=path,
            )
            return fails(found, evidence, remedy=_empty(subject), severity=Severity.RISK)
    return passes("No medium in a drive of {vm} keeps it from {target}", evidence, vm=vm.name, target=target.name)


def _empty(subject: MoveSubject) -> Remedy:
    vm = subject.vm
    return Remedy(
        text(
            "Empty the drives of {vm}: no medium. If the VM needs it, put it in again after the move, from a path that {target} reaches",
            vm=vm.name,
            target=subject.target.name,
        ),
        Who(Role.OWNER, (vm.name,)),
        shows=text("no path in DVDDrives and FloppyDrive, or one that the target reaches"),
        verify=(
            command(
                "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, DVDDrives, FloppyDrive",
                host=subject.holder.name,
                id=vm.id,
            ),
        ),
    )


def _medium(drive: MediaDrive) -> Text:
    return text("The floppy") if drive.floppy else text("The ISO file")


def _on_every_host(path: str, subject: MoveSubject) -> bool:
    return path.lower() == GUEST_SERVICES and subject.target.os.build <= BUILD_2012_R2
