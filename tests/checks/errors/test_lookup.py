from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors.lookup import all_errors, find, known, nearest, related


def codes(spelling: str) -> list[str]:
    return [error.code for error in find(spelling)]


@pytest.mark.parametrize(
    ("spelling", "found"),
    [
        ("0x8009030E", ["0x8009030E"]),
        ("8009030e", ["0x8009030E"]),
        ("0×8009030E", ["0x8009030E"]),
        ("-2146893042", ["0x8009030E"]),
        ("2148074254", ["0x8009030E"]),
        ("SEC_E_NO_CREDENTIALS", ["0x8009030E"]),
        ("kcd_kerberos_only_remote_start", ["0x8009030E"]),
        ("5", ["0x80070005"]),
        ("10060", ["0x8007274C"]),
        ("WSAETIMEDOUT (10060)", ["0x8007274C"]),
        ("1326", ["0x8007052E"]),
        ("13", ["0x8007000D", "KDC_ERR_BADOPTION"]),
        ("0xD", ["KDC_ERR_BADOPTION", "0x8007000D"]),
        ("KDC_ERR_BADOPTION", ["KDC_ERR_BADOPTION"]),
        ("0x25", ["0x80090324"]),
        ("0xC000015B", ["0x80070569"]),
        ("33012", ["33012"]),
        ("21024", ["21024"]),
        ("Event ID 21024", ["21024"]),
        ("Microsoft-Windows-Hyper-V-VMMS-Admin/21024", ["21024"]),
        ("VMMS-Admin/20306", ["0x8009030E", "0x8009030D"]),
        ("Microsoft-Windows-Hyper-V-VMMS/20306", ["0x8009030E", "0x8009030D"]),
        ("System/20306", []),
        ("5035", ["0x000013AB"]),
        ("0x80041003", ["0x80041003"]),
        ("0x80041010", []),
        ("configuration version not supported", ["configuration version not supported"]),
        *(
            (name, ["winrm_cannot_connect"])
            for name in ("WinRM: cannot connect", "WinRM: cannot process the request / client cannot connect")
        ),
        ("Der Netzwerkpfad wurde nicht gefunden.", ["0x80070035"]),
        ("0xDEADBEEF", []),
        ("LMTest", []),
        ("", []),
    ],
)
def test_a_spelling_leads_to_its_errors_the_likeliest_first(spelling: str, found: list[str]) -> None:
    assert codes(spelling) == found


def test_in_a_sentence_a_clear_code_counts_and_the_small_numbers_beside_it_do_not() -> None:
    assert codes("Move 2 of 5: LMTest failed with 0x8009030E on port 6600") == ["0x8009030E"]
    assert codes("the limit of DNS names") == []


def test_an_event_of_many_errors_leads_to_all_of_them() -> None:
    assert {"0x8009030E", "0x80070005", "0x80070569"} <= set(codes("21502"))


@given(st.text(max_size=300))
def test_no_text_breaks_the_look_up(text: str) -> None:
    assert set(find(text)) <= set(all_errors())
    assert len(nearest(text)) <= 3


def test_a_mistyped_code_has_its_neighbours_nearest() -> None:
    assert nearest("0x8009030F")[0].code == "0x8009030E"
    assert nearest("SEC_E_NO_CREDENTIAL")[0].code == "0x8009030E"


def test_words_of_a_message_lead_near_it() -> None:
    assert nearest("no credentials available")[0].code == "0x8009030E"
    assert nearest("keine Anmeldeinformationen verfügbar")[0].code == "0x8009030E"


def test_nothing_is_near_what_has_nothing_in_common() -> None:
    assert nearest("0xDEADBEEF") == nearest("blue cheese") == ()


def test_a_very_long_text_is_cut_before_it_is_compared() -> None:
    assert len(nearest("0x8009030F " * 100_000)) <= 3


@pytest.mark.parametrize("asked", ["9" * 5_000, "VMMS-Admin/" + "9" * 5_000])
def test_of_a_number_that_is_no_event_nothing_is_known(asked: str) -> None:
    assert find(asked) == ()


def test_related_errors_share_a_cause_a_check_or_an_event() -> None:
    error = known("0x8009030E")
    assert error is not None
    near = [other.code for other in related(error)]
    assert {"0x8009030D", "0x80090345", "KDC_ERR_BADOPTION"} <= set(near[:4])
    assert error.code not in near
    assert "0x80070070" not in near


def test_having_a_generic_event_in_common_relates_nothing() -> None:
    wrapper = known("21024")
    assert wrapper is not None
    assert related(wrapper) == ()


def test_of_a_code_without_a_file_nothing_is_known() -> None:
    assert known("0xDEADBEEF") is known("../codes") is None
