"""What stands beside the codes of an operation: what was being done, and what the sentences of its codes name. By form, not by wording."""

from __future__ import annotations

import re
from functools import cache

from msgspec import Struct

from checks.errors import Doing, Named, Sign
from checks.errors.diagnosis import Operation
from checks.errors.tables import frames
from runner.diagnose.codes_in_text import codes_with_places
from runner.diagnose.names import CLOSING_GUID, quoted_names

BEFORE_A_CODE = 600
"""So many characters before a code may be its sentence."""

AFTER_A_CODE, ID_FOLLOWS = 160, 24
"""So many characters after a code its sentence may have, and so soon the id of the VM follows that closes it."""

MOST_PARAGRAPHS = 20

_PARAGRAPH = re.compile(r"\n\n")
_PATH = re.compile(r"(?:(?<![A-Za-z0-9])[A-Za-z]:\\|\\\\[\w.-]{1,80}\\)[^\n\"'<>|*?«»„“”:]{0,260}")
_CUT_BRACKET = re.compile(r"[(（][^\W\d_][^()（）\n]{1,80}\Z")
_FILE = re.compile(r"\.(?:a?vhdx?|vhds|vmcx|vmrs|vmgs|xml|iso|vsv|bin)(?![A-Za-z0-9])", re.IGNORECASE)
_COMMAND = re.compile(r"FullyQualifiedErrorId\s{0,4}:[^\n]{0,200}?\.PowerShell\.Commands\.(\w{3,60})")
_CMDLET = re.compile(r"(?:^|\\|\n)[ \t]{0,4}([A-Z][A-Za-z]{1,20})-(VM\w{0,40}|VHD|PSSession|CimSession|WSMan)[ \t]?:[ \t\n]")


class Evidence(Struct, frozen=True):
    """`doing` is nothing where the text does not tell it."""

    doing: Doing | None
    named: frozenset[Named]
    commands: frozenset[str]


def evidence(operation: Operation) -> Evidence:
    """What the texts of an operation hold beside its codes."""
    texts = [seen.text for seen in operation.observations]
    commands = {name for text in texts for name in _COMMAND.findall(text)}
    commands |= {"".join(pair) for text in texts for pair in _CMDLET.findall(text)}
    named = {each for text in texts for place in _places(text) for each in _named(text, place)}
    return Evidence(_doing(operation, texts, commands), frozenset(named), frozenset(commands))


def holds(sign: Sign, operation: Operation, seen: Evidence) -> int:
    """How much of a sign there is: everything it asks for, counted, or nothing."""
    if not set(sign.codes) <= set(operation.codes) or not set(sign.named) <= seen.named:
        return 0
    if sign.events and not any(number in sign.events for _, number in operation.events):
        return 0
    if (sign.commands and seen.commands.isdisjoint(sign.commands)) or (sign.operations and seen.doing not in sign.operations):
        return 0
    return 3 * bool(sign.events) + sum(map(bool, (sign.codes, sign.commands, sign.operations))) + len(sign.named)


def _places(text: str) -> list[int]:
    """Where the sentences of an error may end: at its codes; without one, at the ends of paragraphs."""
    codes = [place for place, _ in codes_with_places(text)]
    return codes or [*(match.start() for match in _PARAGRAPH.finditer(text)), len(text)][:MOST_PARAGRAPHS]


def _named(text: str, place: int) -> set[Named]:
    begin = max(0, place - BEFORE_A_CODE)
    begin = max(begin, text.rfind("\n\n", begin, place) + 1)
    for closing in CLOSING_GUID.finditer(text, begin, place):
        begin = closing.end()
    sentence = text[begin:place]
    found: set[Named] = set()
    for path in _PATH.findall(sentence):
        found |= {Named.VM_FILE} if _FILE.search(path) else {Named.FOLDER}
        found |= {Named.SHARE} if path.startswith("\\\\") else set()
    after = text[place : place + AFTER_A_CODE]
    closing_id = CLOSING_GUID.search(after) or _CUT_BRACKET.search(after.rstrip())
    if not found and closing_id and closing_id.start() <= ID_FOLLOWS and len(quoted_names(sentence)) == 1:
        found.add(Named.VM_ID)
    return found


def _doing(operation: Operation, texts: list[str], commands: set[str]) -> Doing | None:
    table = frames()
    of_command = _of_command()
    if found := next((of_command[name] for name in sorted(commands) if name in of_command), None):
        return found
    said = "\n".join(texts).casefold()
    for marks in (table.phrases, table.words):
        if found := next((doing for doing, words in marks.items() if any(word in said for word in words)), None):
            return found
    numbers = {number for _, number in operation.events}
    if found := next((doing for doing, events in table.events.items() if not numbers.isdisjoint(events)), None):
        return found
    named = operation.vm or operation.source or operation.target
    return Doing.OTHER if not named and any(name in said for name in table.others) else None


@cache
def _of_command() -> dict[str, Doing]:
    return {name: doing for doing, names in frames().commands.items() for name in names}
