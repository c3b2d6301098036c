"""Why a host, or a section of it, was not read: from exceptions and error records to a reason and a detail for people.

A reason comes from types, identifiers and numbers, never from text, which is in the host's language.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator, Sequence
from http import HTTPStatus

import requests
import spnego.exceptions
import urllib3.exceptions
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError

from checks.facts.fact import Reason
from checks.text import Text, text, verbatim
from runner.collect.hosts.signs import Failure, hexadecimal
from runner.collect.unread import Unread


class SessionBroken(Unread):
    """The session did not start: a start-up script of the host failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(Reason.UNREADABLE, text("the session did not start: {problem}", problem=str(failure)))


class Interrupted(Unread):
    """The user ended the visit."""

    def __init__(self) -> None:
        super().__init__(Reason.NOT_COLLECTED, text("interrupted"))


ACCESS_DENIED_FAULTS = frozenset({5, 0x80070005, 0x8009030C, 0x8033808C})
TIMED_OUT_FAULTS = frozenset({0x80338029})
NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, 10065, 10051})
"""As POSIX and as Windows number it."""
HTTP_REASONS = {401: Reason.ACCESS_DENIED, 403: Reason.ACCESS_DENIED, 503: Reason.UNREACHABLE}


def explain(error: Exception) -> tuple[Reason, Text]:
    """The reason for which a host was not read, and the detail for people: types and numbers, and no secret."""
    causes = tuple(_causes(error))
    name = type(error).__name__
    for cause in causes:
        if isinstance(cause, Unread):
            return cause.reason, cause.detail
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Reason.UNREACHABLE, text("certificate not trusted: {problem}", problem=cause.verify_message)
    if any(map(_is_timeout, causes)):
        return Reason.TIMED_OUT, text("{error}: no answer in time", error=name)
    match error:
        case ImportError():
            return Reason.NOT_COLLECTED, text("a library is not installed here: {library}", library=str(error.name or error))
        case AuthenticationError() | spnego.exceptions.SpnegoError():
            return Reason.ACCESS_DENIED, text("{error}: the host does not accept this logon", error=name)
        case WSManFaultError():
            return _of_fault(error.code), text("WSMan fault {code}", code=hexadecimal(error.code))
        case WinRMTransportError():
            if error.code == HTTPStatus.NOT_FOUND:
                return Reason.UNREADABLE, text("HTTP {code}: what answers there is not WinRM", code=error.code)
            return HTTP_REASONS.get(error.code, Reason.UNREADABLE), verbatim(f"HTTP {error.code}")
        case requests.exceptions.SSLError():
            return Reason.UNREACHABLE, text("TLS failed: {problem}", problem=_innermost(causes))
        case requests.TooManyRedirects():
            return Reason.UNREADABLE, text("the host redirects, which is not followed")
        case OSError():  # of requests and of the system: refused, unknown name, no route, dropped
            return Reason.UNREACHABLE, _of_system(causes) or verbatim(f"{name}: {_innermost(causes)}")
        case _:
            return Reason.UNREADABLE, verbatim(name)


def _is_timeout(cause: BaseException) -> bool:
    """A refused connection is none, although urllib3 derives it from one."""
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return False
    return isinstance(cause, TimeoutError | urllib3.exceptions.TimeoutError | requests.Timeout)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it came from: as cause, as context, or as the value with which a library wraps another's."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting.extend(candidate for candidate in inner if isinstance(candidate, BaseException))


def _of_system(causes: Sequence[BaseException]) -> Text | None:
    """What the system's error means to whoever has to mend it, where that is known."""
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return text("the connection is refused: nothing listens there, or a firewall refuses in its place")
        if isinstance(cause, ConnectionResetError | ConnectionAbortedError | BrokenPipeError):
            return text("the connection was dropped")
        if isinstance(cause, socket.gaierror):
            return text(
                "this computer does not resolve its name, and [names] is not asked for connections: address in [hosts] says where it is"
            )
        if isinstance(cause, OSError) and cause.errno in NO_ROUTE:
            return text("no route leads there")
    return None


def _innermost(causes: Sequence[BaseException]) -> str:
    """The system's own error where there is one: its type, and its message, which is this machine's and not the host's."""
    system = [cause for cause in causes if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException)]
    chosen = system[-1] if system else causes[-1]
    return f"{type(chosen).__name__} {getattr(chosen, 'strerror', None) or ''}".strip()


def _of_fault(code: object) -> Reason:
    if code in ACCESS_DENIED_FAULTS:
        return Reason.ACCESS_DENIED
    return Reason.TIMED_OUT if code in TIMED_OUT_FAULTS else Reason.UNREADABLE
