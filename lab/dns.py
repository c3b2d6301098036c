"""A name server on real sockets, UDP and TCP on one port."""

from __future__ import annotations

import socketserver
import struct
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from lab.serving import Serving

TTL_S = 600

_PLAIN_UDP = 512
_ATTEMPTS = 20
_LONGEST_CHAIN = 8


class DnsServer:
    """Answers from `records`, each a name, a type and the parts of its data: `("dc01.contoso.test", "A", ("127.0.0.1",))`,
    `("_ldap._tcp.contoso.test", "SRV", (0, 100, 389, "dc01.contoso.test"))`. Other types than A and SRV are AAAA, PTR and CNAME.

    Names are compared without case. A name that has records of other types only, or names below it, has no data; any other
    one does not exist. What does not fit into a datagram is truncated there and whole over TCP. `queries` holds what was
    asked: name without its last dot, type, and udp or tcp. Serves between `start` and `stop`, or as a context manager.
    """

    def __init__(self, records: Iterable[tuple[str, str, tuple[Any, ...]]], *, address: str = "127.0.0.1") -> None:
        self.queries: list[tuple[str, str, str]] = []
        self._address = address
        self._sets: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset] = {}
        self._names: set[dns.name.Name] = set()
        self._port = 0
        self._servers: list[socketserver.TCPServer] = []
        self._serving: list[Serving] = []
        texts: dict[tuple[dns.name.Name, str], list[str]] = defaultdict(list)
        for name, kind, data in records:
            texts[dns.name.from_text(name), kind].append(" ".join(str(part) for part in data))
        for (owner, kind), lines in texts.items():
            found = dns.rrset.from_text_list(owner, TTL_S, "IN", kind, lines, origin=dns.name.root, relativize=False)
            self._sets[owner, found.rdtype] = found
            while owner != dns.name.root:
                self._names.add(owner)
                owner = owner.parent()

    @property
    def port(self) -> int:
        if not self._servers:
            raise RuntimeError("the server is not started")
        return self._port

    def start(self) -> None:
        self._servers = list(self._bound())
        self._serving = [Serving(server, "lab-dns") for server in self._servers]

    def stop(self) -> None:
        for server, serving in zip(self._servers, self._serving, strict=True):
            serving.end()
            server.server_close()
        self._servers, self._serving = [], []

    def __enter__(self) -> DnsServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _bound(self) -> tuple[socketserver.TCPServer, socketserver.TCPServer]:
        """A datagram and a stream server on one port, which the system chose for the first and which may be taken for the second."""
        for attempt in range(_ATTEMPTS):
            datagrams = _Datagrams((self._address, 0), self)
            try:
                self._port = int(datagrams.socket.getsockname()[1])
                return datagrams, _Streams((self._address, self._port), self)
            except OSError:
                datagrams.server_close()
                if attempt == _ATTEMPTS - 1:
                    raise
        raise AssertionError

    def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The answer to one query, or nothing to what is no query."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        if query.flags & dns.flags.QR:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        response.flags |= dns.flags.AA
        if len(query.question) == 1 and query.opcode() == dns.opcode.QUERY:
            asked = query.question[0]
            self.queries.append((asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype), transport))
            self._resolve(response, asked.name, asked.rdtype)
        else:
            response.set_rcode(dns.rcode.NOTIMP)
        return _packed(response, 65535 if transport == "tcp" else max(_PLAIN_UDP, query.payload))

    def _resolve(self, response: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType) -> None:
        for _ in range(_LONGEST_CHAIN):
            if found := self._sets.get((name, kind)):
                response.answer.append(_called(found, name))
                return
            alias = self._sets.get((name, dns.rdatatype.CNAME))
            if alias is None:
                break
            response.answer.append(_called(alias, name))
            name = alias[0].target
        if name not in self._names:
            response.set_rcode(dns.rcode.NXDOMAIN)


def _called(found: dns.rrset.RRset, name: dns.name.Name) -> dns.rrset.RRset:
    """The records under the name as it was asked for, in its own case."""
    return dns.rrset.from_rdata_list(name, found.ttl, list(found))


def _packed(response: dns.message.Message, most: int) -> bytes:
    try:
        return response.to_wire(max_size=most)
    except dns.exception.TooBig:
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


class _Datagrams(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], names: DnsServer) -> None:
        self.names = names
        super().__init__(address, _Datagram)


class _Datagram(socketserver.BaseRequestHandler):
    server: _Datagrams

    def handle(self) -> None:
        data, sock = self.request
        answer = self.server.names.answer(data, "udp")
        if answer is not None:
            sock.sendto(answer, self.client_address)


class _Streams(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], names: DnsServer) -> None:
        self.names = names
        super().__init__(address, _Stream)


class _Stream(socketserver.StreamRequestHandler):
    server: _Streams
    timeout = 10

    def handle(self) -> None:
        try:
            while len(head := self.rfile.read(2)) == 2:
                answer = self.server.names.answer(self.rfile.read(struct.unpack(">H", head)[0]), "tcp")
                if answer is None:
                    return
                self.wfile.write(struct.pack(">H", len(answer)) + answer)
        except OSError:
            return
