"""The world of a run: a plan and a snapshot, with the look-ups that evaluating needs. Pure."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any, TypeVar

from msgspec.structs import replace

from checks.facts.directory import AccountFacts, Around, Domains, OfAccount, OfDomain, OperatorFacts
from checks.facts.fact import ABSENT, Fact, FactOf, Known, Missing, Reason, Section
from checks.facts.host import HostFacts, HostTopics
from checks.facts.machines import VirtualMachine
from checks.facts.snapshot import HostVisit, Snapshot
from checks.identity import contradiction, meant
from checks.plan import EVERY_VM, HostEntry, Move, Pair, Plan
from checks.text import NOTHING, Text, text
from checks.windows.names import AccountName, HostName, MachineName, Name

T = TypeVar("T")


class FactMissing(Exception):
    """A check read a fact that was not read from the system. Ends the check as UNKNOWN. `name` is the fact as the check declares it."""

    def __init__(self, name: str, missing: Missing) -> None:
        super().__init__(f"{name}: {missing.reason}")
        self.name = name
        self.missing = missing


class World:
    """Hosts, accounts and domains by their names, whatever their spelling."""

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self.plan = plan
        self.snapshot = snapshot
        self.hosts: dict[HostName, HostFacts] = {HostName(name): facts for name, facts in snapshot.hosts.items()}
        self.visits: dict[HostName, HostVisit] = {HostName(name): visit for name, visit in snapshot.visits.items()}
        self.accounts: dict[HostName, AccountFacts] = {HostName(name): facts for name, facts in snapshot.accounts.items()}
        self.domains = Domains(snapshot.domains)
        self.operators: dict[AccountName, OperatorFacts] = {AccountName(name): facts for name, facts in snapshot.operators.items()}
        self._spelling: dict[Name, Name] = {name: name for name in (*plan.host_names, *plan.operators)}
        self._vms: dict[HostName, dict[MachineName, tuple[VirtualMachine, ...]]] = {}
        self._derived: dict[tuple[HostName, str], Fact[Any]] = {}
        self._strangers: dict[HostName, Missing | None] = {}

    def spelled(self, name: Name) -> str:
        """A host or an operator as the plan spells it first."""
        return self._spelling.get(name, name).spelled

    # --- the moves of the plan ---

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The plan's moves with each `*` replaced by every VM of its source; a `*` stays where the VMs were not read or are none."""
        expanded: list[Move] = []
        for move in self.plan.moves:
            vms = self.host_fact(move.source, HostTopics.vms)
            if move.vm == EVERY_VM and isinstance(vms, Known) and vms.value:
                names = Counter(MachineName(vm.name) for vm in vms.value)
                for vm in sorted(vms.value, key=lambda vm: (MachineName(vm.name), vm.id)):
                    unique = names[MachineName(vm.name)] == 1
                    expanded.append(replace(move, vm=MachineName(vm.name if unique else vm.id)))
            else:
                expanded.append(move)
        return tuple(expanded)

    @cached_property
    def _by_pair(self) -> dict[Pair, tuple[Move, ...]]:
        grouped: dict[Pair, list[Move]] = {}
        for move in self.moves:
            grouped.setdefault(move.pair, []).append(move)
        return {pair: tuple(moves) for pair, moves in grouped.items()}

    def moves_of(self, source: HostName, target: HostName) -> tuple[Move, ...]:
        """The moves of one ordered pair."""
        return self._by_pair.get((source, target), ())

    @cached_property
    def _planned(self) -> dict[Pair, frozenset[MachineName]]:
        """For each ordered pair the VMs that the plan moves, as the plan says it (`*`) and as it is expanded."""
        grouped: dict[Pair, set[MachineName]] = {}
        for move in (*self.plan.moves, *self.moves):
            grouped.setdefault(move.pair, set()).add(move.vm)
        return {pair: frozenset(vms) for pair, vms in grouped.items()}

    def plans(self, source: HostName, target: HostName, vm: MachineName) -> bool:
        """Does the plan move this VM (name or id) from one host to the other, named or as one of all."""
        return not self._planned.get((source, target), frozenset()).isdisjoint((vm, EVERY_VM))

    @cached_property
    def _first(self) -> dict[tuple[HostName | None, HostName, MachineName], int]:
        """The place among the moves of the first one with this (source, target, VM), and of the first to this (target, VM)."""
        places: dict[tuple[HostName | None, HostName, MachineName], int] = {}
        for place, move in enumerate(self.moves):
            places.setdefault((move.source, move.target, move.vm), place)
            places.setdefault((None, move.target, move.vm), place)
        return places

    def brings(self, move: Move) -> Move | None:
        """The move before this one that brings its VM to its source, or nothing."""
        place = self._first.get((None, move.source, move.vm), len(self.moves))
        return self.moves[place] if place < self._first.get((move.source, move.target, move.vm), 0) else None

    def holder(self, move: Move) -> HostName:
        """The host that has the VM of a move now: its source, or where earlier moves of the plan take it from."""
        found: Move | None = move
        while found is not None:
            if self.vms_named(found.source, move.vm) != ():
                return found.source
            found = self.brings(found)
        return move.source

    # --- the facts ---

    def not_collected(self, what: Text, why: Text = NOTHING) -> Missing:
        return Missing(Reason.NOT_COLLECTED, what, self.snapshot.collected.end, why)

    def _older(self, source: Text) -> Missing:
        """What a fact is that the snapshot does not have, because an older program wrote it."""
        why = text("not collected by this snapshot's version ({tool})", tool=self.snapshot.collected.tool)
        return self.not_collected(source, why)

    def host_fact(self, host: HostName, fact: FactOf[T]) -> Fact[T]:
        """One fact of a host: a section of its visit, or what the directory says of it. All are missing where another host answered than
        the plan means."""
        if host not in self._strangers:
            self._strangers[host] = self._stranger(host)
        return self._strangers[host] or self.claimed_fact(host, fact)

    def _stranger(self, host: HostName) -> Missing | None:
        """Why nothing that was read from a host counts, or nothing."""
        computer = self.claimed_fact(host, HostTopics.computer)
        if isinstance(computer, Missing):
            return None
        account = self.claimed_fact(host, HostTopics.account)
        why = contradiction(meant(host, self.entry(host)), computer.value, account)
        return Missing(Reason.CONTRADICTORY, text("visit of {host}", host=host.key), computer.at, why) if why else None

    def claimed_fact(self, host: HostName, fact: FactOf[T]) -> Fact[T]:
        """The same, whoever it was that answered."""
        facts = self.hosts.get(host)
        if facts is None:
            return self.not_collected(text("visit of {host}", host=host.key))
        if isinstance(fact, Section):
            read: Fact[T] = getattr(facts, fact.name)
            return read if read is not ABSENT else self._older(fact.origin.on(host.key))
        found = self._derived.get((host, fact.name))
        if found is None:
            found = self._derived[host, fact.name] = self._directory_fact(host, facts, fact)
        return found

    def _directory_fact(self, host: HostName, facts: HostFacts, fact: FactOf[T]) -> Fact[T]:
        if isinstance(fact, OfAccount):
            account = self.accounts.get(host)
            told = fact.find(account) if account is not None else None
            what = text("computer account of {host}", host=host.key)
        else:
            assert isinstance(fact, OfDomain)
            if isinstance(facts.computer, Missing):
                return facts.computer
            computer = facts.computer.value
            return self._domain_fact(computer.domain, fact, computer.name, computer.full_name)
        return self._told(told, what)

    def realm_fact(self, domain: str, fact: OfDomain[T]) -> Fact[T]:
        """What the controllers of a domain (DNS name) say of it, whether or not a host is in it."""
        return self._domain_fact(domain, fact, "", HostName(""))

    def _domain_fact(self, name: str, fact: OfDomain[T], short: str, full: HostName) -> Fact[T]:
        domain = self.domains.get(name)
        told = fact.find(Around(short, full, name, domain, self.domains)) if domain is not None else None
        return self._told(told, text("directory of {domain}", domain=name))

    def _told(self, told: Fact[T] | None, what: Text) -> Fact[T]:
        if told is None:
            return self.not_collected(what)
        return told if told is not ABSENT else self._older(what)

    def vms_named(self, host: HostName, wanted: MachineName) -> tuple[VirtualMachine, ...] | None:
        """The VMs of a host with this name or id, or None when the VMs were not read."""
        index = self._vms.get(host)
        if index is None:
            fact = self.host_fact(host, HostTopics.vms)
            if isinstance(fact, Missing):
                return None
            grouped: dict[MachineName, list[VirtualMachine]] = {}
            for vm in fact.value:
                for name in {MachineName(vm.name), MachineName(vm.id)}:
                    grouped.setdefault(name, []).append(vm)
            index = self._vms[host] = {name: tuple(vms) for name, vms in grouped.items()}
        return index.get(wanted, ())

    def entry(self, host: HostName) -> HostEntry:
        return self.plan.entry(host)
