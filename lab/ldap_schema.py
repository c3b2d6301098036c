"""The attributes the lab's directories know, and how the values of each are compared."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TypeAlias

from lab import blobs, dn


class Syntax(Enum):
    """How values compare: text without case, names as names, SIDs in binary or text form, numbers and times by their order."""

    TEXT = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    TIME = auto()
    NAME = auto()
    SID = auto()
    BINARY = auto()


Normal: TypeAlias = str | int | bytes | dn.Dn

_OF_SYNTAX: dict[Syntax, str] = {
    Syntax.TEXT: "objectClass cn ou dc name sAMAccountName userPrincipalName dNSHostName servicePrincipalName operatingSystem"
    " msDS-AllowedToDelegateTo msDS-AllowedDNSSuffixes msDS-AdditionalDnsHostName msDS-AdditionalSamAccountName"
    " trustPartner flatName dnsRoot nETBIOSName description",
    Syntax.INTEGER: "userAccountControl primaryGroupID groupType sAMAccountType instanceType uSNCreated uSNChanged systemFlags"
    " trustDirection trustType trustAttributes msDS-Behavior-Version accountExpires msDS-User-Account-Control-Computed"
    " msDS-UserPasswordExpiryTimeComputed msDS-SupportedEncryptionTypes",
    Syntax.BOOLEAN: "isCriticalSystemObject",
    Syntax.TIME: "whenCreated whenChanged",
    Syntax.NAME: "distinguishedName objectCategory member memberOf nCName trustParent",
    Syntax.SID: "objectSid securityIdentifier sIDHistory tokenGroups",
    Syntax.BINARY: "objectGUID nTSecurityDescriptor replPropertyMetaData msDS-AllowedToActOnBehalfOfOtherIdentity",
}

SYNTAX: dict[str, Syntax] = {name: syntax for syntax, names in _OF_SYNTAX.items() for name in names.split()}
_SPELLING = {name.casefold(): name for name in SYNTAX}

CONSTRUCTED = frozenset({"tokenGroups", "msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed"})
"""Computed when one object is asked for them by name, never stored. That Windows refuses other searches for them is published of
tokenGroups alone; here all do."""

SECURITY_DESCRIPTOR = "nTSecurityDescriptor"
"""Answered only by name, and to readers without privileges only when they say that they do not want its audit list."""

CATEGORY = {"computer": "Computer", "user": "Person", "person": "Person", "group": "Group", "domaindns": "Domain-DNS"}
CATEGORY |= {"trusteddomain": "Trusted-Domain", "crossref": "Cross-Ref", "foreignsecurityprincipal": "Foreign-Security-Principal"}
"""The class objects whose display name differs from their common name; a filter may give either for objectCategory."""


def spelling(attribute: str) -> str | None:
    """An attribute's own spelling, or nothing for one that the schema does not have."""
    return _SPELLING.get(attribute.casefold())


def normal(syntax: Syntax, value: bytes) -> Normal:
    """A value in the form in which equal values are equal and, for text, numbers and times, ordered. Raises ValueError."""
    match syntax:
        case Syntax.TEXT:
            return value.decode().casefold()
        case Syntax.INTEGER:
            return int(value)
        case Syntax.BOOLEAN:
            return value.decode().upper()
        case Syntax.TIME:
            return _time(value)
        case Syntax.NAME:
            return dn.parse(value.decode())
        case Syntax.SID:
            return blobs.sid(value.decode()) if value[:2].upper() == b"S-" else value
        case Syntax.BINARY:
            return value


def _time(value: bytes) -> str:
    found = re.fullmatch(rb"(\d{14})(?:\.\d+)?Z", value)
    if found is None:
        raise ValueError(f"not a generalized time: {value!r}")
    return found[1].decode()
