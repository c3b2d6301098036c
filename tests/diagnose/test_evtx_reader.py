"""Reading event log files, whole, cut off, damaged and foreign."""

from __future__ import annotations

import os
import random
import struct
import sys
from pathlib import Path

import pytest

from checks.text import plain
from runner.diagnose.read import read_inputs
from runner.diagnose.readers import evtx
from tests.diagnose.evtxfile import event, log
from tests.diagnose.samples import CHANNEL, HOST, PROVIDER, VM_ID, read

pytest.importorskip("evtx")

VALUES = {"VmName": "LMTest", "VmId": VM_ID, "Parameter0": "TESTSERVER02", "Parameter1": "%%2148074254", "Parameter2": "0x8009030E"}
FAILED = event(21024, CHANNEL, HOST, VALUES, provider=PROVIDER, time="2026-12-05T20:14:03.123456Z")
OTHER = event(7036, "System", HOST, {"param1": "Print Spooler"}, provider="Service Control Manager", time="2026-12-05T20:00:00Z")
LOG = log([OTHER, *[FAILED] * 20])


def test_the_records_of_a_log_tell_the_move(tmp_path: Path) -> None:
    reading = read(LOG, tmp_path)
    assert reading.problems == ()
    assert len(reading.observations) == 20
    first = reading.observations[0]
    assert (first.vm, first.source, first.target, first.host) == ("LMTest", HOST, "TESTSERVER02", HOST)
    assert first.codes == ("0x8009030E",)
    assert first.events == ((CHANNEL, 21024),)
    assert first.time is not None
    assert first.where.endswith("record 2")


def test_a_log_that_was_cut_off_gives_the_records_before_the_cut_and_says_so(tmp_path: Path) -> None:
    end = LOG.rindex(b"**\0\0")
    reading = read(LOG[: end + 40], tmp_path)
    assert len(reading.observations) == 19
    assert "cut off in chunk 1" in plain(reading.problems[0])


def test_a_damaged_record_costs_only_itself(tmp_path: Path) -> None:
    damaged = bytearray(LOG)
    place = damaged.index(b"**\0\0", damaged.index(b"**\0\0", 5000) + 4)
    damaged[place + 4 : place + 60] = b"\0" * 56
    reading = read(bytes(damaged), tmp_path)
    assert len(reading.observations) == 19
    assert "damaged" in plain(reading.problems[0])


def test_a_log_without_its_file_header_is_read(tmp_path: Path) -> None:
    reading = read(b"\0" * 4096 + LOG[4096:], tmp_path)
    assert len(reading.observations) == 20
    assert "file header" in plain(reading.problems[0])


@pytest.mark.parametrize("content", [LOG[:8], LOG[:100], LOG[:4096], LOG[:4096] + b"x" * 70_000, LOG[:4700]])
def test_what_is_hardly_a_log_gives_a_sentence(content: bytes, tmp_path: Path) -> None:
    reading = read(content, tmp_path)
    assert reading.observations == ()
    assert reading.problems


def test_a_second_chunk_is_read_after_a_foreign_one(tmp_path: Path) -> None:
    reading = read(LOG + b"\xff" * 65536 + LOG[4096:], tmp_path)
    assert len(reading.observations) == 40
    assert "Chunk 2 is no part of an event log" in plain(reading.problems[0])


def test_a_chunk_that_makes_the_parser_loop_for_ever_costs_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evtx, "CHUNK_LIMIT_S", 1.0)
    looping = bytearray(LOG)
    one, other = 0x8000, 0x8100
    for place, points_to in ((292, one), (one, other), (other, one)):  # a list of names in the chunk that leads back to itself
        struct.pack_into("<I", looping, 4096 + place, points_to)
    reading = read(bytes(looping) + LOG[4096:], tmp_path)
    assert len(reading.observations) == 20
    assert "Chunk 1 is damaged" in plain(reading.problems[0])


def test_without_the_package_the_reading_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(LOG)
    program = (
        "import sys; sys.modules['evtx'] = None\nfrom pathlib import Path\n"
        "from checks.text import plain\nfrom runner.diagnose.read import read_inputs\n"
        f"print(plain(next(read_inputs([Path({str(tmp_path / 'log')!r})], None)).problems[0]))"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'hvpreflight[evtx]'" in done.stdout


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_to_a_log_ends_in_more_than_a_sentence(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    content = bytearray(LOG[: chance.choice([len(LOG), chance.randrange(len(LOG)), 12_000])])
    for _ in range(chance.choice([1, 5, 50, 500])):
        content[chance.randrange(8, len(content)) if len(content) > 8 else 0] = chance.choice([0, 0xFF, chance.randrange(256)])
    reading = read(bytes(content), tmp_path)
    assert len(reading.observations) <= 25
    assert len(reading.problems) <= 22


def test_whole_and_damaged_logs_are_read_side_by_side(tmp_path: Path) -> None:
    """Logs of real machines in the folder HVPREFLIGHT_EVTX_SAMPLES, if it is given, are read as well."""
    (tmp_path / "whole.evtx").write_bytes(LOG)
    (tmp_path / "cut.evtx").write_bytes(LOG[: len(LOG) // 2])
    folders = (tmp_path, *filter(None, [os.environ.get("HVPREFLIGHT_EVTX_SAMPLES")]))
    paths = sorted(path for folder in folders for path in Path(folder).glob("*.evtx"))
    for path, reading in zip(paths, read_inputs(paths, None), strict=True):
        assert reading.observations or reading.problems, path
