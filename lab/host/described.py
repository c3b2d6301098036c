"""A host of a scenario: its description, and what the lab makes up about it, the same each time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from ipaddress import IPv4Interface

from checks.facts.host import SECTIONS
from lab.scenario import HostSpec, Scenario, ScenarioError, VmSpec
from lab.sids import Sids
from lab.windows import LANGUAGES, VERSIONS

MIGRATION_ADAPTER, PHYSICAL_ADAPTER, MANAGEMENT_ADAPTER = 8, 12, 15
_NAMESPACE = uuid.UUID("6f0d1d0e-3c3b-4f0a-9a55-9a0f5a5f6f60")


class Described:
    """One host of a scenario. `now` is the time its answers count from. Raises ScenarioError when its description is wrong."""

    def __init__(self, scenario: Scenario, name: str, sids: Sids, now: datetime) -> None:
        self.scenario = scenario
        self.name = name
        self.spec: HostSpec = scenario.hosts[name]
        self.now = now.replace(microsecond=0)
        self.sids = sids
        try:
            self.windows = VERSIONS[self.spec.windows]
            self.language = LANGUAGES[self.spec.language]
            self.management_interface = IPv4Interface(self.spec.management)
            self.migration_interface = IPv4Interface(self.spec.migration) if self.spec.migration else None
            self.domain = None if self.spec.workgroup else scenario.domains[self.spec.domain]
        except (KeyError, ValueError) as error:
            raise ScenarioError(f"The host {name} is described wrongly: {error}") from error
        if unknown := {*self.spec.denied, *self.spec.facts} - SECTIONS.keys():
            raise ScenarioError(f"The host {name} is described wrongly: a visit has no {', '.join(sorted(unknown))}")
        if self.domain and self.spec.controller and self.spec.controller not in self.domain.controllers:
            raise ScenarioError(f"The host {name} is described wrongly: {self.spec.domain} has no {self.spec.controller}")
        self._refuse_unknown_accounts()

    def _refuse_unknown_accounts(self) -> None:
        spec = self.spec
        named = (*spec.administrators, *spec.hyperv_administrators, *spec.remote_management_users, *spec.signed_in)
        self.accounts((*named, self.scenario.collector))

    @property
    def boot(self) -> datetime:
        """When the host was started."""
        return self.now - timedelta(days=21, hours=4)

    def accounts(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.sids.account(name) for name in names)

    def interfaces(self) -> Iterator[tuple[int, IPv4Interface]]:
        yield self.management_index, self.management_interface
        if self.migration_interface:
            yield MIGRATION_ADAPTER, self.migration_interface

    @property
    def management_index(self) -> int:
        return MANAGEMENT_ADAPTER if self.spec.hyperv else PHYSICAL_ADAPTER

    def made_id(self, name: str) -> str:
        return made_id(self.name, name)

    def vm_id(self, vm: VmSpec) -> str:
        return vm.id or self.made_id(f"vm {vm.name}")

    def mac(self, index: int) -> str:
        return f"00155D{self.random(1)[0] & 0xFFFF:04X}{index:02X}"

    def random(self, count: int) -> tuple[int, ...]:
        """Numbers of 32 bits that are always the same for this host."""
        digits = uuid.uuid5(_NAMESPACE, self.name).bytes
        return tuple(int.from_bytes(digits[4 * number : 4 * number + 4], "big") for number in range(count))


def made_id(host: str, name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{host} {name}"))


def full_name(host: str, spec: HostSpec) -> str:
    """The host's full DNS name; the short one in a workgroup."""
    return host.lower() if spec.workgroup else f"{host.lower()}.{spec.suffix or spec.domain}"
