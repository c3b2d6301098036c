"""Evaluates search filters as Active Directory does: with three values, and Undefined for what may not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from sansldap import (
    FilterAnd,
    FilterApproxMatch,
    FilterEquality,
    FilterExtensibleMatch,
    FilterGreaterOrEqual,
    FilterLessOrEqual,
    FilterNot,
    FilterOr,
    FilterPresent,
    FilterSubstrings,
    LDAPFilter,
)

from lab import blobs, dn, ldap_schema
from lab.directory import Directory
from lab.dn import Dn
from lab.ldap_schema import Normal, Syntax

Truth: TypeAlias = bool | None
"""None is Undefined."""

Test: TypeAlias = Callable[[Dn], Truth]

BIT_AND = "1.2.840.113556.1.4.803"
BIT_OR = "1.2.840.113556.1.4.804"
IN_CHAIN = "1.2.840.113556.1.4.1941"

_ORDERED = frozenset({Syntax.TEXT, Syntax.INTEGER, Syntax.TIME})


def _undefined(_: Dn) -> Truth:
    return None


class Filters:
    """Turns filters into tests on the entries of one directory.

    An attribute that the schema does not have, that is computed only when asked for, or that this controller denies makes
    its part of the filter Undefined, and so does a value that the attribute's syntax cannot be; NOT Undefined is Undefined
    ([MS-ADTS] 3.1.1.3.1.3.1). An entry matches when the whole is true.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._normal: dict[tuple[Dn, str], frozenset[Normal]] = {}

    def test(self, search_filter: LDAPFilter) -> Test:
        match search_filter:
            case FilterAnd(filters=parts):
                return _all([self.test(part) for part in parts])
            case FilterOr(filters=parts):
                return _any([self.test(part) for part in parts])
            case FilterNot(filter=part):
                return _not(self.test(part))
            case FilterPresent() | FilterEquality() | FilterApproxMatch() | FilterSubstrings():
                return self._on_attribute(search_filter, search_filter.attribute)
            case FilterGreaterOrEqual() | FilterLessOrEqual():
                return self._on_attribute(search_filter, search_filter.attribute)
            case FilterExtensibleMatch(attribute=str() as attribute):
                return self._on_attribute(search_filter, attribute)
        return _undefined

    def _on_attribute(self, search_filter: LDAPFilter, attribute: str) -> Test:
        name = ldap_schema.spelling(attribute)
        if name is None or name in ldap_schema.CONSTRUCTED or name.casefold() in self._directory.denied:
            return _undefined
        if isinstance(search_filter, FilterPresent):
            return lambda entry: name in self._directory.entries[entry]
        try:
            return self._comparison(search_filter, name, ldap_schema.SYNTAX[name])
        except ValueError:
            return _undefined

    def _comparison(self, search_filter: LDAPFilter, name: str, syntax: Syntax) -> Test:
        match search_filter:
            case FilterEquality(value=value) | FilterApproxMatch(value=value):
                wanted = self._asserted(name, syntax, value)
                return lambda entry: wanted in self._values(entry, name)
            case FilterExtensibleMatch(rule=None, value=value):
                same = self._asserted(name, syntax, value)
                return lambda entry: same in self._values(entry, name)
            case FilterExtensibleMatch(rule=str() as rule, value=value):
                return self._rule(rule, name, syntax, value)
            case FilterGreaterOrEqual(value=value) if syntax in _ORDERED:
                least = self._asserted(name, syntax, value)
                return lambda entry: any(found >= least for found in self._values(entry, name))  # type: ignore[operator]
            case FilterLessOrEqual(value=value) if syntax in _ORDERED:
                most = self._asserted(name, syntax, value)
                return lambda entry: any(found <= most for found in self._values(entry, name))  # type: ignore[operator]
            case FilterSubstrings() if syntax is Syntax.TEXT:
                return self._substrings(search_filter, name)
        return _undefined

    def _substrings(self, search_filter: FilterSubstrings, name: str) -> Test:
        first = (search_filter.initial or b"").decode().casefold()
        middle = [part.decode().casefold() for part in search_filter.any]
        last = (search_filter.final or b"").decode().casefold()

        def holds(text: str) -> bool:
            if not text.startswith(first):
                return False
            position = len(first)
            for part in middle:
                found = text.find(part, position)
                if found < 0:
                    return False
                position = found + len(part)
            return len(text) - len(last) >= position and text.endswith(last)

        return lambda entry: any(holds(str(text)) for text in self._values(entry, name))

    def _rule(self, rule: str, name: str, syntax: Syntax, value: bytes) -> Test:
        if rule in (BIT_AND, BIT_OR) and syntax is Syntax.INTEGER:
            bits = int(value) & 0xFFFFFFFF
            if rule == BIT_AND:
                return lambda entry: any(int(str(number)) & bits == bits for number in self._values(entry, name))
            return lambda entry: any(int(str(number)) & bits for number in self._values(entry, name))
        if rule == IN_CHAIN and syntax is Syntax.NAME:
            wanted = self._asserted(name, syntax, value)
            chain = self._chain(name, wanted) if isinstance(wanted, tuple) else frozenset()
            return lambda entry: entry in chain
        return _undefined

    def _chain(self, name: str, target: Dn) -> frozenset[Dn]:
        """The entries from which the links of an attribute lead to the target, over any number of steps."""
        reaching: set[Dn] = set()
        frontier: set[Normal] = {target}
        while frontier:
            found = {entry for entry in self._directory.entries if not frontier.isdisjoint(self._values(entry, name))}
            frontier = set(found - reaching)
            reaching |= found
        return frozenset(reaching)

    def _asserted(self, name: str, syntax: Syntax, value: bytes) -> Normal:
        """The value of a filter. A name may also be given as <SID=…>, and objectCategory as a class. Raises ValueError."""
        if syntax is not Syntax.NAME:
            return ldap_schema.normal(syntax, value)
        text = value.decode()
        if name == "objectCategory" and "=" not in text:
            schema = self._directory.naming_contexts[-1]
            return (f"cn={ldap_schema.CATEGORY.get(text.casefold(), text).casefold()}", *schema)
        return self.name(text)

    def name(self, text: str) -> Dn:
        """A name as clients may write it, also as <SID=…> (text or hexadecimal). Raises ValueError."""
        if not (text[:5].upper() == "<SID=" and text.endswith(">")):
            return dn.parse(text)
        stated = text[5:-1]
        sid = blobs.sid(stated) if stated[:2].upper() == "S-" else bytes.fromhex(stated)
        try:
            return self._directory.names[sid]
        except KeyError:
            raise ValueError(f"no object has the SID {stated}") from None

    def _values(self, entry: Dn, name: str) -> frozenset[Normal]:
        key = entry, name
        found = self._normal.get(key)
        if found is None:
            syntax = ldap_schema.SYNTAX[name]
            stored = self._directory.entries[entry].get(name, ())
            found = self._normal[key] = frozenset(ldap_schema.normal(syntax, value) for value in stored)
        return found


def _all(tests: Sequence[Test]) -> Test:
    def test(entry: Dn) -> Truth:
        result: Truth = True
        for part in tests:
            truth = part(entry)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return test


def _any(tests: Sequence[Test]) -> Test:
    def test(entry: Dn) -> Truth:
        result: Truth = False
        for part in tests:
            truth = part(entry)
            if truth:
                return True
            if truth is None:
                result = None
        return result

    return test


def _not(inner: Test) -> Test:
    def test(entry: Dn) -> Truth:
        truth = inner(entry)
        return None if truth is None else not truth

    return test
