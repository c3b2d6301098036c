"""What the VM sees of its host's processor exists on the target."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.hardware import Processor
from checks.remedy import OPERATOR, Remedy, Role, Who
from checks.subject import HostView, MoveSubject
from checks.text import Command, Text, Value, command, text, verbatim
from checks.vm.running import OFF
from checks.windows.names import fold
from checks.windows.releases import BUILD_2025

COMMON_TO_CLUSTER = 1
"""LimitProcessorFeaturesMode: what the nodes of the source's own cluster have in common, CommonClusterFeatureSet of Set-VMProcessor."""

Model = tuple[str, int, int]


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target has the processor features that the VM sees",
    facts=("vm", "source.os", "source.processors", "source.virtual_processors", "source.checkpoints", "target.processors"),
    depends_on=("vm.present",),
    predicts=("processor incompatible",),
)
def processor(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    vm, holder, target = subject.vm, subject.holder, subject.target
    off = vm.state == OFF
    if off and not holder.checkpoints.get(vm.id):
        return passes("{vm} is off and has no checkpoint: it sees the target's processor when it starts", vm=vm.name)
    here, there = holder.processors, target.processors
    if not here or not there:
        raise (target if here else holder).lacks(HostView.processors, text("any processor"))
    alike, evidence = target.once(_compared, holder)
    if alike:
        return passes("{source} and {target} have the same processors", *evidence, source=holder.name, target=target.name)
    if _vendors(here) != _vendors(there):
        return _other_vendor(subject, off, here, there, evidence)
    settings = holder.virtual_processors.get(vm.id)
    if settings is None:
        raise holder.lacks(HostView.virtual_processors, text("processor settings of {vm}", vm=vm.id))
    evidence = (
        holder.evidence(HostView.virtual_processors, "CompatibilityForMigrationEnabled of the VM", settings.compatibility, True),
        *evidence,
    )
    if not settings.compatibility:
        return _without_compatibility(subject, off, evidence)
    if settings.mode is None and holder.os.build >= BUILD_2025:
        raise holder.lacks(HostView.virtual_processors, text("mode of the compatibility of {vm}", vm=vm.id))
    if settings.mode == COMMON_TO_CLUSTER:
        return fails(
            text(
                "{vm} sees what the processors of the cluster of {source} have in common, and {target} has other ones: that holds in one "
                "cluster only",
                vm=vm.name,
                source=holder.name,
                target=target.name,
            ),
            *evidence,
            remedy=_limit(subject, _mode(subject, "MinimumFeatureSet"), _mode(subject, "CommonClusterFeatureSet")),
            severity=Severity.RISK,
        )
    return passes(
        "{vm} sees only what processors of {vendor} have in common (CompatibilityForMigrationEnabled)",
        *evidence,
        vm=vm.name,
        vendor=here[0].vendor,
    )


def _models(processors: tuple[Processor, ...]) -> frozenset[Model]:
    return frozenset((fold(each.vendor), each.family, each.revision) for each in processors)


def _vendors(processors: tuple[Processor, ...]) -> frozenset[str]:
    return frozenset(fold(each.vendor) for each in processors)


def _compared(target: HostView, holder: HostView) -> tuple[bool, tuple[Evidence, ...]]:
    """Do both hosts have the same models, and what shows it."""
    here, there = _shown(holder.processors), _shown(target.processors)
    return _models(holder.processors) == _models(target.processors), (
        holder.evidence(HostView.processors, text("processors of {host}", host=holder.name), here),
        target.evidence(HostView.processors, text("processors of {host}", host=target.name), there, here),
    )


def _shown(processors: tuple[Processor, ...]) -> tuple[Text, ...]:
    return tuple(
        text(
            "{vendor} family {family}, model {model}, stepping {stepping}: {name}",
            vendor=each.vendor,
            family=each.family,
            model=each.revision >> 8,
            stepping=each.revision & 0xFF,
            name=each.name,
        )
        for each in dict.fromkeys(processors)
    )


def _other_vendor(
    subject: MoveSubject, off: bool, here: tuple[Processor, ...], there: tuple[Processor, ...], evidence: tuple[Evidence, ...]
) -> Finding:
    vm, source, target = subject.vm, subject.holder, subject.target
    if off:
        return _stale_checkpoints(subject, evidence)
    return fails(
        text(
            "{source} and {target} have processors of different vendors ({here} and {there}): no VM that is not off moves between them",
            source=source.name,
            target=target.name,
            here=tuple(sorted({each.vendor for each in here})),
            there=tuple(sorted({each.vendor for each in there})),
        ),
        *evidence,
        remedy=Remedy(
            text("Choose a target with processors of the same vendor, or shut {vm} down and move it while it is off", vm=vm.name),
            OPERATOR,
            commands=(command("Get-VM -ComputerName {host} -Id {id} | Stop-VM", host=source.name, id=vm.id),),
            effective_after=text("when {vm} is off", vm=vm.name),
            shows=verbatim("State Off"),
            verify=(command("Get-VM -ComputerName {host} -Id {id} | Select-Object -Property State", host=source.name, id=vm.id),),
            undo=(command("Get-VM -ComputerName {host} -Id {id} | Start-VM", host=source.name, id=vm.id),),
        ),
    )


def _without_compatibility(subject: MoveSubject, off: bool, evidence: tuple[Evidence, ...]) -> Finding:
    vm, source, target = subject.vm, subject.holder, subject.target
    if off:
        return _stale_checkpoints(subject, evidence)
    checkpoints = (source.hint(HostView.checkpoints) or {}).get(vm.id, 0)
    values: dict[str, Value] = {"vm": vm.name, "source": source.name, "target": target.name, "count": checkpoints}
    return fails(
        text(
            "{vm} sees every feature of the processor of {source}, and {target} has another model; its checkpoints ({count}) hold those "
            "features too, and stay as they are when compatibility is switched on",
            **values,
        )
        if checkpoints
        else text(
            "{vm} sees every feature of the processor of {source}, and {target} has another model: if one feature is missing there, the "
            "move is refused",
            **values,
        ),
        *evidence,
        remedy=_limit(subject, _compatibility(subject, on=True), _compatibility(subject, on=False)),
        severity=Severity.RISK,
    )


def _stale_checkpoints(subject: MoveSubject, evidence: tuple[Evidence, ...]) -> Finding:
    vm, source, target = subject.vm, subject.holder, subject.target
    count = source.checkpoints[vm.id]
    return fails(
        text(
            "{vm} is off and can be moved, but has checkpoints ({count}): one that was taken while it ran holds the processor of {source}, "
            "and may not start on {target}",
            vm=vm.name,
            count=count,
            source=source.name,
            target=target.name,
        ),
        source.evidence(HostView.checkpoints, "checkpoints of the VM", count, 0),
        *evidence,
        remedy=Remedy(
            text(
                "Remove the checkpoints of {vm} that are no longer needed, or do without applying them on {target}",
                vm=vm.name,
                target=target.name,
            ),
            Who(Role.OWNER, (vm.name,)),
            commands=(
                command("Get-VM -ComputerName {host} -Id {id} | Get-VMSnapshot | Remove-VMSnapshot -Confirm", host=source.name, id=vm.id),
            ),
            effective_after=text("when the disks have been merged"),
            shows=text("no checkpoint that is no longer needed"),
            verify=(command("Get-VM -ComputerName {host} -Id {id} | Get-VMSnapshot", host=source.name, id=vm.id),),
            undo=(text("A checkpoint that was removed does not come back"),),
        ),
        severity=Severity.RISK,
    )


def _limit(subject: MoveSubject, change: Command, back: Command) -> Remedy:
    """What the VM sees of the processor is set while it is off."""
    vm, source = subject.vm, subject.holder
    stop = command("Get-VM -ComputerName {host} -Id {id} | Stop-VM", host=source.name, id=vm.id)
    start = command("Get-VM -ComputerName {host} -Id {id} | Start-VM", host=source.name, id=vm.id)
    return Remedy(
        text(
            "Shut {vm} down, let it see only what processors of the vendor have in common, and start it again: programs that need newer "
            "features lose them. Or move it while it is off",
            vm=vm.name,
        ),
        Who(Role.OWNER, (vm.name,)),
        commands=(stop, change, start),
        effective_after=text("when {vm} has been off and runs again", vm=vm.name),
        shows=verbatim("CompatibilityForMigrationEnabled True"),
        verify=(
            command(
                "Get-VM -ComputerName {host} -Id {id} | Get-VMProcessor | Select-Object -Property CompatibilityForMigration*",
                host=source.name,
                id=vm.id,
            ),
        ),
        undo=(stop, back, start),
    )


def _compatibility(subject: MoveSubject, *, on: bool) -> Command:
    of = {"host": subject.holder.name, "id": subject.vm.id}
    if on:
        return command("Get-VM -ComputerName {host} -Id {id} | Set-VMProcessor -CompatibilityForMigrationEnabled $true", **of)
    return command("Get-VM -ComputerName {host} -Id {id} | Set-VMProcessor -CompatibilityForMigrationEnabled $false", **of)


def _mode(subject: MoveSubject, mode: str) -> Command:
    return command(
        "Get-VM -ComputerName {host} -Id {id} | Set-VMProcessor -CompatibilityForMigrationEnabled $true "
        "-CompatibilityForMigrationMode {mode}",
        host=subject.holder.name,
        id=subject.vm.id,
        mode=mode,
    )
