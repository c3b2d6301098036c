"""What a reader found in a text or an event log: codes, events, names and times, and where they stood."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from checks.errors import Told
from checks.text import Text


class Observation(Struct, frozen=True):
    """One failed operation as one entry tells of it, or one stretch of text.

    `codes` are known or unknown codes in the form of the knowledge base (0x8009030E), in the order in which they stood; `events` pairs of
    channel (may be empty) and event id; `host` the computer that wrote the entry; `vm`, `source`, `target` names as they stood, where
    they could be told; `time` UTC; `where` file and line, record or entry number; `text` the stretch itself, cut to 2,000 characters.
    `provider` is who wrote an entry of a log, and `rendered` tells that its text is the message and not its values.
    """

    where: str
    text: str
    codes: tuple[str, ...] = ()
    events: tuple[tuple[str, int], ...] = ()
    host: str | None = None
    vm: str | None = None
    source: str | None = None
    target: str | None = None
    time: datetime | None = None
    provider: str = ""
    rendered: bool = False


class Fact(Struct, frozen=True):
    """A fact that a text tells, of a host where it names one, and the line in which it stands; 0 where it is told by several."""

    told: Told
    value: str
    host: str | None
    line: int


class OutputKind(StrEnum):
    """What an output shows that was recognized without any failure in it."""

    SERVICE_NAMES = "service names"
    TICKET = "tickets"
    PROPERTIES = "properties"
    CHANGED = "delegation changed"


class Output(Struct, frozen=True):
    """Something of a pasted output: of whom, and its name as it stands there. Of a change: how many minutes before a failure it was."""

    kind: OutputKind
    of: str | None
    what: str


class Record(Struct, frozen=True):
    """One object of a pasted output: its properties in lower case with their values as they stand, a list and what was wrapped line by
    line. `host` is named by the record, else by the prompt or the command before it, else nothing. `line` is where it begins; `part`: the
    command before it asks for a part of what there is; `after` counts the prompts before it."""

    properties: tuple[tuple[str, str], ...]
    host: str | None
    line: int
    part: bool = False
    after: int = 0


class Reading(Struct, frozen=True):
    """What one input gave: its observations, what could not be read of it and why (one sentence each), the facts that it tells, what
    outputs it holds, and those objects of outputs that are facts of hosts. `beside` are entries of logs that tell of no failed operation,
    but of what happened around one."""

    observations: tuple[Observation, ...]
    problems: tuple[Text, ...] = ()
    facts: tuple[Fact, ...] = ()
    outputs: tuple[Output, ...] = ()
    records: tuple[Record, ...] = ()
    beside: tuple[Observation, ...] = ()
