"""The WinRM listener of one computer: HTTP or HTTPS on loopback, authentication, message encryption, and what can go wrong.

Over HTTP it takes Negotiate (NTLM) and CredSSP and insists on encrypted messages; over HTTPS it takes Basic too, and Negotiate is
bound to the channel. Windows has the same defaults, except that Basic and CredSSP have to be switched on there.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import logging
import socket
import socketserver
import ssl
import threading
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import spnego
from spnego.channel_bindings import GssChannelBindings

from lab.credentials import Credentials, acceptor
from lab.scenario import Fault
from lab.sealing import is_sealed, seal, unseal
from lab.serving import Serving
from lab.wsman import WSMan

_LOG = logging.getLogger(__name__)

LATE_S = 5.0
"""How long a late host waits before each answer when the scenario names no delay."""

_SOAP = "application/soap+xml;charset=UTF-8"
_MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
"""What a client that has shown its own certificate says in Authorization (DSP0226)."""


class Certificate(NamedTuple):
    """A server certificate: PEM files of the certificate and its key, and the certificate itself (DER)."""

    certificate_file: Path
    key_file: Path
    der: bytes


class Listener:
    """The listener and its threads, from `start` to `stop`.

    `fault` and `delay_s` (before each WSMan request) are what the scenario wants to go wrong; RUBBISH and DENIES are the
    business of the WSMan service behind it. `port` is chosen by the system. `clients` is the authority whose certificates let a
    client in without a password.
    """

    def __init__(
        self,
        wsman: WSMan,
        credentials: Credentials,
        *,
        certificate: Certificate | None = None,
        clients: Path | None = None,
        fault: Fault | None = None,
        delay_s: float = 0.0,
        address: str = "127.0.0.1",
    ) -> None:
        self.wsman = wsman
        self.credentials = credentials
        self.fault = fault
        self.delay_s = delay_s or (LATE_S if fault is Fault.LATE else 0.0)
        self.refused = 0
        self.stopped = threading.Event()
        self.bindings: GssChannelBindings | None = None
        self._server = _Server((address, 0), _Connection, bind_and_activate=False)
        self._server.listener = self
        self._server.server_bind()
        self.address: str = address
        self.port: int = self._server.server_address[1]
        self._serving: Serving | None = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.certificate_file, certificate.key_file)
            if clients is not None:
                context.load_verify_locations(clients)
                context.verify_mode = ssl.CERT_OPTIONAL
            self._server.tls = context
            digest = hashlib.sha256(certificate.der).digest()
            self.bindings = GssChannelBindings(application_data=b"tls-server-end-point:" + digest)

    @property
    def encrypted_messages_only(self) -> bool:
        return self.bindings is None

    @property
    def schemes(self) -> tuple[str, ...]:
        return ("Negotiate", "CredSSP") if self.bindings is None else ("Negotiate", "CredSSP", 'Basic realm="WSMAN"')

    def start(self) -> None:
        """Listen, unless this host refuses connections: then its port stays taken and closed."""
        if self.fault is Fault.REFUSES:
            return
        self._server.server_activate()
        if self.fault is not Fault.HANGS:
            self._serving = Serving(self._server)

    def stop(self) -> None:
        self.stopped.set()
        self.wsman.close()
        if self._serving is not None:
            self._serving.end()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    """Threads end with their connections; `server_close` ends those that are left."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    listener: Listener
    tls: ssl.SSLContext | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args, **options)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Runs in the connection's own thread, so a slow handshake holds up nobody else."""
        connection = self.tls.wrap_socket(request, server_side=True) if self.tls else request
        self._open.add(connection)
        try:
            super().finish_request(connection, client_address)
        finally:
            self._open.discard(connection)
            connection.close()

    def server_close(self) -> None:
        super().server_close()
        for connection in tuple(self._open):
            _shut(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        _LOG.debug("connection from %s ended", client_address, exc_info=True)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _LOG.debug("connection was closed already")


class _Connection(http.server.BaseHTTPRequestHandler):
    """One TCP connection: its security context lives as long as it does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server
    scheme = ""
    context: Any = None
    signed_in = False

    def log_message(self, *_: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers: dict[str, str] = {}
        authorization = self.headers.get("Authorization", "")
        if authorization or not self.signed_in:
            answer = self._sign_in(authorization)
            if not self.signed_in:
                self.server.listener.refused += bool(authorization and not answer)
                schemes = (answer,) if answer else self.server.listener.schemes
                self._send(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": schemes})
                return
            headers = {"WWW-Authenticate": answer} if answer else {}
        sealed = is_sealed(self.headers.get("Content-Type", ""))
        if not body:
            self._send(HTTPStatus.OK, b"", headers)
        elif self.server.listener.encrypted_messages_only and not sealed:
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, b"", headers)
        else:
            self._serve(unseal(self.context, body) if sealed else body, sealed, headers)

    def _sign_in(self, authorization: str) -> str:
        """Take one step; the answer is what goes back in WWW-Authenticate, empty when there is nothing to say."""
        self.signed_in = False
        scheme, _, token = authorization.partition(" ")
        scheme = scheme.lower()
        if authorization == _MUTUAL and isinstance(self.connection, ssl.SSLSocket):
            self.signed_in = bool(self.connection.getpeercert())
            return ""
        if scheme == "basic" and self.server.listener.bindings is not None:
            self.signed_in = self._basic(token)
            return ""
        if scheme not in ("negotiate", "credssp") or not token:
            return ""
        if self.context is None or self.context.complete or self.scheme != scheme:
            self.scheme, self.context = scheme, self._new_context(scheme)
        try:
            answer = self.context.step(base64.b64decode(token)) or b""
        except Exception as error:  # every reason to refuse a token is the same to the client
            _LOG.debug("sign-in refused: %s", type(error).__name__)
            self.context = None
            return ""
        self.signed_in = bool(self.context.complete)
        return f"{authorization.partition(' ')[0]} {base64.b64encode(answer).decode()}".strip()

    def _basic(self, token: str) -> bool:
        """Clients send either UTF-8 or Latin-1."""
        sent = base64.b64decode(token)
        known = self.server.listener.credentials
        return any(
            known.password_of(name) == password
            for name, colon, password in (sent.decode(encoding, "replace").partition(":") for encoding in ("utf-8", "latin-1"))
            if colon
        )

    def _new_context(self, scheme: str) -> Any:
        listener = self.server.listener
        if scheme == "credssp":
            return acceptor("unspecified", "HTTP", protocol="credssp")
        options = spnego.NegotiateOptions
        sealing = options.wrapping_winrm if listener.encrypted_messages_only else options.none
        return acceptor("unspecified", "host", bindings=listener.bindings, options=sealing)

    def _serve(self, message: bytes, sealed: bool, headers: dict[str, str]) -> None:
        listener = self.server.listener
        listener.stopped.wait(listener.delay_s)
        reply = listener.wsman.handle(message)
        kind, body = seal(self.context, self.scheme, reply.body) if sealed else (_SOAP, reply.body)
        cut = reply.carries_output and listener.fault in (Fault.DROPS, Fault.HALF)
        self._send(reply.status, body, {"Content-Type": kind, **headers}, cut=cut)

    def _send(self, status: int, body: bytes, headers: dict[str, Any], *, cut: bool = False) -> None:
        """Send an answer; when `cut`, only the first half of its body before the fault."""
        self.send_response(status)
        for name, value in headers.items():
            for each in (value,) if isinstance(value, str) else value:
                self.send_header(name, each)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self.close_connection = True
            if self.server.listener.fault is Fault.HALF:
                self.server.listener.stopped.wait()
