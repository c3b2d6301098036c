"""All visits of a run: many hosts at once, none of which can hold up the others or the end of the program.

A visit runs in a daemon thread of its own. One that exceeds its deadline is abandoned: its host's facts are missing because the time was
over, its slot goes to the next host, and what it may still answer is not looked at. An interrupted run waits a moment, so that no shell
is left behind on a host; interrupted again, it does not.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from checks.facts.fact import Known, Reason
from checks.facts.host import HOST_FACTS, HostFacts, missing_host
from checks.facts.snapshot import HostVisit
from checks.plan import Plan
from checks.text import Text, text
from checks.windows.names import HostName
from runner.collect.credentials import Credentials
from runner.collect.hosts import domains
from runner.collect.hosts.partners import Questions
from runner.collect.hosts.request import Partner
from runner.collect.hosts.session import INTERRUPT_S
from runner.collect.hosts.target import Target, target_of
from runner.collect.hosts.visit import now, visit, visit_to
from runner.options import CONCURRENCY, HOST_DEADLINE_S, RUN_DEADLINE_S
from runner.pause import TICK_S

RUN_OVER = text("the time for the whole run was over")
READING, DONE = "reading", "done"
Progress: TypeAlias = Callable[[str, str], None]
"""Called with a host's name and its state: READING when its visit starts, then DONE or the reason why nothing of it was read."""


class Job(Struct, frozen=True):
    """One visit to be made, once the hosts `after` are done, for these sections. What it asks about partners may depend on what was read by
    then. `domains` are those whose controllers the host is to find besides its own's, `files` the places of which it asks what lies
    there."""

    target: Target
    after: frozenset[HostName] = frozenset()
    partners: Callable[[dict[HostName, HostFacts]], tuple[Partner, ...]] = lambda _: ()
    sections: tuple[str, ...] = HOST_FACTS
    domains: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Visits(NamedTuple):
    """What all visits brought. `interrupted` tells that the user cut them short."""

    hosts: dict[HostName, HostFacts]
    visits: dict[HostName, HostVisit]
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
    """Make all visits. Never raises for what a host does; ends at the run's deadline, or soon when interrupted, with what there is."""
    visiting = _Visiting(jobs, credentials, concurrency, host_deadline_s, progress or _quiet)
    end = time.monotonic() + run_deadline_s
    try:
        while visiting.unfinished and time.monotonic() < end:
            visiting.step(end)
        if credentials.trial.rejected_by:
            visiting.give_up_all(Reason.NOT_COLLECTED, credentials.trial.why_not)
        visiting.give_up_all(Reason.TIMED_OUT, RUN_OVER)
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):  # pressed again: the program ends at once
            visiting.interrupt()
        visiting.give_up_all(Reason.NOT_COLLECTED, text("interrupted"))
        return visiting.result._replace(interrupted=True)
    return visiting.result


def _quiet(name: str, state: str) -> None:
    """No progress is wanted."""


class _Running(NamedTuple):
    job: Job
    start: datetime
    deadline: float


class _Visiting:
    """The visits that wait, those under way, by a number each, and the result so far. Used by one thread; `answers` is where the threads
    of the visits put what they bring."""

    def __init__(self, jobs: Iterable[Job], credentials: Credentials, concurrency: int, host_deadline_s: float, progress: Progress) -> None:
        self.ready: deque[Job] = deque()
        self.blocked = list(jobs)
        self.numbers = count()
        self.running: dict[int, _Running] = {}
        self.answers: SimpleQueue[tuple[int, HostFacts, HostVisit]] = SimpleQueue()
        self.result = Visits({}, {})
        self.credentials = credentials
        self.concurrency = max(1, concurrency)
        self.host_deadline_s = host_deadline_s
        self.progress = progress
        self.interrupted = threading.Event()
        self._release()

    @property
    def unfinished(self) -> bool:
        return bool(self.running or (self.ready and not self.credentials.trial.rejected_by))

    def step(self, end: float) -> None:
        """Fill the free slots, take one answer or wait a little for it, and abandon who is late."""
        while self.ready and len(self.running) < self.concurrency and not self.credentials.trial.rejected_by:
            self._start(next(self.numbers), self.ready.popleft(), end)
        first = min(its.deadline for its in self.running.values())
        self._take(first)
        for number in [number for number, its in self.running.items() if its.deadline <= time.monotonic()]:
            late = self.running.pop(number)
            own = text("no whole answer within {seconds} s", seconds=f"{self.host_deadline_s:g}")
            self._give_up(late.job, late.start, Reason.TIMED_OUT, RUN_OVER if late.deadline >= end else own)
            self._release()

    def interrupt(self) -> None:
        """Let the visits under way close their shells, and keep what they had read."""
        self.interrupted.set()
        end = time.monotonic() + INTERRUPT_S
        while self.running and time.monotonic() < end:
            self._take(end)

    def _take(self, end: float) -> None:
        """Take one answer, or wait a little for it."""
        with contextlib.suppress(Empty):
            number, facts, how = self.answers.get(timeout=max(0.0, min(end - time.monotonic(), TICK_S)))
            if number in self.running:
                self._keep(self.running.pop(number).job, facts, how)
                self._release()

    def give_up_all(self, reason: Reason, detail: Text) -> None:
        for its in self.running.values():
            self._give_up(its.job, its.start, reason, detail)
        for job in (*self.ready, *self.blocked):
            self._give_up(job, now(), reason, detail)
        self.running, self.ready, self.blocked = {}, deque(), []

    def _release(self) -> None:
        """Make ready the jobs whose earlier hosts are done."""
        done = self.result.hosts.keys()
        self.ready.extend(job for job in self.blocked if job.after <= done)
        self.blocked = [job for job in self.blocked if not job.after <= done]

    def _start(self, number: int, job: Job, end: float) -> None:
        start = time.monotonic()
        deadline = min(start + self.host_deadline_s, end)
        self.running[number] = _Running(job, now(), deadline)
        arguments = (number, job, job.partners(self.result.hosts), deadline - start)
        threading.Thread(target=self._visit, args=arguments, name=f"visit {job.target.name}", daemon=True).start()
        self.progress(job.target.name.spelled, READING)

    def _visit(self, number: int, job: Job, partners: tuple[Partner, ...], seconds: float) -> None:
        asked = partners, self.credentials, seconds, self.interrupted, job.sections, job.domains, job.files
        self.answers.put((number, *visit(job.target, *asked)))

    def _give_up(self, job: Job, start: datetime, reason: Reason, detail: Text) -> None:
        target, end = job.target, now()
        facts = missing_host(reason, visit_to(target), end, detail)
        self._keep(job, facts, HostVisit(start, end, target.address, target.auth.value, target.protection))

    def _keep(self, job: Job, facts: HostFacts, how: HostVisit) -> None:
        self.result.hosts[job.target.name] = facts
        self.result.visits[job.target.name] = how
        self.progress(job.target.name.spelled, state_of(facts))


def visit_plan(
    plan: Plan,
    credentials: Credentials,
    *,
    concurrency: int = CONCURRENCY,
    host_deadline_s: float = HOST_DEADLINE_S,
    run_deadline_s: float = RUN_DEADLINE_S,
    progress: Progress | None = None,
    besides: Mapping[HostName, tuple[Partner, ...]] = MappingProxyType({}),
) -> Visits:
    """Visit every host of a plan, and ask it about these servers `besides`. A source comes after those of its targets that are no sources
    themselves: so it can be asked whether it reaches the addresses on which they say that they listen."""
    questions = Questions(plan)

    def asked(host: HostName, known: dict[HostName, HostFacts]) -> tuple[Partner, ...]:
        return (*questions.to(host, known), *besides.get(host, ()))

    about = domains.planned(plan)
    jobs = [Job(target_of(plan, host), questions.earlier(host), partial(asked, host), domains=about[host]) for host in questions.hosts]
    return visit_all(
        jobs,
        credentials,
        concurrency=concurrency,
        host_deadline_s=host_deadline_s,
        run_deadline_s=run_deadline_s,
        progress=progress,
    )
