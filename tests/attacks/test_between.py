"""Somebody on the way between the program and a host or a controller: what is changed there is never believed, and what must not be seen
there is never sent."""

from __future__ import annotations

import base64
import datetime
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from checks.facts.fact import Missing, Reason
from checks.facts.host import HostFacts, HostTopics
from checks.facts.snapshot import SNAPSHOT_FORMAT, HostVisit, Snapshot
from checks.plan import HostEntry, Plan, Transport
from checks.windows.names import HostName
from checks.world import World
from lab import directory as lab_directory
from lab.certificates import Authority
from lab.credentials import Credentials as Accounts
from lab.forest import Forest
from lab.ldap import LdapServer
from lab.scenario import HostSpec
from lab.serving import Serving
from runner.collect.credentials import Credentials
from runner.collect.directories.base import Base, read_base
from runner.collect.directories.peers import Security
from runner.collect.hosts.target import Target
from runner.collect.hosts.visit import visit
from runner.collect.unread import Unread
from tests.attacks.test_directories import UNAVAILABLE, ber, elements, measured, result
from tests.collect.directories import asking
from tests.collect.directories.forests import PATIENCE_S, credentials, details, forest, known, missing, nobody_calls, target, whole_host
from tests.collect.directories.test_controller import connect

Change: TypeAlias = Callable[[bytes], bytes]
"""What is passed on instead of a message."""


class HungUp(Exception):
    """What is passed on before the connection is cut."""

    def __init__(self, last: bytes = b"") -> None:
        self.last = last


def unchanged(message: bytes) -> bytes:
    return message


# --- the one in between ---


class Relay(socketserver.ThreadingTCPServer):
    """Passes whole messages between clients and a port, each as `of_client` or `of_server` has changed it. `size` measures the first
    message of some bytes, 0 where it is not whole. `heard` is what clients sent; with `tls` the relay is who they speak TLS with, and
    speaks TLS with the port. `port` may be replaced: the next connection goes there."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, size: Callable[[bytes], int], of_client: Change, of_server: Change, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Between)
        self.target = port
        self.size = size
        self.of_client = of_client
        self.of_server = of_server
        self.tls = tls
        self.heard = bytearray()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever does not like what comes hangs up."""


class _Between(socketserver.BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        server, client = self.server, self.request
        if server.tls:
            with suppress(OSError), server.tls.wrap_socket(client, server_side=True) as near:
                out = socket.create_connection(("127.0.0.1", server.target))
                with ssl._create_unverified_context().wrap_socket(out) as far:
                    self._take_turns(near, far)
            return
        host = socket.create_connection(("127.0.0.1", server.target))
        back = threading.Thread(target=self._pass, args=(host, client, server.of_server, bytearray()), daemon=True)
        back.start()
        self._pass(client, host, server.of_client, server.heard)
        back.join()

    def _take_turns(self, client: socket.socket, host: socket.socket) -> None:
        """As HTTP does: nothing keeps a thread that writes TLS from the state of one that reads it."""
        ways = ((client, host, self.server.of_client, self.server.heard), (host, client, self.server.of_server, bytearray()))
        for source, sink, change, heard in cycle(ways):
            message = b""
            while not self.server.size(message):
                data = source.recv(65536)
                if not data:
                    return
                heard += data
                message += data
            sink.sendall(change(message))

    def _pass(self, source: socket.socket, sink: socket.socket, change: Change, heard: bytearray) -> None:
        waiting = b""
        with suppress(OSError):
            try:
                while data := source.recv(65536):
                    heard += data
                    waiting += data
                    while size := self.server.size(waiting):
                        message, waiting = waiting[:size], waiting[size:]
                        sink.sendall(change(message))
            except HungUp as end:
                sink.sendall(end.last)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def between(
    port: int, size: Any, *, of_client: Change = unchanged, of_server: Change = unchanged, tls: ssl.SSLContext | None = None
) -> Iterator[Relay]:
    with Relay(port, size, of_client, of_server, tls) as relay, Serving(relay):
        yield relay


def flipped(message: bytes, position: int = -40) -> bytes:
    changed = bytearray(message)
    changed[position] ^= 1
    return bytes(changed)


def from_the(number: int, change: Change, is_meant: Callable[[bytes], bool]) -> Change:
    """Change the so many-th (from 1) of the meant messages, and pass all others on."""
    seen: list[bytes] = []

    def hook(message: bytes) -> bytes:
        if not is_meant(message):
            return message
        seen.append(message)
        return change(message) if len(seen) == number else message

    return hook


def repeated(number: int, is_meant: Callable[[bytes], bool]) -> Change:
    """Instead of the so many-th of the meant messages the one before it."""
    seen: list[bytes] = []

    def hook(message: bytes) -> bytes:
        if not is_meant(message):
            return message
        seen.append(message)
        return seen[-2] if len(seen) == number else message

    return hook


def half(message: bytes) -> bytes:
    raise HungUp(message[: len(message) // 2])


# --- hosts: HTTP ---


def http(data: bytes) -> int:
    head, end, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    size = int(length[1]) if length else 0
    return len(head) + 4 + size if end and len(body) >= size else 0


def is_encrypted(message: bytes) -> bool:
    return b"\r\n\r\n--Encrypted Boundary" in message


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"))
    return head.encode() + b"\r\n" + body


SOAP = b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'
PROTOCOL = 'protocol="application/HTTP-SPNEGO-session-encrypted"'
PARTED = (
    b"--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
    b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n"
    b"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
)


def in_clear(kind: str, body: bytes = SOAP) -> Change:
    return lambda _: answer("200 OK", f"Content-Type: {kind}", body=body)


class Changed(NamedTuple):
    """What is done on the way, and why the host's facts are missing then."""

    name: str
    of_client: Change
    of_server: Change
    reason: Reason
    detail: str = ""


NOT_ENCRYPTED = "an answer that is not encrypted"
NOT_OPENED = "an answer that does not decrypt"


def on_the_way_to_a_host() -> list[Changed]:
    """Anew for each test: a change counts what it has seen."""

    def answers(name: str, change: Change, reason: Reason, detail: str = "", number: int = 1) -> Changed:
        return Changed(name, unchanged, from_the(number, change, is_encrypted), reason, detail)

    boundary = 'boundary="Encrypted Boundary"'
    parted = PARTED % len(SOAP)
    return [
        answers("an answer with one bit changed", flipped, Reason.UNREADABLE, NOT_OPENED),
        answers("a later answer with one bit changed", flipped, Reason.UNREADABLE, NOT_OPENED, number=3),
        Changed("a request with one bit changed", from_the(1, flipped, is_encrypted), unchanged, Reason.UNREACHABLE),
        Changed("a later request with one bit changed", from_the(3, flipped, is_encrypted), unchanged, Reason.UNREACHABLE),
        Changed("an answer again", unchanged, repeated(2, is_encrypted), Reason.UNREADABLE, NOT_OPENED),
        Changed("a request again", repeated(2, is_encrypted), unchanged, Reason.UNREACHABLE),
        answers("in clear, as encrypted", in_clear(f"multipart/encrypted;{PROTOCOL};{boundary}"), Reason.UNREADABLE, NOT_ENCRYPTED),
        answers("in clear, without parameters", in_clear("multipart/encrypted"), Reason.UNREADABLE, NOT_ENCRYPTED),
        answers("in clear, as what it is", in_clear("application/soap+xml;charset=UTF-8"), Reason.UNREADABLE, NOT_ENCRYPTED),
        answers(
            "in clear, with another boundary", in_clear(f"multipart/encrypted;{PROTOCOL};boundary=-"), Reason.UNREADABLE, NOT_ENCRYPTED
        ),
        answers("in clear, and no body", in_clear("multipart/encrypted", b""), Reason.UNREADABLE),
        answers(
            "in clear, within the boundary",
            in_clear(f"multipart/encrypted;{PROTOCOL};{boundary}", parted + SOAP + b"--Encrypted Boundary--\r\n"),
            Reason.UNREADABLE,
        ),
        answers(
            "in clear, with a signature of no bytes",
            in_clear(f"multipart/encrypted;{PROTOCOL};{boundary}", parted + bytes(4) + SOAP + b"--Encrypted Boundary--\r\n"),
            Reason.UNREADABLE,
            NOT_OPENED,
        ),
        answers("an error in clear", lambda _: answer("500 Internal Server Error", body=SOAP), Reason.UNREADABLE),
        answers("cut in the middle", half, Reason.UNREACHABLE),
        answers("cut in the middle later", half, Reason.UNREACHABLE, number=3),
    ]


CHANGES = range(len(on_the_way_to_a_host()))
NAME, OTHER, SECURE = "TestServer01", "TestServer02", "TestServer03"


@pytest.fixture(scope="module")
def hosts() -> Iterator[Forest]:
    plain = HostSpec(windows="2019")
    with forest(TestServer01=plain, TestServer02=plain, TestServer03=HostSpec(windows="2019", certificate=True)) as running:
        yield running


def visited_through(relay: Relay, hosts: Forest, name: str = NAME, **changes: Any) -> tuple[HostFacts, HostVisit]:
    where: Target = replace(target(hosts, name, **changes), port=relay.port)
    return visit(where, (), credentials(hosts), PATIENCE_S)


def to_host(hosts: Forest, name: str = NAME, **changes: Any) -> Any:
    return between(hosts.hosts[name].listener.port, http, **changes)


def saw_no_password(relay: Relay, hosts: Forest) -> None:
    heard = bytes(relay.heard)
    tokens = b"".join(base64.b64decode(token) for token in re.findall(rb"(?i)authorization: \w+ ([A-Za-z0-9+/=]+)", heard))
    for encoding in ("utf-8", "utf-16-le"):
        assert hosts.password.encode(encoding) not in heard + tokens


def test_a_host_is_read_through_somebody_who_changes_nothing(hosts: Forest) -> None:
    with to_host(hosts) as relay:
        facts, how = visited_through(relay, hosts)
    assert missing(facts) == {}
    assert (how.encrypted, how.proved) == ("WinRM message encryption", "")
    saw_no_password(relay, hosts)
    assert b"Enumerate" not in relay.heard, "what is asked cannot be read on the way"


@pytest.mark.parametrize("number", CHANGES, ids=[change.name for change in on_the_way_to_a_host()])
def test_what_is_changed_on_the_way_to_a_host_is_not_believed(hosts: Forest, number: int) -> None:
    change = on_the_way_to_a_host()[number]
    with to_host(hosts, of_client=change.of_client, of_server=change.of_server) as relay:
        facts, _ = visited_through(relay, hosts)
    assert whole_host(facts) is change.reason, details(facts)
    assert change.detail in details(facts)
    saw_no_password(relay, hosts)


def offering(*schemes: str) -> Change:
    """Instead of what the host offers."""

    def hook(message: bytes) -> bytes:
        if not message.startswith(b"HTTP/1.1 401"):
            return message
        return answer("401 Unauthorized", *(f"WWW-Authenticate: {scheme}" for scheme in schemes))

    return hook


@pytest.mark.parametrize("schemes", [('Basic realm="WSMAN"',), ("Digest realm=x, nonce=y",), ("Bearer",), ()], ids=repr)
@pytest.mark.parametrize("auth", [Transport.NEGOTIATE, Transport.NTLM, Transport.KERBEROS])
def test_a_weaker_offer_is_not_taken(hosts: Forest, schemes: tuple[str, ...], auth: Transport) -> None:
    with to_host(hosts, of_server=offering(*schemes)) as relay:
        facts, _ = visited_through(relay, hosts, auth=auth)
    assert whole_host(facts) in (Reason.ACCESS_DENIED, Reason.NOT_COLLECTED), details(facts)
    assert b"authorization" not in relay.heard.lower()


@pytest.mark.parametrize("schemes", [("NTLM",), ("Negotiate",), ("Kerberos", "NTLM")], ids=repr)
def test_where_kerberos_is_required_nothing_is_made_of_the_password(hosts: Forest, schemes: tuple[str, ...]) -> None:
    with to_host(hosts, of_server=offering(*schemes)) as relay:
        facts, _ = visited_through(relay, hosts, auth=Transport.KERBEROS)
    assert known(facts) == {}
    assert b"NTLMSSP" not in b"".join(map(base64.b64decode, re.findall(rb"(?i)authorization: \w+ (\S+)", bytes(relay.heard))))
    assert b"authorization: ntlm" not in relay.heard.lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("when", ["before the sign-in", "after it"])
def test_nobody_goes_where_an_answer_points(hosts: Forest, status: int, when: str) -> None:
    with nobody_calls() as elsewhere:
        away = answer(f"{status} Elsewhere", "Location: http://{}:{}/wsman".format(*elsewhere))

        def hook(message: bytes) -> bytes:
            return away if when == "before the sign-in" or is_encrypted(message) else message

        with to_host(hosts, of_server=hook) as relay:
            facts, _ = visited_through(relay, hosts)
    assert whole_host(facts) is Reason.UNREADABLE
    saw_no_password(relay, hosts)


def test_a_sign_in_that_is_passed_on_to_another_host_proves_nothing_and_its_facts_do_not_count(hosts: Forest) -> None:
    """NTLM does not say with whom one speaks."""
    with to_host(hosts, OTHER) as relay:
        facts, how = visited_through(relay, hosts)
    assert how.proved == ""
    assert known(facts)["computer"].name == OTHER.upper()
    snapshot = Snapshot(SNAPSHOT_FORMAT, asking.COLLECTED, {NAME: facts}, {NAME: how}, {}, {}, {}, {})
    world = World(Plan((), hosts={HostName(NAME): HostEntry(fqdn="testserver01.contoso.test")}), snapshot)
    vms = world.host_fact(HostName(NAME), HostTopics.vms)
    assert isinstance(vms, Missing)
    assert vms.reason is Reason.CONTRADICTORY


# --- hosts: TLS ---


def presenting(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def of_ones_own(folder: Path, name: str, until_days: int) -> tuple[Path, Path]:
    """A certificate that its own key has signed, good until so many days from now; and the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=until_days)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - datetime.timedelta(days=9))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "own.pem", folder / "own.key"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files


FULL = "testserver03.contoso.test"


@pytest.fixture(params=["another name", "an unknown authority", "nobody but itself", "the past"])
def distrusted(request: pytest.FixtureRequest, hosts: Forest, tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """A certificate that must not be accepted for FULL, and the file of what is trusted."""
    assert hosts.authority
    assert hosts.ca_file
    if request.param == "another name":
        issued = hosts.authority.issue("testserver99.contoso.test", address="127.0.0.9")
        return presenting(issued.certificate_file, issued.key_file), str(hosts.ca_file)
    if request.param == "an unknown authority":
        issued = Authority(tmp_path).issue(FULL)
        return presenting(issued.certificate_file, issued.key_file), str(hosts.ca_file)
    own = of_ones_own(tmp_path, FULL, 1 if request.param == "nobody but itself" else -1)
    return presenting(*own), str(hosts.ca_file if request.param == "nobody but itself" else own[0])


def test_the_certificate_of_ones_own_is_taken_where_it_is_trusted(hosts: Forest, tmp_path: Path) -> None:
    """Or what the others are refused for would not be what they say."""
    own = of_ones_own(tmp_path, FULL, 1)
    with to_host(hosts, SECURE, tls=presenting(*own)) as relay:
        visited_through(relay, hosts, SECURE, ca_file=str(own[0]))
    assert relay.heard


@pytest.mark.parametrize("auth", [Transport.NEGOTIATE, Transport.BASIC, Transport.CREDSSP])
def test_nothing_is_said_to_who_shows_a_wrong_certificate(hosts: Forest, distrusted: tuple[ssl.SSLContext, str], auth: Transport) -> None:
    context, trusted = distrusted
    with to_host(hosts, SECURE, tls=context) as relay:
        facts, _ = visited_through(relay, hosts, SECURE, ca_file=trusted, auth=auth)
    assert whole_host(facts) is Reason.UNREACHABLE
    assert "certificate not trusted" in details(facts)
    assert relay.heard == b""


def test_a_sign_in_inside_tls_is_worth_nothing_to_another_port(hosts: Forest) -> None:
    """The relay has a good certificate for itself, and passes the sign-in on inside TLS of its own."""
    assert hosts.authority
    issued = hosts.authority.issue("relay.contoso.test")
    with to_host(hosts, SECURE, tls=presenting(issued.certificate_file, issued.key_file)) as relay:
        where = Target(HostName("relay"), "127.0.0.1", relay.port, "relay.contoso.test", tls=True, ca_file=str(hosts.ca_file))
        served = len(hosts.hosts[SECURE].requests)
        facts, _ = visit(where, (), credentials(hosts), PATIENCE_S)
    assert whole_host(facts) is Reason.ACCESS_DENIED
    assert len(hosts.hosts[SECURE].requests) == served
    saw_no_password(relay, hosts)


# --- controllers: LDAP ---


def ldap(data: bytes) -> int:
    """A message, or the sealed buffer of one, which begins with its length in four bytes."""
    if len(data) < 6:
        return 0
    size = sum(measured(data)) if data[0] == 0x30 else 4 + int.from_bytes(data[:4], "big")
    return size if len(data) >= size else 0


def is_sealed(message: bytes) -> bool:
    return message[0] == 0


def without_seal(message: bytes) -> bytes:
    """NTLM's challenge without the flags for signing and sealing, where there is one."""
    start = message.find(b"NTLMSSP\0\x02")
    if start < 0:
        return message
    changed = bytearray(message)
    changed[start + 20] &= ~0x30
    return bytes(changed)


def start_tls_refused(message: bytes) -> bytes:
    number = elements(elements(message)[0][1])[0][1]
    return ber(0x30, ber(2, number), result(0x78, UNAVAILABLE))


def on_the_way_to_a_controller() -> list[Changed]:
    def answers(name: str, change: Change, reason: Reason, number: int = 1) -> Changed:
        return Changed(name, unchanged, from_the(number, change, is_sealed), reason)

    plain = ber(0x30, ber(2, b"\x04"), result(0x65, 0))
    return [
        answers("an answer with one bit changed", lambda message: flipped(message, -1), Reason.UNREADABLE),
        answers("a later answer with one bit changed", lambda message: flipped(message, -1), Reason.UNREADABLE, number=3),
        answers("a signature with one bit changed", lambda message: flipped(message, 9), Reason.UNREADABLE),
        answers("a length with one bit changed", lambda message: flipped(message, 0), Reason.UNREADABLE),
        Changed("a request with one bit changed", from_the(1, lambda its: flipped(its, -1), is_sealed), unchanged, Reason.UNREACHABLE),
        Changed("an answer again", unchanged, repeated(2, is_sealed), Reason.UNREADABLE),
        Changed("a request again", repeated(2, is_sealed), unchanged, Reason.UNREACHABLE),
        answers("an answer in clear", lambda _: plain, Reason.UNREADABLE),
        answers("an answer in clear, as sealed", lambda _: len(plain).to_bytes(4, "big") + plain, Reason.UNREADABLE),
        answers("cut in the middle", half, Reason.UNREACHABLE),
        Changed("the seal talked away", unchanged, without_seal, Reason.ACCESS_DENIED),
    ]


CHANGES_TO_CONTROLLERS = range(len(on_the_way_to_a_controller()))


class Controllers(NamedTuple):
    """A controller of the lab, and who may read it."""

    server: LdapServer
    user: str
    password: str

    def reader(self) -> Credentials:
        return Credentials(self.user, self.password)


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controllers]:
    described = asking.scenario()
    issued = Authority(tmp_path_factory.mktemp("authority")).issue("dc01.contoso.test")
    context = presenting(issued.certificate_file, issued.key_file)
    directory = lab_directory.build(described)["contoso.test", "dc01"]
    with Accounts(described) as accounts, LdapServer(directory, accounts, tls=context) as server:
        yield Controllers(server, described.collector, accounts.password_of(described.collector) or "")


def read_through(relay: Relay, controller: Controllers, **options: Any) -> Base:
    reading = connect(relay.port, controller.reader(), **options)
    try:
        return read_base(reading)
    finally:
        reading.close()


def test_a_controller_is_read_through_somebody_who_changes_nothing(controller: Controllers) -> None:
    with between(controller.server.port, ldap) as relay:
        base = read_through(relay, controller)
    assert (base.domain.netbios_name, base.domain.sid) == ("CONTOSO", asking.CONTOSO_SID)
    assert b"Partitions" not in relay.heard
    assert controller.password.encode() not in relay.heard
    assert controller.password.encode("utf-16-le") not in relay.heard


@pytest.mark.parametrize("number", CHANGES_TO_CONTROLLERS, ids=[change.name for change in on_the_way_to_a_controller()])
def test_what_is_changed_on_the_way_to_a_controller_is_not_believed(controller: Controllers, number: int) -> None:
    change = on_the_way_to_a_controller()[number]
    changing = between(controller.server.port, ldap, of_client=change.of_client, of_server=change.of_server)
    with changing as relay, pytest.raises(Unread) as raised:
        read_through(relay, controller)
    assert raised.value.reason is change.reason
    assert controller.password.encode() not in relay.heard
    assert controller.password.encode("utf-16-le") not in relay.heard


def test_nothing_more_is_said_to_a_controller_whose_tls_somebody_talked_away(controller: Controllers) -> None:
    with between(controller.server.port, ldap, of_server=start_tls_refused) as relay, pytest.raises(Unread):
        read_through(relay, controller, security=Security.START_TLS)
    assert len(elements(bytes(relay.heard))) == 1, "the question for TLS"
