"""Whom we sign in to: the only place where a domain controller becomes one that is connected to.

A peer comes from the plan, or from the SRV records of a domain that the plan names (by a host's full name, an operator's, or its
[directory]), that the name of the collecting account names, or that a controller names to which we signed in as such a peer (its forest,
whom its domain trusts). Nothing that a host says makes one: an import contract keeps the facts of hosts out of here (pyproject.toml).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from checks.facts.fact import Missing, Reason
from checks.plan import Plan
from checks.text import text
from checks.windows.addresses import is_address
from checks.windows.names import DnsName
from runner.collect.credentials import Credentials
from runner.collect.name_servers import NameServers

PORT = 389
TLS_PORT = 636
MOST_ADDRESSES = 16
"""Of one controller at which it is tried: whoever answers for a name cannot send us through a whole network."""


class Security(StrEnum):
    """How what is said to a controller is protected, named as in the URLs of a plan. SEALED: by the logon itself."""

    SEALED = "ldap"
    START_TLS = "ldap+starttls"
    LDAPS = "ldaps"


class Peer(NamedTuple):
    """A controller that we may sign in to. `name` is its full name, `addresses` where to connect, in this order."""

    name: str
    addresses: tuple[str, ...]
    port: int = PORT
    security: Security = Security.SEALED


def pinned(url: str) -> Peer:
    """A peer without addresses from ldap://host, ldap://host:port, ldap+starttls://… or ldaps://…. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in list(Security) or not parts.hostname:
        raise ValueError(f"not an LDAP URL: {url}")
    security = Security(parts.scheme)
    return Peer(parts.hostname, (), parts.port or (TLS_PORT if security is Security.LDAPS else PORT), security)


class Peers:
    """The peers of a run. Domains stand under their DNS names in lower case."""

    def __init__(self, plan: Plan, names: NameServers, credentials: Credentials) -> None:
        self._names = names
        self._pinned = {domain.key: tuple(map(pinned, urls)) for domain, urls in plan.directory.items()}
        self._named = {*self._pinned, *_named_by(plan), *_home_of(credentials)}

    @property
    def pinned(self) -> frozenset[str]:
        """The domains whose controllers the plan names."""
        return frozenset(self._pinned)

    @property
    def named(self) -> frozenset[str]:
        """The domains whose controllers we may sign in to."""
        return frozenset(self._named)

    def hear(self, domains: Iterable[str]) -> None:
        """A controller to which we signed in names these: the domains of its forest, and those that its own trusts."""
        self._named.update(DnsName(domain).key for domain in domains)

    def of(self, domain: str) -> tuple[Peer, ...] | Missing:
        """Every controller of a domain that we may sign in to, best first and without its addresses, or why there is none. Those of the
        plan are all there are."""
        if domain in self._pinned:
            return self._pinned[domain]
        source = text("controllers of {domain}", domain=domain)
        if domain not in self._named:
            why = text(
                "only hosts name this domain, and no password goes where a host says: give the host's full name in the plan (fqdn), or "
                "the domain's controllers under [directory]"
            )
            return Missing(Reason.NOT_COLLECTED, source, datetime.now(UTC), why)
        found = self._names.controllers(domain)
        if isinstance(found, Missing):
            return found
        if not found.value:
            return Missing(Reason.NOT_COLLECTED, source, datetime.now(UTC), text("no controller was found"))
        return tuple(Peer(service.host, (), service.port) for service in found.value)

    def located(self, peer: Peer) -> Peer:
        """A peer with the addresses that the name servers say. The system's own look-up is the last resort, where DNS is not set by the
        plan."""
        if is_address(peer.name):
            return peer._replace(addresses=(peer.name,))
        answer = self._names.addresses(peer.name)
        addresses = () if isinstance(answer, Missing) else answer.value[:MOST_ADDRESSES]
        return peer._replace(addresses=addresses or (() if self._names.configured else (peer.name,)))


def _named_by(plan: Plan) -> set[str]:
    """The domains in the full names of a plan's hosts and in its accounts' names of the form user@domain."""
    full = (plan.entry(host).fqdn or host.spelled for host in {*plan.host_names, *plan.hosts})
    domains = [name.partition(".")[2] for name in full if not is_address(name)]
    domains += [account.spelled.rpartition("@")[2] for account in plan.accounts if "@" in account.spelled]
    return {DnsName(domain).key for domain in domains if domain}


def _home_of(credentials: Credentials) -> set[str]:
    """The domain of the collecting account, where its name of the form user@domain tells it, or this Windows for the current logon."""
    user = credentials.user
    domain = os.environ.get("USERDNSDOMAIN", "") if user is None else user.rpartition("@")[2] if "@" in user else ""
    return {DnsName(domain).key} if domain else set()
