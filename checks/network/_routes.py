"""The way that a host takes to the addresses of others."""

from __future__ import annotations

from checks.facts.network import Route
from checks.windows.addresses import IP, network


def default_route(route: Route) -> bool:
    net = network(route.prefix)
    return net is not None and net.prefixlen == 0


def route_to(ip: IP, routes: tuple[Route, ...]) -> Route | None:
    """The route that a host takes to an address: the longest prefix that holds it, then the smallest metric; nothing where no
    route holds it."""
    fitting = [(net.prefixlen, -each.metric, each) for each in routes if (net := network(each.prefix)) and ip in net]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else None
