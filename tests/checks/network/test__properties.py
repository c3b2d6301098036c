"""Whatever hosts say of their networks: order and repetition change nothing, and what was not told never makes an outcome better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.check import Outcome, Scope, Severity
from checks.facts.fact import Known
from checks.facts.migration import MigrationListener, MigrationNetwork
from checks.facts.network import Address, AddressFamily, AddressState, IpInterface, NameAnswer, PartnerAnswer, PortAnswer, Route
from checks.registry import all_checks
from tests.world import TestWorld, good

FULL = "testserver01.contoso.test"
PAIR = "testserver01>testserver02"
CHECKS = tuple(replace(each, depends_on=()) for each in all_checks() if each.area == "network" and each.scope is Scope.PAIR)
SOURCE, TARGET = "hosts.testserver01", "hosts.testserver02"

NETWORKS = {"10.0.0": 5, "192.168.10": 7, "192.168.20": 8, "fd00:10:": 7, "169.254.1": 9}
"""The beginnings of networks in which a host can be, each with the interface that leads there."""
TARGETS = tuple(f"{network}{':' if ':' in network else '.'}2" for network in NETWORKS)
SHARED, FOREIGN = "172.16.0.1", "10.0.0.99"
STATES = st.sampled_from((*[AddressState.PREFERRED] * 6, None, *AddressState))
"""Mostly what is right, so that more is looked at than why a move does not start."""


def prefix(written: str) -> str:
    return "fd00:10::/64" if ":" in written else f"{written.rpartition('.')[0]}.0/24"


@st.composite
def addresses(draw: st.DrawFn, host: int) -> tuple[Address, ...]:
    networks = draw(st.lists(st.sampled_from(sorted(NETWORKS)), unique=True, min_size=1))
    found = [
        Address(f"{network}{':' if ':' in network else '.'}{host}", 64 if ":" in network else 24, NETWORKS[network], draw(STATES), False)
        for network in networks
    ]
    return (*found, *draw(st.sampled_from(((), (), (Address(SHARED, 24, 9, AddressState.PREFERRED, False),)))))


@st.composite
def worlds(draw: st.DrawFn) -> TestWorld:
    own, its = draw(addresses(1)), draw(addresses(2))
    right = tuple(each.address for each in its if each.address != SHARED)
    any_of = st.lists(st.sampled_from((*right * 2, SHARED, FOREIGN)), unique=True, min_size=1).map(tuple)
    told = st.one_of(st.just(right), st.just(right), any_of)
    on_link = [Route(prefix(each.address), "::" if ":" in each.address else "0.0.0.0", each.interface_index, 256) for each in own]
    further = draw(st.sampled_from(((), (Route("0.0.0.0/0", "10.0.0.254", 5, 256),), (Route("192.168.0.0/16", "10.0.0.253", 5, 1),))))
    orders = st.sampled_from((0, 0, 8, None))
    networks = draw(st.permutations([MigrationNetwork(prefix(each.address), draw(orders)) for each in its]))
    codes = {each: draw(st.sampled_from((0, 0, 0, 10060, 10061))) for each in (*right, SHARED)}
    partner = PartnerAnswer(
        "testserver02",
        tuple(NameAnswer(name, draw(told), 0) for name in ("testserver02", "testserver02.contoso.test")),
        tuple(PortAnswer(each, 6600, code == 0, code) for each, code in codes.items()),
    )
    world = good().set(f"{SOURCE}.addresses", own).set(f"{SOURCE}.routes", (*on_link, *further))
    world = world.set(f"{SOURCE}.migration.any_network", draw(st.booleans())).set(f"{SOURCE}.partners", (partner,))
    interfaces = tuple(IpInterface(index, family, 15) for index in (5, 7, 8, 9) for family in AddressFamily)
    world = world.set(f"{SOURCE}.ip_interfaces", interfaces)
    world = world.set(f"{TARGET}.addresses", its).set(f"{TARGET}.migration_networks", tuple(networks))
    world = world.set(f"{TARGET}.migration.any_network", draw(st.booleans()))
    world = world.set(f"{TARGET}.partners.0.names", tuple(NameAnswer(name, (own[0].address,), 0) for name in ("testserver01", FULL)))
    return world.set(f"{TARGET}.migration_listener", MigrationListener(draw(told), 0, 0))


def said(world: TestWorld) -> dict[str, tuple[Outcome, Severity]]:
    result = world.result(CHECKS)
    return {found.check: (found.outcome, found.severity) for found in result.findings if found.id.endswith(PAIR)}


def harm(world: TestWorld) -> int:
    """The worst of the area: with ADVICE and RISK a move may start, with neither UNKNOWN nor a BLOCKER."""

    return max(_harm(*found) for found in said(world).values())


def _harm(outcome: Outcome, severity: Severity) -> int:
    return {Outcome.PASS: 0, Outcome.FAIL: severity.weight, Outcome.UNKNOWN: Severity.BLOCKER.weight}[outcome]


ROUTES = f"{SOURCE}.routes"
LISTS = (
    f"{SOURCE}.addresses",
    ROUTES,
    f"{SOURCE}.ip_interfaces",
    f"{SOURCE}.partners.0.names",
    f"{SOURCE}.partners.0.names.0.addresses",
    f"{SOURCE}.partners.0.ports",
    f"{TARGET}.addresses",
    f"{TARGET}.migration_networks",
    f"{TARGET}.migration_listener.addresses",
)
REMOVED = (
    f"{SOURCE}.ip_interfaces",
    f"{SOURCE}.partners",
    f"{SOURCE}.partners.0.names",
    f"{SOURCE}.partners.0.ports",
    f"{TARGET}.addresses",
    f"{TARGET}.migration_networks",
)
"""What a host may leave out without any good. Not here is what does good: an address less that the source has itself, that the target
listens on, or that a wrong record tells."""


def _only_link_local_is_left(world: TestWorld) -> bool:
    return any(each.startswith("169.254.") for each in rows_at(world, f"{TARGET}.migration_listener.addresses"))


REASONS = {TARGET: _only_link_local_is_left}
"""Why less can be better, by what is left out: link-local addresses count once there are no others. Routes are not left out: one that is
gone no longer hides one that leads further, nor counts the same as another."""


def at(world: TestWorld, path: str, change: Callable[[Sequence[Any]], Sequence[Any]]) -> TestWorld:
    """The world with a changed list."""
    return world.set(path, tuple(change(rows_at(world, path))))


def rows_at(world: TestWorld, path: str) -> tuple[Any, ...]:
    node: Any = world.snapshot
    for step in path.split("."):
        found = node[step] if isinstance(node, dict) else node[int(step)] if isinstance(node, tuple) else getattr(node, step)
        node = found.value if isinstance(found, Known) else found
    return tuple(node)


@pytest.mark.parametrize("path", LISTS)
@given(data=st.data())
def test_order_and_repetition_change_nothing(path: str, data: st.DataObject) -> None:
    world = data.draw(worlds())
    shuffled = at(world, path, lambda rows: data.draw(st.permutations([*rows, *rows[: data.draw(st.integers(0, 2))]])))
    assert said(shuffled) == said(world)


@pytest.mark.parametrize("path", REMOVED)
@given(data=st.data())
def test_what_is_left_out_never_makes_an_outcome_better(path: str, data: st.DataObject) -> None:
    world = data.draw(worlds())
    assume(not any(hides(world) for where, hides in REASONS.items() if path.startswith(where)))
    fewer = at(world, path, lambda rows: [each for each in rows if data.draw(st.booleans())])
    assert harm(fewer) >= harm(world)


@given(data=st.data())
def test_the_target_gets_no_better_by_what_it_leaves_out_of_its_addresses_and_networks(data: st.DataObject) -> None:
    world = data.draw(worlds())
    assume(not _only_link_local_is_left(world))
    path = data.draw(st.sampled_from((f"{TARGET}.addresses", f"{TARGET}.migration_networks")))
    gone = data.draw(st.sampled_from(rows_at(world, path)))
    fewer = said(at(world, path, lambda rows: [each for each in rows if each != gone]))
    for check in ("network.port_6600", "network.name_resolution"):
        assert _harm(*fewer[check]) >= _harm(*said(world)[check])
