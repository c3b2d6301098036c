"""The virtual machines of a host."""

from __future__ import annotations

from msgspec import Struct

from checks.facts.fact import Name, Origin, Said, Section, Shape, Size, Way
from checks.windows.names import HostName
from checks.windows.paths import server_of


class Disk(Shape, frozen=True):
    """VirtualMachine.HardDrives. `path` is null where a drive names none, `shared` where Windows does not tell it, as 2012."""

    path: Said | None
    pass_through: bool
    shared: bool | None


class Files(Struct, frozen=True):
    """Where the files of a VM lie. `paths` are those that are known, `whole` tells that there are no others."""

    paths: tuple[str, ...]
    whole: bool

    @property
    def servers(self) -> tuple[HostName | None, ...]:
        """The servers on whose shares they lie, each once, and nothing for those on disks of the host itself."""
        return tuple(dict.fromkeys(map(server_of, self.paths)))

    @property
    def local(self) -> tuple[str, ...]:
        """Those on disks of the host itself."""
        return tuple(path for path in self.paths if server_of(path) is None)


class VirtualAdapter(Shape, frozen=True):
    """VirtualMachine.NetworkAdapters. `switch` is empty when not connected, `mac` while the adapter has none yet."""

    name: Said
    switch: str
    mac: str


class MediaDrive(Shape, frozen=True):
    """VirtualMachine.DVDDrives, and its FloppyDrive where that holds something. `kind` is the cmdlet's number (DvdMediaType): 0 empty, 1 an
    image, 2 a drive of the host; a floppy is always an image. `path` is null where the drive names none."""

    floppy: bool
    kind: int | None
    path: Said | None


class VirtualMachine(Shape, frozen=True):
    """Get-VM. `version` is null where Windows has no such property (2012); `state` and `operational_status` are the cmdlet's numbers
    (VMState, VMOperationalStatus). `disks`, `adapters` and `drives` are null for a VM that did not tell them, as one that went away
    meanwhile. `replication_state` and `replication_mode` (VMReplicationState, VMReplicationMode) are 0 for a VM that does not replicate.
    `sans` are the virtual SANs of its Fibre Channel adapters, empty for an adapter that is connected to none.
    `dynamic_memory` and what follows it is null in what was collected before it was read."""

    id: Said
    name: Name
    state: int
    operational_status: tuple[int, ...]
    version: Said | None
    generation: int | None
    uptime_s: int
    clustered: bool
    memory_assigned_bytes: int
    configuration_path: Said
    checkpoint_path: Said
    paging_path: Said
    disks: tuple[Disk, ...] | None
    adapters: tuple[VirtualAdapter, ...] | None
    dynamic_memory: bool | None = None
    drives: tuple[MediaDrive, ...] | None = None
    replication_state: int | None = None
    replication_mode: int | None = None
    sans: tuple[str, ...] | None = None

    @property
    def files(self) -> Files:
        """Where its configuration, checkpoints, paging file and disks lie. A disk that is passed through is no file."""
        disks = (Disk(None, False, None),) if self.disks is None else self.disks
        files = [disk.path for disk in disks if not disk.pass_through]
        paths = dict.fromkeys((self.configuration_path, self.checkpoint_path, self.paging_path, *files))
        return Files(tuple([path for path in paths if path is not None]), None not in paths)


class VirtualDisk(Shape, frozen=True):
    """Get-VHD: what the file takes today, how far the disk can grow (Size), and the file of which it holds the differences. `type` is the
    cmdlet's number (VhdType): 2 fixed, 3 dynamic, which have no parent, 4 differencing; null in what was collected before it was read."""

    file_bytes: Size
    size_bytes: Size
    parent: Said | None
    type: int | None = None


class MachineFacts:
    """What a visit reads of the VMs of a host."""

    __slots__ = ()

    vms = Section(tuple[VirtualMachine, ...], Origin(Way.CMDLET, "Get-VM", hyperv=True))
    virtual_disks = Section(dict[str, VirtualDisk | None], Origin(Way.CMDLET, "Get-VHD", hyperv=True))
    """By path, those of the VMs and all of which these hold the differences; null for one that could not be read. Only those on drives
    with a letter: a path on a share is not opened."""
    planned_machines = Section(dict[Said, str], Origin(Way.CIM, "Msvm_PlannedComputerSystem", hyperv=True))
    """The names of VMs that are prepared to come by a move, an import or a comparison, by id; mostly there are none."""
    destination_files = Section(dict[str, int], Origin(Way.NET, "System.IO.File", what="System.IO.File.GetAttributes"))
    """By path, for each one that was asked for, and no others: the attributes of the file or folder there, or as a negative number the
    HRESULT for which they cannot be told, -2147024894 where there is none. Only paths on fixed drives are asked for."""
    checkpoints = Section(dict[str, int], Origin(Way.CMDLET, "Get-VMSnapshot", hyperv=True))
    """How many checkpoints a VM has, by its id; a VM without any is left out. By itself, because it can take minutes."""
