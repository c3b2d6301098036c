"""Hosts that answer what they like, before and after the logon, and visits to them."""

from __future__ import annotations

import itertools
import socketserver
import struct
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psrpcore

from checks.facts.host import HostFacts
from checks.plan import Transport
from lab.credentials import Credentials as Accounts
from lab.scenario import HostSpec
from lab.serving import Serving
from lab.shell import Shell, Start
from lab.winrm import Listener
from lab.wsman import WSMan
from runner.collect.credentials import Credentials
from runner.collect.hosts.messages import Kind
from runner.collect.hosts.target import Target
from runner.collect.hosts.visit import visit
from tests.collect.directories import forests
from tests.collect.directories.forests import COLLECTOR, PATIENCE_S

NAME = "TestServer01"
ASKS = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"


class _Speaking(socketserver.BaseRequestHandler):
    """Reads one request after another and answers each with the parts that the server's `speech` gives, until the visit hangs up."""

    server: Server

    def handle(self) -> None:
        with self.request.makefile("rb") as stream:
            while self.server.visited and (header := self._header(stream)):
                self.server.authorizations.append(header)
                for part in self.server.speech():
                    self.request.sendall(part)
                    self.server.sent += len(part)

    def _header(self, stream: Any) -> str:
        """The Authorization of a request, or "none"; nothing when there is no further request."""
        lines = [line.decode("latin-1").strip() for line in itertools.takewhile(bytes.strip, iter(stream.readline, b""))]
        fields = dict(line.partition(": ")[::2] for line in lines)
        stream.read(int(fields.get("Content-Length", 0)))
        return fields.get("Authorization", "none") if lines else ""

    def finish(self) -> None:
        self.server.hung_up.set()


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, speech: Callable[[], Iterator[bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Speaking)
        self.speech = speech
        self.visited = True
        self.sent = 0
        self.authorizations: list[str] = []
        self.hung_up = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever has enough hangs up."""


@contextmanager
def speaking(speech: Callable[[], Iterator[bytes]]) -> Iterator[Server]:
    with Server(speech) as server, Serving(server):
        try:
            yield server
        finally:
            server.visited = False


def visit_to(server: Server, deadline_s: float = PATIENCE_S, auth: Transport = Transport.NEGOTIATE) -> HostFacts:
    somebody = Credentials("CONTOSO\\hv-reader", "not a password of anyone")
    return visit(Target(NAME, "127.0.0.1", server.server_address[1], NAME, auth=auth), (), somebody, deadline_s)[0]


def psrp(kind: Kind, xml: str) -> bytes:
    """A message of a session in one fragment."""
    message = struct.pack("<II", 1, kind) + bytes(32) + b"\xef\xbb\xbf" + xml.encode()
    return struct.pack(">QQBI", uuid.uuid4().int >> 65, 0, 3, len(message)) + message


class _Hostile(Shell):
    """A shell whose pipelines put out the same bytes, again and again."""

    def __init__(self, output: bytes, creation: bytes) -> None:
        self.output = output
        super().__init__(lambda _: (), Start(), creation)

    def _run(self, pipeline: psrpcore.ServerPipeline) -> None:
        with self._changed:
            self._output[pipeline.pipeline_id].extend(itertools.repeat(self.output, 1000))
            self._changed.notify_all()


@contextmanager
def serving(wsman: WSMan) -> Iterator[tuple[Target, Credentials]]:
    """Where a host with this service is visited, and by whom."""
    accounts = Accounts(forests.scenario(TestServer01=HostSpec()))
    with accounts:
        listener = Listener(wsman, accounts)
        listener.start()
        try:
            yield Target(NAME, "127.0.0.1", listener.port, NAME), Credentials(COLLECTOR, accounts.password_of(COLLECTOR))
        finally:
            listener.stop()


def putting_out(output: bytes) -> WSMan:
    """The service of a host whose pipelines put out so."""
    return WSMan("TESTSERVER01", lambda _: (), opens=partial(_Hostile, output))


@contextmanager
def session_with(output: bytes) -> Iterator[Callable[..., HostFacts]]:
    """A visit to a host whose pipelines put out so."""
    with serving(putting_out(output)) as (target, signed_in):
        yield lambda deadline_s=PATIENCE_S: visit(target, (), signed_in, deadline_s)[0]


def unfolding(levels: int) -> str:
    """A list of ten lists of ten lists …, of which each is written once and referred to nine times: ten to the power of `levels` words."""
    inner = "<S>boom</S>"
    for level in range(levels):
        inner = f'<Obj RefId="{99 - level}"><TN RefId="{99 - level}"><T>System.Collections.ArrayList</T></TN><LST>{inner}'
        inner += f'<Ref RefId="{100 - level}"/>' * 9 * (level > 0) + "</LST></Obj>"
    return inner.replace("<Obj ", '<Obj N="Message" ', 1)


def failed(message: str) -> str:
    """A pipeline's end with an error record, whose exception has this as its message."""
    return (
        '<Obj RefId="0"><MS><I32 N="PipelineState">5</I32><Obj N="ExceptionAsErrorRecord" RefId="1">'
        '<TN RefId="0"><T>System.Management.Automation.ErrorRecord</T><T>System.Object</T></TN><MS>'
        '<Obj N="Exception" RefId="2"><TN RefId="1"><T>System.Exception</T><T>System.Object</T></TN>'
        f"<Props>{message}</Props></Obj>"
        '<S N="FullyQualifiedErrorId">Strange</S><I32 N="ErrorCategory_Category">0</I32><B N="SerializeExtendedInfo">false</B>'
        "</MS></Obj></MS></Obj>"
    )
