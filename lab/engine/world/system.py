"""The system of a host."""

from __future__ import annotations

from checks.facts.system import Clock, Cluster, Computer, CredentialGuard, HyperVRole, OperatingSystem, PendingRestart
from lab.engine.world import Part, cim

_DNS_CLIENT = "SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters"
_COMPUTER_NAME = "SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName"
_SERVICING = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"
_UPDATES = "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired"
_SESSION_MANAGER = "SYSTEM\\CurrentControlSet\\Control\\Session Manager"
_VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def _service(name: str, state: str | None, start: str | None) -> dict[str, str | None]:
    return {"Name": name, "State": state, "StartMode": start}


_WINRM = _service("WinRM", "Running", "Auto")


def os(value: OperatingSystem) -> Part:
    row = {
        "BuildNumber": str(value.build),
        "ProductType:uint32": value.product_type,
        "OperatingSystemSKU:uint32": value.sku,
        "Caption": value.caption,
        "MUILanguages:string[]": value.languages,
        "LastBootUpTime:time": value.boot,
    }
    return cim("root/cimv2", "Win32_OperatingSystem", [row]) | {"registry": {_VERSION: {"UBR": value.update_revision}}}


def computer(value: Computer) -> Part:
    row = {
        "Name": value.name,
        "DNSHostName": value.dns_host_name,
        "Domain": value.domain,
        "DomainRole:uint16": value.role,
        "PartOfDomain": value.joined,
    }
    names = {"Hostname": value.host_name, "Domain": value.suffix, "NV Hostname": value.next_host_name, "NV Domain": value.next_suffix}
    return cim("root/cimv2", "Win32_ComputerSystem", [row]) | {
        "registry": {_DNS_CLIENT: names, _COMPUTER_NAME: {"ComputerName": value.registered}}
    }


def hyperv_role(value: HyperVRole) -> Part:
    services = [_WINRM]
    if value.service_state is not None:
        services.append(_service("vmms", value.service_state, value.service_start))
    features = [{"ID:uint32": 20}] if value.feature else []
    classes = {"Win32_Service:object[]": services, "Win32_ServerFeature:object[]": [{"ID:uint32": 481}, *features]}
    return {"cim": {"root/cimv2": classes} | ({"root/virtualization/v2": {}} if value.namespace else {})}


def cluster(value: Cluster) -> Part:
    services = [_service("ClusSvc", value.service_state, value.service_start)] if value.feature else []
    return cim("root/cimv2", "Win32_Service", [_WINRM, *services])


def pending_restart(value: PendingRestart) -> Part:
    keys = {_SERVICING: value.servicing, _UPDATES: value.updates}
    renames = {"PendingFileRenameOperations": ["\\??\\C:\\Windows\\Temp\\a", ""]} if value.renames else {}
    return {"registry": {key: {} for key, there in keys.items() if there} | {_SESSION_MANAGER: renames}}


def credential_guard(value: CredentialGuard) -> Part:
    row = {"SecurityServicesRunning:uint32[]": value.services_running}
    return cim("root/Microsoft/Windows/DeviceGuard", "Win32_DeviceGuard", [row])


def clock(value: Clock) -> Part:  # noqa: ARG001 - nothing can be set
    """An engine tells the time of the machine that it runs on."""
    return {}
