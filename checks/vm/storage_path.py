"""The files of the VM lie where the host that runs it after the move can reach them."""

from __future__ import annotations

from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import Kind
from checks.remedy import OPERATOR, Remedy
from checks.storage import At, Leg
from checks.subject import HostView, MoveSubject
from checks.text import Text, Value, command, text
from checks.windows.paths import DEVICES, on_drive, server_of

UNKNOWN_DRIVE, FIXED_DRIVE = 0, 3
"""DriveType of Win32_Volume."""
DESTINATION = PLAN.another("destination_path", None)


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Files that do not move with the VM lie on a share, and no host is to run it from a share of its own",
    facts=("vm", "source.volumes", "target.volumes", "target.migration"),
    depends_on=("vm.present",),
    predicts=("0x80070003",),
    article=("W12 3.5", "W12 Move-VM example"),
)
def storage_path(subject: MoveSubject) -> Finding:
    leg = subject.leg
    files = subject.files if leg.kind is Kind.VM_ALONE else None
    if files is not None and files.local:
        return _stays_behind(subject, files.local)
    if files is not None and not files.whole:
        raise subject.files_unknown()
    if leg.kind is Kind.WITH_STORAGE and leg.destination is None:
        return _default_folder(subject)
    evidence, path = _evidence(subject), subject.move.destination_path
    if leg.destination is not None and leg.destination.at is At.LOCAL and path is not None:
        host = subject.source if leg.kind is Kind.STORAGE_ALONE else subject.target
        if (unfit := _unfit(host, path)) is not None:
            return fails(unfit, evidence, *_volumes(host), remedy=_another_folder(host))
    elif (loop := _loop(subject, leg)) is not None:
        return fails(
            loop,
            evidence,
            severity=Severity.RISK,
            remedy=Remedy(
                text("Keep the files on a share of a server that runs none of these VMs, or move them to a disk of the host"), OPERATOR
            ),
        )
    return passes("Every file is on a disk of the host that is to run {vm}, or on a share of another one", evidence, vm=subject.vm.name)


def _evidence(subject: MoveSubject) -> Evidence:
    if subject.route.moves_storage:
        return DESTINATION.showing(subject.move.destination_path)
    return subject.vm_evidence("files of the VM", subject.files.paths)


def _default_folder(subject: MoveSubject) -> Finding:
    """Where the plan names no folder, those of the target count."""
    target, evidence = subject.target, _evidence(subject)
    folders = (target.migration.machine_folder, target.migration.disk_folder)
    known = tuple(dict.fromkeys(folder for folder in folders if folder is not None))
    values: dict[str, Value] = {"target": target.name, "vm": subject.vm.name}
    remedy = Remedy(
        text("Name the folder in the plan (destination_path), and with Move-VM -DestinationStoragePath"),
        OPERATOR,
        shows=text("VirtualMachinePath and VirtualHardDiskPath, as the default folders"),
        verify=(command("Get-VMHost -ComputerName {host}", host=target.name),),
    )
    shown = target.evidence(HostView.migration, text("default folders of {host}", host=target.name), known)
    for folder in known:
        if server_of(folder) is not None:
            found = text(
                "The plan does not say where on {target} the files of {vm} go: into its default folders (inferred), of which one is on a "
                "share: {path}. The move then needs more than is judged here",
                path=folder,
                **values,
            )
            return fails(found, evidence, shown, severity=Severity.RISK, predicts=(), remedy=remedy)
    for folder in known:
        if (unfit := _unfit(target, folder)) is not None:
            return fails(unfit, evidence, shown, *_volumes(target), remedy=remedy)
    if None in folders:
        return fails(
            text(
                "The plan does not say where on {target} the files of {vm} go: into its default folders (inferred), which were not read. "
                "Where these are on a share, the move needs more than is judged here",
                **values,
            ),
            evidence,
            severity=Severity.RISK,
            predicts=(),
            remedy=remedy,
        )
    return passes(
        "The plan does not say where on {target} the files of {vm} go: into its default folders (inferred), which are on its fixed drives",
        evidence,
        shown,
        **values,
    )


def _unfit(host: HostView, path: str) -> Text | None:
    """Why no files of a VM can go to a path on disks of a host, or nothing."""
    place = on_drive(path)
    found = None if place is None else host.mounted(place)
    if found is not None and found.drive == FIXED_DRIVE:
        return None
    values: dict[str, Value] = {"host": host.name, "path": path}
    if place is None and not path.startswith(DEVICES):
        return Text("{path} is no absolute path: it does not say on which drive of {host}", values)
    if place is None or (found is not None and found.drive == UNKNOWN_DRIVE):
        raise host.lacks(HostView.volumes, text("volume of {path}", path=path))
    if found is None:
        return Text("{host} has no volume for {path}", values)
    return Text("{path} on {host} is on a drive that is not fixed: a removable one, a CD-ROM or a share", values)


def _volumes(host: HostView) -> tuple[Evidence, ...]:
    return (host.evidence(HostView.volumes, text("volumes of {host}", host=host.name), tuple(volume.path for volume in host.volumes)),)


def _another_folder(host: HostView) -> Remedy:
    return Remedy(
        text(
            "Name a folder on a fixed drive of {host} in the plan (destination_path), or give it the drive that the path names",
            host=host.name,
        ),
        OPERATOR,
        shows=text("the drive of the path, with DriveType 3 (a fixed drive)"),
        verify=(
            command(
                "Get-CimInstance -ComputerName {host} -ClassName Win32_Volume | Select-Object -Property Name, DriveType", host=host.name
            ),
        ),
    )


def _stays_behind(subject: MoveSubject, local: tuple[str, ...]) -> Finding:
    vm, source, target = subject.vm, subject.source, subject.target
    return fails(
        text(
            "{vm} moves without its storage, and files of it lie on disks of {source}, which {target} cannot reach: {path}",
            vm=vm.name,
            source=source.name,
            target=target.name,
            path=local[0],
        ),
        subject.vm_evidence(text("files of the VM on disks of {host}", host=source.name), local, ()),
        remedy=Remedy(
            text("Move {vm} with its storage (include_storage in the plan), or move its storage to a share first", vm=vm.name),
            OPERATOR,
            shows=text("no path on a disk of the source"),
            verify=(
                command(
                    "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property ConfigurationLocation, SnapshotFileLocation, "
                    "SmartPagingFilePath, HardDrives",
                    host=subject.holder.name,
                    id=vm.id,
                ),
            ),
        ),
    )


def _loop(subject: MoveSubject, leg: Leg) -> Text | None:
    """Why a host would reach files over its own share, or would be needed by the other one, or nothing."""
    source, target = subject.source, subject.target
    runs, serves = (source, target) if leg.kind is Kind.STORAGE_ALONE else (target, source)
    places = leg.files if leg.kind is Kind.VM_ALONE else (leg.destination,)
    held = {place.at for place in places if place is not None}
    own = At.SOURCE if runs is source else At.TARGET
    if held.isdisjoint((own,) if leg.kind is Kind.STORAGE_ALONE else (own, At.SOURCE)):
        return None
    values: dict[str, Value] = {"vm": subject.vm.name, "host": runs.name, "server": serves.name}
    if own in held:
        return Text("{host} would run {vm} from a share of its own, which Hyper-V does not support (inferred)", values)
    return Text(
        "{host} would run {vm} from a share of {server}: {server} stays needed, and ran it from its own share, which Hyper-V does not "
        "support (inferred)"
        if leg.kind is Kind.VM_ALONE
        else "{host} would run {vm} from a share of {server}: {server} stays needed",
        values,
    )
