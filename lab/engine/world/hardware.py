"""The hardware of a host, and what its VMs have of it."""

from __future__ import annotations

from checks.facts.hardware import GpuPartitions, HostMemory, Processor, VirtualProcessor, Volume
from lab.engine.world import Part, cim, cmdlet


def processors(value: tuple[Processor, ...]) -> Part:
    rows = ({"Manufacturer": row.vendor, "Name": row.name, "Level:uint16": row.family, "Revision:uint16": row.revision} for row in value)
    return cim("root/cimv2", "Win32_Processor", rows)


def virtual_processors(value: dict[str, VirtualProcessor]) -> Part:
    """The first row says only what can be set."""
    rows: list[dict[str, object]] = [{"InstanceID": "Microsoft:Definition\\B637F346-6A0E-4DEC-AF52-BD70CB80A21D\\Default"}]
    for vm, its in value.items():
        row: dict[str, object] = {
            "InstanceID": f"Microsoft:{vm.upper()}\\b637f346-6a0e-4dec-af52-bd70cb80a21d\\0",
            "LimitProcessorFeatures": its.compatibility,
        }
        if its.mode is not None:
            row["LimitProcessorFeaturesMode:uint8"] = its.mode
        rows.append(row)
    return cim("root/virtualization/v2", "Msvm_ProcessorSettingData", rows)


def volumes(value: tuple[Volume, ...]) -> Part:
    rows = (
        {"Name": row.path, "DriveType:uint32": row.drive, "Capacity:uint64": row.capacity_bytes, "FreeSpace:uint64": row.free_bytes}
        for row in value
    )
    return cim("root/cimv2", "Win32_Volume", rows)


def memory(value: HostMemory) -> Part:
    rows = (
        {"NodeId:int32": node.id, "MemoryAvailable:int32": node.available_mb, "MemoryTotal:int32": node.total_mb} for node in value.nodes
    )
    settings = {"NumaSpanningEnabled": value.spanning}
    return cmdlet("Get-VMHostNumaNode", rows) | cim("root/virtualization/v2", "Msvm_VirtualSystemManagementServiceSettingData", [settings])


def assigned_devices(value: dict[str, int]) -> Part:
    return cmdlet("Get-VMAssignableDevice", ({"VMId:guid": vm} for vm, count in value.items() for _ in range(count)))


def gpu_partitions(value: dict[str, GpuPartitions]) -> Part:
    rows: list[dict[str, object]] = []
    for vm, its in value.items():
        said = {} if its.outgoing is None else {"SupportsOutgoingLiveMigration": its.outgoing}
        rows += [{"VMId:guid": vm, **said}] * its.count
    return cmdlet("Get-VMGpuPartitionAdapter", rows)
