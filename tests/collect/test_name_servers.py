"""What the name servers say, and what it means when they say nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.fact import Known, Missing, Reason
from lab.dns import DnsServer
from runner.collect.name_servers import NameServers, Service

RECORDS = [
    ("dc01.contoso.test.", "A", ("10.0.0.10",)),
    ("dc01.contoso.test.", "AAAA", ("fd00::10",)),
    ("dc02.contoso.test.", "A", ("10.0.0.11",)),
    ("text.contoso.test.", "CNAME", ("dc02.contoso.test.",)),
    ("_ldap._tcp.dc._msdcs.contoso.test.", "SRV", (10, 50, 389, "dc03.contoso.test.")),
    ("_ldap._tcp.dc._msdcs.contoso.test.", "SRV", (0, 10, 3389, "dc02.contoso.test.")),
    ("_ldap._tcp.dc._msdcs.contoso.test.", "SRV", (0, 90, 389, "DC01.contoso.test.")),
    ("_ldap._tcp.dc._msdcs.closed.test.", "SRV", (0, 0, 389, ".")),
]


@pytest.fixture(scope="module")
def names() -> Iterator[NameServers]:
    with DnsServer(RECORDS) as server:
        yield NameServers((f"127.0.0.1:{server.port}",))


def value(fact: object) -> object:
    assert isinstance(fact, Known)
    return fact.value


def test_a_name_has_its_addresses_of_both_kinds(names: NameServers) -> None:
    assert value(names.addresses("dc01.contoso.test")) == ("10.0.0.10", "fd00::10")


def test_an_alias_has_the_addresses_of_the_name_behind_it(names: NameServers) -> None:
    assert value(names.addresses("text.contoso.test")) == ("10.0.0.11",)


@pytest.mark.parametrize("name", ["hv99.contoso.test", "_msdcs.contoso.test", "contoso.test"])
def test_a_name_that_does_not_exist_is_known_to_have_no_address(names: NameServers, name: str) -> None:
    assert value(names.addresses(name)) == ()


def test_the_controllers_of_a_domain_come_by_priority_and_then_by_weight(names: NameServers) -> None:
    assert value(names.controllers("contoso.test")) == (
        Service("dc01.contoso.test", 389),
        Service("dc02.contoso.test", 3389),
        Service("dc03.contoso.test", 389),
    )


def test_a_domain_that_dns_does_not_know_has_no_controllers(names: NameServers) -> None:
    assert value(names.controllers("fabrikam.test")) == ()


def test_a_domain_that_says_that_it_has_no_controllers_has_none(names: NameServers) -> None:
    """RFC 2782: the target is the root."""
    assert value(names.controllers("closed.test")) == ()


def test_a_name_server_that_does_not_answer_leaves_the_addresses_missing() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        fact = NameServers((f"127.0.0.1:{silent.getsockname()[1]}",)).addresses("dc01.contoso.test")
    assert isinstance(fact, Missing)
    assert fact.reason is Reason.TIMED_OUT


def test_the_second_name_server_is_asked_when_the_first_one_is_silent() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent, DnsServer(RECORDS) as server:
        silent.bind(("127.0.0.1", 0))
        names = NameServers((f"127.0.0.1:{silent.getsockname()[1]}", f"127.0.0.1:{server.port}"))
        assert value(names.addresses("dc02.contoso.test")) == ("10.0.0.11",)


@given(name=st.text(max_size=300))
def test_a_name_that_is_none_is_an_answer_and_no_crash(names: NameServers, name: str) -> None:
    assert isinstance(names.addresses(name), Known | Missing)
