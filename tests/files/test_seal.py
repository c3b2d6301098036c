"""Seals: who has the key sees every change of what was sealed, and nobody else can make a seal."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.result import Seal
from checks.text import plain
from runner.files.folder import RunFolder
from runner.files.result import decode
from runner.files.seal import RUN_SEAL, Checked, check, check_snapshot, seal, seal_path
from runner.files.seal_key import LONGEST, SealKey, SealKeyError, read_key
from runner.files.snapshot import encode, sha256
from tests.world import good

SECRET = "correct horse battery staple"
KEY, ANOTHER = SealKey(SECRET.encode()), SealKey(b"another key of whoever edits it")
CONTENT = encode(good().snapshot)


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """A sealed snapshot."""
    path = tmp_path / "snapshot.json"
    path.write_bytes(CONTENT)
    seal_path(path).write_bytes(seal({path.name: sha256(CONTENT)}, KEY))
    return path


def found(path: Path, key: SealKey | None = KEY) -> Checked:
    return check_snapshot(path, path.read_bytes(), key)


def edit(path: Path, change: Callable[[Any], Any]) -> None:
    data = json.loads(path.read_bytes())
    change(data)
    path.write_text(json.dumps(data))


def test_what_was_sealed_is_unchanged_for_who_has_the_key_and_not_checked_for_anybody_else(snapshot: Path) -> None:
    assert found(snapshot) == Checked(Seal.UNCHANGED)
    assert found(snapshot, None).seal is Seal.NOT_CHECKED


def test_a_seal_is_what_its_description_says_so_that_another_program_can_check_it(snapshot: Path) -> None:
    said = json.loads(seal_path(snapshot).read_bytes())
    stands = said.pop("hmac")
    assert said == {
        "format": "hvpreflight.seal/1",
        "algorithm": "HMAC-SHA-256",
        "files": {"snapshot.json": hashlib.sha256(CONTENT).hexdigest()},
    }
    over = json.dumps(said, separators=(",", ":")).encode()
    assert stands == hmac.new(SECRET.encode(), over, "sha256").hexdigest()


def test_no_seal_is_not_sealed_and_missing_where_one_is_to_be_checked(snapshot: Path) -> None:
    seal_path(snapshot).unlink()
    assert found(snapshot, None).seal is Seal.NONE
    assert found(snapshot).seal is Seal.MISSING


@given(data=st.data())
def test_any_change_of_a_byte_is_noticed(data: st.DataObject) -> None:
    where = data.draw(st.integers(0, len(CONTENT) - 1))
    how = data.draw(st.sampled_from(("change", "insert", "remove")))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != CONTENT[where]))
    rest = CONTENT[where:] if how == "insert" else CONTENT[where + 1 :]
    changed = CONTENT[:where] + (b"" if how == "remove" else bytes((byte,))) + rest
    with made({"snapshot.json": CONTENT}) as path:
        assert check(path, {"snapshot.json": CONTENT}, KEY).seal is Seal.UNCHANGED
        assert check(path, {"snapshot.json": changed}, KEY).seal is Seal.CHANGED


@given(data=st.data())
def test_any_change_of_a_byte_of_the_seal_leaves_it_invalid_or_saying_the_same(data: st.DataObject) -> None:
    with made({"snapshot.json": CONTENT}) as path:
        whole = path.read_bytes()
        where = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:where] + bytes((data.draw(st.integers(0, 255)),)) + whole[where + 1 :])
        if check(path, {"snapshot.json": CONTENT}, KEY).seal is Seal.UNCHANGED:
            assert json.loads(path.read_bytes()) == json.loads(whole)


class made:  # noqa: N801 - used like a function
    """A seal of these files while the block lasts. Hypothesis runs a test many times in one folder."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.content = seal({name: sha256(content) for name, content in files.items()}, KEY)

    def __enter__(self) -> Path:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / RUN_SEAL
        path.write_bytes(self.content)
        return path

    def __exit__(self, *of_error: object) -> None:
        self.folder.cleanup()


def test_a_seal_with_another_key_does_not_hold(snapshot: Path) -> None:
    assert found(snapshot, ANOTHER).seal is Seal.CHANGED
    seal_path(snapshot).write_bytes(seal({snapshot.name: sha256(CONTENT)}, ANOTHER))
    assert found(snapshot).seal is Seal.CHANGED
    assert "another key" in plain(found(snapshot).why)


def test_a_sealed_file_does_not_stand_for_another_one(snapshot: Path) -> None:
    """Last month's snapshot with its own seal, under the name of this month's."""
    other = snapshot.with_name("december.json")
    other.write_bytes(snapshot.read_bytes())
    seal_path(other).write_bytes(seal_path(snapshot).read_bytes())
    assert found(other).seal is Seal.CHANGED
    assert "is not of a file december.json" in plain(found(other).why)


@pytest.mark.parametrize(
    "change",
    [
        lambda seal: seal["files"].clear(),
        lambda seal: seal["files"].update({"snapshot.json": "0" * 64}),
        lambda seal: seal["files"].update({"../../etc/passwd": "0" * 64}),
        lambda seal: seal.update(algorithm="none"),
        lambda seal: seal.update(format="hvpreflight.seal/2"),
        lambda seal: seal.update(format="hvpreflight.snapshot/2"),
        lambda seal: seal.update(hmac=""),
        lambda seal: seal.update(hmac="é" * 64),
        lambda seal: seal.update(hmac=None),
        lambda seal: seal.update(hmac=["0" * 64]),
        lambda seal: seal.update(files=[]),
        lambda seal: seal.update(files={"snapshot.json": 7}),
        lambda seal: seal.update(comment="harmless"),
        lambda seal: seal.pop("hmac"),
    ],
)
def test_an_edited_seal_does_not_hold(snapshot: Path, change: Callable[[Any], Any]) -> None:
    edit(seal_path(snapshot), change)
    assert found(snapshot).seal is Seal.CHANGED
    assert plain(found(snapshot).why)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[1]",
        b"\xff\xfe",
        b'{"format": "hvpreflight.seal/1", "hmac": "\xff"}',
        b"[" * 100_000,
        b'{"format": "hvpreflight.seal/1", "files": ' + b'{"a":' * 100_000,
        b'{"format": "hvpreflight.seal/1", "files": {"a": "' + b"0" * (2 << 20) + b'"}}',
    ],
    ids=("empty", "cut", "null", "list", "no text", "no text inside", "deep", "deep inside", "huge"),
)
def test_a_seal_that_is_none_does_not_hold(snapshot: Path, content: bytes) -> None:
    seal_path(snapshot).write_bytes(content)
    assert found(snapshot).seal is Seal.CHANGED


def test_a_seal_cut_anywhere_does_not_hold(snapshot: Path) -> None:
    whole = seal_path(snapshot).read_bytes().rstrip()
    for end in range(len(whole)):
        seal_path(snapshot).write_bytes(whole[:end])
        assert found(snapshot).seal is Seal.CHANGED, end


def test_a_folder_in_the_place_of_a_seal_is_no_seal(snapshot: Path) -> None:
    seal_path(snapshot).unlink()
    seal_path(snapshot).mkdir()
    assert found(snapshot).seal is Seal.CHANGED


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_in_the_place_of_a_seal_is_not_waited_for(snapshot: Path) -> None:
    seal_path(snapshot).unlink()
    os.mkfifo(seal_path(snapshot))
    assert found(snapshot).seal is Seal.CHANGED


@pytest.mark.parametrize("name", ["Umzüge.csv", 'a"b.csv', "\udcff.csv", "line\nbreak.csv"])
def test_a_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    (tmp_path / RUN_SEAL).write_bytes(seal({name: sha256(b"x"), "plan.toml": sha256(b"y")}, KEY))
    assert check(tmp_path / RUN_SEAL, {"plan.toml": b"y", name: b"x"}, KEY).seal is Seal.UNCHANGED
    assert check(tmp_path / RUN_SEAL, {"plan.toml": b"x", name: b"y"}, KEY).seal is Seal.CHANGED


def test_the_seal_of_a_run_holds_for_the_snapshot_in_it_and_for_none_from_another_run(tmp_path: Path) -> None:
    for name, facts in (("first", b"{}"), ("second", b"[]")):
        folder = RunFolder(tmp_path / name)
        folder.write("plan.toml", b"x")
        folder.write("snapshot.json", facts)
        folder.write(RUN_SEAL, seal(folder.digests, KEY))
    first, second = (tmp_path / name / "snapshot.json" for name in ("first", "second"))
    assert found(first).seal is found(second).seal is Seal.UNCHANGED
    first.write_bytes(second.read_bytes())
    assert found(first).seal is Seal.CHANGED


def test_a_result_from_before_there_were_seals_is_read_as_one_of_a_snapshot_that_is_not_sealed() -> None:
    result = good().result()
    old = msgspec.to_builtins(result)
    del old["seal"]
    read = decode(json.dumps(old).encode(), "result.json")
    assert (read, read.seal) == (result, Seal.NONE)


# --- the key ---


def refused(given: str | Path) -> str:
    with pytest.raises(SealKeyError) as raised:
        read_key(str(given))
    return str(raised.value)


def test_a_key_is_the_bytes_of_a_file_without_the_end_of_its_line(tmp_path: Path) -> None:
    for name, ending in (("unix", "\n"), ("windows", "\r\n"), ("none", "")):
        (tmp_path / name).write_bytes((SECRET + ending).encode())
        assert read_key(str(tmp_path / name)).hmac(b"x") == KEY.hmac(b"x")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b" \r\n", "is empty"), (b"fifteen bytes..\n", "too short"), (b"x" * (LONGEST + 1), "longer than")],
)
def test_a_file_that_is_no_key_is_said_and_not_shown(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    message = refused(tmp_path / "key")
    assert said in message
    assert "fifteen" not in message


def test_a_key_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert "cannot be read: No such file" in refused(tmp_path / "none")
    assert "cannot be read" in refused(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_a_file_without_an_end_is_no_key() -> None:
    assert "longer than" in refused("/dev/zero")


def test_nothing_that_prints_a_key_shows_it_and_it_is_not_written_or_copied() -> None:
    assert SECRET not in f"{KEY} {KEY!r} {[KEY]} {vars(SealKey)}"
    for write in (pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode):
        with pytest.raises(TypeError):
            write(KEY)


@pytest.fixture
def stored() -> Iterator[dict[str, str]]:
    """What the keyring holds for the service hvpreflight, by name."""
    keyring = pytest.importorskip("keyring", reason="keyring is an extra")
    from keyring.backend import KeyringBackend

    held: dict[str, str] = {}

    class Held(KeyringBackend):
        priority = 1

        def get_password(self, service: str, username: str) -> str | None:
            return held.get(username) if service == "hvpreflight" else None

        def set_password(self, service: str, username: str, password: str) -> None:
            pytest.fail(f"nothing is stored: {service} {username} {password}")

    before = keyring.get_keyring()
    keyring.set_keyring(Held())
    yield held
    keyring.set_keyring(before)


def test_a_key_may_be_in_the_keyring(stored: dict[str, str]) -> None:
    stored["seal"] = SECRET
    assert read_key("keyring:seal").hmac(b"x") == KEY.hmac(b"x")
    stored["seal"] = "short"
    assert "too short" in refused("keyring:seal")
    assert "The keyring holds no key other" in refused("keyring:other")
