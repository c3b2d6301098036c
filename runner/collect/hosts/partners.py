"""What each host of a plan is asked about the others: do you find them by name, and do you reach them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from checks.facts.fact import Known
from checks.facts.host import HostFacts
from checks.identity import meant
from checks.plan import Plan
from checks.windows.addresses import address, reachable
from checks.windows.names import HostName
from runner.collect.hosts.request import LONGEST_NAME, MIGRATION_PORT, MOST_ADDRESSES, SMB_PORT, Partner
from runner.collect.hosts.target import HTTP_PORT, HTTPS_PORT

_TOO_MANY_DIGITS = 10


class Questions:
    """The questions of one plan. `known` is what was read so far, `others` are the full names that the directory has for hosts which call
    themselves otherwise."""

    def __init__(self, plan: Plan, others: Mapping[HostName, HostName] = MappingProxyType({})) -> None:
        self.hosts = plan.host_names
        self._plan = plan
        self._others = others
        self._targets: dict[HostName, list[HostName]] = {host: [] for host in self.hosts}
        self._sources: dict[HostName, list[HostName]] = {host: [] for host in self.hosts}
        for source, target in plan.pairs:
            if source != target:
                self._targets[source].append(target)
                self._sources[target].append(source)

    @property
    def concerned(self) -> tuple[HostName, ...]:
        """The hosts that are asked about one with another name."""
        return tuple(host for host in self.hosts if not self._others.keys().isdisjoint((*self._targets[host], *self._sources[host])))

    def earlier(self, host: HostName) -> frozenset[HostName]:
        """The hosts to be visited before this one: those of its targets that are no sources themselves."""
        return frozenset(target for target in self._targets[host] if not self._targets[target])

    def to(self, host: HostName, known: Mapping[HostName, HostFacts]) -> tuple[Partner, ...]:
        """What a host is asked: about its targets names, ports and migration addresses, about those that only send to it names and whether
        their shares can be reached."""
        targets = self._targets[host]
        return (
            *(Partner(each.spelled, self.names(each, known), self.addresses(each, known), self.ports(each)) for each in targets),
            *(Partner(each.spelled, self.names(each, known), (), (SMB_PORT,)) for each in self._sources[host] if each not in targets),
        )

    def ports(self, host: HostName) -> tuple[int, ...]:
        own = self._plan.entry(host).tls
        return (MIGRATION_PORT, SMB_PORT, HTTPS_PORT if (self._plan.connection.tls if own is None else own) else HTTP_PORT)

    def names(self, host: HostName, known: Mapping[HostName, HostFacts]) -> tuple[str, ...]:
        """The names under which a host is asked for: its full names and their short ones as far as they are known, and the plan's."""
        wanted = (*chain.from_iterable((full, full.short) for full in self._full_names(host, known)), host)
        return tuple(name.spelled for name in dict.fromkeys(wanted) if name.spelled and len(name.spelled) <= LONGEST_NAME)

    def _full_names(self, host: HostName, known: Mapping[HostName, HostFacts]) -> tuple[HostName, ...]:
        """As the plan says or else spells the host, as the host says of itself, and as the directory calls it."""
        planned = meant(host, self._plan.entry(host))
        computer = known[host].computer if host in known else None
        own = computer.value.full_name if isinstance(computer, Known) and computer.value.joined else planned
        names = (planned, own, self._others.get(host, own))
        return tuple(name for name in names if "." in name.spelled and not name.is_address)

    def addresses(self, host: HostName, known: Mapping[HostName, HostFacts]) -> tuple[str, ...]:
        """The addresses to be tried on the migration port: those of the plan, and those that the host says it listens on, if others can
        reach them at all. Not more than MOST_ADDRESSES, so that no host can send others scanning."""
        listener = known[host].migration_listener if host in known else None
        told = map(address, listener.value.addresses or ()) if isinstance(listener, Known) else ()
        planned = filter(None, map(_with_zone, self._plan.entry(host).migration_addresses))
        wanted = chain(planned, (str(each) for each in told if each is not None and reachable(each)))
        return tuple(dict.fromkeys(wanted))[:MOST_ADDRESSES]


def _with_zone(written: str) -> str | None:
    """An address of the plan as a host is to try it, or nothing where it is none. The zone of a link-local one is kept where it is the
    number of an interface: of the host that tries it."""
    ip, zone = address(written), written.partition("%")[2]
    if ip is None:
        return None
    return f"{ip}%{zone}" if ip.is_link_local and zone.isascii() and zone.isdecimal() and len(zone) < _TOO_MANY_DIGITS else str(ip)
