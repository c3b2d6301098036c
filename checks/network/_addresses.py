"""The addresses that a host has, and which of them lead another host to it."""

from __future__ import annotations

from msgspec import Struct

from checks.facts.network import Address
from checks.windows.addresses import IP, Network, address, network, usable


class Held(Struct, frozen=True):
    """An address that a host has: with its network and its interface."""

    ip: IP
    network: Network
    interface_index: int

    def __str__(self) -> str:
        return f"{self.ip}/{self.network.prefixlen}"


def every(addresses: tuple[Address, ...]) -> tuple[Held, ...]:
    """All addresses of a host, of whatever kind; what does not read as an address with a prefix is left out."""
    found = []
    for each in addresses:
        ip, net = address(each.address), network(f"{each.address.partition('%')[0]}/{each.prefix_length}")
        if ip is not None and net is not None:
            found.append(Held(ip, net, each.interface_index))
    return tuple(dict.fromkeys(found))


def held(addresses: tuple[Address, ...]) -> tuple[Held, ...]:
    """The addresses of a host that others can use."""
    return tuple(each for each in every(addresses) if usable(each.ip))


def reaches_itself(ip: IP, own: tuple[Address, ...]) -> bool:
    """Does a host that has these addresses reach itself at this one: it proves nothing about another host, even if that has it too."""
    return ip.is_loopback or any(address(each.address) == ip for each in own)


def may_share_a_link(ip: IP, own: tuple[Address, ...]) -> bool:
    """Can a host that has these addresses reach a link-local one: on the one link that both are on, if there is one. It has a link-local
    address of that family too."""
    return ip.is_link_local and any(each.ip.is_link_local and each.ip.version == ip.version for each in every(own))
