"""One visit to a host over PowerShell remoting: one shell, one pipeline, one JSON answer, and always a complete set of facts.

Nothing is taken from the environment: no proxy, no list of authorities, no stored login. Over HTTP every message is encrypted and an
unencrypted answer is refused; Basic authentication is refused without TLS; redirects are not followed.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import msgspec
import requests
import spnego.exceptions
import urllib3.exceptions
from msgspec import UNSET, Struct, UnsetType
from pypsrp.complex_objects import PSInvocationState
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import OptionSet, SelectorSet, WSMan

from checks.facts import HOST_FACTS, LOG_FACTS, HostFacts, HostVisit, LogFacts, Missing, Reason, missing_host
from checks.plan import Plan, Transport
from runner.collect import answer
from runner.collect.credentials import Credentials
from runner.collect.tls import TrustAdapter

logging.getLogger("pypsrp").addHandler(logging.NullHandler())

SCRIPT = resources.files("runner.collect").joinpath("collect.ps1").read_text(encoding="utf-8")

HTTP_PORT, HTTPS_PORT = 5985, 5986
PORT_TIMEOUT_MS = 2000
CONNECT_S = 15.0
OPERATION_S = 60
IDLE_S = 300
CLOSE_S = 5.0


class Target(Struct, frozen=True):
    """A host to visit. `name` is the plan's spelling, `host` and `port` where it is asked, `identity` the name that it must prove: in its
    Kerberos ticket (SPN) and in its certificate."""

    name: str
    host: str
    port: int
    identity: str
    auth: Transport = Transport.NEGOTIATE
    tls: bool = False
    configuration_name: str = "Microsoft.PowerShell"
    ca_file: str | None = None
    certificate: str | None = None
    certificate_key: str | None = None

    @property
    def address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def protection(self) -> str:
        return "TLS" if self.tls else "WinRM message encryption"


class Partner(Struct, frozen=True):
    """What a host is asked about another one: which names it resolves, and which ports it reaches. `ports` are tried on every address
    found for the names; `addresses` are tried on TCP 6600."""

    partner: str
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()


class EventRange(Struct, frozen=True):
    """Which entries of the event logs are asked for: not older than `days`, and no more than the `most` newest ones."""

    days: int = 7
    most: int = 500


class Request(Struct, frozen=True):
    """What collect.ps1 is given. `events` stands there only for the section of that name."""

    partners: tuple[Partner, ...]
    sections: tuple[str, ...] = HOST_FACTS
    port_timeout_ms: int = PORT_TIMEOUT_MS
    frame: int = answer.FRAME
    events: EventRange | UnsetType = UNSET


def target_of(plan: Plan, host: str) -> Target:
    """Where and how a host of the plan is visited: what the plan says of the host, else of every connection."""
    entry, common = plan.entry(host), plan.connection
    tls = common.tls if entry.tls is None else entry.tls
    identity = entry.fqdn or host.strip()
    where, port = split_address(entry.address or identity)
    return Target(
        name=host,
        host=where,
        port=port or (HTTPS_PORT if tls else HTTP_PORT),
        identity=identity,
        auth=entry.auth or common.auth,
        tls=tls,
        configuration_name=entry.configuration_name or common.configuration_name,
        ca_file=entry.ca_file or common.ca_file,
        certificate=entry.certificate or common.certificate,
        certificate_key=entry.certificate_key or common.certificate_key,
    )


def split_address(address: str) -> tuple[str, int | None]:
    """Host and port of `host`, `host:port`, `[IPv6]:port` or a bare IPv6 address. What is no port belongs to the host."""
    host, colon, port = address.rpartition(":")
    if colon and port.isascii() and port.isdigit() and 0 < int(port) < 65536 and (":" not in host or host.endswith("]")):
        return host.strip("[]"), int(port)
    return address.strip("[]"), None


class Refused(Exception):
    """A visit that is not made: it would not be safe, or the means for it are missing."""


class UnencryptedAnswer(requests.RequestException):
    """An answer over HTTP that is not encrypted. It could come from anyone."""


class PipelineFailed(Exception):
    """The script as a whole failed on the host."""

    def __init__(self, failure: answer.Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def visit(target: Target, partners: Sequence[Partner], credentials: Credentials, deadline_s: float) -> tuple[HostFacts, HostVisit]:
    """The facts of one host and how it was visited. Never raises: a host that cannot be read has every fact missing, with the reason.

    `deadline_s` ends the visit at the next request; a host that goes on sending very slowly needs a caller that stops waiting.
    """
    start = now()
    engine, authentication = "", target.auth.value
    try:
        session = Session(target, credentials, time.monotonic() + deadline_s)
        try:
            text = session.run(SCRIPT, msgspec.json.encode(Request(tuple(partners))).decode())
        finally:
            authentication = session.authentication
            session.close()
        facts, engine = answer.read(text, target.name, now())
    except Exception as error:  # a visit ends in facts, whatever the host does
        reason, detail = explain(error)
        facts = missing_host(reason, f"visit to {target.name} ({target.address})", now(), detail)
    return facts, HostVisit(start, now(), target.address, authentication, target.protection, engine)


def read_log(target: Target, wanted: EventRange, credentials: Credentials, deadline_s: float) -> LogFacts:
    """What the event logs of one host hold. Never raises, and ends, as `visit` does."""
    try:
        session = Session(target, credentials, time.monotonic() + deadline_s)
        try:
            text = session.run(SCRIPT, msgspec.json.encode(Request((), LOG_FACTS, events=wanted)).decode())
        finally:
            session.close()
        return answer.read_log(text, target.name, now())
    except Exception as error:
        reason, detail = explain(error)
        return LogFacts(Missing(reason, f"visit to {target.name} ({target.address})", now(), detail))


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


# --- the connection ---


class Connection(WSMan):
    """WSMan whose requests all end by one deadline, each sent once: pypsrp alone would wait almost five minutes for a silent host."""

    deadline: float

    def invoke(
        self,
        action: str,
        resource_uri: str,
        resource: ET.Element | None = None,
        option_set: OptionSet | None = None,
        selector_set: SelectorSet | None = None,
        timeout: int | None = None,  # noqa: ARG002 - the base class's signature
        retries_on_read_timeout: int = 0,  # noqa: ARG002
    ) -> ET.Element:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise requests.Timeout("the time for this host is over")
        self.transport.connection_timeout = min(CONNECT_S, left)  # type: ignore[assignment]  # seconds, fractions too
        self.transport.read_timeout = left  # type: ignore[assignment]
        self.operation_timeout = max(1, min(OPERATION_S, int(left)))
        return super().invoke(action, resource_uri, resource, option_set, selector_set)


class HttpSession(requests.Session):
    """A session that takes nothing from the environment, follows no redirect and, when `sealed`, takes no unencrypted answer."""

    def __init__(self, sealed: bool) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self.sealed = sealed

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        response = super().send(request, **options)
        encrypted = response.headers.get("Content-Type", "").startswith(("multipart/encrypted", "multipart/x-multi-encrypted"))
        if self.sealed and response.ok and response.content and not encrypted:
            raise UnencryptedAnswer("an answer that is not encrypted")
        return response


class Session:
    """One shell on one host, for one script. Raises Refused before anything is contacted; everything else as pypsrp and requests do."""

    def __init__(self, target: Target, credentials: Credentials, deadline: float) -> None:
        refuse_unsafe(target, credentials)
        self.target = target
        self.wsman = Connection(
            target.host,
            port=target.port,
            username=credentials.user,
            password=credentials.password(),
            ssl=target.tls,
            auth=target.auth.value,
            encryption="auto" if target.tls else "always",
            no_proxy=True,
            certificate_pem=target.certificate,
            certificate_key_pem=target.certificate_key,
            negotiate_hostname_override=target.identity,
        )
        self.wsman.deadline = deadline
        self.wsman.transport.session = self._http()

    def _http(self) -> HttpSession:
        """pypsrp's own session, without what it takes from the environment."""
        built = self.wsman.transport._build_session()
        session = HttpSession(sealed=not self.target.tls)
        session.headers, session.auth, session.cert = built.headers, built.auth, built.cert
        if not self.target.tls:
            return session
        try:
            session.mount("https://", TrustAdapter(self.target.identity, self.target.ca_file))
        except OSError as error:
            raise Refused(f"the certificates in {self.target.ca_file} do not read: {error.strerror or type(error).__name__}") from error
        return session

    @property
    def authentication(self) -> str:
        """The way that the plan names and, where it is negotiated, what came of it."""
        contexts = getattr(self.wsman.transport.session.auth, "contexts", {}) if self.wsman.transport.session else {}
        agreed = {context.negotiated_protocol for context in contexts.values() if getattr(context, "negotiated_protocol", None)}
        named = self.target.auth.value
        return f"{named} ({', '.join(sorted(agreed))})" if agreed - {named} else named

    def run(self, script: str, request: str) -> str:
        """The one string that the script answers. Raises PipelineFailed, and answer.Unreadable when it answers anything else."""
        pool = RunspacePool(self.wsman, configuration_name=self.target.configuration_name, no_profile=True, idle_timeout=IDLE_S)
        try:
            pool.open()
            shell = PowerShell(pool).add_script(script).add_parameter("Request", request)
            output = shell.invoke()
            if shell.state == PSInvocationState.FAILED:
                raise PipelineFailed(_failure_of(shell.streams.error))
        finally:
            self.wsman.deadline = min(self.wsman.deadline, time.monotonic() + CLOSE_S)
            with contextlib.suppress(Exception):
                pool.close()
        if len(output) != 1 or not isinstance(output[0], str):
            raise answer.Unreadable(f"{len(output)} objects instead of one text")
        return output[0]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.wsman.close()


def refuse_unsafe(target: Target, credentials: Credentials) -> None:
    """Raises Refused for a visit that would show a password or cannot authenticate."""
    if target.auth in (Transport.BASIC, Transport.CERTIFICATE) and not target.tls:
        raise Refused(f"{target.auth} authentication is refused without TLS")
    if target.auth in (Transport.BASIC, Transport.CREDSSP) and (credentials.user is None or credentials.password() is None):
        raise Refused(f"{target.auth} authentication needs a user and a password")
    if target.auth is Transport.CERTIFICATE and not (target.certificate and target.certificate_key):
        raise Refused("certificate authentication needs a certificate and its key")


def _failure_of(errors: Iterable[Any]) -> answer.Failure:
    for record in errors:
        reason = str(getattr(record, "reason", None) or "")
        identifier, text = str(getattr(record, "fq_error", None) or ""), str(getattr(record, "exception", None) or "")
        return answer.Failure(type=_EXCEPTION_TYPES.get(reason, reason), id=identifier, text=text)
    return answer.Failure(type="pipeline failed without an error record")


_EXCEPTION_TYPES = {name.rpartition(".")[2]: name for signs in answer.SIGNS for name in signs.types}


# --- why a visit failed ---

ACCESS_DENIED_FAULTS = frozenset({5, 0x80070005, 0x8009030C, 0x8033808C})
TIMED_OUT_FAULTS = frozenset({0x80338029})
HTTP_REASONS = {401: Reason.ACCESS_DENIED, 403: Reason.ACCESS_DENIED, 404: Reason.UNREACHABLE, 503: Reason.UNREACHABLE}


def explain(error: Exception) -> tuple[Reason, str]:
    """The reason for which a host was not read, and the detail for people: types and numbers, and no secret."""
    causes = tuple(_causes(error))
    name = type(error).__name__
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Reason.UNREACHABLE, f"certificate not trusted: {cause.verify_message}"
    if any(map(_is_timeout, causes)):
        return Reason.TIMED_OUT, f"{name}: no answer in time"
    match error:
        case Refused():
            return Reason.NOT_COLLECTED, str(error)
        case ImportError():
            return Reason.NOT_COLLECTED, f"a library is not installed here: {error.name or error}"
        case AuthenticationError() | spnego.exceptions.SpnegoError():
            return Reason.ACCESS_DENIED, f"{name}: the host does not accept this logon"
        case PipelineFailed():
            return answer.reason_of(error.failure), str(error)
        case WSManFaultError():
            return _of_fault(error.code), f"WSMan fault {_hexadecimal(error.code)}"
        case WinRMTransportError():
            return HTTP_REASONS.get(error.code, Reason.UNREADABLE), f"HTTP {error.code}"
        case answer.Unreadable() | UnencryptedAnswer():
            return Reason.UNREADABLE, str(error)
        case requests.exceptions.SSLError():
            return Reason.UNREACHABLE, f"TLS failed: {_innermost(causes)}"
        case requests.TooManyRedirects():
            return Reason.UNREADABLE, "the host redirects, which is not followed"
        case OSError():  # of requests and of the system: refused, unknown name, no route, dropped
            return Reason.UNREACHABLE, f"{name}: {_innermost(causes)}"
        case _:
            return Reason.UNREADABLE, name


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


def _innermost(causes: Sequence[BaseException]) -> str:
    """The system's own error where there is one: its type, and its message, which is this machine's and not the host's."""
    system = [cause for cause in causes if isinstance(cause, OSError) and not isinstance(cause, requests.RequestException)]
    chosen = system[-1] if system else causes[-1]
    return f"{type(chosen).__name__} {getattr(chosen, 'strerror', None) or ''}".strip()


def _of_fault(code: object) -> Reason:
    if code in ACCESS_DENIED_FAULTS:
        return Reason.ACCESS_DENIED
    return Reason.TIMED_OUT if code in TIMED_OUT_FAULTS else Reason.UNREADABLE


def _hexadecimal(code: object) -> str:
    return f"0x{code & 0xFFFFFFFF:08X}" if isinstance(code, int) else str(code)[:80]
