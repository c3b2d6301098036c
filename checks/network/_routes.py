"""The way that a host takes to the addresses of others."""

from __future__ import annotations

from checks.facts.network import Route
from checks.subject import HostView
from checks.text import text
from checks.windows.addresses import IP, address, network, usable


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
