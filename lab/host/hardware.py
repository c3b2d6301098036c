"""The hardware of a host, and what its VMs have of it."""

from __future__ import annotations

from checks.facts.hardware import Processor, VirtualProcessor
from lab.host.described import Described


class Hardware(Described):
    """The sections of the topic."""

    def processors(self) -> tuple[Processor, ...]:
        return (Processor("GenuineIntel", "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", family=6, revision=0x5504),) * 2

    def virtual_processors(self) -> dict[str, VirtualProcessor]:
        mode = 0 if self.windows.processor_mode else None
        return {self.vm_id(vm): VirtualProcessor(vm.compatibility, mode) for vm in self.spec.vms}
