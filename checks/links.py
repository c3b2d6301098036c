"""How fast the links of a host are over which it takes and gives migrations."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, TypeVar

from checks.facts.fact import Fact, FactOf, Missing, Reason
from checks.facts.host import HostTopics
from checks.facts.migration import MigrationNetwork
from checks.facts.network import Address, AddressState
from checks.text import Text, text
from checks.windows.addresses import address, network

T = TypeVar("T")


class Gap(NamedTuple):
    """Why something cannot be told. `fact` is the name of the fact for which it cannot, and `missing` why, where one would tell it."""

    why: Text
    fact: str | None = None
    missing: Missing | None = None


class Rate(NamedTuple):
    """Bits per second of the links that carry the migrations of a host: of the slowest, and of all together."""

    slowest: int
    together: int


class Telling(Protocol):
    """Gives a fact of a host, known or missing."""

    def __call__(self, fact: FactOf[T], /) -> Fact[T]: ...


def carrying(networks: tuple[MigrationNetwork, ...], addresses: tuple[Address, ...]) -> frozenset[int]:
    """The interfaces with an address in a network that is named for migrations."""
    named = [net for each in networks if (net := network(each.subnet)) is not None]
    return frozenset(
        each.interface_index
        for each in addresses
        if each.state is AddressState.PREFERRED
        and (ip := address(each.address)) is not None
        and any(ip.version == net.version and ip in net for net in named)
    )


def unread(fact: FactOf[Any], missing: Missing) -> Gap:
    return Gap(text("not read: {what}", what=missing.source), fact.name, missing)


def rate(host: str, told: Telling) -> Rate | Gap:
    """How fast a host takes and gives migrations at most, as its adapters tell."""
    migration, networks = told(HostTopics.migration), told(HostTopics.migration_networks)
    addresses, adapters = told(HostTopics.addresses), told(HostTopics.adapters)
    if isinstance(migration, Missing):
        return unread(HostTopics.migration, migration)
    if migration.value.any_network:
        return Gap(text("{host} takes migrations on any network: which link they take is not known", host=host))
    if isinstance(networks, Missing):
        return unread(HostTopics.migration_networks, networks)
    if isinstance(addresses, Missing):
        return unread(HostTopics.addresses, addresses)
    if isinstance(adapters, Missing):
        return unread(HostTopics.adapters, adapters)
    interfaces = carrying(networks.value, addresses.value)
    if not interfaces:
        what = text("{host} has no address in a network that is named for migrations", host=host)
        return Gap(what, HostTopics.addresses.name, Missing(Reason.UNREADABLE, addresses.source, addresses.at, what))
    speeds = {each.interface_index: each.bits_per_second for each in adapters.value if each.interface_index in interfaces}
    known = [speed for speed in speeds.values() if speed is not None]
    if len(known) < len(interfaces):
        what = text("link speed of every adapter of {host} that carries migrations", host=host)
        detail = text("{what}: not in the answer", what=what)
        return Gap(
            text("not read: {what}", what=what), HostTopics.adapters.name, Missing(Reason.UNREADABLE, adapters.source, adapters.at, detail)
        )
    return Rate(min(known), sum(known))
