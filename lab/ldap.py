"""A domain controller's LDAP side on real sockets, for clients that know nothing of the lab."""

from __future__ import annotations

import socketserver
import ssl

from lab.credentials import Credentials
from lab.directory import Directory
from lab.ldap_connection import ENDED, Connection, Request, Service
from lab.ldap_wire import Wire
from lab.scenario import Fault
from lab.serving import Serving

LATE_S = 5.0
"""How long a late controller takes for each answer when the scenario names no delay."""


class LdapServer:
    """One domain controller: serves a directory on a free port of `address` between `start` and `stop`, or as a context manager.

    Simple binds are refused outside TLS, SASL binds are GSS-SPNEGO (NTLM for the accounts of `credentials`) and must sign and
    seal outside TLS. With `tls` StartTLS is offered, with `ldaps` the port speaks TLS from the first byte. `requests` holds what
    clients asked. Only reading is possible; other operations end the connection.
    """

    def __init__(
        self,
        directory: Directory,
        credentials: Credentials,
        *,
        fault: Fault | None = None,
        delay_s: float = 0.0,
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        ldaps: bool = False,
    ) -> None:
        slow_s = delay_s or (LATE_S if fault is Fault.LATE else 0.0)
        self._service = Service(directory, credentials, fault, slow_s, tls, ldaps)
        self._address = address
        self._listener: _Listener | None = None

    @property
    def port(self) -> int:
        if self._listener is None:
            raise RuntimeError("the server is not started")
        return int(self._listener.server_address[1])

    @property
    def directory(self) -> Directory:
        """What it serves. Its entries may be replaced while it runs: the next search shows them."""
        return self._service.directory

    @property
    def requests(self) -> list[Request]:
        return self._service.requests

    def start(self) -> None:
        self._service.stopping.clear()
        self._listener = _Listener(self._service, self._address)
        if self._service.fault is not Fault.REFUSES:
            self._listener.server_activate()
            self._listener.run()

    def stop(self) -> None:
        self._service.stopping.set()
        if self._listener is not None:
            self._listener.end()
            self._listener = None

    def __enter__(self) -> LdapServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listener(socketserver.ThreadingTCPServer):
    """Bound at once; without `run` it refuses connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, service: Service, address: str) -> None:
        super().__init__((address, 0), _Handler, bind_and_activate=False)
        self.service = service
        self.wires: set[Wire] = set()
        self._serving: Serving | None = None
        self.server_bind()

    def run(self) -> None:
        self._serving = Serving(self, "lab-ldap")

    def end(self) -> None:
        if self._serving:
            self._serving.end()
        self.server_close()
        for wire in list(self.wires):
            wire.hang_up()


class _Handler(socketserver.BaseRequestHandler):
    server: _Listener

    def handle(self) -> None:
        wire = Wire(self.request)
        self.server.wires.add(wire)
        try:
            Connection(self.server.service, wire).serve()
        except ENDED:
            return
        finally:
            self.server.wires.discard(wire)
            wire.close()
