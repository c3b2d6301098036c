"""How a host takes and gives live migrations."""

from __future__ import annotations

from enum import IntEnum

from checks.facts.fact import Earlier, Origin, Said, Section, Shape, Unsigned, Way
from checks.windows.releases import BUILD_2012, BUILD_2012_R2, BUILD_2016


class MigrationAuthentication(IntEnum):
    CREDSSP = 0
    KERBEROS = 1

    @property
    def label(self) -> str:
        """As Windows' own windows call it."""
        return {MigrationAuthentication.CREDSSP: "CredSSP", MigrationAuthentication.KERBEROS: "Kerberos"}[self]


class PerformanceOption(IntEnum):
    TCPIP = 0
    COMPRESSION = 1
    SMB = 2

    @property
    def label(self) -> str:
        """As Set-VMHost takes it."""
        return {PerformanceOption.TCPIP: "TCPIP", PerformanceOption.COMPRESSION: "Compression", PerformanceOption.SMB: "SMB"}[self]


class MigrationSettings(Shape, frozen=True):
    """Get-VMHost. `performance_option` is null where Windows has no such setting (2012: always plain TCP/IP). `machine_folder` and
    `disk_folder` are its default folders, VirtualMachinePath and VirtualHardDiskPath, null in what was collected before they were read."""

    enabled: bool
    authentication: MigrationAuthentication
    performance_option: PerformanceOption | None
    maximum_migrations: Unsigned
    maximum_storage_migrations: Unsigned
    any_network: bool
    machine_folder: Said | None = None
    disk_folder: Said | None = None


class MigrationNetwork(Shape, frozen=True):
    """Get-VMMigrationNetwork: `subnet` is an address or a prefix, as it was entered."""

    subnet: Said
    priority: int | None


class MigrationListener(Shape, frozen=True):
    """Msvm_VirtualSystemMigrationService: the addresses on which migrations are accepted (null when it does not tell them), and what
    runs now."""

    addresses: tuple[str, ...] | None
    active_migrations: int
    active_storage_migrations: int


class Socket(Shape, frozen=True):
    """A TCP socket that waits for connections. `address` is 0.0.0.0 or :: where it takes them at all addresses of its family."""

    address: Said
    process: Unsigned


class MigrationPort(Shape, frozen=True):
    """Who waits on TCP 6600: MSFT_NetTCPConnection in state Listen, none where nobody does. `services` are the processes of vmms.exe
    (Win32_Process), none where none was seen."""

    sockets: tuple[Socket, ...]
    services: tuple[Unsigned, ...]


class MigrationFacts:
    """What a visit reads of the migration settings of a host."""

    __slots__ = ()

    migration = Section(MigrationSettings, Origin(Way.CMDLET, "Get-VMHost", hyperv=True))
    migration_networks = Section(tuple[MigrationNetwork, ...], Origin(Way.CMDLET, "Get-VMMigrationNetwork", hyperv=True))
    migration_listener = Section(MigrationListener, Origin(Way.CIM, "Msvm_VirtualSystemMigrationService", hyperv=True))
    migration_port = Section(MigrationPort, Origin(Way.CIM, "MSFT_NetTCPConnection"))
    supported_versions = Section(
        tuple[Said, ...],
        Origin(
            Way.CMDLET,
            "Get-VMHostSupportedVersion",
            hyperv=True,
            since=BUILD_2016,
            earlier=Earlier(
                {BUILD_2012: ("4.0",), BUILD_2012_R2: ("5.0",)},
                "Microsoft's table of VM configuration versions, for the build read from {origin}",
            ),
        ),
    )
    """The configuration versions of VMs that this host runs. Before 2016: the public page "Upgrade virtual machine version in Hyper-V";
    4.0 from the literature on 2012."""
