"""The way that a host takes to the addresses of others.

Source: https://learn.microsoft.com/powershell/module/nettcpip/get-netroute (metrics). That a connected network has an on-link route, and
that this goes when its adapter is unplugged: inferred.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum

from msgspec import Struct

from checks.facts.network import AddressFamily, Route
from checks.network._addresses import Held, every
from checks.subject import HostView
from checks.text import text
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


def longest(ip: IP, routes: tuple[Route, ...]) -> tuple[Route, ...]:
    """The routes with the longest prefix of those that hold an address; nothing where none holds it."""
    fitting = [(net.prefixlen, each) for each in dict.fromkeys(routes) if (net := network(each.prefix)) and ip in net]
    most = max((length for length, _ in fitting), default=0)
    return tuple(each for length, each in fitting if length == most)


def cheapest(routes: tuple[Route, ...], metric: Callable[[int], int]) -> tuple[Route, ...]:
    """The routes with the smallest sum of their own metric and that of their interface; several where they are equal."""
    costs = [each.metric + metric(each.interface_index) for each in routes]
    return tuple(each for each, cost in zip(routes, costs, strict=True) if cost == min(costs))


def _routes_to(goal: IP, host: HostView) -> tuple[Route, ...]:
    """The routes that a host can take to an address. The metrics of interfaces decide only between several ones: not between default
    gateways, whose way is the same, nor for a link-local address, which is on a link that its zone names."""
    routes = longest(goal, host.routes)
    if goal.is_link_local:
        return routes
    if len({each.interface_index for each in routes}) < 2 or all(default_route(each) for each in routes):
        return cheapest(routes, lambda _: 0)
    family = {4: AddressFamily.IPV4, 6: AddressFamily.IPV6}[goal.version]
    metrics = {each.interface_index: each.metric for each in host.ip_interfaces if each.family is family}
    if unread := [index for index in {each.interface_index for each in routes} if index not in metrics]:
        raise host.lacks(HostView.ip_interfaces, text("the metric of interface {index} of {host}", index=unread[0], host=host.name))
    return cheapest(routes, metrics.__getitem__)


def way_to(goal: IP, host: HostView) -> Way | None:
    """The way of a host to an address of another one, or nothing. Of several routes that it can take the worst counts."""
    routes = _routes_to(goal, host)
    own = [each for each in every(host.addresses) if each.starts and each.ip.version == goal.version and _fits(each.ip, goal)]
    ways = [way for route in routes if (way := _over(route, goal, own, tied=len(routes) > 1))]
    return min(ways, key=lambda way: way.kind, default=None)


def _fits(ip: IP, goal: IP) -> bool:
    return ip.is_link_local if goal.is_link_local else usable(ip)


def _over(route: Route, goal: IP, own: list[Held], *, tied: bool) -> Way | None:
    """The way over one route, from one of these addresses. Nothing forwards to a link-local one (RFC 3927 2.7, RFC 4291 2.5.6)."""
    if goal.is_link_local and not on_link(route):
        return None
    near = [each for each in own if each.interface_index == route.interface_index]
    starts = near if on_link(route) else near or own
    if not starts:
        return None
    start = min(starts, key=lambda each: (goal not in each.network, int(each.ip), each.network.prefixlen, each.interface_index))
    kind = Reach.GATEWAY if default_route(route) else Reach.ON_LINK if on_link(route) else Reach.ROUTE
    return Way(kind, route, start, tied)


def connected(held: Held, routes: tuple[Route, ...]) -> bool:
    """Does an address that a host has lead anywhere: the on-link route of its network is there."""
    return any(
        each.interface_index == held.interface_index and on_link(each) and (net := network(each.prefix)) is not None and held.ip in net
        for each in routes
    )
