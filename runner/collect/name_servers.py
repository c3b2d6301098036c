"""Asks the name servers: the addresses of a name, and the domain controllers of a domain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.name
import dns.nameserver
import dns.rdata
import dns.rdatatype
import dns.resolver
from dns.rdtypes.IN.SRV import SRV

from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import Text, text, verbatim
from checks.windows.addresses import host_and_port

DNS_PORT = 53
LIFETIME_S = 6.0
ATTEMPT_S = 1.5
_ALIASES = frozenset({dns.rdatatype.CNAME, dns.rdatatype.DNAME, dns.rdatatype.RRSIG})
"""What an answer may hold that tells of no record of the kind that was asked for (RFC 2308, 2.2)."""


class Service(NamedTuple):
    """One server that an SRV record names."""

    host: str
    port: int


class NameServers:
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
        source = text("DNS: A and AAAA of {name}", name=name)
        found: list[str] = []
        for kind in ("A", "AAAA"):
            answer = self._ask(name, kind, source)
            if isinstance(answer, Missing):
                return answer
            found += (record.to_text() for record in answer)
        return Known(tuple(sorted(found, key=lambda address: (":" in address, address))), source, datetime.now(UTC))

    def controllers(self, domain: str) -> Fact[tuple[Service, ...]]:
        """The domain controllers of a domain by its DNS name, by priority, then weight, then name. Known and empty: no such records, or
        only one whose target is the root, which says that there is no such service (RFC 2782)."""
        name = f"_ldap._tcp.dc._msdcs.{domain}"
        source = text("DNS: SRV of {name}", name=name)
        answer = self._ask(name, "SRV", source)
        if isinstance(answer, Missing):
            return answer
        records = sorted(
            (record for record in answer if isinstance(record, SRV) and record.target != dns.name.root),
            key=lambda record: (record.priority, -record.weight, record.target.to_text().lower(), record.port),
        )
        servers = (Service(record.target.to_text(omit_final_dot=True).lower(), record.port) for record in records)
        return Known(tuple(dict.fromkeys(servers)), source, datetime.now(UTC))

    def _ask(self, name: str, kind: str, source: Text) -> list[dns.rdata.Rdata] | Missing:
        if (name, kind) not in self._answered:
            self._answered[name, kind] = self._resolve(name, kind, source)
        return self._answered[name, kind]

    def _resolve(self, name: str, kind: str, source: Text) -> list[dns.rdata.Rdata] | Missing:
        def missing(reason: Reason, detail: Text) -> Missing:
            return Missing(reason, source, datetime.now(UTC), detail)

        if self._resolver is None:
            return missing(Reason.NOT_COLLECTED, text("this machine has no name servers"))
        try:
            full_name = dns.name.from_text(name.rstrip(".") + ".")
            answer = self._resolver.resolve(full_name, kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.Timeout:
            return missing(Reason.TIMED_OUT, text("no name server answered within {seconds} s", seconds=f"{LIFETIME_S:g}"))
        except dns.resolver.NoNameservers:
            return missing(Reason.UNREACHABLE, text("no name server gave a usable answer"))
        except (dns.exception.DNSException, UnicodeError, ValueError) as error:
            return missing(Reason.UNREADABLE, verbatim(type(error).__name__))
        except OSError as error:
            return missing(Reason.UNREACHABLE, verbatim(f"{type(error).__name__} {error.errno}"))
        if answer.response.flags & dns.flags.TC:
            return missing(Reason.UNREADABLE, text("an answer that is cut off, over TCP too"))
        if answer.rrset is None and any(records.rdtype not in _ALIASES for records in answer.response.answer):
            return missing(Reason.UNREADABLE, text("records that nobody asked for, and none that was asked for"))
        return list(answer.rrset or ())


def _server(written: str) -> dns.nameserver.Nameserver:
    """A name server from address, address:port or [address]:port."""
    address, port = host_and_port(written)
    return dns.nameserver.Do53Nameserver(address, port or DNS_PORT)
