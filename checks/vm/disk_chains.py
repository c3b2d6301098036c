"""Every virtual disk of the VM is there, with all files of which it holds the differences."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes
from checks.disk_chains import Link
from checks.remedy import OPERATOR, Remedy, Role, Who, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text, verbatim
from checks.windows.paths import on_drive

NAMED = 3
"""So many files or other VMs are named."""


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Every virtual disk of the VM is there with all files of which it holds the differences, and these belong to no other VM",
    facts=("vm", "source.virtual_disks", "source.volumes"),
    depends_on=("vm.present",),
    predicts=("0xC03A000D", "0x80070002"),
)
def disk_chains(subject: MoveSubject) -> Finding:
    vm, holder, chains = subject.vm, subject.holder, subject.chains
    if chains.circle is not None:
        return _circle(subject, chains.circle)
    if chains.unread:
        return _unread(subject, chains.unread)
    if chains.silent:
        what = text("file of which {path} holds the differences, or that there is none", path=chains.silent[0])
        raise holder.predates(HostView.virtual_disks, what)
    if chains.away:
        return _away(subject, chains.away)
    evidence = holder.evidence(HostView.virtual_disks, "files of the disks of the VM", len(chains.opened))
    if subject.route.moves_storage:
        users = subject.users_of_disks
        if users.shared and (shared := tuple(sorted(path for path in chains.opened if path in users.shared))):
            return _shared(subject, shared, max(users.shared[path] for path in shared) - 1)
        if users.doubtful:
            return _doubtful(subject, users.doubtful)
    if not chains.parents:
        return passes("No virtual disk of {vm} needs another file", evidence, vm=vm.name)
    return passes(
        "Every virtual disk of {vm} is there, with the {count} files of which they hold the differences",
        evidence,
        vm=vm.name,
        count=len(chains.parents),
    )


def _circle(subject: MoveSubject, path: str) -> Finding:
    vm, holder = subject.vm, subject.holder
    return fails(
        text("A virtual disk of {vm} leads back to itself on {host}: {path}", vm=vm.name, host=holder.name, path=path),
        holder.evidence(HostView.virtual_disks, text("file whose chain leads back to it"), path),
        remedy=_repair(subject, path),
        predicts=(),
    )


def _unread(subject: MoveSubject, unread: tuple[Link, ...]) -> Finding:
    """What is on no volume of the host is certainly not there. Why any other file did not open, nobody told."""
    vm, holder = subject.vm, subject.holder
    if holder.hint(HostView.volumes):
        for path, child in unread:
            place = on_drive(path)
            if place is None or holder.mounted(place) is not None:
                continue
            values: dict[str, Value] = {"vm": vm.name, "host": holder.name, "path": path}
            return fails(
                text("{host} has no volume for a virtual disk of {vm}: {path}", **values)
                if child is None
                else text("{host} has no volume for the file of which {child} holds the differences: {path}", child=child, **values),
                holder.evidence(
                    HostView.volumes, text("volumes of {host}", host=holder.name), tuple(volume.path for volume in holder.volumes)
                ),
                remedy=_repair(subject, child or path),
                predicts=("0x80070002",) if child is None else ("0xC03A000D",),
            )
    path, child = unread[0]
    raise holder.lacks(
        HostView.virtual_disks,
        text("virtual disk {path}, which did not open: it is missing, damaged, or not for the collecting account", path=path)
        if child is None
        else text(
            "file {path}, of which {child} holds the differences, and which did not open: it is missing, damaged, or not for the "
            "collecting account",
            path=path,
            child=child,
        ),
    )


def _repair(subject: MoveSubject, path: str) -> Remedy:
    vm, host = subject.vm, subject.holder
    return Remedy(
        text(
            "Bring back on {host} what is missing, from where it lies now or from a backup, or let {path} know its new place with "
            "Set-VHD -ParentPath while {vm} is off. A disk that {vm} does not need can be taken off it",
            host=host.name,
            path=path,
            vm=vm.name,
        ),
        Who(Role.OWNER, (vm.name,)),
        effective_after=text("when the files are there"),
        shows=verbatim("True"),
        verify=(command("Test-VHD -ComputerName {host} -Path {path}", host=host.name, path=path),),
    )


def _away(subject: MoveSubject, away: tuple[str, ...]) -> Finding:
    """No host opens a file on a share for whoever collects: it has no credentials to pass on."""
    vm = subject.vm
    return fails(
        text(
            "Files of the disks of {vm} lie on a share, and nobody looks there whether they need others: {path}",
            vm=vm.name,
            path=away[:NAMED],
        ),
        subject.vm_evidence("virtual disks of the VM", tuple(disk.path or "" for disk in vm.disks or ())),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text(
                "See as somebody who may read the share that each of these files opens together with all of which it holds the "
                "differences, and, where the files stay there, that Get-VHD shows as ParentPath only paths on shares: the target "
                "reaches no disk of the source"
            ),
            OPERATOR,
            shows=verbatim("True"),
            verify=(command("Test-VHD -Path {path}", path=away[0]),),
        ),
    )


def _shared(subject: MoveSubject, shared: tuple[str, ...], others: int) -> Finding:
    vm, host = subject.vm, subject.holder
    values: dict[str, Value] = {"vm": vm.name, "host": host.name, "path": shared[:NAMED], "others": others}
    return fails(
        text("{vm} has files on {host} that other VMs need too ({others}): {path}. The move takes along the files of a VM", **values),
        host.evidence(HostView.virtual_disks, "other VMs that need a file of the VM", others, 0),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text(
                "Give {vm} a disk of its own before the move: Convert-VHD writes what it needs to a new file while {vm} is off. Or keep a "
                "copy of these files, and see after the move that they are still on {host} and that the other VMs start",
                **values,
            ),
            Who(Role.OWNER, (vm.name,)),
            shows=text("no ParentPath that another VM needs too"),
            verify=(
                command(
                    "Get-VHD -ComputerName {host} -Path {path} | Select-Object -Property Path, ParentPath", host=host.name, path=shared[0]
                ),
            ),
        ),
    )


def _doubtful(subject: MoveSubject, doubtful: tuple[str, ...]) -> Finding:
    vm, host = subject.vm, subject.holder
    values: dict[str, Value] = {"vm": vm.name, "host": host.name, "count": len(doubtful), "names": doubtful[:NAMED]}
    return fails(
        text("Other VMs of {host} have virtual disks that did not open ({count}), and may need files of {vm}: {names}", **values),
        host.evidence(
            HostView.virtual_disks, text("other VMs of {host} of which not all files are known", host=host.name), len(doubtful), 0
        ),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text("See on {host} which disks of these VMs do not open, and whether a file of {vm} is the parent of one", **values),
            administrator_of(host.name),
            shows=text("the disks of each VM, none of them in the folders of the VM that moves"),
            verify=(command("Get-VM -ComputerName {host} | Select-Object -Property Name, HardDrives", host=host.name),),
        ),
    )
