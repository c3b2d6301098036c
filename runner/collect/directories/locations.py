"""Which domain controllers to ask for which domain, and where they listen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import NamedTuple

from checks.facts.directory import Locator
from checks.facts.fact import Known, Missing
from checks.facts.host import HostFacts
from checks.plan import Plan
from checks.windows.addresses import is_address
from checks.windows.names import DnsName, HostName, fold
from checks.windows.service_names import MIGRATION_SERVICE, short_and_full
from runner.collect.directories.controller import PORT, Endpoint, endpoint
from runner.collect.name_servers import NameServers, Service


class Member(NamedTuple):
    """A host as a member of its domain: `host` is its key, `account` its computer account's name (HV01$), `full_name` what it calls itself,
    `controllers` the full names of the controllers it uses and their addresses as it knows them, or why that is not known."""

    host: HostName
    account: str
    full_name: str
    controllers: dict[str, tuple[str, ...]] | Missing

    @property
    def service_names(self) -> tuple[str, str]:
        """Its names of the migration service."""
        return short_and_full(MIGRATION_SERVICE, self.account.removesuffix("$"), self.full_name)


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


class Locations:
    """Finds controllers: in the plan where it names a domain's, else by DNS."""

    def __init__(self, plan: Plan, names: NameServers) -> None:
        self._names = names
        self.given = {domain.key: tuple(map(endpoint, urls)) for domain, urls in plan.directory.items()}

    def of_domain(self, domain: str) -> tuple[Endpoint, ...] | Missing:
        """Every controller of a domain, best first, or why none was found."""
        if domain in self.given:
            return tuple(self._with_addresses(where) for where in self.given[domain])
        found = self._names.controllers(domain)
        if isinstance(found, Missing):
            return found
        return tuple(self._with_addresses(Endpoint(service.host, (), service.port)) for service in found.value)

    def of_controller(self, domain: str, name: str, addresses: tuple[str, ...]) -> Endpoint:
        """Where one controller listens: its port from the plan or DNS, its addresses from DNS and then those its hosts know."""
        where = next((where for where in self.given.get(domain, ()) if where.name in (name, *addresses)), None)
        if where is None:
            found = Missing if domain in self.given else self._names.controllers(domain)
            services: tuple[Service, ...] = found.value if isinstance(found, Known) else ()
            where = Endpoint(name, (), next((service.port for service in services if service.host == name), PORT))
        return self._with_addresses(where._replace(name=name, addresses=addresses))

    def _with_addresses(self, where: Endpoint) -> Endpoint:
        """With what the name servers say first. The system's own look-up is the last resort, where DNS is not set by the plan."""
        if is_address(where.name):
            return where._replace(addresses=(where.name,))
        answer = self._names.addresses(where.name)
        addresses = tuple(dict.fromkeys((*(answer.value if isinstance(answer, Known) else ()), *where.addresses)))
        return where._replace(addresses=addresses or (() if self._names.configured else (where.name,)))
