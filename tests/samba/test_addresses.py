"""Who has the addresses of the lane is said before anything is started. This needs no Samba."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tests.samba.addresses import CLAIM_PORT, Taken, claimed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the lane runs on Linux only")

EVERYWHERE = {"tcp": "0.0.0.0", "tcp6": "::", "udp": "0.0.0.0"}
LISTEN = """
import socket, sys
kind, address = sys.argv[1:]
its = socket.socket(socket.AF_INET6 if kind[3:] else socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
its.bind((address, 0))
if kind != "udp":
    its.listen()
print(its.getsockname()[1], flush=True)
sys.stdin.read()
"""


class Other(NamedTuple):
    """Another process that listens at a free port."""

    pid: int
    port: int


@contextmanager
def other(kind: str, address: str) -> Iterator[Other]:
    command = [sys.executable, "-c", LISTEN, kind, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Other(process.pid, int(process.stdout.readline()))
        process.kill()


@pytest.fixture
def address() -> str:
    """An address of loopback that hardly anybody else has thought of."""
    return f"127.{random.randrange(1, 255)}.{random.randrange(255)}.{random.randrange(1, 255)}"


def refusal(address: str, *ports: int) -> str:
    with pytest.raises(Taken) as raised, claimed((address,), ports):
        pass
    return str(raised.value)


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_whoever_listens_on_the_address_is_named_whatever_the_port(protocol: str, address: str) -> None:
    with other(protocol, address) as its:
        said = refusal(address)
    assert said.startswith(f"process {its.pid} ({sys.executable} -c ")
    assert said.endswith(f") listens on {address}:{its.port}/{protocol}")


@pytest.mark.parametrize("kind", EVERYWHERE)
def test_whoever_listens_on_every_address_is_named_where_the_port_is_needed(kind: str, address: str) -> None:
    with other(kind, EVERYWHERE[kind]) as its:
        said = refusal(address, its.port)
        with claimed((address,), (its.port - 1,)):
            """The port beside it is free."""
    assert f"process {its.pid} (" in said
    assert said.endswith(f"{EVERYWHERE[kind]}:{its.port}/{kind[:3]}")


def test_a_second_run_hears_of_the_first_one_before_that_has_started_anything(address: str) -> None:
    with claimed((address,), ()):
        assert f"process {os.getpid()} (" in (said := refusal(address))
        assert said.endswith(f"{address}:{CLAIM_PORT}/tcp (another run of this lane)")
    with claimed((address,), ()):
        """It is free again."""
