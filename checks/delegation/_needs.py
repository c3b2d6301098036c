"""For which servers a move needs cifs: the table of the kinds of move and the places of storage, as data.

A source copies storage to where it goes, and a VM that moves alone has its files opened where they lie: both for the operator, as the
articles say (W12 1.9, W16 1.9: cifs to move the storage, with the VM or alone; SMB storage has it already). Whether the target opens files
on a share for the operator too, and the source those that it has open already, is written nowhere: that is needed perhaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from checks.plan import Kind
from checks.storage import LOCAL, At, Leg
from checks.windows.names import HostName


class Sure(StrEnum):
    NO = "no"
    PERHAPS = "perhaps"
    YES = "yes"


class Part(StrEnum):
    """What of a move lies at a place: its files now, or where they go."""

    FILES = "files"
    DESTINATION = "destination"


class Rule(NamedTuple):
    """Whether the source needs cifs of the server of a place, the source cifs of the target, and the target cifs of the server."""

    source_to_server: Sure
    source_to_target: Sure
    target_to_server: Sure


NO, PERHAPS, YES = Sure
NOTHING = Rule(NO, NO, NO)

# fmt: off
RULES: dict[tuple[Kind, Part, At], Rule] = {
    # kind                part              place              S > server  S > T    T > server
    (Kind.WITH_STORAGE,  Part.FILES,       At.LOCAL):     Rule(NO,         NO,      NO),
    (Kind.WITH_STORAGE,  Part.FILES,       At.SOURCE):    Rule(NO,         NO,      NO),
    (Kind.WITH_STORAGE,  Part.FILES,       At.TARGET):    Rule(PERHAPS,    NO,      NO),
    (Kind.WITH_STORAGE,  Part.FILES,       At.ELSEWHERE): Rule(PERHAPS,    NO,      NO),
    (Kind.WITH_STORAGE,  Part.DESTINATION, At.LOCAL):     Rule(NO,         YES,     NO),
    (Kind.WITH_STORAGE,  Part.DESTINATION, At.SOURCE):    Rule(NO,         YES,     PERHAPS),
    (Kind.WITH_STORAGE,  Part.DESTINATION, At.TARGET):    Rule(YES,        YES,     NO),
    (Kind.WITH_STORAGE,  Part.DESTINATION, At.ELSEWHERE): Rule(YES,        PERHAPS, PERHAPS),
    (Kind.VM_ALONE,      Part.FILES,       At.LOCAL):     Rule(NO,         NO,      NO),
    (Kind.VM_ALONE,      Part.FILES,       At.SOURCE):    Rule(NO,         NO,      PERHAPS),
    (Kind.VM_ALONE,      Part.FILES,       At.TARGET):    Rule(YES,        NO,      NO),
    (Kind.VM_ALONE,      Part.FILES,       At.ELSEWHERE): Rule(YES,        NO,      PERHAPS),
    (Kind.STORAGE_ALONE, Part.DESTINATION, At.LOCAL):     Rule(NO,         NO,      NO),
    (Kind.STORAGE_ALONE, Part.DESTINATION, At.SOURCE):    Rule(NO,         NO,      NO),
    (Kind.STORAGE_ALONE, Part.DESTINATION, At.TARGET):    Rule(YES,        NO,      NO),
    (Kind.STORAGE_ALONE, Part.DESTINATION, At.ELSEWHERE): Rule(YES,        NO,      NO),
}
# fmt: on
"""Every combination; what is not in it needs nothing: a VM that moves alone has no destination, and of storage that moves alone the source
has the files open itself. A destination that the plan does not say is a folder of the target."""


class Need(NamedTuple):
    """The source, or the target where `by_target`, needs cifs of a server at this place. `server` names it where it is at ELSEWHERE."""

    by_target: bool
    at: At
    server: HostName
    sure: bool


def needs(leg: Leg) -> tuple[Need, ...]:
    """What a move needs, each once. What is needed for certain is not needed perhaps as well."""
    found: dict[_Whose, Sure] = {}
    for whose, sure in _demands(leg):
        if sure is YES or (sure is PERHAPS and whose not in found):
            found[whose] = sure
    return tuple(Need(*whose, sure is YES) for whose, sure in found.items())


def matter(kind: Kind, *, sure: bool) -> bool:
    """Does it matter for a kind of move where its files lie: for what it needs for certain, or perhaps."""
    wanted = YES if sure else PERHAPS
    return any(wanted in RULES.get((kind, Part.FILES, at), NOTHING) for at in At)


_Whose: TypeAlias = tuple[bool, At, HostName]


def _demands(leg: Leg) -> Iterator[tuple[_Whose, Sure]]:
    parts = [(Part.FILES, place) for place in leg.files]
    if leg.kind is not Kind.VM_ALONE:
        parts.append((Part.DESTINATION, leg.destination or LOCAL))
    for part, place in parts:
        rule = RULES.get((leg.kind, part, place.at), NOTHING)
        server = place.server if place.server and place.at is At.ELSEWHERE else _HOST
        yield (False, place.at, server), rule.source_to_server
        yield (False, At.TARGET, _HOST), rule.source_to_target
        yield (True, place.at, server), rule.target_to_server


_HOST = HostName("")
"""One of the two hosts."""
