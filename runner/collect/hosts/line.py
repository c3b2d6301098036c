"""The HTTP connection to one host, with an end: whatever the host sends costs a bounded time and a bounded memory.

Every byte of an answer, its headers too, is counted as it arrives, before anything is made of it. Nothing is unpacked: an answer with a
Content-Encoding is refused.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import time
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from checks.facts.fact import Reason
from checks.text import Text, text
from runner.collect.trial import Attempt
from runner.collect.unread import Unread

MOST_BYTES = 32 * 1024 * 1024
"""Of all answers of a visit. A host with a thousand VMs sends less than a quarter."""
MOST_ANSWER_BYTES = 2 * 1024 * 1024
"""Of one answer: four times the largest envelope that we ask for."""
MOST_ROUNDS = 12
"""HTTP requests for one WSMan operation. It takes one. On a new connection (seen with the lab) NTLM and Negotiate take four: the one that
is refused, two of the sign-in, the message; CredSSP seven, with TLS, the sign-in inside, the public key and the password. Kerberos needs
no more than NTLM, and a Negotiate that changes its mind two more."""


class Refused(Unread, requests.RequestException):
    """An answer that is not taken, whatever is in it."""

    def __init__(self, why: Text) -> None:
        super().__init__(Reason.UNREADABLE, why)


class Line:
    """What the answers of one host may still cost: until when (`time.monotonic`), how many bytes, how many requests for the operation
    under way. `attempt` is the sign-in; `refused` tells that the last answer refused a request which carried one."""

    def __init__(self, end: float, attempt: Attempt) -> None:
        self.end = end
        self.attempt = attempt
        self.refused = False
        self.bytes_left = MOST_BYTES
        self.rounds_left = MOST_ROUNDS
        self.sockets: list[socket.socket] = []

    def begin(self, end: float) -> None:
        """A new operation, to be answered by `end`."""
        self.end, self.rounds_left = end, MOST_ROUNDS

    @property
    def seconds_left(self) -> float:
        """Raises TimeoutError when there are none."""
        seconds = self.end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the time for this answer is over")
        return seconds

    def take_round(self) -> None:
        self.rounds_left -= 1
        if self.rounds_left < 0:
            raise Refused(text("the host asks for another sign-in after each one"))

    def take(self, count: int) -> None:
        self.bytes_left -= count
        if self.bytes_left < 0:
            raise Refused(text("answers of more than {bytes} bytes", bytes=MOST_BYTES))

    def hang_up(self) -> None:
        """Close every connection, also one that an answer still holds: urllib3 waits for its collection."""
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


class _Counted(io.RawIOBase):
    """What comes through a socket for one answer. pypsrp finds the socket in `_sock`, for the channel binding."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, line: Line) -> None:
        self._inner = inner
        self._sock = sock
        self._line = line
        self._left = MOST_ANSWER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._line.seconds_left)
        count = self._inner.readinto(buffer)
        self._line.take(count or 0)
        self._left -= count or 0
        if self._left < 0:
            raise Refused(text("an answer of more than {bytes} bytes", bytes=MOST_ANSWER_BYTES))
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, line: Line, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_Counted(self.fp.detach(), sock, line))


class LineAdapter(HTTPAdapter):
    """Sends each request once, over connections whose answers are counted. Raises Refused for what is not taken."""

    def __init__(self, line: Line) -> None:
        self.line = line
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _counted(type(pool).ConnectionCls, self.line)
        return pool

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        self.line.take_round()
        _ = self.line.seconds_left
        signs_in, self.line.refused = "Authorization" in request.headers, False
        if signs_in:
            self.line.attempt.begin(self.line.end)
        response = super().send(request, *arguments, **options)
        encoding = response.headers.get("Content-Encoding")
        if encoding is not None:
            response.close()
            raise Refused(text("an answer in a content encoding"))
        if response.status_code == requests.codes.unauthorized:
            self.line.refused = signs_in
            self.line.attempt.begin(self.line.end)
        elif signs_in:
            self.line.attempt.accepted()
        return response


def _counted(connection: Any, line: Line) -> type:
    """A class of connections like this one, for this line."""

    class Counted(connection):  # type: ignore[misc]
        response_class = staticmethod(partial(_Answer, line))

        def connect(self) -> None:
            super().connect()
            line.sockets.append(self.sock)

    return Counted
