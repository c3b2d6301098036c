"""Whatever the bytes are, reading ends, within its limits, and never in an exception."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.errors.observation import Reading
from runner.diagnose.read import read_inputs
from tests.diagnose.samples import ALL

SAMPLES = {name: text.encode() for name, text in ALL.items()}
MARKS = [b"ElfFile\0", b"<Objs>", b"<Event>", b"</Event>", b"<Events>", b"#< CLIXML", b"{\\rtf1 ", b"\xff\xfe", b"\xef\xbb\xbf", b"\n\n"]
MARKS += [
    b"[",
    b'[{"Id":1,"LogName":"x"},',
    b"\0",
    b'"',
    b"\\u00",
    b"&#x",
    b"=\n",
    b"0x8009030E",
    b"PS C:\\> Move-VM -Name '",
    b"MessageId\n---\n",
]
MARKS += [b"Level,Date,Source,Event ID,Task\nx,y,z,1,a,"]


def read_bytes(content: bytes) -> Reading:
    (reading,) = read_inputs([], io.BytesIO(content))
    return reading


def within_limits(reading: Reading) -> bool:
    for observation in reading.observations:
        assert len(observation.text) <= 2_000
        names = (observation.host, observation.vm, observation.source, observation.target)
        assert all(name is None or 0 < len(name) <= 260 for name in names)
        for text in (
            observation.text,
            observation.where,
            *(name for name in names if name),
            *(channel for channel, _ in observation.events),
        ):
            text.encode()
        assert all(observation.codes)
    return len(reading.observations) <= 2_500 and len(reading.problems) <= 23


@given(st.lists(st.one_of(st.sampled_from(MARKS), st.binary(max_size=64)), max_size=24).map(b"".join))
@settings(max_examples=8 * settings.default.max_examples)
def test_any_bytes_can_be_read(content: bytes) -> None:
    assert within_limits(read_bytes(content))


@pytest.mark.parametrize("form", [*SAMPLES])
@given(data=st.data())
def test_any_damage_to_a_sample_can_be_read(form: str, data: st.DataObject) -> None:
    content = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content)))
        end = min(len(content), place + data.draw(st.sampled_from([0, 1, 7, 60])))
        content[place:end] = data.draw(st.one_of(st.sampled_from(MARKS), st.binary(max_size=8)))
    assert within_limits(read_bytes(bytes(content)))


@pytest.mark.parametrize("form", [*SAMPLES])
def test_a_sample_repeated_many_times_is_read_within_the_limits(form: str) -> None:
    assert within_limits(read_bytes(SAMPLES[form] * 700))


PIECES = [
    b"'",
    b'"',
    b"(",
    b"<",
    b"<Event ",
    b"<Event>",
    b"{",
    b'{"a":',
    b"[",
    b'"\\',
    b"0x8009",
    b"=\n",
    b"> ",
    b"Move-VM ",
    b"MessageId\n",
    b"a:",
]
PIECES += [
    b"&amp;",
    b"\xff",
    b"<Objs><Obj>",
    b"x@",
    b"Host ",
    b"<a ",
    b"0",
    b"-2",
    b"8009030E ",
    b"\xc2\xad",
    b"Get-VM x ",
    b"\n>",
    b"PS ",
    b"[a",
]
PIECES += [
    b"9\n",
    b"'a': ",
    b"'a' 'b'\n",
    b"<p ",
    b"x-VM: ",
    b"(6F2AD5A1-",
    b"(x) ",
    b"Microsoft-Windows-",
    b"&H",
    b"&#",
    b"Host<",
    b"a.b-",
    b"<!---->",
    b"<!DOCTYPE[]>",
]


AROUND = (b"%s", b"[%s", b"<Events>%s", b"<Objs><Obj><S>%s", b"0x8009030E %s", b'a,Event ID,Message,Source\n1,"%s')


@pytest.mark.parametrize("piece", PIECES)
def test_a_piece_repeated_without_end_does_not_make_reading_slow_or_deep(piece: bytes) -> None:
    for around in AROUND:
        content = around.replace(b"%s", piece * (30_000 // len(piece)))
        assert within_limits(read_bytes(content)), around


class Endless(io.RawIOBase):
    """Produces a text of a size without ever holding it. `peak_at_half` is the most memory that was traced until half of it was read."""

    def __init__(self, piece: bytes, size: int) -> None:
        self.piece = piece
        self.place = 0
        self.left = size
        self.half = size // 2
        self.peak_at_half = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self.left > self.half:
            self.peak_at_half = tracemalloc.get_traced_memory()[1]
        size = min(len(buffer), self.left)
        begin = self.place % len(self.piece)
        buffer[:size] = (self.piece * (size // len(self.piece) + 2))[begin : begin + size]
        self.place += size
        self.left -= size
        return size


EVENT = (
    b"<Event><System><Provider Name='Microsoft-Windows-Hyper-V-VMMS'/><EventID>20306</EventID></System>"
    b"<UserData><V><VmName>LMTest</VmName><P>0x8009030E</P></V></UserData></Event>"
)
RECORD = b'{"Id": 21024, "LogName": "Microsoft-Windows-Hyper-V-VMMS-Admin", "MachineName": "TESTSERVER01", "Message": "0x8009030E"}'


@pytest.mark.parametrize(
    ("kilobytes", "piece"),
    [(512, SAMPLES["english"]), (896, EVENT), (768, RECORD), (512, b"<Objs><S/></Objs>")],
    ids=lambda value: str(value)[:20],
)
def test_memory_does_not_grow_with_the_size_of_an_input(kilobytes: int, piece: bytes) -> None:
    """An input is large where half of it is in many parts and holds more than is kept of any."""
    endless = Endless(piece + b"\n", kilobytes << 10)
    tracemalloc.start()
    (reading,) = read_inputs([], io.BufferedReader(endless))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert within_limits(reading)
    assert peak < endless.peak_at_half * 1.2


def test_each_input_tells_how_much_of_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"words " * 50_000)
    told: list[tuple[str, int, int | None]] = []
    list(read_inputs([path], io.BytesIO(b"x" * 100_000), lambda *what: told.append(what)))
    of_file = [count for name, count, size in told if (name, size) == (str(path), 300_000)]
    of_stdin = [count for name, count, size in told if (name, size) == ("standard input", None)]
    assert (of_file[-1], of_stdin[-1]) == (300_000, 100_000)
    assert of_file == sorted(set(of_file))
    assert len(of_file) > 3
