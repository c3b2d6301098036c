"""The lab's name server as dnspython and plain sockets see it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.dns import DnsServer

MANY = [("_many._tcp.contoso.test", "SRV", (0, 100, 389, f"controller-with-a-long-name-{n:02}.contoso.test")) for n in range(40)]
RECORDS = [
    ("dc01.contoso.test", "A", ("127.0.0.1",)),
    ("dc01.contoso.test", "AAAA", ("::1",)),
    ("testserver01.contoso.test", "A", ("10.0.0.1",)),
    ("testserver01.contoso.test", "A", ("192.168.10.1",)),
    ("_ldap._tcp.dc._msdcs.contoso.test", "SRV", (0, 100, 389, "dc01.contoso.test")),
    ("1.0.0.10.in-addr.arpa", "PTR", ("testserver01.contoso.test",)),
    ("files.contoso.test", "CNAME", ("testserver01.contoso.test",)),
    ("lost.contoso.test", "CNAME", ("nowhere.contoso.test",)),
    ("round.contoso.test", "CNAME", ("round.contoso.test",)),
    *MANY,
]


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(RECORDS) as its:
        yield its


@pytest.fixture
def resolver(server: DnsServer) -> dns.resolver.Resolver:
    its = dns.resolver.Resolver(configure=False)
    its.nameservers, its.port, its.lifetime, its.search = ["127.0.0.1"], server.port, 10, []
    return its


def test_the_controllers_of_a_domain_are_found(resolver: dns.resolver.Resolver) -> None:
    (service,) = resolver.resolve("_ldap._tcp.dc._msdcs.contoso.test", "SRV")
    assert (service.priority, service.weight, service.port, service.target.to_text()) == (0, 100, 389, "dc01.contoso.test.")


def test_names_are_found_in_any_case(resolver: dns.resolver.Resolver) -> None:
    assert len(resolver.resolve("_LDAP._TCP.DC._MSDCS.CONTOSO.TEST", "SRV")) == 1


def test_a_name_may_have_several_addresses_of_both_kinds(resolver: dns.resolver.Resolver) -> None:
    assert {item.address for item in resolver.resolve("testserver01.contoso.test", "A")} == {"10.0.0.1", "192.168.10.1"}
    assert set(resolver.resolve_name("dc01.contoso.test").addresses()) == {"127.0.0.1", "::1"}


def test_an_address_leads_back_to_its_name(resolver: dns.resolver.Resolver) -> None:
    (pointer,) = resolver.resolve_address("10.0.0.1")
    assert pointer.target.to_text() == "testserver01.contoso.test."


def test_an_alias_is_followed(resolver: dns.resolver.Resolver) -> None:
    answer = resolver.resolve("files.contoso.test", "A")
    assert answer.canonical_name.to_text() == "testserver01.contoso.test."
    assert len(answer) == 2


@pytest.mark.parametrize("name", ["nowhere.contoso.test", "contoso.invalid", "lost.contoso.test"])
def test_a_name_that_does_not_exist_is_told_so(resolver: dns.resolver.Resolver, name: str) -> None:
    with pytest.raises(dns.resolver.NXDOMAIN):
        resolver.resolve(name, "A")


@pytest.mark.parametrize(("name", "kind"), [("testserver01.contoso.test", "AAAA"), ("_msdcs.contoso.test", "SRV"), ("contoso.test", "A")])
def test_a_name_without_records_of_that_type_has_no_answer(resolver: dns.resolver.Resolver, name: str, kind: str) -> None:
    with pytest.raises(dns.resolver.NoAnswer):
        resolver.resolve(name, kind)


def test_an_alias_of_itself_ends(server: DnsServer) -> None:
    query = dns.message.make_query("round.contoso.test", "A")
    assert dns.query.udp(query, "127.0.0.1", port=server.port, timeout=10).rcode() == dns.rcode.NOERROR


def test_what_does_not_fit_into_a_datagram_comes_whole_over_tcp(server: DnsServer, resolver: dns.resolver.Resolver) -> None:
    resolver.use_edns(False)
    asked = len(server.queries)
    assert len(resolver.resolve("_many._tcp.contoso.test", "SRV")) == len(MANY)
    assert [transport for _, _, transport in server.queries[asked:]] == ["udp", "tcp"]


def test_queries_are_kept(server: DnsServer, resolver: dns.resolver.Resolver) -> None:
    asked = len(server.queries)
    resolver.resolve("dc01.contoso.test", "A")
    assert server.queries[asked:] == [("dc01.contoso.test", "A", "udp")]


def test_after_its_stop_nobody_answers() -> None:
    with DnsServer(RECORDS) as gone:
        port = gone.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_or_ignored(server: DnsServer, wire: bytes) -> None:
    for transport in ("udp", "tcp"):
        answer = server.answer(wire, transport)
        assert answer is None or dns.message.from_wire(answer).id == int.from_bytes(wire[:2])


@given(st.data())
def test_a_damaged_query_is_answered_or_ignored(server: DnsServer, data: st.DataObject) -> None:
    wire = bytearray(dns.message.make_query("dc01.contoso.test", "A", use_edns=0).to_wire())
    for position in data.draw(st.lists(st.integers(2, len(wire) - 1), min_size=1, max_size=6)):
        wire[position] = data.draw(st.integers(0, 255))
    answer = server.answer(bytes(wire), "udp")
    assert answer is None or dns.message.from_wire(answer).id == int.from_bytes(wire[:2])


def test_a_client_that_breaks_off_does_not_stop_the_server(server: DnsServer, resolver: dns.resolver.Resolver) -> None:
    for rubbish in (b"\x00", b"\xff\xff" + b"x" * 10, b"\x00\x04rubb"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(rubbish)
    assert resolver.resolve("dc01.contoso.test", "A", tcp=True)
