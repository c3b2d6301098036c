"""The hardware of a host, and what VMs have of it."""

from __future__ import annotations

from checks.facts.fact import Counted, Earlier, Origin, Said, Section, Shape, Size, Unsigned, Way
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016, BUILD_2019, BUILD_2022


class Processor(Shape, frozen=True):
    """Win32_Processor, one for each socket. `vendor` is the text that CPUID gives, as GenuineIntel. `family` (Level) and `revision` (the
    model, and in the low byte the stepping) are the numbers that Windows derives from it; `name` is for display only."""

    vendor: Said
    name: str
    family: Counted
    revision: int


class VirtualProcessor(Shape, frozen=True):
    """Msvm_ProcessorSettingData: `compatibility` is LimitProcessorFeatures, which Set-VMProcessor calls CompatibilityForMigrationEnabled,
    `mode` LimitProcessorFeaturesMode, null where Windows has no such property (before 2022)."""

    compatibility: bool
    mode: int | None


class NumaNode(Shape, frozen=True):
    """Get-VMHostNumaNode, in MB."""

    id: int
    available_mb: Unsigned
    total_mb: Counted


class HostMemory(Shape, frozen=True):
    """The nodes of a host. `spanning` lets a VM have memory of several: NumaSpanningEnabled of
    Msvm_VirtualSystemManagementServiceSettingData."""

    spanning: bool
    nodes: tuple[NumaNode, ...]

    @property
    def available_mb(self) -> int:
        return sum(node.available_mb for node in self.nodes)

    @property
    def total_mb(self) -> int:
        return sum(node.total_mb for node in self.nodes)

    @property
    def largest_node_mb(self) -> int:
        """The most that one node has available."""
        return max((node.available_mb for node in self.nodes), default=0)


class Volume(Shape, frozen=True):
    """Win32_Volume. `path` is its Name: the letter, else the folder where it is mounted, else `\\\\?\\Volume{…}\\`. `drive` is DriveType
    (3 fixed). A drive without a medium, or a locked one, tells no sizes."""

    path: Said
    drive: Unsigned
    capacity_bytes: Size | None
    free_bytes: Size | None


class GpuPartitions(Shape, frozen=True):
    """How many partitions of GPUs a VM has. `outgoing` is whether all of them say that they can leave the host
    (SupportsOutgoingLiveMigration), null where there is none, or Windows has no such property."""

    count: Unsigned
    outgoing: bool | None


class HardwareFacts:
    """What a visit reads of the hardware of a host and of its VMs."""

    __slots__ = ()

    processors = Section(tuple[Processor, ...], Origin(Way.CIM, "Win32_Processor"))
    virtual_processors = Section(dict[str, VirtualProcessor], Origin(Way.CIM, "Msvm_ProcessorSettingData", hyperv=True))
    """By the id of the VM, lower case. Settings of checkpoints are among them, by ids of their own."""
    volumes = Section(tuple[Volume, ...], Origin(Way.CIM, "Win32_Volume"))
    memory = Section(HostMemory, Origin(Way.CMDLET, "Get-VMHostNumaNode", hyperv=True))
    assigned_devices = Section(
        dict[str, Unsigned],
        Origin(
            Way.CMDLET,
            "Get-VMAssignableDevice",
            hyperv=True,
            since=BUILD_2016,
            earlier=Earlier(
                {BUILD_2012: {}, BUILD_2012_R2: {}}, "Windows before 2016 assigns no devices to VMs, for the build read from {origin}"
            ),
        ),
    )
    """How many devices of the host each VM has, by its id, lower case. A Windows that has no such devices names no VM."""
    gpu_partitions = Section(
        dict[str, GpuPartitions],
        Origin(
            Way.CMDLET,
            "Get-VMGpuPartitionAdapter",
            hyperv=True,
            since=BUILD_2022,
            earlier=Earlier(
                {BUILD_2012: {}, BUILD_2012_R2: {}, BUILD_2016: {}, BUILD_2019: {}},
                "Windows before 2022 gives VMs no partitions of GPUs, for the build read from {origin}",
            ),
        ),
    )
    """By the id of each VM, lower case. A Windows that has no such partitions names none."""
