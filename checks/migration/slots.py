"""The hosts take as many moves at once as the plan has, or the plan goes in waves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TypeAlias

from checks.changes import Change, Kind
from checks.check import PLAN, Evidence, Finding, Scope, Severity, check, fails, passes
from checks.facts.fact import Known
from checks.plan import Kind as MoveKind
from checks.plan_state import Step
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PlanSubject
from checks.text import command, text
from checks.waves import slots as taken
from checks.windows.names import HostName

_DEFAULT = 2
_SHOWN = 20
"""At most so many of the moves that a limit of 0 stops become evidence."""
_KINDS = {"MaximumVirtualMachineMigrations": Kind.MAXIMUM_MIGRATIONS, "MaximumStorageMigrations": Kind.MAXIMUM_STORAGE_MIGRATIONS}


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="The hosts' limits of simultaneous migrations fit the plan",
    facts=("hosts.migration", "hosts.migration_listener"),
    predicts=("21501",),
    article=("W12 2.7", "W16 2.5"),
    worst=Severity.BLOCKER,
)
def slots(subject: PlanSubject) -> Finding:
    hosts, ways = _hosts(subject), _taking_part(subject)
    uses = [_Use(hosts[machine], *ways[machine]) for machine in ways if hosts[machine].hint(HostView.migration) is not None]
    none = [use for use in uses if any(limit.wanted and limit.value <= 0 for limit in use.limits)]
    if none:
        return _closed(none)
    for machine in ways:
        hosts[machine].read(HostView.migration)
    worst = max((use.waves for use in uses), default=0)
    if worst <= 1:
        return passes("Every host can take all of its moves at once")
    crowded = [use for use in uses if use.waves == worst]
    first = crowded[0].host
    return fails(
        text(
            "{host} takes part in moves of {vms} VMs that may run at once, and does {limit} at a time ({storage_limit} with storage): "
            "{waves} waves",
            host=first.name,
            vms=max(limit.wanted for limit in crowded[0].limits),
            limit=first.migration.maximum_migrations,
            storage_limit=first.migration.maximum_storage_migrations,
            waves=worst,
        ),
        *(each for use in crowded for each in use.evidence()),
        remedy=Remedy(
            text(
                "Start the moves in {waves} waves, or raise the limits where network and disks can carry it. What is above a "
                "limit waits or is refused",
                waves=worst,
            ),
            who=administrator_of(first.name),
        ),
    )


def _hosts(subject: PlanSubject) -> dict[HostName, HostView]:
    """For each machine the host of the plan that told its limits, or the first that did not."""
    return {machine: subject.hosts[host] for machine, host in subject.world.telling(HostView.migration).items()}


Places: TypeAlias = list[tuple[int, Step]]
"""Moves by their places in the plan."""


class _Way:
    """The moves of a kind from one machine to another, and the VMs that they move."""

    __slots__ = ("moves", "vms")

    def __init__(self, moves: Places) -> None:
        self.moves = moves
        self.vms = frozenset([step.vm for _, step in moves])


def _taking_part(subject: PlanSubject) -> dict[HostName, tuple[list[_Way], list[_Way]]]:
    """For each machine the moves that take a slot for VMs there, and those that take one for storage."""
    ways: dict[tuple[HostName, HostName, MoveKind], Places] = {}
    for place, step in enumerate(subject.steps):
        ways.setdefault((step.here, step.there, step.move.kind), []).append((place, step))
    found: dict[HostName, tuple[list[_Way], list[_Way]]] = {}
    for key, moves in ways.items():
        way = _Way(moves)
        for machine, of in taken(*key):
            found.setdefault(machine, ([], []))[of].append(way)
    return found


class _Limit:
    """One of the two limits of a host: the setting, its value, the moves that it holds for, and how many of them may run at once: the moves
    of one VM wait for one another."""

    __slots__ = ("_ways", "setting", "value", "wanted")

    def __init__(self, setting: str, value: int, ways: list[_Way]) -> None:
        self.setting, self.value, self._ways = setting, value, ways
        self.wanted = len(frozenset().union(*[way.vms for way in ways]))

    @property
    def steps(self) -> list[Step]:
        """In the order of the plan."""
        return [step for _, step in sorted(chain.from_iterable(way.moves for way in self._ways))]


class _Use:
    """What the plan asks of a machine."""

    __slots__ = ("host", "limits")

    def __init__(self, host: HostView, vms: list[_Way], storage: list[_Way]) -> None:
        self.host = host
        self.limits = (
            _Limit("MaximumVirtualMachineMigrations", host.migration.maximum_migrations, vms),
            _Limit("MaximumStorageMigrations", host.migration.maximum_storage_migrations, storage),
        )

    @property
    def waves(self) -> int:
        return max(-(-limit.wanted // limit.value) if limit.wanted else 0 for limit in self.limits)

    def evidence(self) -> Iterator[Evidence]:
        host = self.host
        for limit in self.limits:
            what = text("{setting} of {host}", setting=limit.setting, host=host.name)
            wanted = text("{count} VM of the plan at once" if limit.wanted == 1 else "{count} VMs of the plan at once", count=limit.wanted)
            yield host.evidence(HostView.migration, what, limit.value, wanted, fits=limit.value >= limit.wanted)
        listener = host.fact(HostView.migration_listener)
        if isinstance(listener, Known):
            for what, active in (
                (text("migrations under way on {host}", host=host.name), listener.value.active_migrations),
                (text("storage migrations under way on {host}", host=host.name), listener.value.active_storage_migrations),
            ):
                if active:
                    yield host.evidence(HostView.migration_listener, what, active)


def _closed(uses: list[_Use]) -> Finding:
    closed = [(use.host, limit) for use in uses for limit in use.limits if limit.wanted and limit.value <= 0]
    names = tuple(use.host.name for use in uses)
    template = {limit.setting: f"Set-VMHost -ComputerName {{host}} -{limit.setting} {{limit}}" for _, limit in closed}
    concerned = dict.fromkeys(step for _, limit in closed for step in limit.steps)
    return fails(
        text("{hosts} does no migration at all: the limit of simultaneous migrations is 0", hosts=names),
        *(each for use in uses for each in use.evidence()),
        *(PLAN.another(step.move.arrow, text("needs a slot on a host that has none"), fits=True) for step in islice(concerned, _SHOWN)),
        severity=Severity.BLOCKER,
        concerns=(step.move for step in concerned),
        remedy=Remedy(
            text("Set the limit of {hosts} to 2, which is the default, or to what the hosts can carry", hosts=names),
            who=administrator_of(*names),
            commands=tuple(command(template[limit.setting], host=host.name, limit=_DEFAULT) for host, limit in closed),
            shows=text("for each host two numbers, none of them 0"),
            verify=tuple(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property MaximumVirtualMachineMigrations, MaximumStorageMigrations",
                    host=name,
                )
                for name in names
            ),
            undo=tuple(command(template[limit.setting], host=host.name, limit=limit.value) for host, limit in closed),
            changes=tuple(Change(_KINDS[limit.setting], host.name, _DEFAULT, limit.value) for host, limit in closed),
        ),
    )
