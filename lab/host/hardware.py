"""The hardware of a host, and what its VMs have of it."""

from __future__ import annotations

from checks.facts.hardware import GpuPartitions, HostMemory, NumaNode, Processor, VirtualProcessor, Volume
from lab.host.described import Described


class Hardware(Described):
    """The sections of the topic."""

    def processors(self) -> tuple[Processor, ...]:
        return (Processor("GenuineIntel", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", family=6, revision=0x5504),) * 2

    def virtual_processors(self) -> dict[str, VirtualProcessor]:
        mode = 0 if self.windows.processor_mode else None
        return {self.vm_id(vm): VirtualProcessor(vm.compatibility, mode) for vm in self.spec.vms}

    def volumes(self) -> tuple[Volume, ...]:
        return (
            Volume("C:\\", 3, 128 << 30, 80 << 30),
            Volume("D:\\", 3, 8 << 40, 6 << 40),
            Volume("E:\\", 5, None, None),
        )

    def memory(self) -> HostMemory:
        return HostMemory(spanning=True, nodes=tuple(NumaNode(number, available_mb=400_000, total_mb=524_288) for number in range(2)))

    def assigned_devices(self) -> dict[str, int]:
        return {self.vm_id(vm): vm.assigned_devices for vm in self.spec.vms}

    def gpu_partitions(self) -> dict[str, GpuPartitions]:
        return {self.vm_id(vm): GpuPartitions(0, None) for vm in self.spec.vms}
