"""Paths of files, as Windows writes them."""

from __future__ import annotations

import re
from string import ascii_letters

from checks.windows.names import HostName

DEVICES = ("\\\\?\\", "\\\\.\\")
_SLASHES = ("\\", "/")
_UNC = "UNC\\"
_PLAIN = re.compile(r'[^<>:"/\\|?*\x00-\x1f\ufffd]*[^<>:"/\\|?*\x00-\x1f\ufffd .]')
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?", re.IGNORECASE)
LONGEST = 259
"""What programs take that do not ask for more (MAX_PATH, less the end)."""


def server_of(path: str) -> HostName | None:
    """The server on whose SMB share a path lies: `\\\\server\\share`, also with slashes, or in the long form
    `\\\\?\\UNC\\server\\share`. Nothing for a path of the host itself, as other paths that begin with `\\\\?\\` or `\\\\.\\` are."""
    rest = _on_share(path) if path.startswith(_SLASHES) else None
    return None if rest is None else HostName(rest.partition("\\")[0])


def share_of(path: str) -> str:
    """The share of a path on one: what follows the server. Empty where there is none."""
    return (_on_share(path) or "").partition("\\")[2].partition("\\")[0]


def on_drive(path: str) -> str | None:
    """An absolute path on a drive with a letter, in the form in which two of them compare and that a prefix of it is whole folders of it,
    or nothing for any other path: `c:` for `C:\\`. Slashes, case, `.`, `..` and the long form `\\\\?\\C:\\` make no difference."""
    found = absolute(path)
    return None if found is None else found.lower()


def absolute(path: str) -> str | None:
    """The same in the letters in which it is written."""
    path = path.replace("/", "\\")
    if path.startswith(DEVICES):
        path = path[len(DEVICES[0]) :]
    if path[1:3] != ":\\" or path[0] not in ascii_letters:
        return None
    if "\\." not in path and "\\\\" not in path and path[-1] != "\\":
        return path
    drive, *rest = path.split("\\")
    folders: list[str] = []
    for part in rest:
        if part == "..":
            del folders[-1:]
        elif part not in ("", "."):
            folders.append(part)
    return "\\".join((drive, *folders))


def split(path: str) -> tuple[str, str]:
    """The folder of a file, and its name."""
    folder, _, name = path.replace("/", "\\").rpartition("\\")
    return folder, name


def plain(name: str) -> bool:
    """Does a part of a path name a file or folder and nothing else: no device, stream or pattern, and no end that Windows takes away."""
    return _PLAIN.fullmatch(name) is not None and _DEVICE.fullmatch(name) is None


def _on_share(path: str) -> str | None:
    """A path from its server on, or nothing for one that is not on a share."""
    path = path.replace("/", "\\")
    if path.startswith(DEVICES):
        rest = path[len(DEVICES[0]) :]
        return rest[len(_UNC) :] if rest[: len(_UNC)].upper() == _UNC else None
    return path[2:] if path.startswith("\\\\") else None
