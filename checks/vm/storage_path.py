"""The files of the VM lie where the host that runs it after the move can reach them."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import Kind
from checks.remedy import OPERATOR, Remedy
from checks.storage import At, Leg
from checks.subject import MoveSubject
from checks.text import Text, Value, command, text

PLAN = text("plan")


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Files that do not move with the VM lie on a share, and no host is to run it from a share of its own",
    facts=("vm",),
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
    evidence = _evidence(subject)
    if (loop := _loop(subject, leg)) is not None:
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
        return Evidence.of("destination_path", subject.move.destination_path, source=PLAN)
    return subject.vm_evidence(text("files of {vm}", vm=subject.vm.name), subject.files.paths)


def _default_folder(subject: MoveSubject) -> Finding:
    return fails(
        text(
            "The plan does not say where on {target} the files of {vm} go: into its default folders (inferred), which were not read. "
            "Where these are on a share, the move needs more than is judged here",
            target=subject.target.name,
            vm=subject.vm.name,
        ),
        _evidence(subject),
        severity=Severity.RISK,
        predicts=(),
        remedy=Remedy(
            text("Name the folder in the plan (destination_path), and with Move-VM -DestinationStoragePath"),
            OPERATOR,
            verify=(command("Get-VMHost -ComputerName {host}", host=subject.target.name),),
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
        subject.vm_evidence(text("files of {vm} on disks of {host}", vm=vm.name, host=source.name), local, ()),
        remedy=Remedy(
            text("Move {vm} with its storage (include_storage in the plan), or move its storage to a share first", vm=vm.name),
            OPERATOR,
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
    values: dict[str, Value] = {"vm": subject.vm.name, "host": runs.name, "server": serves.name}
    if own in held:
        return Text("{host} would run {vm} from a share of its own, which Hyper-V does not support (inferred)", values)
    if leg.kind is not Kind.STORAGE_ALONE and At.SOURCE in held:
        return Text(
            "{host} would run {vm} from a share of {server}: {server} stays needed, and ran it from its own share, which Hyper-V does not "
            "support (inferred)"
            if leg.kind is Kind.VM_ALONE
            else "{host} would run {vm} from a share of {server}: {server} stays needed",
            values,
        )
    return None
