"""Puts what the machines wrote around a failed operation into one order: each time by the clock of whoever collected, as far as the clocks
are known.

What belongs to the failure stands there in any case; beside it what the same machines wrote shortly before and after, what the
directory tells of their delegation, and when they were started.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from checks.clocks import Ahead, of_controller, of_host
from checks.delegation.ticket_age import OF_SOURCE, OF_TARGET, REMEMBERED
from checks.errors.diagnosis import Operation
from checks.errors.observation import Observation
from checks.errors.tables import events
from checks.errors.timeline import Machine, Moment, Part, Timeline
from checks.facts.fact import Known
from checks.facts.snapshot import Snapshot
from checks.text import Text, text
from checks.windows.names import fold
from runner.diagnose.operations import same_host, short

AROUND = timedelta(minutes=10)
"""So long before and after a failure what the machines wrote is told."""
MOST_MOMENTS = 60
LONGEST_MESSAGE = 300

_VENDOR = "microsoft-windows-"
_TELLS_NOTHING = re.compile(r"%%\d|^VmId:|^\s*$")


def timeline(operation: Operation, direction: tuple[str | None, str | None], beside: Iterable[Observation], of: Clocks) -> Timeline | None:
    """The time line of an operation: nothing where it has no time, or nothing else has one. `direction` are its source and target."""
    machines = _Machines(direction, of)
    own = [_of_entry(seen, machines, own=True) for seen in operation.observations if seen.time is not None]
    if not own:
        return None
    begin, end = min(moment.at for moment in own), max(moment.at for moment in own)
    around = [
        moment
        for moment in (_of_entry(seen, machines, own=False) for seen in beside if seen.time is not None)
        if begin - AROUND <= moment.at <= end + AROUND and moment.machine.part is not Part.OTHER
    ]
    told = [moment for moment in of.told(machines) if begin - REMEMBERED <= moment.at <= end + AROUND]
    every = list(dict.fromkeys((*own, *told, *around)))
    if len(every) < 2:
        return None
    nearest = sorted(every, key=lambda moment: (not moment.own, _apart(moment.at, begin, end)))[:MOST_MOMENTS]
    moments = tuple(sorted(nearest, key=lambda moment: (moment.at, not moment.own)))
    return Timeline(machines.of(moments), moments, len(every) - len(moments))


def _apart(at: datetime, begin: datetime, end: datetime) -> timedelta:
    return max(begin - at, at - end, timedelta())


class Clocks:
    """How far the clocks of a snapshot's machines are ahead, and what the snapshot tells with a time. Nothing without one."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._snapshot = snapshot
        self._hosts: dict[str, Ahead] = {}
        self._controllers: dict[str, Ahead | None] = {}
        self._names: dict[str, str] = {}
        for name, facts in snapshot.hosts.items() if snapshot else ():
            if isinstance(facts.computer, Known):
                self._names[short(name)] = facts.computer.value.name
            visit = snapshot.visits.get(name) if snapshot else None
            if visit and isinstance(facts.clock, Known):
                self._hosts[short(name)] = of_host(facts.clock.value.utc, visit)
        for domain in snapshot.domains.values() if snapshot else ():
            for name, controller in domain.controllers.items():
                told = controller.clock
                self._controllers[short(name)] = of_controller(told.value) if isinstance(told, Known) else None

    def ahead(self, name: str) -> Ahead | None:
        return self._hosts.get(short(name)) or self._controllers.get(short(name))

    def called(self, name: str) -> str:
        """What a host calls itself, else its name as it stands."""
        return self._names.get(short(name), name)

    def is_controller(self, name: str) -> bool:
        return short(name) in self._controllers

    def told(self, machines: _Machines) -> Iterator[Moment]:
        """When the hosts of a move were started, and when controllers got the last change of what their delegation rests on."""
        if self._snapshot is None:
            return
        for part, name in machines.hosts:
            for host, facts in self._snapshot.hosts.items():
                if short(host) == short(name) and isinstance(facts.os, Known):
                    yield _told(machines.called(name), facts.os.value.boot, text("Windows was started"))
            attributes = OF_SOURCE if part is Part.SOURCE else OF_TARGET
            for host, account in self._snapshot.accounts.items():
                if short(host) == short(name):
                    for controller, view in sorted(account.views.items()):
                        written = view.value.written if isinstance(view, Known) else None
                        for field, attribute in attributes.items():
                            at: datetime | None = getattr(written, field) if written else None
                            if at is not None:
                                said = text("{attribute} of {host} was changed", attribute=attribute, host=name)
                                yield _told(machines.called(controller), at, said)


def _told(machine: Machine, written: datetime, says: Text) -> Moment:
    return Moment(machine, _corrected(written, machine), written, says)


class _Machines:
    """The machines of one time line by their names: source and target as the operation names them, whoever else wrote something."""

    def __init__(self, direction: tuple[str | None, str | None], clocks: Clocks) -> None:
        self._clocks = clocks
        self.hosts = [(part, name) for part, name in zip((Part.SOURCE, Part.TARGET), direction, strict=True) if name]
        self._found: dict[str, Machine] = {}
        for _, name in self.hosts:
            self.called(name)

    def called(self, name: str) -> Machine:
        key = short(name)
        if key not in self._found:
            part = next((part for part, host in self.hosts if same_host(host, name)), None)
            part = part or (Part.CONTROLLER if self._clocks.is_controller(name) else Part.OTHER)
            self._found[key] = Machine(self._clocks.called(name), part, self._clocks.ahead(name))
        return self._found[key]

    def of(self, moments: Iterable[Moment]) -> tuple[Machine, ...]:
        """Those that wrote something, and source and target in any case: in the order of their parts."""
        wrote = {moment.machine for moment in moments} | {self.called(name) for _, name in self.hosts}
        return tuple(sorted(wrote, key=lambda machine: (tuple(Part).index(machine.part), fold(machine.name))))


def _corrected(written: datetime, machine: Machine) -> datetime:
    return written - machine.ahead.likely if machine.ahead else written


def _of_entry(seen: Observation, machines: _Machines, *, own: bool) -> Moment:
    assert seen.time is not None
    machine = machines.called(seen.host) if seen.host else Machine("", Part.OTHER)
    channel, number = seen.events[0] if seen.events else ("", None)
    known = events().get(f"{seen.provider.casefold().removeprefix(_VENDOR)}/{number}")
    message = " ".join(seen.text.split()) if seen.rendered else _values(seen)
    message = message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"
    return Moment(
        machine=machine,
        at=_corrected(seen.time, machine),
        written=seen.time,
        known=known,
        number=number,
        provider=seen.provider,
        channel=channel,
        codes=seen.codes,
        message=message,
        own=own,
    )


def _values(seen: Observation) -> str:
    """What the values of an entry without a message tell: not the codes, which stand beside them, nor numbers of messages and ids."""
    lines = (line for line in seen.text.splitlines() if not _TELLS_NOTHING.search(line))
    return ", ".join(line for line in lines if not any(code in line for code in seen.codes))
