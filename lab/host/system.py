"""What the system of a host says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.facts.system import Clock, Cluster, Computer, CredentialGuard, DomainRole, HyperVRole, OperatingSystem, PendingRestart
from lab.host.described import Described


class System(Described):
    """The sections of the topic."""

    def os(self) -> OperatingSystem:
        return OperatingSystem(
            build=self.windows.build,
            product_type=3,
            caption=f"{self.language.vendor} {self.windows.name} Datacenter",
            languages=(self.spec.language,),
            boot=self.boot,
            update_revision=self.windows.update_revision,
            sku=8,  # Datacenter, as the caption says
        )

    def computer(self) -> Computer:
        joined = not self.spec.workgroup
        suffix = (self.spec.suffix or self.spec.domain) if joined else ""
        return Computer(
            name=self.name.upper(),
            dns_host_name=self.name,
            domain=self.spec.domain if joined else "WORKGROUP",
            role=DomainRole.MEMBER_SERVER if joined else DomainRole.STANDALONE_SERVER,
            joined=joined,
            host_name=self.name,
            suffix=suffix,
            next_host_name=self.name,
            next_suffix=suffix,
            registered=self.name.upper(),
        )

    def hyperv_role(self) -> HyperVRole:
        if not self.spec.hyperv:
            return HyperVRole(feature=False, service_state=None, service_start=None, namespace=False)
        return HyperVRole(feature=True, service_state="Running", service_start="Auto", namespace=True)

    def cluster(self) -> Cluster:
        return Cluster(feature=False, service_state=None, service_start=None)

    def pending_restart(self) -> PendingRestart:
        return PendingRestart(servicing=False, updates=False, renames=False)

    def credential_guard(self) -> CredentialGuard:
        return CredentialGuard(self.spec.credential_guard, (1,) if self.spec.credential_guard else (0,))

    def clock(self) -> Clock:
        """The real time, shifted as the scenario says; unlike everything else it does not stand still."""
        return Clock((datetime.now(UTC) + timedelta(seconds=self.spec.clock_offset_s)).replace(microsecond=0))
