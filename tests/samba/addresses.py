"""The addresses of the lane are fixed, as Active Directory knows no other ports: who has one of them already?"""

from __future__ import annotations

import errno
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_PID = re.compile(r"pid=(\d+)")


class Taken(NamedTuple):
    """A port that somebody else has. `holders` are its processes, where this machine tells them."""

    address: str
    port: int
    holders: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.address}:{self.port} is taken by {', '.join(self.holders) or 'a process that this machine does not name'}"


def taken(addresses: Iterable[str], ports: Iterable[int]) -> Iterator[Taken]:
    """The ports at these addresses that cannot be listened on."""
    asked = tuple(ports)
    for address in addresses:
        for port in asked:
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    listener.bind((address, port))
                    listener.listen()
                except OSError as error:
                    if error.errno != errno.EADDRINUSE:
                        raise
                    yield Taken(address, port, _holders(address, port))


def _holders(address: str, port: int) -> tuple[str, ...]:
    tool = shutil.which("ss")
    if tool is None:
        return ()
    listens = f"( src = {address} or src = 0.0.0.0 or src = [::] ) and sport = :{port}"
    shown = subprocess.run([tool, "-Hltnp", listens], capture_output=True, text=True, check=False).stdout
    return tuple(f"process {pid} ({_command(pid)})" for pid in dict.fromkeys(_PID.findall(shown)))


def _command(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_text(errors="replace").replace("\0", " ").strip()
    except OSError:
        return "ended meanwhile"
