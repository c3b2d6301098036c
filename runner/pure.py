"""Holds checks to what they are: functions of facts. One that reaches for a file, the network or a process is stopped before it gets
there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from types import FrameType

_OUTSIDE: tuple[str, ...] = (
    *("open", "os.", "shutil.", "glob.", "tempfile.", "mmap.", "fcntl.", "winreg.", "sqlite3.", "_winapi.", "msvcrt."),
    *("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "webbrowser.", "syslog."),
    *("subprocess.", "pty.", "ctypes.", "signal.", "_posixsubprocess.", "_thread.start_new_thread", "builtins.input"),
)
"""How the audit events (PEP 578) begin by which Python tells of such a thing before it is done."""

_judging: int | None = None
_listening = False


class ReachesOut(Exception):
    """A check tried something beyond its facts."""


@contextmanager
def judging() -> Iterator[None]:
    """The thread that enters this judges until it leaves."""
    global _judging, _listening
    if not _listening:
        _listening = True
        sys.addaudithook(_heard)
    before, _judging = _judging, get_ident()
    try:
        yield
    finally:
        _judging = before


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if _judging is None or not event.startswith(_OUTSIDE) or _judging != get_ident() or _imports(sys._getframe()):
        return
    tried = " ".join((event, *map(repr, arguments[:1])))
    raise ReachesOut(f"it tried {tried[:200]}, and a check judges by its facts alone")


def _imports(frame: FrameType | None) -> bool:
    """Is this the import system, which reads modules."""
    while frame is not None:
        if frame.f_globals.get("__name__") in ("importlib._bootstrap", "importlib._bootstrap_external"):
            return True
        frame = frame.f_back
    return False
