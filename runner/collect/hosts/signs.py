"""How a section of the script says that it failed, and by which signs its reason is recognized.

The signs are types, identifiers and numbers, never text, which is in the host's language.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from checks.facts.fact import Reason


class Failure(Struct, frozen=True):
    """Why a section failed: .NET type of the exception, FullyQualifiedErrorId, category, HRESULT, Win32 code. `text` is localized."""

    type: str = ""
    id: str = ""
    category: str = ""
    hresult: str = ""
    native: int | None = None
    text: str = ""

    def __str__(self) -> str:
        native = "" if self.native is None else f"Win32 {self.native}"
        return "; ".join(dict.fromkeys(part for part in map(short, (self.type, self.id, self.hresult, native, self.text)) if part))


LONGEST = 240


def short(text: str) -> str:
    """One line of what somebody else says. Of a long one the beginning and the end, where the advice stands."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    half = (LONGEST - 3) // 2
    return f"{line[:half]} … {line[-half:]}"


def hexadecimal(code: object) -> str:
    """A code of 32 bits as Windows writes it; the beginning of what is none."""
    return f"0x{code & 0xFFFFFFFF:08X}" if isinstance(code, int) else str(code)[:80]


class Signs(NamedTuple):
    """By what a reason is recognized; one of them is enough. Ids are the beginnings of FullyQualifiedErrorId, without case.

    `Unspecified,` is no sign: it is what the Hyper-V module says of any failure that it does not know, lack of memory as well as a denial.
    """

    reason: Reason
    types: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    hresults: frozenset[int] = frozenset()
    natives: frozenset[int] = frozenset()
    categories: frozenset[str] = frozenset()


SIGNS: tuple[Signs, ...] = (
    Signs(
        Reason.ACCESS_DENIED,
        types=frozenset({"System.UnauthorizedAccessException", "System.Security.SecurityException"}),
        ids=("accessdenied,", "nothinganswered,", "windows system error 5,", "hresult 0x80041003", "hresult 0x80070005"),
        hresults=frozenset({0x80041003, 0x80070005, 0x80070522}),
        natives=frozenset({5, 1314}),
        categories=frozenset({"PermissionDenied"}),
    ),
    Signs(
        Reason.NOT_INSTALLED,
        types=frozenset({"System.Management.Automation.CommandNotFoundException"}),
        ids=("hresult 0x8004100e", "hresult 0x80041010", "pathnotfound", "nomatchinglogsfound"),
        hresults=frozenset({0x8004100E, 0x80041010}),
    ),
    Signs(
        Reason.NOT_SUPPORTED,
        types=frozenset(
            {
                "System.Management.Automation.PropertyNotFoundException",
                "System.NotSupportedException",
                "System.PlatformNotSupportedException",
            }
        ),
        ids=("propertynotfoundstrict", "hresult 0x8004100c"),
        hresults=frozenset({0x8004100C}),
    ),
    Signs(
        Reason.TIMED_OUT,
        types=frozenset({"System.TimeoutException"}),
        hresults=frozenset({0x80131505, 0x800705B4}),
    ),
)
"""The order decides: a denial counts more than the absence that it may look like."""


def reason_of(failure: Failure) -> Reason:
    """The reason for which a section failed; UNREADABLE when nothing known fits."""
    identifier = failure.id.lower()
    try:
        hresult = int(failure.hresult, 16)
    except ValueError:
        hresult = 0
    for signs in SIGNS:
        if (
            failure.type in signs.types
            or identifier.startswith(signs.ids or ("\0",))
            or hresult in signs.hresults
            or failure.native in signs.natives
            or failure.category in signs.categories
        ):
            return signs.reason
    return Reason.UNREADABLE
