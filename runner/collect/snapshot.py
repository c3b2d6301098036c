"""From a plan to a snapshot: one visit a host, one query round a domain, and the names that go with them. Once the VMs are known, hosts are
asked what lies where files are to go; where a host has another name in its directory than it has itself, or domains take part that came up
only then, hosts are asked about these too."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from checks.facts.directory import QUESTIONS, AccountFacts
from checks.facts.fact import Fact, Known, Section
from checks.facts.host import HOST_FACTS, HostFacts, HostTopics
from checks.facts.snapshot import SNAPSHOT_FORMAT, Collected, Snapshot
from checks.identity import other_name
from checks.plan import Plan
from checks.windows.names import DnsName, HostName, Name
from checks.world import World
from runner.collect.credentials import Credentials
from runner.collect.directories import ask
from runner.collect.hosts import destinations, domains, file_servers
from runner.collect.hosts.partners import Questions
from runner.collect.hosts.request import Partner
from runner.collect.hosts.target import target_of
from runner.collect.hosts.visits import Job, Progress, visit_all, visit_plan
from runner.collect.name_servers import NameServers
from runner.options import Collector, Limits

N = TypeVar("N", bound=Name)
T = TypeVar("T")

log = logging.getLogger("hvpreflight")

DIRECTORY_SHARE_S = 60.0
"""What the directories get at least of a run's deadline, so that slow hosts cannot use it up."""


def gather(
    plan: Plan,
    credentials: Credentials,
    collector: Collector,
    limits: Limits,
    progress: Progress,
    wanted: Collection[str] = HOST_FACTS,
) -> Snapshot:
    """Everything that the plan's checks need, read once. Never raises for what a host or a directory does: what was not read is missing
    with a reason. Interrupted, it returns what there is, marked partial. Nobody is visited again for a fact that is not `wanted`."""
    start = time.monotonic()
    end, for_hosts = start + limits.deadline_s, max(limits.deadline_s - DIRECTORY_SHARE_S, limits.deadline_s / 2)
    snapshot = visited(plan, credentials, collector, replace(limits, deadline_s=for_hosts), progress)
    if snapshot.collected.partial or credentials.trial.rejected_by:
        return snapshot
    try:
        if HostTopics.destination_files.name in wanted:
            snapshot = with_destination_files(plan, snapshot, credentials, limits, start + for_hosts)
        if snapshot.collected.partial or credentials.trial.rejected_by:
            return snapshot
        snapshot = asked(plan, snapshot, credentials, end - time.monotonic())
        return asked_again(plan, snapshot, credentials, replace(limits, deadline_s=end - time.monotonic()))
    except KeyboardInterrupt:
        return replace(snapshot, collected=replace(snapshot.collected, end=datetime.now(UTC), partial=True))
    except Exception:
        log.exception("the directories could not be asked")
        return replace(snapshot, collected=replace(snapshot.collected, end=datetime.now(UTC)))


def visited(plan: Plan, credentials: Credentials, collector: Collector, limits: Limits, progress: Progress) -> Snapshot:
    """What the hosts of a plan say; partial when interrupted. One visit each, and a second one, for that alone, where only the VMs of
    another host told of a file server that a host has to reach."""
    start, end = datetime.now(UTC), time.monotonic() + limits.deadline_s
    visits = visit_plan(
        plan,
        credentials,
        concurrency=limits.concurrency,
        host_deadline_s=limits.host_deadline_s,
        run_deadline_s=limits.deadline_s,
        progress=progress,
        besides=file_servers.questions(World(plan, _nothing_read(Collected(collector.by, collector.on, collector.tool, start, start)))),
    )
    ended = datetime.now().astimezone()
    ahead = ended.utcoffset() or timedelta()
    collected = Collected(
        collector.by,
        collector.on,
        collector.tool,
        start,
        ended.astimezone(UTC),
        visits.interrupted,
        collector.current_logon,
        ahead // timedelta(minutes=1),
    )
    snapshot = replace(_nothing_read(collected), hosts=_by_key(visits.hosts), visits=_by_key(visits.visits))
    if collected.partial:
        return snapshot
    return _asked_about_servers(plan, snapshot, credentials, replace(limits, deadline_s=end - time.monotonic()))


def _asked_about_servers(plan: Plan, snapshot: Snapshot, credentials: Credentials, limits: Limits) -> Snapshot:
    """A snapshot with what hosts say of the file servers that they were not asked about yet."""
    more: dict[HostName, Further] = {}
    for host, asked in file_servers.questions(World(plan, snapshot)).items():
        said = snapshot.hosts[host.key].partners
        about = {HostName(each.partner) for each in said.value} if isinstance(said, Known) else set()
        if new := tuple(each for each in asked if HostName(each.partner) not in about):
            more[host] = Further(partners=new)
    return _asked_more(plan, snapshot, credentials, limits, more)


def asked(
    plan: Plan, snapshot: Snapshot, credentials: Credentials, seconds: float, questions: Collection[str] = QUESTIONS.keys()
) -> Snapshot:
    """A snapshot with what the directories and name servers say now, asked within so many seconds: these questions of every controller."""
    hosts = {HostName(name): facts for name, facts in snapshot.hosts.items()}
    answers = ask.collect(plan, hosts, credentials, NameServers(plan.names.servers), seconds, questions)
    return replace(
        snapshot,
        collected=replace(snapshot.collected, end=datetime.now(UTC)),
        accounts=_by_key(answers.accounts),
        domains=dict(sorted(answers.domains.items())),
        operators=_by_key(answers.operators),
        names=dict(sorted(answers.names.items())),
    )


def asked_again(plan: Plan, snapshot: Snapshot, credentials: Credentials, limits: Limits) -> Snapshot:
    """A snapshot in which the hosts also say what they resolve for the full names that only the directory has for their partners, and for
    the controllers of domains that came up since they were asked, as far as they answer once more; partial when interrupted."""
    hosts = {HostName(name): facts for name, facts in snapshot.hosts.items()}
    others = {host: name for host, facts in hosts.items() if (name := _other_name(facts, snapshot.accounts.get(host.key)))}
    questions, found = Questions(plan, others), domains.later(World(plan, snapshot))
    partners = {host: questions.to(host, hosts) for host in questions.concerned}
    more = {host: Further(partners.get(host, ()), found.get(host, ())) for host in partners | found}
    return _asked_more(plan, snapshot, credentials, limits, more)


def _other_name(facts: HostFacts, account: AccountFacts | None) -> HostName | None:
    if account is None or not isinstance(facts.computer, Known):
        return None
    return other_name(facts.computer.value.full_name, HostTopics.account.find(account))


class Further(NamedTuple):
    """What a host is asked in a second visit: about these partners, and for the controllers of these domains."""

    partners: tuple[Partner, ...] = ()
    domains: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section[Any], ...]:
        """The sections that answer it."""
        asked = ((HostTopics.partners, self.partners), (HostTopics.controller_records, self.domains))
        return tuple(section for section, questions in asked if questions)


def _asked_more(plan: Plan, snapshot: Snapshot, credentials: Credentials, limits: Limits, further: Mapping[HostName, Further]) -> Snapshot:
    """A snapshot with what hosts say to these questions, each in a second visit for that alone. A host that did not answer such questions
    in the first one is not asked again."""
    jobs = []
    for host, asked in further.items():
        sections = tuple(each.name for each in asked.sections if isinstance(getattr(snapshot.hosts[host.key], each.name), Known))
        if sections:
            jobs.append(
                Job(target_of(plan, host), partners=partial(_as_they_are, asked.partners), sections=sections, domains=asked.domains)
            )
    return _visited_again(snapshot, jobs, credentials, limits, _with_answers)


def _with_answers(first: HostFacts, more: HostFacts) -> HostFacts:
    return replace(
        first,
        partners=_together(first.partners, more.partners, lambda answer: HostName(answer.partner)),
        controller_records=_together(first.controller_records, more.controller_records, lambda answer: DnsName(answer.domain)),
    )


def _visited_again(
    snapshot: Snapshot,
    jobs: Sequence[Job],
    credentials: Credentials,
    limits: Limits,
    join: Callable[[HostFacts, HostFacts], HostFacts],
) -> Snapshot:
    """A snapshot with what these further visits bring: `join` makes one of what a host said first and what it says now."""
    if not jobs:
        return snapshot
    visits = visit_all(
        jobs, credentials, concurrency=limits.concurrency, host_deadline_s=limits.host_deadline_s, run_deadline_s=limits.deadline_s
    )
    hosts = snapshot.hosts | {host.key: join(snapshot.hosts[host.key], facts) for host, facts in visits.hosts.items()}
    return replace(snapshot, hosts=hosts, collected=replace(snapshot.collected, end=datetime.now(UTC), partial=visits.interrupted))


def _together(first: Fact[tuple[T, ...]], more: Fact[tuple[T, ...]], about: Callable[[T], Name]) -> Fact[tuple[T, ...]]:
    """The answers of both visits, of the second one where both say something about the same."""
    if not isinstance(first, Known) or not isinstance(more, Known):
        return first
    anew = {about(each) for each in more.value}
    return replace(first, value=(*(each for each in first.value if about(each) not in anew), *more.value))


def with_destination_files(plan: Plan, snapshot: Snapshot, credentials: Credentials, limits: Limits, end: float) -> Snapshot:
    """A snapshot in which the hosts also say what lies where the moves put files on their drives, as far as they answer once more until
    then (time.monotonic); partial when interrupted. A host that did not answer such questions in its first visit is not asked again; one
    of which a later visit brings nothing has not said it, and is not asked further."""
    for places in destinations.questions(World(plan, snapshot)):
        jobs = [
            Job(target_of(plan, host), sections=(HostTopics.destination_files.name,), files=its)
            for host, its in places.items()
            if isinstance(snapshot.hosts[host.key].destination_files, Known)
        ]
        left = replace(limits, deadline_s=max(0.0, end - time.monotonic()))
        snapshot = _visited_again(snapshot, jobs, credentials, left, _with_files)
        if not jobs or snapshot.collected.partial:
            break
    return snapshot


def _with_files(first: HostFacts, more: HostFacts) -> HostFacts:
    before, now = first.destination_files, more.destination_files
    if isinstance(before, Known) and isinstance(now, Known):
        now = replace(now, value=before.value | now.value)
    return replace(first, destination_files=now)


def _as_they_are(asked: tuple[Partner, ...], _: object) -> tuple[Partner, ...]:
    return asked


def _nothing_read(collected: Collected) -> Snapshot:
    return Snapshot(SNAPSHOT_FORMAT, collected, {}, {}, {}, {}, {}, {})


def _by_key(found: Mapping[N, T]) -> dict[str, T]:
    """As a snapshot keeps it: by the keys of the names, in their order."""
    return {name.key: found[name] for name in sorted(found)}
