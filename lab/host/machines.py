"""The virtual machines of a host."""

from __future__ import annotations

from checks.facts.machines import Disk, MediaDrive, VirtualAdapter, VirtualDisk, VirtualMachine
from lab.host.described import Described
from lab.request import Request
from lab.scenario import VmSpec

_RUNNING = 2
_GIB = 1 << 30
_DYNAMIC = 3
_DRIVES = ("C:\\", "D:\\")
_ARCHIVE = 0x20
_NO_FILE = 0x80070002 - (1 << 32)


class Machines(Described):
    """The sections of the topic."""

    def vms(self) -> tuple[VirtualMachine, ...]:
        return tuple(self._vm(vm, number) for number, vm in enumerate(self.spec.vms, start=1))

    def _vm(self, spec: VmSpec, number: int) -> VirtualMachine:
        folder = f"D:\\VMs\\{spec.name}"
        running = spec.state == _RUNNING
        mac = f"00155D{self.random(1)[0] & 0xFF:02X}{number & 0xFFFF:04X}"
        return VirtualMachine(
            id=self.vm_id(spec),
            name=spec.name,
            state=spec.state,
            operational_status=spec.operational_status,
            version=(spec.version or self.windows.default_vm_version) if self.windows.vm_property else None,
            generation=2 if self.windows.generations else None,
            uptime_s=86_400 * 5 if running else 0,
            clustered=spec.clustered,
            memory_assigned_bytes=4 * _GIB if running else 0,
            configuration_path=folder,
            checkpoint_path=folder,
            paging_path=folder,
            disks=spec.disks or (Disk(f"{folder}\\{spec.name}.vhdx", pass_through=False, shared=False),),
            adapters=(VirtualAdapter("Network Adapter", spec.switch, mac),),
            dynamic_memory=False,
            drives=spec.drives or (MediaDrive(floppy=False, kind=0, path=None),),
            replication_state=spec.replication_state,
            replication_mode=spec.replication_mode,
            sans=spec.sans,
        )

    def virtual_disks(self) -> dict[str, VirtualDisk | None]:
        """Dynamic ones, of which a third is used; a path on a share is not opened, and on other drives there is none."""
        paths = (disk.path for vm in self.vms() for disk in vm.disks or () if not disk.pass_through)
        return {
            path: VirtualDisk(40 * _GIB, 127 * _GIB, None, _DYNAMIC) if path.startswith(_DRIVES) else None
            for path in paths
            if path is not None and path[1:3] == ":\\"
        }

    def planned_machines(self) -> dict[str, str]:
        return {}

    def destination_files(self, asked: Request) -> dict[str, int]:
        """What lies at each path: the files of the VMs here, and what the scenario says."""
        there = self.lying()
        return {path: there.get(path.lower(), _NO_FILE) for path in asked.files}

    def lying(self) -> dict[str, int]:
        """The places where something lies, lower case, and its attributes."""
        found = {path.lower(): _ARCHIVE for path in self.virtual_disks()}
        found |= {f"{vm.configuration_path}\\Virtual Machines\\{vm.id}.vmcx".lower(): _ARCHIVE for vm in self.vms()}
        return found | {path.lower(): _ARCHIVE for path in self.spec.files}

    def checkpoints(self) -> dict[str, int]:
        return {}
