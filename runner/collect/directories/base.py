"""Which domain a controller belongs to, and what a question to it is put to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from checks.facts.directory import Domain
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.names import fold
from runner.collect.directories.controller import Controller, SearchScope, number, string
from runner.collect.directories.members import Member
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread

_SUFFIXES = "msDS-AllowedDNSSuffixes"


class Base(NamedTuple):
    """A controller's domain, the DN of its head, the DNS names of all domains of its forest by their NetBIOS names (lower case), and the
    DNS suffixes that the head allows."""

    domain: Domain
    head: str
    forest: dict[str, str]
    dns_suffixes: tuple[str, ...]


class Asking(NamedTuple):
    """A controller that can be asked, and its domain."""

    controller: Controller
    base: Base


class Asked(NamedTuple):
    """A controller of a known domain, and the hosts of the run that are members of any domain. `delegated` are the hosts that the
    delegation lists of sources name, by HostName.key, each with the entries that name it."""

    controller: Controller
    base: Base
    members: tuple[Member, ...]
    delegated: Mapping[str, tuple[str, ...]] = {}


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
    its = controller.object(head, ("objectSid", _SUFFIXES))
    domain = Domain(
        dns_name=dns_names[fold(head)],
        netbios_name=own[0],
        sid=its.one("objectSid", sid_text),
        forest=dns_names[fold(root_head)],
        functional_level=root.one("domainFunctionality", number),
        controller_level=root.one("domainControllerFunctionality", number),
    )
    suffixes = tuple(sorted(its.all(_SUFFIXES, string), key=fold))
    return Base(domain, head, {name.lower(): dns_names[context] for name, context in netbios.items()}, suffixes)
