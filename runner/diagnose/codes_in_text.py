"""Finds the codes of errors and the ids of events in text that people and mail programs have handled.

Shape and number decide, and the names that Windows translates nowhere: a code is what is spelled like one, an event id is a number of
the knowledge base that stands beside a label or where a log puts it. A small number is a code only beside a label of the tables.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from checks.errors.codes import KERBEROS, hresult_from_win32, normalize
from checks.errors.events import HYPER_V_EVENTS
from checks.errors.lookup import all_errors, find, known, spellings
from checks.errors.tables import ids, labels, numbers, providers

# --- taking markup away ---------------------------------------------------------------------------------------------

_INVISIBLE = dict.fromkeys(
    (0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
)
_PLAIN = {
    **_INVISIBLE,
    0xA0: " ",
    0x202F: " ",
    0x2028: "\n",
    0x2029: "\n",
    0x85: "\n",
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
}
_UNUSUAL = re.compile(f"[{''.join(map(chr, _PLAIN))}]")
_TOO_LONG = re.compile(r"&#[0-9]{100,};?")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][0-9A-B])")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|tr|table|li|ul|ol|pre|h[1-6]|html|body|blockquote|hr)(?:\s[^<>]{0,2000})?/?>", re.IGNORECASE)
_CELL_TAG = re.compile(r"</?t[dh](?:\s[^<>]{0,2000})?>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    r"</?(?:span|b|i|u|s|em|strong|font|code|tt|kbd|samp|a|wbr|mark|small|sub|sup|img|thead|tbody|head|meta|style|title|link|o:p)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_ESCAPED_CHARACTER = re.compile(r"\\u([0-9a-fA-F]{4})")
_RTF_BREAK = re.compile(r"\\(?:par|line|row|cell|tab)(?![a-z]) ?")
_RTF_UNICODE = re.compile(r"\\u(-?\d{1,5}) ?(?:\\'[0-9a-fA-F]{2}|\?)?")
_RTF_BYTE = re.compile(r"\\'([0-9a-fA-F]{2})")
_RTF_CONTROL = re.compile(r"\\\*|\\[a-z]{1,32}-?\d{0,10} ?|[{}]")
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+")


def plain(line: str) -> str:
    """A line without markup: HTML tags and entities, Markdown emphasis, terminal colours, JSON escapes, invisible and full-width
    characters. Block tags become line ends."""
    if "&" in line:
        line = _without_references(_without_references(line))
    if not line.isascii() and _UNUSUAL.search(line):
        line = line.translate(_PLAIN)
    if "<" in line:
        line = _INLINE_TAG.sub("", _CELL_TAG.sub(" ", _BREAKING_TAG.sub("\n", line)))
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    if "\\" in line:
        line = _ESCAPED_CHARACTER.sub(_unescaped, line).replace("\\r\\n", "\n")
    if "*" in line or "`" in line:
        line = line.replace("**", "").replace("`", "")
    return line


def from_rtf(line: str) -> str:
    """A line of a Rich Text file as plain text."""
    line = _RTF_UNICODE.sub(lambda match: _character(int(match[1]) & 0xFFFF), _RTF_BREAK.sub("\n", line))
    line = _RTF_BYTE.sub(lambda match: bytes.fromhex(match[1]).decode("cp1252", "replace"), line)
    return _RTF_CONTROL.sub("", line)


def from_quoted_printable(line: str) -> str:
    """A line of a mail part that is declared as quoted-printable."""
    return _QUOTED_PRINTABLE.sub(lambda match: bytes.fromhex(match[0].replace("=", "")).decode("utf-8", "replace"), line)


def _without_references(line: str) -> str:
    """A line without character references. `html.unescape` raises for a number of more digits than Python converts."""
    return html.unescape(_TOO_LONG.sub("\ufffd", line))


def _unescaped(match: re.Match[str]) -> str:
    return _character(int(match[1], 16))


def _character(number: int) -> str:
    return "" if 0xD800 <= number < 0xE000 else chr(number)


# --- codes ----------------------------------------------------------------------------------------------------------

_SPLIT = r"(?:[ \t]*\r?\n[ \t>|]{0,40})?"
_X = "[xX\u00d7\u0445\u0425]"
_EIGHT_DIGITS = re.compile(
    rf"(?:0{_SPLIT}{_X}|&[hH]){_SPLIT}((?:ffffffff)?[0-9a-f](?:{_SPLIT}[0-9a-f]){{7}})[lu]?(?![0-9a-z])", re.IGNORECASE
)
_MISREAD = re.compile(r"(?<![0-9A-Za-z])[0Oo][xX]([8C][0-9A-FOoQlI]{7})(?![0-9A-Za-z])")
_LOOKALIKES = str.maketrans("OoQlI", "00011")
"""Letters that are no hexadecimal digits, and the digits as which a picture shows them."""
_FEW_DIGITS = re.compile(r"(?:0x|&h)([0-9a-f]{3,7})[lu]?(?![0-9a-z])", re.IGNORECASE)
_BARE_HEX = re.compile(r"[8c][0-9a-f]{7}h?(?![0-9a-z_]|-[0-9a-f]{4}-)", re.IGNORECASE)
_NEGATIVE = re.compile(rf"[-\u2212\u2013\u2010\u2011](\d(?:{_SPLIT}\d){{7,9}})(?![0-9A-Za-z_]|[.,]\d)", re.ASCII)
_UNSIGNED = re.compile(rf"[234](?:{_SPLIT}\d){{9}}(?![0-9A-Za-z_]|[.,]\d)", re.ASCII)
_SYMBOL = re.compile(r"(?<![A-Z0-9])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|WSA[A-Z]{4,}")
_COMPARE_ID = re.compile(r"MessageId\b[\s\"':=]{1,60}(\d{4,6})\b")
_COMPARE_LIST = re.compile(r"\bIncompatibilities\s{0,4}:\s{0,4}\{([\d, \n]{4,400})")
_COMPARE_TABLE = re.compile(r"^([^\n]{0,400}\bMessageId\b)[^\n]*\n((?:[^\n]+\n?){1,40})", re.MULTILINE)
_COMPARE_CELL = re.compile(r"\d{4,6}")
_KERBEROS_RESULT = re.compile(r"[:=][ \t]*0x([0-9a-f]{1,2})(?![0-9a-z])", re.IGNORECASE)
_FULL_ID = re.compile(r"FullyQualifiedErrorId\s{0,20}:\s{0,4}([^,\n]{1,120}?)\s{0,4}(?:,\s{0,2}(\w{1,80})|$)", re.MULTILINE)
_CATEGORY = re.compile(r"CategoryInfo\s{0,20}:\s{0,4}(\w{1,60}):[^\n]{0,200}VirtualizationException")
_IN_BRACKETS = re.compile(r"[(（\[]0x0000([0-9a-f]{4})[)）\]]", re.IGNORECASE)
_CLOSING_NUMBER = re.compile(r"(?<=[^\W\d_][.!])[ \t]{1,2}[(（](\d{4,5})[)）]")
_PROVIDER_LINE = re.compile(r"^[^\W\d_][^\n:]{0,30}:[ \t]{1,20}(?:Microsoft-Windows-)([\w-]{1,80})", re.MULTILINE)
_EVERYBODYS = ("System", "Application", "Security", "Setup")
_EVERYBODYS_LOG = re.compile(rf"^[^\W\d_][^\n:]{{0,30}}:[ \t]{{1,20}}(?:{'|'.join(_EVERYBODYS)})[ \t]*$", re.MULTILINE)
_HEADER_LINE = re.compile(r"^[^\W\d_][^\n:]{0,30}:[ \t]{1,20}([A-Za-z][\w -]{1,80})$", re.MULTILINE)
_KERBEROS_SOURCE = re.compile(
    r"^[^\W\d_][^\n:]{0,30}:[ \t]{1,20}(?:Microsoft-Windows-)?(Security-Kerberos|Kerberos|KDC|Kerberos-Key-Distribution-Center)[ \t]*$",
    re.MULTILINE,
)
_DATA_BYTES = re.compile(r"^[ \t]{0,8}0000:[ \t]{1,4}((?:[0-9A-Fa-f]{2}[ \t]){3}[0-9A-Fa-f]{2})(?![0-9A-Fa-f])", re.MULTILINE)
_SMALL_EVENT = re.compile(r"\bID:[ \t]{1,20}(\d{1,3})[ \t]*$", re.MULTILINE)
KERBEROS_EVENTS = {
    ("security-kerberos", 4): "KRB_AP_ERR_MODIFIED",
    ("kerberos", 4): "KRB_AP_ERR_MODIFIED",
    ("kerberos-key-distribution-center", 11): "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
    ("kdc", 11): "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
    ("kerberos-key-distribution-center", 16): "KDC_ERR_ETYPE_NOTSUPP",
    ("kerberos-key-distribution-center", 27): "KDC_ERR_ETYPE_NOTSUPP",
}
"""Events of the System log that always mean one Kerberos error (knowledge base, events of these errors), by source and id."""
_AROUND_LABEL = " \t:=#\"'.,;(["
_KERBEROS = frozenset(KERBEROS.values())
_MAY_HOLD_A_CODE = re.compile(r"[0-9_\u0660-\uffff]|WSA|CategoryInfo|FullyQualified")
_EIGHT_IN_A_ROW = re.compile(r"[0-9A-Fa-f]{8}")
_BLANKS = re.compile(r"[\s>|]+")
_WORD_CHARACTER = re.compile(r"[0-9A-Za-z]")
_DELIMITED = re.compile(r"[0-9A-Za-z_.\-{/\\#]")

FACILITIES = frozenset({0x8004, 0x8007, 0x8009, 0x800B, 0x8013, 0x8024, 0x8033, 0x8037, 0x8038, 0xC037, 0xC03A})
"""Upper halves of HRESULTs that Windows, its management and Hyper-V use: what a number without any prefix must begin with."""


def codes_in_text(text: str) -> tuple[str, ...]:
    """Every code in a text without markup, in the form of the knowledge base, each once, in the order in which they stand."""
    return tuple(dict.fromkeys(code for _, code in codes_with_places(text)))


def codes_with_places(text: str) -> list[tuple[int, str]]:
    """Every code with the position at which it stands, in order; a code that stands twice comes twice. Of a copied event of a provider
    that has nothing to do with moves only those count that say why a logon was refused."""
    found = sorted(_found(text), key=lambda pair: pair[0])
    return of_foreign(found) if is_foreign(text) else found


def status_in_data(digits: str) -> Iterator[str]:
    """The status that the data of an event begins with, byte by byte, the lowest first; nothing where that is no code."""
    data = bytes.fromhex(digits)[:4] if len(digits) % 2 == 0 or " " in digits else b""
    if len(data) == 4 and (code := _plausible(int.from_bytes(data, "little"))):
        yield code


def is_foreign(text: str) -> bool:
    """Is a text an event, as a viewer copies it, of a provider that has nothing to do with moves."""
    named = [match[1].casefold() for match in _PROVIDER_LINE.finditer(text)] if "Microsoft-Windows-" in text else []
    if not named and any(log in text for log in _EVERYBODYS) and _EVERYBODYS_LOG.search(text):
        return not any(match[1].casefold().startswith(providers().own) for match in _HEADER_LINE.finditer(text))
    return bool(named) and not any(map(is_own_provider, named))


def is_own_provider(name: str) -> bool:
    """May entries of a provider carry codes of a move. A name that was cut off may be Hyper-V's."""
    name = name.casefold()
    return name.removeprefix("microsoft-windows-").startswith(providers().own) or "microsoft-windows-hyper-v".startswith(name)


@lru_cache(maxsize=4096)
def is_told_beside(name: str) -> bool:
    """Are entries of a provider told around a failure, though they tell of none."""
    return name.casefold().removeprefix("microsoft-windows-").startswith(providers().beside)


def of_foreign(found: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of the codes of an entry of another provider those that count: why a logon was refused, the special reason alone where there is
    one, and results of Kerberos."""
    kept = [(place, code) for place, code in found if code in _reasons() or code in _KERBEROS]
    special = [pair for pair in kept if pair[1] not in _general()]
    return special or kept


@cache
def _reasons() -> frozenset[str]:
    return frozenset(code for each in providers().logon if (code := canonical(each)))


@cache
def _general() -> frozenset[str]:
    return frozenset(code for each in providers().general if (code := canonical(each)))


def events_in_text(text: str) -> tuple[int, ...]:
    """The event ids that stand beside a label or in the column of a log, each once, in the order in which they stand: those of the
    knowledge base, and beside a label for ids whatever lies among Hyper-V's. A label counts for a list of numbers."""
    found: dict[int, None] = {}
    for match in _ANY_EVENT.finditer(text):
        number = int(match[0])
        if number not in HYPER_V_EVENTS and number not in _event_numbers():
            continue
        id_label = _ID_LABEL.search(text[max(0, match.start() - 48) : match.start()])
        if (number in _event_numbers() and _labelled(text, match)) or (id_label and number in HYPER_V_EVENTS):
            found[number] = None
            if id_label:
                further = _AND_MORE.match(text, match.end())
                more = map(int, _ANY_EVENT.findall(further[0])) if further else ()
                found.update((each, None) for each in more if each in HYPER_V_EVENTS or each in _event_numbers())
    if event := _kerberos_event(text):
        found[event.number] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def is_known(code: str) -> bool:
    """Does the knowledge base tell of this code."""
    return bool(find(code))


@lru_cache(maxsize=4096)
def canonical(token: str) -> str | None:
    """One token as the knowledge base calls it: the first meaning that is a code there, else the first; nothing where it is no code."""
    meanings = normalize(token)
    return next((code for code in meanings if code in _known_codes()), meanings[0] if meanings else None)


@cache
def _known_codes() -> frozenset[str]:
    return frozenset(error.code for error in all_errors())


def _found(text: str) -> Iterator[tuple[int, str]]:
    if not _MAY_HOLD_A_CODE.search(text):
        return
    if "0" in text or "&" in text or "Ox" in text:
        yield from _prefixed(text)
    if "\n" in text or _EIGHT_IN_A_ROW.search(text):
        yield from _unprefixed(text)
    if "_" in text or "WSA" in text:
        symbols = _symbols()
        for match in _SYMBOL.finditer(text):
            if code := symbols.get(match[0]):
                yield match.start(), code
    if "MessageId" in text:
        for match in _COMPARE_ID.finditer(text):
            yield match.start(), match[1]
        for table in _COMPARE_TABLE.finditer(text):
            yield from ((table.start(2), number) for number in _of_report(table[1], table[2].split("\n")))
    if "Incompatibilities" in text:
        yield from (
            (listed.start(1) + number.start(), number[0])
            for listed in _COMPARE_LIST.finditer(text)
            for number in _COMPARE_CELL.finditer(listed[1])
        )
    if "FullyQualifiedErrorId" in text or "CategoryInfo" in text:
        yield from _by_id(text)
    yield from _labelled_numbers(text)
    if event := _kerberos_event(text):
        yield event.place, event.error
        if data := _DATA_BYTES.search(text, event.place):
            yield from ((data.start(), status) for status in status_in_data(data[1]))
    if "4769" in text or "4768" in text:
        for match in _KERBEROS_RESULT.finditer(text):
            if name := KERBEROS.get(int(match[1], 16)):
                yield match.start(), name


class _KerberosEvent(NamedTuple):
    place: int
    number: int
    error: str


def _kerberos_event(text: str) -> _KerberosEvent | None:
    """The event of the System log that always means one Kerberos error, where a text is one as a viewer copies it."""
    source = _KERBEROS_SOURCE.search(text) if "Kerberos" in text or "KDC" in text else None
    event = _SMALL_EVENT.search(text) if source else None
    if source is None or event is None:
        return None
    error = KERBEROS_EVENTS.get((source[1].casefold(), int(event[1])))
    return _KerberosEvent(event.start(), int(event[1]), error) if error else None


def _of_report(header: str, rows: list[str]) -> Iterator[str]:
    """The ids in the column of a report of Compare-VM whose header ends with the column's name: a table, or CSV."""
    begin = len(header) - len("MessageId")
    delimiter = header[begin - 2 : begin - 1] if header.endswith('"MessageId') else ""
    place = header.count(f'"{delimiter}"') if delimiter in (",", ";") else 0
    for row in rows:
        if header.endswith('"MessageId'):
            cells = next(csv.reader([row], delimiter=";" if '";"' in row else ","), [])
            cell = cells[place] if place < len(cells) else ""
        else:
            cell = row[begin : len(header) + 1].strip()
        if _COMPARE_CELL.fullmatch(cell):
            yield cell


def _by_id(text: str) -> Iterator[tuple[int, str]]:
    """What the ids and categories of PowerShell's errors mean."""
    table, found = ids(), False
    for match in _FULL_ID.finditer(text):
        words = table.remoting if match[2] == "PSSessionStateBroken" else table.words
        code = words.get(match[1])
        if code is None and match[2] == "PSSessionStateBroken" and match[1].isdecimal():
            code = _win32(int(match[1]))
        if code is not None:
            found = True
            yield match.start(), code
    if not found:
        for match in _CATEGORY.finditer(text):
            if code := table.categories.get(match[1]):
                yield match.start(), code


def _labelled_numbers(text: str) -> Iterator[tuple[int, str]]:
    """Small numbers beside a label that says what they are."""
    folded = text.casefold()
    if any(word in folded for word in _words_for_errors()):
        for match in _after_an_error().finditer(text):
            number = match["closed"] or match["open"]
            if code := _win32(int(number)) or _returned(number):
                yield match.start(), code
    if any(name in text for name in (*labels().win32, *labels().returned)):
        for match in _property().finditer(text):
            code = _win32(int(match["win32"])) if match["win32"] else _returned(match["returned"])
            if code is not None:
                yield match.start(), code
    if "(" in text or "（" in text:
        for match in _CLOSING_NUMBER.finditer(text):
            if code := _win32(int(match[1])):
                yield match.start(), code


@cache
def _words_for_errors() -> tuple[str, ...]:
    """Of the words for an error those that hold no other: "systemfehler" is found by "fehler"."""
    words = tuple(map(str.casefold, labels().errors))
    return tuple(word for word in words if not any(other in word and other != word for other in words))


@cache
def _after_an_error() -> re.Pattern[str]:
    """A number after a word for an error, with one more word between them at most; behind a colon it ends a line or a clause. What is
    counted is no code."""
    return re.compile(
        rf"(?<![^\W\d_])(?i:{_one_of(labels().errors)})(?![^\W\d_])(?:[ \t]{{1,2}}[^\W\d_]{{2,12}})?"
        r"(?:[ \t]{0,2}:[ \t]{0,2}[\"'(]?(?P<closed>\d{1,5})[\"')]?[ \t]{0,2}(?=[.,;)\n]|\Z)"
        r"|(?:[ \t]{1,2}|[ \t]{0,2}[#=][ \t]{0,2})[\"'(]?(?P<open>\d{1,5})(?![\w-]|[.,:]\d)"
        rf"(?![ \t]{{0,2}}(?i:{_one_of(labels().counted)})(?![^\W\d_])))"
    )


@cache
def _property() -> re.Pattern[str]:
    """A number as the value of a property that holds a Win32 number or a return value of WMI."""
    return re.compile(
        rf"(?<!\w)(?:{_one_of(labels().win32)})[\"']?[ \t]{{0,60}}[:=][ \t]{{0,4}}[\"']?(?P<win32>\d{{1,5}})(?![\w-]|[.,]\d)"
        rf"|(?<!\w)(?:{_one_of(labels().returned)})[\"']?[ \t]{{0,60}}[:=][ \t]{{0,4}}[\"']?(?P<returned>\d{{1,5}})(?![\w-]|[.,]\d)"
    )


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, words))


def _win32(number: int) -> str | None:
    """The code of a Win32 number, where anything is known of it."""
    code = hresult_from_win32(number)
    return code if number and (known(code) or code in numbers()) else None


def _returned(number: str) -> str | None:
    """The code of a return value of WMI, where anything is known of it."""
    if int(number) <= 4096:
        return None
    named = (error.code for error in find(number) if number == error.code or number in error.spellings)
    return next(named, number if number in numbers() else None)


def _prefixed(text: str) -> Iterator[tuple[int, str]]:
    for match in _EIGHT_DIGITS.finditer(text):
        if not _joined(text, match.start(), _WORD_CHARACTER):
            digits = _BLANKS.sub("", match[1])[-8:]
            if (
                (code := _of_digits(digits))
                and (int(digits, 16) >> 16 or _is_code(text, match.start()))
                and not _never(text, match.start())
            ):
                yield match.start(), code
    for match in _MISREAD.finditer(text):
        if (digits := match[1].translate(_LOOKALIKES)) != match[1] or match[0][0] != "0":
            code = _of_digits(digits)
            if code and (is_known(code) or code in numbers()):
                yield match.start(), code
    for match in _FEW_DIGITS.finditer(text):
        if not _joined(text, match.start(), _WORD_CHARACTER) and (code := _of_digits(match[1])) and _is_code(text, match.start()):
            yield match.start(), code
    for match in _IN_BRACKETS.finditer(text):
        number = int(match[1], 16)
        if not known(f"0x{number:08X}") and (code := _win32(number)):
            yield match.start() + 1, code


def _is_code(text: str, start: int) -> bool:
    """Does a small hexadecimal number stand in brackets or after a word that a code follows."""
    before = text[max(0, start - 60) : start]
    if before.endswith(("(", "（", "[")):
        return True
    words = _label(text, start)
    return bool(words) and (words[-1] in labels().codes or words[-1] in labels().errors)


def _never(text: str, start: int) -> bool:
    """Does a number stand in what holds no codes: a handle, an id of a process, flags."""
    return " ".join(_label(text, start)).endswith(labels().never)


def _label(text: str, start: int) -> list[str]:
    """The last two words before a place in its line."""
    before = text[max(0, start - 60) : start].rpartition("\n")[2]
    return [word.strip(_AROUND_LABEL) for word in before.casefold().rstrip(_AROUND_LABEL).split()[-2:]]


def _unprefixed(text: str) -> Iterator[tuple[int, str]]:
    for match in _BARE_HEX.finditer(text):
        value = int(match[0][:8], 16)
        if (
            not _joined(text, match.start(), _DELIMITED)
            and (code := _plausible(value))
            and (is_known(code) or not match[0][:8].isdecimal())
        ):
            yield match.start(), code
    for match in _NEGATIVE.finditer(text):
        number = int(_BLANKS.sub("", match[1]))
        if number <= 1 << 31 and not _joined(text, match.start(), _DELIMITED) and (code := _plausible((1 << 32) - number)):
            yield match.start(), code
    for match in _UNSIGNED.finditer(text):
        number = int(_BLANKS.sub("", match[0]))
        if number < 1 << 32 and not _joined(text, match.start(), _DELIMITED) and (code := _plausible(number)):
            yield match.start(), code


def _joined(text: str, start: int, characters: re.Pattern[str]) -> bool:
    """Is what stands before `start` part of the same word."""
    return start > 0 and characters.match(text, start - 1) is not None


def _plausible(value: int) -> str | None:
    code = canonical(f"0x{value:08X}")
    return code if code is not None and (value >> 16 in FACILITIES or is_known(code) or code in numbers()) else None


@lru_cache(maxsize=4096)
def _of_digits(digits: str) -> str | None:
    """The code of digits after 0x. A small number says little: it counts only as a code of the knowledge base, and never below 0x100."""
    if int(digits, 16) == 0xFFFFFFFF:
        return None
    if int(digits, 16) >= 1 << 31:
        return canonical("0x" + digits)
    meanings = (f"0x{digits.upper():0>8}", *normalize("0x" + digits)) if int(digits, 16) >= 0x100 else ()
    return next((code for code in meanings if code.startswith("0x") and code in _known_codes()), None)


@cache
def _symbols() -> dict[str, str]:
    """The code of every symbol that an error of the knowledge base or a number of the tables has."""
    others = {number.symbol: code for code, number in numbers().items() if _SYMBOL.fullmatch(number.symbol)}
    return others | {name: error.code for error in all_errors() for spelling in spellings(error) for name in _SYMBOL.findall(spelling)}


# --- events ---------------------------------------------------------------------------------------------------------

_LABEL = re.compile(
    r"""(?: [^\W\d_][^\n\d:=]{0,30}[:=]["'\s]{0,20}               # a word and a colon
          | \b(?:ID|Id)[\s:#=."'-]{1,3}
          | \d:\d\d(?::\d\d)?(?:[ ]?[AaPp]\.?[Mm]\.?)?[ \t]+      # the time before it in a table of Get-WinEvent
          | <EventID[^<>]{0,40}>
        )\Z""",
    re.VERBOSE,
)
_ID_LABEL = re.compile(r"(?:\b(?:ID|Id|IDs|Ids|EventID|Event|Events|Ereignis|Ereignisse)[\s:#=.\"'-]{1,20}|<EventID[^<>]{0,40}>)\Z")
_ANY_EVENT = re.compile(r"(?<![\w.,-])\d{4,5}(?![\w-]|[.,]\d)")
_AND_MORE = re.compile(r"(?:(?:[ \t]?[,/&+]|[ \t](?:and|und|or|oder|et|y|e))[ \t]{0,2}(?:and |und )?\d{4,5}(?![\w-]|[.,]\d)){1,20}")
_PROVIDER = re.compile(r",[ \t]{0,3}(?:Microsoft-Windows-)?Hyper-V-")
_CHANNEL = re.compile(r"Microsoft-Windows-[\w-]{1,80}[-/](?:Admin|Operational)\b")


def channel_in_text(text: str) -> str:
    """The name of an event channel in a text, or nothing. Windows does not translate these names."""
    match = _CHANNEL.search(text)
    return match[0] if match else ""


@cache
def _event_numbers() -> frozenset[int]:
    """The event ids of the knowledge base, but for those below 1,000, which are too common as numbers."""
    return frozenset(event.id for error in all_errors() for event in error.events if event.id is not None and event.id >= 1000)


def _labelled(text: str, match: re.Match[str]) -> bool:
    return _LABEL.search(text[max(0, match.start() - 48) : match.start()]) is not None or _PROVIDER.match(text, match.end()) is not None
