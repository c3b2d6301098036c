"""What a hostile name server can do: cost a bounded time, and say that a name is not known. What it does not properly answer is missing."""

from __future__ import annotations

import itertools
import select
import socket
import socketserver
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, TypeAlias

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from checks.facts.directory import ComputerAccount, ControllerTopic
from checks.facts.fact import Fact, Missing, Reason
from checks.plan import HostEntry, Plan
from checks.plan import Names as NameServerSettings
from checks.text import plain
from checks.windows.names import HostName
from lab.forest import Forest
from lab.serving import Serving
from runner.collect.credentials import Credentials
from runner.collect.directories.ask import Answers, collect
from runner.collect.directories.rounds import MOST_TRIED
from runner.collect.name_servers import LIFETIME_S, NameServers, Service
from runner.collect.together import together
from tests.collect.directories.asking import PATIENCE_S, first, host, locators, reason, scenario, value

NAME = "dc01.contoso.test"
SLACK_S = 5.0
"""So much later than its own deadline a question may end on a busy machine."""

Speech: TypeAlias = Callable[[dns.message.Message, bool], Iterable[bytes]]
"""What a server sends for a query: datagrams, or where the second argument says so the parts of a stream."""


# --- servers that say what they like ---


class _Datagram(socketserver.BaseRequestHandler):
    server: _Datagrams

    def handle(self) -> None:
        wire, sock = self.request
        for said in self.server.speech(dns.message.from_wire(wire), False):
            (self.server.sender or sock).sendto(said, self.client_address)


class _Stream(socketserver.StreamRequestHandler):
    server: _Streams

    def handle(self) -> None:
        (length,) = struct.unpack(">H", self.rfile.read(2))
        for said in self.server.speech(dns.message.from_wire(self.rfile.read(length)), True):
            self.request.sendall(said)


class _Datagrams(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False
    speech: Speech
    sender: socket.socket | None = None
    """What datagrams are sent from, where it is not what they came to."""


class _Streams(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    speech: Speech

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever has enough hangs up."""


ATTEMPTS = 20


def _bound() -> tuple[_Streams, _Datagrams]:
    """On one port, which the system chose for the first and which may be taken for the second."""
    for attempt in range(ATTEMPTS):
        streams = _Streams(("127.0.0.1", 0), _Stream)
        try:
            return streams, _Datagrams(("127.0.0.1", streams.server_address[1]), _Datagram)
        except OSError:
            streams.server_close()
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


@contextmanager
def saying(speech: Speech, sender: socket.socket | None = None) -> Iterator[NameServers]:
    """The name servers of somebody who has only one that speaks so, over UDP and TCP."""
    streams, datagrams = _bound()
    datagrams.sender = sender
    streams.speech = datagrams.speech = speech
    with streams, datagrams, Serving(streams), Serving(datagrams):
        yield NameServers((f"127.0.0.1:{datagrams.server_address[1]}",))


def response(
    query: dns.message.Message, *records: tuple[str, str, Iterable[str]], rcode: dns.rcode.Rcode = dns.rcode.NOERROR, flags: int = 0
) -> dns.message.Message:
    """An answer with those of these records that are of the type that was asked for or aliases, each an owner, a type and the lines of its
    data; an empty owner is the name that was asked for."""
    made = dns.message.make_response(query, recursion_available=True)
    wanted = dns.rdatatype.to_text(query.question[0].rdtype)
    for owner, kind, lines in (record for record in records if record[1] in (wanted, "CNAME")):
        name = dns.name.from_text(owner) if owner else query.question[0].name
        made.answer.append(dns.rrset.from_text_list(name, 600, "IN", kind, list(lines), origin=dns.name.root, relativize=False))
    made.set_rcode(rcode)
    made.flags |= flags
    return made


def sent(made: dns.message.Message, stream: bool) -> list[bytes]:
    """As it is sent; what does not fit into a datagram is truncated there."""
    wire = made.to_wire(max_size=65535)
    if stream:
        return [struct.pack(">H", len(wire)), wire]
    if len(wire) > 512:
        made.answer.clear()
        made.flags |= dns.flags.TC
    return [made.to_wire()]


def plainly(*records: tuple[str, str, Iterable[str]], rcode: dns.rcode.Rcode = dns.rcode.NOERROR, flags: int = 0) -> Speech:
    return lambda query, stream: sent(response(query, *records, rcode=rcode, flags=flags), stream)


A = ("", "A", ["127.0.0.66"])
SAME_NAME = b"\xc0\x0c"
"""A pointer to the name in the question."""


def record(kind: int, data: bytes, *, owner: bytes = SAME_NAME, kind_of_net: int = 1, ttl: int = 600, length: int | None = None) -> bytes:
    return owner + struct.pack(">HHIH", kind, kind_of_net, ttl, len(data) if length is None else length) + data


def truncated_then(speech: Callable[[dns.message.Message], Iterable[bytes]]) -> Speech:
    return lambda query, stream: speech(query) if stream else sent(response(query, flags=dns.flags.TC), False)


def dripping(_: dns.message.Message) -> Iterator[bytes]:
    yield struct.pack(">H", 65535)
    while True:
        time.sleep(0.05)
        yield b"\0"


def endless(_: dns.message.Message) -> Iterator[bytes]:
    yield from itertools.repeat(b"\xff" * 65536)


def hanging_up(_: dns.message.Message) -> Iterator[bytes]:
    yield b"\0"


def raw(body: bytes) -> Speech:
    """An answer whose header and question are right, with these bytes as its one record."""

    def speech(query: dns.message.Message, stream: bool) -> list[bytes]:
        head = bytearray(dns.message.make_response(query, recursion_available=True).to_wire())
        head[7] = 1
        wire = bytes(head) + body
        return [struct.pack(">H", len(wire)), wire] if stream else [wire]

    return speech


def changed(change: Callable[[dns.message.Message], Any]) -> Speech:
    def speech(query: dns.message.Message, stream: bool) -> list[bytes]:
        made = response(query, A)
        change(made)
        return sent(made, stream)

    return speech


def of_kinds(**speeches: Speech) -> Speech:
    """Speaks so to questions of these types, and knows nothing of others."""
    return lambda query, stream: speeches.get(dns.rdatatype.to_text(query.question[0].rdtype), plainly())(query, stream)


def asked_through(names: NameServers, forest: Forest) -> Answers:
    """What the directories answer about a host that names no controller, to somebody with these name servers."""
    plan = Plan((), names=NameServerSettings(("127.0.0.1",)), hosts={HostName("hv01"): HostEntry(fqdn="hv01.contoso.test")})
    facts = {HostName("hv01"): host("HV01", locators())}
    signed_in = Credentials(forest.collector, forest.password)
    signed_in.trial.on("a host").accepted()
    return collect(plan, facts, signed_in, names, PATIENCE_S)


def views(answers: Answers) -> tuple[Fact[ComputerAccount], ...]:
    """What was said of the host's account."""
    return tuple(answers.accounts[HostName("hv01")].views.values())


def other_id(made: dns.message.Message) -> None:
    made.id ^= 1


def other_question(made: dns.message.Message) -> None:
    made.question[0] = dns.rrset.from_text_list("elsewhere.test.", 0, "IN", "A", [])


def a_question(made: dns.message.Message) -> None:
    made.flags &= ~dns.flags.QR


def aliases(count: int, last: str) -> Speech:
    names = ["", *(f"a{n}.contoso.test." for n in range(1, count))]
    return plainly(*((name, "CNAME", [to]) for name, to in zip(names, [*names[1:], last], strict=True)))


LOCAL = bytes((127, 0, 0, 66))
UNANSWERED: dict[str, tuple[Reason, Speech]] = {
    "silence": (Reason.TIMED_OUT, lambda _query, _stream: []),
    "nothing": (Reason.TIMED_OUT, lambda _query, _stream: [b""]),
    "garbage": (Reason.TIMED_OUT, lambda _query, _stream: [bytes(range(256))]),
    "another id": (Reason.TIMED_OUT, changed(other_id)),
    "another question": (Reason.TIMED_OUT, changed(other_question)),
    "a question": (Reason.TIMED_OUT, changed(a_question)),
    "a name that points to itself": (Reason.TIMED_OUT, raw(record(1, LOCAL, owner=b"\xc0\x23"))),
    "names that point to each other": (Reason.TIMED_OUT, raw(record(5, b"\x01a\xc0\x2f"))),
    "a pointer beyond the end": (Reason.TIMED_OUT, raw(record(1, LOCAL, owner=b"\xff\xff"))),
    "an address of three bytes": (Reason.TIMED_OUT, raw(record(1, LOCAL[:3]))),
    "a record that is cut": (Reason.TIMED_OUT, raw(record(1, LOCAL, length=60_000))),
    "something behind the end": (Reason.TIMED_OUT, raw(record(1, LOCAL) + b"more")),
    "another class": (Reason.TIMED_OUT, raw(record(1, LOCAL, kind_of_net=3))),
    "a stream that drips": (Reason.TIMED_OUT, truncated_then(dripping)),
    "a stream without end": (Reason.UNREACHABLE, truncated_then(endless)),
    "a stream that breaks off": (Reason.UNREACHABLE, truncated_then(hanging_up)),
    "cut off over TCP too": (Reason.UNREADABLE, plainly(flags=dns.flags.TC)),
    "an address, and cut off over TCP too": (Reason.UNREADABLE, plainly(A, flags=dns.flags.TC)),
    "an alias of itself": (Reason.UNREACHABLE, aliases(1, f"{NAME}.")),
    "aliases in a circle": (Reason.UNREACHABLE, aliases(3, f"{NAME}.")),
    "a chain of a thousand aliases": (Reason.UNREACHABLE, aliases(1000, "dc02.contoso.test.")),
    "an address of another name": (Reason.UNREADABLE, plainly(("elsewhere.test.", "A", ["127.0.0.66"]))),
    "an address of a name that does not exist": (Reason.UNREACHABLE, plainly(A, rcode=dns.rcode.NXDOMAIN)),
    "refused": (Reason.UNREACHABLE, plainly(A, rcode=dns.rcode.REFUSED)),
    "broken": (Reason.UNREACHABLE, plainly(A, rcode=dns.rcode.SERVFAIL)),
    "a name that exists and should not": (Reason.UNREADABLE, plainly(A, rcode=dns.rcode.YXDOMAIN)),
    "a code of nobody": (Reason.UNREACHABLE, plainly(A, rcode=dns.rcode.Rcode(15))),
}


UNNAMED: dict[str, bytes] = {
    "an SRV record of nothing": b"",
    "no target": bytes(6),
    "a target with a label of no length": bytes(6) + b"\x40a\0",
    "a target that is cut": bytes(6) + b"\x02a\0",
    "a target and more": bytes(6) + b"\0more",
    "a target of too many labels": bytes(6) + b"\x01a" * 200 + b"\0",
}
"""Data of SRV records that have no proper target."""


def test_what_is_not_properly_answered_is_missing_in_time_and_says_why() -> None:
    """All at the same time, since many end with their deadline only."""
    with ExitStack() as stack:
        tasks: dict[str, Callable[[], Fact[Any]]] = {}
        for name, (_, speech) in UNANSWERED.items():
            tasks[name] = partial(stack.enter_context(saying(speech)).addresses, NAME)
        for name, data in UNNAMED.items():
            tasks[name] = partial(stack.enter_context(saying(raw(record(33, data)))).controllers, "contoso.test")
        another = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        another.bind(("127.0.0.1", 0))
        tasks["another sender"] = partial(stack.enter_context(saying(plainly(A), another)).addresses, NAME)
        answers = together(tasks, time.monotonic() + LIFETIME_S + SLACK_S, most=len(tasks))
    expected = {name: why for name, (why, _) in UNANSWERED.items()} | dict.fromkeys((*UNNAMED, "another sender"), Reason.TIMED_OUT)
    assert {name: reason(answer) for name, answer in answers.items()} == expected


@pytest.mark.parametrize("ttl", [0, 2**31, 2**32 - 1])
def test_how_long_an_answer_may_be_kept_changes_nothing(ttl: int) -> None:
    with saying(of_kinds(A=raw(record(1, LOCAL, ttl=ttl)))) as names:
        assert value(names.addresses(NAME)) == ("127.0.0.66",)


# --- SRV records ---


def srv(*targets: str, owner: str = "", port: int = 389) -> tuple[str, str, list[str]]:
    return owner, "SRV", [f"0 100 {port} {target}" for target in targets]


LONGEST_LABEL = "a" * 63


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        (".", []),
        (f"{LONGEST_LABEL}.contoso.test.", [f"{LONGEST_LABEL}.contoso.test"]),
        (".".join([LONGEST_LABEL] * 3) + "." + "a" * 61 + ".", [".".join([LONGEST_LABEL] * 3) + "." + "a" * 61]),
        ("\\000\\255\\.\\010.contoso.test.", ["\\000\\255\\.\\010.contoso.test"]),
    ],
    ids=["the root", "a long label", "a long name", "odd bytes"],
)
def test_an_odd_target_is_the_name_that_it_is_or_none(target: str, hosts: list[str]) -> None:
    with saying(plainly(srv(target))) as names:
        assert [service.host for service in value(names.controllers("contoso.test"))] == hosts
        assert [value(names.addresses(host)) for host in hosts] == [() for _ in hosts]


def test_controllers_of_a_domain_that_nobody_asked_about_are_none() -> None:
    stranger = srv("dc66.fabrikam.test.", owner="_ldap._tcp.dc._msdcs.fabrikam.test.")
    with saying(plainly(stranger)) as names:
        assert reason(names.controllers("contoso.test")) is Reason.UNREADABLE
    with saying(plainly(stranger, srv("dc01.contoso.test."))) as names:
        assert value(names.controllers("contoso.test")) == (Service("dc01.contoso.test", 389),)


def test_a_controller_of_another_domain_does_not_answer_for_this_one() -> None:
    with Forest(scenario()) as forest:
        port = forest.controllers["dc51.fabrikam.test"].port
        with saying(of_kinds(SRV=plainly(srv("dc51.fabrikam.test.", port=port)), A=plainly(("", "A", ["127.0.0.1"])))) as names:
            answers = asked_through(names, forest)
    said = first(answers, "contoso.test", ControllerTopic.domain)
    assert isinstance(said, Missing)
    assert said.reason is Reason.UNREADABLE
    assert "it is a controller of fabrikam.test" in plain(said.detail)
    assert views(answers)
    assert all(isinstance(view, Missing) for view in views(answers))


def test_of_hundreds_of_controllers_that_do_not_answer_few_are_tried() -> None:
    queries: list[str] = []

    def nowhere(query: dns.message.Message, stream: bool) -> Iterable[bytes]:
        queries.append(str(query.question[0].name))
        return plainly(("", "A", ["127.0.0.1"]))(query, stream)

    with Forest(scenario()) as forest, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with saying(of_kinds(SRV=plainly(srv(*(f"d{n}.contoso.test." for n in range(500)), port=port)), A=nowhere)) as names:
            answers = asked_through(names, forest)
    assert reason(first(answers, "contoso.test", ControllerTopic.domain)) is Reason.UNREACHABLE
    assert len([name for name in queries if name.startswith("d")]) == MOST_TRIED


def test_the_address_that_comes_along_with_a_controller_is_not_connected_to() -> None:
    """It is asked for by its own name, as any other."""

    def speech(query: dns.message.Message, stream: bool) -> list[bytes]:
        made = response(query, srv("dc66.contoso.test.", port=port))
        made.additional.append(dns.rrset.from_text("dc66.contoso.test.", 600, "IN", "A", "127.0.0.1"))
        return sent(made, stream)

    with Forest(scenario()) as forest, socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with saying(of_kinds(SRV=speech)) as names:
            answers = asked_through(names, forest)
        assert not select.select([listening], [], [], 0)[0]
    assert reason(first(answers, "contoso.test", ControllerTopic.domain)) is Reason.UNREACHABLE
