"""Tells which names in a text or an event are the VM's and the hosts'.

By structure only, because the sentences come in every language: Hyper-V quotes names, puts the VM's GUID in parentheses at the end of
the sentence that names VM and host, and writes the other host directly before the colon and the reason. Commands and property
names are the same on every Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from checks.errors.tables import frames
from checks.windows.names import fold


class Named(NamedTuple):
    """What could be told; `host` is the computer that the text is about or that wrote the event."""

    vm: str | None = None
    source: str | None = None
    target: str | None = None
    host: str | None = None

    def or_else(self, other: Named) -> Named:
        """These names, and the other's where one is absent."""
        return Named(*(mine or its for mine, its in zip(self, other, strict=True)))


NAME_LIMIT = 260

_GUID = r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_GUID_ONLY = re.compile(rf"\{{?({_GUID})\}}?")
CLOSING_GUID = re.compile(rf"[(（][^()（）]{{0,80}}?({_GUID})[)）]")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?){0,8}")
_QUOTES = (
    ("'", "'"),
    ('"', '"'),
    ("„", "“"),
    ("„", "”"),
    ("“", "”"),
    ("‘", "’"),
    ("‚", "‘"),
    ("«", "»"),
    ("»", "«"),
    ("‹", "›"),
    ("「", "」"),
    ("”", "”"),
)
_QUOTED = re.compile("|".join(rf"(?<!\w){a}([^\n{'' if a in chr(39) else b}]{{1,{NAME_LIMIT}}}?){b}(?!\w)" for a, b in _QUOTES))
_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")
_SENTENCE_END = re.compile(r"[.!?。](?=\s)|\n\n")
_BROKEN = "\x1f"
_LONG_NAME = 64
_REASON = re.compile(
    r"""\s{0,3}[:：]\s\w                                                                          # directly: "host 'X': No credentials"
      | [^\n.:：'"„“”«»‘’]{0,60}[:：]\s?(?:[^\n(（]|\n(?!\n)){0,400}[(（](?:0[xX×]|[-−]?\d{8,10}[)）])    # with the code to follow""",
    re.VERBOSE,
)
_ROLE = 40
"""So many characters before a name say which part it has."""
_REMOTE_HOST = re.compile(
    rf"\b(?:remote server|Remoteserver|serveur distant|Validation of host)[ \t\n]['\"]?({_HOST.pattern})", re.IGNORECASE
)
_INTRODUCED = re.compile(r"\w(?:[ \t]|\n[ \t]{0,40})\Z")
_UNQUOTED_HOST = re.compile(rf"\b[Hh]ost(?:[ \t]+(?P<bare>{_HOST.pattern})(?=[:：]\s)|[ \t]{{0,3}}<(?P<angle>{_HOST.pattern})>)")
_PROMPT_HOST = re.compile(rf"^\[({_HOST.pattern})\]:\s?PS\b", re.MULTILINE)
_REMOTE = re.compile(
    rf"\b(?:Invoke-Command|Enter-PSSession|New-PSSession|icm|etsn)\b[^\n]{{0,200}}?-(?:ComputerName|Cn)[ \t:]+['\"]?({_HOST.pattern})",
    re.IGNORECASE,
)
_LABELLED_HOST = re.compile(
    rf"(?:^|[\s\"'])(?:MachineName|Computer|PSComputerName)[\"']?\s{{0,20}}[:=]\s{{0,20}}[\"']?({_HOST.pattern})(?=[\"',;\s]|$)",
    re.MULTILINE,
)
_ELEMENT = re.compile(r"<(VmName|VmId|Computer)>([^<>\n]{1,260})</\1>")
_COMMAND = re.compile(
    r"""(?:(?P<typed>[>|;{(+&])[ \t]*|(?<=\s)|^)(?:Hyper-V\\)?(?P<name>Move-VM|Compare-VM)[ \t]+
        (?P<rest>[^\n]{1,2000}(?:\n\+?[ \t]{2,}[^\n]{1,200}){0,3})""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_PIPED_VM = re.compile(
    r"""Get-VM[ \t]+(?:-(?:Name|VMName)[ \t:]+)?(?P<value>'[^'\n]{1,260}'|"[^"\n]{1,260}"|[^\s|'"$-][^\s|]{0,259})
        [ \t]*(?:-\w+[ \t]+\S+[ \t]*)?\|\s*\Z""",
    re.IGNORECASE | re.VERBOSE,
)
_ARGUMENT = re.compile(
    r"""\s*(?:(?P<parameter>-[A-Za-z]{1,60})(?::|(?=\s|$))|(?P<value>'(?:[^'\n]|''){0,260}'|"(?:[^"\n]|""){0,260}"|[^\s'"|;{}()&]{1,260})|(?P<end>.))""",
    re.DOTALL,
)


def names_in_text(text: str) -> Named:
    """The names in a stretch of text without markup."""
    elements = {tag: value.strip() for tag, value in _ELEMENT.findall(text)}
    labelled = _LABELLED_HOST.search(text)
    written = Named(vm=elements.get("VmName") or elements.get("VmId"), host=elements.get("Computer") or (labelled[1] if labelled else None))
    names = _in_command(text).or_else(written).or_else(_in_sentences(text))
    if names.target and names.host and not names.source and fold(names.target) != fold(names.host):
        return names._replace(source=names.host)
    return names


def names_in_values(values: Sequence[tuple[str, str]]) -> Named:
    """The VM among the named values of an event: VmName and VmId, as Hyper-V's own user data has them."""
    named = {name.casefold(): value.strip() for name, value in values if value.strip()}
    vm = next((named[name] for name in ("vmname", "virtualmachinename", "vmid", "virtualmachineid") if name in named), None)
    return Named(vm=_bounded(vm))


def peer_in_values(values: Iterable[tuple[str, str]], vm: str | None, host: str | None) -> str | None:
    """The other host among an event's values: the only one that is spelled like a host and is neither the VM nor the writer."""
    own = {fold(name) for name in (vm, host, host.partition(".")[0] if host else None) if name}
    hosts = {
        fold(value): value
        for name, value in ((name, value.strip()) for name, value in values)
        if name.casefold() not in ("vmname", "vmid") and is_host(value) and fold(value) not in own
    }
    return next(iter(hosts.values())) if len(hosts) == 1 else None


def is_host(name: str) -> bool:
    """Is this spelled like a host: a DNS or NetBIOS name with a letter in it, no GUID, no number, no code."""
    return (
        len(name) <= 255
        and _HOST.fullmatch(name) is not None
        and re.search(r"[A-Za-z]", name) is not None
        and not re.fullmatch(rf"{_GUID}|0x[0-9A-Fa-f]+|S-1-[\d-]+", name)
    )


def without_quoted(text: str) -> str:
    """A text without what it quotes."""
    return _QUOTED.sub(" ", text)


def quoted_names(text: str) -> list[str]:
    """What a text quotes, in order."""
    return [quote.text for quote in _quotes(text)]


def vm_id_in(text: str) -> str | None:
    """The GUID in parentheses that closes a sentence about a VM."""
    match = CLOSING_GUID.search(text) if "(" in text or "（" in text else None
    return match[1].lower() if match else None


def _bounded(name: str | None) -> str | None:
    return name[:NAME_LIMIT] if name else None


# --- sentences ------------------------------------------------------------------------------------------------------


class _Quote(NamedTuple):
    text: str
    start: int
    end: int


def _quotes(text: str) -> list[_Quote]:
    """The quoted names of a text. A console may have broken a line inside of one; a whole sentence in quotes gives those in it."""
    return list(_quoted(_LINE_END.sub(_BROKEN, text), 0))


def _quoted(text: str, offset: int) -> Iterator[_Quote]:
    for match in _QUOTED.finditer(text):
        name = match[0][1:-1]
        inside = list(_quoted(name, offset + match.start() + 1)) if len(name) > _LONG_NAME else ()
        if inside:
            yield from inside
        else:
            whole = name.replace(_BROKEN, " " if " " in name.strip(_BROKEN) else "").strip()
            yield _Quote(whole, offset + match.start(), offset + match.end())


def _in_sentences(text: str) -> Named:
    """A sentence that ends with a GUID names the VM and the host where it failed; a host before a colon is the one that was called."""
    quotes = _quotes(text)
    vm, host = _subject(text, quotes)
    place = host.text if host else None
    if vm is None:
        vm = next((quote.text for quote in quotes if _follows(text, quote, frames().vm)), None)
    called = next((quote.text for quote in quotes if quote.text != vm and _gives_reason(text, quote)), None)
    if called is None and (match := _UNQUOTED_HOST.search(text)):
        called = match["bare"] or match["angle"]
    if called is None and (match := _REMOTE_HOST.search(text)):
        called = match[1] if is_host(match[1]) else None
    if called and place and fold(called) == fold(place):
        called = None
    if host and place and _follows(text, host, frames().target):
        return Named(vm, called, place)
    elsewhere = called or next(_other_hosts(text, quotes, vm, place), None)
    if place and elsewhere:
        return Named(vm, place, elsewhere, place)
    source = place if host and _follows(text, host, frames().source) else None
    return Named(vm, source, called, place)


def _gives_reason(text: str, quote: _Quote) -> bool:
    """Is this a quoted host inside a sentence that goes on with a colon and the reason."""
    introduced = _INTRODUCED.search(text[max(0, quote.start - 48) : quote.start]) is not None
    return introduced and is_host(quote.text) and _REASON.match(text, quote.end) is not None


def _subject(text: str, quotes: list[_Quote]) -> tuple[str | None, _Quote | None]:
    """VM and host of the first sentence that closes with the VM's GUID; else of the first with exactly two quoted names, the second of
    which stands where Windows names a host of a move."""
    closing = CLOSING_GUID.search(text)
    if closing:
        begin = text.rfind("\n\n", 0, closing.start()) + 1
        sentence = [quote for quote in quotes if begin <= quote.start and quote.end <= closing.start()]
        named = next((quote for quote in sentence if _follows(text, quote, frames().vm)), sentence[0] if sentence else None)
        hosts = [quote for quote in sentence if quote is not named and is_host(quote.text)]
        stated = next((quote for quote in hosts if _follows(text, quote, (*frames().source, *frames().target))), None)
        return named.text if named else closing[1], stated or next(iter(hosts), None)
    known = (*frames().source, *frames().target)
    for inside in _by_sentence(text, quotes):
        if len(inside) == 2 and is_host(inside[1].text) and _follows(text, inside[1], known):
            return inside[0].text, inside[1]
    return None, None


def _follows(text: str, quote: _Quote, words: tuple[str, ...]) -> bool:
    """Does a name stand behind one of some words."""
    return " ".join(text[max(0, quote.start - _ROLE) : quote.start].casefold().split()).endswith(words)


def _by_sentence(text: str, quotes: list[_Quote]) -> Iterator[list[_Quote]]:
    """The quoted names between two ends of sentences: a full stop, a blank line."""
    gathered: list[_Quote] = []
    for quote in quotes:
        if gathered and _SENTENCE_END.search(text, gathered[-1].end, quote.start):
            yield gathered
            gathered = []
        gathered.append(quote)
    if gathered:
        yield gathered


def _other_hosts(text: str, quotes: list[_Quote], vm: str | None, place: str | None) -> Iterator[str]:
    """Hosts that a later sentence about the same VM names."""
    for first, second in pairwise(quotes):
        apart = "\n\n" not in text[first.end : second.start] and second.start - first.end < 200
        if vm and place and first.text == vm and apart and is_host(second.text) and fold(second.text) != fold(place):
            yield second.text


# --- commands -------------------------------------------------------------------------------------------------------

_SWITCHES = (
    "includestorage",
    "passthru",
    "asjob",
    "whatif",
    "confirm",
    "verbose",
    "debug",
    "allowunverifiedpaths",
    "retainvhdcopiesonsource",
    "removesourceunmanagedvhds",
)


def _in_command(text: str) -> Named:
    """VM, source and target of the first Move-VM or Compare-VM command that says them; the session it was typed in is the source."""
    for match in _COMMAND.finditer(text):
        names = _arguments(match["rest"], typed=match["typed"] is not None)
        if names.vm or names.target:
            piped = _PIPED_VM.search(text[max(0, match.start("name") - 600) : match.start("name")])
            session = _REMOTE.search(text, 0, match.start()) or _PROMPT_HOST.search(text, 0, match.end())
            return names.or_else(Named(vm=_value(piped["value"]) if piped else None, source=session[1] if session else None))
    session = _PROMPT_HOST.search(text)
    return Named(source=session[1] if session else None)


def _arguments(rest: str, *, typed: bool) -> Named:
    """The arguments of Move-VM as PowerShell reads them; `typed` where the place shows that it is a command and no sentence."""
    named: dict[str, str] = {}
    positional: list[str] = []
    parameter = ""
    for match in _ARGUMENT.finditer(rest):
        if match["end"]:
            break
        if match["parameter"]:
            word = match["parameter"][1:].casefold()
            parameter = "" if any(switch.startswith(word) for switch in _SWITCHES) else word
        elif parameter:
            named.setdefault(parameter, match["value"])
            parameter = ""
        else:
            positional.append(match["value"])
    named_vm = named.get("name") or named.get("vmname") or named.get("vm")
    named_target = next((value for word, value in named.items() if len(word) > 11 and "destinationhost".startswith(word)), None)
    source = next((value for word, value in named.items() if len(word) > 2 and "computername".startswith(word)), None)
    if positional and not (named or typed or _two_names(positional)):
        return Named()
    left = iter(positional)
    vm = _value(named_vm or next(left, None))
    target = _value(named_target or next(left, None))
    return Named(vm, _host(_value(source)), _host(target))


def _two_names(positional: list[str]) -> bool:
    """Can the words after Move-VM be a VM and a host rather than the rest of a sentence: just two, the second no common word."""
    return len(positional) == 2 and is_host(positional[1].strip("'\"")) and not (positional[1].isalpha() and positional[1].islower())


def _value(argument: str | None) -> str | None:
    """What an argument means; nothing for a variable, and for one that the console has cut off."""
    if not argument or argument.startswith(("$", "@")) or argument.endswith(("...", "…")):
        return None
    if argument[0] in "'\"" and argument[-1] == argument[0] and len(argument) > 1:
        argument = argument[1:-1].replace(argument[0] * 2, argument[0])
    return _bounded(argument.strip()) if argument.strip() and "$(" not in argument and not argument.startswith("$") else None


def _host(name: str | None) -> str | None:
    return name if (name and is_host(name)) or (name and re.fullmatch(r"[0-9A-Fa-f:.]{3,45}", name)) else None
