"""Reads the hosts' own event logs: what they hold of moves that failed in the last days.

Asked in a visit of its own, after the facts: a snapshot holds no event log. A log that cannot be read is a problem that is told, never an
empty log.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from functools import partial
from threading import Event

from msgspec.structs import replace

from checks.errors.observation import Observation, Reading
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import LOG_FACTS, LogFacts, missing_logs
from checks.facts.logs import EventRecord
from checks.plan import Plan
from checks.text import Text, text
from checks.windows.names import HostName
from runner.collect.credentials import Credentials
from runner.collect.hosts.request import EventRange
from runner.collect.hosts.session import INTERRUPT_S
from runner.collect.hosts.target import target_of
from runner.collect.hosts.visit import now, read_log
from runner.collect.together import together
from runner.diagnose.read import read_inputs

OF_MOVES = "events"
"""The section of the log in which failed moves stand."""


def read_logs(
    plan: Plan, credentials: Credentials, wanted: EventRange, *, concurrency: int, host_deadline_s: float, deadline_s: float
) -> dict[HostName, LogFacts]:
    """What the logs of every host of a plan hold, by host. Never raises for what a host does."""
    targets = {host: target_of(plan, host) for host in plan.host_names}
    end = time.monotonic() + min(deadline_s, host_deadline_s * -(-len(targets) // concurrency))
    interrupted = Event()
    tasks = {name: partial(read_log, target, wanted, credentials, host_deadline_s, interrupted) for name, target in targets.items()}
    done = together(tasks, end, most=concurrency, interrupted=interrupted, closing_s=INTERRUPT_S)
    late = missing_logs(Reason.TIMED_OUT, text("event log"), now(), text("no whole answer in time"))
    return {name: done.get(name, late) for name in targets}


def readings(logs: dict[HostName, LogFacts]) -> Iterator[Reading]:
    """What the logs tell, host by host. What other logs than that of the management service hold is told around a failure, and is none
    of its own. Where the host was not read at all, that is said once."""
    for name, facts in logs.items():
        host = name.key
        said: set[Text] = set()
        for section in LOG_FACTS:
            told: Fact[tuple[EventRecord, ...]] = getattr(facts, section)
            if isinstance(told, Missing):
                why = text("{host}: event log: {reason}; {detail}", host=host, reason=Text(told.reason), detail=told.detail)
                if section == OF_MOVES or (why not in said and not isinstance(facts.events, Missing)):
                    yield Reading((), (why,))
                said.add(why)
            else:
                yield from _reading(host, told, of_moves=section == OF_MOVES)


def _reading(host: str, events: Known[tuple[EventRecord, ...]], *, of_moves: bool) -> Iterator[Reading]:
    document = "".join(("<Events>", *(record.xml for record in events.value), "</Events>"))
    for reading in read_inputs((), io.BytesIO(document.encode("utf-8", "replace"))) if events.value else ():
        seen = tuple(_placed(host, each) for each in reading.observations)
        beside = tuple(_placed(host, each) for each in reading.beside)
        problems = tuple(text("{where}: {problem}", where=host, problem=each) for each in reading.problems)
        yield Reading(seen, problems, beside=beside) if of_moves else Reading((), beside=(*seen, *beside))


def _placed(host: str, seen: Observation) -> Observation:
    """An observation in a host's own log: written by that host where the entry does not say who wrote it."""
    return replace(seen, where=f"event log of {host}", host=seen.host or host)
