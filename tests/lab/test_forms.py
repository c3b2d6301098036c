"""The lab's messages have the form of a real engine's: `forms/` holds what PowerShell 7.6 sent, one message a file."""

from __future__ import annotations

import struct
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psrpcore
import pytest
from psrpcore import types

from lab.failures import Failure
from lab.scenario import LanguageMode, ShellSpec
from lab.shell import FRAGMENT_BYTES, Answer, Said, Shell, Start, Terminated
from lab.windows import VERSIONS

FORMS = Path(__file__).parent / "forms"
MARK = b"\xef\xbb\xbf"
PATIENCE_S = 10.0
DENIED = Failure(
    "System.UnauthorizedAccessException",
    "Attempted to perform an unauthorized operation.",
    "UnauthorizedAccessException",
    "OperationStopped",
    "0x80070005",
    None,
    1,
    "Attempted to perform an unauthorized operation.",
)


def real(name: str) -> ET.Element:
    return ET.fromstring((FORMS / f"{name}.xml").read_bytes())


class Message(NamedTuple):
    kind: types.PSRPMessageType
    text: bytes


class Session:
    """A client of one shell, which shows the messages of each Receive. `fragments` are the sizes of all fragments."""

    def __init__(self, start: Start | None = None, answer: Answer = lambda _: [Said("one")]) -> None:
        self.client = psrpcore.ClientRunspacePool()
        self.client.open()
        self.shell = Shell(answer, start or Start(), self._sent())
        self.fragments: list[int] = []
        self._message = b""

    def opened(self) -> list[list[Message]]:
        """The Receives of the opening."""
        brought = [self._receive(None)]
        while brought[-1][-1].kind is not types.PSRPMessageType.RunspacePoolState:
            brought.append(self._receive(None))
        return brought

    def ran(self) -> list[list[Message]]:
        """The Receives of a pipeline, the last of which says that it is done."""
        self.opened()
        pipeline = psrpcore.ClientPowerShell(self.client)
        pipeline.add_script("'the real collector'")
        pipeline.add_parameter("Request", "{}")
        pipeline.start()
        self.shell.command(pipeline.pipeline_id, self._sent())
        brought = [self._receive(pipeline.pipeline_id)]
        while not self.done:
            brought.append(self._receive(pipeline.pipeline_id))
        return brought

    def _sent(self) -> bytes:
        payload = self.client.data_to_send()
        assert payload is not None
        return payload.data

    def _receive(self, pipeline: uuid.UUID | None) -> list[Message]:
        data, self.done = self.shell.receive(pipeline, PATIENCE_S)
        self.client.receive_data(psrpcore.PSRPPayload(data, psrpcore.StreamType.default, pipeline))
        while self.client.next_event() is not None:
            pass
        return list(self._messages(data))

    def _messages(self, data: bytes) -> Iterator[Message]:
        while data:
            _, _, flags, length = struct.unpack_from(">QQBI", data)
            self.fragments.append(21 + length)
            self._message, data = self._message + data[21 : 21 + length], data[21 + length :]
            if flags & 2:
                yield Message(types.PSRPMessageType(struct.unpack_from("<I", self._message, 4)[0]), self._message[40:])
                self._message = b""


def kinds(receives: list[list[Message]]) -> list[list[str]]:
    return [[message.kind.name for message in receive] for receive in receives]


def form(of: ET.Element, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """The named values of a message: their path and the tag that says what each is."""
    found = {}
    for part in of:
        within = (*path, part.get("N", "")) if part.get("N") else path
        if part.get("N"):
            found[within] = part.tag
        found |= form(part, within)
    return found


def like(ours: bytes, name: str) -> ET.Element:
    """One of our messages, once each value in it is of the kind that the real one has there. Nothing may stand for anything."""
    assert ours.startswith(MARK)
    message, expected = ET.fromstring(ours), form(real(name))
    wrong = {path: tag for path, tag in form(message).items() if expected.get(path) != tag and "Nil" not in (tag, expected.get(path))}
    assert wrong == {}
    return message


def shown(record: ET.Element) -> dict[str, object]:
    """What a client can tell of an error record, without the stack."""
    exception = record.find(".//Obj[@N='Exception']")
    where = record.find(".//*[@N='InvocationInfo']")
    assert exception is not None
    assert where is not None
    return {
        "types": [each.text for each in exception.iterfind("TN/T")],
        "text": record.findtext(".//Obj[@N='ExceptionAsErrorRecord']/ToString"),
        "exception": exception.findtext("ToString", "").partition("_x000A_")[0],
        "where": where.findtext("ToString"),
        "line": where.findtext("Props/I32[@N='ScriptLineNumber']"),
        **{name: exception.findtext(f"Props/*[@N='{name}']") for name in ("Message", "HResult")},
        **{
            name: record.findtext(f".//*[@N='{name}']")
            for name in ("FullyQualifiedErrorId", "ErrorCategory_Category", "ErrorCategory_Reason")
        },
    }


def test_every_message_begins_with_a_byte_order_mark() -> None:
    session = Session()
    messages = [message for receive in session.ran() for message in receive]
    assert {message.text[:3] for message in messages} == {MARK}
    assert (FORMS / "opened.xml").read_bytes().startswith(MARK)


@pytest.mark.parametrize("receives", [1, 2, 3])
def test_the_opening_comes_in_one_two_or_three_receives(receives: int) -> None:
    brought = Session(Start(receives=receives)).opened()
    assert len(brought) == receives
    capability, private, state = (message.text for receive in brought for message in receive)
    like(capability, "session_capability")
    like(private, "application_private_data")
    assert ET.tostring(like(state, "opened")) == ET.tostring(real("opened"))


def test_output_and_end_come_in_one_receive_after_the_progress() -> None:
    (brought,) = Session(answer=lambda _: [Said("one"), Said("two")]).ran()
    assert kinds([brought]) == [["ProgressRecord", "PipelineOutput", "PipelineOutput", "PipelineState"]]
    like(brought[0].text, "progress_record")
    assert ET.tostring(like(brought[-1].text, "completed")) == ET.tostring(real("completed"))


def test_what_was_put_out_before_a_wait_is_received_before_it() -> None:
    brought = Session(answer=lambda _: [Said("one"), Said("two", 0.05)]).ran()
    assert kinds(brought) == [["ProgressRecord", "PipelineOutput"], ["PipelineOutput", "PipelineState"]]


def test_a_fragment_holds_at_most_32_kilobytes() -> None:
    session = Session(answer=lambda _: [Said("x" * 100_000)])
    session.ran()
    assert max(session.fragments) == FRAGMENT_BYTES


def test_a_script_that_ends_early_leaves_the_error_record_of_an_engine() -> None:
    def ending(_: str) -> Iterator[Said]:
        yield Said("one")
        raise Terminated(DENIED)

    (brought,) = Session(answer=ending).ran()
    assert kinds([brought]) == [["ProgressRecord", "PipelineOutput", "PipelineState"]]
    assert shown(like(brought[-1].text, "failed")) == shown(real("failed"))


def test_a_session_without_a_language_refuses_a_script_as_an_engine_does() -> None:
    (brought,) = Session(Start(shell=ShellSpec(language_mode=LanguageMode.NONE))).ran()
    assert shown(like(brought[-1].text, "no_language")) == shown(real("no_language"))


def test_a_broken_start_up_is_told_as_an_engine_tells_it() -> None:
    *_, state = (message for receive in Session(Start(shell=ShellSpec(throws="broken start-up"))).opened() for message in receive)
    assert shown(like(state.text, "broken")) == shown(real("broken"))


@pytest.mark.parametrize(("windows", "protocol"), [("2012", "2.2"), ("2012r2", "2.2"), ("2016", "2.3"), ("2025", "2.3")])
def test_a_windows_says_what_its_engine_is(windows: str, protocol: str) -> None:
    messages = [message.text for receive in Session(Start(VERSIONS[windows])).opened() for message in receive]
    assert ET.fromstring(messages[0]).findtext(".//Version[@N='protocolversion']") == protocol
    table = {entry.findtext("S"): entry for entry in ET.fromstring(messages[1]).iter("En") if entry.findtext("Version")}
    assert {"PSVersion", "BuildVersion", "CLRVersion", "PSRemotingProtocolVersion"} <= set(table)
    assert table["PSVersion"].findtext("Version") in [each.text for each in ET.fromstring(messages[1]).iterfind(".//LST/Version")]
    assert (b"PSEdition" in messages[1]) == (protocol == "2.3")
