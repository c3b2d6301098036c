"""One LDAP connection as bytes: plain, inside TLS, or in the sealed frames that a SASL bind sets up; cut into messages."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import suppress

import spnego
from sansldap.asn1 import ASN1Reader, NotEnougData
from spnego.exceptions import SpnegoError

LARGEST = 1 << 20
"""Longer messages and frames (bytes) are refused."""

MALFORMED: tuple[type[Exception], ...] = (ValueError, IndexError, NotEnougData)
"""What sansldap's reader raises for bytes that it cannot read."""

_FRAME = 1 << 16


class WireError(Exception):
    """The peer sent what cannot be the beginning of a message or frame."""


class Wire:
    """The transport of one connection. `receive` and `send` raise OSError when the peer is gone, and WireError."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._seal: spnego.ContextProxy | None = None
        self._frames = bytearray()
        self._plain = bytearray()

    @property
    def tls(self) -> bool:
        return isinstance(self._socket, ssl.SSLSocket)

    def start_tls(self, context: ssl.SSLContext) -> None:
        secured = context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        self._socket = secured
        secured.do_handshake()

    def hang_up(self) -> None:
        """End the connection from any thread; whoever waits on it wakes up."""
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self.hang_up()
        self._socket.close()

    def seal(self, context: spnego.ContextProxy) -> None:
        """From now on everything is signed and encrypted by this context, in frames with a length of four bytes (RFC 4422 3.7)."""
        self._seal = context

    def messages(self) -> Iterator[bytes]:
        """Whole messages as they come, until the peer has closed the connection."""
        while data := self._socket.recv(65536):
            self._plain += self._opened(data) if self._seal else data
            while message := self._first():
                yield message

    def _opened(self, data: bytes) -> bytes:
        assert self._seal is not None
        self._frames += data
        opened = b""
        while len(self._frames) >= 4:
            size = struct.unpack_from(">I", self._frames)[0]
            if size > LARGEST:
                raise WireError(f"a frame of {size} bytes")
            if len(self._frames) < 4 + size:
                break
            token = bytes(self._frames[4 : 4 + size])
            del self._frames[: 4 + size]
            try:
                opened += self._seal.unwrap(token).data
            except SpnegoError as error:
                raise WireError("a frame that does not open") from error
        return opened

    def _first(self) -> bytes:
        """The first message that has fully arrived, or nothing."""
        try:
            header = ASN1Reader(bytes(self._plain[:16])).peek_header()
        except NotEnougData:
            return b""
        except MALFORMED as error:
            raise WireError("no beginning of a message") from error
        size = header.tag_length + header.length
        if size > LARGEST:
            raise WireError(f"a message of {size} bytes")
        if len(self._plain) < size:
            return b""
        message = bytes(self._plain[:size])
        del self._plain[:size]
        return message

    def send(self, data: bytes) -> None:
        self._socket.sendall(self._protected(data))

    def send_half(self, data: bytes) -> None:
        protected = self._protected(data)
        self._socket.sendall(protected[: max(1, len(protected) // 2)])

    def _protected(self, data: bytes) -> bytes:
        if self._seal is None:
            return data
        tokens = (self._seal.wrap(data[start : start + _FRAME]).data for start in range(0, len(data), _FRAME))
        return b"".join(struct.pack(">I", len(token)) + token for token in tokens)
