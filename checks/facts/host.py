"""All facts of one host: those of every topic, in one shape.

This is the published shape of what is collected: the collector's script answers one JSON value for each section, in exactly the type
that stands in its declaration, and the lab answers in the same types.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from checks.facts.directory import DirectoryFacts
from checks.facts.fact import ABSENT, Fact, Known, Missing, Reason, Section, sections
from checks.facts.logs import EventLogs
from checks.facts.machines import MachineFacts
from checks.facts.migration import MigrationFacts
from checks.facts.network import NetworkFacts
from checks.facts.people import PeopleFacts
from checks.facts.system import SystemFacts
from checks.text import NOTHING, Text


class HostTopics(SystemFacts, DirectoryFacts, PeopleFacts, MigrationFacts, NetworkFacts, MachineFacts):
    """Everything that is known of a host, topic by topic."""

    __slots__ = ()


def topic_of(declaring: type) -> str:
    """The name of a topic: the same in every room."""
    return declaring.__module__.rpartition(".")[2]


SECTIONS: dict[str, Section[Any]] = {
    name: section for topic in (*HostTopics.__bases__, EventLogs) for name, section in sections(topic).items()
}
"""Every section that the collector's script can be asked for, by name."""

TOPICS: dict[str, str] = {name: topic_of(topic) for topic in (*HostTopics.__bases__, EventLogs) for name in sections(topic)}
"""The topic of each section."""


def _shape(name: str, topics: tuple[type, ...]) -> type[Struct]:
    """A struct with one fact for each section of these topics. One that a file does not have is ABSENT."""
    known: Any = Known
    fields = [(each, known[section.type] | Missing, ABSENT) for topic in topics for each, section in sections(topic).items()]
    return msgspec.defstruct(name, fields, module=__name__, frozen=True, kw_only=True)


if TYPE_CHECKING:

    class HostFacts(HostTopics, Struct):
        """All facts of one host, by section."""

        def __init__(self, **facts: Fact[Any]) -> None: ...

    class LogFacts(EventLogs, Struct):
        """What one host's event logs hold."""

        def __init__(self, **facts: Fact[Any]) -> None: ...

else:
    HostFacts = _shape("HostFacts", HostTopics.__bases__)
    LogFacts = _shape("LogFacts", (EventLogs,))

HOST_FACTS: tuple[str, ...] = HostFacts.__struct_fields__
LOG_FACTS: tuple[str, ...] = LogFacts.__struct_fields__


def missing_host(reason: Reason, source: Text, at: datetime, detail: Text = NOTHING) -> HostFacts:
    """The facts of a host that was not read: every one missing, with the same reason."""
    return HostFacts(**{name: Missing(reason, source, at, detail) for name in HOST_FACTS})
