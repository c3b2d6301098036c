"""Who runs the lane twice at a time reads which address is taken and by what; needs no Samba."""

from __future__ import annotations

import os
import shutil
import socket

import pytest

from tests.lanes import lacking
from tests.samba.addresses import taken


def test_a_taken_port_is_named_with_the_process_that_listens() -> None:
    if shutil.which("ss") is None:
        lacking("there is no ss (Debian: iproute2)")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        (found,) = taken(["127.0.0.1"], [port])
    assert f"127.0.0.1:{port} is taken by process {os.getpid()} (" in str(found)
    assert "pytest" in str(found) or "python" in str(found)


def test_without_the_tool_the_port_is_named_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (found,) = taken(["127.0.0.1"], [listening.getsockname()[1]])
    assert str(found).endswith("is taken by a process that this machine does not name")


def test_free_ports_are_nobodys() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert not list(taken(["127.0.0.1"], [port]))
