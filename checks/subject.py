"""What a check sees: the subject it is evaluated for, through which it reads the facts it declared and no others.

Reading a declared fact gives its value. Reading a missing one raises `FactMissing`, which ends the check as UNKNOWN with that
fact's reason; no check handles it. Reading one that was not declared raises `UndeclaredFact`, which is our bug.

Declared names are `role.fact`: `host.` for host and access checks, `source.` and `target.` for pair and move checks, `start.` for the
host of the plan on which a move is started, `operator.` for access and move checks, `vm` for the VM of a move, `realm.` for the domains
that take part in a pair or a move, `hosts.` for plan checks, and `administrator.` there for who will change delegation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, Self, TypeVar, TypeVarTuple

from msgspec.structs import replace

from checks.check import WAYS_BACK, Evidence
from checks.disk_chains import Chains, Size, Users
from checks.facts.directory import ControllerTopic, LocalGroup, OfDomain, Trust, UserAccount, agreed
from checks.facts.fact import Fact, FactOf, Known, Missing, Reason
from checks.facts.hardware import Volume
from checks.facts.host import HostTopics
from checks.facts.machines import Files, VirtualMachine
from checks.facts.network import PartnerAnswer
from checks.plan import NO_VM, Kind, LaunchPoint, Move
from checks.plan_files import Arrival, Before
from checks.plan_space import Room
from checks.plan_state import Placed, Step
from checks.second_opinion import SECOND_OPINION, Compared
from checks.storage import Leg
from checks.text import Text, Value, text
from checks.tokens import Logon, Token, at_host, crossing, of_older
from checks.told import Told
from checks.waves import Schedule
from checks.way_back import Hindrance
from checks.windows.names import AccountName, DnsName, HostName, domain_of
from checks.world import FactMissing, World

T = TypeVar("T")
H = TypeVar("H", bound=Hashable)
Ts = TypeVarTuple("Ts")


class UndeclaredFact(Exception):
    """A check read a fact that it did not declare. Our bug."""


class Reads:
    """What the evaluation that is going on may read, what it asked for in vain as a mere hint, and whether it looked at the VM of its move,
    or at what the move does with files. One for all subjects of a run, which are made once, and evaluated one after the other.

    `of_plan`: of a host or an access, what of that was looked at which the moves of the plan decide, by its name in the subject."""

    __slots__ = ("_hosts", "_operators", "allowed", "hints_missing", "of_plan", "saw_leg", "saw_vm", "told")

    def __init__(self, told: Told) -> None:
        self.told = told
        self._hosts: dict[tuple[str, HostName], HostView] = {}
        self._operators: dict[tuple[str, AccountName], OperatorView] = {}
        self.begin(frozenset())

    def begin(self, allowed: frozenset[str]) -> None:
        """A check that declared these facts is about to be evaluated, of one subject after the other."""
        self.allowed = allowed
        self.look_anew()

    def look_anew(self) -> None:
        """Of the next subject nothing was read yet."""
        self.hints_missing: list[FactMissing] = []
        self.saw_vm = self.saw_leg = False
        self.of_plan: tuple[tuple[str, Hashable], ...] = ()

    def decided_by_plan(self, name: str, said: H) -> H:
        """What the moves of the plan say of a host or an access, which is noted."""
        self.of_plan += ((name, said),)
        return said

    def host(self, host: HostName, role: str) -> HostView:
        """A host in one role, the same view for all subjects."""
        view = self._hosts.get((role, host))
        if view is None:
            view = self._hosts[role, host] = HostView(self, host, role)
        return view

    def operator(self, operator: AccountName, role: str = "operator") -> OperatorView:
        """An operator, likewise."""
        view = self._operators.get((role, operator))
        if view is None:
            view = self._operators[role, operator] = OperatorView(self, operator, role)
        return view

    def permit(self, name: str) -> None:
        if name not in self.allowed:
            raise UndeclaredFact(name)


_NOT_MADE: Any = object()
"""What was not made yet, where nothing may have been made."""


class _View:
    """A named holder of facts in one role of a subject. It knows nothing of the moves of the plan."""

    __slots__ = ("_facts", "_made", "reads", "role", "world")

    def __init__(self, reads: Reads, role: str) -> None:
        self.reads = reads
        self.role = role
        self.world = reads.told
        self._facts: dict[FactOf[Any], tuple[str, Fact[Any]]] = {}
        """What was asked for already, with the names by which it is declared."""
        self._made: dict[Hashable, Any] = {}

    def once(self, make: Callable[[Self, *Ts], T], *others: *Ts) -> T:
        """What a function makes of it, and of others, made once: what a check of moves says of a host is the same for each of its VMs, and
        what one says of an operator the same on each host. Raises whatever the function raises, each time; what rests on a hint in vain is
        made each time too, so that each finding knows of it."""
        key = make, others
        kept: T = self._made.get(key, _NOT_MADE)
        if kept is not _NOT_MADE:
            return kept
        missing = len(self.reads.hints_missing)
        made = make(self, *others)
        if len(self.reads.hints_missing) == missing:
            self._made[key] = made
        return made

    def fact(self, fact: FactOf[T]) -> Fact[T]:
        """A fact, known or missing, declared or not."""
        return self.named(fact)[1]

    def named(self, fact: FactOf[T]) -> tuple[str, Fact[T]]:
        """The name by which a fact is declared, and the fact."""
        named = self._facts.get(fact)
        if named is None:
            named = self._facts[fact] = f"{self.role}.{fact.name}", self._find(fact)
        return named

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        raise NotImplementedError

    def read(self, fact: FactOf[T]) -> T:
        """The value of a declared fact. Raises FactMissing or UndeclaredFact."""
        declared, found = self._facts.get(fact) or self.named(fact)
        if declared not in self.reads.allowed:
            raise UndeclaredFact(declared)
        if isinstance(found, Known):
            value: T = found.value
            return value
        raise FactMissing(declared, found)

    def hint(self, fact: FactOf[T]) -> T | None:
        """The value of a declared fact that only explains a failure, or nothing. After a missing hint the check can no longer pass."""
        try:
            return self.read(fact)
        except FactMissing as missing:
            self.reads.hints_missing.append(missing)
            return None

    def lacks(self, fact: FactOf[Any], what: Text) -> FactMissing:
        """What a check raises when a fact was read but the part of it that the check needs is not in it: ends it as UNKNOWN."""
        found = self.fact(fact)
        detail = text("{what}: not in the answer", what=what)
        return FactMissing(f"{self.role}.{fact.name}", Missing(Reason.UNREADABLE, found.source, found.at, detail))

    def evidence(self, fact: FactOf[Any], what: str | Text, actual: Value, expected: Value = None, *, fits: bool | None = None) -> Evidence:
        """A named value with the source and time of the fact it comes from."""
        return evidence_of(self.fact(fact), what, actual, expected, fits=fits)


def evidence_of(fact: Fact[Any], what: str | Text, actual: Value, expected: Value = None, *, fits: bool | None = None) -> Evidence:
    return Evidence.of(what, actual, expected, fact.source, fact.at, fits=fits)


_VMS = HostTopics.vms
_OF_VMS = frozenset(
    {
        _VMS,
        HostTopics.checkpoints,
        HostTopics.virtual_disks,
        HostTopics.virtual_processors,
        HostTopics.assigned_devices,
        HostTopics.gpu_partitions,
        HostTopics.vm_security,
        HostTopics.planned_machines,
        HostTopics.destination_files,
    }
)
"""The facts of a host of which is shown what they say of one VM: a list of that is hardly another VM's too, nor what names the VM."""


class HostView(HostTopics, _View):
    """A host in one role. `name` is the plan's spelling."""

    __slots__ = ("_origins", "_shown", "key", "name")

    def __init__(self, reads: Reads, host: HostName, role: str) -> None:
        super().__init__(reads, role)
        self.key = host
        self.name = self.world.spelled(host)
        self._origins: dict[FactOf[Any], Evidence] = {}
        """Evidence that shows nothing yet, by the fact that it comes from."""
        self._shown = self.world.evidence.setdefault(host, {})

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        return self.world.host_fact(self.key, fact)

    def evidence(self, fact: FactOf[Any], what: str | Text, actual: Value, expected: Value = None, *, fits: bool | None = None) -> Evidence:
        """Made once, but for what hardly a second VM has."""
        if fact in _OF_VMS and ((actual and isinstance(actual, tuple)) or (not isinstance(what, str) and what.values)):
            return self._origin(fact).another(what, actual, expected, fits=fits)
        key = fact, what, type(actual), actual, expected, fits
        found = self._shown.get(key)
        if found is None:
            found = self._shown[key] = self._origin(fact).another(what, actual, expected, fits=fits)
        return found

    def _origin(self, fact: FactOf[Any]) -> Evidence:
        found = self._origins.get(fact)
        if found is None:
            told = self.fact(fact)
            found = self._origins[fact] = Evidence.origin(told.source, told.at)
        return found

    def predates(self, fact: FactOf[Any], what: Text) -> FactMissing:
        """What a check raises when an older program read a fact, without the part of it that the check needs: ends it as UNKNOWN."""
        return FactMissing(f"{self.role}.{fact.name}", self.world.older(what))

    def mounted(self, place: str) -> Volume | None:
        """The volume that holds a path (on_drive), or nothing where it has none. Declared as `volumes`. Raises FactMissing."""
        self.read(HostView.volumes)
        volumes = self.world.volumes(self.key)
        found = volumes.find(place) if volumes else None
        return found[1] if found else None

    @property
    def home(self) -> str:
        """The DNS name of its domain."""
        return self.computer.domain

    @property
    def full_name(self) -> HostName:
        """What it calls itself."""
        return self.computer.full_name

    @property
    def tells_home(self) -> FactOf[Any]:
        """The fact that tells its domain."""
        return HostView.computer

    def answer_about(self, partner: HostName) -> PartnerAnswer:
        """What this host says of one partner. Raises FactMissing when it was not asked about that partner."""
        for answer in self.partners:
            if HostName(answer.partner) == partner:
                return answer
        asked = text("what {host} says of {partner}", host=self.name, partner=partner.key)
        raise FactMissing(f"{self.role}.partners", self.world.not_collected(asked))


DFS = text(
    "this is the name of a domain, and its shares are DFS namespaces: let the administrator of the domain look with Get-DfsnFolderTarget "
    "which server holds the folder, and name that one in the path"
)


class ServerView(HostView):
    """A server on whose share files lie, in the role `server`: of one that is no host of the plan no more is known than what the
    directory says of its account, where all controllers that can be asked show the same rights to act for users at it."""

    __slots__ = ()

    def __init__(self, reads: Reads, server: HostName) -> None:
        super().__init__(reads, server, "server")

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        facts = self.world.accounts.get(self.key)
        if facts is None and self.world.domains.get(self.key.key) is not None:
            return self.world.not_collected(text("server behind {name}", name=self.name), DFS)
        if fact.name != HostView.account.name or facts is None:
            return super()._find(fact)
        found: Fact[Any] | None = agreed(facts.views, lambda account: account.resource_based)
        return found or super()._find(fact)

    @property
    def home(self) -> str:
        return domain_of(self.account.dn)

    @property
    def full_name(self) -> HostName:
        """What the directory calls it: nobody asked itself."""
        return HostName(self.account.full_name)

    @property
    def tells_home(self) -> FactOf[Any]:
        return HostView.account


class Claims(HostView):
    """What was read from whoever answered as a host, whether or not that is the host that the plan means."""

    __slots__ = ()

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        return self.world.claimed_fact(self.key, fact)


def _where_it_lies(holder: HostView, placed: Placed) -> FactMissing:
    """What is raised where the places of a VM's files are not known: the host did not tell all, or the plan does not say where to."""
    what = text("where all disks of {vm} lie", vm=placed.vm.id)
    if not placed.vm.files.whole:
        return holder.lacks(HostView.vms, what)
    return FactMissing(f"{holder.role}.vms", holder.world.not_collected(what))


class OperatorView(_View):
    """The operator of a move or an access, or who will change delegation, in the role `administrator`."""

    __slots__ = ("key", "name")

    account = FactOf(UserAccount)

    def __init__(self, reads: Reads, operator: AccountName, role: str) -> None:
        super().__init__(reads, role)
        self.key = operator
        self.name = self.world.spelled(operator)

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        facts = self.world.operators.get(self.key)
        if facts is None:
            return self.world.not_collected(text("account {account}", account=self.name))
        found: Fact[T] = getattr(facts, fact.name)
        return found

    def groups_in(self, domain: str) -> Fact[tuple[LocalGroup, ...]] | Fact[tuple[str, ...]]:
        """What the domain of a host (DNS name) adds to this operator's token, or the whole token in a snapshot of an older program; known
        or missing."""
        facts = self.world.operators.get(self.key)
        if facts is not None:
            for answers in (facts.local, facts.token):
                for name, fact in answers.items():
                    if DnsName(name) == DnsName(domain):
                        return fact
        return self.world.not_collected(text("groups of {account} in {domain}", account=self.name, domain=domain))

    def token(self, domain: str, logon: Logon) -> Token:
        """What this operator's logon to a member of the domain (DNS name) carries. Declared as `token`. Raises FactMissing."""
        self.reads.permit(f"{self.role}.token")
        self.read(OperatorView.account)
        return self.once(OperatorView._token, domain, logon)

    def _token(self, domain: str, logon: Logon) -> Token:
        fact, account = self.groups_in(domain), self.account
        if isinstance(fact, Missing):
            raise FactMissing(f"{self.role}.token", fact)
        local = tuple(group for group in fact.value if isinstance(group, LocalGroup))
        over = crossing(self.world.domains, domain_of(account.dn), domain)
        if account.groups is None:
            return of_older(account, tuple(sid for sid in fact.value if isinstance(sid, str)), over, logon)
        return at_host(account, over, local, logon)

    def doubts(self, domain: str, why: Text) -> FactMissing:
        """What a check raises when what was read of the token leaves open what it needs: ends it as UNKNOWN."""
        fact = self.groups_in(domain)
        return FactMissing(f"{self.role}.token", Missing(Reason.UNREADABLE, fact.source, fact.at, why))


class RealmView(_View):
    """A domain that takes part in a move: that of a host or of the operator, or the root of its forest."""

    __slots__ = ("name",)

    domain = HostTopics.domain
    trusts = HostTopics.trusts
    controller_domains = HostTopics.controller_domains
    forest_domains = OfDomain(
        dict[str, str], ControllerTopic.forest, lambda around: around.domain.agreed(ControllerTopic.forest, lambda names: names)
    )
    """The DNS names of all domains of its forest by their NetBIOS names, lower case."""

    def __init__(self, reads: Reads, name: str) -> None:
        super().__init__(reads, "realm")
        self.name = name

    def _find(self, fact: FactOf[T]) -> Fact[T]:
        assert isinstance(fact, OfDomain)
        return self.world.realm_fact(self.name, fact)

    @property
    def seen_trusts(self) -> tuple[Trust, ...]:
        """Its trusts where they were read, and none where not."""
        return self.trusts if isinstance(self.fact(RealmView.trusts), Known) else ()

    def doubts(self, why: Text) -> FactMissing:
        """What a check raises when the domain's trusts were read and do not tell what it needs: ends it as UNKNOWN."""
        found = self.fact(RealmView.trusts)
        return FactMissing("realm.trusts", Missing(Reason.NOT_COLLECTED, found.source, found.at, why))


class HostSubject:
    """The subject of a host check. `claims` is for the check that decides whether it is the host. What the moves of the plan say of it is
    noted where it is looked at: all else holds of the host in any plan."""

    __slots__ = ("_of_plan", "_reads", "claims", "host", "world")

    def __init__(self, world: World, reads: Reads, host: HostName) -> None:
        self._of_plan = world
        self._reads = reads
        self.world = reads.told
        self.host = reads.host(host, "host")
        self.claims = Claims(reads, host, "host")

    @property
    def moves_vms(self) -> bool:
        """Does a move of the plan take a VM to this host or away from it."""
        return self._reads.decided_by_plan("moves_vms", self.host.key in self._of_plan.vm_hosts)

    @property
    def takes_vms(self) -> bool:
        """Does a move of the plan take a VM to this host."""
        return self._reads.decided_by_plan("takes_vms", self.host.key in self._of_plan.vm_targets)

    @property
    def sends(self) -> bool:
        """Does a move of the plan start on this host."""
        return self._reads.decided_by_plan("sends", self.host.key in self._of_plan.sources)

    @property
    def runs_moves(self) -> bool:
        """Does Hyper-V on this host take part in a move of the plan: not where only storage goes to its share."""
        world, host = self._of_plan, self.host.key
        return self._reads.decided_by_plan("runs_moves", host in world.vm_hosts or host in world.sources)


class PairSubject:
    """The subject of a pair check."""

    __slots__ = ("_steps", "moves", "only_storage", "reads", "source", "target", "world")

    def __init__(self, world: World, reads: Reads, source: HostName, target: HostName) -> None:
        self.world = world
        self.reads = reads
        self.source = reads.host(source, "source")
        self.target = reads.host(target, "target")
        self._steps = world.steps_of(source, target)
        self.moves = tuple([step.move for step in self._steps])
        """The moves of this pair."""
        self.only_storage = all(move.storage_only for move in self.moves)
        """Does no move of this pair take a VM along."""

    def realm(self, domain: str) -> RealmView:
        """A domain (DNS name)."""
        return RealmView(self.reads, domain)

    @property
    def acting_elsewhere(self) -> tuple[Move, ...]:
        """The moves of this pair for which the source does anything for the operator at another host; where the plan does not say where
        storage goes, it may."""
        legs = self.world.legs_of(self.source.key, self.target.key)
        return tuple(move for move, leg in zip(self.moves, legs, strict=True) if not leg.stays)

    @property
    def one_machine(self) -> bool:
        """Are both the same machine, as where storage goes to another disk."""
        return self.world.machines[self.source.key] == self.world.machines[self.target.key]

    def server(self, name: HostName) -> ServerView:
        """A server on whose share files lie."""
        return ServerView(self.reads, name)

    @property
    def ways_back(self) -> tuple[tuple[LaunchPoint, Leg], ...]:
        """What the ways back of the VMs of these moves would do with files, by where the moves are started, each once. Declared as
        `source.vms`. Raises FactMissing where it is not known which VMs are moved, or where their files lie and the way back needs them."""
        self.reads.permit("source.vms")
        found: dict[tuple[LaunchPoint, Leg], None] = {}
        for step in self._steps:
            if step.move.storage_only:
                continue
            leg = self.world.leg_back(step)
            if step.move.kind is Kind.VM_ALONE and not leg.whole:
                raise self._unknown(step)
            found[step.move.launch, leg] = None
        return tuple(found)

    def _unknown(self, step: Step) -> FactMissing:
        if isinstance(step.found, Missing):
            return FactMissing("source.vms", step.found)
        for placed in step.found:
            if not placed.files.whole:
                return _where_it_lies(self.reads.host(placed.read_on, "source"), placed)
        return FactMissing("source.vms", self.world.not_collected(step.move.arrow))

    @property
    def return_planned(self) -> bool:
        """Does the plan hold a move in the other direction."""
        return self.world.goes_back(self.source.key, self.target.key)


class Route(NamedTuple):
    """What the subjects of moves on a route share."""

    move: Move
    source: HostView
    target: HostView
    operator: OperatorView
    holder: HostView

    @classmethod
    def of(cls, step: Step, reads: Reads) -> Route:
        """The route of a step."""
        move = replace(step.move, vm=NO_VM, destination_path=None)
        source, target = reads.host(move.source, "source"), reads.host(move.target, "target")
        holder = reads.host(step.placed.read_on, "source") if step.placed else source
        return cls(move, source, target, reads.operator(move.operator), holder)


class MoveSubject:
    """The subject of a move check.

    `route` is the move without what belongs to its VM alone, and `holder` the host that told of the VM: the source, or where earlier moves
    of the plan take it from. A check that looks at nothing else says the same of every VM on that route that this host told of, and is
    asked once; one that looks at `leg` besides once for each of those.
    """

    __slots__ = ("_place", "_step", "holder", "operator", "reads", "route", "source", "target", "world")

    def __init__(self, world: World, reads: Reads, place: int, along: Route) -> None:
        self.world = world
        self.reads = reads
        self._place = place
        self._step = world.steps[place]
        self.route, self.source, self.target, self.operator, self.holder = along

    @property
    def step(self) -> Step:
        """The move when the plan comes to it. What it says of VMs is read through `candidates` and `clashes`."""
        self.reads.saw_vm = True
        return self._step

    @property
    def move(self) -> Move:
        """The move with its VM and destination path."""
        return self.step.move

    @property
    def start(self) -> HostView | None:
        """The host of the plan on which the move is started, in the role `start`, or nothing where that is another computer."""
        route, machines = self.route, self.world.machines
        if route.launch is not LaunchPoint.REMOTE:
            return self.reads.host(route.source, "start")
        machine = self.world.server(HostName(route.launch_from)) if route.launch_from else None
        named = next((host for host in (*route.pair, machine) if host in machines and machines[host] == machine), None)
        return self.reads.host(named, "start") if named else None

    @property
    def memory_taken(self) -> int:
        """How many bytes of memory the moves before it bring to the target, less what they take away there."""
        self.reads.saw_vm = True
        return self.world.memory_taken[self._place]

    @property
    def room(self) -> Room:
        """The volume to which its files go, and what the moves before it do there."""
        self.reads.saw_vm = True
        return self.world.rooms[self._place]

    def room_unknown(self, path: str) -> FactMissing:
        """What a check raises where an earlier move of the plan may take more of the volume than is known."""
        return FactMissing("plan", self.world.not_collected(text("what earlier moves of the plan bring to {path}", path=path)))

    @property
    def receiver(self) -> HostView:
        """The host to which its files go."""
        return self.source if self.route.storage_only else self.target

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """What it puts there, or where the plan names no folder, may put there. Declared as `vm`. Raises FactMissing."""
        return self.world.arrivals(self.step) if self._placed else ()

    @property
    def named_places(self) -> list[str] | None:
        """The paths of that where the plan names their folder, or nothing. Declared as `vm`. Raises FactMissing."""
        return self.world.named_places(self.step) if self._placed else None

    @property
    def before(self) -> Before:
        """What the moves before it did there."""
        self.reads.saw_vm = True
        return self.world.before[self._place]

    @property
    def disk_size(self) -> Size:
        """What the disks of the VM take. Declared as `source.virtual_disks`. Raises FactMissing where not all is known."""
        holder = self.holder
        holder.read(HostView.virtual_disks)
        size = self.world.size(self._placed)
        if size is None:
            raise holder.lacks(HostView.virtual_disks, text("size of every disk of {vm}", vm=self.vm.name))
        return size

    @property
    def chains(self) -> Chains:
        """The files of which its virtual disks consist. Declared as `source.virtual_disks`. Raises FactMissing."""
        holder = self.holder
        holder.read(HostView.virtual_disks)
        placed = self._placed
        chains = self.world.chains(placed.read_on, placed.vm)
        if chains is None:
            raise holder.lacks(HostView.vms, text("disks of {vm}", vm=self.vm.id))
        return chains

    @property
    def users_of_disks(self) -> Users:
        """The files of virtual disks that several VMs use of the host that told of it. Declared as `source.virtual_disks`."""
        self.holder.read(HostView.virtual_disks)
        return self.world.users_of_disks(self._placed.read_on)

    @property
    def candidates(self) -> tuple[VirtualMachine, ...]:
        """The VMs with the move's name or id that the source has when the plan comes to it. Declared as `vm`. Raises FactMissing."""
        self.reads.permit("vm")
        found = self.step.found
        if not isinstance(found, tuple):
            raise FactMissing("vm", found)
        return tuple([placed.vm for placed in found])

    @property
    def clashes(self) -> tuple[VirtualMachine, ...]:
        """The VMs with the id or the name of the one that comes that the target has then. Declared as `target.vms`. Raises FactMissing."""
        self.reads.permit("target.vms")
        found = self.step.clashes
        if not isinstance(found, tuple):
            raise FactMissing("target.vms", found)
        return tuple([placed.vm for placed in found])

    @property
    def vm(self) -> VirtualMachine:
        """The one VM of the move. Raises FactMissing when there is none or more than one (vm.present says so)."""
        return self._placed.vm

    @property
    def leg(self) -> Leg:
        """What the move does with files. Raises FactMissing where storage moves alone and the plan does not say where to."""
        self.reads.saw_leg = True
        leg = self.world.legs[self._place]
        if leg.kind is Kind.STORAGE_ALONE and leg.destination is None:
            what = text("destination_path of {move}", move=self.move.arrow)
            raise FactMissing("plan", self.world.not_collected(what))
        return leg

    @property
    def acts_elsewhere(self) -> bool:
        """Does the source do anything for the operator at another host. Raises FactMissing as `leg` does."""
        return not self.route.storage_only or not self.leg.stays

    def files_unknown(self) -> FactMissing:
        """What a check raises that needs a file of which it is not known where it lies then. Declared as `vm`."""
        return _where_it_lies(self.holder, self._placed)

    @property
    def files(self) -> Files:
        """Where the files of the VM lie when the plan comes to the move. Declared as `vm`. Raises FactMissing where the VM is not known."""
        return self._step.files if self._step.move.alone else self._placed.files

    def server(self, name: HostName) -> ServerView:
        """A server on whose share files lie."""
        return ServerView(self.reads, name)

    @property
    def _placed(self) -> Placed:
        if "vm" not in self.reads.allowed:
            raise UndeclaredFact("vm")
        self.reads.saw_vm = True
        placed = self._step.placed
        if placed is None:
            what, found = text("VM {vm} on {host}", vm=self.move.vm.spelled, host=self.source.name), self._step.found
            raise FactMissing("vm", found if isinstance(found, Missing) else self.world.not_collected(what))
        return placed

    def vm_evidence(self, what: str | Text, actual: Value, expected: Value = None, *, fits: bool | None = None) -> Evidence:
        self.reads.saw_vm = True
        return self.holder.evidence(_VMS, what, actual, expected, fits=fits)

    def realm(self, domain: str) -> RealmView:
        """A domain (DNS name)."""
        return RealmView(self.reads, domain)

    @property
    def return_planned(self) -> bool:
        """Does the plan move this VM back later."""
        self.reads.saw_vm = not self._step.move.alone
        return self.world.comes_back(self._place)


class AccessSubject:
    """The subject of an access check: an operator on a host. What the moves of the plan say of it is noted, as of a host."""

    __slots__ = ("_of_plan", "_reads", "host", "operator", "world")

    def __init__(self, world: World, reads: Reads, operator: AccountName, host: HostName) -> None:
        self._of_plan = world
        self._reads = reads
        self.world = reads.told
        self.host = reads.host(host, "host")
        self.operator = reads.operator(operator)

    @property
    def manages(self) -> bool:
        """Does a move of the operator need Hyper-V on the host: not where only storage goes to its share."""
        return bool(self.logons)

    @property
    def logons(self) -> tuple[Logon, ...]:
        """How the operator reaches the host's Hyper-V in the moves of the plan."""
        ways = self._of_plan.logons.get((self.operator.key, self.host.key), frozenset())
        return self._reads.decided_by_plan("logons", tuple(logon for logon in Logon if logon in ways))

    @property
    def starts(self) -> frozenset[LaunchPoint]:
        """From where the operator starts moves on the host."""
        return self._reads.decided_by_plan("starts", self._of_plan.starts.get((self.operator.key, self.host.key), frozenset()))


RESTS_ON = (
    "hosts.vms",
    "hosts.virtual_disks",
    "hosts.migration",
    "hosts.migration_networks",
    "hosts.addresses",
    "hosts.adapters",
)
"""What the estimates of a plan rest on."""


class PlanSubject:
    """The subject of a plan check: the whole plan and every host, in the role `hosts`. `told_back` is what checks say against the ways
    back, once they were asked, `laid_beside` are the reports of Compare-VM beside what they say."""

    __slots__ = ("claims", "hosts", "laid_beside", "plan", "reads", "told_back", "world")

    def __init__(self, world: World, reads: Reads) -> None:
        self.world = world
        self.reads = reads
        self.plan = self.world.plan
        self.hosts = {name: reads.host(name, "hosts") for name in self.world.machines}
        self.claims = {name: Claims(reads, name, "hosts") for name in self.world.machines}
        self.told_back: tuple[Hindrance, ...] = ()
        self.laid_beside: tuple[Compared, ...] = ()

    @property
    def administrator(self) -> OperatorView | None:
        """Who will change delegation in the directory, where the plan names somebody."""
        named = self.plan.administrator
        return None if named is None else self.reads.operator(named, "administrator")

    @property
    def ways_back(self) -> tuple[Hindrance, ...]:
        """What checks say against the ways back. Declared as `ways_back`."""
        self.reads.permit(WAYS_BACK)
        return self.told_back

    @property
    def compared(self) -> tuple[Compared, ...]:
        """The reports of Compare-VM beside what the other checks say. Declared as `second_opinion`."""
        self.reads.permit(SECOND_OPINION)
        return self.laid_beside

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.world.steps

    @property
    def schedule(self) -> Schedule:
        """In which waves the moves can run, and how long each takes. Declared as what that rests on."""
        for fact in RESTS_ON:
            self.reads.permit(fact)
        return self.world.schedule

    @property
    def unestimated(self) -> FactMissing | None:
        """What a check raises that needs all estimates, where a fact is missing for one."""
        gap = self.schedule.gap
        return FactMissing(f"hosts.{gap.fact}", gap.missing) if gap and gap.missing else None

    def hint_vms(self, step: Step) -> None:
        """Note that the VMs of a step are not known, if so: after that the check can no longer pass. Declared as `hosts.vms`."""
        self.reads.permit("hosts.vms")
        if isinstance(step.found, Missing):
            self.reads.hints_missing.append(FactMissing("hosts.vms", step.found))
