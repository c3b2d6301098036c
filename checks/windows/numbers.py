"""What numbers are called that Windows shows or stores: by the names of its cmdlets and documents, the same in every language."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct


class Numbers(Struct, frozen=True, forbid_unknown_fields=True):
    """The names of one kind of number, and where they stand. Of `bits` a number holds several."""

    source: str
    names: dict[str, str]
    bits: bool = False

    def of(self, number: int) -> tuple[str, ...]:
        """Its names; none of what the table does not know."""
        named = {int(written, 0): name for written, name in self.names.items()}
        if self.bits:
            return tuple(name for bit, name in named.items() if number & bit)
        return (named[number],) if number in named else ()


TABLES = msgspec.toml.decode((resources.files("checks.windows") / "numbers.toml").read_bytes(), type=dict[str, Numbers])


@cache
def named(table: str, number: int, shown: str = "") -> str:
    """`2 (Running)`: a number with its names. `shown` is how it is written where it is not written in tens."""
    names = TABLES[table].of(number)
    written = shown or str(number)
    return f"{written} ({', '.join(names)})" if names else written


def in_hex(table: str, number: int) -> str:
    """`0x1001000 (WORKSTATION_TRUST_ACCOUNT, TRUSTED_TO_AUTH_FOR_DELEGATION)`."""
    return named(table, number, f"{number:#x}")
