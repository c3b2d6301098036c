"""All visits of a run: many hosts at once, none of which can hold up the others or the end of the program.

A visit runs in a daemon thread of its own. One that exceeds its deadline is abandoned: its host's facts are missing because the time was
over, its slot goes to the next host, and what it may still answer is not looked at.
"""

from __future__ import annotations

import contextlib
import ipaddress
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from checks.facts import HOST_FACTS, HostFacts, HostVisit, Known, Reason, missing_host
from checks.plan import Plan, key
from runner.collect.credentials import Credentials
from runner.collect.host import Partner, Target, now, target_of, visit

MIGRATION_PORT, SMB_PORT = 6600, 445
CONCURRENCY = 32
HOST_DEADLINE_S = 90.0
RUN_DEADLINE_S = 600.0
MOST_ADDRESSES = 16
LONGEST_NAME = 255
TICK_S = 0.5
"""The longest wait at a stretch: on Windows, Ctrl-C is heard only between two."""

READING, DONE = "reading", "done"
Progress: TypeAlias = Callable[[str, str], None]
"""Called with a host's name and its state: READING when its visit starts, then DONE or the reason why nothing of it was read."""


class Job(Struct, frozen=True):
    """One visit to be made."""

    target: Target
    partners: tuple[Partner, ...] = ()


class Visits(NamedTuple):
    """What all visits brought, by the host's key. `interrupted` tells that the user cut them short."""

    hosts: dict[str, HostFacts]
    visits: dict[str, HostVisit]
    interrupted: bool = False


def state_of(facts: HostFacts) -> str:
    """DONE when anything of the host was read, else the reason why not."""
    values = [getattr(facts, name) for name in HOST_FACTS]
    return DONE if any(isinstance(fact, Known) for fact in values) else values[0].reason


def visit_all(
    jobs: Iterable[Job],
    credentials: Credentials,
    *,
    concurrency: int = CONCURRENCY,
    host_deadline_s: float = HOST_DEADLINE_S,
    run_deadline_s: float = RUN_DEADLINE_S,
    progress: Progress | None = None,
) -> Visits:
    """Make all visits. Never raises for what a host does; ends at the run's deadline, or at once when interrupted, with what there is."""
    visiting = _Round(jobs, credentials, concurrency, host_deadline_s, progress or _quiet)
    end = time.monotonic() + run_deadline_s
    try:
        while visiting.unfinished and time.monotonic() < end:
            visiting.step(end)
        visiting.give_up_all(Reason.TIMED_OUT, "the time for the whole run was over")
    except KeyboardInterrupt:
        visiting.give_up_all(Reason.NOT_COLLECTED, "interrupted")
        return visiting.result._replace(interrupted=True)
    return visiting.result


def _quiet(name: str, state: str) -> None:
    """No progress is wanted."""


class _Running(NamedTuple):
    job: Job
    start: datetime
    deadline: float


class _Round:
    """The visits that wait, those under way, by a number each, and the result so far. Used by one thread; `answers` is where the threads
    of the visits put what they bring."""

    def __init__(self, jobs: Iterable[Job], credentials: Credentials, concurrency: int, host_deadline_s: float, progress: Progress) -> None:
        self.waiting = deque(enumerate(jobs))
        self.running: dict[int, _Running] = {}
        self.answers: SimpleQueue[tuple[int, HostFacts, HostVisit]] = SimpleQueue()
        self.result = Visits({}, {})
        self.credentials = credentials
        self.concurrency = max(1, concurrency)
        self.host_deadline_s = host_deadline_s
        self.progress = progress

    @property
    def unfinished(self) -> bool:
        return bool(self.waiting or self.running)

    def step(self, end: float) -> None:
        """Fill the free slots, take one answer or wait a little for it, and abandon who is late."""
        while self.waiting and len(self.running) < self.concurrency:
            self._start(*self.waiting.popleft(), end)
        first = min(its.deadline for its in self.running.values())
        with contextlib.suppress(Empty):
            number, facts, how = self.answers.get(timeout=max(0.0, min(first - time.monotonic(), TICK_S)))
            if number in self.running:
                self._keep(self.running.pop(number).job, facts, how)
        for number in [number for number, its in self.running.items() if its.deadline <= time.monotonic()]:
            late = self.running.pop(number)
            self._give_up(late.job, late.start, Reason.TIMED_OUT, f"no whole answer within {self.host_deadline_s:g} s")

    def give_up_all(self, reason: Reason, detail: str) -> None:
        for its in self.running.values():
            self._give_up(its.job, its.start, reason, detail)
        for _, job in self.waiting:
            self._give_up(job, now(), reason, detail)

    def _start(self, number: int, job: Job, end: float) -> None:
        start = time.monotonic()
        deadline = min(start + self.host_deadline_s, end)
        self.running[number] = _Running(job, now(), deadline)
        threading.Thread(target=self._visit, args=(number, job, deadline - start), name=f"visit {job.target.name}", daemon=True).start()
        self.progress(job.target.name, READING)

    def _visit(self, number: int, job: Job, seconds: float) -> None:
        self.answers.put((number, *visit(job.target, job.partners, self.credentials, seconds)))

    def _give_up(self, job: Job, start: datetime, reason: Reason, detail: str) -> None:
        target, end = job.target, now()
        facts = missing_host(reason, f"visit to {target.name} ({target.address})", end, detail)
        self._keep(job, facts, HostVisit(start, end, target.address, target.auth.value, target.protection))

    def _keep(self, job: Job, facts: HostFacts, how: HostVisit) -> None:
        self.result.hosts[key(job.target.name)] = facts
        self.result.visits[key(job.target.name)] = how
        self.progress(job.target.name, state_of(facts))


def visit_plan(
    plan: Plan,
    credentials: Credentials,
    *,
    concurrency: int = CONCURRENCY,
    host_deadline_s: float = HOST_DEADLINE_S,
    run_deadline_s: float = RUN_DEADLINE_S,
    progress: Progress | None = None,
) -> Visits:
    """Visit every host of a plan, in two waves: first those that are only targets, then the sources, which can so be asked whether they
    reach the addresses on which their targets say that they listen. Interrupted, it leaves out the hosts that it did not come to."""
    end = time.monotonic() + run_deadline_s
    sources = {source for source, _ in plan.pairs}
    hosts = {key(name): name for name in plan.host_names}
    result = Visits({}, {})
    for wave in ([name for name in hosts if name not in sources], [name for name in hosts if name in sources]):
        if result.interrupted:
            break
        made = visit_all(
            [Job(target_of(plan, hosts[name]), partners_of(plan, name, result.hosts)) for name in wave],
            credentials,
            concurrency=concurrency,
            host_deadline_s=host_deadline_s,
            run_deadline_s=end - time.monotonic(),
            progress=progress,
        )
        result = Visits(result.hosts | made.hosts, result.visits | made.visits, made.interrupted)
    return result


def partners_of(plan: Plan, host: str, known: dict[str, HostFacts]) -> tuple[Partner, ...]:
    """What a host (by its key) is asked about the others of its moves: about its targets names and ports, about its sources names."""
    spelling = {key(name): name for name in plan.host_names}
    targets = [target for source, target in plan.pairs if source == host != target]
    sources = [source for source, target in plan.pairs if target == host != source and source not in targets]
    return (
        *(
            Partner(spelling[other], names_of(plan, other, known), addresses_of(plan, other, known), ports_of(plan, other))
            for other in dict.fromkeys(targets)
        ),
        *(Partner(spelling[other], names_of(plan, other, known)) for other in dict.fromkeys(sources)),
    )


def ports_of(plan: Plan, host: str) -> tuple[int, ...]:
    return (MIGRATION_PORT, SMB_PORT, 5986 if target_of(plan, host).tls else 5985)


def names_of(plan: Plan, host: str, known: dict[str, HostFacts]) -> tuple[str, ...]:
    """The names under which a host is asked for: as the plan spells it, its full name and its short one, as far as they are known."""
    entry = plan.entry(host)
    spelled = {key(name): name for name in plan.host_names}[host].strip().rstrip(".")
    full = entry.fqdn or (spelled if "." in spelled and not _address(spelled) else _own_name(known.get(host)))
    unique: dict[str, str] = {}
    for name in (full, full.partition(".")[0] if full else None, spelled):
        if name and len(name) <= LONGEST_NAME:
            unique.setdefault(name.lower(), name)
    return tuple(unique.values())


def _own_name(facts: HostFacts | None) -> str | None:
    if facts is None or not isinstance(facts.computer, Known) or not facts.computer.value.joined:
        return None
    computer = facts.computer.value
    return f"{computer.dns_host_name}.{computer.domain}"


def addresses_of(plan: Plan, host: str, known: dict[str, HostFacts]) -> tuple[str, ...]:
    """The addresses to be tried on the migration port: those of the plan, and those that the host says it listens on, if others can
    reach them at all. Not more than MOST_ADDRESSES, so that no host can send others scanning."""
    listener = known[host].migration_listener if host in known else None
    told = listener.value.addresses if isinstance(listener, Known) else ()
    planned = (_address(text) for text in plan.entry(host).migration_addresses)
    reachable = (address for address in map(_address, told) if address and _reachable(address))
    return tuple(dict.fromkeys(_texts((*planned, *reachable))))[:MOST_ADDRESSES]


_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _reachable(address: _Address) -> bool:
    return not (address.is_link_local or address.is_loopback or address.is_unspecified or address.is_multicast)


def _texts(addresses: Iterable[_Address | None]) -> Iterator[str]:
    return (str(address) for address in addresses if address is not None)
