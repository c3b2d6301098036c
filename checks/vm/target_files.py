"""Nothing lies where the files of the VM go, and nothing on the target waits for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes
from checks.disk_chains import Chains
from checks.plan_files import NOTHING_BEFORE, NOTHING_THERE, Arrival, Before, Part
from checks.remedy import OPERATOR, Remedy, Role, Step, Who, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text
from checks.windows.names import MachineName
from checks.windows.paths import on_drive, server_of

FILE_EXISTS = ("0x80070050",)
NOT_TOLD, UNSIGNED = -1, 0xFFFFFFFF
NAMED = 5


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Nothing lies where the files of the VM go, and the target has no planned VM with its id",
    facts=(
        "vm",
        "source.virtual_disks",
        "source.destination_files",
        "source.vms",
        "target.destination_files",
        "target.planned_machines",
        "target.migration",
        "target.volumes",
        "target.vms",
    ),
    depends_on=("vm.present", "vm.identity", "vm.storage_path"),
    predicts=("0x80070050", "vm_exists"),
)
def target_files(subject: MoveSubject) -> Finding:
    if (planned := _planned(subject)) is not None:
        return planned
    vm, target = subject.vm, subject.target
    if not subject.route.moves_storage:
        target.read(HostView.planned_machines)
        return passes("No file moves, and {target} has no planned VM with the id of {vm}", target=target.name, vm=vm.name)
    host, before, places = subject.receiver, subject.before, subject.named_places
    host.hint(HostView.destination_files)
    lies = subject.world.lying(host.key)
    free = places if places and before is NOTHING_BEFORE and lies.nothing_at(places) else []
    arrivals = [] if free else [each for each in subject.arrivals if each.key not in before.gone]
    told = lies.about(arrivals)
    lying = tuple([each for each in arrivals if told.get(each.key, NOT_TOLD) >= 0])
    if lying and (sure := tuple(each for each in lying if each.sure and each.part is not Part.STATE)):
        return _lies(subject, sure)
    if before.brought:
        return _brought(subject, before)
    chains = _demanded(subject, arrivals, told)
    if not free and (shares := tuple([folder for folder in _folders(subject) if server_of(folder) is not None])):
        return _on_share(subject, shares)
    if lying:
        return _may_matter(subject, lying)
    if len(told) < len(arrivals):
        counted = Counter(each.key for each in arrivals)
        return _twice(subject, tuple(each.path for each in arrivals if counted[each.key] > 1))
    if chains.away:
        return _away(subject, chains.away)
    return passes(
        "Nothing lies on {host} where the files of {vm} go",
        host.evidence(HostView.destination_files, text("places that were looked at"), len(free or arrivals)),
        host=host.name,
        vm=vm.name,
    )


def _planned_on(target: HostView) -> dict[MachineName, str]:
    return {MachineName(id): name for id, name in (target.hint(HostView.planned_machines) or {}).items()}


def _planned(subject: MoveSubject) -> Finding | None:
    if subject.route.storage_only:
        return None
    target = subject.target
    planned = target.once(_planned_on)
    name = planned.get(MachineName(subject.vm.id)) if planned else None
    if name is None:
        return None
    vm = subject.vm
    return fails(
        text(
            "{target} has a planned VM with the id of {vm}: an earlier move, an import or Compare-VM left it, or one of them is under way",
            target=target.name,
            vm=vm.name,
        ),
        target.evidence(HostView.planned_machines, text("planned VM with the id {id}", id=vm.id), name),
        predicts=("vm_exists",),
        remedy=Remedy(
            text(
                "See that no move, import or Compare-VM of {vm} is under way to {target}. Then remove the planned VM there: DestroySystem "
                "of Msvm_VirtualSystemManagementService, with its instance of Msvm_PlannedComputerSystem. It never ran, and the next move "
                "makes another one",
                vm=vm.name,
                target=target.name,
            ),
            administrator_of(target.name),
            shows=text("no planned VM with the id of the VM"),
            verify=(
                command(
                    "Get-CimInstance -ComputerName {host} -Namespace root/virtualization/v2 -ClassName Msvm_PlannedComputerSystem | "
                    "Select-Object -Property Name, ElementName, InstallDate",
                    host=target.name,
                ),
            ),
        ),
    )


def _demanded(subject: MoveSubject, arrivals: Iterable[Arrival], told: Mapping[str, int]) -> Chains:
    """The chains of the VM. Raises FactMissing where it is not known whether something is in the way."""
    if subject.reads.hints_missing:
        raise subject.reads.hints_missing[0]
    host, chains = subject.receiver, subject.chains
    if chains.unread or chains.silent:
        raise subject.holder.lacks(HostView.virtual_disks, text("name of every file of the disks of {vm}", vm=subject.vm.name))
    for each in arrivals:
        code = told.get(each.key)
        if code is None:
            raise host.lacks(HostView.destination_files, text("what lies at {path}", path=each.path))
        if code < 0 and code not in NOTHING_THERE:
            said = text("what lies at {path}, of which Windows tells only {code}", path=each.path, code=f"0x{code & UNSIGNED:08X}")
            raise host.lacks(HostView.destination_files, said)
    return chains


def _folders(subject: MoveSubject) -> tuple[str, ...]:
    """The folders to which files go, or may go. Raises FactMissing where they are not known."""
    named = subject.move.destination_path
    if named is not None:
        return (named,)
    target = subject.target
    target.read(HostView.volumes)
    settings = target.migration
    if settings.machine_folder is None or settings.disk_folder is None:
        raise target.predates(HostView.migration, text("default folders of {host}", host=target.name))
    return settings.machine_folder, settings.disk_folder


def _using(host: HostView) -> dict[str, str]:
    """By which VM of a host each file of a virtual disk is used (on_drive)."""
    paths = ((vm.name, disk.path) for vm in host.hint(HostView.vms) or () for disk in vm.disks or () if disk.path is not None)
    return {key: name for name, path in paths if (key := on_drive(path)) is not None}


def _evidence(host: HostView, lying: Sequence[Arrival]) -> tuple[Evidence, ...]:
    what, told = HostView.destination_files, host.world.lying(host.key).about(lying)
    return tuple(host.evidence(what, text("attributes of {path}", path=each.path), told[each.key]) for each in lying)


def _lies(subject: MoveSubject, lying: tuple[Arrival, ...]) -> Finding:
    vm, host = subject.vm, subject.receiver
    shown = lying[:NAMED]
    values: dict[str, Value] = {"vm": vm.name, "host": host.name, "count": len(lying), "paths": tuple(each.path for each in shown)}
    using = host.once(_using)
    user = next((using[each.key] for each in lying if each.key in using), None)
    if user is not None:
        return fails(
            text("Files of {vm} go to {host} where a disk of {other} lies ({count}): {paths}", other=user, **values),
            *_evidence(host, shown),
            predicts=FILE_EXISTS,
            remedy=Remedy(
                text("Name a folder in the plan (destination_path) in which {vm} has no such neighbour, best one of its own", vm=vm.name),
                OPERATOR,
                shows=text("no file: Get-Item says that the path does not exist"),
                verify=_look(host, shown),
            ),
        )
    if any(each.part is Part.CONFIGURATION for each in lying):
        message = text(
            "The configuration of {vm} lies on {host} already, where it goes ({count}): an earlier try or a copy left it. {paths}", **values
        )
    else:
        message = text("Files of the names of the disks of {vm} lie on {host} already, where they go ({count}): {paths}", **values)
    return fails(message, *_evidence(host, shown), predicts=FILE_EXISTS, remedy=_move_away(subject, shown))


def _move_away(subject: MoveSubject, lying: tuple[Arrival, ...]) -> Remedy:
    host = subject.receiver
    return Remedy(
        text(
            "Find out what lies there on {host}: what an earlier try left, or what somebody needs. Give it another name or another folder, "
            "so that it can be put back, and delete nothing before {vm} runs. Or name another folder in the plan (destination_path)",
            host=host.name,
            vm=subject.vm.name,
        ),
        administrator_of(host.name),
        shows=text("no file: Get-Item says that the path does not exist"),
        verify=_look(host, lying),
    )


def _look(host: HostView, lying: tuple[Arrival, ...]) -> tuple[Step, ...]:
    return tuple(
        command("Invoke-Command -ComputerName {host} -ScriptBlock { Get-Item -Force -LiteralPath {path} }", host=host.name, path=each.path)
        for each in lying
    )


def _brought(subject: MoveSubject, before: Before) -> Finding:
    vm, host = subject.vm, subject.receiver
    key, by = next(iter(before.brought.items()))
    path = next(each.path for each in subject.arrivals if each.key == key)
    return fails(
        text(
            "An earlier move of the plan brings a file to where one of {vm} goes on {host}: {move} brings {path}",
            vm=vm.name,
            host=host.name,
            move=by.move.arrow,
            path=path,
        ),
        PLAN.another(text("files of the VM that earlier moves bring"), len(before.brought), 0),
        predicts=FILE_EXISTS,
        remedy=Remedy(text("Name another folder for one of the two moves in the plan (destination_path)"), OPERATOR),
    )


def _may_matter(subject: MoveSubject, lying: tuple[Arrival, ...]) -> Finding:
    """What an earlier try left without a file that the move makes, or what lies where the move may go that names no folder."""
    vm, host = subject.vm, subject.receiver
    shown = lying[:NAMED]
    values: dict[str, Value] = {"vm": vm.name, "host": host.name, "paths": tuple(each.path for each in shown)}
    message = (
        text("The folder for saved states of {vm} lies on {host} already, where it goes: an earlier try left it. {paths}", **values)
        if all(each.sure for each in lying)
        else text(
            "The plan does not say where on {host} the files of {vm} go, and something of their names lies where they may go: {paths}",
            **values,
        )
    )
    return fails(message, *_evidence(host, shown), severity=Severity.RISK, predicts=(), remedy=_move_away(subject, shown))


def _twice(subject: MoveSubject, paths: tuple[str, ...]) -> Finding:
    return fails(
        text("Two disks of {vm} have one file name, and both go to one folder: {paths}", vm=subject.vm.name, paths=paths[:NAMED]),
        subject.vm_evidence("virtual disks of the VM", tuple(disk.path or "" for disk in subject.vm.disks or ())),
        severity=Severity.RISK,
        remedy=Remedy(
            text(
                "Give one of the two files another name while {vm} is off, and let its drive know it, or move the disks to folders of "
                "their own (Move-VM -Vhds)",
                vm=subject.vm.name,
            ),
            Who(Role.OWNER, (subject.vm.name,)),
            shows=text("another file name for each disk, or other folders"),
            verify=(
                command(
                    "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, HardDrives",
                    host=subject.holder.name,
                    id=subject.vm.id,
                ),
            ),
        ),
    )


def _on_share(subject: MoveSubject, paths: tuple[str, ...]) -> Finding:
    return fails(
        text("Files of {vm} go to a share, and nobody looks whether the like lie there already: {paths}", vm=subject.vm.name, paths=paths),
        PLAN.another("destination_path", subject.move.destination_path),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text(
                "Look as somebody who may read the share whether it has a file of the id of {vm} in Virtual Machines, or one of the name "
                "of a disk in Virtual Hard Disks: {paths}",
                vm=subject.vm.name,
                paths=paths,
            ),
            OPERATOR,
            shows=text("no file of the VM's id, and none of the name of one of its disks"),
            verify=tuple(command("Get-ChildItem -Recurse -Name -LiteralPath {path}", path=path) for path in paths),
        ),
    )


def _away(subject: MoveSubject, away: tuple[str, ...]) -> Finding:
    """No host opens a file on a share for whoever collects: it has no credentials to pass on."""
    vm = subject.vm
    values: dict[str, Value] = {"vm": vm.name, "host": subject.receiver.name, "paths": away[:NAMED]}
    return fails(
        text(
            "Disks of {vm} lie on a share, and nobody looks which other files they need, and whether these lie on {host}: {paths}", **values
        ),
        subject.vm_evidence("virtual disks of the VM", tuple(disk.path or "" for disk in vm.disks or ())),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text(
                "See as somebody who may read the share of which files these hold the differences, and whether {host} has the like",
                **values,
            ),
            OPERATOR,
        ),
    )
