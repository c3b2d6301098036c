"""What the checks say of one operation: its move is judged against a snapshot, by the plan where one is given.

Without a plan the move is made from what the operation tells and the snapshot holds. What neither says stays open: both directions,
every pair that was asked about, both ways of starting (remotely, and in a session on the source), an operator of whom nothing is known.
What hosts, pairs and accesses are found to be is the same for every VM that takes the same way, and is evaluated once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from checks.check import WAYS_BACK, Scope
from checks.errors.diagnosis import NOBODY, Judged, Operation, View
from checks.facts.fact import Known
from checks.facts.host import HostFacts
from checks.facts.snapshot import Snapshot
from checks.plan import NO_VM, LaunchPoint, Move, Pair, Plan
from checks.registry import all_checks
from checks.result import FindingRecord
from checks.second_opinion import SECOND_OPINION
from checks.text import text
from checks.windows.names import AccountName, HostName, MachineName
from checks.world import World
from runner.diagnose.rank import OTHER_DIRECTION
from runner.evaluate import Run, watchdog_over
from runner.waiving import Waiving

MOST_MOVES = 64
"""With more candidates than these the facts decide nothing of an operation that names neither its VM nor its hosts."""
EITHER_WAY = (LaunchPoint.REMOTE, LaunchPoint.CONSOLE)
AFTERWARDS = frozenset({WAYS_BACK, SECOND_OPINION})
"""What checks read that say nothing of why a move failed: whether it could be undone, and what Compare-VM said of it."""
AROUND = frozenset({Scope.HOST, Scope.PAIR, Scope.ACCESS})
"""The scopes of which no check looks at the VM of a move."""


class Judge:
    """Judges operations against one snapshot."""

    def __init__(self, snapshot: Snapshot, plan: Plan | None = None) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self._hosts = _host_names(snapshot)
        self._facts = {HostName(name): facts for name, facts in snapshot.hosts.items()}
        self._vms = {host: _vm_names(facts) for host, facts in self._facts.items()}
        self._checks = tuple(check for check in all_checks() if check.id not in OTHER_DIRECTION and AFTERWARDS.isdisjoint(check.facts))
        self._areas = {check.id: check.area for check in self._checks}
        self._moves = World(plan, snapshot).moves if plan else ()
        self._own = frozenset(self._moves)
        self._by_vm = self._moves_by_vm()
        self._findings: dict[tuple[Move, ...], Sequence[FindingRecord]] = {}
        self._around: dict[tuple[tuple[Move, bool], ...], Mapping[str, Sequence[FindingRecord]]] = {}

    @property
    def names(self) -> dict[str, str]:
        """The VMs' names by their ids."""
        return {vm.id.lower(): vm.name for facts in self.snapshot.hosts.values() if isinstance(facts.vms, Known) for vm in facts.vms.value}

    def of(self, operation: Operation) -> Judged:
        """What the checks say of an operation."""
        for name in (operation.source, operation.target):
            if name and self._host(name) is None:
                return Judged(problem=text("The snapshot holds no host {name}", name=name))
        planned = self._planned(operation)
        moves = planned or self._made(operation)
        if not moves:
            return Judged(problem=text("The snapshot does not tell which hosts this was about"))
        if len(moves) > MOST_MOVES:
            return Judged(problem=text("{count} moves may be meant: name the VM or the hosts", count=len(moves)))
        open_launch = not planned and self.plan is None
        views = (
            tuple(self._view(tuple(replace(move, launch=launch) for move in moves), launch) for launch in EITHER_WAY) if open_launch else ()
        )
        return Judged(moves, views or (self._view(moves, ""),), self.snapshot.collected.end, bool(planned))

    # --- the moves that may be meant ---

    def _moves_by_vm(self) -> dict[MachineName, list[Move]]:
        """The plan's moves by their VM: as the plan spells it, by its name and by its id."""
        found: dict[MachineName, list[Move]] = {}
        for move in self._moves:
            for name in {move.vm} | self._vms.get(move.source, {}).get(move.vm, set()):
                found.setdefault(name, []).append(move)
        return found

    def _planned(self, operation: Operation) -> tuple[Move, ...]:
        """The plan's moves that the operation may have been."""
        source, target = self._host(operation.source), self._host(operation.target)
        moves = self._by_vm.get(MachineName(operation.vm.strip()), []) if operation.vm else self._moves
        return tuple(move for move in moves if source in (None, move.source) and target in (None, move.target))

    def _made(self, operation: Operation) -> tuple[Move, ...]:
        """Moves made from what is known. A plan lends its operator, launch point and storage where it has only one of each."""
        like = self._template()
        return tuple(
            replace(like, vm=MachineName(operation.vm or ""), source=source, target=target) for source, target in self._pairs(operation)
        )

    def _template(self) -> Move:
        if self.plan is not None and self.plan.moves:
            first = replace(self.plan.moves[0], destination_path=None, alone=False)
            return first if len(self.plan.operators) == 1 else replace(first, operator=NOBODY)
        operators = tuple(map(AccountName, self.snapshot.operators))
        return Move(MachineName(""), HostName(""), HostName(""), operators[0] if len(operators) == 1 else NOBODY)

    def _pairs(self, operation: Operation) -> tuple[Pair, ...]:
        """The ordered pairs that may be meant: as the operation says, else from the host that has the VM, else those that the snapshot
        was taken for."""
        source = self._host(operation.source) if operation.source else None
        target = self._host(operation.target) if operation.target else None
        hosts = tuple(self._facts)
        if source and target:
            return ((source, target),) if source != target else ()
        asked = tuple((host, partner) for host, facts in self._facts.items() for partner in _targets(facts))
        both = tuple((one, other) for one in hosts for other in hosts if one != other) if len(hosts) == 2 else ()
        for pairs in (asked, both):
            fitting = [
                pair for pair in pairs if pair[1] in hosts and (not source or pair[0] == source) and (not target or pair[1] == target)
            ]
            if operation.vm and not source:
                holders = {host for host, vms in self._vms.items() if MachineName(operation.vm.strip()) in vms}
                fitting = [pair for pair in fitting if pair[0] in holders] or fitting
            if fitting:
                return tuple(dict.fromkeys(fitting))
        return ()

    def _host(self, name: str | None) -> HostName | None:
        """The snapshot's key of a host, or nothing when it is not there or the name may mean several."""
        if not name:
            return None
        host = HostName(name)
        if host in self._facts:
            return host
        found = self._hosts.get(host) or self._hosts.get(host.short) or set()
        return next(iter(found)) if len(found) == 1 else None

    # --- judging ---

    def _view(self, moves: tuple[Move, ...], launch: str) -> View:
        hosts = {host for move in moves for host in move.pair}
        pairs = {move.pair for move in moves}
        vms = {move.vm for move in moves}
        by_id = {
            finding.id: finding
            for finding in self._said(moves)
            if _concerns(finding, hosts, pairs, vms) and (all(vm.spelled for vm in vms) or self._areas[finding.check] != "vm")
        }
        findings: dict[str, list[FindingRecord]] = {}
        for finding in by_id.values():
            findings.setdefault(finding.check, []).append(finding)
        return View(str(launch), {check: tuple(records) for check, records in findings.items()}, by_id)

    def _said(self, moves: tuple[Move, ...]) -> Sequence[FindingRecord]:
        """What the checks say of the whole plan where the moves are its own, else of these moves alone."""
        plan = self.plan or Plan(())
        judged = plan if set(moves) <= self._own else replace(plan, moves=moves)
        if judged.moves not in self._findings:
            self._findings[judged.moves] = self._evaluated(judged)
        return self._findings[judged.moves]

    def _evaluated(self, plan: Plan) -> Sequence[FindingRecord]:
        world = World(plan, self.snapshot)
        ways = tuple((replace(step.move, vm=NO_VM), world.leg(step).stays) for step in world.steps)
        run = Run(world, self._checks, frozenset(), Waiving((), None), said_before=self._around.get(ways))
        with watchdog_over(world) as watchdog:
            run.evaluate(watchdog)
        if ways not in self._around:
            around: dict[str, list[FindingRecord]] = {check.id: [] for check in self._checks if check.scope in AROUND}
            for finding in run.findings:
                around.get(finding.check, []).append(finding)
            self._around[ways] = around
        return run.findings


def _vm_names(facts: HostFacts) -> dict[MachineName, set[MachineName]]:
    """All names of the VMs of a host (names and ids) by each of them."""
    found: dict[MachineName, set[MachineName]] = {}
    for vm in facts.vms.value if isinstance(facts.vms, Known) else ():
        names = (MachineName(vm.id), MachineName(vm.name))
        for name in names:
            found.setdefault(name, set()).update(names)
    return found


def _concerns(finding: FindingRecord, hosts: set[HostName], pairs: set[Pair], vms: set[MachineName]) -> bool:
    subject = finding.subject
    if subject.source and subject.target:
        pair = (HostName(subject.source), HostName(subject.target))
        return pair in pairs and (subject.vm is None or MachineName(subject.vm) in vms)
    return subject.host is None or HostName(subject.host) in hosts


def _targets(facts: HostFacts) -> Iterable[HostName]:
    """The partners of which a host was asked whether it reaches them: it was to send to those."""
    return (HostName(answer.partner) for answer in facts.partners.value if answer.ports) if isinstance(facts.partners, Known) else ()


def _host_names(snapshot: Snapshot) -> dict[HostName, set[HostName]]:
    """The hosts that a name may mean: as the plan spells them, as they call themselves, with and without a domain."""
    found: dict[HostName, set[HostName]] = {}
    for name, facts in snapshot.hosts.items():
        host = HostName(name)
        names = {host, host.short}
        if isinstance(facts.computer, Known):
            computer = facts.computer.value
            names |= {HostName(computer.name), HostName(computer.dns_host_name), computer.full_name}
        for each in names:
            found.setdefault(each, set()).add(host)
    return found
