"""Whom the domain trusts, and who trusts it."""

from __future__ import annotations

from checks.facts.directory import Trust, TrustDirection
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.names import fold
from runner.collect.directories.base import Asked
from runner.collect.directories.controller import number, string
from runner.collect.directories.forest_trust import routed_names
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread

_ATTRIBUTES = (
    "trustPartner",
    "flatName",
    "trustDirection",
    "trustType",
    "trustAttributes",
    "securityIdentifier",
    "msDS-TrustForestTrustInfo",
)
_UNSIGNED = 1 << 32
"""Directories write 32 bits as a signed number."""


def read(asked: Asked) -> tuple[Trust, ...]:
    """The domain's trustedDomain objects, by partner. The container above them must be seen too: without it, none may mean that they
    are hidden. Raises Unread."""
    container = f"CN=System,{asked.base.head}"
    found = asked.controller.search(container, "(|(objectClass=trustedDomain)(cn=System))", ("objectClass", *_ATTRIBUTES))
    if not any(fold(entry.dn) == fold(container) for entry in found):
        raise Unread(Reason.ACCESS_DENIED, text("{dn} cannot be read", dn=container))
    return tuple(
        sorted(
            (
                Trust(
                    partner=entry.one("trustPartner", string),
                    flat_name=entry.maybe("flatName", string) or "",
                    direction=entry.one("trustDirection", _direction),
                    type=entry.one("trustType", number),
                    attributes=entry.one("trustAttributes", number) % _UNSIGNED,
                    sid=entry.maybe("securityIdentifier", sid_text),
                    routes=entry.maybe("msDS-TrustForestTrustInfo", routed_names),
                )
                for entry in found
                if b"trusteddomain" in (value.lower() for value in entry.all("objectClass", bytes))
            ),
            key=lambda trust: (fold(trust.partner), trust.flat_name),
        )
    )


def _direction(value: bytes) -> TrustDirection:
    return TrustDirection(int(value))
