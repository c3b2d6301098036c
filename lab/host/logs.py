"""The event logs of a host."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from checks.facts.logs import EventRecord
from lab.host import entries
from lab.host.described import Described, full_name, made_id
from lab.request import Request
from lab.scenario import EventSpec

_FAILURES, _TELLING = (1, 2, 3), (1106, 20415)
OF_MOVES = ("Microsoft-Windows-Hyper-V-VMMS-Admin", "Microsoft-Windows-Hyper-V-VMMS-Operational")
OF_WORKERS = ("Microsoft-Windows-Hyper-V-Worker-Admin", "Microsoft-Windows-Hyper-V-High-Availability-Admin")
OF_ALL = ("System", "Microsoft-Windows-SmbClient/Connectivity", "Microsoft-Windows-SmbClient/Security")
"""The logs that a section reads."""


class Logs(Described):
    """The sections of the topic."""

    def events(self, asked: Request) -> tuple[EventRecord, ...]:
        """Errors and warnings, and the two informational events that tell of moves; the newest first."""
        return self._records(asked, lambda spec: spec.channel in OF_MOVES and (spec.level in _FAILURES or spec.id in _TELLING))

    def worker_events(self, asked: Request) -> tuple[EventRecord, ...]:
        """Errors and warnings of the processes of VMs."""
        return self._records(asked, lambda spec: spec.channel in OF_WORKERS and spec.level in _FAILURES)

    def system_events(self, asked: Request) -> tuple[EventRecord, ...]:
        """Errors and warnings of sign-ins and connections."""
        wanted = {name.casefold() for name in asked.events.providers}
        return self._records(
            asked, lambda spec: spec.channel in OF_ALL and spec.level in _FAILURES and (not wanted or spec.provider.casefold() in wanted)
        )

    def _records(self, asked: Request, wanted: Callable[[EventSpec], bool]) -> tuple[EventRecord, ...]:
        oldest = self.now - timedelta(days=asked.events.days)
        found = [
            (self.now - timedelta(minutes=spec.minutes_ago), number, spec)
            for number, spec in enumerate(self.spec.events, start=1)
            if wanted(spec)
        ]
        newest = sorted((entry for entry in found if entry[0] >= oldest), key=lambda entry: entry[:2], reverse=True)[: asked.events.most]
        computer = full_name(self.name, self.spec)
        return tuple(
            EventRecord(spec.channel, entries.xml(spec, time=time, computer=computer, vm_id=self._id_of(spec), number=number))
            for time, number, spec in newest
        )

    def _id_of(self, event: EventSpec) -> str:
        """The id of the VM that an entry names, on whichever host it is."""
        for name, spec in self.scenario.hosts.items():
            for vm in spec.vms:
                if vm.name == event.vm:
                    return vm.id or made_id(name, f"vm {vm.name}")
        return made_id(self.name, f"vm {event.vm}")
