"""The Kerberos ticket of whoever runs the program, where it lies in a cache of its own: on Linux and macOS, with the extra `kerberos`."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Ticket(NamedTuple):
    """Whose it is, and for how many seconds it is still valid."""

    principal: str
    seconds: int


def ticket() -> Ticket | None:
    """The ticket that a sign-in without a user takes. Nothing where there is none, or none that could be read, and on Windows, whose logon
    holds it."""
    if sys.platform == "win32":
        return None
    try:
        import gssapi
        from gssapi.raw.misc import GSSError
    except ImportError:
        return None
    try:
        own = gssapi.Credentials(usage="initiate")
        return Ticket(str(own.name), int(own.lifetime or 0))
    except GSSError:
        return None
