"""What a run was told: facts of hosts, accounts and domains by their names, whatever is to be moved between them. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from checks.check import Evidence
from checks.facts.directory import AccountFacts, Around, Domains, OfAccount, OfDomain, OperatorFacts
from checks.facts.fact import ABSENT, Fact, FactOf, Known, Missing, Reason, Section
from checks.facts.host import HostFacts, HostTopics
from checks.facts.snapshot import HostVisit, Snapshot
from checks.identity import contradiction, machines, meant, one_machine, other_name
from checks.plan import HostEntry, Plan
from checks.plan_files import Lying
from checks.plan_space import Volumes
from checks.policy import Policy
from checks.text import NOTHING, Text, text
from checks.windows.names import AccountName, HostName, Name, domain_of

T = TypeVar("T")


class Told:
    """Hosts, accounts and domains by their names, whatever their spelling. Of a plan it has what that says of hosts, accounts and its
    change, and nothing of its moves: what rests on nothing else holds of the ways back as well."""

    def __init__(self, plan: Plan, snapshot: Snapshot, policy: Policy | None = None) -> None:
        self.snapshot = snapshot
        self.policy = policy or Policy()
        self.change, self.preferences = plan.change, plan.policy
        self.hosts: dict[HostName, HostFacts] = {HostName(name): facts for name, facts in snapshot.hosts.items()}
        self.visits: dict[HostName, HostVisit] = {HostName(name): visit for name, visit in snapshot.visits.items()}
        self.accounts: dict[HostName, AccountFacts] = {HostName(name): facts for name, facts in snapshot.accounts.items()}
        self.domains = Domains(snapshot.domains)
        self.operators: dict[AccountName, OperatorFacts] = {AccountName(name): facts for name, facts in snapshot.operators.items()}
        self.evidence: dict[HostName, dict[Hashable, Evidence]] = {}
        """What was shown of hosts: what holds of a host is shown for each of its VMs."""
        self._entries, self._named = plan.hosts, plan.host_names
        self._spelling: dict[Name, Name] = {name: name for name in (*self._named, *plan.accounts)}
        self._known: dict[HostName, dict[FactOf[Any], Fact[Any]]] = {}
        """What was asked for of hosts already."""
        self._derived: dict[tuple[HostName, str], Fact[Any]] = {}
        self._realms: dict[tuple[str, FactOf[Any]], Fact[Any]] = {}
        self._strangers: dict[HostName, Missing | None] = {}
        self._volumes: dict[HostName, Volumes] = {}
        self._lying: dict[HostName, Lying] = {}

    @property
    def valid_until(self) -> datetime:
        """When the facts are too old: at the latest as every snapshot's, earlier where the policy says so."""
        collected, validity = self.snapshot.collected, self.policy.validity
        return collected.valid_until if validity is None else min(collected.valid_until, collected.start + validity)

    def spelled(self, name: Name) -> str:
        """A host or an operator as the plan spells it first."""
        return self._spelling.get(name, name).spelled

    def forget_shown(self) -> None:
        """Once all is said nobody asks any more for what was shown already."""
        for shown in self.evidence.values():
            shown.clear()

    @cached_property
    def machines(self) -> dict[HostName, HostName]:
        """For every host of the plan the name that its machine goes by: that of the first host that is the same machine."""
        return machines({host: self._tokens(host) for host in self._named})

    def _tokens(self, host: HostName) -> tuple[Hashable, ...]:
        """What a machine is recognized by: the name that the plan means, the one that it gives itself, its account."""
        return (meant(host, self.entry(host)), *self._claims(host))

    def telling(self, fact: FactOf[Any]) -> dict[HostName, HostName]:
        """For each machine the host of the plan that told a fact, or the first that did not."""
        telling: dict[HostName, HostName] = {}
        for host, machine in self.machines.items():
            first = telling.setdefault(machine, host)
            if isinstance(self.host_fact(first, fact), Missing) and isinstance(self.host_fact(host, fact), Known):
                telling[machine] = host
        return telling

    @cached_property
    def _known_as(self) -> dict[HostName, HostName | None]:
        """The machine of the plan that has a name, by what the plan and the directory call it; nothing for a name that several have."""
        known: dict[HostName, HostName | None] = {}
        for host, machine in self.machines.items():
            account = self.host_fact(host, HostTopics.account)
            names = {host, meant(host, self.entry(host))}
            if isinstance(account, Known):
                names |= {HostName(account.value.short_name), HostName(account.value.full_name)}
            for name in names | {name.short for name in names}:
                known[name] = machine if known.get(name, machine) == machine else None
        return known

    def server(self, name: HostName) -> HostName:
        """The machine of the plan that a path calls so, or the name itself where it is another server. An address is nobody's name:
        there is no ticket for it."""
        return name if name.is_address else self._known_as.get(name) or name

    def volumes(self, host: HostName) -> Volumes | None:
        """The volumes of a host, by paths, or nothing where they were not read."""
        found = self._volumes.get(host)
        if found is None:
            told = self.host_fact(host, HostTopics.volumes)
            if isinstance(told, Missing):
                return None
            found = self._volumes[host] = Volumes(told.value)
        return found

    def lying(self, host: HostName) -> Lying:
        """What a host says of places; nothing of any where it was not read."""
        found = self._lying.get(host)
        if found is None:
            told = self.host_fact(host, HostTopics.destination_files)
            found = self._lying[host] = Lying({} if isinstance(told, Missing) else told.value)
        return found

    def not_collected(self, what: Text, why: Text = NOTHING) -> Missing:
        return Missing(Reason.NOT_COLLECTED, what, self.snapshot.collected.end, why)

    def older(self, source: Text) -> Missing:
        """What a fact is that the snapshot does not have, because an older program wrote it."""
        why = text("not collected by this snapshot's version ({tool})", tool=self.snapshot.collected.tool)
        return self.not_collected(source, why)

    def host_fact(self, host: HostName, fact: FactOf[T]) -> Fact[T]:
        """One fact of a host: a section of its visit, or what the directory says of it. All are missing where another host answered than
        the plan means."""
        known = self._known.get(host)
        if known is None:
            known = self._known[host] = {}
        found = known.get(fact)
        if found is None:
            found = known[fact] = self._stranger(host) or self.claimed_fact(host, fact)
        return found

    def _stranger(self, host: HostName) -> Missing | None:
        """Why nothing that was read from a host counts, or nothing."""
        if host not in self._strangers:
            why = self.why_not_meant(host)
            at = self.claimed_fact(host, HostTopics.computer).at
            self._strangers[host] = Missing(Reason.CONTRADICTORY, text("visit of {host}", host=host.key), at, why) if why else None
        return self._strangers[host]

    def why_not_meant(self, host: HostName) -> Text | None:
        """Why whoever answered as a host is not known to be the one that the plan means, or nothing. Of two machines that claim to be one
        nobody knows which it is."""
        computer = self.claimed_fact(host, HostTopics.computer)
        if isinstance(computer, Missing):
            return None
        account = self.claimed_fact(host, HostTopics.account)
        why = contradiction(meant(host, self.entry(host)), computer.value, account)
        if why is None and (other := self._second(host, sure=True)):
            why = text("two machines answer as {name}, here and as {other}", name=computer.value.full_name.spelled, other=other.spelled)
        return why

    def perhaps_second(self, host: HostName) -> HostName | None:
        """Another host of the run that claims to be the same machine, where it was not read whether it is."""
        return self._second(host, sure=False)

    def _second(self, host: HostName, *, sure: bool) -> HostName | None:
        found = {False if sure else None}
        others = dict.fromkeys(other for claim in self._claims(host) for other in self._claimed.get(claim, ()) if other != host)
        return next((other for other in others if one_machine(self.hosts[host], self.hosts[other]) in found), None)

    @cached_property
    def _claimed(self) -> dict[Hashable, list[HostName]]:
        """Who answered as the machine of that full name, or with that account."""
        claimed: dict[Hashable, list[HostName]] = {}
        answered = (host for host in self.hosts if isinstance(self.claimed_fact(host, HostTopics.computer), Known))
        for host in answered:
            for claim in self._claims(host):
                claimed.setdefault(claim, []).append(host)
        return claimed

    def _claims(self, host: HostName) -> tuple[Hashable, ...]:
        computer, account = self.claimed_fact(host, HostTopics.computer), self.claimed_fact(host, HostTopics.account)
        own = (computer.value.full_name,) if isinstance(computer, Known) else ()
        return (*own, account.value.sid) if isinstance(account, Known) else own

    def claimed_fact(self, host: HostName, fact: FactOf[T]) -> Fact[T]:
        """The same, whoever it was that answered."""
        facts = self.hosts.get(host)
        if facts is None and (isinstance(fact, Section) or host not in self.accounts):
            return self.not_collected(text("visit of {host}", host=host.key))
        if facts is not None and isinstance(fact, Section):
            read: Fact[T] = getattr(facts, fact.name)
            return read if read is not ABSENT else self.older(fact.origin.on(host.key))
        found = self._derived.get((host, fact.name))
        if found is None:
            found = self._derived[host, fact.name] = self._directory_fact(host, facts, fact)
        return found

    def _directory_fact(self, host: HostName, facts: HostFacts | None, fact: FactOf[T]) -> Fact[T]:
        if isinstance(fact, OfAccount):
            account = self.accounts.get(host)
            told = fact.find(account) if account is not None else None
            what = text("computer account of {host}", host=host.key)
        else:
            assert isinstance(fact, OfDomain)
            if facts is None:
                its = self.claimed_fact(host, HostTopics.account)
                if isinstance(its, Missing):
                    return its
                return self._domain_fact(domain_of(its.value.dn), fact, its.value.short_name, (HostName(its.value.full_name),))
            if isinstance(facts.computer, Missing):
                return facts.computer
            computer = facts.computer.value
            own = computer.full_name
            other = other_name(own, self.claimed_fact(host, HostTopics.account))
            return self._domain_fact(computer.domain, fact, computer.name, (own, other) if other else (own,))
        return self._told(told, what)

    def realm_fact(self, domain: str, fact: OfDomain[T]) -> Fact[T]:
        """What the controllers of a domain (DNS name) say of it, whether or not a host is in it."""
        found = self._realms.get((domain, fact))
        if found is None:
            found = self._realms[domain, fact] = self._domain_fact(domain, fact, "", ())
        return found

    def _domain_fact(self, name: str, fact: OfDomain[T], short: str, full: tuple[HostName, ...]) -> Fact[T]:
        domain = self.domains.get(name)
        told = fact.find(Around(short, full, name, domain, self.domains)) if domain is not None else None
        return self._told(told, text("directory of {domain}", domain=name))

    def _told(self, told: Fact[T] | None, what: Text) -> Fact[T]:
        if told is None:
            return self.not_collected(what)
        return told if told is not ABSENT else self.older(what)

    def entry(self, host: HostName) -> HostEntry:
        """What the plan says of a host, or an empty entry."""
        return self._entries.get(host, HostEntry())
