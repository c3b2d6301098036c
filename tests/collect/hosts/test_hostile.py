"""What a hostile host costs: a bounded time, a bounded memory, a bounded number of sign-ins, and never an answer that is believed."""

from __future__ import annotations

import base64
import gzip
import itertools
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from checks.facts.fact import Reason
from checks.plan import Transport
from lab.scenario import HostSpec
from lab.sealing import seal
from runner.collect.hosts.elements import DEEPEST, LONGEST_TAG, MOST_TAGS
from runner.collect.hosts.line import MOST_ANSWER_BYTES, MOST_ROUNDS
from runner.collect.hosts.messages import Kind
from tests.collect.directories.forests import PATIENCE_S, details, forest, missing, visited, whole_host
from tests.collect.hosts.hostile import ASKS, NAME, failed, psrp, session_with, speaking, unfolding, visit_to

SHORT_S = 2.0
"""A deadline that a test waits for."""


# --- before the logon: HTTP ---


PIECE = bytes(65536)


def endless_body() -> Iterator[bytes]:
    yield ASKS + b"\r\n"
    yield from itertools.repeat(PIECE)


def endless_chunks() -> Iterator[bytes]:
    yield ASKS + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"10000\r\n" + PIECE + b"\r\n")


def endless_interim_answers() -> Iterator[bytes]:
    yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@pytest.mark.parametrize("speech", [endless_body, endless_chunks, endless_interim_answers])
def test_an_answer_without_end_is_read_to_its_bound_and_no_further(speech: Callable[[], Iterator[bytes]]) -> None:
    with speaking(speech) as server:
        facts = visit_to(server)
        assert server.hung_up.wait(PATIENCE_S)
    assert whole_host(facts) is Reason.UNREADABLE
    assert f"an answer of more than {MOST_ANSWER_BYTES} bytes" in details(facts)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity"])
def test_nothing_is_unpacked(encoding: str) -> None:
    packed = gzip.compress(bytes(64 * 1024 * 1024))

    def speech() -> Iterator[bytes]:
        yield ASKS + f"Content-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
        yield packed

    with speaking(speech) as server:
        facts = visit_to(server)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "an answer in a content encoding"


def drips(first: bytes) -> Callable[[], Iterator[bytes]]:
    def speech() -> Iterator[bytes]:
        yield first
        while True:
            time.sleep(0.02)
            yield b"x"

    return speech


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\nX-Slow: ", ASKS + b"\r\n", ASKS + b"Content-Length: 100000\r\n\r\n"])
def test_a_host_that_sends_byte_by_byte_is_heard_until_the_deadline(first: bytes) -> None:
    began = time.monotonic()
    with speaking(drips(first)) as server:
        facts = visit_to(server, SHORT_S)
        assert time.monotonic() - began < SHORT_S
        assert server.hung_up.wait(PATIENCE_S)
    assert whole_host(facts) is Reason.TIMED_OUT


# --- the logon ---


def ntlm_challenge() -> bytes:
    """A challenge to which a client answers with a response to it (MS-NLMP 2.2.1.2)."""
    flags = 0xE2898215
    info = struct.pack("<HH", 2, 14) + "CONTOSO".encode("utf-16-le") + bytes(4)
    return b"NTLMSSP\0" + struct.pack("<IHHIIQQHHIQ", 2, 0, 0, 56, flags, 1, 0, len(info), len(info), 56, 0) + info


def test_a_host_that_asks_for_another_sign_in_after_each_one_gets_few() -> None:
    token = base64.b64encode(ntlm_challenge()).decode()

    def speech() -> Iterator[bytes]:
        yield f"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM {token}\r\nContent-Length: 0\r\n\r\n".encode()

    with speaking(speech) as server:
        facts = visit_to(server, auth=Transport.NTLM)
        assert server.hung_up.wait(PATIENCE_S)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "the host asks for another sign-in after each one"
    assert len(server.authorizations) <= MOST_ROUNDS


@pytest.mark.parametrize("auth", [Transport.NEGOTIATE, Transport.NTLM, Transport.CREDSSP])
def test_every_sign_in_fits_into_half_of_the_rounds_that_there_are(auth: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.collect.hosts.line.MOST_ROUNDS", MOST_ROUNDS * 2 // 3)
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, _ = visited(running, NAME, auth=auth)
    assert missing(facts) == {}


# --- answers that nobody sealed ---


@pytest.mark.parametrize(
    "claims", ["multipart/encrypted", "multipart/encryptedx", "application/soap+xml", 'multipart/encrypted;boundary="(a+)+"']
)
def test_an_answer_that_was_not_sealed_is_refused_whatever_it_calls_itself(claims: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.winrm.seal", lambda _context, _scheme, message: (claims, message))
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, _ = visited(running, NAME)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "an answer that is not encrypted"


def test_an_answer_that_was_changed_on_the_way_is_not_a_rejected_logon(monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(*arguments: Any) -> tuple[str, bytes]:
        kind, body = seal(*arguments)
        return kind, body[:-40] + bytes([body[-40] ^ 1]) + body[-39:]

    monkeypatch.setattr("lab.winrm.seal", changed)
    with forest(TestServer01=HostSpec(windows="2019")) as running:
        facts, _ = visited(running, NAME)
    assert whole_host(facts) is Reason.UNREADABLE
    assert details(facts) == "an answer that does not decrypt"


# --- after the logon: SOAP and the messages of the session ---


def test_of_an_error_record_only_text_is_taken_and_no_reference_followed() -> None:
    with session_with(psrp(Kind.PIPELINE_STATE, failed(unfolding(5)))) as facts:
        whole = facts()
    assert whole_host(whole) is Reason.UNREADABLE
    assert details(whole) == "System.Exception; Strange"


@pytest.mark.parametrize(
    ("xml", "detail"),
    [
        ("<Obj><LST>" * DEEPEST + "</LST></Obj>" * DEEPEST, "deep"),
        ("<LST>" + "<Nil/>" * MOST_TAGS + "</LST>", "tags"),
        (f'<Obj xmlns:a="{"u" * LONGEST_TAG}"><MS/></Obj>', "characters"),
        ('<!DOCTYPE a [<!ENTITY b "boom">]><S>&b;</S>', "document type"),
        ("<S>cut", "does not read"),
        ("", "does not read"),
    ],
    ids=["deep", "many", "long name", "entity", "cut", "empty"],
)
def test_a_message_that_no_windows_sends_is_refused_before_anything_is_made_of_it(xml: str, detail: str) -> None:
    with session_with(psrp(Kind.ERROR_RECORD, xml)) as facts:
        whole = facts()
    assert whole_host(whole) is Reason.UNREADABLE
    assert detail in details(whole)


@pytest.mark.parametrize(
    "output",
    [b"\0", psrp(Kind.PIPELINE_OUTPUT, "<S/>")[:-1], struct.pack(">QQBI", 1, 7, 2, 0), struct.pack(">QQBI", 1, 0, 3, 2**32 - 1)],
    ids=["no fragment", "short", "out of turn", "longer than all"],
)
def test_fragments_that_do_not_fit_are_no_message(output: bytes) -> None:
    with session_with(output) as facts:
        assert whole_host(facts()) is Reason.UNREADABLE


def test_fragments_without_end_are_read_until_the_deadline() -> None:
    """Each is empty, and none is the last."""
    empty = b"".join(struct.pack(">QQBI", number, 0, 1, 0) for number in range(4_000))
    began = time.monotonic()
    with session_with(empty) as facts:
        assert whole_host(facts(SHORT_S)) in (Reason.TIMED_OUT, Reason.UNREADABLE)
    assert time.monotonic() - began < PATIENCE_S


def test_messages_that_a_visit_does_not_need_are_not_even_parsed() -> None:
    ignored = struct.pack("<II", 1, 0x00041010) + bytes(32) + b"<no xml"
    output = struct.pack(">QQBI", 1, 0, 3, len(ignored)) + ignored + psrp(Kind.PIPELINE_STATE, failed('<S N="Message">enough</S>'))
    with session_with(output) as facts:
        assert details(facts()) == "System.Exception; Strange; enough"
