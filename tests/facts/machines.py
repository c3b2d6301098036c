"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from checks.facts.machines import Disk, MediaDrive, VirtualAdapter, VirtualDisk, VirtualMachine
from tests.facts.described import Described


def good(host: Described) -> dict[str, Any]:
    disks = (disk.path for vm in host.vms for disk in vm.disks or () if disk.path)
    return {"vms": host.vms, "checkpoints": {}, "virtual_disks": {path: VirtualDisk(40 << 30, 127 << 30, None, 3) for path in disks}}


def vm(name: str = "LMTest", **changes: Any) -> VirtualMachine:
    machine = VirtualMachine(
        id="11111111-2222-3333-4444-555555555555",
        name=name,
        state=2,
        operational_status=(2,),
        version="8.0",
        generation=2,
        uptime_s=3600,
        clustered=False,
        memory_assigned_bytes=4 << 30,
        configuration_path="D:\\VMs\\LMTest",
        checkpoint_path="D:\\VMs\\LMTest",
        paging_path="D:\\VMs\\LMTest",
        disks=(Disk("D:\\VMs\\LMTest\\disk0.vhdx", False, False),),
        adapters=(VirtualAdapter("Network Adapter", "LAN", "00155D000001"),),
        dynamic_memory=False,
        drives=(MediaDrive(floppy=False, kind=0, path=None),),
        replication_state=0,
        replication_mode=0,
        sans=(),
    )
    return replace(machine, **changes)
