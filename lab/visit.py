"""The answer of a host to a visit: one JSON text for one JSON request, as the collector's script would give it.

Asked: `{"frame": 1, "sections": ["os", …], "partners": [{"partner", "names", "addresses", "ports"}], "port_timeout_ms": 1000}`,
and for the section `events` also `"events": {"days": 7, "most": 500}`.
Answered: `{"frame": 1, "engine", "utc", "sections": {"os": {"ok", "ms", "value", "error"}}}`, where `value` is in the type of that
fact and `error` in the shape of `lab.failures.Failure`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from inspect import signature
from typing import Any

import msgspec
from msgspec import Struct

from checks.facts.fact import Origin, Way
from checks.facts.host import SECTIONS
from lab.failures import Failure, absent, denied
from lab.host import Host
from lab.request import FRAME, REQUEST, Request
from lab.scenario import Fault


class Section(Struct, frozen=True):
    ok: bool
    ms: int
    value: Any
    error: Failure | None


class Visit(Struct, frozen=True):
    frame: int
    engine: str
    utc: datetime
    sections: dict[str, Section]


def answer(host: Host, request: str) -> str:
    """Answer a visit. A request that does not read is answered in words, as a script that fails early would do."""
    if host.spec.fault is Fault.RUBBISH:
        return f"{host.language.vendor}: 0x{host.windows.build:08x} \x1b[31m<r/>"
    try:
        asked = REQUEST.decode(request)
    except msgspec.DecodeError as error:
        return f"The request does not read: {error}"
    sections = {name: _section(host, name, asked) for name in asked.sections}
    return msgspec.json.encode(Visit(FRAME, host.windows.engine, datetime.now(UTC), sections)).decode()


def _section(host: Host, name: str, asked: Request) -> Section:
    milliseconds = 3 + len(name)
    why_not = failure(host, name)
    if why_not is not None:
        return Section(False, milliseconds, None, why_not)
    return Section(True, milliseconds, value(host, name, asked), None)


def value(host: Host, name: str, asked: Request) -> Any:
    """What a section answers where it does not fail, in builtin types."""
    section = getattr(host, name)
    answered = section(asked) if signature(section).parameters else section()
    return _changed(msgspec.to_builtins(answered), host.spec.facts.get(name))


def failure(host: Host, name: str) -> Failure | None:
    """Why a section fails on this host, or nothing. What is not there cannot be denied."""
    origin = SECTIONS[name].origin if name in SECTIONS else Origin(Way.CMDLET, f"Read-{name}")
    if name not in SECTIONS or (origin.hyperv and not host.spec.hyperv) or host.windows.build < origin.since:
        return absent(origin, host.language)
    return denied(origin, host.language) if name in host.spec.denied else None


def _changed(value: Any, changes: Any) -> Any:
    """A value with what the scenario says instead: a table replaces single fields (of every row, in a list), anything else the
    whole value."""
    if changes is None:
        return value
    if not isinstance(changes, dict):
        return changes
    return [row | changes for row in value] if isinstance(value, list | tuple) else value | changes
