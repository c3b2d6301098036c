"""How a host takes and gives live migrations."""

from __future__ import annotations

from checks.facts.migration import MigrationListener, MigrationNetwork, MigrationPort, MigrationSettings
from lab.engine.world import Part, cim, cmdlet


def migration(value: MigrationSettings) -> Part:
    row = {
        "VirtualMachineMigrationEnabled": value.enabled,
        "VirtualMachineMigrationAuthenticationType:MigrationAuthenticationType": value.authentication,
        "MaximumVirtualMachineMigrations:uint32": value.maximum_migrations,
        "MaximumStorageMigrations:uint32": value.maximum_storage_migrations,
        "UseAnyNetworkForMigration": value.any_network,
        "VirtualMachinePath": value.machine_folder,
        "VirtualHardDiskPath": value.disk_folder,
    }
    if value.performance_option is not None:
        row["VirtualMachineMigrationPerformanceOption:MigrationPerformance"] = value.performance_option
    return cmdlet("Get-VMHost", [row])


def migration_networks(value: tuple[MigrationNetwork, ...]) -> Part:
    return cmdlet("Get-VMMigrationNetwork", ({"Subnet": row.subnet, "Priority:int32": row.priority} for row in value))


def migration_listener(value: MigrationListener) -> Part:
    row = {
        "MigrationServiceListenerIPAddressList:string[]": value.addresses,
        "ActiveVirtualSystemMigrationCount:uint32": value.active_migrations,
        "ActiveStorageMigrationCount:uint32": value.active_storage_migrations,
    }
    return cim("root/virtualization/v2", "Msvm_VirtualSystemMigrationService", [row])


def migration_port(value: MigrationPort) -> Part:
    """Beside WinRM, which waits on every host that answers, and a connection that nobody waits for any more."""
    rows = [
        {"LocalAddress": address, "LocalPort:uint16": port, "State:uint8": state, "OwningProcess:uint32": process}
        for address, port, state, process in (
            ("::", 5985, 2, 4),
            ("10.0.0.1", 6600, 5, 0),
            *((each.address, 6600, 2, each.process) for each in value.sockets),
        )
    ]
    processes = [{"Name": "vmms.exe", "ProcessId:uint32": each} for each in value.services]
    sockets = cim("root/StandardCimv2", "MSFT_NetTCPConnection", rows)
    return {"cim": sockets["cim"] | cim("root/cimv2", "Win32_Process", processes)["cim"]}


def supported_versions(value: tuple[str, ...]) -> Part:
    return cmdlet("Get-VMHostSupportedVersion", ({"Version:version": version} for version in value))
