"""What a check sees: the subject it is evaluated for, through which it reads the facts it declared and no others.

Reading a declared fact gives its value. Reading a missing one raises `FactMissing`, which ends the check as UNKNOWN with that
fact's reason; no check handles it. Reading one that was not declared raises `UndeclaredFact`, which is our bug.

Declared names are `role.fact`: `host.` for host and access checks, `source.` and `target.` for pair and move checks,
`operator.` for access and move checks, `vm` for the VM of a move, `hosts.` for plan checks.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from checks.check import Evidence, Text, Value
from checks.facts import (
    AccountFacts,
    Adapter,
    Address,
    Computer,
    ComputerAccount,
    CredentialGuard,
    Domain,
    DomainFacts,
    Fact,
    FirewallRule,
    HostFacts,
    HostVirtualAdapter,
    HyperVRole,
    Known,
    Locator,
    LogonSession,
    MigrationListener,
    MigrationNetwork,
    MigrationSettings,
    Missing,
    OperatingSystem,
    OperatorFacts,
    PartnerAnswer,
    Reason,
    Route,
    Snapshot,
    Switch,
    Trust,
    UserAccount,
    VirtualMachine,
)
from checks.plan import HostEntry, Move, Plan, key

T = TypeVar("T")


class FactMissing(Exception):
    """A check read a fact that was not read from the system. Ends the check as UNKNOWN."""

    def __init__(self, name: str, missing: Missing) -> None:
        super().__init__(f"{name}: {missing.reason}")
        self.name = name
        self.missing = missing


class UndeclaredFact(Exception):
    """A check read a fact that it did not declare. Our bug."""


class Reads:
    """What one evaluation may read, what it asked for in vain as a mere hint, and whether it looked at the VM of its move."""

    __slots__ = ("allowed", "hints_missing", "saw_vm")

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed
        self.hints_missing: list[FactMissing] = []
        self.saw_vm = False

    def permit(self, name: str) -> None:
        if name not in self.allowed:
            raise UndeclaredFact(name)


class FactOf(Generic[T]):
    """An attribute of a view that reads the fact of its own name."""

    __slots__ = ("name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, view: Any, owner: type) -> T:
        value: T = view.read(self.name)
        return value


class _View:
    """A named holder of facts in one role of a subject."""

    __slots__ = ("reads", "role")

    def __init__(self, role: str, reads: Reads) -> None:
        self.role = role
        self.reads = reads

    def fact(self, name: str) -> Fact[Any]:
        raise NotImplementedError

    def read(self, name: str) -> Any:
        """The value of a declared fact. Raises FactMissing or UndeclaredFact."""
        declared = f"{self.role}.{name}"
        self.reads.permit(declared)
        fact = self.fact(name)
        if isinstance(fact, Missing):
            raise FactMissing(declared, fact)
        return fact.value

    def hint(self, name: str) -> Any | None:
        """The value of a declared fact that only explains a failure, or nothing. After a missing hint the check can no longer pass."""
        try:
            return self.read(name)
        except FactMissing as missing:
            self.reads.hints_missing.append(missing)
            return None

    def lacks(self, name: str, what: str) -> FactMissing:
        """What a check raises when a fact was read but the part of it that the check needs is not in it: ends it as UNKNOWN."""
        fact = self.fact(name)
        return FactMissing(f"{self.role}.{name}", Missing(Reason.UNREADABLE, fact.source, fact.at, f"{what}: not in the answer"))

    def evidence(self, name: str, what: str | Text, actual: Value, expected: Value = None) -> Evidence:
        """A named value with the source and time of the fact it comes from."""
        fact = self.fact(name)
        return Evidence.of(what, actual, expected, fact.source, fact.at)


def latest_view(views: dict[str, Fact[ComputerAccount]], host: str) -> Fact[ComputerAccount]:
    """The account as the controller with the newest delegation data shows it: by version, then time of the change, then name."""
    known = [(name, fact) for name, fact in sorted(views.items()) if isinstance(fact, Known)]
    if known:
        return max(
            known,
            key=lambda item: (
                item[1].value.delegation_version,
                item[1].value.delegation_changed.timestamp() if item[1].value.delegation_changed else 0.0,
                item[1].value.changed.timestamp(),
            ),
        )[1]
    for _, fact in sorted(views.items()):
        if isinstance(fact, Missing):
            return fact
    raise LookupError(host)


class World:
    """A plan and a snapshot with the look-ups that evaluating needs. Pure."""

    def __init__(self, plan: Plan, snapshot: Snapshot) -> None:
        self.plan = plan
        self.snapshot = snapshot
        self.spelling = {key(name): name for name in (*plan.host_names, *plan.operators)}
        self.entries = {key(name): entry for name, entry in plan.hosts.items()}
        self._vms: dict[str, dict[str, tuple[VirtualMachine, ...]]] = {}
        self._derived: dict[tuple[str, str], Fact[Any]] = {}

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The plan's moves with each `*` replaced by every VM of its source; a `*` stays where the VMs were not read or are none."""
        expanded: list[Move] = []
        for move in self.plan.moves:
            vms = self.host_fact(key(move.source), "vms")
            if move.vm == "*" and isinstance(vms, Known) and vms.value:
                names = Counter(vm.name.casefold() for vm in vms.value)
                for vm in sorted(vms.value, key=lambda vm: (vm.name.casefold(), vm.id)):
                    unique = names[vm.name.casefold()] == 1
                    expanded.append(replace(move, vm=vm.name if unique else vm.id))
            else:
                expanded.append(move)
        return tuple(expanded)

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], tuple[Move, ...]]:
        grouped: dict[tuple[str, str], list[Move]] = {}
        for move in self.moves:
            grouped.setdefault((key(move.source), key(move.target)), []).append(move)
        return {pair: tuple(moves) for pair, moves in grouped.items()}

    def moves_of(self, source: str, target: str) -> tuple[Move, ...]:
        """The moves of one ordered pair, by the hosts' keys."""
        return self._by_pair.get((source, target), ())

    @cached_property
    def _planned(self) -> dict[tuple[str, str], frozenset[str]]:
        """For each ordered pair the VMs that the plan moves, as the plan says it (`*`) and as it is expanded."""
        grouped: dict[tuple[str, str], set[str]] = {}
        for move in (*self.plan.moves, *self.moves):
            grouped.setdefault((key(move.source), key(move.target)), set()).add(move.vm.casefold())
        return {pair: frozenset(vms) for pair, vms in grouped.items()}

    def plans(self, source: str, target: str, vm: str) -> bool:
        """Does the plan move this VM (name or id) from one host to the other, named or as one of all."""
        return not self._planned.get((source, target), frozenset()).isdisjoint((vm.casefold(), "*"))

    @cached_property
    def _first(self) -> dict[tuple[str, str | None, str], int]:
        """The place among the moves of the first one with this (source, target, VM), and of the first to this (target, VM)."""
        places: dict[tuple[str, str | None, str], int] = {}
        for place, move in enumerate(self.moves):
            source, target, vm = key(move.source), key(move.target), move.vm.casefold()
            places.setdefault((source, target, vm), place)
            places.setdefault((target, None, vm), place)
        return places

    def brings(self, move: Move) -> Move | None:
        """The move before this one that brings its VM to its source, or nothing."""
        source, vm = key(move.source), move.vm.casefold()
        place = self._first.get((source, None, vm), len(self.moves))
        return self.moves[place] if place < self._first.get((source, key(move.target), vm), 0) else None

    def holder(self, move: Move) -> str:
        """The host, by its key, that has the VM of a move now: its source, or where earlier moves of the plan take it from."""
        found: Move | None = move
        while found is not None:
            if self.vms_named(key(found.source), move.vm) != ():
                return key(found.source)
            found = self.brings(found)
        return key(move.source)

    def not_collected(self, what: str) -> Missing:
        return Missing(Reason.NOT_COLLECTED, what, self.snapshot.collected.end)

    def host_fact(self, host: str, name: str) -> Fact[Any]:
        """One fact of a host, by the host's key: a section of its visit, or what the directory says of it."""
        facts = self.snapshot.hosts.get(host)
        if facts is None:
            return self.not_collected(f"visit of {host}")
        if name in HostFacts.__struct_fields__:
            fact: Fact[Any] = getattr(facts, name)
            return fact
        found = self._derived.get((host, name))
        if found is None:
            found = self._derived[host, name] = self._directory_fact(host, facts, name)
        return found

    def _directory_fact(self, host: str, facts: HostFacts, name: str) -> Fact[Any]:
        if name in ("account", "account_views"):
            views = self.snapshot.accounts.get(host, AccountFacts({})).views
            if not views:
                return self.not_collected(f"computer account of {host}")
            if name == "account":
                return latest_view(views, host)
            for fact in views.values():
                if isinstance(fact, Missing):
                    return fact
            newest = latest_view(views, host)
            known = {dc: fact.value for dc, fact in sorted(views.items()) if isinstance(fact, Known)}
            return Known(known, f"{', '.join(known)}: computer account", newest.at)
        if isinstance(facts.computer, Missing):
            return facts.computer
        domain: DomainFacts | None = self.snapshot.domains.get(key(facts.computer.value.domain))
        if domain is None:
            return self.not_collected(f"directory of {facts.computer.value.domain}")
        if name == "domain":
            return domain.domain
        if name == "trusts":
            return domain.trusts
        raise UndeclaredFact(name)

    def vms_named(self, host: str, wanted: str) -> tuple[VirtualMachine, ...] | None:
        """The VMs of a host with this name or id (names without case, as Hyper-V compares them), or None when the VMs were not read."""
        index = self._vms.get(host)
        if index is None:
            fact = self.host_fact(host, "vms")
            if isinstance(fact, Missing):
                return None
            grouped: dict[str, list[VirtualMachine]] = {}
            for vm in fact.value:
                for name in {vm.name.casefold(), vm.id.casefold()}:
                    grouped.setdefault(name, []).append(vm)
            index = self._vms[host] = {name: tuple(vms) for name, vms in grouped.items()}
        return index.get(wanted.casefold(), ())

    def entry(self, host: str) -> HostEntry:
        return self.entries.get(host, HostEntry())


class HostView(_View):
    """A host in one role. `name` is the plan's spelling, `key` how the snapshot calls it."""

    __slots__ = ("key", "name", "world")

    os: FactOf[OperatingSystem] = FactOf()
    computer: FactOf[Computer] = FactOf()
    hyperv_role: FactOf[HyperVRole] = FactOf()
    migration: FactOf[MigrationSettings] = FactOf()
    migration_networks: FactOf[tuple[MigrationNetwork, ...]] = FactOf()
    migration_listener: FactOf[MigrationListener] = FactOf()
    supported_versions: FactOf[tuple[str, ...]] = FactOf()
    credential_guard: FactOf[CredentialGuard] = FactOf()
    addresses: FactOf[tuple[Address, ...]] = FactOf()
    routes: FactOf[tuple[Route, ...]] = FactOf()
    adapters: FactOf[tuple[Adapter, ...]] = FactOf()
    host_virtual_adapters: FactOf[tuple[HostVirtualAdapter, ...]] = FactOf()
    switches: FactOf[tuple[Switch, ...]] = FactOf()
    firewall: FactOf[tuple[FirewallRule, ...]] = FactOf()
    local_groups: FactOf[dict[str, tuple[str, ...]]] = FactOf()
    sessions: FactOf[tuple[LogonSession, ...]] = FactOf()
    locators: FactOf[tuple[Locator, ...]] = FactOf()
    vms: FactOf[tuple[VirtualMachine, ...]] = FactOf()
    partners: FactOf[tuple[PartnerAnswer, ...]] = FactOf()
    account: FactOf[ComputerAccount] = FactOf()
    """The computer account as the controller with the newest delegation data shows it."""
    account_views: FactOf[dict[str, ComputerAccount]] = FactOf()
    """The computer account as every controller shows it; missing when one of them could not be asked."""
    domain: FactOf[Domain] = FactOf()
    trusts: FactOf[tuple[Trust, ...]] = FactOf()

    def __init__(self, world: World, host: str, role: str, reads: Reads) -> None:
        super().__init__(role, reads)
        self.world = world
        self.key = host
        self.name = world.spelling.get(host, host)

    def fact(self, name: str) -> Fact[Any]:
        return self.world.host_fact(self.key, name)

    def answer_about(self, partner: str) -> PartnerAnswer:
        """What this host says of one partner. Raises FactMissing when it was not asked about that partner."""
        for answer in self.partners:
            if key(answer.partner) == partner:
                return answer
        raise FactMissing(f"{self.role}.partners", self.world.not_collected(f"what {self.name} says of {partner}"))


class OperatorView(_View):
    """The operator of a move or an access."""

    __slots__ = ("key", "name", "world")

    account: FactOf[UserAccount] = FactOf()

    def __init__(self, world: World, operator: str, reads: Reads) -> None:
        super().__init__("operator", reads)
        self.world = world
        self.key = operator
        self.name = world.spelling.get(operator, operator)

    def fact(self, name: str) -> Fact[Any]:
        facts: OperatorFacts | None = self.world.snapshot.operators.get(self.key)
        if facts is None:
            return self.world.not_collected(f"account {self.name}")
        if name == "account":
            return facts.account
        return facts.token.get(
            name.removeprefix("token@"),
            self.world.not_collected(f"groups of {self.name} in {name.removeprefix('token@')}"),
        )

    def token_in(self, domain: str) -> tuple[str, ...]:
        """The SIDs that this operator's logon to a member of the domain (DNS name) carries. Declared as `operator.token`."""
        self.reads.permit("operator.token")
        fact = self.fact(f"token@{key(domain)}")
        if isinstance(fact, Missing):
            raise FactMissing("operator.token", fact)
        token: tuple[str, ...] = fact.value
        return token


class HostSubject:
    """The subject of a host check."""

    __slots__ = ("host", "world")

    def __init__(self, world: World, host: str, reads: Reads) -> None:
        self.world = world
        self.host = HostView(world, host, "host", reads)


class PairSubject:
    """The subject of a pair check."""

    __slots__ = ("source", "target", "world")

    def __init__(self, world: World, source: str, target: str, reads: Reads) -> None:
        self.world = world
        self.source = HostView(world, source, "source", reads)
        self.target = HostView(world, target, "target", reads)

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves of this pair."""
        return self.world.moves_of(self.source.key, self.target.key)

    @property
    def return_planned(self) -> bool:
        """Does the plan hold a move in the other direction."""
        return bool(self.world.moves_of(self.target.key, self.source.key))


class MoveSubject:
    """The subject of a move check.

    `route` is the move without what belongs to its VM alone. A check that looks at nothing else says the same of every VM on that
    route, and is asked once.
    """

    __slots__ = ("_move", "operator", "reads", "route", "source", "target", "world")

    def __init__(self, world: World, move: Move, route: Move, reads: Reads) -> None:
        self.world = world
        self._move = move
        self.route = route
        self.reads = reads
        self.source = HostView(world, key(move.source), "source", reads)
        self.target = HostView(world, key(move.target), "target", reads)
        self.operator = OperatorView(world, key(move.operator), reads)

    @property
    def move(self) -> Move:
        """The move with its VM and destination path."""
        self.reads.saw_vm = True
        return self._move

    @property
    def holder(self) -> HostView:
        """The host that has the VM now: the source, or where an earlier move of the plan takes it from."""
        return HostView(self.world, self.world.holder(self.move), "source", self.reads)

    @property
    def candidates(self) -> tuple[VirtualMachine, ...]:
        """The VMs of the holder with the move's name or id. Declared as `vm`."""
        self.reads.permit("vm")
        holder = self.holder
        found = self.world.vms_named(holder.key, self.move.vm)
        if found is None:
            fact = holder.fact("vms")
            assert isinstance(fact, Missing)
            raise FactMissing("vm", fact)
        return found

    @property
    def vm(self) -> VirtualMachine:
        """The one VM of the move. Raises FactMissing when there is none or more than one (vm.present says so)."""
        found = self.candidates
        if len(found) != 1:
            raise FactMissing("vm", self.world.not_collected(f"VM {self.move.vm} on {self.source.name}"))
        return found[0]

    def vm_evidence(self, what: str | Text, actual: Value, expected: Value = None) -> Evidence:
        return self.holder.evidence("vms", what, actual, expected)

    @property
    def return_planned(self) -> bool:
        """Does the plan move this VM back."""
        return self.world.plans(self.target.key, self.source.key, self.move.vm)


class AccessSubject:
    """The subject of an access check: an operator on a host."""

    __slots__ = ("host", "operator", "world")

    def __init__(self, world: World, operator: str, host: str, reads: Reads) -> None:
        self.world = world
        self.host = HostView(world, host, "host", reads)
        self.operator = OperatorView(world, operator, reads)


class PlanSubject:
    """The subject of a plan check: the whole plan and every host, in the role `hosts`."""

    __slots__ = ("hosts", "plan", "world")

    def __init__(self, world: World, reads: Reads) -> None:
        self.world = world
        self.plan = world.plan
        self.hosts = {key(name): HostView(world, key(name), "hosts", reads) for name in world.plan.host_names}

    @property
    def moves(self) -> tuple[Move, ...]:
        return self.world.moves
