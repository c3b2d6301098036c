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

    def _bits(self) -> int:
        return 0x1000 | (ANY_PROTOCOL if self.any_protocol else 0) | (ANY_SERVICE if self.any_service else 0)

    def _entries(self) -> tuple[str, ...]:
        domain = "contoso.test" if self.same_domain else "fabrikam.test"
        short, full = "TESTSERVER02", f"testserver02.{domain}"
        forms = {Listed.NONE: (), Listed.SHORT: (short,), Listed.FULL: (full,), Listed.BOTH: (short, full)}[self.listed]
        entries = tuple(f"{service}/{form}" for service in (MIGRATION_SERVICE, "cifs") for form in forms)
        entries = (*entries, *((f"HOST/{short}", f"HOST/{full}") if self.host_entry else ()))
        return entries if entries or self.empty else ("cifs/FS01", "cifs/fs01.contoso.test")


def source_account(world: TestWorld) -> ComputerAccount:
    (fact,) = world.snapshot.accounts["testserver01"].views.values()
    assert isinstance(fact, Known)
    return fact.value


def on_share(world: TestWorld, **changes: Any) -> TestWorld:
    """The VM without its storage in the move, with these paths instead of its own."""
    vms = world.snapshot.hosts["testserver01"].vms
    assert isinstance(vms, Known)
    return world.move(include_storage=False).set("hosts.testserver01.vms", (replace(vms.value[0], **changes),))
