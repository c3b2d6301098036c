"""One shell on one host over PowerShell remoting, for one script.

Nothing is taken from the environment: no proxy, no list of authorities, no stored login. Over HTTP every message is encrypted and an
unencrypted answer is refused; Basic authentication is refused without TLS; redirects are not followed.
"""

from __future__ import annotations

import contextlib
import logging
import time
import xml.etree.ElementTree as ET
from typing import Any

import requests
from pypsrp.complex_objects import PSInvocationState
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import OptionSet, SelectorSet, WSMan

from checks.facts.fact import Reason
from checks.plan import Transport
from checks.text import Text, text
from runner.collect.credentials import Credentials
from runner.collect.hosts.failures import UnencryptedAnswer, pipeline_failed
from runner.collect.hosts.target import Target
from runner.collect.hosts.tls import TrustAdapter
from runner.collect.unread import Unread

logging.getLogger("pypsrp").addHandler(logging.NullHandler())

CONNECT_S = 15.0
OPERATION_S = 60
IDLE_S = 300
CLOSE_S = 5.0


class BoundedWSMan(WSMan):
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
            raise UnencryptedAnswer
        return response


class Session:
    """One shell on one host, for one script. Raises Unread before anything is contacted where that would not be safe; everything else as
    pypsrp and requests do."""

    def __init__(self, target: Target, credentials: Credentials, deadline: float) -> None:
        refuse_unsafe(target, credentials)
        self.target = target
        self.wsman = BoundedWSMan(
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
            problem = error.strerror or type(error).__name__
            raise refused(
                text("the certificates in {file} do not read: {problem}", file=self.target.ca_file or "", problem=problem)
            ) from error
        return session

    @property
    def authentication(self) -> str:
        """The way that the plan names and, where it is negotiated, what came of it."""
        contexts = getattr(self.wsman.transport.session.auth, "contexts", {}) if self.wsman.transport.session else {}
        agreed = {context.negotiated_protocol for context in contexts.values() if getattr(context, "negotiated_protocol", None)}
        named = self.target.auth.value
        return f"{named} ({', '.join(sorted(agreed))})" if agreed - {named} else named

    def run(self, script: str, request: str) -> str:
        """The one string that the script answers. Raises Unread when the script fails or answers anything else."""
        pool = RunspacePool(self.wsman, configuration_name=self.target.configuration_name, no_profile=True, idle_timeout=IDLE_S)
        try:
            pool.open()
            shell = PowerShell(pool).add_script(script).add_parameter("Request", request)
            output = shell.invoke()
            if shell.state == PSInvocationState.FAILED:
                raise pipeline_failed(shell.streams.error)
        finally:
            self.wsman.deadline = min(self.wsman.deadline, time.monotonic() + CLOSE_S)
            with contextlib.suppress(Exception):
                pool.close()
        if len(output) != 1 or not isinstance(output[0], str):
            raise Unread(Reason.UNREADABLE, text("{count} objects instead of one text", count=len(output)))
        return output[0]

    def close(self) -> None:
        with contextlib.suppress(Exception):
            self.wsman.close()


def refuse_unsafe(target: Target, credentials: Credentials) -> None:
    """Raises Unread for a visit that would show a password or cannot authenticate."""
    if target.auth in (Transport.BASIC, Transport.CERTIFICATE) and not target.tls:
        raise refused(text("{method} authentication is refused without TLS", method=target.auth.value))
    if target.auth in (Transport.BASIC, Transport.CREDSSP) and (credentials.user is None or credentials.password() is None):
        raise refused(text("{method} authentication needs a user and a password", method=target.auth.value))
    if target.auth is Transport.CERTIFICATE and not (target.certificate and target.certificate_key):
        raise refused(text("certificate authentication needs a certificate and its key"))


def refused(why: Text) -> Unread:
    """A visit that is not made: it would not be safe, or the means for it are missing."""
    return Unread(Reason.NOT_COLLECTED, why)
