"""Paths of files, as Windows writes them."""

from __future__ import annotations


def on_smb(path: str) -> bool:
    """Is this a path on an SMB share: `\\\\server\\share`, also in the long form `\\\\?\\UNC\\server\\share`; other paths
    that begin with `\\\\?\\` or `\\\\.\\` are local devices."""
    if path[:8].upper().startswith("\\\\?\\UNC\\"):
        return True
    return path.startswith("\\\\") and not path.startswith(("\\\\?\\", "\\\\.\\"))
