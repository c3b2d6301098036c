"""What a reader found in a text or an event log: codes, events, names and times, and where they stood."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from checks.text import Text


class Observation(Struct, frozen=True):
    """One failed operation as one entry tells of it, or one stretch of text.

    `codes` are known or unknown codes in the form of the knowledge base (0x8009030E), in the order in which they stood; `events` pairs of
    channel (may be empty) and event id; `host` the computer that wrote the entry; `vm`, `source`, `target` names as they stood, where
    they could be told; `time` UTC; `where` file and line, record or entry number; `text` the stretch itself, cut to 2,000 characters.
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


class Reading(Struct, frozen=True):
    """What one input gave: its observations, and what could not be read of it and why (one sentence each)."""

    observations: tuple[Observation, ...]
    problems: tuple[Text, ...] = ()
