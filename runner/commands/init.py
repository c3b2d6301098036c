"""`init`: asks hosts what runs on them and writes a plan to edit. Reads only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from checks.facts.fact import Missing
from checks.facts.host import HostFacts
from checks.plan import Plan
from checks.text import text
from checks.windows.names import AccountName, DnsName, HostName, MachineName
from reports.language import Language
from runner import say
from runner.collect.credentials import Credentials
from runner.commands.check import credentials_of
from runner.commands.starting import who_starts
from runner.configured import over
from runner.draft import Draft, Host, Moving, Start, named, told, written
from runner.files.configuration import Configuration, configuration
from runner.files.folder import write_new
from runner.files.plan import NAMED, PlanFile, is_host_name, read_plan
from runner.files.tables import FileError, laid_over
from runner.options import Options, UsageError, with_auth

SECTIONS = ("os", "computer", "vms", "migration")
"""What is asked of each host."""
STANDARD_OUTPUT = Path("-")


class Wanted(NamedTuple):
    """Which moves the user names: the target, these VMs or every one, or a CSV file that holds them."""

    target: str | None = None
    vms: tuple[str, ...] = ()
    every: bool = False
    csv: str | None = None


def init(typed: Sequence[str], output: Path, wanted: Wanted, said: Start, options: Options) -> int:
    """Visit the hosts and write the plan, which is never written over another; returns the exit code. Raises UsageError, FolderError,
    CredentialsError, NotReady and the errors of configuration files."""
    names = _names(typed, wanted)
    found = configuration(output)
    options = over(options, found)
    language = Language(options.language)
    with _new(output) as write:
        plan = with_auth(_asked(found), options)
        credentials = credentials_of(options)
        start = who_starts(said, found.defaults, credentials, options, ask=True)
        facts = _visited(plan, names, credentials, options)
        if facts is None:
            raise KeyboardInterrupt
        for name, its in facts.items():
            if isinstance(its.vms, Missing):
                say.err(language.say("{host}: its VMs were not read: {why}", host=name, why=told(its.vms, language)))
        if all(isinstance(its.os, Missing) for its in facts.values()):
            raise UsageError(text("No host was read: there is nothing to write"))
        draft = _draft(facts, wanted, start, plan, credentials)
        content = written(draft, language).encode()
        write(content)
    _advise(content, output, found, language, quiet=options.quiet)
    return 0


@contextmanager
def _new(output: Path) -> Iterator[Callable[[bytes], object]]:
    if output == STANDARD_OUTPUT:
        yield lambda content: say.out(content.decode().rstrip("\n"))
    else:
        with write_new(output) as write:
            yield write


def _names(typed: Sequence[str], wanted: Wanted) -> tuple[str, ...]:
    """Every host to ask, once. Raises UsageError for what cannot be meant."""
    for name in (*typed, *filter(None, (wanted.target,))):
        if not is_host_name(name):
            raise UsageError(text("{name} is not the name of a host", name=name))
    names = tuple(HostName(name) for name in (*typed, *filter(None, (wanted.target,))))
    if wanted.csv and (wanted.vms or wanted.every):
        raise UsageError(text("--csv names the moves already: it goes without --vm and --all"))
    if (wanted.vms or wanted.every) and wanted.target is None and len(dict.fromkeys(names)) != 2:
        raise UsageError(text("To where? --to names the target"))
    if wanted.every and wanted.target is None:
        raise UsageError(text("To where? --to names the target"))
    return tuple(name.spelled for name in dict.fromkeys(names))


def _asked(found: Configuration) -> Plan:
    """A plan without moves that says how hosts are reached."""
    import msgspec

    said = msgspec.convert(laid_over(found.layers, NAMED), PlanFile)
    return Plan((), connection=said.connection, hosts={HostName(name): entry for name, entry in said.hosts.items()}, names=said.names)


def _visited(plan: Plan, names: Sequence[str], credentials: Credentials, options: Options) -> dict[str, HostFacts] | None:
    """What each host says, or nothing when that was interrupted."""
    from reports.console import Progress
    from runner.collect.hosts.target import target_of
    from runner.collect.hosts.visits import Job, visit_all
    from runner.collect.ready import ensure_reachable

    targets = [target_of(plan, HostName(name)) for name in names]
    ensure_reachable(targets, credentials)
    limits = options.limits
    with Progress(names, stream=sys.stderr, language=Language(options.language)) as progress:
        visits = visit_all(
            [Job(target, sections=SECTIONS) for target in targets],
            credentials,
            concurrency=limits.concurrency,
            host_deadline_s=limits.host_deadline_s,
            run_deadline_s=limits.deadline_s,
            progress=progress.host,
        )
    credentials.raise_rejected()
    return None if visits.interrupted else {name: visits.hosts[HostName(name)] for name in names}


def _draft(facts: dict[str, HostFacts], wanted: Wanted, start: Start, plan: Plan, credentials: Credentials) -> Draft:
    domains = _domains([*facts, *(entry.fqdn for entry in plan.hosts.values() if entry.fqdn)], start, credentials)
    hosts: dict[str, Host] = {}
    unknown: dict[str, str] = {}
    for typed, its in facts.items():
        known = plan.entry(HostName(typed)).fqdn
        name, claimed = (known, None) if known else named(typed, its, domains)
        if known and plan.entry(HostName(known)) != plan.entry(HostName(typed)):
            name = typed
        hosts[typed] = Host(name, its)
        if claimed is not None:
            unknown[name] = claimed
    return Draft(tuple(hosts.values()), start, tuple(_moves(hosts, wanted)), wanted.csv, unknown)


def _domains(names: Sequence[str], start: Start, credentials: Credentials) -> frozenset[DnsName]:
    """The domains that whoever uses the program has named: by a host's full name, or an account's."""
    told = [name.partition(".")[2] for name in names if not HostName(name).is_address]
    accounts = (account for account in (start.operator, credentials.account) if account and AccountName(account).names_domain)
    told += [account.rpartition("@")[2] for account in accounts if "@" in account]
    return frozenset(DnsName(domain) for domain in told if domain)


def _moves(hosts: dict[str, Host], wanted: Wanted) -> Iterator[Moving]:
    """The moves that are named. Raises UsageError for a VM that is not on one host."""
    target = next((its for typed, its in hosts.items() if wanted.target and HostName(typed) == HostName(wanted.target)), None)
    sources = [host for host in hosts.values() if host is not target]
    if wanted.every and target is not None:
        yield from (Moving(vm, host, target.name) for host in sources for vm in host.vms)
        return
    for name in wanted.vms:
        fitting = [(vm, host) for host in sources for vm in host.vms if MachineName(name) in (MachineName(vm.name), MachineName(vm.id))]
        if len(fitting) != 1:
            raise UsageError(
                text("No host that was asked has a VM {name}", name=name)
                if not fitting
                else text("{count} VMs are called {name}: name one by its id", count=len(fitting), name=name)
            )
        vm, host = fitting[0]
        yield Moving(vm, host, (target or next(other for other in sources if other is not host)).name)


def _advise(content: bytes, output: Path, found: Configuration, language: Language, *, quiet: bool) -> None:
    """Say what was written, and what it lacks to be checked."""
    try:
        read_plan(output, found.layers, content)
    except FileError as error:
        for sentence in error.sentences:
            say.err(language.show(sentence))
    if output != STANDARD_OUTPUT:
        say.path(output)
        if not quiet:
            say.err(language.say("Look it over where it says DECIDE; then: hvpreflight check {file}", file=str(output)))
