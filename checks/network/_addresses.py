"""The addresses that a host has, and which of them lead another host to it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from checks.facts.network import Address, AddressState
from checks.subject import HostView
from checks.text import text
from checks.windows.addresses import IP, Network, address, network, usable
from checks.world import FactMissing

_HOSTS = 1024
"""The addresses of so many hosts are remembered as read: many questions are asked of the same ones."""


class Held(Struct, frozen=True):
    """An address that a host has: with its network and its interface."""

    ip: IP
    network: Network
    interface_index: int
    state: AddressState | None = None
    skip_as_source: bool | None = None

    def __str__(self) -> str:
        written = f"{self.ip}/{self.network.prefixlen}"
        return written if self.answers or self.state is None else f"{written} ({self.state.name.capitalize()})"

    @property
    def answers(self) -> bool:
        """Does it take connections, as far as its state was read: it is preferred. A deprecated one gets no new ones (RFC 4862 5.5.4)."""
        return self.state in (None, AddressState.PREFERRED)

    @property
    def tentative(self) -> bool:
        """Is it not yet known whether it can be used: duplicate address detection is under way."""
        return self.state is AddressState.TENTATIVE

    @property
    def starts(self) -> bool:
        """Do connections start from it."""
        return self.answers and not self.skip_as_source


@lru_cache(_HOSTS)
def every(addresses: tuple[Address, ...]) -> tuple[Held, ...]:
    """All addresses of a host, of whatever kind; what does not read as an address with a prefix is left out."""
    found = []
    for each in addresses:
        ip, net = address(each.address), network(f"{each.address.partition('%')[0]}/{each.prefix_length}")
        if ip is not None and net is not None:
            found.append(Held(ip, net, each.interface_index, each.state, each.skip_as_source))
    return tuple(dict.fromkeys(found))


@lru_cache(_HOSTS)
def held(addresses: tuple[Address, ...]) -> tuple[Held, ...]:
    """The addresses of a host that others can use, in whatever state."""
    return tuple(each for each in every(addresses) if usable(each.ip))


class Leading(NamedTuple):
    """The addresses of a host by what they are to another host: all, those that lead it there, and those of which that is not yet known."""

    every: frozenset[IP]
    sure: frozenset[IP]
    tentative: frozenset[IP]


@lru_cache(_HOSTS)
def leading(addresses: tuple[Address, ...]) -> Leading:
    usable_ones = held(addresses)
    return Leading(
        frozenset(each.ip for each in every(addresses)),
        frozenset(each.ip for each in usable_ones if each.answers),
        frozenset(each.ip for each in usable_ones if each.tentative),
    )


def unsettled(host: HostView, found: Iterable[IP]) -> FactMissing:
    """What a check raises when these addresses of a host would decide, and are tentative."""
    what = text("whether {addresses} of {host} can be used", addresses=tuple(str(ip) for ip in found), host=host.name)
    why = text("tentative when it was read: collect again")
    return FactMissing(f"{host.role}.{HostView.addresses.name}", host.world.not_collected(what, why))


def reaches_itself(ip: IP, own: tuple[Address, ...]) -> bool:
    """Does a host that has these addresses reach itself at this one: it proves nothing about another host, even if that has it too."""
    return ip.is_loopback or any(address(each.address) == ip for each in own)


def may_share_a_link(ip: IP, own: tuple[Address, ...]) -> bool:
    """Can a host that has these addresses reach a link-local one: on the one link that both are on, if there is one. It has a link-local
    address of that family too."""
    return ip.is_link_local and any(each.ip.is_link_local and each.ip.version == ip.version and each.starts for each in every(own))
