"""All facts of one host: those of every topic, in one shape.

This is the published shape of what is collected: the collector's script answers one JSON value for each section, in exactly the type
that stands in its declaration, and the lab answers in the same types.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from checks.facts.directory import DirectoryFacts, OfDomain
from checks.facts.fact import Fact, Missing, Reason, Section, declared, shape
from checks.facts.guarding import GuardingFacts
from checks.facts.hardware import HardwareFacts
from checks.facts.logs import EventLogs
from checks.facts.machines import MachineFacts
from checks.facts.migration import MigrationFacts
from checks.facts.network import NetworkFacts
from checks.facts.people import PeopleFacts
from checks.facts.system import SystemFacts
from checks.text import NOTHING, Text


class HostTopics(SystemFacts, DirectoryFacts, PeopleFacts, MigrationFacts, NetworkFacts, MachineFacts, HardwareFacts, GuardingFacts):
    """Everything that is known of a host, topic by topic."""

    __slots__ = ()


def topic_of(declaring: type) -> str:
    """The name of a topic: the same in every room."""
    return declaring.__module__.rpartition(".")[2]


_READ: dict[type, dict[str, Section[Any]]] = {topic: declared(topic, Section) for topic in (*HostTopics.__bases__, EventLogs)}

SECTIONS: dict[str, Section[Any]] = {name: section for its in _READ.values() for name, section in its.items()}
"""Every section that the collector's script can be asked for, by name."""

TOPICS: dict[str, str] = {name: topic_of(topic) for topic, its in _READ.items() for name in its}
"""The topic of each section."""


if TYPE_CHECKING:

    class HostFacts(HostTopics, Struct):
        """All facts of one host, by section."""

        def __init__(self, **facts: Fact[Any]) -> None: ...

    class LogFacts(EventLogs, Struct):
        """What one host's event logs hold."""

        def __init__(self, **facts: Fact[Any]) -> None: ...

else:
    LogFacts = shape("LogFacts", __name__, _READ[EventLogs])
    HostFacts = shape("HostFacts", __name__, {name: its for name, its in SECTIONS.items() if name not in _READ[EventLogs]})

HOST_FACTS: tuple[str, ...] = HostFacts.__struct_fields__
LOG_FACTS: tuple[str, ...] = LogFacts.__struct_fields__


def questions_of(reads: Iterable[str]) -> set[str]:
    """The questions to domain controllers that reading these facts needs (`role.fact`, as a check declares them)."""
    facts = (getattr(HostTopics, name.rpartition(".")[2], None) for name in reads)
    return {fact.question.name for fact in facts if isinstance(fact, OfDomain)}


def missing_host(reason: Reason, source: Text, at: datetime, detail: Text = NOTHING) -> HostFacts:
    """The facts of a host that was not read: every one missing, with the same reason."""
    return HostFacts(**{name: Missing(reason, source, at, detail) for name in HOST_FACTS})


def missing_logs(reason: Reason, source: Text, at: datetime, detail: Text = NOTHING) -> LogFacts:
    """The event logs of a host that were not read: every one missing, with the same reason."""
    return LogFacts(**{name: Missing(reason, source, at, detail) for name in LOG_FACTS})
