"""The accounts of a forest that can sign in, and where the servers' NTLM side finds their passwords."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import spnego
from spnego.channel_bindings import GssChannelBindings

from lab.scenario import Scenario, ScenarioError

_SECRET = secrets.token_bytes(32)
_VARIABLE = "NTLM_USER_FILE"


class _Account(NamedTuple):
    netbios: str
    dns: str
    user: str
    password: str


class Credentials:
    """The users of a scenario with their passwords; disabled ones cannot sign in and are not among them.

    A user without a password in the scenario gets one that holds as long as this process. Between `start` and `stop` (or
    as a context manager) pyspnego's acceptor accepts these accounts: it reads a file of `DOMAIN:user:password` lines that
    the variable NTLM_USER_FILE of this process names. Forests that run at the same time in one process share that file.
    Raises ScenarioError for a name or password that such a line cannot hold.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._accounts = tuple(
            _Account(domain.netbios, dns, user.name, user.password or _generated(domain.netbios, user.name))
            for dns, domain in scenario.domains.items()
            for user in domain.users
            if not user.disabled
        )
        for account in self._accounts:
            if any(character in ":\r\n" for field in account for character in field):
                raise ScenarioError(f"{account.netbios}\\{account.user}: a colon or line break cannot stand in a name or password.")
        self._passwords = {
            (domain.casefold(), account.user.casefold()): account.password
            for account in self._accounts
            for domain in (account.netbios, account.dns)
        }

    def password(self, domain: str, user: str) -> str | None:
        """The password of a user of a domain (NetBIOS or DNS name), or nothing when no such account can sign in."""
        return self._passwords.get((domain.casefold(), user.casefold()))

    def password_of(self, name: str) -> str | None:
        """The same for a name in one of the forms `DOMAIN\\user` and `user@domain`."""
        if "\\" in name:
            domain, _, user = name.partition("\\")
        else:
            user, _, domain = name.rpartition("@")
        return self.password(domain, user)

    def lines(self) -> tuple[str, ...]:
        """One line for each form in which a client may send a name: NETBIOS\\user, domain\\user and user@domain."""
        return tuple(
            line
            for account in self._accounts
            for line in (
                f"{account.netbios}:{account.user}:{account.password}",
                f"{account.dns}:{account.user}:{account.password}",
                f":{account.user}@{account.dns}:{account.password}",
            )
        )

    def start(self) -> None:
        _STORE.add(self)

    def stop(self) -> None:
        _STORE.remove(self)

    def __enter__(self) -> Credentials:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _generated(netbios: str, user: str) -> str:
    account = f"{netbios}\\{user}".casefold().encode()
    return "L4b-" + hmac.new(_SECRET, account, hashlib.sha256).hexdigest()[:28]


def acceptor(
    hostname: str,
    service: str,
    *,
    protocol: str = "negotiate",
    bindings: GssChannelBindings | None = None,
    options: spnego.NegotiateOptions = spnego.NegotiateOptions.none,
) -> spnego.ContextProxy:
    """What takes a sign-in to a server of the lab: pyspnego's own negotiation, also where the system has one (SSPI on Windows, GSSAPI), to
    which the lab's accounts are unknown."""
    own = options | spnego.NegotiateOptions.use_negotiate
    return spnego.server(hostname=hostname, service=service, protocol=protocol, channel_bindings=bindings, options=own)


class _Store:
    """The one file of this process: there while some forest runs, for its owner only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[Credentials] = []
        self._path: Path | None = None
        self._before: str | None = None

    def add(self, credentials: Credentials) -> None:
        with self._lock:
            if self._path is None:
                handle, name = tempfile.mkstemp(prefix="lab-", suffix=".ntlm")
                os.close(handle)
                self._path, self._before = Path(name), os.environ.get(_VARIABLE)
                os.environ[_VARIABLE] = name
            self._active.append(credentials)
            self._write(self._path)

    def remove(self, credentials: Credentials) -> None:
        with self._lock:
            if self._path is None or credentials not in self._active:
                return
            self._active.remove(credentials)
            if self._active:
                self._write(self._path)
                return
            self._path.unlink(missing_ok=True)
            self._path = None
            if self._before is None:
                os.environ.pop(_VARIABLE, None)
            else:
                os.environ[_VARIABLE] = self._before

    def _write(self, path: Path) -> None:
        """Whole or not at all, since a sign-in may read it at any moment."""
        text = "".join(f"{line}\n" for credentials in self._active for line in credentials.lines())
        handle, name = tempfile.mkstemp(prefix="lab-", suffix=".ntlm", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)


_STORE = _Store()
