"""What the operating system says of files."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from checks.text import Text, verbatim

SAID: Mapping[int, str] = {
    errno.ENOENT: "No such file or directory",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.EEXIST: "File exists",
    errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory",
    errno.ENAMETOOLONG: "File name too long",
    errno.ENOSPC: "No space left on device",
    errno.EROFS: "Read-only file system",
}
"""The errors of which we know the words in every language, as POSIX calls them. Other ones are told as the system does."""


def problem(error: OSError) -> Text:
    """Why something could not be done, as a part of a sentence."""
    template = SAID.get(error.errno or 0)
    return Text(template) if template else verbatim(error.strerror or type(error).__name__)


def unseen(path: Path) -> Text | None:
    """Why no file that may be read can be seen there, or nothing. Does not open it, for which a pipe would wait."""
    try:
        folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        return problem(error)
    if folder:
        return problem(IsADirectoryError(errno.EISDIR, ""))
    return None if os.access(path, os.R_OK) else problem(PermissionError(errno.EACCES, ""))


def is_there(path: Path) -> bool:
    """Whether something can be seen there. Path.exists raises where the system does not say, as for a name that is too long."""
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    """Whether a folder can be seen there; the same of Path.is_dir."""
    return os.path.isdir(path)  # noqa: PTH112
