"""Reads files that a user names: whole, of a bounded size, and nothing that is no file, which might never end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from checks.text import Text, text
from runner.system import problem

MOST_BYTES = 256 * 1024 * 1024
"""A snapshot of 200 hosts with 2,000 VMs has less than a tenth."""


class Unreadable(Exception):
    """Why a file is not read, as a part of a sentence."""

    def __init__(self, why: Text) -> None:
        super().__init__(why)
        self.why = why


def whole(path: Path, most: int = MOST_BYTES) -> bytes:
    """The content of a file. Raises Unreadable."""
    content = beginning(path, most + 1)
    if len(content) > most:
        raise Unreadable(text("it is larger than {size}", size=_size(most)))
    return content


def beginning(path: Path, count: int) -> bytes:
    """The first bytes of a file, as many as there are. Raises Unreadable."""
    try:
        # Opening a pipe waits for whoever writes into it, where this can be switched off.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(text("it is no file"))
            return file.read(count)
    except OSError as error:
        raise Unreadable(problem(error)) from error


def _size(count: int) -> Text:
    return text("{count} MiB", count=count >> 20) if count >> 20 else text("{count} bytes", count=count)
