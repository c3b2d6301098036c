"""The volume to which the files of the VM go has room for them."""

from __future__ import annotations

from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.disk_chains import Size
from checks.remedy import OPERATOR, Remedy, administrator_of
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text
from checks.windows.paths import server_of

MEBIBYTE = 1 << 20
BROUGHT = PLAN.another(text("what earlier moves of the plan bring there in MB"), 0)
FREED = PLAN.another(text("what earlier moves of the plan may free there in MB"), 0)


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The volume to which the files of the VM go has room for them",
    facts=("vm", "source.virtual_disks", "source.volumes", "target.migration", "target.volumes"),
    depends_on=("vm.present", "vm.storage_path"),
    predicts=("0x80070070",),
)
def storage_space(subject: MoveSubject) -> Finding:
    if not subject.route.moves_storage:
        return skips("No file of a VM moves")
    vm = subject.vm
    host = subject.source if subject.route.storage_only else subject.target
    path = subject.move.destination_path if subject.leg.destination else host.migration.disk_folder
    if path is None:
        raise host.predates(HostView.migration, text("default folders of {host}", host=host.name))
    if server_of(path) is not None:
        return _on_share(subject, path)
    if away := tuple([disk.path for disk in vm.disks or () if disk.path is not None and server_of(disk.path) is not None]):
        return _from_share(subject, host, path, away)
    host.read(HostView.volumes)
    room, size, holder = subject.room, subject.disk_size, subject.holder
    if room.volume is None or room.volume.free_bytes is None:
        raise host.lacks(HostView.volumes, text("free space at {path}", path=path))
    free, need = room.volume.free_bytes - room.taken, _up(size.file_bytes)
    values: dict[str, Value] = {
        "vm": vm.name,
        "host": host.name,
        "volume": room.volume.path,
        "need": need,
        "free": _down(free),
    }
    evidence = (
        *holder.once(_needed, size),
        host.once(_free, room.volume.path, _down(room.volume.free_bytes)),
        BROUGHT.showing(_up(room.taken)),
        FREED.showing(_down(room.freed)),
    )
    if size.file_bytes > free:
        sure = size.file_bytes > free + room.freed
        return fails(
            text("{volume} on {host} has {free} MB free when the plan comes to this move, and the disks of {vm} take {need} MB", **values)
            if sure
            else text(
                "{volume} on {host} has {free} MB free when the plan comes to this move, and the disks of {vm} take {need} MB: they fit "
                "only where earlier moves of the plan have freed what they can",
                **values,
            ),
            *evidence,
            remedy=_make_room(host, path),
            severity=None if sure else Severity.RISK,
        )
    if not room.sure:
        raise subject.room_unknown(path)
    left = free - size.file_bytes
    if vm.memory_assigned_bytes > left:
        return fails(
            text(
                "{volume} on {host} has {left} MB free after this move, less than {vm} has memory: its automatic stop action, its paging "
                "file or a checkpoint may need as much",
                left=_down(left),
                **values,
            ),
            *evidence,
            remedy=_make_room(host, path),
            severity=Severity.RISK,
        )
    if size.growth_bytes > left:
        return fails(
            text(
                "The disks of {vm} fit on {volume} of {host} today, and can grow by {growth} MB, for which it has {left} MB: a volume "
                "that is full stops every VM on it",
                growth=_up(size.growth_bytes),
                left=_down(left),
                **values,
            ),
            *evidence,
            remedy=_make_room(host, path),
            severity=Severity.RISK,
            predicts=(),
        )
    return passes(
        "{volume} on {host} has {free} MB free when the plan comes to this move, and the disks of {vm} take {need} MB", *evidence, **values
    )


def _needed(holder: HostView, size: Size) -> tuple[Evidence, ...]:
    disks = HostView.virtual_disks
    return (
        holder.evidence(disks, "files of the disks of the VM in MB", _up(size.file_bytes)),
        holder.evidence(disks, "growth that the disks of the VM still have in MB", _up(size.growth_bytes)),
    )


def _free(host: HostView, volume: str, megabytes: int) -> Evidence:
    return host.evidence(HostView.volumes, text("free space of {volume} on {host} in MB", volume=volume, host=host.name), megabytes)


def _up(count: int) -> int:
    return -(-count // MEBIBYTE)


def _down(count: int) -> int:
    return count // MEBIBYTE


def _on_share(subject: MoveSubject, path: str) -> Finding:
    return fails(
        text("The files of {vm} go to a share, and nobody looks whether it has room for them: {path}", vm=subject.vm.name, path=path),
        PLAN.another("destination_path", subject.move.destination_path),
        severity=Severity.RISK,
        remedy=Remedy(
            text("Look on the server of {path} whether its volume has room for the disks of {vm}", path=path, vm=subject.vm.name),
            OPERATOR,
            shows=text("the disks, whose sizes add up to what the share needs free"),
            verify=(
                command(
                    "Get-VM -ComputerName {host} -Id {id} | Select-Object -Property Name, HardDrives",
                    host=subject.holder.name,
                    id=subject.vm.id,
                ),
            ),
        ),
    )


def _from_share(subject: MoveSubject, host: HostView, path: str, disks: tuple[str, ...]) -> Finding:
    """No host opens a file on a share for whoever collects: it has no credentials to pass on."""
    values: dict[str, Value] = {"vm": subject.vm.name, "disks": disks, "path": path, "host": host.name}
    return fails(
        text("Disks of {vm} lie on a share, and nobody looks how much room they need at {path} on {host}: {disks}", **values),
        subject.vm_evidence("virtual disks of the VM", disks),
        severity=Severity.RISK,
        remedy=Remedy(
            text("Look on the share how large the files of {vm} are, and on {host} how much is free at {path}", **values),
            OPERATOR,
        ),
    )


def _make_room(host: HostView, path: str) -> Remedy:
    return Remedy(
        text("Make room on the volume of {path} on {host}, or name a folder on another one in the plan", path=path, host=host.name),
        administrator_of(host.name),
        effective_after=text("when the space is free"),
        shows=text("a FreeSpace, in bytes, that is larger than what comes"),
        verify=(
            command(
                "Get-CimInstance -ComputerName {host} -ClassName Win32_Volume | Select-Object -Property Name, Capacity, FreeSpace",
                host=host.name,
            ),
        ),
    )
