"""What a domain controller says of its domain, of the other domains of its forest, and of the trusts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from checks.facts.directory import ControllerClock, Domain, Trust, TrustDirection
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.names import fold
from runner.collect.directories.controller import Controller, SearchScope, moment, number, string
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread

_TRUST_ATTRIBUTES = ("trustPartner", "flatName", "trustDirection", "trustType", "trustAttributes", "securityIdentifier")
_UNSIGNED = 1 << 32
"""Directories write 32 bits as a signed number."""


class Base(NamedTuple):
    """A controller's domain, the DN of its head, and the DNS names of all domains of its forest by their NetBIOS names (lower case)."""

    domain: Domain
    head: str
    forest: dict[str, str]


def read_base(controller: Controller) -> Base:
    """Three requests: rootDSE, the domain's head, the forest's partitions. Raises Unread."""
    root = controller.object(
        "",
        (
            "defaultNamingContext",
            "rootDomainNamingContext",
            "configurationNamingContext",
            "domainFunctionality",
            "domainControllerFunctionality",
        ),
    )
    head = root.one("defaultNamingContext", string)
    partitions = controller.search(
        f"CN=Partitions,{root.one('configurationNamingContext', string)}",
        "(&(objectClass=crossRef)(nETBIOSName=*))",
        ("nCName", "dnsRoot", "nETBIOSName"),
        SearchScope.ONE,
    )
    dns_names = {fold(entry.one("nCName", string)): entry.one("dnsRoot", string).lower() for entry in partitions}
    netbios = {entry.one("nETBIOSName", string): fold(entry.one("nCName", string)) for entry in partitions}
    root_head = root.one("rootDomainNamingContext", string)
    own = [name for name, context in netbios.items() if context == fold(head)]
    if len(own) != 1 or fold(root_head) not in dns_names:
        raise Unread(Reason.ACCESS_DENIED, text("the partition of {domain} cannot be read", domain=head))
    domain = Domain(
        dns_name=dns_names[fold(head)],
        netbios_name=own[0],
        sid=controller.object(head, ("objectSid",)).one("objectSid", sid_text),
        forest=dns_names[fold(root_head)],
        functional_level=root.one("domainFunctionality", number),
        controller_level=root.one("domainControllerFunctionality", number),
    )
    return Base(domain, head, {name.lower(): dns_names[context] for name, context in netbios.items()})


def read_clock(controller: Controller) -> ControllerClock:
    """A request of its own, so that nothing else stands between asking and the answer. Raises Unread."""
    asked = datetime.now(UTC)
    root = controller.object("", ("currentTime",))
    answered = datetime.now(UTC)
    return ControllerClock(root.one("currentTime", moment), asked, answered)


def read_trusts(controller: Controller, head: str) -> tuple[Trust, ...]:
    """The domain's trustedDomain objects, by partner. The container above them must be seen too: without it, none may mean that they
    are hidden. Raises Unread."""
    container = f"CN=System,{head}"
    found = controller.search(container, "(|(objectClass=trustedDomain)(cn=System))", ("objectClass", *_TRUST_ATTRIBUTES))
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
                )
                for entry in found
                if b"trusteddomain" in (value.lower() for value in entry.all("objectClass", bytes))
            ),
            key=lambda trust: (fold(trust.partner), trust.flat_name),
        )
    )


def _direction(value: bytes) -> TrustDirection:
    return TrustDirection(int(value))
