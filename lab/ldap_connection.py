"""The conversation of a domain controller with one LDAP client: binds, searches in pages, StartTLS."""

from __future__ import annotations

import hmac
import secrets
import ssl
import threading
from dataclasses import dataclass, field
from typing import NamedTuple

import spnego
from sansldap import (
    BindRequest,
    BindResponse,
    ExtendedRequest,
    ExtendedResponse,
    LDAPControl,
    LDAPError,
    LDAPMessage,
    LDAPResult,
    LDAPResultCode,
    LDAPServer,
    PagedResultControl,
    ProtocolError,
    SaslCredential,
    SearchRequest,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    SessionState,
    SimpleCredential,
)
from sansldap.asn1 import ASN1Reader

from lab import dn
from lab.credentials import Credentials, acceptor
from lab.directory import CONTROLS, START_TLS, WHO_AM_I, Directory
from lab.ldap_search import Found, Refusal, Searches
from lab.ldap_wire import MALFORMED, Wire, WireError
from lab.scenario import Fault

PAGE = 1000
"""The most entries that one answer holds (MaxPageSize)."""

ENDED: tuple[type[Exception], ...] = (OSError, WireError, LDAPError, RecursionError)
"""What ends a conversation through the client's doing: it is gone, or it sent what is no LDAP."""

_ABANDON = 16
_RUBBISH = b"\x30\x40" + b"rubbish!" * 8

_LOGON_FAILED = "80090308: LdapErr: DSID-0C09050E, comment: AcceptSecurityContext error, data 52e, v4f7c"
_SIGNING_NEEDED = (
    "00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not"
    " already active on the connection, data 0, v4f7c"
)
_NO_MECHANISM = "00002027: LdapErr: DSID-0C09060A, comment: Invalid Authentication method, data 0, v4f7c"
_NO_TLS = "00000000: LdapErr: DSID-0C090E17, comment: Error initializing SSL/TLS, data 0, v4f7c"
_NO_OPERATION = "0000203D: LdapErr: DSID-0C090E1B, comment: Unknown extended request OID, data 0, v4f7c"
_NO_CONTROL = "00002040: SvcErr: DSID-031401EF, problem 5010 (UNAVAIL_EXTENSION), data 0"
_NO_COOKIE = "00002040: SvcErr: DSID-031401F6, problem 5010 (UNAVAIL_EXTENSION), data 0"


class Request(NamedTuple):
    """One operation that a client asked for: `base` is the name of a bind or the base of a search, `scope` the mechanism of a
    bind or the scope of a search, `text` the filter or the number of an extended operation."""

    operation: str
    base: str
    scope: str
    text: str


@dataclass
class Service:
    """What all conversations of one controller share: what it holds, how it behaves, and what it was asked."""

    directory: Directory
    credentials: Credentials
    fault: Fault | None
    delay_s: float
    tls: ssl.SSLContext | None
    ldaps: bool
    stopping: threading.Event = field(default_factory=threading.Event)
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.searches = Searches(self.directory)


class _Session(LDAPServer):
    """Packs whole messages, so that results carry their referrals, or none."""

    def answer(self, message: LDAPMessage) -> bytes:
        if isinstance(message, BindResponse):
            self.state = SessionState.OPENED
        self._send(message)
        return self.data_to_send()


class Connection:
    """The conversation with one client. `serve` holds it to its end, and raises ENDED when the client broke it off."""

    def __init__(self, service: Service, wire: Wire) -> None:
        self._service, self._wire = service, wire
        self._session = _Session()
        self._user = ""
        self._negotiation: spnego.ContextProxy | None = None
        self._pages: dict[bytes, tuple[list[Found], list[str]]] = {}

    def serve(self) -> None:
        if self._service.ldaps and self._service.tls:
            self._wire.start_tls(self._service.tls)
        for message in self._wire.messages():
            if _operation(message) == _ABANDON:
                continue
            if self._service.delay_s:
                self._service.stopping.wait(self._service.delay_s)
            if self._service.fault is Fault.HANGS:
                self._service.stopping.wait()
                return
            if self._service.fault is Fault.RUBBISH:
                self._wire.send(_RUBBISH)
                continue
            if not self._answer(message):
                return

    def _answer(self, message: bytes) -> bool:
        """Whether the conversation goes on."""
        try:
            received = self._session.receive(message)
        except ProtocolError as error:
            if error.response:
                self._wire.send(error.response)
            return False
        except MALFORMED as error:
            raise WireError("a message that does not read") from error
        match received:
            case [BindRequest() as request]:
                self._bind(request)
            case [SearchRequest() as request]:
                return self._search(request)
            case [ExtendedRequest() as request]:
                self._extended(request)
            case _:
                return False
        return True

    def _log(self, operation: str, base: str, scope: str = "", text: str = "") -> None:
        self._service.requests.append(Request(operation, base, scope, text))

    # --- bind ---

    def _bind(self, request: BindRequest) -> None:
        self._user = ""
        match request.authentication:
            case SimpleCredential(password=password):
                self._log("bind", request.name, "simple")
                self._bind_simple(request, password)
            case SaslCredential(mechanism=mechanism, credentials=token):
                self._log("bind", request.name, mechanism)
                self._bind_sasl(request, mechanism, token or b"")
            case _:
                self._bound(request, LDAPResultCode.AUTH_METHOD_NOT_SUPPORTED, _NO_MECHANISM)

    def _bind_simple(self, request: BindRequest, password: str) -> None:
        self._negotiation = None
        if not password:
            self._bound(request)
        elif not self._wire.tls:
            self._bound(request, LDAPResultCode.STRONG_AUTH_REQUIRED, _SIGNING_NEEDED)
        else:
            user = self._account(request.name)
            right = self._service.credentials.password_of(user)
            known = right is not None and hmac.compare_digest(right.encode(), password.encode())
            if known and self._service.fault is not Fault.DENIES:
                self._user = user
                self._bound(request)
            else:
                self._bound(request, LDAPResultCode.INVALID_CREDENTIALS, _LOGON_FAILED)

    def _account(self, name: str) -> str:
        """The account that a bind names: DOMAIN\\user and user@domain as they are, or by its distinguished name."""
        try:
            entry = self._service.directory.entries[dn.parse(name)]
            return f"{self._service.directory.netbios}\\{entry['sAMAccountName'][0].decode()}"
        except (ValueError, KeyError):
            return name

    def _bind_sasl(self, request: BindRequest, mechanism: str, token: bytes) -> None:
        if mechanism != "GSS-SPNEGO":
            self._bound(request, LDAPResultCode.AUTH_METHOD_NOT_SUPPORTED, _NO_MECHANISM)
            return
        if self._negotiation is None:
            host = f"{self._service.directory.controller}.{self._service.directory.domain}"
            self._negotiation = acceptor(host, "ldap")
        negotiation = self._negotiation
        try:
            reply = negotiation.step(token)
        except Exception:
            self._negotiation = None
            self._bound(request, LDAPResultCode.INVALID_CREDENTIALS, _LOGON_FAILED)
            return
        if not negotiation.complete:
            self._bound(request, LDAPResultCode.SASL_BIND_IN_PROGRESS, token=reply)
            return
        self._negotiation = None
        signs = bool(negotiation.context_attr & spnego.ContextReq.integrity)
        if self._service.fault is Fault.DENIES:
            self._bound(request, LDAPResultCode.INVALID_CREDENTIALS, _LOGON_FAILED)
        elif not self._wire.tls and not signs:
            self._bound(request, LDAPResultCode.STRONG_AUTH_REQUIRED, _SIGNING_NEEDED)
        else:
            self._user = str(negotiation.client_principal)
            self._bound(request, token=reply)
            if not self._wire.tls:
                self._wire.seal(negotiation)

    def _bound(
        self,
        request: BindRequest,
        code: LDAPResultCode = LDAPResultCode.SUCCESS,
        message: str = "",
        token: bytes | None = None,
    ) -> None:
        result = LDAPResult(code, "", message)
        self._wire.send(self._session.answer(BindResponse(request.message_id, [], result, token)))

    # --- search ---

    def _search(self, request: SearchRequest) -> bool:
        scope = request.scope.name.lower()
        self._log("search", request.base_object, scope, str(request.filter))
        controls: list[LDAPControl] = []
        entries: list[Found] = []
        references: list[str] = []
        result = LDAPResult(LDAPResultCode.SUCCESS, "", "")
        try:
            entries, references, controls, result = self._found(request)
        except Refusal as refusal:
            referrals = [refusal.referral] if refusal.referral else None
            result = LDAPResult(refusal.code, refusal.matched, refusal.message, referrals)
        number = request.message_id
        messages: list[LDAPMessage] = [
            *(SearchResultEntry(number, [], entry.name, entry.attributes) for entry in entries),
            *(SearchResultReference(number, [], [url]) for url in references),
            SearchResultDone(number, controls, result),
        ]
        return self._deliver(b"".join(self._session.answer(message) for message in messages))

    def _deliver(self, answer: bytes) -> bool:
        match self._service.fault:
            case Fault.DROPS:
                self._wire.send_half(answer)
                return False
            case Fault.HALF:
                self._wire.send_half(answer)
                self._service.stopping.wait()
                return False
        self._wire.send(answer)
        return True

    def _found(self, request: SearchRequest) -> tuple[list[Found], list[str], list[LDAPControl], LDAPResult]:
        """One page of what was found. Raises Refusal."""
        paging: PagedResultControl | None = None
        for control in request.controls:
            if isinstance(control, PagedResultControl):
                paging = control
            elif control.critical and control.control_type not in CONTROLS:
                raise Refusal(LDAPResultCode.UNAVAILABLE_CRITICAL_EXTENSION, _NO_CONTROL)
        if paging and paging.cookie:
            if paging.cookie not in self._pages:
                raise Refusal(LDAPResultCode.UNWILLING_TO_PERFORM, _NO_COOKIE)
            entries, references = self._pages.pop(paging.cookie)
        else:
            entries, references = self._service.searches.run(request, self._user)
        done = LDAPResult(LDAPResultCode.SUCCESS, "", "")
        limit = min(request.size_limit or PAGE, PAGE)
        if paging is None:
            if len(entries) > limit:
                done = LDAPResult(LDAPResultCode.SIZE_LIMIT_EXCEEDED, "", "")
            return entries[:limit], references, [], done
        if request.size_limit and len(entries) > request.size_limit and not paging.cookie:
            entries = entries[: request.size_limit]
            done = LDAPResult(LDAPResultCode.SIZE_LIMIT_EXCEEDED, "", "")
        page, rest = entries[: min(paging.size, PAGE)], entries[min(paging.size, PAGE) :]
        if not rest:
            return page, references, [PagedResultControl(critical=False, size=0, cookie=b"")], done
        cookie = secrets.token_bytes(8)
        self._pages[cookie] = rest, references
        return page, [], [PagedResultControl(critical=False, size=0, cookie=cookie)], LDAPResult(LDAPResultCode.SUCCESS, "", "")

    # --- extended operations ---

    def _extended(self, request: ExtendedRequest) -> None:
        self._log("extended", "", text=request.name)
        if request.name == START_TLS:
            if self._service.tls is None:
                self._extend(request, LDAPResultCode.UNAVAILABLE, _NO_TLS)
            elif self._wire.tls:
                self._extend(request, LDAPResultCode.OPERATIONS_ERROR, _NO_TLS)
            else:
                self._extend(request)
                self._wire.start_tls(self._service.tls)
        elif request.name == WHO_AM_I:
            self._extend(request, value=f"u:{self._user}".encode() if self._user else b"")
        else:
            self._extend(request, LDAPResultCode.PROTOCOL_ERROR, _NO_OPERATION)

    def _extend(
        self,
        request: ExtendedRequest,
        code: LDAPResultCode = LDAPResultCode.SUCCESS,
        message: str = "",
        value: bytes | None = None,
    ) -> None:
        result = LDAPResult(code, "", message)
        self._wire.send(self._session.answer(ExtendedResponse(request.message_id, [], result, request.name, value)))


def _operation(message: bytes) -> int | None:
    """The number of the operation of a message, or nothing for what is no message."""
    try:
        content = ASN1Reader(message).read_sequence()
        content.read_integer()
        return content.peek_header().tag.tag_number
    except MALFORMED:
        return None
