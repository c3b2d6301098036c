"""Names as Windows compares them: ordinal, without case, character by character.

No language plays a part in that: `ß` is not `ss`, and the Turkish dotless `ı` is not `I`. A name keeps the spelling in which it was
written, for people; two spellings of one name are equal and have one hash.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Self

from checks.windows.addresses import address


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """The form in which texts are compared without case, as .NET's StringComparison.OrdinalIgnoreCase and Windows' CompareStringOrdinal
    do: each character by its own upper case, where that is one character and does not turn another letter into one of A to Z;
    characters beyond U+FFFF as they are."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


def _upper(character: str) -> str:
    if ord(character) > 0xFFFF:
        return character
    upper = next((each for each in (character.upper(), character.title()) if len(each) == 1), character)
    return character if upper.isascii() and not character.isascii() else upper


class _Written(type):
    """Makes a name once for all who write it so: few hosts, domains and accounts are written many times."""

    @lru_cache(maxsize=1 << 12)  # noqa: B019 - the kinds of names stay as long as the program
    def __call__(cls, written: str) -> Any:
        return super().__call__(written)


class Name:
    """A name of one kind. Names of different kinds are never equal. `spelled` is how it was written, `key` the same for every spelling.
    Its hash is that of its key: tables of names are asked so often that they ask the key itself."""

    __slots__ = ("__hash__", "key", "spelled")

    __hash__: Callable[[], int]

    def __init__(self, written: str) -> None:
        self.spelled = self.normal(written)
        self.key = _lower(fold(self.spelled))
        self.__hash__ = self.key.__hash__

    @classmethod
    def of(cls, written: str | Self) -> Self:
        """The name that is written so."""
        return written if isinstance(written, cls) else cls(str(written))

    @staticmethod
    def normal(written: str) -> str:
        """What is written without what does not belong to the name."""
        return written

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is type(self) and other.key == self.key)

    def __lt__(self, other: Self) -> bool:
        return self.key < other.key

    def __str__(self) -> str:
        return self.spelled

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spelled!r})"


@lru_cache(maxsize=1 << 16)
def _lower(folded: str) -> str:
    """Lower case for the eye, one for one, so that names that differ stay different."""
    return folded.lower() if folded.isascii() else "".join(each.lower() if fold(each.lower()) == each else each for each in folded)


_END = re.compile(r"(?<![\s.])[\s.]+\Z")


class DnsName(Name, metaclass=_Written):
    """A name in the DNS, such as that of a domain: without surrounding blanks, without a final dot."""

    __slots__ = ()

    @staticmethod
    def normal(written: str) -> str:
        written = written.lstrip()
        end = written[-1:]
        return _END.sub("", written) if end == "." or end.isspace() else written


class HostName(DnsName):
    """A host as a plan, a person or another host calls it, by its short name, its full name or an address."""

    __slots__ = ()

    @property
    def is_address(self) -> bool:
        return address(self.spelled.strip("[]")) is not None

    @property
    def short(self) -> HostName:
        """Its first label; an address stays whole."""
        return self if self.is_address else HostName(self.spelled.partition(".")[0])


_PART = r"[^\s\\/@\"\[\]:;|=,+*?<>][^\\/@\"\[\]:;|=,+*?<>]*"
_ACCOUNT = re.compile(rf"(?!\.\\){_PART}\\{_PART}|{_PART}@[\w-]+(\.[\w-]+)*\.?")


class AccountName(Name, metaclass=_Written):
    """An account: DOMAIN\\\\user or user@suffix."""

    __slots__ = ()

    @property
    def names_domain(self) -> bool:
        """Is it written as DOMAIN\\name or name@suffix, which may have one label, without the characters that Windows refuses in account
        names; `.\\name` is a local account."""
        return _ACCOUNT.fullmatch(self.spelled) is not None

    @staticmethod
    def normal(written: str) -> str:
        return written.strip()

    @property
    def authority(self) -> str:
        """What stands before the backslash: a domain, or the machine that has a local account. Empty for user@suffix."""
        return self.spelled.rpartition("\\")[0]


class MachineName(Name):
    """A VM by its name or its id; an id with braces is the same as one without."""

    __slots__ = ()

    @staticmethod
    def normal(written: str) -> str:
        inner = written.removeprefix("{").removesuffix("}")
        return inner if len(inner) == 36 and len(written) == 38 else written


@lru_cache(maxsize=1 << 12)
def full_name(name: str, domain: str) -> HostName:
    """The full name of a member of a domain (DNS name). What has a dot is a full name already."""
    own = HostName(name)
    return own if "." in own.spelled else HostName(f"{own.spelled}.{DnsName(domain).spelled}")


_DOMAIN_COMPONENT = re.compile(r"(?:^|(?<!\\),)DC=([^,]+)", re.IGNORECASE)


def domain_of(dn: str) -> str:
    """The DNS name of the domain that a distinguished name lies in ([MS-ADTS] 3.1.1.1.5: its DC= parts)."""
    return ".".join(_DOMAIN_COMPONENT.findall(dn))
