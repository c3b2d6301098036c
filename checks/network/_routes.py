"""The way that a host takes to the addresses of others.

Source: https://learn.microsoft.com/powershell/module/nettcpip/get-netroute (metrics). That a connected network has an on-link route, and
that this goes when its adapter is unplugged: inferred.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from checks.facts.network import Route
from checks.network._addresses import Held, every
from checks.subject import HostView
from checks.windows.addresses import IP, address, network, usable


class Reach(IntEnum):
    """How a host gets to an address, from worst to best."""

    GATEWAY = 1
    ROUTE = 2
    ON_LINK = 3


class Way(Struct, frozen=True):
    """The way of a host to an address: the route that it takes, and the address from which it starts. `tied`: there is another route which
    it could take as well."""

    kind: Reach
    route: Route
    start: Held
    tied: bool


def default_route(route: Route) -> bool:
    net = network(route.prefix)
    return net is not None and net.prefixlen == 0


def on_link(route: Route) -> bool:
    hop = address(route.next_hop)
    return hop is not None and hop.is_unspecified


def routes_to(ip: IP, routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The routes that a host can take to an address: the longest prefix that holds it, then the smallest metric. Nothing where no route
    holds it, several where they are equal."""
    fitting = [(net.prefixlen, -each.metric, each) for each in dict.fromkeys(routes) if (net := network(each.prefix)) and ip in net]
    best = max((found[:2] for found in fitting), default=None)
    return tuple(each for *worth, each in fitting if tuple(worth) == best)


def way_to(goal: IP, host: HostView) -> Way | None:
    """The way of a host to an address of another one, or nothing. Of several routes that it can take the worst counts."""
    routes = routes_to(goal, host.routes)
    own = [each for each in every(host.addresses) if each.ip.version == goal.version and _fits(each.ip, goal)]
    ways = [way for route in routes if (way := _over(route, goal, own, tied=len(routes) > 1))]
    return min(ways, key=lambda way: way.kind, default=None)


def _fits(ip: IP, goal: IP) -> bool:
    return ip.is_link_local if goal.is_link_local else usable(ip)


def _over(route: Route, goal: IP, own: list[Held], *, tied: bool) -> Way | None:
    near = [each for each in own if each.interface_index == route.interface_index]
    starts = sorted(near, key=lambda each: goal not in each.network) if on_link(route) else near or own
    if not starts:
        return None
    kind = Reach.GATEWAY if default_route(route) else Reach.ON_LINK if on_link(route) else Reach.ROUTE
    return Way(kind, route, starts[0], tied)


def connected(held: Held, routes: tuple[Route, ...]) -> bool:
    """Does an address that a host has lead anywhere: the on-link route of its network is there."""
    return any(
        each.interface_index == held.interface_index and on_link(each) and (net := network(each.prefix)) is not None and held.ip in net
        for each in routes
    )
