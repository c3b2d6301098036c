"""The addresses that a host has, and the way it takes to others."""

from __future__ import annotations

from msgspec import Struct

from checks.facts.network import Address, Route
from checks.subject import HostView
from checks.text import text
from checks.windows.addresses import IP, Network, address, network, usable


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


def listening(host: HostView) -> tuple[IP, ...]:
    """The addresses on which a host takes migrations and another one can reach it. Raises FactMissing where it does not tell them."""
    told = host.migration_listener.addresses
    if told is None:
        raise host.lacks(HostView.migration_listener, text("the addresses on which {host} listens", host=host.name))
    found = (address(written) for written in told)
    return tuple(dict.fromkeys(ip for ip in found if ip is not None and usable(ip)))


def default_route(route: Route) -> bool:
    net = network(route.prefix)
    return net is not None and net.prefixlen == 0


def route_to(ip: IP, routes: tuple[Route, ...]) -> Route | None:
    """The route that a host takes to an address: the longest prefix that holds it, then the smallest metric; nothing where no
    route holds it."""
    fitting = [(net.prefixlen, -each.metric, each) for each in routes if (net := network(each.prefix)) and ip in net]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None
