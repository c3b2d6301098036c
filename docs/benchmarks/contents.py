"""What people may hand over to `diagnose`, in any size: what it is made for, and what nobody should."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path

from tests.diagnose import evtxfile
from tests.diagnose.samples import ALL, CHANNEL, ENGLISH, PROVIDER, VM_ID, event_xml

Content = Callable[[Path, int], None]


def _repeated(piece: bytes, before: bytes = b"") -> Content:
    def write(path: Path, size: int) -> None:
        block = piece * (1 + (1 << 16) // len(piece))
        with path.open("wb") as file:
            file.write(before)
            while file.tell() < size:
                file.write(block[: size - file.tell()])

    return write


def _random(encoded: Callable[[bytes], bytes]) -> Content:
    """Different bytes in each block. No block is large: a program that is started afterwards would be said to have had its memory."""
    source = random.Random(1)

    def write(path: Path, size: int) -> None:
        with path.open("wb") as file:
            while file.tell() < size:
                file.write(encoded(source.randbytes(3 << 14)))

    return write


CONTENTS: dict[str, Content] = {
    **{
        f"{form} again and again": _repeated(text.encode() + b"\n")
        for form, text in ALL.items()
        if form in ("english", "xml", "csv english", "clixml")
    },
    "events of JSON": _repeated(ALL["json 7"].encode().strip().removeprefix(b"[").removesuffix(b"]") + b",", b"["),
    "words in one line": _repeated(b"lorem ipsum "),
    "one letter": _repeated(b"a"),
    "capitals that are no symbol": _repeated(b"A" * 16_000 + b"_ "),
    "<": _repeated(b"<"),
    "[": _repeated(b"["),
    "{": _repeated(b'{"a":'),
    "one quote, then letters": _repeated(b"a", b'["'),
    "quotes": _repeated(b'"'),
    "apostrophes": _repeated(b"' "),
    "blanks": _repeated(b" "),
    "line ends": _repeated(b"\n"),
    "zeros": _repeated(b"\0"),
    "<Event and no end": _repeated(b"<Event "),
    "one CSV row that does not end": _repeated(b"a,", b'Id,LogName,Message\n1,x,"'),
    "codes": _repeated(b"0x8009030E "),
    "random bytes": _random(bytes),
    "base64": _random(base64.b64encode),
}


# --- logs: what other programs wrote, and now and then a failed move ---

EVERY = 1_000
"""So many entries of others stand before each failed move."""
HEAD, CHUNK = 1 << 12, 1 << 16
"""Bytes of the header and of a chunk of an event log file."""


def _clock(number: int) -> str:
    return f"2026-12-05T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}"


def _log(begin: str, other: Callable[[int], str], failed: Callable[[int], str], end: str) -> Content:
    def write(path: Path, size: int) -> None:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(begin)
            number = written = 0
            while written < size:
                number += 1
                written += file.write((failed if number % EVERY == 0 else other)(number))
            file.write(end)

    return write


def _line(number: int) -> str:
    return f"{_clock(number)}.123Z INFO [svc-{number % 17}] request {number} of 10.0.{number % 256}.7 finished in {number % 977} ms\n"


def _other_event(number: int) -> str:
    """An event of the Security log, as wevtutil writes it."""
    names = ("SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId", "TargetUserName", "LogonType", "IpAddress")
    values = ("S-1-5-18", "TESTSERVER01$", "CONTOSO", "0x3e7", f"user{number % 50}", "3", f"10.0.{number % 256}.7")
    data = "".join(f"<Data Name='{name}'>{value}</Data>" for name, value in zip(names, values, strict=True))
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-a5ba-3e3b0328c30d}'/><EventID>4624</EventID>"
        "<Version>2</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8020000000000000</Keywords>"
        f"<TimeCreated SystemTime='{_clock(number)}.1234567Z'/><EventRecordID>{number}</EventRecordID><Correlation/>"
        f"<Execution ProcessID='632' ThreadID='{number % 9999}'/><Channel>Security</Channel>"
        f"<Computer>TESTSERVER01.contoso.test</Computer><Security/></System><EventData>{data}</EventData></Event>\n"
    )


def _json(number: int, *, id: int = 7036, log: str = "System", provider: str = "Service Control Manager", message: str = "") -> str:
    entry = {
        "Id": id,
        "LogName": log,
        "ProviderName": provider,
        "MachineName": "TESTSERVER01.contoso.test",
        "TimeCreated": f"{_clock(number)}.123Z",
        "LevelDisplayName": "Information",
        "Message": message or f"The service {number} entered the running state.",
        "Properties": [{"Value": "a service"}, {"Value": f"running {number}"}],
    }
    return json.dumps(entry) + "\n"


def _evtx(path: Path, size: int) -> None:
    """One chunk again and again: the reader takes each by itself."""
    head, chunk = _chunk()
    with path.open("wb") as file:
        file.write(head)
        while file.tell() < size:
            file.write(chunk)


def _chunk() -> tuple[bytes, bytes]:
    data = {"SubjectUserSid": "S-1-5-18", "SubjectUserName": "TESTSERVER01$", "LogonType": "3", "IpAddress": "10.0.0.7"}
    other = evtxfile.event(
        4624, "Security", "TESTSERVER01", data, provider="Microsoft-Windows-Security-Auditing", time="2026-12-05T20:00:00Z"
    )
    move = {"VmName": "LMTest", "VmId": VM_ID, "Parameter0": "TESTSERVER02", "Parameter1": "%%2148074254", "Parameter2": "0x8009030E"}
    failed = evtxfile.event(21024, CHANNEL, "TESTSERVER01", move, provider=PROVIDER, time="2026-12-05T20:14:03Z")
    most = next(count for count in range(1, 400) if len(evtxfile.log([*[other] * (count + 1), failed])) > HEAD + CHUNK)
    whole = evtxfile.log([*[other] * most, failed])
    return whole[:HEAD], whole[HEAD:]


LOGS: dict[str, Content] = {
    "text": _log("", _line, lambda number: f"{_clock(number)}Z ERROR {ENGLISH.replace(chr(10), ' ')}\n", ""),
    "XML": _log("<Events>", _other_event, lambda number: event_xml(record=number), "</Events>"),
    "JSON lines": _log("", _json, lambda number: _json(number, id=21024, log=CHANNEL, provider=PROVIDER, message=ENGLISH), ""),
    "event log file": _evtx,
}
"""Logs of any size, in one of every thousand entries a failed move; in an event log file one a chunk."""
