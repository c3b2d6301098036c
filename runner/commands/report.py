"""`report`: a result that is there already, in another form. Collects and judges nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import msgspec

from checks.result import Result
from reports.language import Language
from runner import say
from runner.files.folder import write_new
from runner.files.reading import Unreadable, whole
from runner.files.result import ResultError, decode
from runner.options import UsageError

Form: TypeAlias = Callable[[Result, Language, datetime], str | bytes]


def _html(result: Result, language: Language, now: datetime) -> str:
    from reports.html import render

    return render(result, now=now, language=language)


def _pdf(result: Result, language: Language, now: datetime) -> bytes:
    from runner.browser import pdf

    return pdf(_html(result, language, now))


def _text(result: Result, language: Language, now: datetime) -> str:
    from reports.console import write

    written = StringIO()
    write(result, stream=written, color=False, language=language, now=now)
    return written.getvalue()


def _json(result: Result, language: Language, now: datetime) -> str:  # noqa: ARG001 - the same in every language and at every time
    return msgspec.json.encode(result).decode() + "\n"


def _markdown(result: Result, language: Language, now: datetime) -> str:
    from reports.forms.ticket import ticket

    return ticket(result, language, now)


def _csv(result: Result, language: Language, now: datetime) -> str:  # noqa: ARG001 - the same at every time
    from reports.forms.table import table

    return table(result, language)


def _junit(result: Result, language: Language, now: datetime) -> str:  # noqa: ARG001
    from reports.forms.junit import junit

    return junit(result, language)


def _sarif(result: Result, language: Language, now: datetime) -> str:  # noqa: ARG001
    from reports.forms.sarif import sarif

    return sarif(result, language)


def _nagios(result: Result, language: Language, now: datetime) -> str:
    from reports.forms.monitor import nagios

    return nagios(result, language, now)


def _checkmk(result: Result, language: Language, now: datetime) -> str:
    from reports.forms.monitor import checkmk

    return checkmk(result, language, now)


FORMS: Mapping[str, Form] = {
    "text": _text,
    "html": _html,
    "pdf": _pdf,
    "json": _json,
    "markdown": _markdown,
    "csv": _csv,
    "junit": _junit,
    "sarif": _sarif,
    "nagios": _nagios,
    "checkmk": _checkmk,
}
"""By the name that the command line takes, the form of a result. Each imports what it needs when it is asked for."""

PLUGIN = "nagios"
"""The form with which a monitoring server runs this program as its plugin: the exit code is the state."""


def report(run: Path, form: str, out: Path | None, language: str, key: Path | None = None) -> int:
    """Write the result of a run folder, or a result file, in a form to a new file or to standard output; returns the exit code. With `key`
    names are replaced by tokens, and that new file tells what they stand for. Raises ResultError, FolderError, UsageError."""
    now = datetime.now(UTC)
    result = read_result(run)
    if key is not None:
        result = _redacted(result, key)
    made = FORMS[form](result, Language(language), now)
    content = made if isinstance(made, bytes) else made.encode()
    if out is not None:
        with write_new(out) as write:
            write(content)
        say.out(str(out))
    else:
        _print(content)
    if form == PLUGIN:
        from reports.forms.monitor import state

        return state(result, now)
    return 0


def _redacted(result: Result, key: Path) -> Result:
    from reports.redact import key_file, redact

    hidden, names = redact(result)
    with write_new(key) as write:
        write(key_file(names, result))
    say.err(f"What the tokens stand for is in {key}; keep it from those who get the report.")
    return hidden


def _print(content: bytes) -> None:
    """To standard output, as a file that is passed on; on a terminal without what it would obey. Raises UsageError for what is no text."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        say.out(content.decode().rstrip("\n"))
    except UnicodeDecodeError as error:
        raise UsageError("This form is no text for a terminal: name a file with --output") from error


def read_result(run: Path) -> Result:
    """The result of a run folder, or in a result file, by whichever rules it was judged. Raises ResultError."""
    path = run / "result.json" if run.is_dir() else run
    try:
        return decode(whole(path), str(path))
    except Unreadable as error:
        raise ResultError(f"{path}: this file cannot be read: {error}") from error
