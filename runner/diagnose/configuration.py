"""What the checks of the catalogue say of hosts whose settings somebody pasted: judged by these facts alone, what they lack is UNKNOWN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from msgspec.structs import replace

from checks.check import Check, Scope
from checks.errors.diagnosis import NOBODY, Configuration, Decider, View
from checks.errors.observation import Record
from checks.facts.fact import Fact, FactOf, Known, Missing, Reason
from checks.facts.host import HostTopics
from checks.facts.snapshot import SNAPSHOT_FORMAT, Collected, Snapshot
from checks.plan import LaunchPoint, Move, Pair, Plan
from checks.plan_state import Placed, Step, as_read, walk
from checks.registry import all_checks
from checks.result import FindingRecord
from checks.subject import HostView, Reads
from checks.text import NOTHING, Text, text
from checks.windows.names import HostName, MachineName
from checks.world import World
from runner.diagnose.judge import EITHER_WAY
from runner.diagnose.pasted import WHEN, Pasted, can_be_pasted, command_for, facts_of, tells
from runner.evaluate import Run, watchdog_over
from runner.waiving import Waiving

T = TypeVar("T")

MOST_SETTINGS = 64
"""So many different moves are judged by them."""
MOST_HOSTS = 16
MOST_MACHINES = 16
"""So many VMs of a host are judged."""

BY_THE_PLAN = frozenset({"network.name_form", "platform.management_tools", "vm.storage_path", "vm.target_files"})
"""Checks of what a plan says of a move, which an output does not tell."""

OF_ALL_OF_A_VM = frozenset({"vm.disks", "vm.media", "vm.share_rights"})
"""Checks that need the drives and files of a VM, which stand in several outputs."""

ONLY_SOMETIMES = frozenset({"domain", "controller_domains", "local_groups_elsewhere"})
"""Facts of which the checks of delegation can do without: they tell of whom a target lets act for users."""

_SCOPES = (Scope.HOST, Scope.PAIR, Scope.MOVE)


class Settings:
    """What the checks say of the hosts of these objects, for each move that may be meant once."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._pasted = facts_of(records)
        self._said: dict[tuple[Move, ...], Configuration] = {}
        self.left_out = 0
        """How many moves were not judged, since there are more of them than are."""

    def of(self, source: str | None, target: str | None, vm: str | None) -> Configuration | None:
        """What they say where a move failed of which that much is known; nothing where no object is a fact of a host."""
        pasted = self._pasted
        if not pasted.facts:
            return Configuration((), (), (), {}, (), (), pasted.unclear) if pasted.unclear else None
        pairs = _pairs(pasted, source, target)
        moves = tuple(_moves(pasted, pairs, vm))
        if moves not in self._said:
            if len(self._said) == MOST_SETTINGS:
                self.left_out += 1
                return None
            self._said[moves] = _configuration(pasted, pairs, moves)
        return self._said[moves]


def _configuration(pasted: Pasted, pairs: tuple[Pair, ...], moves: tuple[Move, ...]) -> Configuration:
    hosts = pasted.hosts[:MOST_HOSTS]
    unclear = pasted.unclear
    if len(hosts) > 2 and not pairs:
        named = tuple(host.spelled for host in hosts)
        unclear += (text("It is not told between which of {hosts} a VM is moved: each was judged by itself", hosts=named),)
    unclear += tuple(_left_out(pasted, pairs))
    checks = tuple(_asked(_SCOPES if moves else (Scope.HOST,)))
    said: dict[str, dict[LaunchPoint, FindingRecord]] = {}
    views = []
    for launch in EITHER_WAY if moves else EITHER_WAY[:1]:
        findings = _findings(pasted, hosts, tuple(_started(moves, launch)), checks)
        for finding in findings:
            said.setdefault(finding.id, {})[launch] = finding
        views.append(_view(launch, findings))
    return _together(pasted, checks, moves, said, unclear, tuple(views) if len(pairs) == 1 else ())


def _pairs(pasted: Pasted, source: str | None, target: str | None) -> tuple[Pair, ...]:
    """The ordered pairs that may be meant: of two hosts from the one that has VMs, else in both directions."""
    one, other = (_named(pasted, name) for name in (source, target))
    if one and other and one != other:
        return ((one, other),)
    if len(pasted.hosts) != 2:
        return ()
    both = (pasted.hosts, pasted.hosts[::-1])
    fitting = [(a, b) for a, b in both if one in (None, a) and other in (None, b)]
    holding = [(a, b) for a, b in fitting if pasted.vms.get(a)]
    return tuple(holding or fitting)


def _named(pasted: Pasted, name: str | None) -> HostName | None:
    if not name:
        return None
    found = [host for host in pasted.hosts if HostName(name) in (host, host.short) or HostName(name).short == host]
    return found[0] if len(found) == 1 else None


def _moves(pasted: Pasted, pairs: Iterable[Pair], vm: str | None) -> Iterator[Move]:
    """The moves that may be meant: of the VM that is named, else of each that the source has."""
    for source, target in pairs:
        held = [(MachineName(each.id), MachineName(each.name)) for each in pasted.vms.get(source, ())]
        meant = [names[0] for names in held if vm is None or MachineName(vm) in names]
        names = dict.fromkeys(meant[:MOST_MACHINES])
        for name in names or (MachineName(""),):
            yield Move(name, source, target, NOBODY)


def _left_out(pasted: Pasted, pairs: Iterable[Pair]) -> Iterator[Text]:
    if len(pasted.hosts) > MOST_HOSTS:
        yield text("{count} more hosts were not judged", count=len(pasted.hosts) - MOST_HOSTS)
    for source, _ in pairs:
        if (count := len(pasted.vms.get(source, ()))) > MOST_MACHINES:
            yield text("{count} more VMs of {host} were not judged", count=count - MOST_MACHINES, host=source.spelled)


def _started(moves: Iterable[Move], launch: LaunchPoint) -> Iterator[Move]:
    return (Move(move.vm, move.source, move.target, move.operator, launch=launch) for move in moves)


def _asked(scopes: tuple[Scope, ...]) -> Iterator[Check]:
    """The checks of these scopes, without those that rest on others, or on how a plan is written."""
    asked: set[str] = set()
    for check in all_checks():
        if check.scope in scopes and check.id not in BY_THE_PLAN and asked.issuperset(check.depends_on):
            asked.add(check.id)
            yield check


def _findings(pasted: Pasted, hosts: tuple[HostName, ...], moves: tuple[Move, ...], checks: tuple[Check, ...]) -> list[FindingRecord]:
    plan = Plan(moves or tuple(Move(MachineName(""), host, host, NOBODY) for host in hosts))
    world = _World(plan, pasted)
    run = Run(world, checks, frozenset(), Waiving((), None), reads=_Reads(world))
    with watchdog_over(world) as watchdog:
        run.evaluate(watchdog)
    return run.findings


def _view(launch: LaunchPoint, findings: Iterable[FindingRecord]) -> View:
    by_check: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        by_check.setdefault(finding.check, []).append(finding)
    return View(
        launch.value, {check: tuple(own) for check, own in by_check.items()}, {each.id: each for own in by_check.values() for each in own}
    )


def _together(
    pasted: Pasted,
    checks: Iterable[Check],
    moves: tuple[Move, ...],
    said: Mapping[str, Mapping[LaunchPoint, FindingRecord]],
    unclear: tuple[Text, ...],
    views: tuple[View, ...],
) -> Configuration:
    """What both ways of starting say: once where they say the same."""
    decided: list[FindingRecord] = []
    launches: dict[str, tuple[str, ...]] = {}
    deciders: dict[str, dict[str, None]] = {}
    elsewhere: dict[str, None] = {}
    decide = _Decide(pasted, checks)
    for by_launch in said.values():
        first = next(iter(by_launch.values()))
        alike = all(each.outcome is first.outcome and each.message == first.message for each in by_launch.values())
        for launch, finding in by_launch.items():
            if finding.undecided:
                commands = decide.by(finding)
                for command in commands:
                    deciders.setdefault(command, {})[finding.check] = None
                if not commands:
                    elsewhere[finding.check] = None
            elif not finding.because:
                own = finding if alike else _of(finding, launch)
                decided.append(own)
                if not alike:
                    launches[own.id] = (launch.value,)
            if alike:
                break
    decidable = {check for checks in deciders.values() for check in checks}
    return Configuration(
        hosts=tuple(host.spelled for host in pasted.hosts[:MOST_HOSTS]),
        moves=moves,
        findings=tuple(decided),
        launches=launches,
        deciders=tuple(Decider(command, tuple(checks)) for command, checks in deciders.items()),
        elsewhere=tuple(check for check in elsewhere if check not in decidable),
        unclear=unclear,
        views=views,
    )


def _of(finding: FindingRecord, launch: LaunchPoint) -> FindingRecord:
    return replace(finding, id=f"{finding.id}#{launch.value}")


class _Decide:
    """Which outputs would decide what is open."""

    def __init__(self, pasted: Pasted, checks: Iterable[Check]) -> None:
        self._pasted = pasted
        self._facts = {check.id: tuple(fact.rpartition(".")[::2] for fact in check.facts) for check in checks}

    def by(self, finding: FindingRecord) -> tuple[str, ...]:
        """The commands whose outputs have what a finding lacks; none where no output can be pasted that has it."""
        facts = [(role or "source", "vms" if fact == "vm" else fact) for role, fact in self._facts[finding.check]]
        if finding.check in OF_ALL_OF_A_VM or ("target", "vms") in facts:
            return ()
        if finding.lacks is None or not all(can_be_pasted(fact) or fact in ONLY_SOMETIMES for _, fact in facts):
            return ()
        of, _, part = finding.lacks.fact.rpartition(".")
        subject = finding.subject
        hosts = {"host": subject.host, "source": subject.source, "target": subject.target}
        wanted = {(hosts[role], fact) for role, fact in facts if hosts.get(role) and not self._has(hosts[role], fact)}
        if can_be_pasted(of) and not tells(of, part):
            return ()
        host = finding.lacks.source.values.get("host")
        if can_be_pasted(of) and isinstance(host, str):
            wanted.add((host, of))
        wanted = {(host, fact) for host, fact in wanted if fact != "computer" or (host, "account") not in wanted}
        commands = {command_for(fact, host) for host, fact in wanted if host}
        return tuple(sorted(command for command in commands if command))

    def _has(self, host: str | None, fact: str) -> bool:
        name = HostName(host or "")
        return bool(self._pasted.vms.get(name)) if fact == "vms" else fact in self._pasted.facts.get(name, {})


# --- a world of pasted facts ---


class _World(World):
    """Hosts of which is known what was pasted. Each is who the output says; nobody was asked, and no list of VMs is whole."""

    def __init__(self, plan: Plan, pasted: Pasted) -> None:
        collected = Collected(by="", on="", tool="", start=WHEN, end=WHEN)
        super().__init__(plan, Snapshot(SNAPSHOT_FORMAT, collected, {}, {}, {}, {}, {}, {}))
        self._pasted = pasted

    def host_fact(self, host: HostName, fact: FactOf[T]) -> Fact[T]:
        known = self._pasted.facts.get(host, {}).get(fact.name)
        return known or self._lacks(host, fact.name)

    claimed_fact = host_fact

    def _lacks(self, host: HostName, fact: str) -> Missing:
        return Missing(
            Reason.NOT_COLLECTED, text("{fact} of {host}, which the text does not hold", fact=fact, host=self.spelled(host)), WHEN
        )

    def why_not_meant(self, host: HostName) -> Text | None:  # noqa: ARG002 - the text names it
        return None

    def _claims(self, host: HostName) -> tuple[Any, ...]:  # noqa: ARG002 - it is known by its name alone
        return ()

    def older(self, source: Text) -> Missing:
        return self.not_collected(source)

    def not_collected(self, what: Text, why: Text = NOTHING) -> Missing:
        return Missing(Reason.NOT_COLLECTED, what, WHEN, why)

    @cached_property
    def _known_as(self) -> dict[HostName, HostName | None]:
        return {name: host for host in self.plan.host_names for name in (host, host.short)}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        lists: dict[HostName, tuple[Placed, ...] | Missing] = {}
        for host in self.plan.host_names:
            vms = self._pasted.vms.get(host)
            what = text("vms of {host}, of which the text holds these", host=self.spelled(host))
            lists[host] = as_read(host, Known(vms, what, WHEN) if vms else self._lacks(host, "vms"))
        first = {host: whole for host, whole in lists.items() if host in {move.source for move in self.plan.moves}}
        others = {host: self._lacks(host, "vms") for host in lists if host not in first}
        return walk(self.plan.moves, self.machines, first | others)


class _Reads(Reads):
    def host(self, host: HostName, role: str) -> HostView:
        if (role, host) not in self._hosts:
            self._hosts[role, host] = _Host(self, host, role)
        return self._hosts[role, host]


class _Host(HostView):
    """A host whose own full name is that of its account, where it was not asked for it."""

    __slots__ = ()

    @property
    def full_name(self) -> HostName:
        account = self.fact(HostTopics.account)
        return HostName(account.value.full_name) if isinstance(account, Known) else super().full_name
