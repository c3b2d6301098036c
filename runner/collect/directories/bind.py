"""A GSS-SPNEGO bind for ldap3 2.9.1, through pyspnego: signed and sealed without TLS, bound to the channel with it.

ldap3's own binds cannot sign or seal, which a domain controller may insist on, and cannot use the current Windows logon. This one does
both with the credentials that also open a PowerShell session. It reaches into ldap3's strategy, hence the exact version.

Everything a server sends passes `_Channel`, which ends at a deadline and at a total size, and `Messages`, which looks over each message
before ldap3 decodes it: a server that is slow, endless or odd costs no more than that.
"""

from __future__ import annotations

import socket
import ssl
import struct
import time
from typing import Any

import ldap3
import spnego
import truststore
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from ldap3.protocol.sasl.sasl import send_sasl_negotiation
from spnego.channel_bindings import GssChannelBindings

from checks.facts.fact import Reason
from checks.text import text
from runner.collect.credentials import Credentials
from runner.collect.directories.messages import Messages
from runner.collect.directories.peers import Security
from runner.collect.unread import Unread

CONNECT_S = 5
RECEIVE_S = 15
MOST_BYTES = 64 * 1024 * 1024
MOST_TOKEN_BYTES = 16 * 1024 * 1024
MOST_STEPS = 8
"""Of one sign-in. NTLM and Kerberos take two, a Negotiate that changes its mind two more."""

_SUCCESS, _IN_PROGRESS = 0, 14
_SEALED = spnego.ContextReq.default
_IN_TLS = spnego.ContextReq.mutual_auth | spnego.ContextReq.no_integrity
"""Controllers refuse to sign or seal inside TLS. Detecting replays would turn signing on too; TLS detects them."""


def _seconds_left(deadline: float) -> float:
    """How long one answer may take. Raises TimeoutError."""
    seconds = min(float(RECEIVE_S), deadline - time.monotonic())
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    return seconds


class _Channel:
    """A socket with an end: every wait is bounded by the deadline (`time.monotonic`), all answers together by MOST_BYTES."""

    def __init__(self, inner: socket.socket, deadline: float) -> None:
        self.inner = inner
        self.deadline = deadline
        self.left = MOST_BYTES

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def _wait(self) -> None:
        self.inner.settimeout(_seconds_left(self.deadline))

    def sendall(self, data: bytes) -> None:
        self._wait()
        self.inner.sendall(data)

    def recv(self, size: int) -> bytes:
        self._wait()
        data = self.inner.recv(size)
        self.left -= len(data)
        if self.left < 0:
            raise Unread(Reason.UNREADABLE, text("answers of more than {bytes} bytes", bytes=MOST_BYTES))
        return data


class _SealedChannel:
    """The security layer of RFC 4422: each buffer is its length in four bytes, followed by a wrapped token."""

    def __init__(self, channel: _Channel, context: Any) -> None:
        self.channel = channel
        self.context = context
        self.sealed = bytearray()
        self.plain = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.channel, name)

    def sendall(self, data: bytes) -> None:
        token = self.context.wrap(bytes(data)).data
        self.channel.sendall(struct.pack(">I", len(token)) + token)

    def recv(self, size: int) -> bytes:
        while not self.plain:
            data = self.channel.recv(65536)
            if not data:
                return b""
            self.sealed += data
            self._unwrap()
        answer = bytes(self.plain[:size])
        del self.plain[:size]
        return answer

    def _unwrap(self) -> None:
        while len(self.sealed) >= 4:
            (length,) = struct.unpack_from(">I", self.sealed)
            if length > MOST_TOKEN_BYTES:
                raise Unread(Reason.UNREADABLE, text("an answer of more than {bytes} bytes", bytes=MOST_TOKEN_BYTES))
            if len(self.sealed) < 4 + length:
                return
            token = bytes(self.sealed[4 : 4 + length])
            del self.sealed[: 4 + length]
            try:
                self.plain += self.context.unwrap(token).data
            except spnego.exceptions.SpnegoError:
                raise Unread(Reason.UNREADABLE, text("an answer that does not decrypt")) from None


class _Tls(ldap3.Tls):  # type: ignore[misc]
    """TLS that trusts what the system trusts, and the certificates of `ca_file` as well, for the name that was asked for."""

    def __init__(self, name: str, ca_file: str | None) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.name = name
        self.trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file:
            self.trust.load_verify_locations(cafile=ca_file)

    def wrap_socket(self, connection: Connection, do_handshake: bool = True) -> None:
        connection.messages.end_layer()
        inner = connection.socket.inner if isinstance(connection.socket, _Channel) else connection.socket
        inner.settimeout(_seconds_left(connection.deadline))  # Python takes it for the handshake as a whole
        connection.socket = self.trust.wrap_socket(inner, server_hostname=self.name, do_handshake_on_connect=do_handshake)


class Connection(ldap3.Connection):  # type: ignore[misc]
    """A connection to one controller, synchronous, that follows no referral.

    `host` is where to connect, `name` what the certificate and the service ticket must be for. `security` SEALED: the bind turns on
    sealing; START_TLS and LDAPS: TLS with a verified certificate, to which the bind is tied. `protocol` is negotiate, kerberos or ntlm,
    `agreed` what came of it: kerberos or ntlm. `messages` is what arrives. `deadline` is on the clock of `time.monotonic`. Raises what
    ldap3, pyspnego and sockets raise, and Unread.
    """

    socket: Any

    def __init__(
        self,
        host: str,
        port: int,
        *,
        name: str,
        credentials: Credentials,
        deadline: float,
        protocol: str = "negotiate",
        security: Security = Security.SEALED,
        ca_file: str | None = None,
    ) -> None:
        self.name = name
        self.security = security
        self.credentials = credentials
        self.protocol = protocol
        self.deadline = deadline
        self.agreed = ""
        self.messages = Messages()
        trust = None if security is Security.SEALED else _Tls(name, ca_file)
        server = ldap3.Server(host, port, use_ssl=security is Security.LDAPS, tls=trust, get_info=ldap3.NONE, connect_timeout=CONNECT_S)
        super().__init__(
            server,
            authentication=ldap3.SASL,
            sasl_mechanism="GSS-SPNEGO",
            auto_referrals=False,
            receive_timeout=RECEIVE_S,
            read_only=True,
            check_names=False,
            return_empty_attributes=False,
        )
        self.strategy.receiving = self._received

    def reach(self) -> None:
        """Connect, and turn TLS on where it is to be."""
        self.open(read_server_info=False)
        self.socket = _Channel(self.socket, self.deadline)
        if self.security is Security.START_TLS:
            self.start_tls(read_server_info=False)
            self.socket = _Channel(self.socket, self.deadline)

    def sign_in(self) -> None:
        """Authenticate; afterwards `bound` says whether it succeeded and `result` how it ended."""
        self.bound = self._negotiate()["result"] == _SUCCESS

    def _negotiate(self) -> dict[str, Any]:
        """The bind's last result. Not ldap3's `bind`, which knows the mechanisms of its own list only."""
        in_tls = self.security is not Security.SEALED
        context = spnego.client(
            self.credentials.user,
            self.credentials.password(),
            hostname=self.name,
            service="ldap",
            protocol=self.protocol,
            context_req=_IN_TLS if in_tls else _SEALED,
            channel_bindings=self._channel_bindings() if in_tls else None,
        )
        with self.connection_lock:
            self.sasl_in_progress = True
            try:
                token = context.step()
                for _ in range(MOST_STEPS):
                    result: dict[str, Any] = send_sasl_negotiation(self, None, token)
                    answer = bytes(result.get("saslCreds") or b"")
                    if result["result"] not in (_SUCCESS, _IN_PROGRESS):
                        return result
                    token = context.step(answer) if answer and not context.complete else None
                    if result["result"] == _SUCCESS:
                        break
                else:
                    raise spnego.exceptions.InvalidTokenError(context_msg="the server asks for one step after the other")
            finally:
                self.sasl_in_progress = False
                self.agreed = context.negotiated_protocol or ""
            if not context.complete:
                raise spnego.exceptions.InvalidTokenError(context_msg="the server ended the negotiation before it proved itself")
            if not in_tls:
                if not context.context_attr & spnego.ContextReq.confidentiality:
                    raise spnego.exceptions.OperationNotAvailableError(context_msg="the server does not seal")
                self.messages.end_layer()
                self.socket = _SealedChannel(self.socket, context)
            return result

    def _received(self) -> list[bytes]:
        """The next message, in the place of ldap3's own receiving; none when the server has hung up."""
        _seconds_left(self.deadline)
        try:
            message = self.messages.next(self.socket.recv)
        except OSError:
            self.strategy.close()
            raise
        return [message] if message else []

    def _channel_bindings(self) -> GssChannelBindings:
        """tls-server-end-point (RFC 5929): the hash of the server's certificate."""
        certificate = self.socket.getpeercert(True)
        algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
        if algorithm is None or algorithm.name in ("md5", "sha1"):
            algorithm = hashes.SHA256()
        digest = hashes.Hash(algorithm)
        digest.update(certificate)
        return GssChannelBindings(application_data=b"tls-server-end-point:" + digest.finalize())
