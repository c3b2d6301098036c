"""One bound connection to a domain controller: searches that are paged, bounded and escaped, and errors as reasons."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import ldap3
import spnego
from ldap3.core.exceptions import LDAPException, LDAPResponseTimeoutError
from ldap3.protocol.microsoft import security_descriptor_control
from ldap3.utils.conv import escape_filter_chars

from checks.facts.directory import Sealing, SignIn
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import Text, text, verbatim
from checks.windows.addresses import with_port
from runner.collect.credentials import Credentials
from runner.collect.directories.bind import Connection
from runner.collect.directories.peers import Peer, Security
from runner.collect.unread import Unread

T = TypeVar("T")

PAGE = 500
CHUNK = 100
"""So many alternatives at most in one filter."""

_PAGED_RESULTS = "1.2.840.113556.1.4.319"
_DACL = 4
_NO_SUCH_OBJECT = 32
_INVALID_CREDENTIALS = 49
_MOST_OF_MESSAGE = 200
_MOMENT = re.compile(rb"([0-9]{14})(?:\.[0-9]+)?Z")

_REASONS = {
    1: Reason.ACCESS_DENIED,  # operationsError: Active Directory's answer to a search without a bind
    3: Reason.TIMED_OUT,
    8: Reason.ACCESS_DENIED,
    48: Reason.ACCESS_DENIED,
    49: Reason.ACCESS_DENIED,
    50: Reason.ACCESS_DENIED,
    51: Reason.UNREACHABLE,
    52: Reason.UNREACHABLE,
    53: Reason.ACCESS_DENIED,
}
"""LDAP result codes (RFC 4511, 4.1.9); any other one is an unreadable answer."""


class SearchScope(StrEnum):
    BASE = ldap3.BASE
    ONE = ldap3.LEVEL
    TREE = ldap3.SUBTREE


class Entry:
    """One object: its name and the values of the attributes that could be read. Each reader raises Unread for a value that is
    not of its kind, and `one` (access denied) when there is none."""

    def __init__(self, dn: str, values: dict[str, list[bytes]]) -> None:
        self.dn = dn
        self._values = {name.lower(): value for name, value in values.items() if value}
        self._parts = {name.partition(";range=")[0] for name in self._values if ";range=" in name}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values or name.lower() in self._parts

    def all(self, name: str, read: Callable[[bytes], T]) -> tuple[T, ...]:
        """Every value. A part of many (name;range=0-1499) that was not completed is not taken for all of them."""
        values = self._values.get(name.lower(), [])
        if not values and name.lower() in self._parts:
            raise Unread(Reason.UNREADABLE, text("{attribute} of {dn} came in parts", attribute=name, dn=self.dn))
        try:
            return tuple(read(value) for value in values)
        except (ValueError, OverflowError) as error:
            raise Unread(
                Reason.UNREADABLE, text("{attribute} of {dn}: {error}", attribute=name, dn=self.dn, error=type(error).__name__)
            ) from None

    def maybe(self, name: str, read: Callable[[bytes], T]) -> T | None:
        values = self.all(name, read)
        if len(values) > 1:
            raise Unread(Reason.UNREADABLE, text("{attribute} of {dn} has {count} values", attribute=name, dn=self.dn, count=len(values)))
        return values[0] if values else None

    def one(self, name: str, read: Callable[[bytes], T]) -> T:
        value = self.maybe(name, read)
        if value is None:
            raise Unread(Reason.ACCESS_DENIED, text("{attribute} of {dn} cannot be read", attribute=name, dn=self.dn))
        return value


def string(value: bytes) -> str:
    """A text. A directory has no empty one."""
    if not value:
        raise ValueError("an empty text")
    return value.decode()


def number(value: bytes) -> int:
    return int(value)


def moment(value: bytes) -> datetime:
    """A generalized time as Active Directory writes it, to the second: 20261205120000.0Z. Any other form is refused: strptime would read
    a value with too few digits as some other time."""
    written = _MOMENT.fullmatch(value)
    if written is None:
        raise ValueError("not a generalized time")
    return datetime.strptime(written[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def any_of(attribute: str, values: Iterable[str]) -> str:
    """A filter that holds when the attribute has one of the values."""
    return "(|" + "".join(f"({attribute}={escape_filter_chars(value)})" for value in values) + ")"


def chunks(values: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """The values in groups that one filter can hold."""
    ordered = tuple(values)
    return (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))


class Controller:
    """A domain controller that answers, to one thread after the other. `name` is how it was asked for, `sign_in` how we signed in to it;
    `requests` counts searches."""

    def __init__(
        self,
        where: Peer,
        credentials: Credentials,
        *,
        protocol: str,
        deadline: float,
        ca_file: str | None = None,
        page: int = PAGE,
    ) -> None:
        """Connect and bind. `page` is how many entries one answer may hold. Raises Unread."""
        self.name = where.name
        self.requests = 0
        self._page_size = page
        self._deadline = deadline
        self._turn = threading.Lock()
        failure = Unread(Reason.UNREACHABLE, text("{server} has no address", server=where.name))
        for address in where.addresses:
            if time.monotonic() >= deadline:
                raise Unread(Reason.TIMED_OUT, text("the deadline has passed"))
            try:
                self._connection = self._bound(where, address, credentials, protocol, ca_file)
                sealing = Sealing.LOGON if where.security is Security.SEALED else Sealing.TLS
                self.sign_in = SignIn(with_port(address, where.port), self._connection.agreed, sealing)
            except Unread as error:
                failure = error
                if error.reason is Reason.ACCESS_DENIED:
                    break
            else:
                return
        raise failure

    def _bound(self, where: Peer, address: str, credentials: Credentials, protocol: str, ca_file: str | None) -> Connection:
        with _reasons():
            connection = Connection(
                address,
                where.port,
                name=where.name,
                credentials=credentials,
                protocol=protocol,
                deadline=self._deadline,
                security=where.security,
                ca_file=ca_file,
            )
            attempt = credentials.trial.on(where.name)
            try:
                connection.reach()
                attempt.begin(self._deadline)
                connection.sign_in()
                if connection.result["result"] == _INVALID_CREDENTIALS and connection.agreed != "kerberos":
                    attempt.rejected()
                _succeeded(connection.result)
                attempt.accepted()
            except Exception:
                connection.strategy.close()
                raise
            finally:
                attempt.leave()
            return connection

    def search(
        self, base: str, condition: str, attributes: Iterable[str], scope: SearchScope = SearchScope.TREE, *, with_dacl: bool = False
    ) -> list[Entry]:
        """Every object below `base` that fulfils the filter, over all pages; references to other servers are left out. `with_dacl`
        asks for the discretionary list of nTSecurityDescriptor alone, which needs no privilege. Raises Unread."""
        entries: list[Entry] = []
        cookie: bytes | None = None
        if not self._turn.acquire(timeout=max(0.0, self._deadline - time.monotonic())):
            raise Unread(Reason.TIMED_OUT, text("it is busy with another question"))
        try:
            with _reasons():
                self._connection.messages.expect_answers()
                while True:
                    page, cookie = self._page(base, condition, attributes, scope, cookie, with_dacl)
                    entries += page
                    if not cookie:
                        return entries
        finally:
            self._turn.release()

    def _page(
        self, base: str, condition: str, attributes: Iterable[str], scope: SearchScope, cookie: bytes | None, with_dacl: bool
    ) -> tuple[list[Entry], bytes | None]:
        """One page and what leads to the next one."""
        self.requests += 1
        self._connection.search(
            base,
            condition,
            scope.value,
            dereference_aliases=ldap3.DEREF_NEVER,
            attributes=list(attributes),
            controls=security_descriptor_control(sdflags=_DACL) if with_dacl else None,
            paged_size=None if scope is SearchScope.BASE else self._page_size,
            paged_cookie=cookie,
        )
        result = self._connection.result
        if result["result"] == _NO_SUCH_OBJECT and scope is SearchScope.BASE:
            return [], None
        _succeeded(result)
        control = (result.get("controls") or {}).get(_PAGED_RESULTS)
        page = [
            Entry(response["dn"], dict(response["raw_attributes"]))
            for response in self._connection.response
            if response["type"] == "searchResEntry"
        ]
        return page, control["value"]["cookie"] if control else None

    def object(self, dn: str, attributes: Iterable[str]) -> Entry:
        """One object by its name. Raises Unread (access denied) when it cannot be seen."""
        found = self.search(dn, "(objectClass=*)", attributes, SearchScope.BASE)
        if len(found) != 1:
            raise Unread(Reason.ACCESS_DENIED, text("{dn} cannot be read", dn=dn or "rootDSE"))
        return found[0]

    def fact(self, what: Text, read: Callable[[], T]) -> Fact[T]:
        """What a question answered, or why it did not, with this controller as the source. Whatever an odd entry makes us run into costs
        this answer and no other."""
        source = text("{controller}: {what}", controller=self.name, what=what)
        try:
            value = read()
        except Unread as error:
            return Missing(error.reason, source, datetime.now(UTC), error.detail)
        except Exception as error:
            return Missing(Reason.UNREADABLE, source, datetime.now(UTC), verbatim(type(error).__name__))
        return Known(value, source, datetime.now(UTC))

    def close(self) -> None:
        self._connection.strategy.close()


class _reasons:  # noqa: N801 - used like a function
    """Turns every error of the connection into Unread. What a server sends passes ldap3's decoder, which raises whatever the
    bytes make it run into: hence every Exception, and nothing of it but its type."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, Unread) or not isinstance(error, Exception):
            return
        raise Unread(_reason(error), _named(error)) from None


def _reason(error: Exception) -> Reason:
    if isinstance(error, TimeoutError | LDAPResponseTimeoutError):
        return Reason.TIMED_OUT
    if isinstance(error, spnego.exceptions.SpnegoError):
        return Reason.ACCESS_DENIED
    if isinstance(error, OSError | ldap3.core.exceptions.LDAPCommunicationError):
        return Reason.UNREACHABLE
    return Reason.UNREADABLE


def _named(error: Exception) -> Text:
    """What an error is, for people: the system's own type where ldap3 derived one from it."""
    if isinstance(error, ssl.SSLError | LDAPException) and "CERTIFICATE" in str(error).upper():
        return text("the server's certificate is not trusted for its name")
    if isinstance(error, spnego.exceptions.SpnegoError) and error.base_error is not None:
        return text("no sign-in: {problem}", problem=str(error.base_error)[:_MOST_OF_MESSAGE])
    system = (kind for kind in type(error).__mro__ if issubclass(kind, OSError) and kind.__module__ == "builtins")
    known = next(system, OSError)
    return verbatim((type(error) if known is OSError else known).__name__)


def _succeeded(result: dict[str, Any]) -> None:
    """Raise Unread unless an operation ended well. The server's own text carries Windows' number and is kept, cut short."""
    code = result["result"]
    if code != 0:
        detail = f"{result['description']} ({code}) {result.get('message') or ''}".strip()
        raise Unread(_REASONS.get(code, Reason.UNREADABLE), verbatim(detail[:_MOST_OF_MESSAGE]))
