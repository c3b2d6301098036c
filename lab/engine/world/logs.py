"""The event logs of a host."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from checks.facts.logs import EventRecord
from lab.engine.world import Part

LOGS = ("Microsoft-Windows-Hyper-V-VMMS-Admin", "Microsoft-Windows-Hyper-V-VMMS-Operational")
_NAMESPACES = {"e": "http://schemas.microsoft.com/win/2004/08/events/event"}


def events(value: tuple[EventRecord, ...]) -> Part:
    logs: dict[str, list[dict[str, object]]] = {f"{name}:object[]": [] for name in LOGS}
    for record in value:
        logs[f"{record.channel}:object[]"].append(_entry(record))
    return {"logs": logs}


def _entry(record: EventRecord) -> dict[str, object]:
    system = ET.fromstring(record.xml)  # noqa: S314 - the lab's own
    time = system.find("e:System/e:TimeCreated", _NAMESPACES)
    assert time is not None
    return {
        "LogName": record.channel,
        "Id:int32": int(system.findtext("e:System/e:EventID", "", _NAMESPACES)),
        "Level:uint8": int(system.findtext("e:System/e:Level", "", _NAMESPACES)),
        "TimeCreated:time": time.get("SystemTime"),
        "Xml": record.xml,
    }
