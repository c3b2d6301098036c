"""The bits of userAccountControl, and of msDS-User-Account-Control-Computed, that decide something here.

Source: [MS-ADTS] 2.2.16 and 3.1.1.4.5.17.
"""

from __future__ import annotations

DISABLED = 0x2
"""ACCOUNTDISABLE."""
DOMAIN_CONTROLLER = 0x2000
"""SERVER_TRUST_ACCOUNT."""
READ_ONLY_CONTROLLER = 0x4000000
"""PARTIAL_SECRETS_ACCOUNT."""
ANY_SERVICE = 0x80000
"""TRUSTED_FOR_DELEGATION: to any service."""
NOT_DELEGATED = 0x100000
"""NOT_DELEGATED: the account is sensitive and cannot be delegated."""
ANY_PROTOCOL = 0x1000000
"""TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION: use any authentication protocol."""
LOCKED_OUT = 0x10
"""LOCKOUT, of the computed ones alone: the lock still lasts."""
PASSWORD_EXPIRED = 0x800000
"""PASSWORD_EXPIRED, of the computed ones alone: never of an account whose password does not expire or that needs a smart card."""


def is_controller(user_account_control: int) -> bool:
    """Is it the account of a domain controller, a read-only one too."""
    return bool(user_account_control & (DOMAIN_CONTROLLER | READ_ONLY_CONTROLLER))
