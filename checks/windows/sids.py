"""The security identifiers that Windows defines: groups are told by them, because their names differ from language to language.

Source: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
"""

from __future__ import annotations

EVERYONE = "S-1-1-0"
AUTHENTICATED_USERS = "S-1-5-11"
ASSERTED_IDENTITY = "S-1-18-1"
EVERY_IDENTITY = frozenset({EVERYONE, AUTHENTICATED_USERS, ASSERTED_IDENTITY})
"""In the ticket of every account of a domain, and in no directory's list of its groups."""

BUILTIN = "S-1-5-32-"
"""How the built-in groups begin, which each machine has for itself."""
ADMINISTRATORS = "S-1-5-32-544"
HYPERV_ADMINISTRATORS = "S-1-5-32-578"
REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
EVENT_LOG_READERS = "S-1-5-32-573"

DOMAIN_ADMINS, PROTECTED_USERS = 512, 525
"""The relative identifiers of these groups in each domain."""
ADMINISTRATOR, GUEST = 500, 501
"""Relative identifiers of accounts that each domain has."""
GLOBAL_GROUPS = frozenset({512, 513, 514, 515, 516, 521, 525, 526})
"""Relative identifiers of groups that are global in every domain."""
FIRST_OF_DOMAIN = 1000
"""The first relative identifier that is not a well-known one."""
_DIGITS = 10
"""Of a number of 32 bits."""
OF_DOMAINS = "S-1-5-21-"
"""How the SIDs of domains and machines, and of their accounts and groups, begin."""


def in_domain_of(sid: str, rid: int) -> str:
    """The account with the relative identifier `rid` in the domain of another account's SID."""
    return f"{domain_of(sid)}-{rid}"


def domain_of(sid: str) -> str:
    """The SID of the domain (or machine) that an account is of."""
    return sid.rpartition("-")[0]


def relative(sid: str) -> int:
    """An account's relative identifier in its domain, 0 for what is none."""
    last = sid.rpartition("-")[2]
    return int(last) if last.isdecimal() and len(last) <= _DIGITS else 0
