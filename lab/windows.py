"""What the lab knows of Windows, as data: its versions, what each lacks, its languages, and how each section of a visit fails."""

from __future__ import annotations

from typing import NamedTuple


class Windows(NamedTuple):
    """One version of Windows Server. `engine` is its Windows PowerShell, `vm_versions` are the configuration versions that
    Get-VMHostSupportedVersion lists, oldest first (the cmdlet exists since 2016), `rule` is the version of its firewall rules.
    `vm_property`, `performance_option`, `generations` and `device_guard` tell whether it has Get-VM's Version, the migration
    performance option, VM generations and the class Win32_DeviceGuard."""

    name: str
    build: int
    update_revision: int | None
    engine: str
    rule: str
    vm_versions: tuple[str, ...] = ()
    vm_property: bool = True
    performance_option: bool = True
    generations: bool = True
    device_guard: bool = True

    @property
    def default_vm_version(self) -> str | None:
        """The configuration version of a new VM."""
        if self.vm_versions:
            return self.vm_versions[-1]
        return "5.0" if self.vm_property else None


_TO_2016 = ("5.0", "6.2", "7.0", "7.1", "8.0")
_FROM_2016 = ("8.0", "8.1", "8.2", "8.3", "9.0")

VERSIONS: dict[str, Windows] = {
    "2012": Windows(
        "Windows Server 2012",
        9200,
        None,
        "3.0",
        "v2.20",
        vm_property=False,
        performance_option=False,
        generations=False,
        device_guard=False,
    ),
    "2012r2": Windows("Windows Server 2012 R2", 9600, 21620, "4.0", "v2.22", device_guard=False),
    "2016": Windows("Windows Server 2016", 14393, 7159, "5.1.14393.7155", "v2.26", _TO_2016),
    "2019": Windows("Windows Server 2019", 17763, 5936, "5.1.17763.5933", "v2.29", _TO_2016 + _FROM_2016[1:]),
    "2022": Windows("Windows Server 2022", 20348, 2527, "5.1.20348.2522", "v2.31", (*_FROM_2016, "9.1", "9.2", "9.3", "10.0")),
    "2025": Windows(
        "Windows Server 2025",
        26100,
        1742,
        "5.1.26100.1591",
        "v2.33",
        (*_FROM_2016, "9.1", "9.2", "9.3", "10.0", "11.0", "12.0"),
    ),
}


class Language(NamedTuple):
    """What Windows says in one language; `{0}` in `unknown_command` stands for the command."""

    vendor: str
    system_account: str
    access_denied: str
    invalid_namespace: str
    unknown_command: str


LANGUAGES: dict[str, Language] = {
    "en-US": Language(
        "Microsoft",
        "NT AUTHORITY\\SYSTEM",
        "Access denied",
        "Invalid namespace",
        "The term '{0}' is not recognized as the name of a cmdlet.",
    ),
    "de-DE": Language(
        "Microsoft",
        "NT-AUTORITÄT\\SYSTEM",
        "Zugriff verweigert",
        "Ungültiger Namespace",
        'Die Benennung "{0}" wurde nicht als Name eines Cmdlets erkannt.',
    ),
    "ru-RU": Language(
        "Майкрософт",
        "NT AUTHORITY\\СИСТЕМА",
        "Отказано в доступе",
        "Неправильное пространство имен",
        'Имя "{0}" не распознано как имя командлета.',
    ),
}


class Way(NamedTuple):
    """How a section is read: through a cmdlet of the Hyper-V module, a CIM class, the registry, .NET, or an event log.

    `what` is the cmdlet's or class's name. `hyperv` is true for what exists with the Hyper-V role only.
    """

    kind: str
    what: str
    hyperv: bool = False


WAYS: dict[str, Way] = {
    "os": Way("cim", "Win32_OperatingSystem"),
    "computer": Way("cim", "Win32_ComputerSystem"),
    "hyperv_role": Way("cim", "Win32_Service"),
    "migration": Way("cmdlet", "Get-VMHost", hyperv=True),
    "migration_networks": Way("cmdlet", "Get-VMMigrationNetwork", hyperv=True),
    "migration_listener": Way("cim", "Msvm_VirtualSystemMigrationService", hyperv=True),
    "supported_versions": Way("cmdlet", "Get-VMHostSupportedVersion", hyperv=True),
    "credential_guard": Way("cim", "Win32_DeviceGuard"),
    "addresses": Way("cim", "MSFT_NetIPAddress"),
    "routes": Way("cim", "MSFT_NetRoute"),
    "adapters": Way("cim", "MSFT_NetAdapter"),
    "host_virtual_adapters": Way("cmdlet", "Get-VMNetworkAdapter", hyperv=True),
    "switches": Way("cmdlet", "Get-VMSwitch", hyperv=True),
    "firewall": Way("net", "Microsoft.Win32.RegistryKey"),
    "local_groups": Way("net", "System.DirectoryServices.DirectoryEntry"),
    "sessions": Way("cim", "Win32_LogonSession"),
    "locators": Way("cim", "Win32_NTDomain"),
    "vms": Way("cmdlet", "Get-VM", hyperv=True),
    "partners": Way("net", "System.Net.Sockets.TcpClient"),
    "events": Way("log", "Microsoft-Windows-Hyper-V-VMMS-Admin", hyperv=True),
}
