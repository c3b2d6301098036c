from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checks.errors.codes import KERBEROS, WIN32_OF_NTSTATUS, forms, hresult, hresult_from_win32, normalize, value_of, win32_of

NO_CREDENTIALS = [
    "0x8009030E",
    "0X8009030e",
    "8009030e",
    "8009030E",
    "0×8009030E",
    "0х8009030E",
    "&H8009030E",
    "8009030Eh",
    "0xFFFFFFFF8009030E",
    "-2146893042",
    "−2146893042",
    "2148074254",
    "(0x8009030E)",
    "'0x8009030E'.",
    "„0x8009030E“,",
    "<0x8009030E>",
    "\u200b0x8009030E\u00a0",
    "0x8009\u00ad030E",
]


@pytest.mark.parametrize("spelling", NO_CREDENTIALS)
def test_one_code_has_one_canonical_form_however_it_is_written(spelling: str) -> None:
    assert normalize(spelling) == ("0x8009030E",)


@pytest.mark.parametrize(
    ("spelling", "meanings"),
    [
        ("5", ("0x80070005", "5")),
        ("10060", ("0x8007274C", "10060")),
        ("1326", ("0x8007052E", "1326")),
        ("13", ("0x8007000D", "13", "KDC_ERR_BADOPTION")),
        ("0x00000005", ("0x80070005", "5")),
        ("21024", ("0x80075220", "21024")),
    ],
)
def test_a_small_number_is_a_win32_error_first_then_itself_then_a_kerberos_result(spelling: str, meanings: tuple[str, ...]) -> None:
    assert normalize(spelling) == meanings


def test_a_small_hexadecimal_number_is_a_kerberos_result_first_as_event_4769_prints_it() -> None:
    assert normalize("0xD") == ("KDC_ERR_BADOPTION", "0x8007000D", "13")


@pytest.mark.parametrize("spelling", ["0xC0000022", "0xD0000022", "-1073741790"])
def test_an_ntstatus_leads_to_its_win32_error(spelling: str) -> None:
    assert normalize(spelling)[-2:] == ("0xC0000022", "0x80070005")


def test_a_win32_error_wrapped_into_an_ntstatus_is_unwrapped() -> None:
    assert normalize("0xC0070005") == ("0xC0070005", "0x80070005")


@pytest.mark.parametrize("spelling", ["Microsoft-Windows-Hyper-V-VMMS-Admin/21024", "Microsoft-Windows-Hyper-V-VMMS-Admin: 21024"])
def test_an_event_is_its_channel_and_its_id(spelling: str) -> None:
    assert normalize(spelling) == ("Microsoft-Windows-Hyper-V-VMMS-Admin/21024",)


def test_a_symbol_is_written_in_upper_case() -> None:
    assert normalize("sec_e_no_credentials") == ("SEC_E_NO_CREDENTIALS",)
    assert normalize("WSAETIMEDOUT") == ("WSAETIMEDOUT",)


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        "LMTest",
        "the",
        "12345678901",
        "99999",
        "4294967296",
        "-2147483649",
        "0x",
        "0x123456789",
        "0xG",
        "cafebabe",
        "²",
        "٣",
        "1.2",
    ],
)
def test_what_is_no_code_is_none(word: str) -> None:
    assert normalize(word) == ()


@given(st.text())
@example("0x" + "f" * 1000)
@example("/1")
@example("\ud800")
def test_no_text_breaks_it_and_every_answer_stays_as_it_is(text: str) -> None:
    for code in normalize(text):
        assert normalize(code)[0] == code or not code.startswith("0x")


@given(st.integers(0x80000000, 0xFFFFFFFF))
def test_signed_unsigned_and_hexadecimal_are_the_same_code(value: int) -> None:
    code = hresult(value)
    assert value_of(code) == value
    assert normalize(code) == normalize(str(value)) == normalize(str(value - (1 << 32)))
    assert {code, str(value), str(value - (1 << 32))} <= set(forms(code))


@given(st.integers(0, 0xFFFF))
def test_a_win32_number_is_inside_its_hresult(number: int) -> None:
    assert win32_of(hresult_from_win32(number)) == number
    assert str(number) in forms(hresult_from_win32(number))


def test_every_computed_form_leads_back() -> None:
    codes = [*KERBEROS.values(), *(hresult_from_win32(number) for number in WIN32_OF_NTSTATUS.values())]
    assert [(code, form) for code in codes for form in forms(code) if code not in normalize(form)] == []
