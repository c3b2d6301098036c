"""IP addresses, networks and ports as people and Windows write them."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TypeAlias

IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_ALIKE = 4096
"""So many addresses and networks are remembered as read: the same few are asked for again and again."""
_ISATAP = (0x00005EFE, 0x02005EFE)


@lru_cache(_ALIKE)
def address(written: str) -> IP | None:
    """The address without its zone (`fe80::1%5`), or nothing where it is none."""
    try:
        return ipaddress.ip_address(written.strip().partition("%")[0])
    except ValueError:
        return None


def is_address(written: str) -> bool:
    """Is this an address and nothing else: no blanks around it, a zone only where one can be."""
    try:
        ipaddress.ip_address(written)
    except ValueError:
        return False
    return True


@lru_cache(_ALIKE)
def network(written: str) -> Network | None:
    """The network of `192.168.10.0/24`, `192.168.10.5/255.255.255.0`, or of a single address, or nothing where it is none."""
    try:
        return ipaddress.ip_network(written.strip(), strict=False)
    except ValueError:
        return None


def single(net: Network) -> bool:
    """Is this the network of one address only."""
    return net.prefixlen == net.max_prefixlen


def reachable(ip: IP) -> bool:
    """Can there be a way to this address from another host: neither link-local, loopback, multicast nor unspecified."""
    return not (ip.is_link_local or ip.is_loopback or ip.is_multicast or ip.is_unspecified)


@lru_cache(_ALIKE)
def usable(ip: IP) -> bool:
    """Can another host use this address: reachable, and no end of a tunnel, neither of Teredo (RFC 4380) nor of ISATAP (an IPv6 address
    whose last half is 0:5efe or 200:5efe and an IPv4 address, RFC 5214)."""
    if not reachable(ip):
        return False
    return ip.version == 4 or (ip.teredo is None and (int(ip) >> 32) & 0xFFFFFFFF not in _ISATAP)


def host_and_port(written: str) -> tuple[str, int | None]:
    """Host and port of `host`, `host:port`, `[IPv6]:port` or a bare IPv6 address. What is no port belongs to the host."""
    host, colon, port = written.rpartition(":")
    if colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536 and (":" not in host or host.endswith("]")):
        return _without_brackets(host), int(port)
    return _without_brackets(written), None


def _without_brackets(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def with_port(host: str, port: int) -> str:
    """`host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
