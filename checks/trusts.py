"""Over which trusts one domain trusts another, which domains lie between, and what a forest trust routes: what those who judge a trust and
those who compute a token both ask.

Between two forests a forest trust stands only in their root domains and covers all domains of both, as far as it routes them
(msDS-TrustForestTrustInfo: [MS-ADTS] 6.1.6.9.3.1, [MS-PAC] 4.1.2); an external one covers just its two domains ([MS-ADTS] 6.1.6.7.9).
Inside a forest the trusts follow the tree of its domains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from checks.facts.directory import Domain, RoutedName, Routing, Trust, TrustDirection
from checks.windows.names import DnsName
from checks.windows.trust_attributes import FOREST, NON_TRANSITIVE

NAME_OFF = 0x1 | 0x2 | 0x4
"""New, switched off by an administrator, or in conflict: of a name."""
SIDS_OFF = 0x1 | 0x2
"""Switched off by an administrator or in conflict: of a domain's SID."""


class Realm(Protocol):
    """A domain and what was read of it. What was not read raises."""

    @property
    def name(self) -> str: ...
    @property
    def domain(self) -> Domain: ...
    @property
    def trusts(self) -> tuple[Trust, ...]: ...


class PlacedRealm(Realm, Protocol):
    """A domain of which its place in the forest was read too: the DNS names of all domains of the forest, by their NetBIOS names, and its
    trusts as far as they were read."""

    @property
    def forest_domains(self) -> Mapping[str, str]: ...
    @property
    def seen_trusts(self) -> tuple[Trust, ...]: ...


R = TypeVar("R", bound=Realm)
P = TypeVar("P", bound=PlacedRealm)


class Joint(Struct, Generic[R], frozen=True):
    """What two domains of different forests hold of a trust by which `trusting` may trust `trusted`: `outward` the first one, `inward` the
    other one. `beyond` is the domain that is to be trusted where the trust leads to its whole forest, and nothing where it covers just
    these two."""

    trusting: R
    trusted: R
    outward: Trust | None
    inward: Trust | None
    beyond: Domain | None

    @property
    def holds(self) -> bool:
        """Does each side know that the one trusts the other ([MS-ADTS] 6.1.6.7.12)."""
        out, into = TrustDirection.OUTBOUND, TrustDirection.INBOUND
        return bool(self.outward and self.inward and self.outward.direction & out and self.inward.direction & into)


def across(realms: Callable[[str], R], ours: R, theirs: R) -> tuple[Joint[R], ...]:
    """By which trusts a domain may trust one of another forest."""
    direct = (ours, theirs)
    roots = direct if is_root(ours.domain) and is_root(theirs.domain) else (realms(ours.domain.forest), realms(theirs.domain.forest))
    joints = []
    for ends in dict.fromkeys((roots, direct)):
        one, other = ends
        outward, inward = trust_with(one.trusts, other), trust_with(other.trusts, one)
        forest = ends == roots and all(half is None or _leads_to_forest(half) for half in (outward, inward))
        if (outward or inward) and (forest or ends == direct):
            joints.append(Joint(one, other, outward, inward, theirs.domain if forest else None))
    return tuple(joints)


def way(realms: Callable[[str], P], ours: P, theirs: P) -> tuple[str, ...]:
    """The domains through which a ticket goes from one domain to another, without these two: over the tree of a forest, and its root where
    it leaves it. A trust that both domains themselves have with each other is the shortest way."""
    if DnsName(ours.domain.forest) == DnsName(theirs.domain.forest):
        shortcut = trust_with(ours.seen_trusts, theirs)
        return () if shortcut else between(ours.name, theirs.name, ours.domain.forest, ours.forest_domains.values())
    if all(joint.beyond is None for joint in across(realms, ours, theirs)):
        return ()
    up, down = ((*_above(realm), realm.domain.forest) for realm in (ours, theirs))
    return tuple(dict.fromkeys(name for name in (*up, *reversed(down)) if DnsName(name) not in {DnsName(ours.name), DnsName(theirs.name)}))


def _above(realm: PlacedRealm) -> tuple[str, ...]:
    """The domains between one and the root of its forest."""
    root = realm.domain.forest
    return () if is_root(realm.domain) else between(realm.name, root, root, realm.forest_domains.values())


def between(one: str, other: str, root: str, forest: Iterable[str]) -> tuple[str, ...]:
    """The domains of a forest between two of them, in this order: up to the one that is above both, and down. `forest` are all of its
    domains, `root` is above every tree of them; DNS names all."""
    names = tuple(forest)
    up, down = (_upwards(name, root, names) for name in (one, other))
    shared = next(name for name in up if name in down)
    passed = (*up[: up.index(shared) + 1], *reversed(down[: down.index(shared)]))
    return tuple(name.spelled for name in passed[1:-1])


def _upwards(domain: str, root: str, forest: Iterable[str]) -> tuple[DnsName, ...]:
    """A domain and those above it."""
    own = DnsName(domain)
    parents = (name for name in map(DnsName, forest) if own.key.endswith(f".{name.key}"))
    return tuple(dict.fromkeys((own, *sorted(parents, key=lambda name: -len(name.key)), DnsName(root))))


def trust_with(trusts: Iterable[Trust], other: Realm) -> Trust | None:
    """What a domain's directory holds of a trust with another domain, of all its trusts."""
    return next((trust for trust in trusts if DnsName(trust.partner) == DnsName(other.name)), None)


def is_root(domain: Domain) -> bool:
    return DnsName(domain.dns_name) == DnsName(domain.forest)


def _leads_to_forest(trust: Trust) -> bool:
    return bool(trust.attributes & FOREST) and not trust.attributes & NON_TRANSITIVE


class Covered(Enum):
    """What becomes of a domain's names and accounts."""

    YES = auto()
    NOT_ROUTED = auto()
    SIDS_DROPPED = auto()
    NOT_READ = auto()


def coverage(routes: tuple[RoutedName, ...] | None, domain: Domain) -> Covered:
    """Whether a forest trust leads to a domain of the trusted forest. Without the attribute it is believed to lead to the root, which is
    the trust's own partner."""
    if routes is None:
        return Covered.YES if is_root(domain) else Covered.NOT_READ
    on = _closest(routes, Routing.NAME, domain.dns_name)
    if not on or on <= _closest(routes, Routing.EXCLUSION, domain.dns_name):
        return Covered.NOT_ROUTED
    return Covered.YES if domain.sid in passing(routes) else Covered.SIDS_DROPPED


def passing(routes: Iterable[RoutedName]) -> frozenset[str]:
    """The SIDs of the domains whose accounts and groups pass."""
    return frozenset(route.sid for route in routes if route.sid and route.kind is Routing.DOMAIN and not route.flags & SIDS_OFF)


def _closest(routes: Iterable[RoutedName], kind: Routing, name: str) -> int:
    """How many labels the longest name of this kind has that is switched on and holds a name; 0 where none does."""
    own = _labels(name)
    held = (_labels(route.name) for route in routes if route.kind is kind and not route.flags & NAME_OFF)
    return max((len(labels) for labels in held if labels and own[-len(labels) :] == labels), default=0)


def _labels(name: str) -> list[str]:
    return [label for label in DnsName(name).key.split(".") if label]
