"""Which domains a forest trust leads to: what msDS-TrustForestTrustInfo says ([MS-ADTS] 6.1.6.9.3.1, [MS-PAC] 4.1.2)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto

from checks.facts.directory import Domain, RoutedName, Routing
from checks.windows.names import DnsName

NAME_OFF = 0x1 | 0x2 | 0x4
"""New, switched off by an administrator, or in conflict: of a name."""
SIDS_OFF = 0x1 | 0x2
"""Switched off by an administrator or in conflict: of a domain's SID."""


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
        return Covered.YES if DnsName(domain.dns_name) == DnsName(domain.forest) else Covered.NOT_READ
    on = _closest(routes, Routing.NAME, domain.dns_name)
    if not on or on <= _closest(routes, Routing.EXCLUSION, domain.dns_name):
        return Covered.NOT_ROUTED
    passing = {route.sid for route in routes if route.kind is Routing.DOMAIN and not route.flags & SIDS_OFF}
    return Covered.YES if domain.sid in passing else Covered.SIDS_DROPPED


def _closest(routes: Iterable[RoutedName], kind: Routing, name: str) -> int:
    """How many labels the longest name of this kind has that is switched on and holds a name; 0 where none does."""
    own = _labels(name)
    held = (_labels(route.name) for route in routes if route.kind is kind and not route.flags & NAME_OFF)
    return max((len(labels) for labels in held if labels and own[-len(labels) :] == labels), default=0)


def _labels(name: str) -> list[str]:
    return [label for label in DnsName(name).key.split(".") if label]
