"""Encryption types of Kerberos as msDS-SupportedEncryptionTypes has them ([MS-KILE] 2.2.7)."""

from __future__ import annotations

RC4, AES128, AES256, AES_SESSION_KEYS = 0x4, 0x8, 0x10, 0x20
"""The last one: where tickets are encrypted with RC4, session keys are AES all the same."""
NAMES = {0x1: "DES-CBC-CRC", 0x2: "DES-CBC-MD5", RC4: "RC4", AES128: "AES128", AES256: "AES256", AES_SESSION_KEYS: "AES256-SK"}
"""All bits that are encryption types. The others tell of FAST, claims and compression."""


def of(value: int) -> int:
    """The encryption types alone."""
    return value & sum(NAMES)


def usable(value: int) -> int:
    """Those by which both ends of a session can have a key in common: not DES, which no controller since Windows Server 2008 R2 uses unless
    somebody switches it on (KB977321)."""
    session = AES128 | AES256 if value & AES_SESSION_KEYS else 0
    return value & (RC4 | AES128 | AES256) | session


def names(value: int) -> tuple[str, ...]:
    return tuple(name for bit, name in NAMES.items() if value & bit)
