"""`report`: a result that is there already, in another form. Collects and judges nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from checks.result import Result
from checks.text import text
from reports.forms.junit import junit
from reports.forms.monitor import checkmk, nagios, state
from reports.forms.sarif import sarif
from reports.forms.table import table
from reports.forms.ticket import ticket
from reports.language import Language
from runner import say
from runner.files.folder import write_new
from runner.files.result import content_of, decode, path_of
from runner.files.seal import RUN_SEAL, recorded
from runner.files.snapshot import sha256
from runner.options import UsageError


class Source(NamedTuple):
    """The file of a result: its SHA-256, and whether its run's seal recorded another one."""

    sha256: str = ""
    changed: bool = False


Form: TypeAlias = Callable[[Result, Language, datetime, Source], str | bytes]


def _html(result: Result, language: Language, now: datetime, source: Source) -> str:
    from reports.html import render

    return render(result, now=now, language=language, sha256=source.sha256, changed=source.changed)


def _pdf(result: Result, language: Language, now: datetime, source: Source) -> bytes:
    from runner.browser import pdf

    return pdf(_html(result, language, now, source))


def _text(result: Result, language: Language, now: datetime, _: Source) -> str:
    from reports.console import write

    written = StringIO()
    write(result, stream=written, color=False, verbose=True, language=language, now=now)
    return written.getvalue()


FORMS: Mapping[str, Form] = {
    "text": _text,
    "html": _html,
    "pdf": _pdf,
    "json": lambda result, *_: msgspec.json.encode(result) + b"\n",
    "markdown": lambda result, language, now, _: ticket(result, language, now),
    "csv": lambda result, language, *_: table(result, language),
    "junit": lambda result, language, *_: junit(result, language),
    "sarif": lambda result, language, *_: sarif(result, language),
    "nagios": lambda result, language, now, _: nagios(result, language, now),
    "checkmk": lambda result, language, now, _: checkmk(result, language, now),
}
"""By the name that the command line takes (runner.cli), the form of a result at a time."""

PLUGIN = "nagios"
"""The form with which a monitoring server runs this program as its plugin: the exit code is the state."""


def report(run: Path, form: str, out: Path | None, language: str, key: Path | None = None) -> int:
    """Write the result of a run folder, or a result file, in a form to a new file or to standard output; returns the exit code. With `key`
    names are replaced by tokens, and that new file tells what they stand for. Raises ResultError, FolderError, UsageError."""
    now = datetime.now(UTC)
    path, said = path_of(run), Language(language)
    content = content_of(path)
    result, source = decode(content, str(path)), _source(path, content)
    if source.changed:
        say.err(said.say("{file} is not what {seal} recorded of it when the run was written", file=str(path), seal=RUN_SEAL))
    if key is not None:
        result = _redacted(result, key, said)
    made = FORMS[form](result, said, now, source)
    written = made if isinstance(made, bytes) else made.encode()
    if out is not None:
        with write_new(out) as write:
            write(written)
        say.path(out)
    else:
        to_output(written)
    return state(result, now) if form == PLUGIN else 0


def _source(path: Path, content: bytes) -> Source:
    digest = sha256(content)
    return Source(digest, recorded(path.with_name(RUN_SEAL)).get(path.name, digest) != digest)


def _redacted(result: Result, key: Path, language: Language) -> Result:
    from reports.redact import key_file, redact

    hidden, names = redact(result)
    with write_new(key) as write:
        write(key_file(names, result))
    say.err(language.say("What the tokens stand for is in {file}; keep it from those who get the report.", file=str(key)))
    return hidden


def to_output(content: bytes) -> None:
    """To standard output, as a file that is passed on; on a terminal without what it would obey. Raises UsageError for what is no text."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        say.out(content.decode().rstrip("\n"))
    except UnicodeDecodeError as error:
        raise UsageError(text("This form is no text for a terminal: name a file with --output")) from error
