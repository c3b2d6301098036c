"""One escaping function for each kind of sink. Names of VMs, switches, hosts and accounts come from other people.

HTML and SVG have none here: jinja2's autoescape does that, after `visible` (see reports.html).
"""

from __future__ import annotations

import math
import re
import unicodedata

from markupsafe import Markup

from checks.text import Plain, Value, in_words

_QUOTES = re.compile("(['‘’‚‛])")
_UNSAFE_IN_JSON = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}
_NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*]')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
_FILE_NAME_LENGTH = 120
_MARKDOWN = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|[`*_\[\]<>|~&#@]|:(?=//)|(?<=www)\.|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)|^[-+=]", re.IGNORECASE
)
_PLACE_OR_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"`]|`.?)*(?:\"|\Z)|\{(?P<name>\w+)\}", re.DOTALL)


def _hidden(character: str) -> bool:
    """Is this a control, format (bidirectional, zero width), surrogate or unassigned character, or a line separator."""
    return not character.isprintable() and unicodedata.category(character) != "Zs"


def _code(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def visible(text: str) -> str:
    """The text on one line, with every character that has no glyph of its own written as its code: nothing is dropped, and
    nothing can reorder or hide its surroundings."""
    if text.isprintable():
        return text
    return "".join(_code(character) if _hidden(character) else character for character in text)


def terminal(text: str, encoding: str = "utf-8") -> str:
    """For a terminal or a text file: no control characters, no escape sequences, no bidirectional overrides, and nothing that
    the encoding cannot carry."""
    return visible(text).encode(encoding, "backslashreplace").decode(encoding)


def _units(character: str) -> tuple[str, ...]:
    """The UTF-16 units of a character, in hex."""
    data = character.encode("utf-16-be", "surrogatepass")
    return tuple(data[i : i + 2].hex() for i in range(0, len(data), 2))


def visible_json(text: str) -> str:
    """JSON text with the same values, in which everything that has no glyph of its own is written as its number. Line ends stay."""
    return text.translate({ord(c): "".join(f"\\u{unit}" for unit in _units(c)) for c in set(text) - {"\n"} if _hidden(c)})


def ascii_json(text: str) -> str:
    """JSON text with the same values, in which everything beyond ASCII is written as its number."""
    return text.translate({ord(c): "".join(f"\\u{unit}" for unit in _units(c)) for c in set(text) if not c.isascii()})


def powershell(value: str) -> str:
    """A string as a single-quoted PowerShell literal. PowerShell ends such a literal at the typographic quotes ‘ ’ ‚ ‛ too
    ([about_Quoting_Rules]), so all five are doubled. With characters that a reader could not see it becomes an expression in
    parentheses that adds them by number."""
    if not any(map(_hidden, value)):
        return "'" + _QUOTES.sub(r"\1\1", value) + "'"
    parts = ["''"] if _hidden(value[0]) else []
    run = ""
    for character in value:
        if not _hidden(character):
            run += character
            continue
        if run:
            parts.append(powershell(run))
            run = ""
        parts.append(" + ".join(f"[char]0x{unit}" for unit in _units(character)))
    if run:
        parts.append(powershell(run))
    return f"({' + '.join(parts)})"


def _literal(value: Plain) -> str:
    if value is None:
        return "$null"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, tuple):
        return ", ".join(map(powershell, value)) or "@()"
    if isinstance(value, str):
        return powershell(value)
    if not math.isfinite(value):
        raise ValueError(f"PowerShell has no literal for {value}")
    return str(value)


def powershell_command(template: str, values: dict[str, Value]) -> str:
    """A command with each `{name}` that has a value replaced by that value as a PowerShell literal; lists become literals with
    commas between. Raises ValueError for a place inside quotes, where a literal would not stay one."""

    def fill(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            for inner in re.findall(r"\{(\w+)\}", found[0]):
                if inner in values:
                    raise ValueError(f"{{{inner}}} stands inside quotes in: {template}")
            return found[0]
        return _literal(in_words(values[name])) if name in values else found[0]

    return _PLACE_OR_QUOTED.sub(fill, template)


def powershell_comment(text: str) -> str:
    """A sentence as a comment of PowerShell, on one line whatever it holds."""
    return f"# {visible(text)}"


def markdown(text: str) -> str:
    """For a sentence of Markdown (CommonMark, with GitHub's tables, links and mentions): shown as it is, on one line. Only what would
    mean something is escaped, so that it reads well unrendered too."""
    return _MARKDOWN.sub(r"\\\g<0>", visible(text))


def file_name(text: str) -> str:
    """A name for one file or folder that Windows, Linux and macOS all accept and that stays in its folder. Different texts may
    give the same name."""
    name = "".join("_" if _hidden(character) else character for character in text)
    name = _NOT_IN_FILE_NAMES.sub("_", name)[:_FILE_NAME_LENGTH]
    name = name.encode("utf-8")[: 2 * _FILE_NAME_LENGTH].decode("utf-8", "ignore").strip(" ").rstrip(". ")
    if not name or name[0] in ".-~" or _DEVICES.match(name):
        name = "_" + name
    return name


def json_in_html(data: bytes) -> Markup:
    """JSON (UTF-8) for a `<script type="application/json">`: the same values, with nothing in it that could end the element."""
    return Markup(visible_json(data.decode("utf-8")).translate(_UNSAFE_IN_JSON))  # noqa: S704 - escaped in this line
