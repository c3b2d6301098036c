"""The world of a run: a plan and a snapshot, with the look-ups that evaluating needs. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from checks.check import Evidence
from checks.disk_chains import Chains, Size, Users, chains_of, users
from checks.facts.directory import AccountFacts, Around, Domains, OfAccount, OfDomain, OperatorFacts
from checks.facts.fact import ABSENT, Fact, FactOf, Known, Missing, Reason, Section
from checks.facts.host import HostFacts, HostTopics
from checks.facts.machines import Files, VirtualDisk, VirtualMachine
from checks.facts.snapshot import HostVisit, Snapshot
from checks.identity import contradiction, machines, meant, one_machine, other_name
from checks.links import Gap, Rate, rate, unread
from checks.plan import EVERY_VM, HostEntry, Kind, LaunchPoint, Move, Pair, Plan
from checks.plan_files import Arrival, Before, Lying, arrivals
from checks.plan_files import Hosts as OfFiles
from checks.plan_files import walk as walk_files
from checks.plan_space import Hosts, Room, Space, Volumes
from checks.plan_space import walk as walk_space
from checks.plan_state import Placed, Step, files_after, walk
from checks.policy import Policy
from checks.storage import LOCAL, At, Leg, Place
from checks.text import NOTHING, Text, Value, text
from checks.tokens import Logon
from checks.waves import Machines, Of, Schedule, schedule
from checks.windows.names import AccountName, HostName, MachineName, Name, domain_of
from checks.windows.paths import on_drive, server_of

T = TypeVar("T")


class FactMissing(Exception):
    """A check read a fact that was not read from the system. Ends the check as UNKNOWN. `name` is the fact as the check declares it."""

    def __init__(self, name: str, missing: Missing) -> None:
        super().__init__(f"{name}: {missing.reason}")
        self.name = name
        self.missing = missing


LOGON_BY = {
    LaunchPoint.REMOTE: Logon.NETWORK,
    LaunchPoint.POWERSHELL: Logon.NETWORK,
    LaunchPoint.CONSOLE: Logon.CONSOLE,
    LaunchPoint.RDP: Logon.RDP,
}
"""How a start reaches the source."""


class World:
    """Hosts, accounts and domains by their names, whatever their spelling."""

    def __init__(self, plan: Plan, snapshot: Snapshot, policy: Policy | None = None) -> None:
        self.plan = plan
        self.outline = plan.outline
        self.snapshot = snapshot
        self.policy = policy or Policy()
        self.hosts: dict[HostName, HostFacts] = {HostName(name): facts for name, facts in snapshot.hosts.items()}
        self.visits: dict[HostName, HostVisit] = {HostName(name): visit for name, visit in snapshot.visits.items()}
        self.accounts: dict[HostName, AccountFacts] = {HostName(name): facts for name, facts in snapshot.accounts.items()}
        self.domains = Domains(snapshot.domains)
        self.operators: dict[AccountName, OperatorFacts] = {AccountName(name): facts for name, facts in snapshot.operators.items()}
        self._spelling: dict[Name, Name] = {name: name for name in (*self.outline.host_names, *self.outline.accounts)}
        self._derived: dict[tuple[HostName, str], Fact[Any]] = {}
        self._realms: dict[tuple[str, FactOf[Any]], Fact[Any]] = {}
        self._strangers: dict[HostName, Missing | None] = {}
        self.evidence: dict[HostName, dict[Hashable, Evidence]] = {}
        """What was shown of hosts: what holds of a host is shown for each of its VMs."""
        self._values: dict[tuple[str, str], dict[str, Value]] = {}
        self._giving: dict[HostName, bool] = {}
        self._legs_back: dict[Step, Leg] = {}
        self._volumes: dict[HostName, Volumes] = {}
        self._disk_files: dict[HostName, dict[str, VirtualDisk | None]] = {}
        self._chains: dict[HostName, dict[str, Chains | None]] = {}
        """By hosts and the ids of their VMs."""
        self._users: dict[HostName, Users] = {}
        self._lying: dict[HostName, Lying] = {}

    @property
    def valid_until(self) -> datetime:
        """When the facts are too old: at the latest as every snapshot's, earlier where the policy says so."""
        collected, validity = self.snapshot.collected, self.policy.validity
        return collected.valid_until if validity is None else min(collected.valid_until, collected.start + validity)

    def spelled(self, name: Name) -> str:
        """A host or an operator as the plan spells it first."""
        return self._spelling.get(name, name).spelled

    def shared(self, values: dict[str, Value]) -> dict[str, Value]:
        """The values of a text, shared with others that have the same one: most that is said of a move names its VM and nothing else."""
        if len(values) != 1:
            return values
        ((place, value),) = values.items()
        return self._values.setdefault((place, value), values) if type(value) is str else values

    def forget_shared(self) -> None:
        """Once all is said nobody asks any more for what others said already: of 10,000 moves that takes 5 MiB."""
        self._values.clear()
        for shown in self.evidence.values():
            shown.clear()

    # --- the moves of the plan ---

    @cached_property
    def machines(self) -> dict[HostName, HostName]:
        """For every host of the plan the name that its machine goes by: that of the first host that is the same machine."""
        return machines({host: self._tokens(host) for host in self.outline.host_names})

    def _tokens(self, host: HostName) -> tuple[Hashable, ...]:
        """What a machine is recognized by: the name that the plan means, the one that it gives itself, its account."""
        return (meant(host, self.entry(host)), *self._claims(host))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The plan's moves in its order, each with where everything is then. `*` is every VM that its source has then; it stays where they
        are not known or are none."""
        lists = {machine: (host, self.host_fact(host, HostTopics.vms)) for machine, host in self._vms_told_by.items()}
        return walk(self.plan.moves, self.machines, lists)

    def telling(self, fact: FactOf[Any]) -> dict[HostName, HostName]:
        """For each machine the host of the plan that told a fact, or the first that did not."""
        telling: dict[HostName, HostName] = {}
        for host, machine in self.machines.items():
            first = telling.setdefault(machine, host)
            if isinstance(self.host_fact(first, fact), Missing) and isinstance(self.host_fact(host, fact), Known):
                telling[machine] = host
        return telling

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The move of each step."""
        return tuple(step.move for step in self.steps)

    @cached_property
    def _by_pair(self) -> dict[Pair, tuple[Step, ...]]:
        grouped: dict[Pair, list[Step]] = {}
        for step in self.steps:
            grouped.setdefault(step.move.pair, []).append(step)
        return {pair: tuple(steps) for pair, steps in grouped.items()}

    def stays(self, source: HostName) -> tuple[VirtualMachine, ...] | None:
        """The VMs that were read on a source and that no move takes to another machine, by name; nothing where they were not read."""
        machine = self.machines[source]
        read = self.host_fact(self._vms_told_by[machine], HostTopics.vms)
        if isinstance(read, Missing):
            return None
        taken = self._taken.get(machine, frozenset())
        return tuple(sorted((vm for vm in read.value if MachineName(vm.id) not in taken), key=lambda vm: (MachineName(vm.name), vm.id)))

    @cached_property
    def _vms_told_by(self) -> dict[HostName, HostName]:
        return self.telling(HostTopics.vms)

    @cached_property
    def _taken(self) -> dict[HostName, frozenset[MachineName]]:
        """By machines the ids of the VMs that the plan takes away from there."""
        taken: dict[HostName, set[MachineName]] = {}
        for step in self.steps:
            if not step.move.storage_only and step.here != step.there and not isinstance(step.found, Missing):
                taken.setdefault(step.here, set()).update(placed.id for placed in step.found)
        return {machine: frozenset(ids) for machine, ids in taken.items()}

    def steps_of(self, source: HostName, target: HostName) -> tuple[Step, ...]:
        """The steps of one ordered pair."""
        return self._by_pair.get((source, target), ())

    @cached_property
    def vm_hosts(self) -> frozenset[HostName]:
        """The hosts to or from which the plan moves a VM."""
        return frozenset(host for move in self.outline.moves if not move.storage_only for host in move.pair)

    @cached_property
    def vm_targets(self) -> frozenset[HostName]:
        """The hosts to which the plan moves a VM."""
        return frozenset(move.target for move in self.outline.moves if not move.storage_only)

    @cached_property
    def sources(self) -> frozenset[HostName]:
        """The hosts that a move of the plan starts on."""
        return frozenset(move.source for move in self.outline.moves)

    @cached_property
    def logons(self) -> dict[tuple[AccountName, HostName], frozenset[Logon]]:
        """How each operator reaches the Hyper-V of each host in the plan: as it is started where the host is a source, over the network
        where it is the target of a VM."""
        ways = {place: {LOGON_BY[launch] for launch in points} for place, points in self.starts.items()}
        for move in self.outline.moves:
            if not move.storage_only:
                ways.setdefault((move.operator, move.target), set()).add(Logon.NETWORK)
        return {place: frozenset(found) for place, found in ways.items()}

    @cached_property
    def starts(self) -> dict[tuple[AccountName, HostName], frozenset[LaunchPoint]]:
        """From where each operator starts moves on each host that is a source."""
        points: dict[tuple[AccountName, HostName], set[LaunchPoint]] = {}
        for move in self.outline.moves:
            points.setdefault((move.operator, move.source), set()).add(move.launch)
        return {place: frozenset(found) for place, found in points.items()}

    @cached_property
    def _last(self) -> dict[tuple[HostName, HostName, MachineName | None], int]:
        """The place of the last step from one machine to another, of any VM and of each one, by all that it is known as."""
        places: dict[tuple[HostName, HostName, MachineName | None], int] = {}
        for place, step in enumerate(self.steps):
            for vm in () if step.move.alone else (None, *step.means):
                places[step.here, step.there, vm] = place
        return places

    def goes_back(self, source: HostName, target: HostName) -> bool:
        """Does the plan move anything from the machine of the target to that of the source."""
        return (self.machines[target], self.machines[source], None) in self._last

    def comes_back(self, place: int) -> bool:
        """Does the plan move the VM of the step at this place back later, named or as one of all."""
        step = self.steps[place]
        return any(self._last.get((step.there, step.here, vm), -1) > place for vm in (*step.means, EVERY_VM))

    # --- the memory of VMs ---

    @cached_property
    def memory_taken(self) -> tuple[int, ...]:
        """For each step how many bytes of memory the steps before it bring to its target, less what they take away there. What is not
        known counts as nothing."""
        taken: dict[HostName, int] = {}
        found = []
        for step in self.steps:
            found.append(taken.get(step.there, 0))
            if step.placed and not step.move.storage_only:
                memory = step.placed.vm.memory_assigned_bytes
                taken[step.there] = taken.get(step.there, 0) + memory
                taken[step.here] = taken.get(step.here, 0) - memory
        return tuple(found)

    def gives_memory(self, host: HostName) -> bool:
        """Does a VM run on a host now that has dynamic memory, or may have it."""
        found = self._giving.get(host)
        if found is None:
            vms = self.host_fact(host, HostTopics.vms)
            known = () if isinstance(vms, Missing) else vms.value
            found = isinstance(vms, Missing) or any(vm.dynamic_memory is not False and vm.memory_assigned_bytes > 0 for vm in known)
            self._giving[host] = found
        return found

    # --- the room for files of VMs ---

    @cached_property
    def rooms(self) -> tuple[Room, ...]:
        """For each step the volume to which its files go, and what the steps before it do there."""
        return walk_space(self.steps, Hosts(self.volumes, self._disk_folder, self.size, self._lies, self.server))

    def volumes(self, host: HostName) -> Volumes | None:
        """The volumes of a host, by paths, or nothing where they were not read."""
        found = self._volumes.get(host)
        if found is None:
            told = self.host_fact(host, HostTopics.volumes)
            if isinstance(told, Missing):
                return None
            found = self._volumes[host] = Volumes(told.value)
        return found

    def _disk_folder(self, host: HostName) -> str | None:
        return self._folders(host)[1]

    def size(self, placed: Placed) -> Size | None:
        """The size of a VM's disks, as the host tells that told of the VM, or nothing where not all is known."""
        chains = self.chains(placed.read_on, placed.vm)
        return chains.size if chains else None

    def chains(self, host: HostName, vm: VirtualMachine) -> Chains | None:
        """The files of which a VM's virtual disks consist, as the host tells that told of it, or nothing where these are not known."""
        known = self._chains.get(host)
        if known is None:
            known = self._chains[host] = {}
        if vm.id not in known:
            known[vm.id] = chains_of(vm, self._files_on(host))
        return known[vm.id]

    def users_of_disks(self, host: HostName) -> Users:
        """By how many VMs of a host each file of a virtual disk is used. One that is told twice is one VM."""
        if host not in self._users:
            told = self.host_fact(host, HostTopics.vms)
            vms = {} if isinstance(told, Missing) else {MachineName(vm.id): vm for vm in told.value}
            self._users[host] = users((vm.name, self.chains(host, vm)) for vm in vms.values())
        return self._users[host]

    def _files_on(self, host: HostName) -> dict[str, VirtualDisk | None]:
        if host not in self._disk_files:
            found = self.host_fact(host, HostTopics.virtual_disks)
            told = {} if isinstance(found, Missing) else found.value
            self._disk_files[host] = {key: its for path, its in told.items() if (key := on_drive(path)) is not None}
        return self._disk_files[host]

    def _lies(self, placed: Placed) -> dict[Space, int]:
        """On which volumes a VM's disks lie as they were read, and how much of each they take; without those of which they hold the
        differences, which may be of other VMs too."""
        files, volumes = self._files_on(placed.read_on), self.volumes(placed.read_on)
        found: dict[Space, int] = {}
        for disk in placed.vm.disks or ():
            path = on_drive(disk.path) if disk.path is not None else None
            its, held = (files.get(path), volumes and volumes.find(path)) if path is not None else (None, None)
            if its and held:
                space = self.machines[placed.read_on], held[0]
                found[space] = found.get(space, 0) + its.file_bytes
        return found

    # --- the files that moves put on hosts ---

    @cached_property
    def before(self) -> tuple[Before, ...]:
        """For each step what the steps before it did where its files go."""
        return walk_files(self.steps, self._of_files)

    def arrivals(self, step: Step) -> tuple[Arrival, ...]:
        """What a step puts on the host to which its files go."""
        return arrivals(step, self._of_files)

    def lying(self, host: HostName) -> Lying:
        """What a host says of places; nothing of any where it was not read."""
        found = self._lying.get(host)
        if found is None:
            told = self.host_fact(host, HostTopics.destination_files)
            found = self._lying[host] = Lying({} if isinstance(told, Missing) else told.value)
        return found

    @cached_property
    def _of_files(self) -> OfFiles:
        return OfFiles(self.volumes, self._folders, self._disk_paths, self._is_shared, lambda host: self.machines[host])

    def _folders(self, host: HostName) -> tuple[str | None, str | None]:
        settings = self.host_fact(host, HostTopics.migration)
        return (None, None) if isinstance(settings, Missing) else (settings.value.machine_folder, settings.value.disk_folder)

    def _disk_paths(self, placed: Placed) -> tuple[str, ...]:
        chains = self.chains(placed.read_on, placed.vm)
        return chains.paths if chains else tuple(disk.path for disk in placed.vm.disks or () if disk.path and not disk.pass_through)

    def _is_shared(self, placed: Placed, file: str) -> bool:
        return self.users_of_disks(placed.read_on).vms[file] > 1

    # --- how long the moves take ---

    @cached_property
    def schedule(self) -> Schedule:
        """In which waves the moves can run, and how long each takes."""
        telling = self.telling(HostTopics.migration)

        def limit(machine: HostName, of: Of) -> int | None:
            told = self.host_fact(telling[machine], HostTopics.migration)
            if isinstance(told, Missing):
                return None
            return told.value.maximum_migrations if of is Of.VMS else told.value.maximum_storage_migrations

        def link(machine: HostName) -> Rate | Gap:
            host = telling[machine]
            return rate(self.spelled(host), lambda fact: self.host_fact(host, fact))

        steps = tuple(step for step in self.steps if not step.move.alone)
        return schedule(steps, Machines(lambda machine: self.spelled(telling[machine]), limit, link, self._travels))

    def _travels(self, step: Step) -> int | Gap:
        """How many bytes a move brings over the network from one machine to the other."""
        placed, move = step.placed, step.move
        if placed is None:
            vms = text("VM {vm} on {host}", vm=move.vm.spelled, host=self.spelled(move.source))
            return unread(HostTopics.vms, step.found if isinstance(step.found, Missing) else self.not_collected(vms))
        if step.here == step.there or move.storage_only:
            return _BESIDE
        if not move.moves_storage:
            return placed.vm.memory_assigned_bytes
        folder = move.destination_path or self._disk_folder(move.target)
        if any(server_of(path) is not None for path in (*placed.files.paths, *([folder] if folder is not None else ()))):
            return _BESIDE
        size = self.size(placed)
        if size is None:
            told = self.host_fact(placed.read_on, HostTopics.virtual_disks)
            disks = self.not_collected(text("size of every disk of {vm}", vm=placed.vm.name))
            return unread(HostTopics.virtual_disks, told if isinstance(told, Missing) else disks)
        return placed.vm.memory_assigned_bytes + size.file_bytes

    # --- where the files of a move lie and go to ---

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

    def place(self, server: HostName | None, here: HostName, there: HostName) -> Place:
        """Where a path with this server lies (checks.windows.paths.server_of), as seen from two machines."""
        if server is None:
            return LOCAL
        machine = self.server(server)
        at = At.SOURCE if machine == here else At.TARGET if machine == there else At.ELSEWHERE
        return Place(at, machine)

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """The leg of each step."""
        return tuple(map(self.leg, self.steps))

    def leg(self, step: Step) -> Leg:
        """What a move does with files. `whole` is false where its VM is not known."""
        move = step.move
        path = move.destination_path if move.moves_storage else None
        destination = None if path is None else self.place(server_of(path), step.here, step.there)
        return self._leg(move.kind, step.files, destination, step.here, step.there)

    def leg_back(self, step: Step) -> Leg:
        """What the move of the VM back would do: of the same kind, from where the files are after this one, to disks of the host."""
        known = self._legs_back.get(step)
        if known is None:
            move = step.move
            files = files_after(move, step.files)
            known = self._legs_back[step] = self._leg(move.kind, files, LOCAL if move.moves_storage else None, step.there, step.here)
        return known

    def _leg(self, kind: Kind, files: Files, destination: Place | None, here: HostName, there: HostName) -> Leg:
        places = dict.fromkeys(self.place(server, here, there) for server in files.servers)
        return Leg(kind, tuple(places), files.whole, destination)

    # --- the facts ---

    def not_collected(self, what: Text, why: Text = NOTHING) -> Missing:
        return Missing(Reason.NOT_COLLECTED, what, self.snapshot.collected.end, why)

    def older(self, source: Text) -> Missing:
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
        why = self.why_not_meant(host)
        at = self.claimed_fact(host, HostTopics.computer).at
        return Missing(Reason.CONTRADICTORY, text("visit of {host}", host=host.key), at, why) if why else None

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
        return self.plan.entry(host)


_BESIDE = Gap(text("files go to another disk of the host, or lie on a share: how fast they are copied there is not known"))
