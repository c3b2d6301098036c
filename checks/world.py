"""The world of a run: a plan and a snapshot, with the look-ups that evaluating needs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from checks.disk_chains import Chains, Size, Users, chains_of, users
from checks.facts.fact import Missing
from checks.facts.host import HostTopics
from checks.facts.machines import VirtualDisk, VirtualMachine
from checks.facts.snapshot import Snapshot
from checks.links import Gap, Rate, rate, unread
from checks.plan import EVERY_VM, Kind, LaunchPoint, Move, Pair, Plan
from checks.plan_files import Arrival, Before, arrivals, named_places
from checks.plan_files import Hosts as OfFiles
from checks.plan_files import walk as walk_files
from checks.plan_space import Hosts, Room
from checks.plan_space import walk as walk_space
from checks.plan_state import Placed, Step, as_read, walk
from checks.policy import Policy
from checks.storage import LOCAL, At, Leg, Place
from checks.text import text
from checks.tokens import Logon
from checks.told import Told
from checks.waves import Machines, Of, Schedule, schedule
from checks.windows.names import AccountName, HostName, MachineName
from checks.windows.paths import on_drive, server_of


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


class World(Told):
    """What was told, and a plan over it."""

    def __init__(self, plan: Plan, snapshot: Snapshot, policy: Policy | None = None) -> None:
        self.plan = plan
        self.outline = plan.outline
        super().__init__(self.outline, snapshot, policy)
        self._giving: dict[HostName, bool] = {}
        self._as_read: dict[HostName, tuple[Placed, ...] | Missing] = {}
        self._legs: dict[Step, Leg] = {}
        self._legs_back: dict[Step, Leg] = {}
        self._disk_files: dict[HostName, dict[str, VirtualDisk | None]] = {}
        self._chains: dict[HostName, dict[str, Chains | None]] = {}
        """By hosts and the ids of their VMs."""
        self._users: dict[HostName, Users] = {}

    # --- the moves of the plan ---

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The plan's moves in its order, each with where everything is then. `*` is every VM that its source has then; it stays where they
        are not known or are none."""
        return walk(self.plan.moves, self.machines, {machine: self._told_of(host) for machine, host in self._vms_told_by.items()})

    def _told_of(self, host: HostName) -> tuple[Placed, ...] | Missing:
        """The VMs of a host as it told of them."""
        told = self._as_read.get(host)
        if told is None:
            told = self._as_read[host] = as_read(host, self.host_fact(host, HostTopics.vms))
        return told

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """The move of each step."""
        return tuple(step.move for step in self.steps)

    @cached_property
    def _by_pair(self) -> dict[Pair, list[int]]:
        """The places of the steps of each ordered pair."""
        places: dict[Pair, list[int]] = {}
        for place, step in enumerate(self.steps):
            places.setdefault(step.move.pair, []).append(place)
        return places

    def stays(self, source: HostName) -> tuple[VirtualMachine, ...] | None:
        """The VMs that were read on a source and that no move takes to another machine, by name; nothing where they were not read."""
        machine = self.machines[source]
        told = self._told_of(self._vms_told_by[machine])
        if isinstance(told, Missing):
            return None
        taken = self._taken.get(machine, frozenset())
        stays = [placed for placed in told if placed.id.key not in taken]
        return tuple([placed.vm for placed in sorted(stays, key=lambda placed: (placed.name, placed.vm.id))])

    @cached_property
    def _vms_told_by(self) -> dict[HostName, HostName]:
        return self.telling(HostTopics.vms)

    @cached_property
    def _taken(self) -> dict[HostName, frozenset[str]]:
        """By machines the ids of the VMs that the plan takes away from there, by their keys."""
        taken: dict[HostName, set[str]] = {}
        for (source, target), places in self._by_pair.items():
            if self.machines[source] != self.machines[target]:
                steps = [step for place in places if not (step := self.steps[place]).move.storage_only]
                gone = [step.found for step in steps if isinstance(step.found, tuple)]
                taken.setdefault(self.machines[source], set()).update([placed.id.key for found in gone for placed in found])
        return {machine: frozenset(ids) for machine, ids in taken.items()}

    def steps_of(self, source: HostName, target: HostName) -> tuple[Step, ...]:
        """The steps of one ordered pair."""
        return tuple([self.steps[place] for place in self._by_pair.get((source, target), ())])

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
        taken = dict.fromkeys([machine.key for machine in self.machines.values()], 0)
        found = []
        for step in self.steps:
            here, there = step.here.key, step.there.key
            found.append(taken[there])
            if step.placed and not step.move.storage_only:
                memory = step.placed.vm.memory_assigned_bytes
                taken[there] += memory
                taken[here] -= memory
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
        return walk_space(self.steps, Hosts(self.volumes, self._disk_folder, self.size, self._lies, self.machines.__getitem__, self.server))

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
        """The files of virtual disks that several VMs of a host use. One that is told twice is one VM."""
        if host not in self._users:
            told = self._told_of(host)
            vms = {} if isinstance(told, Missing) else {placed.id.key: placed.vm for placed in told}
            self._users[host] = users((vm.name, self.chains(host, vm)) for vm in vms.values())
        return self._users[host]

    def _files_on(self, host: HostName) -> dict[str, VirtualDisk | None]:
        if host not in self._disk_files:
            found = self.host_fact(host, HostTopics.virtual_disks)
            told = {} if isinstance(found, Missing) else found.value
            self._disk_files[host] = {key: its for path, its in told.items() if (key := on_drive(path)) is not None}
        return self._disk_files[host]

    def _lies(self, placed: Placed) -> Iterator[tuple[str, int]]:
        """Where the volumes are mounted on which a VM's disks lie as they were read, and how much each disk takes; without the files of
        which they hold the differences, which may be of other VMs too."""
        files, volumes = self._files_on(placed.read_on), self.volumes(placed.read_on)
        for disk in placed.vm.disks or ():
            path = on_drive(disk.path) if disk.path is not None else None
            its, held = (files.get(path), volumes and volumes.find(path)) if path is not None else (None, None)
            if its and held:
                yield held[0], its.file_bytes

    # --- the files that moves put on hosts ---

    @cached_property
    def before(self) -> tuple[Before, ...]:
        """For each step what the steps before it did where its files go."""
        return walk_files(self.steps, self._of_files)

    def arrivals(self, step: Step) -> tuple[Arrival, ...]:
        """What a step puts on the host to which its files go."""
        return arrivals(step, self._of_files)

    def named_places(self, step: Step) -> list[str] | None:
        """The paths of that where the plan names their folder."""
        return named_places(step, self._of_files)

    @cached_property
    def _of_files(self) -> OfFiles:
        return OfFiles(self.volumes, self._folders, self._disk_paths, self._is_shared, self.machines.__getitem__)

    def _folders(self, host: HostName) -> tuple[str | None, str | None]:
        settings = self.host_fact(host, HostTopics.migration)
        return (None, None) if isinstance(settings, Missing) else (settings.value.machine_folder, settings.value.disk_folder)

    def _disk_paths(self, placed: Placed) -> tuple[str, ...]:
        chains = self.chains(placed.read_on, placed.vm)
        return chains.paths if chains else tuple(disk.path for disk in placed.vm.disks or () if disk.path and not disk.pass_through)

    def _is_shared(self, placed: Placed, file: str) -> bool:
        return file in self.users_of_disks(placed.read_on).shared

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
        if (folder is not None and server_of(folder) is not None) or self.leg(step).files not in ((), _ON_DISKS):
            return _BESIDE
        size = self.size(placed)
        if size is None:
            told = self.host_fact(placed.read_on, HostTopics.virtual_disks)
            disks = self.not_collected(text("size of every disk of {vm}", vm=placed.vm.name))
            return unread(HostTopics.virtual_disks, told if isinstance(told, Missing) else disks)
        return placed.vm.memory_assigned_bytes + size.file_bytes

    # --- where the files of a move lie and go to ---

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

    def legs_of(self, source: HostName, target: HostName) -> tuple[Leg, ...]:
        """The legs of the steps of one ordered pair."""
        return tuple([self.legs[place] for place in self._by_pair.get((source, target), ())])

    def leg(self, step: Step) -> Leg:
        """What a move does with files. `whole` is false where its VM is not known."""
        known = self._legs.get(step)
        if known is None:
            move, files = step.move, step.files
            path = move.destination_path if move.moves_storage else None
            destination = None if path is None else self.place(server_of(path), step.here, step.there)
            lie = self._places(files.servers, step.here, step.there)
            known = self._legs[step] = Leg(move.kind, lie, files.whole, destination)
        return known

    def leg_back(self, step: Step) -> Leg:
        """What the move of the VM back would do: of the same kind, from where the files are after this one, to disks of the host."""
        known = self._legs_back.get(step)
        if known is None:
            leg = self.leg(step)
            stay = leg.kind is Kind.VM_ALONE
            after = leg.files if stay else (leg.destination,) if leg.destination else ()
            lie = self._places(tuple([place.server for place in after]), step.there, step.here)
            whole, to = (leg.whole, None) if stay else (leg.destination is not None, LOCAL)
            known = self._legs_back[step] = Leg(leg.kind, lie, whole, to)
        return known

    def _places(self, servers: tuple[HostName | None, ...], here: HostName, there: HostName) -> tuple[Place, ...]:
        return _ON_DISKS if servers == (None,) else tuple(dict.fromkeys([self.place(server, here, there) for server in servers]))


_ON_DISKS = (LOCAL,)
_BESIDE = Gap(text("files go to another disk of the host, or lie on a share: how fast they are copied there is not known"))
