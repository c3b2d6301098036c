"""Addresses, networks and routes as people and Windows write them."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

from msgspec import Struct

from checks.facts import Address, Route

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_ISATAP = (0x00005EFE, 0x02005EFE)


def address(written: str) -> IP | None:
    """The address without its zone (`fe80::1%5`), or nothing where it is none."""
    try:
        return ipaddress.ip_address(written.strip().partition("%")[0])
    except ValueError:
        return None


def network(written: str) -> Network | None:
    """The network of `192.168.10.0/24`, `192.168.10.5/255.255.255.0`, or of a single address, or nothing where it is none."""
    try:
        return ipaddress.ip_network(written.strip(), strict=False)
    except ValueError:
        return None


def single(net: Network) -> bool:
    """Is this the network of one address only."""
    return net.prefixlen == net.max_prefixlen


def usable(ip: IP) -> bool:
    """Can another host use this address: neither link-local, loopback, multicast, unspecified nor ISATAP (an IPv6 address
    whose last half is 0:5efe or 200:5efe and an IPv4 address, RFC 5214)."""
    if ip.is_link_local or ip.is_loopback or ip.is_multicast or ip.is_unspecified:
        return False
    return ip.version == 4 or (int(ip) >> 32) & 0xFFFFFFFF not in _ISATAP


class Held(Struct, frozen=True):
    """An address that a host has: with its network and its interface."""

    ip: IP
    network: Network
    interface_index: int

    def __str__(self) -> str:
        return f"{self.ip}/{self.network.prefixlen}"


def held(addresses: tuple[Address, ...]) -> tuple[Held, ...]:
    """The usable addresses of a host; what does not read as an address with a prefix is left out."""
    found = []
    for each in addresses:
        ip, net = address(each.address), network(f"{each.address.partition('%')[0]}/{each.prefix_length}")
        if ip is not None and net is not None and usable(ip):
            found.append(Held(ip, net, each.interface_index))
    return tuple(found)


def default_route(route: Route) -> bool:
    net = network(route.prefix)
    return net is not None and net.prefixlen == 0


def route_to(ip: IP, routes: tuple[Route, ...]) -> Route | None:
    """The route that a host takes to an address: the longest prefix that holds it, then the smallest metric; nothing where no
    route holds it."""
    fitting = [(net.prefixlen, -each.metric, each) for each in routes if (net := network(each.prefix)) and ip in net]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None
