"""What a domain controller says of its domain, of the other domains of its forest, and of the trusts."""

from __future__ import annotations

from typing import NamedTuple

from checks.facts import Domain, Reason, Trust, TrustDirection
from runner.collect.controller import Controller, Scope, Unanswered, number, text
from runner.collect.security_descriptor import sid_text

_TRUST_ATTRIBUTES = ("trustPartner", "flatName", "trustDirection", "trustType", "trustAttributes", "securityIdentifier")
_UNSIGNED = 1 << 32
"""Directories write 32 bits as a signed number."""


class Base(NamedTuple):
    """A controller's domain, the DN of its head, and the DNS names of all domains of its forest by their NetBIOS names (lower case)."""

    domain: Domain
    head: str
    forest: dict[str, str]


def read_base(controller: Controller) -> Base:
    """Three requests: rootDSE, the domain's head, the forest's partitions. Raises Unanswered."""
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
    head = root.one("defaultNamingContext", text)
    partitions = controller.search(
        f"CN=Partitions,{root.one('configurationNamingContext', text)}",
        "(&(objectClass=crossRef)(nETBIOSName=*))",
        ("nCName", "dnsRoot", "nETBIOSName"),
        Scope.ONE,
    )
    dns_names = {entry.one("nCName", text).casefold(): entry.one("dnsRoot", text).lower() for entry in partitions}
    netbios = {entry.one("nETBIOSName", text): entry.one("nCName", text).casefold() for entry in partitions}
    root_head = root.one("rootDomainNamingContext", text)
    own = [name for name, context in netbios.items() if context == head.casefold()]
    if len(own) != 1 or root_head.casefold() not in dns_names:
        raise Unanswered(Reason.ACCESS_DENIED, f"the partition of {head} cannot be read")
    domain = Domain(
        dns_name=dns_names[head.casefold()],
        netbios_name=own[0],
        sid=controller.object(head, ("objectSid",)).one("objectSid", sid_text),
        forest=dns_names[root_head.casefold()],
        functional_level=root.one("domainFunctionality", number),
        controller_level=root.one("domainControllerFunctionality", number),
    )
    return Base(domain, head, {name.lower(): dns_names[context] for name, context in netbios.items()})


def read_trusts(controller: Controller, head: str) -> tuple[Trust, ...]:
    """The domain's trustedDomain objects, by partner. The container above them must be seen too: without it, none may mean that they
    are hidden. Raises Unanswered."""
    container = f"CN=System,{head}"
    found = controller.search(container, "(|(objectClass=trustedDomain)(cn=System))", ("objectClass", *_TRUST_ATTRIBUTES))
    if not any(entry.dn.casefold() == container.casefold() for entry in found):
        raise Unanswered(Reason.ACCESS_DENIED, f"{container} cannot be read")
    return tuple(
        sorted(
            (
                Trust(
                    partner=entry.one("trustPartner", text),
                    flat_name=entry.maybe("flatName", text) or "",
                    direction=entry.one("trustDirection", _direction),
                    type=entry.one("trustType", number),
                    attributes=entry.one("trustAttributes", number) % _UNSIGNED,
                    sid=entry.maybe("securityIdentifier", sid_text),
                )
                for entry in found
                if b"trusteddomain" in (value.lower() for value in entry.all("objectClass", bytes))
            ),
            key=lambda trust: (trust.partner.casefold(), trust.flat_name),
        )
    )


def _direction(value: bytes) -> TrustDirection:
    return TrustDirection(int(value))
