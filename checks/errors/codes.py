"""The many spellings of one error code, and the one by which the known errors call it.

A canonical code is an HRESULT or NTSTATUS as `0x` and eight upper-case digits, the symbol of a Kerberos error, an event as
`CHANNEL/ID`, a symbol in upper case, or a plain number (event id, Compare-VM id, WMI return value).
"""

from __future__ import annotations

import re

KERBEROS = {
    0x6: "KDC_ERR_C_PRINCIPAL_UNKNOWN",
    0x7: "KDC_ERR_S_PRINCIPAL_UNKNOWN",
    0x8: "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
    0xC: "KDC_ERR_POLICY",
    0xD: "KDC_ERR_BADOPTION",
    0xE: "KDC_ERR_ETYPE_NOTSUPP",
    0x12: "KDC_ERR_CLIENT_REVOKED",
    0x17: "KDC_ERR_KEY_EXPIRED",
    0x18: "KDC_ERR_PREAUTH_FAILED",
    0x25: "KRB_AP_ERR_SKEW",
    0x29: "KRB_AP_ERR_MODIFIED",
}
"""Result codes of RFC 4120, section 7.5.9, that a domain controller or a Windows client logs."""

WIN32_OF_NTSTATUS = {
    0xC000000D: 87,
    0xC000000F: 2,
    0xC0000022: 5,
    0xC0000034: 2,
    0xC000003A: 3,
    0xC0000043: 32,
    0xC000005E: 1311,
    0xC000006D: 1326,
    0xC000006E: 1327,
    0xC0000073: 1332,
    0xC0000078: 1337,
    0xC000007F: 112,
    0xC000009A: 1450,
    0xC00000B5: 121,
    0xC00000BB: 50,
    0xC00000BE: 53,
    0xC00000C4: 59,
    0xC00000C9: 64,
    0xC00000CC: 67,
    0xC0000133: 1398,
    0xC000015B: 1385,
    0xC0000388: 1265,
}
"""NTSTATUS to Win32, as RtlNtStatusToDosError translates them; those that a failed move can show."""

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_LOOKALIKES = str.maketrans({"×": "x", "х": "x", "Х": "x", "−": "-", "–": "-", "‐": "-", "‑": "-"})
_AROUND = " \t\r\n\v\f\u00a0\"'`´‘’‚‛“”„‟«»‹›()[]{}<>*_~,;:.!?=|"
_HEX = re.compile(r"(?:0x|&h)(?:ffffffff(?=[89a-f][0-9a-f]{7}$))?([0-9a-f]{1,8})[lu]?", re.IGNORECASE | re.ASCII)
_BARE_HEX = re.compile(r"(80[0-9a-f]{2}|c0[0-9a-f]{2}|d000)([0-9a-f]{4})h?", re.IGNORECASE | re.ASCII)
_BYTES = re.compile(r"(?:0x)?([89a-f][0-9a-f]) ([0-9a-f]{2}) ([0-9a-f]{2}) ([0-9a-f]{2})", re.IGNORECASE | re.ASCII)
"""Eight digits, byte by byte."""
_NUMBER = re.compile(r"[-+]?\d{1,10}", re.ASCII)
_SYMBOL = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+|wsa[a-z]{4,}", re.IGNORECASE | re.ASCII)
_EVENT = re.compile(r"([a-z][\w() \t-]*(?:/[a-z]\w*\s*)?)[/:#]\s*(\d{1,5})", re.IGNORECASE | re.ASCII)


def normalize(text: str) -> tuple[str, ...]:
    """The canonical codes that one token can mean, the likeliest first; none where it is no code. Never raises.

    Hexadecimal with any prefix or none (`0x8009030E`, `0×8009030e`, `8009030E`, `&H8009030E`), decimal with and without a sign, an
    NTSTATUS (also as what Win32 makes of it), a Win32 number (as its HRESULT), a Kerberos result, `CHANNEL/ID`, a symbol. A small
    decimal number is first a Win32 number, then itself (an event or Compare-VM id), then a Kerberos result; a small hexadecimal one
    is first a Kerberos result, because that is how event 4769 prints it.
    """
    token = text.translate(_INVISIBLE).translate(_LOOKALIKES).strip(_AROUND)
    if bytewise := _BYTES.fullmatch(token):
        token = "".join(bytewise.groups())
    if bare := _BARE_HEX.fullmatch(token):
        return _of_value(int(bare[1] + bare[2], 16), hexadecimal=True)
    if prefixed := _HEX.fullmatch(token):
        return _of_value(int(prefixed[1], 16), hexadecimal=True)
    if _NUMBER.fullmatch(token):
        return _of_value(int(token), hexadecimal=False)
    if _SYMBOL.fullmatch(token):
        return (token.upper(),)
    if event := _EVENT.fullmatch(token):
        return (f"{event[1].strip()}/{int(event[2])}",)
    return ()


def hresult(value: int) -> str:
    """An HRESULT or NTSTATUS, signed or unsigned, in canonical form."""
    return f"0x{value & 0xFFFFFFFF:08X}"


def hresult_from_win32(number: int) -> str:
    """The HRESULT of a Win32 number: facility 7, as the macro HRESULT_FROM_WIN32 does."""
    return hresult(0x80070000 | number & 0xFFFF)


def value_of(code: str) -> int | None:
    """The unsigned value of a canonical HRESULT or NTSTATUS; nothing for any other code."""
    return int(code, 16) if re.fullmatch(r"0x[0-9A-F]{8}", code) else None


def win32_of(code: str) -> int | None:
    """The Win32 number inside an HRESULT of facility 7."""
    value = value_of(code)
    return None if value is None or value >> 16 != 0x8007 else value & 0xFFFF


def forms(code: str) -> tuple[str, ...]:
    """Every spelling of a canonical code that can be computed: itself, signed and unsigned decimal, Win32 number, NTSTATUS,
    Kerberos result."""
    value = value_of(code)
    if value is None:
        return (code, *(form for number, name in KERBEROS.items() if name == code for form in (f"0x{number:X}", str(number))))
    win32 = win32_of(code)
    statuses = tuple(hresult(status) for status, number in WIN32_OF_NTSTATUS.items() if number == win32)
    signed = value - (1 << 32) if value >> 31 else value
    return (code, str(signed), str(value), *(() if win32 is None else (str(win32), *statuses)))


def _of_value(value: int, *, hexadecimal: bool) -> tuple[str, ...]:
    if value < -(1 << 31) or value >= 1 << 32:
        return ()
    value &= 0xFFFFFFFF
    if value >= 1 << 31:
        return (hresult(value), *_translated(value))
    if value >= 1 << 16:
        return ()
    win32, kerberos = hresult_from_win32(value), ((KERBEROS[value],) if value in KERBEROS else ())
    return (*kerberos, win32, str(value)) if hexadecimal else (win32, str(value), *kerberos)


def _translated(value: int) -> tuple[str, ...]:
    """What else a high value means: FACILITY_NT_BIT taken away, an NTSTATUS as its Win32 error, NTSTATUS_FROM_WIN32."""
    if value >> 28 == 0xD:
        status = value & ~0x10000000
        return (hresult(status), *_translated(status))
    if value >> 16 == 0xC007:
        return (hresult_from_win32(value),)
    win32 = WIN32_OF_NTSTATUS.get(value)
    return () if win32 is None else (hresult_from_win32(win32),)
