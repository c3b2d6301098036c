"""Asks the directories: the hosts' computer accounts as every controller they use shows them, the domains and trusts, the operators
and who will change delegation.

One round of queries for each controller, all controllers at the same time; then the operators, all at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from checks.facts.directory import QUESTIONS, AccountFacts, ComputerAccount, DomainFacts, OperatorFacts
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import HostFacts
from checks.identity import meant
from checks.plan import Plan
from checks.text import text, verbatim
from checks.windows.names import AccountName, HostName, fold
from runner.collect.credentials import Credentials
from runner.collect.directories.logon import find_operator, homes, late, operator_facts
from runner.collect.directories.members import Member
from runner.collect.directories.operators import OperatorName
from runner.collect.directories.rounds import Answer, Rounds
from runner.collect.name_servers import NameServers


class Answers(NamedTuple):
    """What the directories and name servers answered: the four parts of a snapshot that come from them, keyed as there."""

    accounts: dict[HostName, AccountFacts]
    domains: dict[str, DomainFacts]
    operators: dict[AccountName, OperatorFacts]
    names: dict[str, Fact[tuple[str, ...]]]


def collect(
    plan: Plan,
    hosts: Mapping[HostName, HostFacts],
    credentials: Credentials,
    names: NameServers,
    deadline_s: float,
    questions: Collection[str] = QUESTIONS.keys(),
) -> Answers:
    """All facts from directories and name servers, within so many seconds. `hosts` are keyed as in the snapshot, `questions` are those
    that every controller is asked. What was not answered is Missing with its reason; no server can make this raise."""
    rounds = Rounds(plan, hosts, credentials, names, time.monotonic() + deadline_s, questions)
    try:
        rounds.ask_controllers()
        rounds.add_service_names()
        rounds.add_delegated()
        rounds.add_groups()
        operators = _operators(plan, rounds)
        if len(rounds.roots) > 1:
            rounds.ask_further(rounds.roots)
            rounds.add_rights()
        rounds.ask_further(rounds.between)
        return Answers(
            accounts=_accounts(plan, hosts, rounds),
            domains={domain: rounds.domain_facts(domain) for domain in sorted(rounds.answers)},
            operators=operators,
            names=_names(plan, hosts, rounds, names),
        )
    finally:
        rounds.close()


def _accounts(plan: Plan, hosts: Mapping[HostName, HostFacts], rounds: Rounds) -> dict[HostName, AccountFacts]:
    """Each host's account by controller, and that of each server of a share. Where a host does not say which controller it uses, that view
    is missing, for its partners as well: their delegation has to be the same there."""
    views: dict[HostName, dict[str, Fact[ComputerAccount]]] = {host: {} for host in hosts}
    joined = [(domain, member) for domain, its in rounds.members.items() for member in its]
    for domain, member in joined:
        answers = rounds.answers[domain]
        views[member.host].update((name, answer.accounts[member.account]) for name, answer in answers.items())
        if not answers:
            views[member.host][f"(controllers of {domain})"] = rounds.why_not(domain)
    for domain, server in ((domain, server) for domain, its in rounds.servers.items() for server in its):
        told = {name: _named(server, answer) for name, answer in rounds.answers[domain].items()}
        views[server.host] = told or {f"(controllers of {domain})": rounds.why_not(domain)}
    for _, member in joined:
        unknown = _why_no_controller(member)
        if unknown is not None:
            concerned = {member.host, *(host for pair in plan.pairs if member.host in pair for host in pair)}
            for host in views.keys() & concerned:
                views[host][f"(controller of {member.host.key})"] = unknown
    return {host: AccountFacts(dict(sorted(its.items())), rounds.local.get(host, {})) for host, its in views.items()}


def _named(server: Member, answer: Answer) -> Fact[ComputerAccount]:
    """The account that has the name of a server, where it is the one that a path means."""
    view = answer.accounts[server.account]
    if isinstance(view, Missing):
        return _of_alias(server, answer, view) if view.reason is Reason.NOT_COLLECTED else view
    if "." not in server.host.key or HostName(view.value.full_name) == server.host:
        return view
    why = text("{account} is the account of {name}", account=view.value.account_name, name=view.value.full_name)
    return Missing(Reason.CONTRADICTORY, view.source, view.at, why)


def _of_alias(server: Member, answer: Answer, unknown: Missing) -> Missing:
    """Where no account is called so, and one has the name of its file service, whose alias it is: whether that server answers to it, and
    may be delegated to under it, nobody tells."""
    wanted, rows = set(map(fold, server.service_names)), answer.facts.service_names
    holder = next((row.dn for row in rows.value if fold(row.name) in wanted), None) if isinstance(rows, Known) else None
    if holder is None:
        return unknown
    alias = text("{name} is an alias of {dn}: give that server's own name in the path", name=server.host.spelled, dn=holder)
    return Missing(unknown.reason, unknown.source, unknown.at, alias)


def _why_no_controller(member: Member) -> Missing | None:
    if isinstance(member.controllers, Missing):
        return member.controllers
    if member.controllers:
        return None
    return Missing(
        Reason.NOT_COLLECTED,
        text("{what} on {host}", what="Win32_NTDomain", host=member.host.spelled),
        datetime.now(UTC),
        text("it names no controller of its own domain"),
    )


def _operators(plan: Plan, rounds: Rounds) -> dict[AccountName, OperatorFacts]:
    parsed = {account: OperatorName.parse(account.spelled) for account in plan.accounts}
    if not {name.domain for name in parsed.values() if name.domain} <= rounds.known_domains().keys():
        rounds.ask_further(rounds.roots)
    candidates = {operator: homes(name, rounds) for operator, name in parsed.items()}
    rounds.ask_further(domain for domains in candidates.values() for domain in domains)
    found = rounds.together({operator: partial(find_operator, name, candidates[operator], rounds) for operator, name in parsed.items()})
    rounds.ask_forests((home, account.value.sids) for account, home in found.values() if home is not None and isinstance(account, Known))
    done = rounds.together({operator: partial(operator_facts, account, home, rounds) for operator, (account, home) in found.items()})
    return {operator: done.get(operator) or late(rounds) for operator in parsed}


def _names(plan: Plan, hosts: Mapping[HostName, HostFacts], rounds: Rounds, names: NameServers) -> dict[str, Fact[tuple[str, ...]]]:
    """What the name servers say of every host and controller by its full name."""
    wanted = {name for answers in rounds.answers.values() for name in answers}
    for host, facts in hosts.items():
        if isinstance(facts.computer, Known) and facts.computer.value.joined:
            wanted.add(facts.computer.value.full_name.key)
        else:
            wanted.add(meant(host, plan.entry(host)).key)
    tasks = {name: partial(names.addresses, name) for name in sorted(wanted) if "." in name}
    done = rounds.together(tasks)
    missing = Missing(Reason.TIMED_OUT, verbatim("DNS"), datetime.now(UTC), text("no answer before the deadline"))
    return {name: done.get(name, missing) for name in tasks}
