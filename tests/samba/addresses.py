"""Loopback addresses that exist once on a machine: one run has them to itself, and another one hears who has them."""

from __future__ import annotations

import re
import socket
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

CLAIM_PORT = 20127
"""Where a run listens on its first address from before its services start until they have ended."""
LISTENING = {"tcp": "0A", "udp": "07"}
EVERYWHERE = ("0.0.0.0", "::")
_SHOWN = 160


class Taken(Exception):
    """Somebody else listens there; the message names each process and where."""


class Listener(NamedTuple):
    """A socket that takes what comes to an address, as the kernel tells it."""

    protocol: str
    address: str
    port: int
    socket: str

    def __str__(self) -> str:
        return f"{self.address}:{self.port}/{self.protocol}" + (" (another run of this lane)" if self.port == CLAIM_PORT else "")


@contextmanager
def claimed(addresses: Sequence[str], ports: Collection[int]) -> Iterator[None]:
    """Have these addresses. Raises Taken when anybody listens on one of them, or everywhere at one of the ports."""
    _refuse(addresses, ports)
    try:
        claim = socket.create_server((addresses[0], CLAIM_PORT))
    except OSError:
        _refuse(addresses, ports)
        raise
    with claim:
        yield


def _refuse(addresses: Sequence[str], ports: Collection[int]) -> None:
    whose = _holders()
    found = defaultdict(list)
    for listener in _listeners():
        if listener.address in addresses or (listener.address in EVERYWHERE and listener.port in ports):
            found[whose.get(listener.socket, "a process that cannot be seen from here")].append(listener)
    if found:
        raise Taken("\n".join(f"{who} listens on {', '.join(map(str, sorted(its)))}" for who, its in found.items()))


def _listeners() -> Iterator[Listener]:
    """Every listening socket of this machine."""
    for protocol, state in LISTENING.items():
        for table in (protocol, f"{protocol}6"):
            with suppress(FileNotFoundError):
                for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                    _, local, _, its_state, *_, inode = line.split()[:10]
                    if its_state == state:
                        address, port = local.split(":")
                        yield Listener(protocol, _address(address), int(port, 16), f"socket:[{inode}]")


def _address(text: str) -> str:
    """An address from words of four bytes in hexadecimal, each in the order of this machine."""
    packed = b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in re.findall("." * 8, text))
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed).removeprefix("::ffff:")


def _holders() -> dict[str, str]:
    """The process that has each socket, the first one of those that share it, with its command."""
    found: dict[str, str] = {}
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        with suppress(OSError):
            command = " ".join((process / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").split())
            for descriptor in (process / "fd").iterdir():
                with suppress(OSError):
                    found.setdefault(str(descriptor.readlink()), f"process {process.name} ({command[:_SHOWN]})")
    return found
