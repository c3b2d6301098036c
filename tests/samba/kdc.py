"""Asks a real KDC for tickets in a user's name, as a source host does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.samba.forest import PASSWORD, SYSTEM_PYTHON, Controller, run, write_kerberos_configuration

try:
    import gssapi
    from gssapi.raw import acquire_cred_with_password
except ImportError:
    gssapi = None

JUDGING = (4, 22)
"""The Samba with which tests.samba.lines was measured. 4.17 refuses whenever only the target lets the source act; those between were not
tried."""
_PAC_SCRIPT = Path(__file__).with_name("pac.py")
_ERRORS_FROM = 0x96C73A00
"""What MIT Kerberos adds to the numbers of the protocol's errors."""


class Answer(IntEnum):
    """What a KDC says: yes, or its error with its number (RFC 4120, 7.5.9)."""

    YES = 0
    CLIENT_EXPIRED = 1
    CLIENT_UNKNOWN = 6
    SERVICE_UNKNOWN = 7
    POLICY = 12
    BAD_OPTION = 13
    CLIENT_REVOKED = 18
    KEY_EXPIRED = 23


def absent() -> str | None:
    """Why no KDC can be asked here, or nothing."""
    return "the extra `kerberos` is needed: pip install 'hvpreflight[kerberos]'" if gssapi is None else None


class Kdc:
    """The KDC of a controller's domain, and those of domains that it trusts. `folder` keeps the keys of its accounts, as they are when it
    is asked first."""

    def __init__(self, controller: Controller, folder: Path, *trusted: Controller) -> None:
        self._controller = controller
        self._folder = folder
        self._configuration = folder / "krb5.conf"
        write_kerberos_configuration(self._configuration, {each.realm: each.address for each in (controller, *trusted)})
        self._of_hosts: dict[str, Any] = {}
        self._of_users: dict[str, Any] = {}

    def acts_by_itself(self, source: str, user: str, service: str) -> Answer:
        """Does the computer account of `source` (HV01) get a ticket of `user` (a name of the same domain) for `service`
        (cifs/hv02.contoso.test), when the user brings none: S4U2Self and S4U2Proxy."""
        return self._answer(lambda: self._ask(self._host(source).impersonate(self._name(user)), service))

    def acts_with_ticket(self, source: str, user: str, service: str) -> Answer:
        """The same when the user has signed in to `source` with a ticket for it: S4U2Proxy alone."""
        return self._answer(lambda: self._ask(self._accepted(source, self._user(user)).delegated_creds, service))

    def carries(self, user: str, host: str) -> frozenset[str]:
        """The SIDs in the ticket of a user (a name of the same domain, or name@REALM) or of another host (HV01$) for a host."""
        with self._configured():
            credentials = self._host(user.removesuffix("$")) if user.endswith("$") else self._user(user)
            (pac,) = self._accepted(host, credentials).initiator_name.attributes["urn:mspac:"].values
        return frozenset(json.loads(run([SYSTEM_PYTHON, str(_PAC_SCRIPT)], send=pac.hex())))

    def _answer(self, question: Callable[[], object]) -> Answer:
        with self._configured():
            try:
                question()
            except gssapi.exceptions.GSSError as error:
                return Answer((error.min_code & 0xFFFFFFFF) - _ERRORS_FROM)
        return Answer.YES

    @contextmanager
    def _configured(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("KRB5_CONFIG", str(self._configuration))
            yield

    def _ask(self, credentials: Any, service: str) -> bytes:
        token = gssapi.SecurityContext(name=self._name(service), creds=credentials, usage="initiate").step()
        assert isinstance(token, bytes)
        return token

    def _accepted(self, host: str, credentials: Any) -> Any:
        """What a host makes of a ticket for it."""
        accepting = gssapi.SecurityContext(creds=self._host(host), usage="accept")
        accepting.step(self._ask(credentials, f"HOST/{host}"))
        return accepting

    def _host(self, name: str) -> Any:
        if name not in self._of_hosts:
            store = {"keytab": self._keys, "client_keytab": self._keys, "ccache": f"MEMORY:{self._folder.name}-{name}"}
            self._of_hosts[name] = gssapi.Credentials(name=self._name(f"{name}$"), usage="both", store=store)
        return self._of_hosts[name]

    def _user(self, name: str) -> Any:
        if name not in self._of_users:
            acquired = acquire_cred_with_password(self._name(name), PASSWORD.encode(), usage="initiate")
            self._of_users[name] = gssapi.Credentials(acquired.creds)
        return self._of_users[name]

    def _name(self, name: str) -> Any:
        return gssapi.Name(name if "@" in name else f"{name}@{self._controller.realm}", gssapi.NameType.kerberos_principal)

    @cached_property
    def _keys(self) -> str:
        keys = self._folder / "keytab"
        self._controller.tool("domain", "exportkeytab", str(keys))
        return str(keys)
