"""`index`: one page over the run folders that lie in a folder."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from checks.result import NotCompared
from checks.text import Text, text
from reports.html.runs import GENERATOR, Run, Told, render
from reports.language import Language
from runner import say
from runner.files.folder import FolderError, replace_own
from runner.files.runs import newest, shown, told
from runner.system import problem
from runner.version import VERSION

PAGE = "index.html"
MOST = 1_000
"""So many runs one page tells, the newest."""


def index(folder: Path, out: Path | None, language: str) -> int:
    """Write the page into the folder, over an earlier one; returns the exit code. Raises FolderError."""
    try:
        found = newest(folder, MOST + 1)
    except OSError as error:
        raise FolderError(
            text("{folder}: what lies there cannot be listed: {problem}", folder=str(folder), problem=problem(error))
        ) from error
    page, runs = out or folder / PAGE, list[Run]()
    unread: list[NotCompared] = []
    for path in found[:MOST]:
        head = told(path, Told)
        if isinstance(head, Text):
            unread.append(NotCompared(shown(path), head))
        else:
            runs.append(Run(shown(path), head[0], _link(path / "report.html", page.parent)))
    most = MOST if len(found) > MOST else None
    content = render(runs, unread, now=datetime.now(UTC), language=Language(language), version=VERSION, most=most)
    replace_own(page, content.encode(), f'content="{GENERATOR}"'.encode())
    say.path(page)
    return 0


def _link(report: Path, folder: Path) -> str:
    """The way from a page in a folder to a report, or nothing where there is none."""
    if not report.is_file():
        return ""
    try:
        return quote(os.fsencode(os.path.relpath(report, folder)).replace(os.fsencode(os.sep), b"/"))
    except ValueError:  # on another drive
        return report.resolve().as_uri()
