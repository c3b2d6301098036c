"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.system import Clock, Cluster, Computer, CredentialGuard, DomainRole, HyperVRole, OperatingSystem, PendingRestart
from tests.facts.described import AT, Described


def good(host: Described) -> dict[str, Any]:
    return {
        "os": OperatingSystem(14393, 3, "Microsoft Windows Server 2016 Standard", ("en-US",), AT, 6000, 7),
        "computer": Computer(
            host.name.upper(), host.name, "contoso.test", DomainRole.MEMBER_SERVER, True, host.name, "", host.name, "", host.name.upper()
        ),
        "hyperv_role": HyperVRole(True, "Running", "Auto", True),
        "cluster": Cluster(False, None, None),
        "pending_restart": PendingRestart(False, False, False),
        "credential_guard": CredentialGuard(False, (0,)),
        "clock": Clock(AT),
    }
