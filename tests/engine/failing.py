"""What can fail of what a host is asked, and which sections that costs with which reason: for the reference for Windows and for our own
stand-in. What the script reads comes from the lists of outside names (tests/collect/hosts/names)."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from checks.facts.fact import Way
from checks.facts.guarding import STORE
from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS

NAMES = Path(__file__).parents[1] / "collect" / "hosts" / "names"

HYPERV = frozenset(name for name, section in SECTIONS.items() if section.origin.hyperv) & frozenset(HOST_FACTS)
"""The sections that only the Hyper-V role can answer."""
CMDLETS = HYPERV - {"migration_listener", "supported_versions"}
"""Those that first ask Get-VMHost."""

CLASSES: Mapping[str, tuple[str, Collection[str]]] = {
    "Win32_OperatingSystem": ("root/cimv2", {"os"}),
    "Win32_ComputerSystem": ("root/cimv2", {"computer"}),  # partners ask for it too, and do without
    "Win32_Service": ("root/cimv2", {"hyperv_role", "cluster"}),
    "Win32_ServerFeature": ("root/cimv2", {"hyperv_role"}),
    "Win32_LogonSession": ("root/cimv2", {"sessions"}),
    "Win32_LoggedOnUser": ("root/cimv2", {"sessions"}),
    "Win32_NTDomain": ("root/cimv2", {"locators"}),
    "Win32_Processor": ("root/cimv2", {"processors"}),
    "Win32_Volume": ("root/cimv2", {"volumes"}),
    "Win32_DeviceGuard": ("root/Microsoft/Windows/DeviceGuard", {"credential_guard"}),
    "Msvm_VirtualSystemMigrationService": ("root/virtualization/v2", {"migration_listener"}),
    "Msvm_SecuritySettingData": ("root/virtualization/v2", {"vm_security"}),
    "Msvm_ProcessorSettingData": ("root/virtualization/v2", {"virtual_processors"}),
    "Msvm_PlannedComputerSystem": ("root/virtualization/v2", {"planned_machines"}),
    "Msvm_VirtualSystemManagementServiceSettingData": ("root/virtualization/v2", {"memory"}),
    "MSFT_NetTCPConnection": ("root/StandardCimv2", {"migration_port"}),
    "Win32_Process": ("root/cimv2", {"migration_port"}),
    "MSFT_NetIPAddress": ("root/StandardCimv2", {"addresses"}),
    "MSFT_NetRoute": ("root/StandardCimv2", {"routes"}),
    "MSFT_NetIPInterface": ("root/StandardCimv2", {"ip_interfaces"}),
    "MSFT_NetTCPSetting": ("root/StandardCimv2", {"dynamic_ports"}),
    "MSFT_NetAdapter": ("root/StandardCimv2", {"adapters"}),
    "MSFT_SmbClientNetworkInterface": ("root/Microsoft/Windows/SMB", {"smb_interfaces"}),
}
"""CIM classes: the namespace of each, and the sections that need it."""

ASKED: Mapping[str, tuple[str, Collection[str]]] = {
    "Get-VMHost": ("VMHost", CMDLETS),
    "Get-VM": ("VirtualMachine", {"vms", "checkpoints", "virtual_disks", "assigned_devices", "gpu_partitions"}),
    "Get-VHD": ("VirtualHardDisk", {"virtual_disks"}),
    "Get-VMSnapshot": ("VMSnapshot", {"checkpoints"}),
    "Get-VMSwitch": ("VMSwitch", {"switches"}),
    "Get-VMMigrationNetwork": ("VMMigrationNetwork", {"migration_networks"}),
    "Get-VMNetworkAdapter": ("VMInternalNetworkAdapter", {"host_virtual_adapters"}),
    "Get-VMHostSupportedVersion": ("VMHostSupportedVersion", {"supported_versions"}),
    "Get-VMAssignableDevice": ("VMAssignedDevice", {"assigned_devices"}),
    "Get-VMGpuPartitionAdapter": ("VMGpuPartitionAdapter", {"gpu_partitions"}),
    "Get-VMHostNumaNode": ("VMHostNumaNode", {"memory"}),
    "Test-ComputerSecureChannel": ("Boolean", {"secure_channel"}),
    "Get-SmbClientConfiguration": ("MSFT_SmbClientConfiguration", {"smb_multichannel"}),
    "Get-SmbServerConfiguration": ("MSFT_SmbServerConfiguration", {"smb_multichannel"}),
    "Resolve-DnsName": ("DnsRecord_SRV", {"controller_records"}),
}
"""Cmdlets: the type that each puts out, and the sections that need it."""


class Failure(NamedTuple):
    """One thing that fails: `its` are the keys of the reference's world which let it fail. The `sections` that need it are missing for
    the `reason`, and `says` stands in the detail of each; without a reason it costs nothing."""

    kind: str
    what: str
    its: Mapping[str, Any]
    sections: frozenset[str]
    reason: str | None
    says: str = ""


def failure(kind: str, what: str, its: Mapping[str, Any], sections: Iterable[str], reason: str | None, says: str = "") -> Failure:
    return Failure(kind, what, its, frozenset(sections), reason, says)


def title(failures: Sequence[Failure]) -> str:
    """The name of a run in which these fail."""
    its = failures[0]
    return f"{its.kind}: {its.what}" + (f" and {len(failures) - 1} more" if failures[1:] else "")


def rounds(failures: Iterable[Failure]) -> list[list[Failure]]:
    """As few runs as there can be in which each section has at most one failure to be missing for."""
    waiting, found = list(failures), []
    while waiting:
        taken: set[str] = set()
        now = [each for each in waiting if not taken & each.sections and not taken.update(each.sections)]
        found.append(now)
        waiting = [each for each in waiting if each not in now]
    return found


def together(failures: Iterable[Failure]) -> dict[str, Any]:
    """The keys of a world in which all of these fail."""
    its: dict[str, Any] = {}
    for key, value in ((key, value) for each in failures for key, value in each.its.items()):
        match value:
            case Mapping():
                its[key] = {**its.get(key, {}), **value}
            case list():
                its[key] = [*its.get(key, ()), *value]
            case _:
                its[key] = value
    return its


@cache
def read_of(table: str) -> dict[str, tuple[str, ...]]:
    """The properties that the script reads of each class (`classes`) or of what each cmdlet puts out (`objects`)."""
    lists = (tomllib.loads(path.read_text("utf-8")).get(table, {}) for path in sorted(NAMES.glob("*.toml")))
    return {name: tuple(its["properties"]) for each in lists for name, its in each.items()}


# --- the reference ---


def of_class(kind: str, name: str, hresult: str, reason: str) -> Failure:
    namespace, sections = CLASSES[name]
    # A client has no class of server features: there the service tells.
    costs = None if (name, hresult) == ("Win32_ServerFeature", "80041010") else reason
    return failure(kind, f"{name} {hresult}", {"failCim": {f"{namespace}:{name}": hresult}}, sections, costs)


def of_cmdlet(kind: str, name: str, way: str, reason: str) -> Failure:
    advice = "by using Run as Administrator." if way == "objectnotfound" else ""
    return failure(kind, f"{name} {way}", {"failCmdlets": {name: {"kind": way}}}, ASKED[name][1], reason, advice)


HRESULTS = {
    "80070005": ("denied", "ACCESS_DENIED"),
    "8004100e": ("absent", "NOT_INSTALLED"),
    "8004100c": ("not supported", "NOT_SUPPORTED"),
    "80041001": ("broken", "UNREADABLE"),
    "80041013": ("broken", "UNREADABLE"),
    "800706ba": ("broken", "UNREADABLE"),
}
KINDS = {
    "unauthorized": ("denied", "ACCESS_DENIED"),
    "win32": ("denied", "ACCESS_DENIED"),
    "timeout": ("timed out", "TIMED_OUT"),
    "unspecifiedother": ("broken", "UNREADABLE"),
    "unspecified": ("broken", "UNREADABLE"),
    "failed": ("broken", "UNREADABLE"),
    "notfound": ("broken", "UNREADABLE"),
    "objectnotfound": ("broken", "UNREADABLE"),
    "notrunning": ("broken", "UNREADABLE"),
    "rpc": ("broken", "UNREADABLE"),
}

BY_CIM = frozenset(name for _, sections in CLASSES.values() for name in sections)
NAMESPACES = {
    space: {name for at, sections in CLASSES.values() if at == space for name in sections}
    for space in sorted({at for at, _ in CLASSES.values()})
}
ALWAYS_ROWS = CLASSES.keys() - {
    "Win32_NTDomain",
    "Win32_ServerFeature",
    "Msvm_PlannedComputerSystem",
    "Msvm_ProcessorSettingData",
    "Msvm_SecuritySettingData",
    "Win32_Process",
}
"""Not the domain controllers, of which a host of a workgroup has none, not the features: a host may be without the role, no settings of
VMs, no planned ones, and not the process of a service that may not run."""
BY_CMDLET = {
    "Test-ComputerSecureChannel": {"secure_channel"},
    "Get-VMHost": CMDLETS,
    "Get-VMHostNumaNode": {"memory"},
    "Get-VMHostSupportedVersion": {"supported_versions"},
    **{name: {"smb_multichannel"} for name in ("Get-SmbClientConfiguration", "Get-SmbServerConfiguration")},
}

RULES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules"
POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules"
VERSION = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"
GUARDIANS = f"HKLM\\{STORE}"
LSA = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa"
CREDENTIALS = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CredentialsDelegation"
PENDING = (
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending",
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired",
    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager",
)
ADMINISTRATORS, MANAGEMENT = "S-1-5-32-544", "S-1-5-32-580"


def members_fail(group: str, hresult: str) -> dict[str, Any]:
    """The provider WinNT does not give the members of a group."""
    return {"groups": {group: {"adsiError": "", "adsiHr": hresult}}}


FAILURES: tuple[Failure, ...] = (
    failure("denied", "no administrator", {"rights": {"admin": False}}, {"sessions"}, "ACCESS_DENIED"),
    failure("denied", "no administrator", {"rights": {"admin": False}}, {"secure_channel"}, "UNREADABLE", "FailToTestSecureChannel"),
    *(of_class("denied", name, "80041003", "ACCESS_DENIED") for name in CLASSES),
    *(of_class("absent", name, "80041010", "NOT_INSTALLED") for name in CLASSES),
    *(of_cmdlet("denied", name, "denied", "ACCESS_DENIED") for name in ASKED),
    *(failure("absent", name, {"missingCmdlets": [name]}, its, "NOT_INSTALLED") for name, (_, its) in ASKED.items()),
    *(failure("nothing", name, {"emptyCmdlets": [name]}, its, "ACCESS_DENIED", name) for name, its in BY_CMDLET.items()),
    *(
        failure(kind, f"Get-CimInstance {way}", {"failCmdlets": {"Get-CimInstance": {"kind": way}}}, BY_CIM, reason)
        for way, kind, reason in (
            ("unauthorized", "denied", "ACCESS_DENIED"),
            ("timeout", "timed out", "TIMED_OUT"),
            ("rpc", "broken", "UNREADABLE"),
        )
    ),
    *(failure("absent", space, {"missingNs": [space]}, its, "NOT_INSTALLED") for space, its in NAMESPACES.items()),
    failure("absent", "Get-CimInstance", {"missingCmdlets": ["Get-CimInstance"]}, BY_CIM, "NOT_INSTALLED"),
    failure("denied", "no right to CIM", {"rights": {"cim": "denied"}}, BY_CIM, "ACCESS_DENIED"),
    failure("denied", "no right to Hyper-V", {"rights": {"hyperv": "accessdenied"}}, HYPERV, "ACCESS_DENIED"),
    failure("nothing", "no right to Hyper-V", {"rights": {"hyperv": "empty"}}, HYPERV, "ACCESS_DENIED"),
    failure("absent", "the role", {"hypervRole": False}, HYPERV, "NOT_INSTALLED"),
    failure("denied", "__NAMESPACE", {"failCim": {"root/virtualization/v2:__NAMESPACE": "80041003"}}, {"hyperv_role"}, None),
    failure("broken", "__NAMESPACE", {"failCim": {"root/virtualization/v2:__NAMESPACE": "80041001"}}, {"hyperv_role"}, "UNREADABLE"),
    failure("denied", "another group", members_fail(MANAGEMENT, "80070005"), {"local_groups"}, "ACCESS_DENIED"),
    *(of_class(kind, name, hresult, reason) for hresult, (kind, reason) in HRESULTS.items() for name in CLASSES),
    *(of_cmdlet(kind, name, way, reason) for way, (kind, reason) in KINDS.items() for name in ASKED),
    *(
        failure("nothing", name, {"cim": {f"{space}:{name}": []}}, its, "ACCESS_DENIED" if name in ALWAYS_ROWS else None, name)
        for name, (space, its) in CLASSES.items()
    ),
    failure("denied", "rules", {"deniedReg": [RULES]}, {"firewall"}, "ACCESS_DENIED"),
    failure("denied", "rules of a policy", {"deniedReg": [POLICY], "registry": {POLICY: {}}}, {"firewall"}, "ACCESS_DENIED"),
    failure("absent", "rules", {"registry": {RULES: None}}, {"firewall"}, "UNREADABLE", RULES),
    *(
        failure("odd", f"rule {each}", {"registry": {RULES: {"odd": each}}}, {"firewall"}, "UNREADABLE", RULES)
        for each in ({"hex": "0102"}, ["", "|Dir=In|Protocol=6|LPort=6600|"], 1)
    ),
    failure("denied", "revision", {"deniedReg": [VERSION]}, {"os"}, "ACCESS_DENIED"),
    failure("absent", "revision", {"registry": {VERSION: None}}, {"os"}, None),
    *(
        failure("odd", f"revision {each}", {"registry": {VERSION: {"UBR": each}}}, {"os"}, "UNREADABLE")
        for each in ("x", {"hex": "01"}, ["1", "2"])
    ),
    failure("denied", "pending", {"deniedReg": [*PENDING], "registry": {key: {} for key in PENDING}}, {"pending_restart"}, "ACCESS_DENIED"),
    *(failure("denied", f"pending {key}", {"deniedReg": [key], "registry": {key: {}}}, {"pending_restart"}, None) for key in PENDING[:2]),
    failure("denied", "Lsa", {"deniedReg": [LSA]}, {"remote_desktop"}, "ACCESS_DENIED"),
    failure("denied", "credentials", {"deniedReg": [CREDENTIALS], "registry": {CREDENTIALS: {}}}, {"remote_desktop"}, "ACCESS_DENIED"),
    failure("absent", "Lsa", {"registry": {LSA: None}}, {"remote_desktop"}, "UNREADABLE"),
    failure("absent", "credentials", {"registry": {CREDENTIALS: None}}, {"remote_desktop"}, None),
    *(
        failure("odd", f"{name} x", {"registry": {key: {name: "x"}}}, {"remote_desktop"}, "UNREADABLE")
        for key, name in ((LSA, "DisableRestrictedAdmin"), (CREDENTIALS, "AllowProtectedCreds"))
    ),
    *(
        failure(kind, f"members {number}", members_fail(ADMINISTRATORS, number), {"local_groups"}, reason)
        for number, kind, reason in (
            ("80070005", "denied", "ACCESS_DENIED"),
            ("80004005", "broken", "UNREADABLE"),
            ("800708AC", "absent", "UNREADABLE"),
        )
    ),
    failure("nothing", "members", {"groups": {ADMINISTRATORS: {"members": []}}}, {"local_groups"}, "ACCESS_DENIED", ADMINISTRATORS),
    failure(
        "null",
        "objectSid",
        {"groups": {ADMINISTRATORS: {"members": [{"sid": "S-1-5-21-1-2-3-4", "nosid": 1}]}}},
        {"local_groups"},
        "UNREADABLE",
        "objectSid",
    ),
    failure("absent", "the group of administrators", {"unmapSids": [ADMINISTRATORS]}, {"local_groups"}, "ACCESS_DENIED"),
    failure("absent", "another group", {"unmapSids": [MANAGEMENT]}, {"local_groups"}, None),
    failure(
        "odd",
        "a certificate",
        {"registry": {GUARDIANS: {}, f"{GUARDIANS}\\{'A' * 40}": {"Blob": "x"}}},
        {"guardian_certificates"},
        "UNREADABLE",
        "Blob of",
    ),
    failure("broken", "a name", {"dnsError": {"HV02": 11002}}, {"partners"}, None),
    failure("broken", "a port", {"tcp": {"HV02:6600": "10065"}}, {"partners"}, None),
    *(
        failure("odd", name, {"cim": {f"{CLASSES[name][0]}:{name}": [row]}}, CLASSES[name][1], "UNREADABLE")
        for name, row in {
            "Win32_OperatingSystem": {"BuildNumber": "x"},
            "Win32_ComputerSystem": {"DomainRole": "x"},
            "Win32_LogonSession": {"LogonType": "x"},
            "Win32_DeviceGuard": {"SecurityServicesRunning": ["x"]},
            "Win32_Processor": {"Level": "x"},
            "Win32_Volume": {"DriveType": "x"},
            "Msvm_VirtualSystemMigrationService": {"ActiveStorageMigrationCount": "x"},
            "MSFT_NetTCPConnection": {"LocalPort": 6600, "LocalAddress": "::", "State": 2, "OwningProcess": "x"},
            "MSFT_NetIPAddress": {"PrefixLength": "x"},
            "MSFT_NetRoute": {"RouteMetric": "x"},
            "MSFT_NetIPInterface": {"InterfaceMetric": "x"},
            "MSFT_NetTCPSetting": {"SettingName": "Internet", "DynamicPortRangeStartPort": "x"},
            "MSFT_NetAdapter": {"InterfaceIndex": "x"},
            "MSFT_SmbClientNetworkInterface": {"InterfaceIndex": "x", "RdmaCapable": False},
        }.items()
    ),
)
"""What can fail and is no property."""

FILTERED = {
    "MSFT_NetIPAddress.Store",
    "MSFT_NetIPInterface.Store",
    "MSFT_NetRoute.Store",
    "MSFT_NetTCPConnection.State",
    "Win32_Process.Name",
    "MSFT_NetTCPSetting.SettingName",
    "Win32_ServerFeature.ID",
}
"""What the script only filters by, which Windows does."""
MAY_BE_NULL = FILTERED | {
    "Win32_NTDomain.DcSiteName",
    "Win32_NTDomain.DNSForestName",
    "Win32_NTDomain.DomainControllerAddress",
    "Win32_NTDomain.DomainControllerName",
    "Msvm_ProcessorSettingData.LimitProcessorFeaturesMode",
    "Msvm_VirtualSystemMigrationService.MigrationServiceListenerIPAddressList",
    "MSFT_NetAdapter.NetworkAddresses",
    "MSFT_NetAdapter.TransmitLinkSpeed",
    "Msvm_PlannedComputerSystem.ElementName",
    "VirtualHardDisk.VhdType",
    "MSFT_NetAdapter.PermanentAddress",
    "Win32_Processor.Name",
    "Win32_Volume.Capacity",
    "Win32_Volume.FreeSpace",
    "Win32_LogonSession.AuthenticationPackage",
    "Win32_LogonSession.StartTime",
    "Win32_OperatingSystem.Caption",
    "Win32_OperatingSystem.MUILanguages",
    "Win32_OperatingSystem.OperatingSystemSKU",
    "VirtualHardDisk.ParentPath",
    "VMHost.VirtualHardDiskPath",
    "VMHost.VirtualMachineMigrationPerformanceOption",
    "VMHost.VirtualMachinePath",
    "VirtualMachine.DynamicMemoryEnabled",
    "VirtualMachine.DVDDrives",
    "VirtualMachine.FibreChannelHostBusAdapters",
    "VMGpuPartitionAdapter.SupportsOutgoingLiveMigration",
    "VirtualMachine.FloppyDrive",
    "VirtualMachine.Generation",
    "VirtualMachine.HardDrives",
    "VirtualMachine.NetworkAdapters",
    "VirtualMachine.OperationalStatus",
    "VirtualMachine.ReplicationMode",
    "VirtualMachine.ReplicationState",
    "VirtualMachine.Version",
    "VMMigrationNetwork.Priority",
}
"""What costs nothing where it is null: nobody needs it, or the value says that it is not known."""
DEMANDED = {
    "Win32_Service.Name",
    "Win32_LogonSession.LogonType",
    "Win32_LoggedOnUser.Antecedent",
    "Win32_LoggedOnUser.Dependent",
    "Win32_Processor.Level",
    "Win32_Processor.Revision",
    "Msvm_ProcessorSettingData.InstanceID",
    *(f"Msvm_SecuritySettingData.{name}" for name in read_of("classes")["Msvm_SecuritySettingData"]),
    "Msvm_PlannedComputerSystem.Name",
    "VirtualMachine.Id",
    "VMAssignedDevice.VMId",
    "VMGpuPartitionAdapter.VMId",
    "Msvm_ProcessorSettingData.LimitProcessorFeatures",
    "MSFT_NetIPAddress.AddressState",
    "MSFT_NetIPAddress.SkipAsSource",
    "MSFT_NetAdapter.Hidden",
    "DnsRecord_SRV.NameTarget",
    "DnsRecord_SRV.Type",
    "Msvm_VirtualSystemManagementServiceSettingData.NumaSpanningEnabled",
    "MSFT_NetTCPConnection.LocalPort",
    "VirtualMachine.Uptime",
    "VirtualHardDisk.Path",
    "VMSnapshot.VMId",
    "VMSwitch.Id",
    "VMHostSupportedVersion.Version",
}
"""What the script demands by name (Get-Required): absent is as null."""
OLDER_LACK = {
    "MSFT_NetAdapter.TransmitLinkSpeed",
    "VirtualMachine.DynamicMemoryEnabled",
    "Msvm_ProcessorSettingData.LimitProcessorFeaturesMode",
    "VMHost.VirtualHardDiskPath",
    "VMHost.VirtualMachineMigrationPerformanceOption",
    "VMHost.VirtualMachinePath",
    "VirtualMachine.DVDDrives",
    "VirtualMachine.FibreChannelHostBusAdapters",
    "VirtualMachine.FloppyDrive",
    "VirtualMachine.Generation",
    "VirtualMachine.HardDrives",
    "VirtualMachine.NetworkAdapters",
    "VirtualMachine.ReplicationMode",
    "VirtualMachine.ReplicationState",
    "VirtualMachine.Version",
    "VMGpuPartitionAdapter.SupportsOutgoingLiveMigration",
}
"""What may be absent."""


OTHERS_READ = {"VirtualMachine.Id": {"assigned_devices", "gpu_partitions"}}
"""What sections read besides that one of an object that only one puts into its answer."""


def property_rows() -> Iterable[tuple[str, str, frozenset[str]]]:
    """Class or type, property, and the sections that read it. Of a cmdlet's object that is the one that puts it into its answer."""
    for name, properties in read_of("classes").items():
        if name in CLASSES:
            yield from ((name, each, frozenset(CLASSES[name][1])) for each in properties)
    for name, properties in read_of("objects").items():
        if name in ASKED:
            answering = {section for section, declared in SECTIONS.items() if declared.origin.asks == name}
            for each in properties:
                full = f"{ASKED[name][0]}.{each}"
                yield ASKED[name][0], each, frozenset(answering | OTHERS_READ.get(full, set()))


def null(name: str, each: str, sections: frozenset[str]) -> Failure:
    full = f"{name}.{each}"
    reason, says = (None, "") if full in MAY_BE_NULL else ("UNREADABLE", full.partition(".")[2] if full in DEMANDED else "")
    return Failure("null", full, {"nullProps": [full]}, sections, reason, says)


def no_property(name: str, each: str, sections: frozenset[str]) -> Failure:
    full = f"{name}.{each}"
    reason = "UNREADABLE" if full in DEMANDED else "NOT_SUPPORTED"
    costs = None if full in FILTERED | OLDER_LACK else reason
    return Failure("no property", full, {"missingProps": [full]}, sections, costs, each if costs else "")


NULLS = tuple(null(*row) for row in property_rows() if row[0] != "DnsRecord_SRV")
"""The records of the DNS are no objects of which the reference can take anything."""
NO_PROPERTIES = tuple(no_property(*row) for row in property_rows() if row[0] in CLASSES)
"""The reference takes no property from what a cmdlet puts out; our own stand-in does."""

RUNS: tuple[list[Failure], ...] = (
    *(run for kind in dict.fromkeys(each.kind for each in FAILURES) for run in rounds(each for each in FAILURES if each.kind == kind)),
    *rounds(NULLS),
    *rounds(NO_PROPERTIES),
)
"""What fails in each run of the reference."""

# --- our own stand-in: `its` are changes of its world (lab/engine/world) ---


SHARED = {
    "Microsoft.Win32.RegistryKey": {"firewall", "guardian_certificates"},
    "Microsoft.Win32.Registry": {"os", "computer", "pending_restart", "remote_desktop"},
}
"""What is neither class nor cmdlet, and asked by more sections than one."""


def needing(section: str) -> Collection[str]:
    """The sections that need what this one asks first."""
    asks = SECTIONS[section].origin.asks
    if asks in SHARED:
        return SHARED[asks]
    return CLASSES[asks][1] if asks in CLASSES else ASKED[asks][1] if asks in ASKED else {section}


ASKS = {section.origin.asks: name for name, section in SECTIONS.items() if name != "clock"}
"""What can fail, and the section that asks it first: not the clock, which a process may always read."""
EACH_BY_ITSELF = {"destination_files"}
"""Sections that tell of each thing they ask for why it cannot be told."""
HANGS_TOO = {"computer": {"partners", "controller_records"}}
"""Sections that could do without an answer, but wait for it."""
NO_LONGER: Mapping[str, tuple[tuple[str, ...], str]] = {
    **{
        declared.origin.asks: (("cim", CLASSES[declared.origin.asks][0], f"{declared.origin.asks}:object[]"), "NOT_INSTALLED")
        for declared in SECTIONS.values()
        if declared.origin.way is Way.CIM
    },
    **{name: (("cmdlets", f"{name}:object[]"), "NOT_INSTALLED") for name in ASKED if name in ASKS},
    "Microsoft.Win32.RegistryKey": (("registry", RULES.partition("\\")[2]), "UNREADABLE"),
    "System.DirectoryServices.DirectoryEntry": (("accounts", ADMINISTRATORS), "ACCESS_DENIED"),
    **{
        log: (("logs", f"{log}:object[]"), "NOT_INSTALLED")
        for log in ("Microsoft-Windows-Hyper-V-VMMS-Admin", "Microsoft-Windows-Hyper-V-Worker-Admin", "System")
    },
}
"""Where what is asked stands in a world, and the reason when it is gone. What reaches others is no thing that can be absent."""
GONE = {"Microsoft.Win32.RegistryKey": {"firewall"}}
"""Which sections it costs, where the others that ask the same do without it."""

OURS: tuple[Failure, ...] = (
    *(
        failure("denied", asks, {"fails": {asks: "denied"}}, needing(name), "ACCESS_DENIED")
        for asks, name in ASKS.items()
        if name not in EACH_BY_ITSELF
    ),
    *(
        failure("absent", asks, {"absent": [path]}, GONE.get(asks) or needing(ASKS[asks]), reason)
        for asks, (path, reason) in NO_LONGER.items()
    ),
    *(
        failure("hangs", asks, {"fails": {asks: "hangs"}}, {*needing(name), *HANGS_TOO.get(name, ())}, "TIMED_OUT")
        for asks, name in ASKS.items()
    ),
)
OUR_NO_PROPERTIES = tuple(
    no_property(*row)._replace(its={"without": [(next(name for name, its in ASKED.items() if its[0] == row[0]), row[1])]})
    for row in property_rows()
    if row[0] not in CLASSES
)
OUR_RUNS = (
    *(run for kind in ("absent", "hangs") for run in rounds(each for each in OURS if each.kind == kind)),
    *rounds([each for each in OURS if each.kind == "denied"][::-1]),
    *rounds(OUR_NO_PROPERTIES),
)
"""What fails in each run of our own stand-in: what is denied in another order, and so beside other failures. What one failure cost beyond
its own sections would have to be another's of its run each time, to stay unseen."""

# --- the event logs ---

ADMIN, OPERATIONAL = "Microsoft-Windows-Hyper-V-VMMS-Admin", "Microsoft-Windows-Hyper-V-VMMS-Operational"
WORKER, CLUSTER = "Microsoft-Windows-Hyper-V-Worker-Admin", "Microsoft-Windows-Hyper-V-High-Availability-Admin"
EVERY_LOG = {*LOG_FACTS}
LOGS: tuple[Failure, ...] = (
    *(
        failure(kind, f"Get-WinEvent {way}", {"failCmdlets": {"Get-WinEvent": {"kind": way}}}, EVERY_LOG, reason)
        for way, (kind, reason) in (KINDS | {"evtlog": ("broken", "UNREADABLE")}).items()
    ),
    failure("absent", "Get-WinEvent", {"missingCmdlets": ["Get-WinEvent"]}, EVERY_LOG, "NOT_INSTALLED"),
    failure("absent", "both logs", {"noLogs": [ADMIN, OPERATIONAL]}, {"events"}, "NOT_INSTALLED"),
    failure("absent", ADMIN, {"noLogs": [ADMIN]}, {"events"}, "NOT_INSTALLED"),
    failure("absent", WORKER, {"noLogs": [WORKER]}, {"worker_events"}, "NOT_INSTALLED"),
    failure("absent", "System", {"noLogs": ["System"]}, {"system_events"}, "NOT_INSTALLED"),
    failure("absent", OPERATIONAL, {"noLogs": [OPERATIONAL, CLUSTER]}, EVERY_LOG, None),
    failure("absent", "the role", {"hypervRole": False}, {"events", "worker_events"}, "NOT_INSTALLED"),
    failure("nothing", "no entries", {"emptyCmdlets": ["Get-WinEvent"]}, EVERY_LOG, None),
    failure("denied", "no right", {"rights": {"admin": False, "hyperv": "accessdenied"}}, EVERY_LOG, "ACCESS_DENIED"),
)

# --- which section each kind has to be tried on ---

TRIED_ON: Mapping[Way, frozenset[str]] = {
    Way.CIM: frozenset(("denied", "absent", "broken", "not supported", "timed out", "nothing", "null", "no property", "odd", "hangs")),
    Way.CMDLET: frozenset(("denied", "absent", "broken", "timed out", "nothing", "null", "no property", "hangs")),
    Way.REGISTRY: frozenset(("denied", "absent", "odd", "hangs")),
    Way.LOG: frozenset(("denied", "absent", "broken", "timed out", "hangs")),
    Way.NET: frozenset(("denied", "hangs")),
}
"""How what is read in this way can fail. The cmdlets' objects have types of .NET, which hold nothing odd."""
CANNOT: Mapping[str, tuple[Collection[str], str]] = {
    "pending_restart": (("absent", "odd"), "what is absent is no sign, and what is there is one whatever it holds"),
    "guardian_certificates": (("absent",), "a host without guardians has no store"),
    "guardian_service": (
        ("absent", "broken", "timed out", "nothing", "null", "no property"),
        "a Windows without the cmdlet asks no service; the reference has none",
    ),
    "vm_security": (("odd",), "all it tells are truths"),
    "planned_machines": (("odd",), "all it tells are texts"),
    "destination_files": (("denied",), "what Windows does not tell of a place stands in the answer"),
    "clock": (("denied", "hangs"), "a process may always ask for the time"),
    "secure_channel": (("null", "no property"), "all it tells is true or false"),
    "controller_records": (("nothing", "null"), "no records are an answer; the reference has none with a null in it"),
    "locators": (("nothing", "odd"), "a host of a workgroup has no controller; all it tells are texts"),
    **dict.fromkeys(("hyperv_role", "cluster"), (("odd",), "all it tells are texts")),
    "virtual_processors": (("odd",), "its number exists since 2022; the rest are a text and a truth"),
}
"""How a section cannot fail, and why."""


def tried() -> dict[str, Counter[str]]:
    """How often each section was to be missing, by kind."""
    every = (*(each for run in (*RUNS, *OUR_RUNS) for each in run), *LOGS)
    return {name: Counter(each.kind for each in every if each.reason and name in each.sections) for name in SECTIONS}
