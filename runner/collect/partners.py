"""What each host of a plan is asked about the others: do you find them by name, and do you reach them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from checks.facts import HostFacts, Known
from checks.plan import HostEntry, Plan, key
from runner.collect.host import Partner

MIGRATION_PORT, SMB_PORT, HTTP_PORT, HTTPS_PORT = 6600, 445, 5985, 5986
MOST_ADDRESSES = 16
LONGEST_NAME = 255


class Questions:
    """The questions of one plan. Hosts go by their keys; `hosts` maps them to the plan's spelling. `known` is what was read so far."""

    def __init__(self, plan: Plan) -> None:
        self.hosts = {key(name): name for name in plan.host_names}
        self._tls = plan.connection.tls
        self._entries = {key(name): entry for name, entry in plan.hosts.items()}
        self._targets: dict[str, list[str]] = {host: [] for host in self.hosts}
        self._sources: dict[str, list[str]] = {host: [] for host in self.hosts}
        for source, target in plan.pairs:
            if source != target:
                self._targets[source].append(target)
                self._sources[target].append(source)

    def earlier(self, host: str) -> frozenset[str]:
        """The hosts to be visited before this one: those of its targets that are no sources themselves."""
        return frozenset(target for target in self._targets[host] if not self._targets[target])

    def to(self, host: str, known: dict[str, HostFacts]) -> tuple[Partner, ...]:
        """What a host is asked: about its targets names, ports and migration addresses, about those that only send to it names."""
        targets = self._targets[host]
        return (
            *(Partner(self.hosts[each], self.names(each, known), self.addresses(each, known), self.ports(each)) for each in targets),
            *(Partner(self.hosts[each], self.names(each, known)) for each in self._sources[host] if each not in targets),
        )

    def ports(self, host: str) -> tuple[int, ...]:
        own = self._entry(host).tls
        return (MIGRATION_PORT, SMB_PORT, HTTPS_PORT if (self._tls if own is None else own) else HTTP_PORT)

    def names(self, host: str, known: dict[str, HostFacts]) -> tuple[str, ...]:
        """The names under which a host is asked for: its full name and its short one as far as they are known, and the plan's."""
        spelled = self.hosts[host].strip().rstrip(".")
        full = self._entry(host).fqdn or (spelled if "." in spelled and not _address(spelled) else _own_name(known.get(host)))
        unique: dict[str, str] = {}
        for name in (full, full.partition(".")[0] if full else None, spelled):
            if name and len(name) <= LONGEST_NAME:
                unique.setdefault(name.lower(), name)
        return tuple(unique.values())

    def addresses(self, host: str, known: dict[str, HostFacts]) -> tuple[str, ...]:
        """The addresses to be tried on the migration port: those of the plan, and those that the host says it listens on, if others can
        reach them at all. Not more than MOST_ADDRESSES, so that no host can send others scanning."""
        listener = known[host].migration_listener if host in known else None
        told = listener.value.addresses if isinstance(listener, Known) else ()
        planned = (_address(text) for text in self._entry(host).migration_addresses)
        reachable = (address for address in map(_address, told) if address and _reachable(address))
        return tuple(dict.fromkeys(_texts((*planned, *reachable))))[:MOST_ADDRESSES]

    def _entry(self, host: str) -> HostEntry:
        return self._entries.get(host, HostEntry())


def _own_name(facts: HostFacts | None) -> str | None:
    if facts is None or not isinstance(facts.computer, Known) or not facts.computer.value.joined:
        return None
    computer = facts.computer.value
    return f"{computer.dns_host_name}.{computer.domain}"


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _reachable(address: _Address) -> bool:
    return not (address.is_link_local or address.is_loopback or address.is_unspecified or address.is_multicast)


def _texts(addresses: Iterable[_Address | None]) -> Iterator[str]:
    return (str(address) for address in addresses if address is not None)
