"""The event logs of a host."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checks.facts.logs import EventRecord
from lab.engine.world import Part
from lab.host.logs import OF_ALL, OF_MOVES, OF_WORKERS

_NAMESPACES = {"e": "http://schemas.microsoft.com/win/2004/08/events/event"}


def events(value: tuple[EventRecord, ...]) -> Part:
    return _logs(OF_MOVES, value)


def worker_events(value: tuple[EventRecord, ...]) -> Part:
    return _logs(OF_WORKERS, value)


def system_events(value: tuple[EventRecord, ...]) -> Part:
    return _logs(OF_ALL, value)


def _logs(names: tuple[str, ...], value: tuple[EventRecord, ...]) -> Part:
    logs: dict[str, list[dict[str, object]]] = {f"{name}:object[]": [] for name in names}
    for record in value:
        logs[f"{record.channel}:object[]"].append(_entry(record))
    return {"logs": logs}


def _entry(record: EventRecord) -> dict[str, object]:
    system = ET.fromstring(record.xml)  # noqa: S314 - the lab's own
    provider = system.find("e:System/e:Provider", _NAMESPACES)
    time = system.find("e:System/e:TimeCreated", _NAMESPACES)
    assert time is not None
    assert provider is not None
    return {
        "LogName": record.channel,
        "ProviderName": provider.get("Name"),
        "Id:int32": int(system.findtext("e:System/e:EventID", "", _NAMESPACES)),
        "Level:uint8": int(system.findtext("e:System/e:Level", "", _NAMESPACES)),
        "TimeCreated:time": time.get("SystemTime"),
        "Xml": record.xml,
    }
