"""The virtual machines of a host, with their drives, adapters and checkpoints."""

from __future__ import annotations

from checks.facts.machines import VirtualDisk, VirtualMachine
from lab.engine.world import Part, cim, cmdlet


def vms(value: tuple[VirtualMachine, ...]) -> Part:
    return cmdlet("Get-VM", map(_machine, value))


def virtual_disks(value: dict[str, VirtualDisk | None]) -> Part:
    rows = (
        {
            "Path": path,
            "FileSize:uint64": disk.file_bytes,
            "Size:uint64": disk.size_bytes,
            "ParentPath": disk.parent,
            "VhdType:VhdType": disk.type,
        }
        for path, disk in value.items()
        if disk is not None
    )
    return cmdlet("Get-VHD", rows)


def planned_machines(value: dict[str, str]) -> Part:
    return cim("root/virtualization/v2", "Msvm_PlannedComputerSystem", ({"Name": id, "ElementName": name} for id, name in value.items()))


def destination_files(value: dict[str, int]) -> Part:
    return {"files": value}


def checkpoints(value: dict[str, int]) -> Part:
    rows = ({"VMId:guid": vm, "Name": f"checkpoint {number}"} for vm, count in value.items() for number in range(count))
    return cmdlet("Get-VMSnapshot", rows)


def _machine(vm: VirtualMachine) -> dict[str, object]:
    """2012 has no version and no generation."""
    row = {
        "Id:guid": vm.id,
        "Name": vm.name,
        "State:VMState": vm.state,
        "OperationalStatus:VMOperationalStatus[]": vm.operational_status,
        "Uptime:span": vm.uptime_s,
        "IsClustered": vm.clustered,
        "MemoryAssigned:int64": vm.memory_assigned_bytes,
        "DynamicMemoryEnabled": vm.dynamic_memory,
        "ConfigurationLocation": vm.configuration_path,
        "SnapshotFileLocation": vm.checkpoint_path,
        "SmartPagingFilePath": vm.paging_path,
        "HardDrives:object[]": _drives(vm),
        "NetworkAdapters:object[]": _adapters(vm),
        "DVDDrives:object[]": _media(vm),
        "FloppyDrive": next(({"Path": drive.path} for drive in vm.drives or () if drive.floppy), None),
        "FibreChannelHostBusAdapters:object[]": None if vm.sans is None else [{"SanName": san} for san in vm.sans],
        "ReplicationState:VMReplicationState": vm.replication_state,
        "ReplicationMode:VMReplicationMode": vm.replication_mode,
    }
    if vm.version is not None:
        row["Version"] = vm.version
    if vm.generation is not None:
        row["Generation:int32"] = vm.generation
    return row


def _drives(vm: VirtualMachine) -> list[dict[str, object]] | None:
    if vm.disks is None:
        return None
    rows: list[dict[str, object]] = [
        {"Path": disk.path, "DiskNumber": place if disk.pass_through else None} for place, disk in enumerate(vm.disks)
    ]
    for row, disk in zip(rows, vm.disks, strict=True):
        if disk.shared is not None:
            row["SupportPersistentReservations"] = disk.shared
    return rows


def _adapters(vm: VirtualMachine) -> list[dict[str, object]] | None:
    if vm.adapters is None:
        return None
    return [{"Name": row.name, "SwitchName": row.switch, "MacAddress": row.mac} for row in vm.adapters]


def _media(vm: VirtualMachine) -> list[dict[str, object]] | None:
    if vm.drives is None:
        return None
    return [{"Path": drive.path, "DvdMediaType:DvdMediaType": drive.kind} for drive in vm.drives if not drive.floppy]
