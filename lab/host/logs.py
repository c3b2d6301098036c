"""The event logs of a host."""

from __future__ import annotations

from datetime import timedelta

from checks.facts.logs import EventRecord
from lab.host import entries
from lab.host.described import Described, full_name, made_id
from lab.request import Request
from lab.scenario import EventSpec

_FAILURES, _TELLING = (1, 2, 3), (1106, 20415)


class Logs(Described):
    """The sections of the topic."""

    def events(self, asked: Request) -> tuple[EventRecord, ...]:
        """Errors and warnings, and the two informational events that tell of moves; the newest first."""
        oldest = self.now - timedelta(days=asked.events.days)
        found = [
            (self.now - timedelta(minutes=spec.minutes_ago), number, spec)
            for number, spec in enumerate(self.spec.events, start=1)
            if spec.level in _FAILURES or spec.id in _TELLING
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
