"""The folder of one run: plan, snapshot, result, report and log. Never written over; readable by its owner alone."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TextIO

from checks.mistake import Mistake
from checks.text import Text, text
from runner.configuration_files import NAME
from runner.files.reading import Unreadable, beginning
from runner.files.snapshot import sha256
from runner.system import is_there, problem

WAIVERS, POLICY, CONFIGURATION = "waivers.toml", "policy.toml", NAME
RUNS = "preflight-runs"
"""The folder of all runs for which no other place is named, in the current one."""
COMPARED = tuple(f"compare-vm-{number}.txt" for number in range(1, 101))
"""What was given of Compare-VM, in this order."""
OF_A_RUN = (
    *("plan.toml", CONFIGURATION, WAIVERS, POLICY, *COMPARED),
    *("snapshot.json", "result.json", "report.html", "run.log", "run.seal", "fix"),
)
"""What a run and its `fix` call their own."""


_BEGINNING = 4_096
"""Bytes in which a mark of our own stands."""


class FolderError(Mistake):
    """A run folder that cannot be made or written; its sentence says why."""


class Unwritten(FolderError):
    """Something that was read or judged could not be kept."""

    exit_code = 8


class RunFolder:
    """A new folder; those above it that are not there are made for its owner alone too. (On Windows from Python 3.12.4 on; before, a folder
    has there the rights of the one above it.) Raises FolderError when it exists with files in it or cannot be made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}
        """The SHA-256 of every file that was written, in hex."""
        try:
            for folder in (*reversed(path.parents), path):
                folder.mkdir(mode=0o700, exist_ok=True)
            if any(path.iterdir()):
                raise FolderError(text("{folder} is not empty; nothing there is written over", folder=str(path)))
            path.chmod(0o700)
        except OSError as error:
            raise FolderError(text("The folder {folder} cannot be made: {problem}", folder=str(path), problem=problem(error))) from error

    def write(self, name: str, content: bytes) -> Path:
        """Write one file of the run, mode 0600, whole or not at all. Raises FolderError."""
        path = self.path / name
        part = self.path / f".{name}.part"
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise Unwritten(*_unwritten(path, problem(error)).sentences) from error
        self.digests[name] = sha256(content)
        return path

    def open_log(self) -> TextIO:
        """The run's log, mode 0600, written line by line. Raises FolderError."""
        path = self.path / "run.log"
        try:
            return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", buffering=1, encoding="utf-8")
        except OSError as error:
            raise _unwritten(path, problem(error)) from error


@contextmanager
def write_new(path: Path, meant: Path | None = None) -> Iterator[Callable[[bytes], object]]:
    """A new file, mode 0600, that is claimed before the work begins and removed if nothing was written. Raises FolderError, which names the
    file that is `meant` where this one only stands in for it."""
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError as error:
        raise FolderError(text("{file} exists; it is not written over", file=str(path))) from error
    except OSError as error:
        raise _unwritten(meant or path, problem(error)) from error
    with file:
        try:
            yield file.write
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise


def replace_own(path: Path, content: bytes, mark: bytes) -> None:
    """A file, mode 0600, whole or not at all: a new one, or in the place of one that has this mark near its beginning. Raises
    FolderError."""
    try:
        ours = not is_there(path) or mark in beginning(path, _BEGINNING)
    except Unreadable as error:
        raise _unwritten(path, error.why) from error
    if not ours:
        raise FolderError(text("{file} exists; it is not written over", file=str(path)))
    part = path.with_name(f".{path.name}.{token_hex(4)}.part")
    with write_new(part, path) as write:
        write(content)
    try:
        part.replace(path)
    except OSError as error:
        raise _unwritten(path, problem(error)) from error


def _unwritten(path: Path, why: Text) -> FolderError:
    return FolderError(text("{file} cannot be written: {problem}", file=str(path), problem=why))


def write_folder(path: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write a new folder with these files, by their paths in it, whose parts `/` separates. Raises FolderError."""
    folders = {"": RunFolder(path)}
    written = []
    for name, content in files.items():
        above, _, file = name.rpartition("/")
        if above not in folders:
            folders[above] = RunFolder(path / above)
        written.append(folders[above].write(file, content))
    return written


def default_path(change_id: str, now: datetime) -> Path:
    """preflight-runs/<UTC time>-<change id>, with a number behind it when that name is taken."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    name = re.sub(r"[^\w.-]+", "_", change_id).strip("._")[:60]
    base = Path(RUNS) / (f"{stamp}-{name}" if name else stamp)
    number, path = 1, base
    while is_there(path):
        number += 1
        path = base.with_name(f"{base.name}-{number}")
    return path
