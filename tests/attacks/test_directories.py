"""A hostile domain controller: what it may send before the sealed bind and after it, on a real socket.

All of them are asked in one run, beside one that is honest. Each costs a bounded time and its own answers, is connected to once, and sees
no password.
"""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, TypeAlias

import pytest
import spnego

from checks.facts.directory import QUESTIONS
from checks.facts.fact import Known, Missing, Reason
from checks.plan import Connection, HostEntry, Plan
from checks.text import plain
from checks.windows.names import HostName
from lab import directory as lab_directory
from lab.certificates import Authority
from lab.credentials import Credentials as Accounts
from lab.dns import DnsServer
from lab.ldap import LdapServer
from lab.scenario import ControllerSpec
from lab.serving import Serving
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import Answers, collect
from runner.collect.directories.controller import Controller
from runner.collect.directories.messages import MOST_ELEMENTS
from runner.collect.directories.peers import Peer, Security
from runner.collect.name_servers import NameServers
from runner.collect.unread import Unread
from tests.collect.directories.asking import PATIENCE_S, by_key, host, locators, moves, scenario
from tests.collect.hosts.test_hostile import ntlm_challenge

DEADLINE_S = 6.0
"""Of the run, and of each controller in it; a round takes half of it."""
GRACE_S = 4.0
"""So much later than the deadline a busy machine may hang up."""
GOOD = "dc01.contoso.test"
HEAD = "DC=contoso,DC=test"
PAGED = b"1.2.840.113556.1.4.319"
DISCONNECTED = b"1.3.6.1.4.1.1466.20036"
NOT_ASKED = 2**30
"""The number of no message: all connections of a process count together."""


# --- LDAP as bytes ---


def ber(tag: int, *content: bytes) -> bytes:
    inner = b"".join(content)
    return head(tag, len(inner)) + inner


def head(tag: int, size: int) -> bytes:
    return bytes([tag, size]) if size < 128 else bytes([tag, 0x84]) + size.to_bytes(4, "big")


def elements(data: bytes) -> list[tuple[int, bytes]]:
    """The tag and content of each element, as ldap3 writes them."""
    found = []
    while data:
        head, size = measured(data)
        found.append((data[0], data[head : head + size]))
        data = data[head + size :]
    return found


def measured(data: bytes) -> tuple[int, int]:
    """The lengths of an element's head and of its content."""
    more = data[1] & 0x7F if data[1] & 0x80 else 0
    return 2 + more, int.from_bytes(data[2 : 2 + more], "big") if more else data[1]


def message(number: int, operation: bytes, controls: bytes = b"") -> bytes:
    return ber(0x30, ber(2, number.to_bytes(4, "big")), operation, controls)


def result(tag: int, code: int, *more: bytes, says: bytes = b"") -> bytes:
    return ber(tag, ber(0x0A, bytes([code])), ber(4), ber(4, says), *more)


def bound(code: int, token: bytes | None = None) -> bytes:
    return result(0x61, code, b"" if token is None else ber(0x87, token))


def entry(name: bytes, **attributes: bytes) -> bytes:
    return ber(0x64, ber(4, name), ber(0x30, *(ber(0x30, ber(4, key.encode()), ber(0x31, ber(4, its))) for key, its in attributes.items())))


def of_many_values(count: int) -> bytes:
    """An entry with an attribute of so many values, as small as values can be."""
    return ber(0x64, ber(4), ber(0x30, ber(0x30, ber(4, b"cn"), ber(0x31, ber(4) * count))))


def cookie(value: bytes) -> bytes:
    return ber(0xA0, ber(0x30, ber(4, PAGED), ber(4, ber(0x30, ber(2, b"\0"), ber(4, value)))))


SUCCESS, REFERRAL, IN_PROGRESS, UNAVAILABLE = 0, 10, 14, 52
DONE = result(0x65, SUCCESS)


# --- who attacks ---


@dataclass
class Elsewhere:
    """What an attack may need: where nobody may come, and certificates for another name and by another authority."""

    nobody: socket.socket
    other_name: ssl.SSLContext
    unknown: ssl.SSLContext

    @property
    def url(self) -> bytes:
        return "ldap://{}:{}/".format(*self.nobody.getsockname()).encode()


@dataclass
class Client:
    """The program, as a controller sees it. `heard` is every byte that it sent, as it arrived."""

    socket: socket.socket
    elsewhere: Elsewhere
    heard: bytearray
    context: Any = None
    number: int = 0
    waiting: bytes = b""
    earlier: list[bytes] = field(default_factory=list)

    def receive(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError
        self.heard += data
        return data

    def ask(self) -> bytes:
        """The next message that it sends."""
        while len(self.waiting) < 6 or len(self.waiting) < sum(measured(self.waiting)):
            self.waiting += self.unsealed() if self.context else self.receive()
        size = sum(measured(self.waiting))
        asked, self.waiting = self.waiting[:size], self.waiting[size:]
        self.number = int.from_bytes(elements(elements(asked)[0][1])[0][1], "big")
        return asked

    def unsealed(self) -> bytes:
        data = self.receive()
        while len(data) < 4 or len(data) < 4 + struct.unpack(">I", data[:4])[0]:
            data += self.receive()
        return bytes(self.context.unwrap(data[4:]).data)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self, *operations: bytes, controls: bytes = b"", number: int | None = None) -> None:
        """Answer what was asked last, sealed after the sign-in; the controls go with the last operation."""
        its = self.number if number is None else number
        last = len(operations) - 1
        data = b"".join(message(its, operation, controls if at == last else b"") for at, operation in enumerate(operations))
        self.send(self.sealed(data) if self.context else data)

    def sealed(self, data: bytes) -> bytes:
        token = self.context.wrap(data).data
        self.earlier.append(struct.pack(">I", len(token)) + token)
        return self.earlier[-1]

    def sign_in(self) -> None:
        """Do what an honest controller does, up to the sealed bind."""
        context = spnego.server(hostname=GOOD, service="ldap", protocol="negotiate")
        while not context.complete:
            request = elements(elements(self.ask())[0][1])[1][1]
            reply = context.step(elements(elements(request)[2][1])[1][1])
            self.answer(bound(SUCCESS if context.complete else IN_PROGRESS, reply))
        self.context = context

    def secure(self, context: ssl.SSLContext) -> None:
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def hang_up(self) -> None:
        self.socket.close()
        raise ConnectionError


Play: TypeAlias = Callable[[Client], None]


class Attack(NamedTuple):
    """What a controller does, and why its facts are missing then. When `play` returns, the controller is silent."""

    name: str
    play: Play
    reason: Reason
    security: Security = Security.SEALED


def says(data: bytes) -> Play:
    """The answer to the first message, as it is."""

    def play(client: Client) -> None:
        client.ask()
        client.send(data)

    return play


def answers(*operations: bytes, number: int | None = None) -> Play:
    def play(client: Client) -> None:
        client.ask()
        client.answer(*operations, number=number)

    return play


def again(operation: bytes) -> Play:
    """The same answer to whatever is asked."""

    def play(client: Client) -> None:
        while True:
            client.ask()
            client.answer(operation)

    return play


def without_end(operation: bytes) -> Play:
    """The same answer again and again, as fast as it is taken."""

    def play(client: Client) -> None:
        if not client.number:
            client.ask()
        data = message(client.number, operation) * 10_000
        while True:
            client.send(client.sealed(data) if client.context else data)

    return play


def signed_in(then: Play) -> Play:
    """An attack after the sealed bind, on the first search."""

    def play(client: Client) -> None:
        client.sign_in()
        client.ask()
        then(client)

    return play


def drips(first: bytes, then: bytes = b"x") -> Play:
    def play(client: Client) -> None:
        client.ask()
        client.send(first)
        while True:
            time.sleep(0.05)
            client.send(then)

    return play


def silent(_: Client) -> None:
    pass


def hangs_up(client: Client) -> None:
    client.hang_up()


def hangs_up_when_asked(client: Client) -> None:
    client.ask()
    client.hang_up()


def hangs_up_after_the_challenge(client: Client) -> None:
    client.ask()
    client.answer(bound(IN_PROGRESS, ntlm_challenge()))
    hangs_up_when_asked(client)


def nested(levels: int) -> bytes:
    heads, size = [], 0
    for _ in range(levels):
        heads.append(head(0x30, size))
        size += len(heads[-1])
    return b"".join(reversed(heads))


def challenge(flags: int = 0xE2898215, name: bytes = "CONTOSO".encode("utf-16-le"), info: bytes | None = None) -> bytes:
    """A challenge (MS-NLMP 2.2.1.2) by a controller that calls itself so."""
    its = struct.pack("<HH", 2, len(name)) + name + bytes(4) if info is None else info
    return b"NTLMSSP\0" + struct.pack("<IHHIIQQHHIQ", 2, 0, 0, 56, flags, 1, 0, len(its), len(its), 56, 0) + its


def challenges(token: bytes) -> Play:
    """A challenge, and success whatever the response."""

    def play(client: Client) -> None:
        client.ask()
        client.answer(bound(IN_PROGRESS, token))
        client.ask()
        client.answer(bound(SUCCESS))

    return play


def says_and_disconnects(client: Client) -> None:
    client.ask()
    client.answer(result(0x78, UNAVAILABLE, ber(0x8A, DISCONNECTED)), number=0)


def refers(client: Client) -> None:
    client.ask()
    client.answer(result(0x61, REFERRAL, ber(0xA3, ber(4, client.elsewhere.url))))


# --- TLS ---


STARTED = result(0x78, SUCCESS)


def starts_with(choose: Callable[[Elsewhere], ssl.SSLContext]) -> Play:
    def play(client: Client) -> None:
        client.ask()
        client.answer(STARTED)
        client.secure(choose(client.elsewhere))
        client.ask()

    return play


def begins_with(choose: Callable[[Elsewhere], ssl.SSLContext]) -> Play:
    def play(client: Client) -> None:
        client.secure(choose(client.elsewhere))
        client.ask()

    return play


def other_name(elsewhere: Elsewhere) -> ssl.SSLContext:
    return elsewhere.other_name


def unknown(elsewhere: Elsewhere) -> ssl.SSLContext:
    return elsewhere.unknown


def starts_and_goes_on_in_clear(client: Client) -> None:
    """What anybody on the way could put behind the answer, for the program to take as said inside TLS."""
    client.ask()
    client.send(message(client.number, STARTED) + message(client.number + 1, bound(SUCCESS)))
    client.receive()


# --- after the sealed bind ---


def root(head: bytes, forest: bytes | None = None) -> bytes:
    return entry(
        b"",
        defaultNamingContext=head,
        rootDomainNamingContext=head if forest is None else forest,
        configurationNamingContext=b"CN=Configuration," + head,
        domainFunctionality=b"7",
        domainControllerFunctionality=b"7",
    )


def partition(head: bytes, dns: bytes, netbios: bytes) -> bytes:
    return entry(b"CN=" + netbios, nCName=head, dnsRoot=dns, nETBIOSName=netbios)


ITS_SID = bytes.fromhex("010400000000000515000000") + struct.pack("<III", 1, 2, 3)


def is_of(head: bytes, dns: bytes, forest: bytes | None = None) -> Play:
    """A controller that says it is of this domain."""

    def play(client: Client) -> None:
        client.answer(root(head, forest), DONE)
        client.ask()
        client.answer(partition(head, dns, b"FABRIKAM"), DONE)
        client.ask()
        client.answer(entry(head, objectSid=ITS_SID), DONE)

    return play


def sends(data: Callable[[Client], bytes]) -> Play:
    """Bytes where a sealed answer should be."""

    def play(client: Client) -> None:
        client.send(data(client))

    return play


def in_clear(client: Client) -> bytes:
    return message(client.number, root(HEAD.encode())) + message(client.number, DONE)


def with_a_wrong_signature(client: Client) -> bytes:
    sealed = bytearray(client.sealed(in_clear(client)))
    sealed[-1] ^= 1
    return bytes(sealed)


def in_another_order(client: Client) -> bytes:
    client.sealed(in_clear(client))
    return client.sealed(in_clear(client))


def twice(client: Client) -> None:
    """The same sealed answer for the second question, as it was for the first."""
    client.answer(root(HEAD.encode()), DONE)
    client.ask()
    client.send(client.earlier[-1])


def cut(client: Client) -> bytes:
    return client.sealed(in_clear(client))[:-7]


def refers_sealed(client: Client) -> None:
    client.answer(result(0x65, REFERRAL, ber(0xA3, ber(4, client.elsewhere.url))))


def refers_on(client: Client) -> None:
    client.answer(root(HEAD.encode()), DONE)
    client.ask()
    client.answer(ber(0x73, ber(4, client.elsewhere.url)), DONE)


def entries_without_end(client: Client) -> None:
    while True:
        client.answer(*[entry(b"CN=x", cn=b"x")] * 10)
        time.sleep(0.01)


def pages_without_end(cookies: Iterator[bytes], *page: bytes) -> Play:
    """The head of the domain, and for its partitions one page after the other."""

    def play(client: Client) -> None:
        client.answer(root(HEAD.encode()), DONE)
        for its in cookies:
            client.ask()
            client.answer(*page, DONE, controls=cookie(its))
            time.sleep(0.01)

    return play


def one() -> Iterator[bytes]:
    while True:
        yield b"more"


def others() -> Iterator[bytes]:
    return (str(number).encode() for number in count())


BEFORE = [
    Attack("garbage", says(b"GET / HTTP/1.1\r\n\r\n"), Reason.UNREADABLE),
    Attack("zeros", says(bytes(64)), Reason.UNREADABLE),
    Attack("a TLS record", says(bytes.fromhex("15030300020228")), Reason.UNREADABLE),
    Attack("indefinite length", says(b"\x30\x80\x02\x01\x01\x61\x80\0\0\0\0"), Reason.UNREADABLE),
    Attack("a length of four gigabytes", says(b"\x30\x84\xff\xff\xff\xff" + bytes(100)), Reason.UNREADABLE),
    Attack("a length of 126 bytes", says(b"\x30\xfe" + b"\xff" * 126), Reason.UNREADABLE),
    Attack("nested deeply", says(nested(50_000)), Reason.UNREADABLE),
    Attack(
        "a negative number and code", says(ber(0x30, ber(2, b"\xff"), ber(0x61, ber(0x0A, b"\xff"), ber(4), ber(4)))), Reason.UNREADABLE
    ),
    Attack("cut", says(message(1, bound(SUCCESS))[:-3]), Reason.TIMED_OUT),
    Attack("a number of a million digits", answers(ber(0x61, ber(0x0A, bytes(1_000_000)), ber(4), ber(4))), Reason.UNREADABLE),
    Attack("a sequence that says it is none", answers(ber(0x10, ber(4) * 30_000)), Reason.UNREADABLE),
    Attack("an error's text of a megabyte", answers(result(0x61, UNAVAILABLE, says=b"x" * 1_000_000)), Reason.UNREADABLE),
    Attack("an inner length beyond the outer one", says(b"\x30\x08\x02\x01\x01\x61\x7f\x0a\x01\x00"), Reason.UNREADABLE),
    Attack("an answer to another message", answers(bound(SUCCESS), number=NOT_ASKED), Reason.UNREACHABLE),
    Attack("an answer to a search that nobody asked", answers(root(HEAD.encode()), DONE), Reason.ACCESS_DENIED),
    Attack("a notice of disconnection", says_and_disconnects, Reason.UNREACHABLE),
    Attack("a referral", refers, Reason.UNREADABLE),
    Attack("success at once", answers(bound(SUCCESS)), Reason.ACCESS_DENIED),
    Attack("success at once with an empty token", answers(bound(SUCCESS, b"")), Reason.ACCESS_DENIED),
    Attack("success at once with a token of another mechanism", answers(bound(SUCCESS, b"user=x,realm=y")), Reason.UNREADABLE),
    Attack("a challenge of DIGEST-MD5", answers(bound(IN_PROGRESS, b'nonce="1",qop="auth"')), Reason.UNREADABLE),
    Attack("a bind in progress without end", again(bound(IN_PROGRESS)), Reason.ACCESS_DENIED),
    Attack("one challenge after the other", again(bound(IN_PROGRESS, challenge())), Reason.ACCESS_DENIED),
    Attack("a challenge without signing", challenges(challenge(flags=0xE2898215 & ~0x30)), Reason.ACCESS_DENIED),
    Attack("a challenge without key exchange, at 40 bits", challenges(challenge(flags=0x00080205)), Reason.ACCESS_DENIED),
    Attack("a challenge with a huge target", challenges(challenge(name=b"A\0" * 30_000)), Reason.ACCESS_DENIED),
    Attack("a challenge with a target that does not end", challenges(challenge(info=b"\x02\0\xff\xff")), Reason.ACCESS_DENIED),
    Attack("a challenge with NUL as its name", challenges(challenge(name=b"\0\0" * 7)), Reason.ACCESS_DENIED),
    Attack("silence", silent, Reason.TIMED_OUT),
    Attack("drip", drips(b"\x30\x82\xff\xff"), Reason.TIMED_OUT),
    Attack("small messages that are not meant", drips(b"", message(NOT_ASKED, bound(SUCCESS))), Reason.UNREACHABLE),
    Attack("hangs up at once", hangs_up, Reason.UNREACHABLE),
    Attack("hangs up when asked", hangs_up_when_asked, Reason.UNREACHABLE),
    Attack("hangs up after the challenge", hangs_up_after_the_challenge, Reason.UNREACHABLE),
    Attack("StartTLS refused", answers(result(0x78, UNAVAILABLE)), Reason.UNREADABLE, Security.START_TLS),
    Attack("StartTLS answered with a bind", answers(bound(SUCCESS)), Reason.TIMED_OUT, Security.START_TLS),
    Attack("StartTLS and no TLS", says(message(1, STARTED) + b"no TLS" * 10), Reason.UNREADABLE, Security.START_TLS),
    Attack("StartTLS and on in clear", starts_and_goes_on_in_clear, Reason.UNREADABLE, Security.START_TLS),
    Attack("StartTLS with another name", starts_with(other_name), Reason.UNREACHABLE, Security.START_TLS),
    Attack("StartTLS by an unknown authority", starts_with(unknown), Reason.UNREACHABLE, Security.START_TLS),
    Attack("LDAPS without TLS", says(message(1, bound(SUCCESS))), Reason.UNREACHABLE, Security.LDAPS),
    Attack("LDAPS with another name", begins_with(other_name), Reason.UNREACHABLE, Security.LDAPS),
    Attack("LDAPS by an unknown authority", begins_with(unknown), Reason.UNREACHABLE, Security.LDAPS),
    Attack("LDAPS in silence", silent, Reason.TIMED_OUT, Security.LDAPS),
]
AFTER = [
    Attack("an answer in clear", signed_in(sends(in_clear)), Reason.UNREADABLE),
    Attack("a wrong signature", signed_in(sends(with_a_wrong_signature)), Reason.UNREADABLE),
    Attack("a later answer first", signed_in(sends(in_another_order)), Reason.UNREADABLE),
    Attack("an earlier answer again", signed_in(twice), Reason.UNREADABLE),
    Attack("a sealed length of four gigabytes", signed_in(sends(lambda _: b"\xff" * 8)), Reason.UNREADABLE),
    Attack("a sealed length of nothing", signed_in(sends(lambda _: bytes(4))), Reason.UNREADABLE),
    Attack("a sealed message that is cut", signed_in(sends(cut)), Reason.TIMED_OUT),
    Attack("silence after the bind", signed_in(silent), Reason.TIMED_OUT),
    Attack("hangs up after the bind", signed_in(hangs_up), Reason.UNREACHABLE),
    Attack("a sealed referral", signed_in(refers_sealed), Reason.UNREADABLE),
    Attack("a sealed reference", signed_in(refers_on), Reason.ACCESS_DENIED),
    Attack("entries without end", signed_in(entries_without_end), Reason.TIMED_OUT),
    Attack("empty pages without end", signed_in(pages_without_end(one())), Reason.TIMED_OUT),
    Attack(
        "pages without end, each with another cookie",
        signed_in(pages_without_end(others(), partition(b"DC=x", b"x", b"X"))),
        Reason.TIMED_OUT,
    ),
    Attack("another domain", signed_in(is_of(b"DC=fabrikam,DC=test", b"fabrikam.test")), Reason.UNREADABLE),
    Attack("another forest", signed_in(is_of(HEAD.encode(), b"contoso.test", b"DC=fabrikam,DC=test")), Reason.ACCESS_DENIED),
    Attack("a huge naming context", signed_in(is_of(b"DC=" + b"x" * 500_000, b"x.test")), Reason.UNREADABLE),
    Attack("no naming context", signed_in(lambda client: client.answer(entry(b""), DONE)), Reason.ACCESS_DENIED),
    Attack("no root", signed_in(lambda client: client.answer(DONE)), Reason.ACCESS_DENIED),
    Attack("a naming context that is no text", signed_in(lambda client: client.answer(root(b"\xff\xfe\0"), DONE)), Reason.UNREADABLE),
]
ATTACKS = BEFORE + AFTER
FLOODS = [
    Attack("for a sign-in an object with many values", answers(of_many_values(300_000)), Reason.UNREADABLE),
    Attack("for a sign-in objects without end", without_end(entry(b"")), Reason.UNREADABLE),
    Attack("small entries without end", signed_in(without_end(entry(b""))), Reason.UNREADABLE),
    Attack("an entry with many values", signed_in(lambda client: client.answer(of_many_values(300_000), DONE)), Reason.UNREADABLE),
]
"""What takes a processor for a while, and would take time from the others."""


# --- the run ---


class _Hostile(socketserver.ThreadingTCPServer):
    """`calls` counts who came, `left` is when the last one was gone (`time.monotonic`)."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, attack: Attack, elsewhere: Elsewhere) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.attack = attack
        self.elsewhere = elsewhere
        self.calls = 0
        self.heard = bytearray()
        self.gone = threading.Event()
        self.left = 0.0


class _Conversation(socketserver.BaseRequestHandler):
    server: _Hostile

    def handle(self) -> None:
        self.server.calls += 1
        client = Client(self.request, self.server.elsewhere, self.server.heard)
        with suppress(OSError):
            self.server.attack.play(client)
            while True:
                client.receive()
        with suppress(OSError):
            client.socket.close()
        self.server.left = time.monotonic()
        self.server.gone.set()


class Run(NamedTuple):
    """What came of asking all of them: the answers, what each saw by the attack's name, when it was begun, and whether anybody came where
    nobody may."""

    answers: Answers
    seen: dict[str, _Hostile]
    began: float
    called_elsewhere: bool
    password: str


def named(attack: Attack) -> str:
    return f"dc{10 + ATTACKS.index(attack)}.contoso.test"


@contextmanager
def hostile(attack: Attack, elsewhere: Elsewhere) -> Iterator[_Hostile]:
    with _Hostile(attack, elsewhere) as server, Serving(server):
        yield server


def serving(authority: Authority, name: str) -> ssl.SSLContext:
    certificate = authority.issue(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate_file, certificate.key_file)
    return context


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    described = scenario({"dc01": ControllerSpec()})
    trusted, strange = (Authority(tmp_path_factory.mktemp(name)) for name in ("trusted", "strange"))
    with ExitStack() as stack:
        accounts = stack.enter_context(Accounts(described))
        honest = stack.enter_context(LdapServer(lab_directory.build(described)["contoso.test", "dc01"], accounts))
        nobody = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        elsewhere = Elsewhere(nobody, serving(trusted, "dc99.contoso.test"), serving(strange, "dc10.contoso.test"))
        seen = {attack.name: stack.enter_context(hostile(attack, elsewhere)) for attack in ATTACKS}
        urls = [f"{attack.security}://{named(attack)}:{seen[attack.name].server_address[1]}" for attack in ATTACKS]
        names = [GOOD, *map(named, ATTACKS)]
        dns = DnsServer([(name, "A", ("127.0.0.1",)) for name in names])
        dns.start()
        stack.callback(dns.stop)
        plan = Plan(
            moves(("HV01", "HV02")),
            connection=Connection(ca_file=str(trusted.ca_file)),
            hosts={HostName("HV01"): HostEntry(fqdn="hv01.contoso.test")},
            directory={"contoso.test": (f"ldap://{GOOD}:{honest.port}", *urls)},
        )
        password = accounts.password_of(described.collector)
        assert password
        reader = Credentials(described.collector, password)
        reader.trial.on("a host").accepted()
        began = time.monotonic()
        hosts = {HostName("HV01"): host("HV01", locators(*names))}
        answers = by_key(collect(plan, hosts, reader, NameServers((f"127.0.0.1:{dns.port}",)), DEADLINE_S))
        for server in seen.values():
            server.gone.wait(max(0.0, began + DEADLINE_S + GRACE_S - time.monotonic()))
        nobody.setblocking(False)
        try:
            nobody.accept()
            called = True
        except BlockingIOError:
            called = False
        yield Run(answers, seen, began, called, password)


each = pytest.mark.parametrize("attack", ATTACKS, ids=[attack.name for attack in ATTACKS])


@each
def test_nothing_that_it_says_is_a_fact_and_the_reason_is_a_proper_one(run: Run, attack: Attack) -> None:
    name = named(attack)
    facts = [getattr(run.answers.domains["contoso.test"].controllers[name], question) for question in QUESTIONS]
    facts.append(run.answers.accounts["hv01"].views[name])
    assert {(type(fact), getattr(fact, "reason", None)) for fact in facts} == {(Missing, attack.reason)}, facts[0]
    detail = plain(facts[0].detail)
    assert detail.isprintable()
    assert 0 < len(detail) < 100, "a sentence or a type, and nothing that was sent"


@each
def test_it_costs_no_more_than_the_deadline_and_one_connection(run: Run, attack: Attack) -> None:
    seen = run.seen[attack.name]
    assert seen.gone.is_set(), "somebody still listens to it"
    assert seen.left - run.began < DEADLINE_S + GRACE_S
    assert seen.calls == 1


@each
def test_it_does_not_see_the_password(run: Run, attack: Attack) -> None:
    heard = bytes(run.seen[attack.name].heard)
    for encoding in ("utf-8", "utf-16-le"):
        assert run.password.encode(encoding) not in heard


def test_nobody_goes_where_a_controller_refers(run: Run) -> None:
    assert not run.called_elsewhere


def test_an_honest_controller_beside_them_is_believed_in_all_that_it_says(run: Run) -> None:
    account = run.answers.accounts["hv01"].views[GOOD]
    assert isinstance(account, Known)
    assert account.value.account_name == "HV01$"
    said = run.answers.domains["contoso.test"].controllers[GOOD]
    assert {name for name in QUESTIONS if isinstance(getattr(said, name), Missing)} == set()


@pytest.mark.parametrize("attack", FLOODS, ids=[attack.name for attack in FLOODS])
def test_a_flood_is_refused_where_it_goes_beyond_any_answer(attack: Attack) -> None:
    described = scenario({"dc01": ControllerSpec()})
    no_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with Accounts(described) as accounts, socket.socket() as nobody, hostile(attack, Elsewhere(nobody, no_tls, no_tls)) as server:
        reader = Credentials(described.collector, accounts.password_of(described.collector))
        peer = Peer(GOOD, ("127.0.0.1",), server.server_address[1])
        with pytest.raises(Unread, match=f"more than {MOST_ELEMENTS} elements") as raised:
            Controller(peer, reader, protocol="negotiate", deadline=time.monotonic() + PATIENCE_S).object("", ["defaultNamingContext"])
    assert raised.value.reason is attack.reason
