"""The hosts of a run as members of their domains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple

from checks.facts.directory import Locator
from checks.facts.fact import Known, Missing
from checks.facts.host import HostFacts
from checks.windows.addresses import is_address
from checks.windows.names import DnsName, HostName, fold
from checks.windows.service_names import FILE_SERVICE, MIGRATION_SERVICE, short_and_full


class Member(NamedTuple):
    """A host as a member of its domain, as it says itself: `host` is its key, `account` its computer account's name (HV01$), `full_name`
    what it calls itself, `controllers` the full names of the controllers it uses and their addresses as it knows them, or why that is not
    known. That decides which of its domain's controllers are asked, and never whom we sign in to."""

    host: HostName
    account: str
    full_name: str
    controllers: dict[str, tuple[str, ...]] | Missing

    @property
    def service_names(self) -> tuple[str, ...]:
        """Its names of the migration service, and those under which its file service is found."""
        services = (MIGRATION_SERVICE, *FILE_SERVICE)
        return tuple(name for service in services for name in short_and_full(service, self.account.removesuffix("$"), self.full_name))


def members(hosts: Mapping[HostName, HostFacts]) -> dict[str, list[Member]]:
    """The joined hosts by the DNS name of their domain."""
    joined = {
        host: (facts.computer.value, facts.locators)
        for host, facts in hosts.items()
        if isinstance(facts.computer, Known) and facts.computer.value.joined
    }
    rows = [row for _, locators in joined.values() if isinstance(locators, Known) for row in locators.value]
    netbios = cache(partial(_netbios, rows))
    found: dict[str, list[Member]] = {}
    for host, (computer, locators) in joined.items():
        domain = DnsName(computer.domain).key
        used = _used(locators.value, domain, netbios(domain)) if isinstance(locators, Known) else locators
        found.setdefault(domain, []).append(Member(host, f"{computer.name}$", computer.full_name.spelled, used))
    return found


def _netbios(rows: list[Locator], domain: str) -> frozenset[str]:
    """The NetBIOS names (folded) of a domain as far as they are told: by rows whose controller has a full name in it, else the first part
    of the DNS name."""
    told = frozenset(fold(row.domain) for row in rows if row.is_of(domain, ()))
    return told or frozenset({fold(domain), fold(domain.partition(".")[0])})


def _used(rows: Iterable[Locator], domain: str, netbios: frozenset[str]) -> dict[str, tuple[str, ...]]:
    used: dict[str, tuple[str, ...]] = {}
    for row in (row for row in rows if row.is_of(domain, netbios)):
        name = row.controller_of(domain).key
        own = (row.address,) if is_address(row.address) else ()
        used[name] = tuple(dict.fromkeys((*used.get(name, ()), *own)))
    return used
