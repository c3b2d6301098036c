"""Finding codes and event ids in text that has been through consoles, mail and tickets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.errors.lookup import all_errors
from runner.diagnose.codes_in_text import channel_in_text, codes_in_text, events_in_text, from_quoted_printable, from_rtf, plain

NO_CREDENTIALS = "0x8009030E"


@pytest.mark.parametrize(
    "text",
    [
        "No credentials are available (0x8009030E).",
        "no prefix: 8009030e",
        "0×8009030E with a multiplication sign",
        "&H8009030E as Basic writes it",
        "0x8009030EL",
        "0xFFFFFFFF8009030E in 64 bits",
        "error -2146893042",
        "error \u22122146893042 with a real minus",
        "error 2148074254.",
        "HRESULT=2148074254;",
        "%%2148074254",
        "SEC_E_NO_CREDENTIALS",
        "(0x80090\n30e)",
        "(0x80090\r\n30e)",
        "> (0x80090\n> 30e)",
        "> > (0x8009030\n> > E)",
        "(0x\n8009030E)",
        "code -21468\n93042",
        "code 21480\n74254",
        "https://example.test/?code=0x8009030E&x=1",
        '"HResult":-2146893042,',
    ],
)
def test_every_spelling_of_a_code_is_found(text: str) -> None:
    assert codes_in_text(text) == (NO_CREDENTIALS,)


@pytest.mark.parametrize(
    "line",
    [
        "<b>0x8009</b>030E",
        "(<span style='color:red'>0x8009030E</span>)",
        "**0x8009030E**",
        "`0x8009030E`",
        "&#40;0x8009030E&#41;",
        "&#x30;x8009030E",
        "0x8009\u00ad030E",
        "0x80\u200b09030E",
        "\uff10\uff58\uff18\uff10\uff10\uff19\uff10\uff13\uff10\uff25",
        "\x1b[31;1m0x8009030E\x1b[0m",
        "&lt;b&gt;0x8009&lt;/b&gt;030E",
    ],
)
def test_markup_and_invisible_characters_do_not_hide_a_code(line: str) -> None:
    assert codes_in_text(plain(line)) == (NO_CREDENTIALS,)


@pytest.mark.parametrize("mark", ["&#", "&amp;#"])
def test_a_character_reference_of_any_length_hides_no_code(mark: str) -> None:
    assert codes_in_text(plain(f"{mark}{'9' * 5_000}; (0x8009030E)")) == (NO_CREDENTIALS,)


def test_rich_text_and_quoted_printable_do_not_hide_a_code() -> None:
    assert codes_in_text(from_rtf(r"{\rtf1\ansi{\fonttbl\f0 Arial;}\f0 F\'fcr: {\b 0x8009}030E\par}")) == (NO_CREDENTIALS,)
    assert codes_in_text(from_quoted_printable("Code=3D0x8009030E=20")) == (NO_CREDENTIALS,)


@pytest.mark.parametrize(
    "text",
    [
        "8009030e-1234-4c4c-9c9c-0123456789ab is a GUID",
        "INC80070005 is a ticket",
        "call 80070005x",
        "8a1b2c3d is a commit",
        "handle 0x00007ffe8009030e",
        "keywords 0x8000000000000010",
        "0x00000000 and 0x0 and 0x00000005",
        "3000000000 bytes",
        "12.2148074254",
        "-2146893042.5",
        "2026-12-05 20:14:03.2148074254",
        "logon 0x3e7",
        "a\nb\nc\nd\ne\nf\n8\n0",
    ],
)
def test_numbers_that_are_no_codes_are_left_alone(text: str) -> None:
    assert codes_in_text(text) == ()


def test_codes_keep_their_order_and_stand_once() -> None:
    text = "first 0x8007274C, then -2146893042, again 0x8007274c, and Windows Update said 0x80240034"
    assert codes_in_text(text) == ("0x8007274C", NO_CREDENTIALS, "0x80240034")


def test_a_second_line_of_ordinary_words_is_not_joined_to_a_code() -> None:
    assert codes_in_text("(0x8009030E)\nadded later") == (NO_CREDENTIALS,)
    assert codes_in_text("failed with 0x80070569\nbad luck") == ("0x80070569",)


def test_a_short_hexadecimal_number_counts_only_where_the_knowledge_base_has_it() -> None:
    assert codes_in_text("failed (0x000013AB), process 0x1a4") == ("0x000013AB",)
    assert codes_in_text("logon failure (0x569)") == ("0x80070569",)


def test_kerberos_names_are_codes_and_their_numbers_only_beside_the_ticket_event() -> None:
    assert codes_in_text("KDC_ERR_BADOPTION came back") == ("KDC_ERR_BADOPTION",)
    assert codes_in_text("Event ID: 4769\nFailure Code: 0xD") == ("KDC_ERR_BADOPTION",)
    assert codes_in_text("Failure Code: 0xD") == ()


@pytest.mark.parametrize(
    "text",
    [
        "MessageId : 33012",
        "MessageId                                 : 33012",
        '"MessageId":  33012,',
        "MessageId Message\n--------- -------\n    33012 Could not find Ethernet switch 'Ext...",
        "Message              MessageId Source\n-------              --------- ------\nNo switch 99999 'LAN'     33012 VMNetworkAdapter",
        '"MessageId","Message"\n"33012","No switch, 32784"',
        '"Message";"MessageId"\n"No switch; 32784";"33012"',
    ],
)
def test_the_message_id_of_compare_vm_is_a_code(text: str) -> None:
    assert codes_in_text(text) == ("33012",)


@pytest.mark.parametrize(
    "text",
    [
        "Event ID:      21024",
        "Ereignis-ID:   21024",
        "ID d'événement : 21024",
        "EventID=21024",
        '"Id":  21024,',
        "Id : 21024",
        "<EventID>21024</EventID>",
        "イベント ID: 21024",
        "Код события: 21024",
        "Event 21024, Hyper-V-VMMS",
        "Ereignis 21024, Microsoft-Windows-Hyper-V-VMMS",
        "12/5/2026 9:14:03 PM         21024 Error            Virtual machine migration ...",
    ],
)
def test_an_event_id_beside_any_label_is_found(text: str) -> None:
    assert events_in_text(text) == (21024,)


@pytest.mark.parametrize("text", ["21024 bytes", "we moved 21024 of them", "port 121024", "version 10.21024", "21024-1", "Event ID: 99999"])
def test_a_number_without_a_label_or_unknown_is_no_event(text: str) -> None:
    assert events_in_text(text) == ()


def test_the_channel_stands_in_the_text_as_windows_writes_it() -> None:
    assert channel_in_text("Protokollname: Microsoft-Windows-Hyper-V-VMMS-Admin\nQuelle: x") == "Microsoft-Windows-Hyper-V-VMMS-Admin"
    assert channel_in_text("nothing") == ""


HRESULTS = [error.code for error in all_errors() if error.code.startswith("0x") and int(error.code, 16) >= 1 << 31]


@pytest.mark.parametrize("code", HRESULTS)
def test_every_number_of_the_knowledge_base_is_found_in_each_of_its_spellings(code: str) -> None:
    value = int(code, 16)
    for spelling in (code, code.lower(), str(value), str(value - (1 << 32)), code[2:], code[:7] + "\n" + code[7:]):
        assert codes_in_text(f"Text, Text ({spelling}).") == (code,)


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_any_text_can_be_searched(text: str) -> None:
    for code in codes_in_text(plain(from_rtf(from_quoted_printable(text)))):
        assert code
    assert all(number >= 1000 for number in events_in_text(text))


@given(
    st.sampled_from(["0x8009030E", "-2146893042", "2148074254"]),
    st.integers(3, 6),
    st.sampled_from(["\n", "\r\n", "\n> ", "\n> > ", "\u00ad", "\n\t"]),
)
def test_a_code_may_be_broken_anywhere(code: str, place: int, between: str) -> None:
    assert codes_in_text(plain(f"({code[:place]}{between}{code[place:]})")) == (NO_CREDENTIALS,)
