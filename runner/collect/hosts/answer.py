"""From what the collector's script answers to the facts of a host. Pure: text in, facts out.

A section that failed, is absent or does not decode is a missing fact with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from checks.facts.fact import Fact, Known, Missing, Reason, Section
from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS, HostFacts, LogFacts
from checks.facts.system import OperatingSystem
from checks.text import Text, text, verbatim
from runner.collect.hosts.request import FRAME
from runner.collect.hosts.signs import Failure, reason_of, short
from runner.collect.unread import Unread


class _Section(Struct, frozen=True):
    ok: bool
    value: Raw = Raw(b"null")
    error: Failure | None = None


class _Answer(Struct, frozen=True):
    frame: int
    engine: str
    sections: dict[str, Raw]


def read(answered: str, host: str, at: datetime) -> tuple[HostFacts, str]:
    """The facts in an answer and the version of the PowerShell that gave it. Raises Unread when it is no answer at all."""
    answer = _decoded(answered)
    facts = _facts(HOST_FACTS, answer, host, at)
    return HostFacts(**{name: _by_build(fact, SECTIONS[name], facts["os"], at) for name, fact in facts.items()}), answer.engine


def read_log(answered: str, host: str, at: datetime) -> LogFacts:
    """What an answer holds of a host's event logs. Raises Unread when it is no answer at all."""
    return LogFacts(**_facts(LOG_FACTS, _decoded(answered), host, at))


def _facts(names: Iterable[str], answer: _Answer, host: str, at: datetime) -> dict[str, Fact[Any]]:
    return {name: _fact(name, answer.sections.get(name), SECTIONS[name].origin.on(host), at) for name in names}


def _decoded(answered: str) -> _Answer:
    try:
        answer = _ANSWER.decode(answered.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unread(Reason.UNREADABLE, text("not an answer of the collector: {problem}", problem=short(str(error)))) from error
    if answer.frame != FRAME:
        raise Unread(Reason.UNREADABLE, text("an answer in frame {frame}, not {expected}", frame=answer.frame, expected=FRAME))
    return answer


def _fact(name: str, raw: Raw | None, source: Text, at: datetime) -> Fact[Any]:
    if raw is None:
        return Missing(Reason.NOT_COLLECTED, source, at, text("the host did not answer this section"))
    try:
        section = _SECTION.decode(raw)
        if section.ok != (section.error is None):
            return Missing(Reason.UNREADABLE, source, at, text("a section is either answered or failed"))
        if section.error is not None:
            return Missing(reason_of(section.error), source, at, verbatim(str(section.error)))
        value = _VALUES[name].decode(section.value)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Missing(Reason.UNREADABLE, source, at, verbatim(short(str(error))))
    if _has_local_time(value):
        return Missing(Reason.UNREADABLE, source, at, text("a time without time zone"))
    return Known(value, source, at)


_ANSWER, _SECTION = msgspec.json.Decoder(_Answer), msgspec.json.Decoder(_Section)
_VALUES: Mapping[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(section.type) for name, section in SECTIONS.items()}
"""Made once, before any thread decodes: msgspec (seen with 0.22.0) can crash when threads decode into the same type for the first time
at the same moment."""


def _has_local_time(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, tuple):
        return any(map(_has_local_time, value))
    if isinstance(value, Struct):
        return any(map(_has_local_time, msgspec.structs.astuple(value)))
    return False


def _by_build(fact: Fact[Any], section: Section[Any], os: Fact[OperatingSystem], at: datetime) -> Fact[Any]:
    """Of what this Windows is too old to have: what its build alone tells, else that it is not supported."""
    origin = section.origin
    absent = isinstance(fact, Missing) and fact.reason is Reason.NOT_INSTALLED
    if not absent or not isinstance(os, Known) or os.value.build >= origin.since:
        return fact
    if origin.earlier is None or os.value.build not in origin.earlier.values:
        return fact
    return Known(origin.earlier.values[os.value.build], Text(origin.earlier.source, {"origin": os.source}), at)
