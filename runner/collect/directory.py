"""Asks the directories: the hosts' computer accounts as every controller they use shows them, the domains and trusts, the operators.

One round of queries for each controller, all controllers at the same time; then the operators, all at the same time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from checks.facts import AccountFacts, ComputerAccount, DomainFacts, Fact, HostFacts, Known, Missing, OperatorFacts, Reason
from checks.plan import Plan, key
from runner.collect.credentials import Credentials
from runner.collect.locations import Member, full_name
from runner.collect.names import Names
from runner.collect.operators import OperatorName
from runner.collect.rounds import Rounds
from runner.collect.tokens import homes, late, operator_facts


class Answers(NamedTuple):
    """What the directories and name servers answered: the four parts of a snapshot that come from them, keyed as there."""

    accounts: dict[str, AccountFacts]
    domains: dict[str, DomainFacts]
    operators: dict[str, OperatorFacts]
    names: dict[str, Fact[tuple[str, ...]]]


def collect(plan: Plan, hosts: Mapping[str, HostFacts], credentials: Credentials, names: Names, deadline_s: float) -> Answers:
    """All facts from directories and name servers, within so many seconds. `hosts` are keyed as in the snapshot. What was not answered
    is Missing with its reason; no server can make this raise."""
    rounds = Rounds(plan, hosts, credentials, names, time.monotonic() + deadline_s)
    try:
        rounds.ask_controllers()
        rounds.add_groups()
        operators = _operators(plan, rounds)
        return Answers(
            accounts=_accounts(plan, hosts, rounds),
            domains={domain: rounds.domain_facts(domain) for domain in sorted(rounds.answers)},
            operators=operators,
            names=_names(plan, hosts, rounds, names),
        )
    finally:
        rounds.close()


def _accounts(plan: Plan, hosts: Mapping[str, HostFacts], rounds: Rounds) -> dict[str, AccountFacts]:
    """Each host's account by controller. Where a host does not say which controller it uses, that view is missing, for its partners
    as well: their delegation has to be the same there."""
    views: dict[str, dict[str, Fact[ComputerAccount]]] = {host: {} for host in hosts}
    joined = [(domain, member) for domain, its in rounds.members.items() for member in its]
    for domain, member in joined:
        views[member.host].update((name, answer.accounts[member.account]) for name, answer in rounds.answers[domain].items())
    for _, member in joined:
        unknown = _why_no_controller(member)
        if unknown is not None:
            concerned = {member.host, *(host for pair in plan.pairs if member.host in pair for host in pair)}
            for host in concerned & views.keys():
                views[host][f"(controller of {member.host})"] = unknown
    return {host: AccountFacts(dict(sorted(its.items()))) for host, its in views.items()}


def _why_no_controller(member: Member) -> Missing | None:
    if isinstance(member.controllers, Missing):
        return member.controllers
    if member.controllers:
        return None
    return Missing(Reason.NOT_COLLECTED, f"{member.host}: Win32_NTDomain", datetime.now(UTC), "it names no controller of its own domain")


def _operators(plan: Plan, rounds: Rounds) -> dict[str, OperatorFacts]:
    parsed = {key(operator): OperatorName.parse(operator) for operator in plan.operators}
    candidates = {operator: homes(name, rounds) for operator, name in parsed.items()}
    rounds.ask_further(domain for domains in candidates.values() for domain in domains)
    tasks: dict[str, Callable[[], OperatorFacts]] = {
        operator: partial(operator_facts, name, candidates[operator], rounds) for operator, name in parsed.items()
    }
    done = rounds.together(tasks)
    return {operator: done.get(operator) or late(rounds) for operator in tasks}


def _names(plan: Plan, hosts: Mapping[str, HostFacts], rounds: Rounds, names: Names) -> dict[str, Fact[tuple[str, ...]]]:
    """What the name servers say of every host and controller by its full name."""
    wanted = {name for answers in rounds.answers.values() for name in answers}
    for host, facts in hosts.items():
        if isinstance(facts.computer, Known) and facts.computer.value.joined:
            wanted.add(full_name(facts.computer.value))
        else:
            wanted.add(key(plan.entry(host).fqdn or host))
    tasks = {name: partial(names.addresses, name) for name in sorted(wanted) if "." in name}
    done = rounds.together(tasks)
    missing = Missing(Reason.TIMED_OUT, "DNS", datetime.now(UTC), "no answer before the deadline")
    return {name: done.get(name, missing) for name in tasks}
