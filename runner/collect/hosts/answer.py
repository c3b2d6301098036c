"""From what the collector's script answers to the facts of a host. Pure: texts in, facts out.

The first text says who answers, each other one is a section. One that failed, is absent or does not decode is a missing fact with its
reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from checks.facts.fact import Fact, Known, Missing, Reason, Section
from checks.facts.host import HOST_FACTS, LOG_FACTS, SECTIONS, HostFacts, LogFacts
from checks.facts.system import OperatingSystem
from checks.text import Text, text, verbatim
from runner.collect.hosts.language_mode import OTHER_VERSION, why
from runner.collect.hosts.request import FRAME
from runner.collect.hosts.signs import Failure, short
from runner.collect.unread import Unread


class _Start(Struct, frozen=True):
    frame: int
    engine: str


class _Named(Struct, frozen=True):
    name: str


class _Section(Struct, frozen=True):
    ok: bool
    value: Raw = Raw(b"null")
    error: Failure | None = None


class _Answer(NamedTuple):
    """The texts of the sections by name, those that were given up, and why no more came."""

    engine: str
    sections: Mapping[str, bytes]
    given_up: Collection[str]
    ended: Unread | None


def read(
    texts: Sequence[str], host: str, at: datetime, given_up: Collection[str] = (), ended: Unread | None = None
) -> tuple[HostFacts, str]:
    """The facts in an answer and the version of the PowerShell that gave it. `given_up` sections were not waited for, `ended` tells why
    no more texts arrived, where the answer is not whole. Raises Unread when there is no answer at all."""
    answer = _decoded(texts, given_up, ended)
    facts = _facts(HOST_FACTS, answer, host, at)
    return HostFacts(**{name: _by_build(fact, SECTIONS[name], facts["os"], at) for name, fact in facts.items()}), answer.engine


def read_log(texts: Sequence[str], host: str, at: datetime, given_up: Collection[str] = (), ended: Unread | None = None) -> LogFacts:
    """What an answer holds of a host's event logs; otherwise as `read`."""
    return LogFacts(**_facts(LOG_FACTS, _decoded(texts, given_up, ended), host, at))


def _decoded(texts: Sequence[str], given_up: Collection[str], ended: Unread | None) -> _Answer:
    if not texts:
        raise ended or Unread(Reason.UNREADABLE, text("the script answered nothing"))
    first, *others = (each.encode("utf-8", "replace") for each in texts)
    try:
        start = _START.decode(first)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _no_answer(error) from error
    if start.frame != FRAME:
        raise Unread(
            Reason.UNREADABLE,
            text("an answer in frame {frame}, not {expected}: {problem}", frame=start.frame, expected=FRAME, problem=OTHER_VERSION),
        )
    sections: dict[str, bytes] = {}
    for other in others:
        try:
            sections[_NAMED.decode(other).name] = other
        except (msgspec.MsgspecError, RecursionError) as error:
            ended = ended or _no_answer(error)
    return _Answer(start.engine, sections, given_up, ended)


def _no_answer(error: Exception) -> Unread:
    return Unread(Reason.UNREADABLE, text("not an answer of the collector: {problem}", problem=short(str(error))))


def _facts(names: Iterable[str], answer: _Answer, host: str, at: datetime) -> dict[str, Fact[Any]]:
    late = _late([name for name in names if name not in answer.sections], answer)
    return {
        name: Missing(late[name][0], source, at, late[name][1]) if name in late else _fact(name, answer.sections[name], source, at)
        for name in names
        for source in (SECTIONS[name].origin.on(host),)
    }


def _late(names: Sequence[str], answer: _Answer) -> dict[str, tuple[Reason, Text]]:
    """Why sections did not arrive. Of those that were not given up, the first is the one that was being read when the answer ended."""
    hung = Reason.TIMED_OUT, text("this section took more than half of the time left, and was given up for those after it")
    never = Reason.NOT_COLLECTED, text("the host did not answer this section")
    others = [name for name in names if name not in answer.given_up]
    if answer.ended is not None and others:
        never = answer.ended.reason, text("{problem}; the host was reading {section}", problem=answer.ended.detail, section=others[0])
    return {name: hung if name in answer.given_up else never for name in names}


def _fact(name: str, answered: bytes, source: Text, at: datetime) -> Fact[Any]:
    try:
        section = _SECTION.decode(answered)
        if section.ok != (section.error is None):
            return Missing(Reason.UNREADABLE, source, at, text("a section is either answered or failed"))
        if section.error is not None:
            reason, detail = why(section.error)
            return Missing(reason, source, at, detail)
        value = _VALUES[name].decode(section.value)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Missing(Reason.UNREADABLE, source, at, verbatim(short(str(error))))
    if _has_local_time(value):
        return Missing(Reason.UNREADABLE, source, at, text("a time without time zone"))
    return Known(value, source, at)


_START, _NAMED, _SECTION = msgspec.json.Decoder(_Start), msgspec.json.Decoder(_Named), msgspec.json.Decoder(_Section)
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
