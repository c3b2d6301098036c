"""Filters on a directory: agreement with a simple model, three values, and the matching rules of Active Directory."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sansldap
from hypothesis import given
from hypothesis import strategies as st

from lab import blobs, dn
from lab.directory import Directory, build
from lab.ldap_filter import Filters, Truth
from lab.sids import Sids
from tests.lab.searching import HEAD, SOURCE, TARGET, scenario

DIRECTORY = build(scenario())["contoso.test", "dc01"]
DENYING = build(scenario())["contoso.test", "dc03"]
READER = f"CN=hv-reader,CN=Users,{HEAD}"


def matches(text: str, directory: Directory = DIRECTORY) -> set[str]:
    """The names of the entries for which a filter is true."""
    test = Filters(directory).test(sansldap.LDAPFilter.from_string(text))
    return {directory.entries[name]["distinguishedName"][0].decode() for name in directory.entries if test(name)}


def truth(text: str, name: str, directory: Directory = DIRECTORY) -> Truth:
    return Filters(directory).test(sansldap.LDAPFilter.from_string(text))(dn.parse(name))


@pytest.mark.parametrize(
    "text",
    [
        "(sAMAccountName=testserver01$)",
        "(SAMACCOUNTNAME=TestServer01$)",
        "(servicePrincipalName=microsoft virtual system migration service/testserver01)",
        "(servicePrincipalName=Hyper-V*/*01.contoso.test)",
        "(&(objectClass=computer)(dNSHostName=testserver01.*))",
        "(userAccountControl:1.2.840.113556.1.4.803:=16781312)",
        "(userAccountControl:1.2.840.113556.1.4.804:=16777216)",
        f"(distinguishedName={SOURCE.lower()})",
        "(&(objectCategory=computer)(msDS-AllowedToDelegateTo=*))",
        "(&(!(userAccountControl=4096))(objectCategory=CN=Computer,CN=Schema,CN=Configuration,DC=contoso,DC=test)(primaryGroupID=515))",
    ],
)
def test_these_find_the_source_and_nothing_else(text: str) -> None:
    assert matches(text) == {SOURCE}


@pytest.mark.parametrize("form", ["text", "binary"])
def test_an_account_is_found_by_its_sid(form: str) -> None:
    sid = Sids(scenario()).computer("testserver01")
    value = sid if form == "text" else "".join(f"\\{byte:02x}" for byte in blobs.sid(sid))
    assert matches(f"(objectSid={value})") == {SOURCE}


def test_membership_is_followed_over_any_number_of_groups_in_both_directions() -> None:
    operators = f"CN=Operators,CN=Users,{HEAD}"
    rule = "1.2.840.113556.1.4.1941"
    assert matches(f"(member:{rule}:={READER})") == {operators, f"CN=Readers,CN=Users,{HEAD}"}
    assert {READER, TARGET} <= matches(f"(memberOf:{rule}:={operators})")
    assert READER not in matches(f"(memberOf={operators})")


def test_a_member_of_another_forest_is_found_by_its_sid() -> None:
    sid = Sids(scenario()).account("FABRIKAM\\auditor")
    assert matches(f"(member=<SID={sid}>)") == {f"CN=Operators,CN=Users,{HEAD}"}


def test_values_compare_by_their_order() -> None:
    assert matches("(trustAttributes>=8)") == matches("(objectClass=trustedDomain)")
    assert matches("(trustAttributes<=9)") == {f"CN=fabrikam.test,CN=System,{HEAD}"}
    assert matches("(whenChanged>=20270101000000.0Z)") == set()


def test_what_may_not_be_read_matches_neither_a_filter_nor_its_opposite() -> None:
    for text in ("(msDS-AllowedToDelegateTo=*)", "(!(msDS-AllowedToDelegateTo=*))"):
        assert matches(text, DENYING) == set()
        assert truth(text, SOURCE, DENYING) is None
    assert SOURCE in matches("(|(msDS-AllowedToDelegateTo=*)(objectClass=computer))", DENYING)
    assert truth("(&(msDS-AllowedToDelegateTo=*)(objectClass=user))", SOURCE, DENYING) is None
    assert truth("(&(msDS-AllowedToDelegateTo=*)(objectClass=group))", SOURCE, DENYING) is False


def test_an_attribute_without_a_value_does_not_match_and_its_opposite_does() -> None:
    assert truth("(msDS-AllowedToDelegateTo=*)", TARGET) is False
    assert truth("(!(msDS-AllowedToDelegateTo=cifs/TESTSERVER02))", TARGET) is True


@pytest.mark.parametrize(
    "text",
    [
        "(noSuchAttribute=1)",
        "(tokenGroups=*)",
        "(userAccountControl=many)",
        "(userAccountControl=4*)",
        "(objectSid=S-1)",
        "(member=nobody)",
        "(member=<SID=S-1-5-21-1-2-3-4>)",
        "(whenChanged>=yesterday)",
        "(objectGUID>=a)",
        "(sAMAccountName:1.2.840.113556.1.4.803:=1)",
        "(userAccountControl:1.2.3.4:=1)",
        "(:caseExactMatch:=a)",
    ],
)
def test_what_cannot_be_compared_is_undefined_and_so_is_its_opposite(text: str) -> None:
    assert truth(text, SOURCE) is None
    assert truth(f"(!{text})", SOURCE) is None


NAME = ("cn=one",)
ATTRIBUTES = ("sAMAccountName", "description", "userAccountControl", "msDS-AllowedToDelegateTo")
VALUES = st.sampled_from(["", "a", "ab", "aBa", "b*", "0", "1", "3", "4096", "-1"])


def conditions() -> st.SearchStrategy[sansldap.LDAPFilter]:
    names = st.sampled_from([*ATTRIBUTES, "unknownAttribute"])
    values = VALUES.map(str.encode)
    simple = st.one_of(
        st.builds(sansldap.FilterPresent, names),
        st.builds(sansldap.FilterEquality, names, values),
        st.builds(sansldap.FilterGreaterOrEqual, names, values),
        st.builds(sansldap.FilterLessOrEqual, names, values),
        st.builds(lambda name, value: sansldap.FilterExtensibleMatch("1.2.840.113556.1.4.803", name, value, False), names, values),
    )
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            st.builds(sansldap.FilterAnd, st.lists(inner, max_size=3)),
            st.builds(sansldap.FilterOr, st.lists(inner, max_size=3)),
            st.builds(sansldap.FilterNot, inner),
        ),
        max_leaves=8,
    )


def model(condition: sansldap.LDAPFilter, values: dict[str, list[str]], denied: frozenset[str]) -> float:
    """The truth of a filter as a number: 0 false, 0.5 undefined, 1 true; AND is the least, OR the greatest, NOT the rest to 1."""
    if isinstance(condition, sansldap.FilterAnd):
        return min((model(part, values, denied) for part in condition.filters), default=1)
    if isinstance(condition, sansldap.FilterOr):
        return max((model(part, values, denied) for part in condition.filters), default=0)
    if isinstance(condition, sansldap.FilterNot):
        return 1 - model(condition.filter, values, denied)
    name = condition.attribute
    if name not in ATTRIBUTES or name.casefold() in denied:
        return 0.5
    if isinstance(condition, sansldap.FilterPresent):
        return float(bool(values[name]))
    wanted = condition.value.decode()
    if name == "userAccountControl":
        if wanted.lstrip("-").isdigit():
            return float(any(_numbers(condition, int(found), int(wanted)) for found in values[name]))
        return 0.5
    if isinstance(condition, sansldap.FilterExtensibleMatch):
        return 0.5
    return float(any(_compared(condition, found.lower(), wanted.lower()) for found in values[name]))


def _numbers(condition: sansldap.LDAPFilter, found: int, wanted: int) -> bool:
    if isinstance(condition, sansldap.FilterExtensibleMatch):
        return all(found >> bit & 1 for bit in range(32) if wanted >> bit & 1)
    return _compared(condition, found, wanted)


def _compared(condition: sansldap.LDAPFilter, found: int | str, wanted: int | str) -> bool:
    if isinstance(condition, sansldap.FilterGreaterOrEqual):
        return found >= wanted  # type: ignore[operator]
    if isinstance(condition, sansldap.FilterLessOrEqual):
        return found <= wanted  # type: ignore[operator]
    return found == wanted


@given(
    conditions(),
    st.fixed_dictionaries({name: st.lists(VALUES.filter(bool), max_size=2) for name in ATTRIBUTES if name != "userAccountControl"}),
    st.lists(st.sampled_from(["0", "1", "4096", "-1"]), max_size=1),
    st.frozensets(st.sampled_from([name.casefold() for name in ATTRIBUTES])),
)
def test_filters_agree_with_the_model(
    condition: sansldap.LDAPFilter, texts: dict[str, list[str]], numbers: list[str], denied: frozenset[str]
) -> None:
    values = texts | {"userAccountControl": numbers}
    stored = {name: [value.encode() for value in its] for name, its in values.items() if its}
    directory = replace(DIRECTORY, entries={NAME: stored}, denied=denied)
    result = Filters(directory).test(condition)(NAME)
    assert (0.5 if result is None else float(result)) == model(condition, values, denied)


@given(st.text("aAbB*é", max_size=8), st.lists(st.text("aAbB", max_size=3), min_size=2, max_size=4))
def test_substrings_agree_with_a_search_for_the_parts_in_order(value: str, parts: list[str]) -> None:
    first, *middle, last = parts
    middle = [part for part in middle if part]
    if not first and not middle and not last:
        first = "a"
    condition = sansldap.FilterSubstrings("description", first.encode() or None, [part.encode() for part in middle], last.encode() or None)
    directory = replace(DIRECTORY, entries={NAME: {"description": [value.encode()]}})
    text, start, end = value.casefold(), first.casefold(), last.casefold()
    inside = text[len(start) : len(text) - len(end)]
    expected = (
        len(text) >= len(start) + len(end)
        and text.startswith(start)
        and text.endswith(end)
        and _holds(inside, [part.casefold() for part in middle])
    )
    assert Filters(directory).test(condition)(NAME) is expected


def _holds(text: str, parts: list[str]) -> bool:
    """Whether the parts stand in the text one after the other, tried at every place."""
    if not parts:
        return True
    head, *rest = parts
    return any(text[start:].startswith(head) and _holds(text[start + len(head) :], rest) for start in range(len(text) + 1))
