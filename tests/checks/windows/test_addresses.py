"""Addresses, networks and routes read as people write them, and nothing that is written can crash a check."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.network import Address, Route
from checks.network._addresses import held
from checks.network._routes import cheapest, longest
from checks.windows.addresses import address, network, usable

IPS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.text())
def test_any_text_is_an_address_or_nothing(written: str) -> None:
    found = address(written)
    assert found is None or str(found) == str(ipaddress.ip_address(written.strip().partition("%")[0]))


@given(st.text())
def test_any_text_is_a_network_or_nothing(written: str) -> None:
    found = network(written)
    assert found is None or found.num_addresses >= 1


@given(IPS, st.integers(min_value=0, max_value=128))
def test_an_address_lies_in_the_network_that_it_is_written_with(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, prefix: int) -> None:
    prefix = min(prefix, ip.max_prefixlen)
    net = network(f"{ip}/{prefix}")
    assert net is not None
    assert ip in net
    found = held((Address(str(ip), prefix, 1),))
    assert [each.ip for each in found] == ([ip] if usable(ip) else [])


@given(IPS, st.text(alphabet="0123456789eth%", max_size=4))
def test_the_zone_of_an_address_does_not_matter(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, zone: str) -> None:
    assert address(f"{ip}%{zone}") == ip


@pytest.mark.parametrize(
    "written",
    [
        "fe80::1%3",
        "169.254.0.7",
        "::1",
        "127.0.0.1",
        "2001:db8::5efe:10.0.0.1",
        "2001:db8::200:5efe:10.0.0.1",
        "2001:0:1::1",
        "::",
        "ff02::1",
    ],
)
def test_another_host_cannot_use_these(written: str) -> None:
    found = address(written)
    assert found is not None
    assert not usable(found)


@pytest.mark.parametrize("written", ["10.0.0.1", "2001:db8::1", "fd00::10:1", "203.0.113.9"])
def test_another_host_can_use_these(written: str) -> None:
    found = address(written)
    assert found is not None
    assert usable(found)


def test_the_longest_prefix_wins_then_the_smallest_sum_of_metrics() -> None:
    wide, narrow = Route("0.0.0.0/0", "10.0.0.254", 1, 1), Route("172.16.0.0/12", "10.0.0.253", 1, 50)
    cheap, dear = Route("172.16.5.0/24", "10.0.0.1", 1, 10), Route("172.16.5.0/24", "10.0.0.2", 2, 1)
    assert longest(ipaddress.ip_address("172.16.5.9"), (dear, wide, cheap, narrow)) == (dear, cheap)
    assert longest(ipaddress.ip_address("172.17.0.1"), (wide, narrow)) == (narrow,)
    assert longest(ipaddress.ip_address("8.8.8.8"), (wide, wide, narrow)) == (wide,)
    assert longest(ipaddress.ip_address("8.8.8.8"), (narrow, Route("rubbish", "", 1, 0))) == ()
    assert longest(ipaddress.ip_address("2001:db8::1"), (wide,)) == ()
    assert cheapest((dear, cheap), {1: 5, 2: 50}.__getitem__) == (cheap,)
    assert cheapest((dear, cheap), {1: 5, 2: 14}.__getitem__) == (dear, cheap)
