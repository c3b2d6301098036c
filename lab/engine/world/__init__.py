"""A host of a scenario as Windows holds it: what a script finds there, so that reading it gives the facts which the lab answers by itself.

One module a topic. Each function is named as a section and turns its value into a part of the world:

    cim        namespace → class → rows                 registry   key below HKEY_LOCAL_MACHINE → name → data
    cmdlets    cmdlet → what it answers                  groups     name of a local group → SIDs of its members
    accounts   SID → name as this host resolves it       names      name of a host → its addresses, or the number of a socket error
    token      `groups`: SIDs in the token of the session
    logs       event log → entries                       files      path → attributes, or the negative number of an error
                                                         ports      address and port → number of a socket error, 0 when it takes connections
    fails      what fails (Origin.asks) → its error, or `hangs`

A key may say which type its value has on Windows (`"Uptime:span"`); lab/engine/windows/types.cs knows them. What a host lacks has no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from ipaddress import IPv4Interface
from typing import Any, TypeAlias

import msgspec

from checks.facts.host import SECTIONS, TOPICS
from lab import visit
from lab.failures import denied
from lab.host import Host
from lab.host.described import full_name
from lab.request import FRAME, AskedEvents, AskedPartner, Request

Part: TypeAlias = dict[str, dict[str, Any]]
Rows: TypeAlias = Iterable[dict[str, Any]]

TIME_ZONE = "America/New_York"
"""Of every host, so that a forgotten conversion to UTC shows."""
_EVERYTHING = AskedEvents(days=36_500, most=1_000_000)


def world(host: Host) -> dict[str, Any]:
    """The world of a host, as JSON has it. Raises ScenarioError, or msgspec.ValidationError where the scenario says what Windows cannot."""
    whole: dict[str, Any] = {"name": host.name.upper(), "language": host.spec.language, "time_zone": TIME_ZONE, "fails": {}}
    asked = Request(FRAME, tuple(SECTIONS), _partners(host), tuple(host.scenario.domains), files=tuple(host.lying()), events=_EVERYTHING)
    for name, declared in SECTIONS.items():
        if visit.lacks(host, name):
            continue
        failure = denied(declared.origin, host.language) if name in host.spec.denied else visit.fails(host, name)
        if failure is not None:
            whole["fails"][declared.origin.asks] = msgspec.to_builtins(failure)
        _add(whole, _PARTS[name](msgspec.convert(visit.value(host, name, asked), declared.type)))
    return whole


def cim(namespace: str, name: str, rows: Rows) -> Part:
    """Instances of a class."""
    return {"cim": {namespace: {f"{name}:object[]": list(rows)}}}


def cmdlet(name: str, rows: Rows) -> Part:
    """What a cmdlet answers."""
    return {"cmdlets": {f"{name}:object[]": list(rows)}}


def _partners(host: Host) -> tuple[AskedPartner, ...]:
    """All that this host can be asked about another one."""
    return tuple(
        AskedPartner(
            name,
            names=tuple(dict.fromkeys((name, full_name(name, spec)))),
            addresses=tuple(str(IPv4Interface(each).ip) for each in (spec.management, spec.migration) if each),
            ports=(135, 445, 5985, 5986, 6600),
        )
        for name, spec in host.scenario.hosts.items()
    )


def _add(whole: dict[str, Any], part: dict[str, Any]) -> None:
    """Tables are put into each other; what several sections read of one class are further rows of it."""
    for key, value in part.items():
        if isinstance(value, dict):
            _add(whole.setdefault(key, {}), value)
        elif isinstance(value, list):
            whole[key] = [*whole.get(key, ()), *value]
        else:
            whole[key] = value


_PARTS: dict[str, Callable[[Any], Part]] = {
    name: getattr(import_module(f"lab.engine.world.{topic}"), name) for name, topic in TOPICS.items()
}
