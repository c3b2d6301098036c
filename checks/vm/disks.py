"""The VM has no disk that Hyper-V does not move."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes
from checks.facts.machines import Disk
from checks.remedy import Remedy, Role, Step, Who
from checks.subject import HostView, MoveSubject
from checks.text import command, text

SHARED_VHDX = "shared_vhdx"
VHD_SET = ".vhds"


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The VM has neither a physical disk nor a virtual disk that it shares with other VMs",
    facts=("vm",),
    depends_on=("vm.present",),
    predicts=(SHARED_VHDX,),
)
def disks(subject: MoveSubject) -> Finding:
    vm, holder = subject.vm, subject.holder
    if vm.disks is None:
        raise holder.lacks(HostView.vms, text("disks of {vm}", vm=vm.id))
    physical = [disk for disk in vm.disks if disk.pass_through]
    if physical:
        return fails(
            text("{vm} has a disk of {host} passed through, which Hyper-V does not move", vm=vm.name, host=holder.name),
            subject.vm_evidence("physical disks of the VM", len(physical), 0),
            remedy=Remedy(
                text(
                    "Copy what is on the physical disk to a virtual one and give {vm} that instead. Or take the disk off {vm} for the "
                    "move, connect it to {target} and give it to {vm} there. Taken off, it can be given back here as well, with the same "
                    "controller and place",
                    vm=vm.name,
                    target=subject.target.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                shows=text("below HardDrives only files, and each where it should lie"),
                verify=_seen(subject),
            ),
            predicts=(),
        )
    shared = [disk for disk in vm.disks if _shared(disk)]
    if shared:
        return fails(
            text("{vm} shares a virtual disk with other VMs, which Hyper-V does not move: {path}", vm=vm.name, path=shared[0].path),
            subject.vm_evidence("shared disks of the VM", tuple(disk.path or "" for disk in shared), ()),
            remedy=Remedy(
                text(
                    "Take the shared disk off {vm}, move {vm}, and give it the disk again where every VM that shares it reaches it: on a "
                    "cluster's volume or a scale-out file server. Until then the guest's cluster goes without this VM. Without the move, "
                    "the disk is given back here",
                    vm=vm.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                shows=text("below HardDrives only files, and each where it should lie"),
                verify=_seen(subject),
            ),
        )
    if None in [disk.shared for disk in vm.disks if disk.path is not None] and vm.version is not None:
        raise holder.lacks(HostView.vms, text("whether disks of {vm} are shared", vm=vm.id))
    return passes(
        "Every disk of {vm} is a virtual one of its own",
        subject.vm_evidence("disks of the VM", tuple([disk.path for disk in vm.disks if disk.path is not None])),
        vm=vm.name,
    )


def _seen(subject: MoveSubject) -> tuple[Step, ...]:
    host, id = subject.holder.name, subject.vm.id
    return (command("Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, HardDrives", host=host, id=id),)


def _shared(disk: Disk) -> bool:
    return bool(disk.shared) or (disk.path or "").lower().endswith(VHD_SET)
