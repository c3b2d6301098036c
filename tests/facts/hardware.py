"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.hardware import GpuPartitions, HostMemory, NumaNode, Processor, VirtualProcessor, Volume
from tests.facts.described import Described

XEON = Processor("GenuineIntel", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 6, 0x5504)


def good(host: Described) -> dict[str, Any]:
    return {
        "processors": (XEON, XEON),
        "volumes": (Volume("C:\\", 3, 128 << 30, 80 << 30), Volume("D:\\", 3, 8 << 40, 6 << 40)),
        "memory": HostMemory(True, (NumaNode(0, 400_000, 524_288), NumaNode(1, 400_000, 524_288))),
        "assigned_devices": {each.id: 0 for each in host.vms},
        "gpu_partitions": {each.id: GpuPartitions(0, None) for each in host.vms},
        "virtual_processors": {vm.id: VirtualProcessor(False, None) for vm in host.vms},
    }
