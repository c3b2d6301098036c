"""Puts what the machines wrote around a failed operation into one order: each time by the clock of whoever collected, as far as the clocks
are known.

What belongs to the failure stands there in any case; beside it what the same machines wrote shortly before and after, what the
directory tells of their delegation, and when they were started.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from checks.clocks import Ahead, of_controller, of_host
from checks.delegation.ticket_age import OF_SOURCE, OF_TARGET, REMEMBERED
from checks.errors.diagnosis import Operation
from checks.errors.observation import Observation
from checks.errors.tables import events
from checks.errors.timeline import Machine, Moment, Part, Timeline
from checks.facts.directory import AccountFacts
from checks.facts.fact import Known
from checks.facts.host import HostFacts
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


def timeline(operation: Operation, direction: tuple[str | None, str | None], around: Around) -> Timeline | None:
    """The time line of an operation: nothing where it has no time, or nothing else has one. `direction` are its source and target."""
    machines = _Machines(direction, around)
    own = [_of_entry(seen, machines, own=True) for seen in operation.observations if seen.time is not None]
    if not own:
        return None
    begin, end = min(moment.at for moment in own), max(moment.at for moment in own)
    wrote, entries = {moment.machine for moment in own}, {_entry(seen) for seen in operation.observations}
    beside = [
        moment
        for moment in (_of_entry(seen, machines, own=False) for seen in around.near(begin, end) if _entry(seen) not in entries)
        if begin - AROUND <= moment.at <= end + AROUND and (moment.machine.part is not Part.OTHER or moment.machine in wrote)
    ]
    told = [moment for moment in around.told(machines) if begin - REMEMBERED <= moment.at <= end + AROUND]
    every = list(dict.fromkeys((*own, *told, *beside)))
    if len(every) < 2:
        return None
    nearest = sorted(every, key=lambda moment: (not moment.own, _apart(moment.at, begin, end)))[:MOST_MOMENTS]
    moments = tuple(sorted(nearest, key=lambda moment: (moment.at, not moment.own)))
    return Timeline(machines.of(moments), moments, len(every) - len(moments))


def _entry(seen: Observation) -> tuple[object, ...]:
    """What makes an entry this one and no other."""
    return seen.where, seen.time, seen.events, seen.text


def _apart(at: datetime, begin: datetime, end: datetime) -> timedelta:
    return max(begin - at, at - end, timedelta())


class Around:
    """What was written beside all operations; how far the clocks of a snapshot's machines are ahead, and what it tells with a time."""

    def __init__(self, beside: Iterable[Observation] = (), snapshot: Snapshot | None = None) -> None:
        timed = sorted(((seen.time, seen) for seen in beside if seen.time is not None), key=lambda pair: pair[0])
        self._times = [time for time, _ in timed]
        self._beside = [seen for _, seen in timed]
        self._ahead: dict[str, Ahead] = {}
        self._controllers: set[str] = set()
        self._hosts: dict[str, HostFacts] = {}
        self._accounts: dict[str, AccountFacts] = {}
        if snapshot is not None:
            self._read(snapshot)
        self._furthest = max((abs(ahead.likely) for ahead in self._ahead.values()), default=timedelta())

    def _read(self, snapshot: Snapshot) -> None:
        self._accounts = {short(name): account for name, account in snapshot.accounts.items()}
        for name, host in snapshot.hosts.items():
            self._hosts[short(name)] = host
            visit = snapshot.visits.get(name)
            if visit and isinstance(host.clock, Known):
                self._ahead[short(name)] = of_host(host.clock.value.utc, visit)
        for domain in snapshot.domains.values():
            for name, controller in domain.controllers.items():
                self._controllers.add(short(name))
                if isinstance(controller.clock, Known):
                    self._ahead.setdefault(short(name), of_controller(controller.clock.value))

    def ahead(self, name: str) -> Ahead | None:
        return self._ahead.get(short(name))

    def called(self, name: str) -> str:
        """What a host calls itself, else its name as it stands."""
        host = self._hosts.get(short(name))
        return host.computer.value.name if host and isinstance(host.computer, Known) else name

    def is_controller(self, name: str) -> bool:
        return short(name) in self._controllers

    def near(self, begin: datetime, end: datetime) -> list[Observation]:
        """What was written around a time, whichever clock it is by."""
        margin = AROUND + self._furthest
        return self._beside[bisect_left(self._times, begin - margin) : bisect_right(self._times, end + margin)]

    def told(self, machines: _Machines) -> Iterator[Moment]:
        """When the hosts of a move were started, and when controllers got the last change of what their delegation rests on."""
        for part, name in machines.hosts:
            host, account = self._hosts.get(short(name)), self._accounts.get(short(name))
            if host and isinstance(host.os, Known):
                yield _told(machines.called(name), host.os.value.boot, text("Windows was started"))
            for controller, view in sorted(account.views.items()) if account else ():
                written = view.value.written if isinstance(view, Known) else None
                for field, attribute in (OF_SOURCE if part is Part.SOURCE else OF_TARGET).items():
                    at: datetime | None = getattr(written, field) if written else None
                    if at is not None:
                        said = text("{attribute} of {host} was changed", attribute=attribute, host=self.called(name))
                        yield _told(machines.called(controller), at, said)


def _told(machine: Machine, written: datetime, says: Text) -> Moment:
    return Moment(machine, _corrected(written, machine), written, says)


class _Machines:
    """The machines of one time line by their names: source and target as the operation names them, whoever else wrote something."""

    def __init__(self, direction: tuple[str | None, str | None], around: Around) -> None:
        self._around = around
        self.hosts = [(part, name) for part, name in zip((Part.SOURCE, Part.TARGET), direction, strict=True) if name]
        self._found: dict[str, Machine] = {}
        for _, name in self.hosts:
            self.called(name)

    def called(self, name: str) -> Machine:
        key = short(name)
        if key not in self._found:
            part = next((part for part, host in self.hosts if same_host(host, name)), None)
            part = part or (Part.CONTROLLER if self._around.is_controller(name) else Part.OTHER)
            self._found[key] = Machine(self._around.called(name), part, self._around.ahead(name))
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
