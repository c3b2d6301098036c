"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.migration import (
    MigrationAuthentication,
    MigrationListener,
    MigrationNetwork,
    MigrationPort,
    MigrationSettings,
    PerformanceOption,
    Socket,
)
from tests.facts.described import Described


def good(host: Described) -> dict[str, Any]:
    return {
        "migration": MigrationSettings(
            True, MigrationAuthentication.KERBEROS, PerformanceOption.COMPRESSION, 2, 2, False, "D:\\VMs", "D:\\VMs"
        ),
        "migration_networks": (MigrationNetwork("192.168.10.0/24", 0),),
        "migration_listener": MigrationListener((f"192.168.10.{host.number}",), 0, 0),
        "migration_port": MigrationPort((Socket(f"192.168.10.{host.number}", 2140),), (2140,)),
        "supported_versions": ("5.0", "6.2", "7.0", "7.1", "8.0"),
    }
