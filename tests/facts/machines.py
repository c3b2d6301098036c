"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from checks.facts.machines import Disk, MediaDrive, VirtualAdapter, VirtualDisk, VirtualMachine
from tests.facts.described import Described

NOT_THERE = 0x80070002 - (1 << 32)
"""What is answered of a place where nothing lies."""


def good(host: Described) -> dict[str, Any]:
    disks = (disk.path for vm in host.vms for disk in vm.disks or () if disk.path)
    return {
        "vms": host.vms,
        "checkpoints": {},
        "virtual_disks": {path: VirtualDisk(40 << 30, 127 << 30, None, 3) for path in disks},
        "planned_machines": {},
        "destination_files": nothing("D:\\LMTest") | nothing(None),
    }


def nothing(folder: str | None, *disks: str, id: str = "11111111-2222-3333-4444-555555555555") -> dict[str, int]:
    """What is answered where nothing lies at the places to which LMTest, or another VM, goes: into a folder, or without one."""
    roots = (folder,) if folder is not None else ("D:\\VMs", "D:\\VMs\\LMTest")
    disks = disks or ("disk0.vhdx",)
    machines = (f"{root}\\Virtual Machines\\{id}{end}" for root in roots for end in (".vmcx", ".vmrs", ".xml", ""))
    files = (f"{root}\\Virtual Hard Disks\\{name}" if folder is not None else f"{root}\\{name}" for root in roots for name in disks)
    return dict.fromkeys((*machines, *files), NOT_THERE)


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
