"""The system of a host: its Windows, its name and domain, its Hyper-V role."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from checks.facts.fact import Counted, Earlier, Origin, Said, Section, Shape, Way
from checks.text import text
from checks.windows.names import DnsName, HostName, full_name
from checks.windows.releases import BUILD_2012, BUILD_2012_R2


class OperatingSystem(Shape, frozen=True):
    """Win32_OperatingSystem and the registry's CurrentVersion. `caption` is localized, `languages` are codes: both for display only."""

    build: Counted
    product_type: Counted
    caption: str
    languages: tuple[str, ...]
    boot: datetime
    update_revision: int | None = None
    sku: Counted | None = None


class DomainRole(IntEnum):
    """Win32_ComputerSystem.DomainRole (public page of the class)."""

    STANDALONE_WORKSTATION = 0
    MEMBER_WORKSTATION = 1
    STANDALONE_SERVER = 2
    MEMBER_SERVER = 3
    BACKUP_DOMAIN_CONTROLLER = 4
    PRIMARY_DOMAIN_CONTROLLER = 5


class Computer(Shape, frozen=True):
    """Win32_ComputerSystem, and from the registry Services/Tcpip/Parameters and Control/ComputerName. `domain` is the DNS name of the
    domain, or the workgroup's name when `joined` is false. `host_name` and `suffix` (the primary DNS suffix; empty: it has none of its own,
    and the domain's name counts) are in use now, `next_host_name` and `next_suffix` from the next restart on. `registered` is the NetBIOS
    name in upper and lower case as the registry writes it. Null: the registry may not be asked, or was not asked yet for this."""

    name: Said
    dns_host_name: Said
    domain: Said
    role: DomainRole
    joined: bool
    host_name: Said | None = None
    suffix: str | None = None
    next_host_name: Said | None = None
    next_suffix: str | None = None
    registered: Said | None = None

    @property
    def full_name(self) -> HostName:
        """The name that it gives itself, in a workgroup without a suffix. The suffix need not be the name of its domain."""
        own = self.host_name or self.dns_host_name
        return full_name(own, self.suffix or self.domain) if self.joined else HostName(own)

    @property
    def next_full_name(self) -> HostName:
        """The name that it gives itself after the next restart, as far as that was read."""
        suffix = self.suffix if self.next_suffix is None else self.next_suffix
        return replace(self, host_name=self.next_host_name or self.host_name, suffix=suffix).full_name

    @property
    def disjoint(self) -> bool:
        """Is its suffix another name than that of its domain."""
        return self.joined and DnsName(self.suffix or self.domain) != DnsName(self.domain)


class HyperVRole(Shape, frozen=True):
    """Is Hyper-V there and does it answer. `service_state` is Win32_Service.State of vmms (English on every Windows), or null
    without the service; `namespace` tells whether root/virtualization/v2 exists, also where it may not be looked into."""

    feature: bool
    service_state: Said | None
    service_start: Said | None
    namespace: bool


class Cluster(Shape, frozen=True):
    """Win32_Service of ClusSvc, the cluster service: `feature` tells whether it exists, which the feature of failover clustering brings;
    without it `service_state` and `service_start` are null. The words are English on every Windows."""

    feature: bool
    service_state: Said | None
    service_start: Said | None


class PendingRestart(Shape, frozen=True):
    """What waits for a restart, as the registry has it: `servicing` of components (the key RebootPending), `updates` of Windows (the key
    RebootRequired), `renames` of files that are in use (PendingFileRenameOperations). Null: that key was not read."""

    servicing: bool | None
    updates: bool | None
    renames: bool


class CredentialGuard(Shape, frozen=True):
    """Win32_DeviceGuard.SecurityServicesRunning (0 = none, 1 = Credential Guard). Windows before 2016 has no such class: none."""

    running: bool
    services_running: Annotated[tuple[int, ...], Meta(min_length=1)]


class Clock(Shape, frozen=True):
    """The host's own time in UTC, cut to the second, at some moment of the visit."""

    utc: datetime


NO_CREDENTIAL_GUARD = CredentialGuard(running=False, services_running=(0,))


class SystemFacts:
    """What a visit reads of the system itself."""

    __slots__ = ()

    os = Section(OperatingSystem, Origin(Way.CIM, "Win32_OperatingSystem"))
    computer = Section(Computer, Origin(Way.CIM, "Win32_ComputerSystem"))
    hyperv_role = Section(HyperVRole, Origin(Way.CIM, "Win32_Service", what=text("Win32_ServerFeature and Win32_Service")))
    cluster = Section(Cluster, Origin(Way.CIM, "Win32_Service", what=text("Win32_Service ClusSvc")))
    pending_restart = Section(
        PendingRestart,
        Origin(
            Way.REGISTRY,
            "Microsoft.Win32.Registry",
            what=text("registry RebootPending, RebootRequired and PendingFileRenameOperations"),
        ),
    )
    credential_guard = Section(
        CredentialGuard,
        Origin(
            Way.CIM,
            "Win32_DeviceGuard",
            since=10586,
            earlier=Earlier(
                {BUILD_2012: NO_CREDENTIAL_GUARD, BUILD_2012_R2: NO_CREDENTIAL_GUARD},
                "Windows before 2016 has no Credential Guard, for the build read from {origin}",
            ),
        ),
    )
    clock = Section(Clock, Origin(Way.NET, "System.DateTime"))
