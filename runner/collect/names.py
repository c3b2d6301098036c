"""Asks the name servers: the addresses of a name, and the domain controllers of a domain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
from dns.rdtypes.IN.SRV import SRV

from checks.facts import Fact, Known, Missing, Reason

LIFETIME_S = 3.0
ATTEMPT_S = 1.5


class Service(NamedTuple):
    """One server that an SRV record names."""

    host: str
    port: int


class Names:
    """Name servers to ask, each question once: the given ones (address or address:port; IPv6 with a port in brackets), or the system's
    own. Thread-safe."""

    def __init__(self, servers: tuple[str, ...] = ()) -> None:
        self.configured = bool(servers)
        self._answered: dict[tuple[str, str], list[dns.rdata.Rdata] | Missing] = {}
        self._resolver: dns.resolver.Resolver | None = None
        try:
            resolver = dns.resolver.Resolver(configure=not servers)
        except dns.resolver.NoResolverConfiguration:
            return
        if servers:
            resolver.nameservers = [_server(text) for text in servers]
        resolver.lifetime = LIFETIME_S
        resolver.timeout = ATTEMPT_S
        resolver.search = []
        self._resolver = resolver

    def addresses(self, name: str) -> Fact[tuple[str, ...]]:
        """The IPv4 and IPv6 addresses of a full name, in order. A name that does not exist has none: known, and empty."""
        source = f"DNS: A and AAAA of {name}"
        found: list[str] = []
        for kind in ("A", "AAAA"):
            answer = self._ask(name, kind, source)
            if isinstance(answer, Missing):
                return answer
            found += (record.to_text() for record in answer)
        return Known(tuple(sorted(found, key=lambda address: (":" in address, address))), source, datetime.now(UTC))

    def controllers(self, domain: str) -> Fact[tuple[Service, ...]]:
        """The domain controllers of a domain by its DNS name, by priority, then weight, then name. Known and empty: no such records."""
        name = f"_ldap._tcp.dc._msdcs.{domain}"
        source = f"DNS: SRV of {name}"
        answer = self._ask(name, "SRV", source)
        if isinstance(answer, Missing):
            return answer
        records = sorted(
            (record for record in answer if isinstance(record, SRV)),
            key=lambda record: (record.priority, -record.weight, record.target.to_text().lower(), record.port),
        )
        servers = (Service(record.target.to_text(omit_final_dot=True).lower(), record.port) for record in records)
        return Known(tuple(dict.fromkeys(servers)), source, datetime.now(UTC))

    def _ask(self, name: str, kind: str, source: str) -> list[dns.rdata.Rdata] | Missing:
        if (name, kind) not in self._answered:
            self._answered[name, kind] = self._resolve(name, kind, source)
        return self._answered[name, kind]

    def _resolve(self, name: str, kind: str, source: str) -> list[dns.rdata.Rdata] | Missing:
        def missing(reason: Reason, detail: str) -> Missing:
            return Missing(reason, source, datetime.now(UTC), detail)

        if self._resolver is None:
            return missing(Reason.NOT_COLLECTED, "this machine has no name servers")
        try:
            full_name = dns.name.from_text(name.rstrip(".") + ".")
            answer = self._resolver.resolve(full_name, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.Timeout:
            return missing(Reason.TIMED_OUT, f"no name server answered within {LIFETIME_S:g} s")
        except dns.resolver.NoNameservers:
            return missing(Reason.UNREACHABLE, "no name server gave a usable answer")
        except (dns.exception.DNSException, UnicodeError, ValueError) as error:
            return missing(Reason.UNREADABLE, type(error).__name__)
        except OSError as error:
            return missing(Reason.UNREACHABLE, f"{type(error).__name__} {error.errno}")
        return list(answer.rrset or ())


def _server(text: str) -> dns.nameserver.Nameserver:
    """A name server from address, address:port or [address]:port."""
    address, port = text, "53"
    if text.startswith("["):
        address, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        address, _, port = text.partition(":")
    return dns.nameserver.Do53Nameserver(address, int(port))
