"""The security identifiers that Windows defines: groups are told by them, because their names differ from language to language.

Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
"""

from __future__ import annotations

from checks.check import text

ADMINISTRATORS = "S-1-5-32-544"
HYPERV_ADMINISTRATORS = "S-1-5-32-578"

GROUP_NAMES = {ADMINISTRATORS: text("Administrators"), HYPERV_ADMINISTRATORS: text("Hyper-V Administrators")}

EVERY_LOGON = frozenset({"S-1-1-0", "S-1-5-11"})
"""Everyone and Authenticated Users: in the token of every domain account, and in no directory's list of its groups."""

PROTECTED_USERS = 525


def in_domain_of(sid: str, rid: int) -> str:
    """The account with the relative identifier `rid` in the domain of another account's SID."""
    return f"{sid.rpartition('-')[0]}-{rid}"
