"""Names are compared as Windows compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.windows.names import AccountName, DnsName, HostName, MachineName, Name, fold, full_name


@pytest.mark.parametrize(
    ("one", "other"),
    [("HV01", "hv01"), ("ÄRGER", "ärger"), ("ΣΊΣΥΦΟΣ", "σίσυφος"), ("ᾀ", "ᾈ"), ("ѐ", "Ѐ")],
)
def test_two_spellings_are_one_name(one: str, other: str) -> None:
    assert HostName(one) == HostName(other)
    assert hash(HostName(one)) == hash(HostName(other))
    assert HostName(one).key == HostName(other).key
    assert {HostName(one): 1}[HostName(other)] == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "strasse"),
        ("STRASSE", "straße"),
        ("ı", "I"),
        ("İ", "i"),
        ("ſ", "S"),
        ("\u212a", "k"),
        ("ﬁ", "FI"),
        ("é", "e\u0301"),
        ("𐐀", "𐐨"),
    ],
)
def test_what_windows_tells_apart_stays_apart(one: str, other: str) -> None:
    assert HostName(one) != HostName(other)
    assert HostName(one).key != HostName(other).key


@given(st.text(), st.text())
def test_names_are_equal_exactly_when_their_keys_are(one: str, other: str) -> None:
    assert (Name(one) == Name(other)) is (Name(one).key == Name(other).key) is (fold(one) == fold(other))


@given(st.text())
def test_the_key_of_a_name_is_a_spelling_of_it(written: str) -> None:
    for kind in (Name, HostName, AccountName, MachineName):
        assert kind(kind(written).key) == kind(written)
        assert kind(kind(written).key).key == kind(written).key


def test_a_host_has_no_blanks_around_it_and_no_final_dot() -> None:
    assert HostName(" hv01.contoso.test. ") == HostName("HV01.CONTOSO.TEST")
    assert HostName("hv01 ").spelled == "hv01"


def test_a_vm_is_known_by_its_id_with_and_without_braces_and_a_name_keeps_its_own() -> None:
    id = "11111111-2222-3333-4444-555555555555"
    assert MachineName(f"{{{id}}}") == MachineName(id.upper())
    assert MachineName("{LMTest}") != MachineName("LMTest")
    assert MachineName("LMTest ") != MachineName("LMTest")


def test_names_of_different_kinds_are_never_equal() -> None:
    assert HostName("hv01") != DnsName("hv01")
    assert HostName("hv01") != "hv01"


@pytest.mark.parametrize(
    ("name", "domain", "full"),
    [
        ("HV01", "contoso.test", "hv01.contoso.test"),
        ("hv01.contoso.test", "contoso.test", "hv01.contoso.test"),
        ("HV01", "contoso.test.", "hv01.contoso.test"),
    ],
)
def test_a_full_name_is_made_once(name: str, domain: str, full: str) -> None:
    assert full_name(name, domain).key == full


@pytest.mark.parametrize(
    ("written", "short"), [("hv01.contoso.test", "hv01"), ("HV01", "hv01"), ("10.0.0.1", "10.0.0.1"), ("fd00::1", "fd00::1")]
)
def test_a_short_name_is_the_first_label_and_an_address_stays_whole(written: str, short: str) -> None:
    assert HostName(written).short == HostName(short)
