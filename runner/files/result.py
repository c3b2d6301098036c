"""Reads the results that runs have left."""

from __future__ import annotations

from pathlib import Path

import msgspec

from checks.mistake import Mistake
from checks.result import RESULT_FORMAT, Result
from checks.text import text
from runner.encodings import without_mark
from runner.files.reading import Unreadable, whole
from runner.files.runs import newest
from runner.files.versioned import damaged, number_of
from runner.system import is_folder, is_there


class ResultError(Mistake):
    """A result that cannot be used; its sentence says why."""


class _Judge(msgspec.Struct):
    """By what a result was judged. A result of other rules may lack what those of today bring."""

    class Tool(msgspec.Struct):
        rules: str
        version: str

    tool: Tool


def read_result(run: Path) -> Result:
    """The result of a run folder, or in a result file, by whichever rules it was judged. Raises ResultError."""
    path = path_of(run)
    return decode(content_of(path), str(path))


def run_of(path: Path) -> Path:
    """A run folder, or the newest one in a folder of such, or whatever else this is."""
    try:
        return next(iter(newest(path, 1)), path) if is_folder(path) and not is_there(path / "result.json") else path
    except OSError:
        return path


def path_of(run: Path) -> Path:
    """The file of the result of a run folder, or of a result file."""
    return run / "result.json" if is_folder(run) else run


def content_of(path: Path) -> bytes:
    """The bytes of a result, before anything is made of them. Raises ResultError."""
    try:
        return whole(path)
    except Unreadable as error:
        raise ResultError(text("{file}: this file cannot be read: {problem}", file=str(path), problem=error.why)) from error


def decode(content: bytes, name: str) -> Result:
    """The result in these bytes, by whichever rules it was judged; `name` is how messages call it. Raises ResultError."""
    content = without_mark(content)
    number_of(content, name, RESULT_FORMAT, ResultError)
    try:
        result = msgspec.json.decode(content, type=Result)
        _hang_together(result)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, _Loose) as error:
        raise ResultError(damaged(name, RESULT_FORMAT, error)) from error
    return result


class _Loose(Exception):
    """Something names what is not in the result."""


def _hang_together(result: Result) -> None:
    """Raises _Loose where a finding is of no check of the result, or a move is told by a number that none has."""
    judged = {found.check for found in (*result.findings, *(result.after.told if result.after else ()))}
    judged |= {found.check for way in result.ways for found in way.left}
    if unknown := judged - result.checks.keys():
        raise _Loose(f"no check {min(unknown)!r} - at `$.checks`")
    numbers = [place for wave in result.waves for place in wave.moves]
    numbers += [move.rests_on for move in result.moves if move.rests_on is not None]
    if wrong := [number for number in numbers if not 0 <= number < len(result.moves)]:
        raise _Loose(f"no move {wrong[0]} - at `$.moves`")


def decode_judged(content: bytes, name: str, rules: str, again: str) -> Result:
    """The same, of one that was judged by these rules; `again` is the command that judges its facts again. Raises ResultError."""
    content = without_mark(content)
    number_of(content, name, RESULT_FORMAT, ResultError)
    try:
        judged = msgspec.json.decode(content, type=_Judge).tool
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ResultError(damaged(name, RESULT_FORMAT, error)) from error
    if judged.rules != rules:
        raise ResultError(
            text(
                "{file}: it was judged by other rules ({its}, here {ours}). Judge its facts again: {command}",
                file=name,
                its=judged.rules,
                ours=rules,
                command=again,
            )
        )
    return decode(content, name)
