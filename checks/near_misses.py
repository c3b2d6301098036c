"""Service principal names that only look like one that is wanted: a KDC compares them literally, people do not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from checks.text import Text, text
from checks.windows.names import fold

_ALIAS = fold("HOST")
"""A class that stands for many others where a service is looked for by its name, and for none in a delegation list."""


class _Parts(NamedTuple):
    """A service principal name, in the form in which names are compared: its class, its host, and whether a port or more follows."""

    service: str
    host: str
    further: bool

    @classmethod
    def of(cls, name: str) -> _Parts:
        service, _, rest = fold(name).partition("/")
        host = rest.partition("/")[0].partition(":")[0]
        return cls(service, host, host != rest)


def near_misses(wanted: Iterable[str], held: Iterable[str]) -> tuple[Text, ...]:
    """Of the names that are held, those that differ from one that is wanted by a port, by standing for many services, by the domain, or
    by one letter, each with the first name that it looks like."""
    names = {fold(name): (name, _Parts.of(name)) for name in wanted}
    found = (_near(name, tuple(names.values())) for name in dict.fromkeys(held) if fold(name) not in names)
    return tuple(each for each in found if each is not None)


def _near(name: str, wanted: Iterable[tuple[str, _Parts]]) -> Text | None:
    it = _Parts.of(name)
    for other, that in wanted:
        if it.host == that.host and it.service == that.service and it.further:
            return text("{held} has a port or more behind the host, {wanted} has not", held=name, wanted=other)
        if it.host == that.host and it.service == _ALIAS:
            return text("{held} does not stand for {wanted} here", held=name, wanted=other)
    for other, that in wanted:
        if it.service == that.service and _in_another_domain(it.host, that.host):
            return text("{held} is in another domain than {wanted}", held=name, wanted=other)
        if it.service == that.service and one_letter_apart(it.host, that.host):
            return text("{held} differs from {wanted} by one letter", held=name, wanted=other)
    return None


def _in_another_domain(one: str, other: str) -> bool:
    first, second = one.partition("."), other.partition(".")
    return first[0] == second[0] and bool(first[2]) and bool(second[2]) and first[2] != second[2]


def one_letter_apart(one: str, other: str) -> bool:
    """Do two texts differ by one letter that is added, left out or another one, or by two neighbours in the wrong order. What differs
    by a digit alone is the name of another host. Looks at each character once."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    a, b = short[start:], long[start:]
    if len(a) < len(b):
        return a == b[1:] and not b[0].isdigit()
    swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    return (swapped and not a[:2].isdigit()) or (a[1:] == b[1:] and not (a[0] + b[0]).isdigit())
