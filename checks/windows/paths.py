"""Paths of files, as Windows writes them."""

from __future__ import annotations

from checks.windows.names import HostName

_DEVICES = ("\\\\?\\", "\\\\.\\")
_UNC = "UNC\\"


def server_of(path: str) -> HostName | None:
    """The server on whose SMB share a path lies: `\\\\server\\share`, also with slashes, or in the long form
    `\\\\?\\UNC\\server\\share`. Nothing for a path of the host itself, as other paths that begin with `\\\\?\\` or `\\\\.\\` are."""
    rest = _on_share(path)
    return None if rest is None else HostName(rest.partition("\\")[0])


def share_of(path: str) -> str:
    """The share of a path on one: what follows the server. Empty where there is none."""
    return (_on_share(path) or "").partition("\\")[2].partition("\\")[0]


def _on_share(path: str) -> str | None:
    """A path from its server on, or nothing for one that is not on a share."""
    path = path.replace("/", "\\")
    if path.startswith(_DEVICES):
        rest = path[len(_DEVICES[0]) :]
        return rest[len(_UNC) :] if rest[: len(_UNC)].upper() == _UNC else None
    return path[2:] if path.startswith("\\\\") else None
