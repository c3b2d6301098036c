"""The virtual machines of a host."""

from __future__ import annotations

from checks.facts.fact import Name, Origin, Said, Section, Shape, Way
from checks.windows.paths import on_smb


class Disk(Shape, frozen=True):
    """VirtualMachine.HardDrives. `path` is null where a drive names none, `shared` where Windows does not tell it, as 2012."""

    path: Said | None
    pass_through: bool
    shared: bool | None


class VirtualAdapter(Shape, frozen=True):
    """VirtualMachine.NetworkAdapters. `switch` is empty when not connected, `mac` while the adapter has none yet."""

    name: Said
    switch: str
    mac: str


class VirtualMachine(Shape, frozen=True):
    """Get-VM. `version` is null where Windows has no such property (2012); `state` and `operational_status` are the cmdlet's numbers
    (VMState, VMOperationalStatus). `disks` and `adapters` are null for a VM that did not tell them, as one that went away meanwhile."""

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

    @property
    def on_smb(self) -> bool | None:
        """Does anything of it lie on an SMB share: configuration, checkpoints, paging file, disks. None when that is not known: nothing
        that was read does, but not every place was read."""
        disks = (Disk(None, False, None),) if self.disks is None else self.disks
        paths = (self.configuration_path, self.checkpoint_path, self.paging_path, *(disk.path for disk in disks if not disk.pass_through))
        if any(path is not None and on_smb(path) for path in paths):
            return True
        return None if None in paths else False


class MachineFacts:
    """What a visit reads of the VMs of a host."""

    __slots__ = ()

    vms = Section(tuple[VirtualMachine, ...], Origin(Way.CMDLET, "Get-VM", hyperv=True))
    checkpoints = Section(dict[str, int], Origin(Way.CMDLET, "Get-VMSnapshot", hyperv=True))
    """How many checkpoints a VM has, by its id; a VM without any is left out. By itself, because it can take minutes."""
