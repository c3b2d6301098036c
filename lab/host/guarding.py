"""What keeps the secrets of the VMs of a host."""

from __future__ import annotations

from checks.facts.guarding import GuardianService, VmSecurity
from lab.host.described import Described


class Guarding(Described):
    """The sections of the topic."""

    def vm_security(self) -> dict[str, VmSecurity]:
        return {self.vm_id(vm): VmSecurity(vm.tpm, shielded=False, encrypted=False, key_drive=False) for vm in self.spec.vms}

    def guardian_certificates(self) -> dict[str, bool]:
        return {}

    def guardian_service(self) -> GuardianService:
        return GuardianService(guarded=False, keys="")
