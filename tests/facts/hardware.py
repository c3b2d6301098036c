"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.hardware import HostMemory, NumaNode, Processor, VirtualProcessor
from tests.facts.described import Described

XEON = Processor("GenuineIntel", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", 6, 0x5504)


def good(host: Described) -> dict[str, Any]:
    return {
        "processors": (XEON, XEON),
        "memory": HostMemory(True, (NumaNode(0, 400_000, 524_288), NumaNode(1, 400_000, 524_288))),
        "virtual_processors": {vm.id: VirtualProcessor(False, None) for vm in host.vms},
    }
