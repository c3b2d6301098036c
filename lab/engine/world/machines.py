"""The virtual machines of a host, and what belongs to each."""

from __future__ import annotations

from checks.facts.machines import VirtualMachine
from lab.engine.world import Part, cmdlet

_SCSI_0 = {"ControllerType": "SCSI", "ControllerNumber": 0}


def vms(value: tuple[VirtualMachine, ...]) -> Part:
    parts = (
        cmdlet("Get-VM", map(_machine, value)),
        cmdlet("Get-VMHardDiskDrive", (disk for vm in value for disk in _disks(vm))),
        cmdlet("Get-VMNetworkAdapter", (adapter for vm in value for adapter in _adapters(vm))),
        cmdlet("Get-VMSnapshot", (_of(vm) | {"Name": f"{vm.name} {number}"} for vm in value for number in range(vm.checkpoints))),
    )
    return {"cmdlets": {name: rows for part in parts for name, rows in part["cmdlets"].items()}}


def _of(vm: VirtualMachine) -> dict[str, object]:
    return {"VMId:guid": vm.id, "VMName": vm.name}


def _machine(vm: VirtualMachine) -> dict[str, object]:
    row = {
        "Id:guid": vm.id,
        "Name": vm.name,
        "State:VMState": vm.state,
        "OperationalStatus:VMOperationalStatus[]": vm.operational_status,
        "Uptime:span": vm.uptime_s,
        "IsClustered": vm.clustered,
        "MemoryAssigned:int64": vm.memory_assigned_bytes,
        "ConfigurationLocation": vm.configuration_path,
        "SnapshotFileLocation": vm.checkpoint_path,
        "SmartPagingFilePath": vm.paging_path,
    }
    if vm.version is not None:
        row["Version"] = vm.version
    if vm.generation is not None:
        row["Generation:int32"] = vm.generation
    return row


def _disks(vm: VirtualMachine) -> list[dict[str, object]]:
    return [
        _of(vm)
        | _SCSI_0
        | {
            "ControllerLocation": place,
            "Path": disk.path,
            "DiskNumber": place if disk.pass_through else None,
            "SupportPersistentReservations": disk.shared,
        }
        for place, disk in enumerate(vm.disks)
    ]


def _adapters(vm: VirtualMachine) -> list[dict[str, object]]:
    return [_of(vm) | {"Name": row.name, "SwitchName": row.switch, "MacAddress": row.mac, "IsManagementOs": False} for row in vm.adapters]
