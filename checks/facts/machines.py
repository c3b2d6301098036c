"""The virtual machines of a host."""

from __future__ import annotations

from checks.facts.fact import Origin, Section, Shape, Way
from checks.windows.paths import on_smb


class Disk(Shape, frozen=True):
    """Get-VMHardDiskDrive."""

    path: str
    pass_through: bool
    shared: bool


class VirtualAdapter(Shape, frozen=True):
    """Get-VMNetworkAdapter -VM. `switch` is empty when not connected."""

    name: str
    switch: str
    mac: str


class VirtualMachine(Shape, frozen=True):
    """Get-VM and its drives, adapters and checkpoints. `version` is null where Windows has no such property (2012);
    `state` and `operational_status` are the cmdlet's numbers (VMState, VMOperationalStatus)."""

    id: str
    name: str
    state: int
    operational_status: tuple[int, ...]
    version: str | None
    generation: int | None
    uptime_s: int
    clustered: bool
    memory_assigned_bytes: int
    configuration_path: str
    checkpoint_path: str
    paging_path: str
    disks: tuple[Disk, ...]
    adapters: tuple[VirtualAdapter, ...]
    checkpoints: int

    @property
    def smb_paths(self) -> tuple[str, ...]:
        """The paths that lie on SMB shares: configuration, checkpoints, paging file, disks."""
        paths = (self.configuration_path, self.checkpoint_path, self.paging_path, *(disk.path for disk in self.disks))
        return tuple(dict.fromkeys(path for path in paths if on_smb(path)))


class MachineFacts:
    """What a visit reads of the VMs of a host."""

    __slots__ = ()

    vms = Section(tuple[VirtualMachine, ...], Origin(Way.CMDLET, "Get-VM", hyperv=True))
