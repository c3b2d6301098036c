"""The VM has no device of its host that cannot go along."""

from __future__ import annotations

from typing import TypeVar

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.fact import FactOf
from checks.facts.hardware import GpuPartitions
from checks.facts.machines import VirtualMachine
from checks.remedy import Remedy, Role, Step, Who
from checks.subject import HostView, MoveSubject
from checks.text import Text, command, text
from checks.vm.running import AT_REST
from checks.windows.releases import BUILD_2016, BUILD_2022, BUILD_2025, name

T = TypeVar("T")

PERSISTENT_MEMORY = ".vhdpmem"
MOVES_PARTITIONS = BUILD_2025
"""The first Windows for which a live migration with a partition of a GPU is documented."""


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The VM has no device of the host that cannot move with it",
    facts=("vm", "source.os", "target.os", "source.assigned_devices", "source.gpu_partitions"),
    depends_on=("vm.present",),
)
def devices(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, holder, target = subject.vm, subject.holder, subject.target
    assigned = _of(vm, holder, HostView.assigned_devices, BUILD_2016, text("assigned devices of {vm}", vm=vm.name))
    if assigned:
        return fails(
            text("{vm} has {count} devices of {host} assigned, which cannot move with it", vm=vm.name, count=assigned, host=holder.name),
            holder.evidence(HostView.assigned_devices, "assigned devices of the VM", assigned, 0),
            remedy=Remedy(
                text(
                    "Shut {vm} down and take the devices off it (Remove-VMAssignableDevice), then move it. If {target} has such devices, "
                    "give {vm} one of them there (Add-VMAssignableDevice)",
                    vm=vm.name,
                    target=target.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                effective_after=text("when {vm} has been shut down and has no device any more", vm=vm.name),
                verify=(text("Get-VMAssignableDevice on {host} shows nothing for {vm}", host=holder.name, vm=vm.name),),
                undo=(text("Give {vm} the devices again on {host} (Add-VMAssignableDevice)", vm=vm.name, host=holder.name),),
            ),
        )
    partitions = _of(vm, holder, HostView.gpu_partitions, BUILD_2022, text("GPU partitions of {vm}", vm=vm.name))
    if partitions is not None and partitions.count:
        return _partitions(subject, partitions)
    if vm.sans is None:
        raise holder.lacks(HostView.vms, text("Fibre Channel adapters of {vm}", vm=vm.id))
    if vm.sans:
        return _fibre_channel(subject, tuple(dict.fromkeys(filter(None, vm.sans))))
    if vm.disks is None:
        raise holder.lacks(HostView.vms, text("disks of {vm}", vm=vm.id))
    if memory := tuple([disk.path for disk in vm.disks if disk.path is not None and disk.path.lower().endswith(PERSISTENT_MEMORY)]):
        return fails(
            text(
                "{vm} has persistent memory, whose file {target} must be able to keep on a volume of persistent memory (inferred): {path}",
                vm=vm.name,
                target=target.name,
                path=memory[0],
            ),
            subject.vm_evidence("persistent memory of the VM", memory, ()),
            severity=Severity.RISK,
            remedy=Remedy(
                text(
                    "Shut {vm} down and take its persistent memory off it, or see that {target} has a volume of persistent memory (DAX) at "
                    "the destination and try the move with a VM that nobody needs",
                    vm=vm.name,
                    target=target.name,
                ),
                Who(Role.OWNER, (vm.name,)),
                shows=text("what is taken off no longer stands there"),
                verify=_shown(subject),
                undo=(text("Give {vm} the same file again", vm=vm.name),),
            ),
        )
    return passes("{vm} has no device of {host} that stays behind", _none(subject), vm=vm.name, host=holder.name)


def _of(vm: VirtualMachine, holder: HostView, fact: FactOf[dict[str, T]], since: int, what: Text) -> T | None:
    """What a host tells of the VM, or nothing where its Windows is older than such devices. Raises FactMissing where it does not tell."""
    told = holder.read(fact).get(vm.id.lower())
    if told is None and holder.os.build >= since:
        raise holder.lacks(fact, what)
    return told


def _none(subject: MoveSubject) -> Evidence:
    return subject.holder.evidence(HostView.assigned_devices, "assigned devices of the VM", 0)


def _shown(subject: MoveSubject) -> tuple[Step, ...]:
    return (
        command(
            "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, HardDrives, FibreChannelHostBusAdapters",
            host=subject.holder.name,
            id=subject.vm.id,
        ),
    )


def _partitions(subject: MoveSubject, partitions: GpuPartitions) -> Finding:
    vm, holder, source, target = subject.vm, subject.holder, subject.source, subject.target
    oldest = min(source.os.build, target.os.build)
    live = vm.state not in AT_REST
    evidence = (
        holder.evidence(HostView.gpu_partitions, "GPU partitions of the VM", partitions.count, 0),
        holder.evidence(
            HostView.gpu_partitions,
            "SupportsOutgoingLiveMigration of the VM",
            partitions.outgoing,
            True,
            fits=partitions.outgoing is not False,
        ),
        source.evidence(HostView.os, text("Windows of {host}", host=source.name), name(source.os.build)),
        target.evidence(HostView.os, text("Windows of {host}", host=target.name), name(target.os.build)),
    )
    if live and oldest < MOVES_PARTITIONS:
        found = text(
            "{vm} has a partition of a GPU of {host}, and runs: only from Windows Server 2025 on it moves so, and one host has {windows}",
            vm=vm.name,
            host=holder.name,
            windows=name(oldest),
        )
        return fails(found, *evidence, remedy=_without_partition(subject))
    if live and partitions.outgoing is None:
        raise holder.lacks(HostView.gpu_partitions, text("SupportsOutgoingLiveMigration of {vm}", vm=vm.id))
    if live and not partitions.outgoing:
        found = text(
            "{vm} has a partition of a GPU of {host}, which says that it cannot leave the host while {vm} runs",
            vm=vm.name,
            host=holder.name,
        )
        return fails(found, *evidence, remedy=_without_partition(subject))
    found = text(
        "{vm} has a partition of a GPU: {target} needs a free partition of such a GPU, with the same driver, and processors that track DMA "
        "where {vm} runs. That is not looked at",
        vm=vm.name,
        target=target.name,
    )
    return fails(found, *evidence, severity=Severity.RISK, remedy=_without_partition(subject))


def _without_partition(subject: MoveSubject) -> Remedy:
    vm, holder, target = subject.vm, subject.holder, subject.target
    return Remedy(
        text(
            "Look at Get-VMHostPartitionableGpu on {target} for a GPU of the same kind with a partition left. Where there is none, or the "
            "partition cannot move: shut {vm} down, take the partition off (Remove-VMGpuPartitionAdapter), move it, and give it one there",
            vm=vm.name,
            target=target.name,
        ),
        Who(Role.OWNER, (vm.name,)),
        effective_after=text("when {vm} has been shut down and has no device any more", vm=vm.name),
        verify=(text("Get-VMGpuPartitionAdapter on {host} shows nothing for {vm}", host=holder.name, vm=vm.name),),
        undo=(text("Give {vm} a partition again on {host} (Add-VMGpuPartitionAdapter)", vm=vm.name, host=holder.name),),
    )


def _fibre_channel(subject: MoveSubject, sans: tuple[str, ...]) -> Finding:
    vm, target = subject.vm, subject.target
    evidence = subject.vm_evidence("virtual SANs of the VM", sans, (), fits=False)
    found: Text = (
        text(
            "{vm} has Fibre Channel adapters: {target} needs virtual SANs of the same names (inferred), {san}, with ports on the same "
            "fabric, and the storage has to let in both sets of addresses of {vm}. That is not looked at",
            vm=vm.name,
            target=target.name,
            san=sans,
        )
        if sans
        else text("{vm} has Fibre Channel adapters that are connected to no virtual SAN", vm=vm.name)
    )
    return fails(
        found,
        evidence,
        severity=Severity.RISK,
        remedy=Remedy(
            text(
                "Let {target} have the same virtual SANs (Get-VMSan, New-VMSan), and let who keeps the storage see that zones and LUNs are "
                "open for the address sets A and B of {vm}, of which each move uses the other one. Or take the adapters off {vm} while it "
                "is off",
                vm=vm.name,
                target=target.name,
            ),
            Who(Role.OWNER, (vm.name,)),
            shows=text("what is taken off no longer stands there"),
            verify=_shown(subject),
            undo=(text("Give {vm} the adapters again, with the addresses that they had", vm=vm.name),),
        ),
    )
