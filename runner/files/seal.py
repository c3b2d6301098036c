"""Seals: who has the key can tell later whether files are still as they were written.

    {"format": "hvpreflight.seal/1", "algorithm": "HMAC-SHA-256", "files": {"snapshot.json": SHA-256}, "hmac": HMAC}

The HMAC is of this JSON without `hmac`, the files sorted by name and no space anywhere, so that no file can be left out, added, or put in
the place of another. A snapshot's seal lies beside it; a run folder has one for all that the run wrote there.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from checks.mistake import Mistake
from checks.result import Seal
from checks.text import NOTHING, Text, text
from runner.files.reading import Unreadable, whole
from runner.files.seal_key import SealKey
from runner.files.snapshot import sha256
from runner.files.versioned import damaged, number_of
from runner.system import is_there

SEAL_FORMAT = "hvpreflight.seal/1"
RUN_SEAL = "run.seal"
_LONGEST = 1 << 20
"""Bytes of a seal that is read."""


class SealError(Mistake):
    """Files that are not as they were sealed, or a seal that is none; its sentence says which and why."""


class Checked(NamedTuple):
    """What was found of a seal, and why it does not hold, where it does not."""

    seal: Seal
    why: Text = NOTHING


class _Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    algorithm: Literal["HMAC-SHA-256"]
    files: dict[str, str]


class _Sealed(_Contents, frozen=True, forbid_unknown_fields=True):
    hmac: str


def seal(digests: Mapping[str, str], key: SealKey) -> bytes:
    """The seal of files, as it is written: from their SHA-256 in hex, by name."""
    contents = _Contents(SEAL_FORMAT, "HMAC-SHA-256", {_utf8(name): digest for name, digest in digests.items()})
    return msgspec.json.encode(_Sealed(contents.format, contents.algorithm, contents.files, key.hmac(_canonical(contents)))) + b"\n"


def seal_path(file: Path) -> Path:
    """Where the seal of a file lies that is sealed by itself."""
    return file.with_name(f"{file.name}.seal")


def check_snapshot(path: Path, content: bytes, key: SealKey | None) -> Checked:
    """The seal of a snapshot: its own, or that of the run folder it lies in."""
    own, of_run = seal_path(path), path.with_name(RUN_SEAL)
    return check(of_run if is_there(of_run) and not is_there(own) else own, {path.name: content}, key)


def check(path: Path, files: Mapping[str, bytes], key: SealKey | None) -> Checked:
    """Whether these files, by name, are as they were when the seal at `path` was made. Without a key nothing is read of it."""
    if key is None:
        return Checked(Seal.NOT_CHECKED if is_there(path) else Seal.NONE)
    if not is_there(path):
        return Checked(Seal.MISSING, text("There is no {file}", file=str(path)))
    try:
        sealed = _read(path)
    except SealError as error:
        return Checked(Seal.CHANGED, *error.sentences)
    if not hmac.compare_digest(sealed.hmac.encode(), key.hmac(_canonical(sealed)).encode()):
        return Checked(Seal.CHANGED, text("{file}: this seal was changed, or made with another key", file=str(path)))
    for name, content in files.items():
        if (digest := sealed.files.get(_utf8(name))) is None:
            return Checked(Seal.CHANGED, text("{file}: this seal is not of a file {name}", file=str(path), name=name))
        if not hmac.compare_digest(digest.encode(), sha256(content).encode()):
            return Checked(Seal.CHANGED, text("{file}: {name} was changed after sealing", file=str(path), name=name))
    return Checked(Seal.UNCHANGED)


def recorded(path: Path) -> dict[str, str]:
    """The SHA-256 that a seal holds of files, by name; nothing where there is none that can be read. Who has no key cannot tell who wrote
    it."""
    try:
        return _read(path).files if is_there(path) else {}
    except SealError:
        return {}


def _canonical(contents: _Contents) -> bytes:
    return msgspec.json.encode(_Contents(contents.format, contents.algorithm, dict(sorted(contents.files.items()))))


def _read(path: Path) -> _Sealed:
    try:
        content = whole(path, _LONGEST)
    except Unreadable as error:
        raise SealError(text("{file}: this seal cannot be read: {problem}", file=str(path), problem=error.why)) from error
    number_of(content, str(path), SEAL_FORMAT, SealError)
    try:
        return msgspec.json.decode(content, type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SealError(damaged(str(path), SEAL_FORMAT, error)) from error


def _utf8(name: str) -> str:
    """The name of a file, also of one that is no text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
