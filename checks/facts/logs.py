"""What the event logs of a host hold of moves. Asked only for a diagnosis, in a visit of its own; no part of a snapshot."""

from __future__ import annotations

from checks.facts.fact import Origin, Said, Section, Shape, Way


class EventRecord(Shape, frozen=True):
    """One entry of an event log: its channel, and the whole entry as XML, as EventRecord.ToXml gives it."""

    channel: Said
    xml: Said


class EventLogs:
    """What a visit reads of the logs: entries, the newest first. A log without such entries is known and empty."""

    __slots__ = ()

    events = Section(tuple[EventRecord, ...], Origin(Way.LOG, "Microsoft-Windows-Hyper-V-VMMS-Admin", what="Get-WinEvent", hyperv=True))
    worker_events = Section(
        tuple[EventRecord, ...], Origin(Way.LOG, "Microsoft-Windows-Hyper-V-Worker-Admin", what="Get-WinEvent", hyperv=True)
    )
    system_events = Section(tuple[EventRecord, ...], Origin(Way.LOG, "System", what="Get-WinEvent"))
