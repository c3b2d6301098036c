"""The answer of a host to a visit: JSON texts for one JSON request, as the collector's script would give them.

Asked: `{"frame": 2, "sections": ["os", …], "partners": [{"partner", "names", "addresses", "ports"}], "domains": [],
"port_timeout_ms": 1000, "most_addresses": 16, "files": ["D:\\…"]}`, and for the section `events` also `"events": {"days": 7, "most":
500}`. Answered: `{"frame": 2, "engine", "utc"}`, then for each section in its turn `{"name": "os", "ok", "ms", "value", "error"}`, where
`value` is in the type of that fact and `error` in the shape of `lab.failures.Failure`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from inspect import signature
from typing import Any

import msgspec
from msgspec import Struct

from checks.facts.host import SECTIONS
from lab.failures import NO_SECURE_CHANNEL, Failure, absent, constrained, denied, unknown_section
from lab.host import Host
from lab.request import FRAME, REQUEST, Request
from lab.scenario import Fault, LanguageMode
from lab.shell import Said

NEEDS_FULL_LANGUAGE = {
    "os": "MethodInvocationNotSupportedInConstrainedLanguage",
    "local_groups": "CannotCreateTypeConstrainedLanguage",
    "sessions": "CannotCreateTypeConstrainedLanguage",
    "session_token": "MethodInvocationNotSupportedInConstrainedLanguage",
    "firewall": "MethodInvocationNotSupportedInConstrainedLanguage",
    "guardian_certificates": "MethodInvocationNotSupportedInConstrainedLanguage",
    "destination_files": "MethodInvocationNotSupportedInConstrainedLanguage",
    "partners": "MethodInvocationNotSupportedInConstrainedLanguage",
    "controller_records": "MethodInvocationNotSupportedInConstrainedLanguage",
}
"""What a real engine refuses the sections of the script under ConstrainedLanguage."""


class Section(Struct, frozen=True):
    name: str
    ok: bool
    ms: int
    value: Any
    error: Failure | None


class Opening(Struct, frozen=True):
    frame: int
    engine: str
    utc: datetime


def answer(host: Host, request: str) -> Iterator[Said]:
    """Answer a visit. A request that does not read is answered in words, as a script that fails early would do."""
    if host.spec.fault is Fault.RUBBISH:
        yield Said(f"{host.language.vendor}: 0x{host.windows.build:08x} \x1b[31m<r/>")
        return
    try:
        asked = REQUEST.decode(request)
    except msgspec.DecodeError as error:
        yield Said(f"The request does not read: {error}")
        return
    yield _said(Opening(FRAME, host.windows.engine, datetime.now(UTC)))
    for name in asked.sections:
        yield _said(_section(host, name, asked), host.spec.takes_s.get(name, 0.0))


def _said(value: Struct, after_s: float = 0.0) -> Said:
    return Said(msgspec.json.encode(value).decode(), after_s)


def _section(host: Host, name: str, asked: Request) -> Section:
    takes_s = host.spec.takes_s.get(name, 0.0)
    milliseconds = 3 + len(name) + (0 if math.isinf(takes_s) else round(takes_s * 1000))
    failure = lacks(host, name) or fails(host, name) or _refused(host, name)
    if failure is not None:
        return Section(name, False, milliseconds, None, failure)
    return Section(name, True, milliseconds, value(host, name, asked), None)


def value(host: Host, name: str, asked: Request) -> Any:
    """What a section answers where it does not fail, in builtin types."""
    section = getattr(host, name)
    answered = section(asked) if signature(section).parameters else section()
    return _changed(msgspec.to_builtins(answered), host.spec.facts.get(name))


def lacks(host: Host, name: str) -> Failure | None:
    """How a section fails for what this host does not have, or nothing."""
    if name not in SECTIONS or name in host.spec.shell.unknown:
        return unknown_section(name, host.language)
    origin = SECTIONS[name].origin
    absent_here = (origin.hyperv and not host.spec.hyperv) or host.windows.build < origin.since
    return absent(origin, host.language) if absent_here else None


def fails(host: Host, name: str) -> Failure | None:
    """How a section fails on this host, which has what is asked, or nothing."""
    return NO_SECURE_CHANNEL if name == "secure_channel" and host.spec.workgroup else None


def _refused(host: Host, name: str) -> Failure | None:
    """How a section fails because the session or the account may not read it, or nothing."""
    if host.spec.shell.language_mode is LanguageMode.CONSTRAINED and name in NEEDS_FULL_LANGUAGE:
        return constrained(NEEDS_FULL_LANGUAGE[name])
    return denied(SECTIONS[name].origin, host.language) if name in host.spec.denied else None


def _changed(value: Any, changes: Any) -> Any:
    """A value with what the scenario says instead: a table replaces single fields (of every row, in a list), anything else the
    whole value."""
    if changes is None:
        return value
    if not isinstance(changes, dict):
        return changes
    return [row | changes for row in value] if isinstance(value, list | tuple) else value | changes
