"""What a directory sends is cut into messages as it is meant, and refused before it costs anything where it is none."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.asn1 import decode_message_fast

from checks.facts.fact import Reason
from runner.collect.directories.messages import DEEPEST, MOST_BESIDE_AN_ENTRY, MOST_BYTES, MOST_ELEMENTS, Messages
from runner.collect.unread import Unread
from tests.attacks.test_directories import DONE, ber, bound, cookie, entry, message, of_many_values

ANSWERS = (
    message(7, entry(b"CN=x,DC=contoso,DC=test", cn=b"x", member=b"y" * 300)),
    message(7, entry(b"")),
    message(7, ber(0x73, ber(4, b"ldap://contoso.test/CN=Configuration"))),
    message(7, DONE, cookie(b"more")),
    message(2**31 - 1, bound(14, b"token" * 60)),
)


WRONG = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What ldap3 raises for an answer of other parts than it expects."""


def taken(data: bytes, sizes: Callable[[], int] = lambda: 65536) -> list[bytes]:
    """The messages of what comes in pieces of such sizes."""
    stream, messages, found = io.BytesIO(data), Messages(), []
    while found_next := messages.next(lambda size: stream.read(min(size, sizes()))):
        found.append(found_next)
    return found


def refused(data: bytes) -> str:
    with pytest.raises(Unread) as raised:
        taken(data)
    assert raised.value.reason is Reason.UNREADABLE
    return str(raised.value)


@given(st.lists(st.sampled_from(ANSWERS), max_size=6), st.data())
def test_messages_come_out_as_they_went_in_however_they_were_cut(sent: list[bytes], data: st.DataObject) -> None:
    assert taken(b"".join(sent), lambda: data.draw(st.integers(1, 900))) == sent


@given(st.binary(max_size=400), st.sampled_from(ANSWERS), st.data())
def test_whatever_comes_is_refused_or_decoded_without_running_deep(rubbish: bytes, around: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(around)))
    try:
        found = taken(around[:at] + rubbish + around[at + data.draw(st.integers(0, 4)) :])
    except Unread:
        return
    for each in found:
        with suppress(*WRONG):
            decode_message_fast(each)


def test_an_object_may_be_as_long_as_objects_are() -> None:
    long = message(7, entry(b"CN=x", member=bytes(3_000_000)))
    assert taken(long + ANSWERS[1]) == [long, ANSWERS[1]]


def test_what_is_refused_once_stays_refused() -> None:
    stream, messages = io.BytesIO(b"rubbish" + ANSWERS[0]), Messages()
    for _ in range(2):
        with pytest.raises(Unread, match="no LDAP"):
            messages.next(stream.read)
        messages.expect_answers()


def test_nothing_that_came_outside_a_layer_is_taken_for_something_inside() -> None:
    stream, messages = io.BytesIO(ANSWERS[3] + ANSWERS[0]), Messages()
    assert messages.next(stream.read) == ANSWERS[3]
    with pytest.raises(Unread, match="before it was to be encrypted"):
        messages.end_layer()
    stream, messages = io.BytesIO(ANSWERS[3]), Messages()
    assert messages.next(stream.read) == ANSWERS[3]
    messages.end_layer()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x30\x80", "no definite length"),
        (b"\x30\x85\0\0\0\0\1", "no definite length"),
        (b"\x30\x84" + (MOST_BYTES + 1).to_bytes(4, "big"), f"more than {MOST_BYTES} bytes"),
        (message(7, ber(0x65, ber(4, bytes(MOST_BESIDE_AN_ENTRY)))), f"more than {MOST_BESIDE_AN_ENTRY} bytes"),
        (message(7, entry(b""), ber(0xA0, ber(4, bytes(MOST_BESIDE_AN_ENTRY)))), f"more than {MOST_BESIDE_AN_ENTRY} bytes"),
        (message(7, ber(0x65, ber(0x0A, bytes(9)))), "do not fit"),
        (message(7, ber(0x65, ber(2))), "do not fit"),
        (b"\x30\x04\x65\x03\x04\0", "do not fit"),
        (b"\x30\x05\x65\x01\x04\x04\0", "that no directory sends"),
        (message(7, ber(0x10, ber(4))), "that no directory sends"),
        (message(7, b"\x1f\x81\x01\0"), "that no directory sends"),
        (message(7, ber(0x80)), "that no directory sends"),
    ],
)
def test_what_no_directory_sends_is_refused_with_its_reason(data: bytes, why: str) -> None:
    assert why in refused(data)


def test_what_is_nested_deeper_than_any_answer_is_refused() -> None:
    inner = b""
    for _ in range(DEEPEST):
        inner = ber(0x30, inner)
    assert taken(inner) == [inner]
    assert "do not fit" in refused(ber(0x30, inner))


def test_the_most_that_is_let_through_takes_a_bounded_memory_to_decode() -> None:
    """Each element as small as it can be: the worst of all answers."""
    most = message(7, of_many_values(MOST_ELEMENTS - 8))
    tracemalloc.start()
    (let_through,) = taken(most)
    decoded = decode_message_fast(let_through)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(decoded["payload"][1][3][0][3][1][3]) == MOST_ELEMENTS - 8
    assert peak < 32 * 1024 * 1024
