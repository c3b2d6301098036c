"""Where the VMs of a plan are before each of its moves: one walk over the plan, in its order.

A move is looked at in the state that the moves before it leave, and then applied, whether or not it will succeed. A VM is known by its
id, since names need not be unique, and a machine is one under all of its names. A list of VMs that was not read leaves unknown what
depends on it, and makes nothing absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from checks.facts.fact import Fact, Missing
from checks.facts.machines import Files, VirtualMachine
from checks.plan import EVERY_VM, Kind, Move
from checks.windows.names import HostName, MachineName

_ON_DISKS, _UNKNOWN = Files((), True), Files((), False)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Placed(Struct, frozen=True, eq=False):
    """A VM at some point of the plan. `read_on` is the host that told of it, `brought_by` the move of the plan that brought it to where it
    is, `after` the last one that moved it or its files. `files` is where it lies then."""

    id: MachineName
    name: MachineName
    vm: VirtualMachine
    read_on: HostName
    files: Files
    brought_by: Step | None = None
    after: Step | None = None


def as_read(host: HostName, vms: Fact[tuple[VirtualMachine, ...]]) -> tuple[Placed, ...] | Missing:
    """The VMs of a host as it told of them."""
    if isinstance(vms, Missing):
        return vms
    return tuple([Placed(MachineName(vm.id), MachineName(vm.name), vm, host, vm.files) for vm in vms.value])


class Step:
    """A move when the plan comes to it, a `*` as one step for each VM. `here` and `there` are its machines.

    `found` are the VMs of the source that it means, or why that is not known; `placed` is the one, or nothing. Where they are none,
    `gone_by` is the earlier move that took them away; `may_be_gone` tells that one may have. `clashes` are the VMs on the target with the
    id or the name of the one that comes, or why that is not known. `confused_by` is the later move that names it while the target has
    another VM of that name.
    """

    __slots__ = ("clashes", "confused_by", "found", "gone_by", "here", "may_be_gone", "move", "placed", "there")

    def __init__(self, move: Move, here: HostName, there: HostName, found: tuple[Placed, ...] | Missing) -> None:
        self.move, self.here, self.there, self.found = move, here, there, found
        self.placed = found[0] if isinstance(found, tuple) and len(found) == 1 else None
        self.gone_by: Step | None = None
        self.may_be_gone = False
        self.clashes: tuple[Placed, ...] | Missing = ()
        self.confused_by: Step | None = None

    @property
    def depends_on(self) -> Step | None:
        """The earlier move that has to succeed for its VM to be where it is then, and, where it moves alone, its files too, or nothing."""
        if self.placed is None:
            return None
        return self.placed.after if self.move.kind is Kind.VM_ALONE else self.placed.brought_by

    @property
    def files(self) -> Files:
        """Where the files lie that it takes along, as far as that is known: a pair is judged for those on the hosts' own disks."""
        return self.placed.files if self.placed else _ON_DISKS if self.move.alone else _UNKNOWN

    @property
    def receiver(self) -> tuple[HostName, HostName]:
        """The host to which files go where it moves storage, and its machine: storage that moves alone stays with its VM."""
        return (self.move.source, self.here) if self.move.storage_only else (self.move.target, self.there)

    @property
    def vm(self) -> tuple[str | None, str]:
        """What its VM is told apart by: its id, or as far as that is not known, its machine and what the plan calls it."""
        return (None, self.placed.id.key) if self.placed else (self.here.key, self.move.vm.key)

    @property
    def means(self) -> frozenset[MachineName]:
        """The ids of its VMs and what the plan calls them."""
        ids = [placed.id for placed in self.found] if isinstance(self.found, tuple) else ()
        return frozenset((self.move.vm, *ids))


class _Machine:
    """What a machine holds at some point of the plan, by the keys of names and ids."""

    __slots__ = ("forms", "last", "left", "missing", "names", "unsure", "vms")

    def __init__(self, told: tuple[Placed, ...] | Missing) -> None:
        self.missing = told if isinstance(told, Missing) else None
        """Why it may hold anything besides."""
        self.unsure: dict[str, Missing] = {}
        """The names under which something came of which no more is known, and why."""
        self.vms: dict[str, Placed] = {}
        self.names: dict[str, dict[str, Placed]] = {}
        self.left: dict[str, Step] = {}
        """With which move what is no longer there went away, by all that it is known as."""
        self.last: Step | None = None
        """The move with which something went away last, until something comes."""
        self.forms: set[str] = set()
        """As what the plan named what went away."""
        if not isinstance(told, Missing):
            for placed in told:
                self.hold(placed)

    def hold(self, placed: Placed) -> None:
        """Have a VM, in the place of the one with its id."""
        if before := self.vms.get(placed.id.key):
            self.take(before)
        self.vms[placed.id.key] = placed
        self.names.setdefault(placed.name.key, {})[placed.id.key] = placed

    def take(self, placed: Placed) -> None:
        """Have a VM no longer."""
        del self.vms[placed.id.key]
        named = self.names[placed.name.key]
        del named[placed.id.key]
        if not named:
            del self.names[placed.name.key]

    def matching(self, wanted: MachineName) -> tuple[Placed, ...]:
        """What is there for certain with this name or id, by id; all that is for EVERY_VM."""
        if wanted.key == EVERY_VM.key:
            return tuple(self.vms.values())
        found, same = self.names.get(wanted.key, {}), self.vms.get(wanted.key)
        if same:
            found = found | {wanted.key: same}
        return tuple(found.values()) if len(found) <= 1 else tuple([found[id] for id in sorted(found)])

    def find(self, wanted: MachineName) -> tuple[Placed, ...] | Missing:
        """What a move from here means. Where not all is known, an id that is there is sure."""
        return self.matching(wanted) if wanted.key in self.vms else self._doubt(wanted) or self.matching(wanted)

    def _doubt(self, wanted: MachineName) -> Missing | None:
        """Why something unknown may have this name or id, or nothing."""
        if self.missing or not self.unsure:
            return self.missing
        return self.unsure.get(wanted.key) if _form(wanted) is _NAME else next(iter(self.unsure.values()))

    def every(self) -> list[tuple[MachineName, Placed]]:
        """What stands for EVERY_VM, by name and id: what is there, under its name, or its id where the name is not unique."""
        placed = sorted(self.vms.values(), key=lambda placed: (placed.name, placed.id))
        return [(MachineName(each.vm.name if len(self.names[each.name.key]) == 1 else each.vm.id), each) for each in placed]

    def clashing(self, comes: Placed) -> tuple[Placed, ...] | Missing:
        """What has the id of a VM that comes, or its name, or why that is not known."""
        same = self.vms.get(comes.id.key)
        return (same,) if same else self._doubt(comes.name) or self.matching(comes.name)

    def receive(self, placed: Placed) -> None:
        """Have a VM that a move brings."""
        self.hold(placed)
        for name in (placed.id, placed.name, EVERY_VM):
            self.left.pop(name.key, None)
        self.last = None

    def receive_unknown(self, wanted: MachineName, why: Missing) -> None:
        """Have what a move brings of which no more is known than what the plan calls it."""
        if _form(wanted) is _NAME:
            self.unsure[wanted.key] = why
        else:
            self.missing = self.missing or why
        self.left.clear()
        self.last = None

    def send(self, step: Step) -> tuple[Placed, ...]:
        """Have no longer what a move takes away: what that is for certain."""
        wanted, found = step.move.vm, step.found
        unknown = not isinstance(found, tuple)
        placed = found if isinstance(found, tuple) else self.matching(wanted)
        for each in placed:
            self.take(each)
            if self.missing is None and not unknown:
                self.left[each.id.key] = self.left[each.name.key] = step
        if not placed:
            self.unsure.pop(wanted.key, None)
        if placed or unknown:
            self.left[wanted.key] = self.last = step
            self.forms.add(_form(wanted))
        return () if unknown and wanted != EVERY_VM else placed


def walk(
    moves: Iterable[Move],
    machines: Mapping[HostName, HostName],
    lists: Mapping[HostName, tuple[Placed, ...] | Missing],
) -> tuple[Step, ...]:
    """The moves of a plan, each as it is when the plan comes to it.

    `machines` gives the machine for every host of a move, `lists` for every machine its VMs as they were read.
    """
    state = {machine: _Machine(told) for machine, told in lists.items()}
    steps: list[Step] = []
    for move in moves:
        here, there = machines[move.source], machines[move.target]
        source, target = state[here], state[there]
        found = () if move.alone else source.find(move.vm)
        every = source.every() if move.vm.key == EVERY_VM.key and isinstance(found, tuple) else ()
        expanded = [Step(replace(move, vm=name), here, there, (placed,)) for name, placed in every] if every else None
        for step in expanded or (Step(move, here, there, found),):
            _look(step, source, target)
            _apply(step, source, target)
            steps.append(step)
    return tuple(steps)


def _look(step: Step, source: _Machine, target: _Machine) -> None:
    wanted, found = step.move.vm, step.found
    if not isinstance(found, tuple):
        step.gone_by = source.left.get(wanted.key) or source.left.get(EVERY_VM.key)
        step.may_be_gone = step.gone_by is None and not source.forms <= {_form(wanted)}
    elif not found:
        step.gone_by = source.last if wanted == EVERY_VM else source.left.get(wanted.key)
    elif len(found) > 1:
        for placed in found:
            if placed.brought_by and placed.brought_by.confused_by is None:
                placed.brought_by.confused_by = step
    elif not step.move.storage_only and source is not target:
        step.clashes = target.clashing(found[0])


def _apply(step: Step, source: _Machine, target: _Machine) -> None:
    move, found = step.move, step.found
    if move.storage_only:
        for placed in found if isinstance(found, tuple) else ():
            source.hold(replace(placed, files=files_after(move, placed.files), after=step))
    elif source is not target:
        for placed in source.send(step):
            target.receive(replace(placed, files=files_after(move, placed.files), brought_by=step, after=step))
        if not isinstance(found, tuple):
            target.receive_unknown(move.vm, found)


def files_after(move: Move, files: Files) -> Files:
    """Where the files lie after a move. Where it does not say where to, nothing is known of them."""
    if not move.moves_storage:
        return files
    return Files(() if move.destination_path is None else (move.destination_path,), move.destination_path is not None)


_NAME = "name"
"""What is neither an id nor EVERY_VM."""


def _form(vm: MachineName) -> str:
    """As what the plan names a VM."""
    return "every" if vm.key == EVERY_VM.key else "id" if _GUID.fullmatch(vm.key) else _NAME
