"""Worlds for the decision table: one for each combination of what decides over delegation."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from checks.delegation._table import Listed
from checks.facts.directory import AccessEntry, ComputerAccount
from checks.facts.fact import Known
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from tests.world import ANY_PROTOCOL, CONTOSO, MIGRATION_SERVICE, TestWorld, across_domains, good

FILE_SERVER = "fs01"
MOVE = "LMTest@testserver01>testserver02"
PAIR = "testserver01>testserver02"
ANY_SERVICE = 0x80000
SENSITIVE = 0x100000
SOURCE_SID = f"{CONTOSO}-2001"


class Given(Struct, frozen=True):
    """One combination. The first nine are the table's columns; the last three must never matter to it, but that a HOST entry is one."""

    authentication: MigrationAuthentication = MigrationAuthentication.KERBEROS
    needed: bool = True
    launch: LaunchPoint = LaunchPoint.REMOTE
    same_domain: bool = True
    resource_based: bool = False
    any_protocol: bool = False
    empty: bool = True
    listed: Listed = Listed.NONE
    old: bool = False
    any_service: bool = False
    host_entry: bool = False
    sensitive: bool = False

    @property
    def possible(self) -> bool:
        return not self.empty or (self.listed is Listed.NONE and not self.host_entry)

    def world(self) -> TestWorld:
        world = good() if self.same_domain else across_domains()
        world = world.set("hosts.testserver01.migration.authentication", self.authentication)
        world = world.set("hosts.testserver01.os.build", 9600 if self.old else 14393)
        world = world.move(launch=self.launch, include_storage=self.needed)
        world = world.account("testserver01", delegate_to=self._entries(), user_account_control=self._bits())
        grants = (AccessEntry(True, 0xF01FF, SOURCE_SID),) if self.resource_based else ()
        world = world.account("testserver02", resource_based=grants)
        if self.sensitive:
            world = world.set("operators.contoso\\hv-operator.account.user_account_control", 0x200 | SENSITIVE)
        return world

    def doubt(self) -> TestWorld:
        """The same with FS01 in the place of the target: files of the VM lie on its share, or where none is needed, on the host's disks.
        The target itself is listed."""
        world = good() if self.same_domain else across_domains()
        world = world.set("hosts.testserver01.migration.authentication", self.authentication).move(launch=self.launch)
        entries = self._entries(("cifs",), "FS01")
        world = world.account("testserver01", delegate_to=entries, user_account_control=self._bits())
        grants = (AccessEntry(True, 0xF01FF, SOURCE_SID),) if self.resource_based else ()
        there = {} if self.same_domain else {"dn": "CN=FS01,DC=fabrikam,DC=test", "dns_host_name": "fs01.fabrikam.test"}
        world = world.server(FILE_SERVER, resource_based=grants, **there)
        return world.set("hosts.testserver01.vms.0.configuration_path", f"\\\\{FILE_SERVER}\\vms") if self.needed else world

    def _bits(self) -> int:
        return 0x1000 | (ANY_PROTOCOL if self.any_protocol else 0) | (ANY_SERVICE if self.any_service else 0)

    def _entries(self, services: tuple[str, ...] = (MIGRATION_SERVICE, "cifs"), host: str = "TESTSERVER02") -> tuple[str, ...]:
        domain = "contoso.test" if self.same_domain else "fabrikam.test"
        short, full = host, f"{host.lower()}.{domain}"
        forms = {Listed.NONE: (), Listed.SHORT: (short,), Listed.FULL: (full,), Listed.BOTH: (short, full)}[self.listed]
        entries = tuple(f"{service}/{form}" for service in services for form in forms)
        entries = (*entries, *((f"HOST/{short}", f"HOST/{full}") if self.host_entry else ()))
        return entries if entries or self.empty else ("cifs/OTHER", "cifs/other.contoso.test")


def source_account(world: TestWorld) -> ComputerAccount:
    (fact,) = world.snapshot.accounts["testserver01"].views.values()
    assert isinstance(fact, Known)
    return fact.value


def on_share(world: TestWorld, **changes: Any) -> TestWorld:
    """The VM without its storage in the move, with these paths instead of its own."""
    vms = world.snapshot.hosts["testserver01"].vms
    assert isinstance(vms, Known)
    return world.move(include_storage=False).set("hosts.testserver01.vms", (replace(vms.value[0], **changes),))
