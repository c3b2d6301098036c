"""The rounds of queries: each controller is asked once for everything about its domain and the hosts in it, all at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from checks.facts.directory import ComputerAccount, ControllerClock, Domain, DomainFacts, ServiceName, Trust, every
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.facts.host import HostFacts
from checks.plan import Plan, Transport
from checks.text import text, verbatim
from checks.windows.names import DnsName, HostName, fold
from runner.collect.credentials import Credentials
from runner.collect.directories.accounts import groups_of, read_accounts
from runner.collect.directories.controller import Controller, Endpoint
from runner.collect.directories.domains import Base, read_base, read_clock, read_trusts
from runner.collect.directories.holders import read_holders
from runner.collect.directories.locations import Locations, members
from runner.collect.name_servers import NameServers
from runner.collect.together import together
from runner.collect.unread import Unread

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

ROUND_S = 60.0
"""No round takes longer, nor more than half of the time that is left: a controller that hangs leaves time for the others."""
MOST_TRIED = 8
"""So many controllers of a domain are tried when no host says which one it uses."""

_PROTOCOLS = {Transport.KERBEROS: "kerberos", Transport.NTLM: "ntlm"}


class Answer(NamedTuple):
    """What one controller answered. Without `controller` and `base` it cannot be asked anything more."""

    domain: Fact[Domain]
    trusts: Fact[tuple[Trust, ...]]
    clock: Fact[ControllerClock]
    accounts: dict[str, Fact[ComputerAccount]]
    service_names: Fact[tuple[ServiceName, ...]]
    controller: Controller | None = None
    base: Base | None = None


class Rounds:
    """`members` are the joined hosts by domain, `answers` those of each domain's controllers by their names. Domains stand under their
    DNS names in lower case."""

    def __init__(
        self, plan: Plan, hosts: Mapping[HostName, HostFacts], credentials: Credentials, names: NameServers, deadline: float
    ) -> None:
        self.members = members(hosts)
        self.answers: dict[str, dict[str, Answer]] = {}
        self._locations = Locations(plan, names)
        self._plan = plan
        self._credentials = credentials
        self._deadline = deadline
        self._nobody: dict[str, Missing] = {}
        self._service_names = tuple(name for its in self.members.values() for member in its for name in member.service_names)

    def close(self) -> None:
        for controller, _ in (each for domain in self.answers for each in self.open(domain)):
            controller.close()

    def open(self, domain: str) -> list[tuple[Controller, Base]]:
        """The controllers of a domain that can be asked more."""
        return [
            (answer.controller, answer.base)
            for _, answer in sorted(self.answers.get(domain, {}).items())
            if answer.controller is not None and answer.base is not None
        ]

    # --- the controllers and what they say of their domain and its hosts ---

    def ask_controllers(self) -> None:
        """Every controller that a host uses; for a domain of which no host says, the first one that answers."""
        wanted: dict[str, dict[str, tuple[str, ...]]] = {domain: {} for domain in (*self.members, *self._locations.given)}
        for domain, its in self.members.items():
            for controllers in (member.controllers for member in its if not isinstance(member.controllers, Missing)):
                for name, addresses in controllers.items():
                    wanted[domain][name] = tuple(dict.fromkeys((*wanted[domain].get(name, ()), *addresses)))
        self._ask(wanted)

    def ask_further(self, domains: Iterable[str]) -> None:
        """The first controller that answers of each domain that was not asked yet."""
        self._ask({domain: {} for domain in domains if domain not in self.answers})

    def _ask(self, wanted: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
        tasks: dict[tuple[str, str], Callable[[], dict[str, Answer]]] = {}
        for domain, controllers in wanted.items():
            for name, addresses in controllers.items():
                tasks[domain, name] = partial(self._ask_one, domain, name, addresses)
            if not controllers:
                tasks[domain, ""] = partial(self._ask_first, domain)
        done = self.together(tasks)
        for domain, name in tasks:
            late = {name: self._failed(domain, name, _late())} if name else {}
            self.answers.setdefault(domain, {}).update(done.get((domain, name), late))

    def _ask_one(self, domain: str, name: str, addresses: tuple[str, ...]) -> dict[str, Answer]:
        return {name: self._answer(domain, self._locations.of_controller(domain, name, addresses))}

    def _ask_first(self, domain: str) -> dict[str, Answer]:
        """The answers of a domain's controllers up to the first one that can be asked."""
        answers: dict[str, Answer] = {}
        found = self._locations.of_domain(domain)
        if isinstance(found, Missing):
            self._nobody[domain] = found
            return answers
        for where in found[:MOST_TRIED]:
            answer = answers[where.name] = self._answer(domain, where)
            if answer.controller is not None:
                break
        return answers

    def _answer(self, domain: str, where: Endpoint) -> Answer:
        accounts = [member.account for member in self.members.get(domain, ())]
        try:
            controller = Controller(
                where,
                self._credentials,
                protocol=_PROTOCOLS.get(self._plan.connection.auth, "negotiate"),
                deadline=self._deadline,
                ca_file=self._plan.connection.ca_file,
            )
        except Unread as error:
            return self._failed(domain, where.name, error)
        try:
            base = read_base(controller)
            if base.domain.dns_name != domain:
                raise Unread(Reason.UNREADABLE, text("it is a controller of {domain}", domain=base.domain.dns_name))
        except Unread as error:
            controller.close()
            return self._failed(domain, where.name, error)
        return Answer(
            controller.fact(verbatim("rootDSE, crossRef"), lambda: base.domain),
            controller.fact(verbatim("trustedDomain"), lambda: read_trusts(controller, base.head)),
            controller.fact(verbatim("rootDSE, currentTime"), lambda: read_clock(controller)),
            read_accounts(controller, base.head, accounts),
            controller.fact(verbatim("servicePrincipalName"), lambda: read_holders(controller, base, self._service_names)),
            controller,
            base,
        )

    def _failed(self, domain: str, name: str, error: Unread) -> Answer:
        missing = Missing(error.reason, text("{controller}: {what}", controller=name, what="LDAP"), datetime.now(UTC), error.detail)
        return Answer(missing, missing, missing, {member.account: missing for member in self.members.get(domain, ())}, missing)

    # --- all groups of a computer account, where its target names who may delegate ---

    def add_groups(self) -> None:
        """Read all groups of each source whose target has resource-based entries, on every controller that shows the source."""
        sources = {source for source, target in self._plan.pairs if self._is_resource_based(target)}
        tasks: dict[tuple[str, str], Callable[[], dict[str, Fact[ComputerAccount]]]] = {}
        for domain, answers in self.answers.items():
            accounts = [member.account for member in self.members.get(domain, ()) if member.host in sources]
            for name, answer in answers.items():
                if accounts and answer.controller is not None:
                    views = {account: answer.accounts[account] for account in accounts}
                    tasks[domain, name] = partial(_with_groups, answer.controller, views)
        done = self.together(tasks)
        for domain, name in tasks:
            answer = self.answers[domain][name]
            if (domain, name) in done:
                self.answers[domain][name] = answer._replace(accounts={**answer.accounts, **done[domain, name]})
            else:
                late = self._failed(domain, name, _late())
                self.answers[domain][name] = answer._replace(accounts=late.accounts, controller=None, base=None)

    def _is_resource_based(self, host: HostName) -> bool:
        views = (
            answer.accounts[member.account]
            for domain, its in self.members.items()
            for member in its
            if member.host == host
            for answer in self.answers[domain].values()
        )
        return any(isinstance(view, Known) and view.value.resource_based for view in views)

    # --- what the rounds amount to ---

    def domain_facts(self, domain: str) -> DomainFacts:
        """A domain as its first controller that answered describes it."""
        answers = dict(sorted(self.answers[domain].items()))
        nobody = self.why_not(domain)
        return DomainFacts(
            domain=_first([answer.domain for answer in answers.values()], nobody),
            trusts=_first([answer.trusts for answer in answers.values()], nobody),
            controllers={name: answer.domain for name, answer in answers.items()},
            clocks={name: answer.clock for name, answer in answers.items()},
        )

    def service_names(self, domain: str) -> dict[HostName, Fact[tuple[ServiceName, ...]]]:
        """For each host of a domain who has its names of the migration service, as any controller says that can be asked more, of each
        domain of the forest that was asked; missing as soon as one of these controllers does not say it, or none of a domain can be
        asked."""
        forest = {DnsName(name).key for answer in self.answers[domain].values() if answer.base for name in answer.base.forest.values()}
        said: dict[str, Fact[tuple[ServiceName, ...]]] = {}
        for each in sorted(self.answers.keys() & {domain, *forest}):
            answers = {name: answer.service_names for name, answer in self.answers[each].items() if answer.controller is not None}
            said |= answers or {each: self.why_not(each)}
        found = every(said, datetime.now(UTC), verbatim("servicePrincipalName"))
        if isinstance(found, Missing):
            return dict.fromkeys((member.host for member in self.members[domain]), found)
        holders: dict[str, list[ServiceName]] = {}
        for row in dict.fromkeys(row for rows in found.value.values() for row in rows):
            holders.setdefault(fold(row.name), []).append(row)
        return {
            member.host: Known(tuple(row for name in member.service_names for row in holders.get(fold(name), ())), found.source, found.at)
            for member in self.members[domain]
        }

    def why_not(self, domain: str) -> Missing:
        """Why none of a domain's controllers can be asked."""
        failed = [answer.domain for _, answer in sorted(self.answers.get(domain, {}).items()) if isinstance(answer.domain, Missing)]
        if failed:
            return failed[0]
        source = text("controllers of {domain}", domain=domain)
        return self._nobody.get(domain, Missing(Reason.NOT_COLLECTED, source, datetime.now(UTC), text("no controller was found")))

    def known_domains(self) -> dict[str, str]:
        """The DNS names of the domains that the asked ones know, themselves included, by DNS name and by NetBIOS name (lower case)."""
        known = {domain: domain for domain in self.answers}
        for answer in (answer for answers in self.answers.values() for answer in answers.values()):
            trusts = answer.trusts.value if isinstance(answer.trusts, Known) else ()
            forest = answer.base.forest if answer.base is not None else {}
            for short, full in (*((trust.flat_name.lower(), trust.partner.lower()) for trust in trusts), *forest.items()):
                known |= {short: full, full: full}
        known.pop("", None)
        return known

    def together(self, tasks: Mapping[K, Callable[[], T]]) -> dict[K, T]:
        """One round: what the tasks return that end in its time."""
        now = time.monotonic()
        return together(tasks, now + min(ROUND_S, (self._deadline - now) / 2))


def _with_groups(controller: Controller, views: Mapping[str, Fact[ComputerAccount]]) -> dict[str, Fact[ComputerAccount]]:
    """The same views, each with all groups of its account."""
    whole = dict(views)
    for name, view in views.items():
        if isinstance(view, Known):
            groups = controller.fact(text("tokenGroups of {account}", account=name), partial(groups_of, controller, view.value.dn))
            if isinstance(groups, Missing):
                whole[name] = groups
            else:
                sids = tuple(dict.fromkeys((*view.value.sids, *sorted(groups.value))))
                whole[name] = replace(view, value=replace(view.value, sids=sids))
    return whole


def _first(facts: Iterable[Fact[T]], nobody: Missing) -> Fact[T]:
    """The first one that is known, else the first one, else that there was nobody."""
    facts = tuple(facts)
    return next((fact for fact in facts if isinstance(fact, Known)), next(iter(facts), nobody))


def _late() -> Unread:
    return Unread(Reason.TIMED_OUT, text("no answer before the deadline"))
