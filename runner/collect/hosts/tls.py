"""Certificates: the trust of the operating system, plus what a plan adds. There is no way to switch the verification off."""

from __future__ import annotations

import ssl
from typing import Any

import truststore

from runner.collect.hosts.line import Line, LineAdapter


class TrustAdapter(LineAdapter):
    """Verifies that the server is `name` by the system's trust and the certificates of `ca_file`.

    One for each visit: a handshake holds its context's lock, so a host that hangs in it must not share one with the others.
    Raises OSError when `ca_file` is not readable.
    """

    def __init__(self, name: str, line: Line, ca_file: str | None = None) -> None:
        self._name = name
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if ca_file:
            self._context.load_verify_locations(cafile=ca_file)
        super().__init__(line)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, ssl_context=self._context, server_hostname=self._name)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:  # noqa: ARG002 - the base class's signature
        """Leaves the context as it is: requests would add its own list of authorities to it."""
        conn.cert_reqs = "CERT_REQUIRED"
