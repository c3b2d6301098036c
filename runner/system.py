"""What the operating system says of a file that it does not give."""

from __future__ import annotations

import errno
from collections.abc import Mapping

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
