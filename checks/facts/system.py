"""The system of a host: its Windows, its name and domain, its Hyper-V role."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from checks.facts.fact import Counted, Earlier, Origin, Said, Section, Shape, Way
from checks.text import text
from checks.windows.names import HostName, full_name
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
    """Win32_ComputerSystem. `domain` is the DNS name of the domain, or the workgroup's name when `joined` is false."""

    name: Said
    dns_host_name: Said
    domain: Said
    role: DomainRole
    joined: bool

    @property
    def full_name(self) -> HostName:
        """The name under which the DNS knows it; in a workgroup its own."""
        return full_name(self.dns_host_name, self.domain) if self.joined else HostName(self.dns_host_name)


class HyperVRole(Shape, frozen=True):
    """Is Hyper-V there and does it answer. `service_state` is Win32_Service.State of vmms (English on every Windows), or null
    without the service; `namespace` tells whether root/virtualization/v2 exists, also where it may not be looked into."""

    feature: bool
    service_state: Said | None
    service_start: Said | None
    namespace: bool


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
