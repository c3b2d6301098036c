"""How WSMan messages travel: pypsrp's HTTP transport, without what it takes from the environment and with nothing it would take on trust.

Over HTTP only that is given on which the security context of the connection unwrapped. No header decides over it.
"""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET
from typing import Any

import requests
from pypsrp.exceptions import AuthenticationError, WinRMTransportError
from pypsrp.wsman import _TransportHTTP
from spnego.exceptions import SpnegoError

from checks.text import text
from runner.collect.credentials import Credentials
from runner.collect.hosts.elements import Overgrown, decoded, parsed
from runner.collect.hosts.line import Line, LineAdapter, Refused
from runner.collect.hosts.target import Target
from runner.collect.hosts.tls import TrustAdapter

BOUNDARY = "Encrypted Boundary"
"""Of every encrypted message ([MS-WSMV] 2.2.9.1.1)."""


class UnencryptedAnswer(Refused):
    """An answer over HTTP that is not encrypted. It could come from anyone."""

    def __init__(self) -> None:
        super().__init__(text("an answer that is not encrypted"))


class HttpSession(requests.Session):
    """A session that takes nothing from the environment, follows no redirect, and keeps to a line."""

    def __init__(self, adapter: LineAdapter) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self.adapters.clear()
        self.mount("http", adapter)


class HttpTransport(_TransportHTTP):
    """The transport to one host. Answers are XML within bounds (runner.collect.hosts.elements).

    Raises Refused for an answer that is not taken, OSError when the target's file of authorities does not read.
    """

    def __init__(self, target: Target, credentials: Credentials, line: Line) -> None:
        super().__init__(
            target.host,
            target.port,
            credentials.user,
            credentials.password(),
            ssl=target.tls,
            auth=target.auth.value,
            encryption="auto" if target.tls else "always",
            no_proxy=True,
            certificate_pem=target.certificate,
            certificate_key_pem=target.certificate_key,
            negotiate_hostname_override=target.identity,
        )
        built = self._build_session()
        self.session = HttpSession(TrustAdapter(target.identity, line, target.ca_file) if target.tls else LineAdapter(line))
        self.session.headers, self.session.auth, self.session.cert = built.headers, built.auth, built.cert

    def _send_request(self, request: requests.PreparedRequest, timeout: Any = None) -> Any:  # noqa: ARG002 - the base class's signature
        """The XML of an answer; nothing for the request that only signs in."""
        assert self.session is not None
        response = self.session.send(request, timeout=(self.connection_timeout, self.read_timeout))
        if response.status_code == requests.codes.unauthorized:
            raise AuthenticationError("the host asks for a logon after the one it got")
        if response.ok:
            return self._xml(response.content)
        raise WinRMTransportError("http", response.status_code, self._fault(response.content))

    def _xml(self, content: bytes) -> str:
        xml = decoded(self._unwrapped(content) if self.wrap_required else content)
        if xml:
            parsed(xml)
        return xml

    def _fault(self, content: bytes) -> str:
        """The XML of a fault; nothing where a server sends something else with an error, as a page in HTML."""
        try:
            return self._xml(content)
        except (Overgrown, Refused, ET.ParseError):
            return ""

    def _unwrapped(self, content: bytes) -> bytes:
        """What was sealed for this connection. The request that only signs in is answered with nothing, after a logon."""
        if self.encryption is None:
            if content or not getattr(self.session and self.session.auth, "contexts", None):
                raise UnencryptedAnswer
            return b""
        try:
            return bytes(self.encryption.unwrap_message(content, BOUNDARY))
        except (IndexError, ValueError, struct.error) as error:
            raise UnencryptedAnswer from error
        except SpnegoError as error:
            raise Refused(text("an answer that does not decrypt")) from error
