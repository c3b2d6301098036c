"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.guarding import GuardianService, VmSecurity
from tests.facts.described import Described


def good(host: Described) -> dict[str, Any]:
    return {
        "vm_security": {vm.id: VmSecurity(False, False, False, False) for vm in host.vms},
        "guardian_certificates": {},
        "guardian_service": GuardianService(False, ""),
    }
