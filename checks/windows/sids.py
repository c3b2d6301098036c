"""The security identifiers that Windows defines: groups are told by them, because their names differ from language to language.

Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
"""

from __future__ import annotations

EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
EVERY_LOGON = frozenset({EVERYONE, AUTHENTICATED_USERS})
"""In the token of every domain account, and in no directory's list of its groups."""

BUILTIN = "S-1-5-32-"
"""How the built-in groups begin, which each machine has for itself."""
ADMINISTRATORS = "S-1-5-32-544"
HYPERV_ADMINISTRATORS = "S-1-5-32-578"

PROTECTED_USERS = 525
"""The relative identifier of that group in each domain."""


def in_domain_of(sid: str, rid: int) -> str:
    """The account with the relative identifier `rid` in the domain of another account's SID."""
    return f"{sid.rpartition('-')[0]}-{rid}"
