"""The hosts take as many moves at once as the plan has, or the plan goes in waves."""

from __future__ import annotations

from collections import Counter

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.plan import Move
from checks.remedy import Remedy, Step, administrator_of
from checks.subject import HostView, PlanSubject
from checks.text import Text, command, text
from checks.windows.names import HostName

_DEFAULT = 2
_KINDS = {"MaximumVirtualMachineMigrations": Kind.MAXIMUM_MIGRATIONS, "MaximumStorageMigrations": Kind.MAXIMUM_STORAGE_MIGRATIONS}


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="The hosts' limits of simultaneous migrations fit the plan",
    facts=("hosts.migration",),
    predicts=("21501",),
    article=("W12 2.7", "W16 2.5"),
    worst=Severity.BLOCKER,
)
def slots(subject: PlanSubject) -> Finding:
    moves, storage_moves = _counts(subject)
    none: list[HostView] = []
    waves: dict[HostName, int] = {}
    for name, host in subject.hosts.items():
        limits = ((moves[name], host.migration.maximum_migrations), (storage_moves[name], host.migration.maximum_storage_migrations))
        if any(wanted and limit <= 0 for wanted, limit in limits):
            none.append(host)
        else:
            waves[name] = max(-(-wanted // limit) if wanted else 0 for wanted, limit in limits)
    if none:
        return _closed(none, moves, storage_moves, subject.moves)
    worst = max(waves.values(), default=0)
    if worst <= 1:
        return passes("Every host can take all of its moves at once")
    crowded = [host for host in subject.hosts.values() if waves[host.key] == worst]
    first = crowded[0]
    return fails(
        text(
            "{host} takes part in {moves} moves and does {limit} at a time ({storage_limit} with storage): {waves} waves",
            host=first.name,
            moves=moves[first.key],
            limit=first.migration.maximum_migrations,
            storage_limit=first.migration.maximum_storage_migrations,
            waves=worst,
        ),
        *(each for host in crowded for each in _evidence(host, moves, storage_moves)),
        severity=Severity.ADVICE,
        remedy=Remedy(
            text(
                "Start the moves in {waves} waves, or raise the limits where network and disks can carry it. What is above a "
                "limit waits or is refused",
                waves=worst,
            ),
            who=administrator_of(first.name),
        ),
    )


def _counts(subject: PlanSubject) -> tuple[Counter[HostName], Counter[HostName]]:
    """How many moves each host takes part in, as source or target, and how many of them with storage."""
    moves: Counter[HostName] = Counter()
    storage: Counter[HostName] = Counter()
    for move in subject.world.moves:
        for host in set(move.pair):
            moves[host] += not move.storage_only
            storage[host] += move.moves_storage
    return moves, storage


def _closed(hosts: list[HostView], moves: Counter[HostName], storage: Counter[HostName], planned: tuple[Move, ...]) -> Finding:
    changes: list[Change] = []
    commands: list[Step] = []
    undo: list[Step] = []
    for host in hosts:
        for setting, limit, wanted in _limits(host, moves, storage):
            if wanted and limit <= 0:
                template = f"Set-VMHost -ComputerName {{host}} -{setting} {{limit}}"
                commands.append(command(template, host=host.name, limit=_DEFAULT))
                undo.append(command(template, host=host.name, limit=limit))
                changes.append(Change(_KINDS[setting], host.name, _DEFAULT, limit))
    names = tuple(host.name for host in hosts)
    return fails(
        text("{hosts} does no migration at all: the limit of simultaneous migrations is 0", hosts=names),
        *(each for host in hosts for each in _evidence(host, moves, storage)),
        severity=Severity.BLOCKER,
        concerns=(move for move in planned if not {host.key for host in hosts}.isdisjoint(move.pair)),
        remedy=Remedy(
            text("Set the limit of {hosts} to 2, which is the default, or to what the hosts can carry", hosts=names),
            who=administrator_of(*names),
            commands=tuple(commands),
            verify=tuple(
                command(
                    "Get-VMHost -ComputerName {host} | Select-Object -Property MaximumVirtualMachineMigrations, MaximumStorageMigrations",
                    host=name,
                )
                for name in names
            ),
            undo=tuple(undo),
            changes=tuple(changes),
        ),
    )


def _limits(host: HostView, moves: Counter[HostName], storage: Counter[HostName]) -> tuple[tuple[str, int, int], ...]:
    """For each setting: its name, its value, and how many moves of the plan it holds for."""
    return (
        ("MaximumVirtualMachineMigrations", host.migration.maximum_migrations, moves[host.key]),
        ("MaximumStorageMigrations", host.migration.maximum_storage_migrations, storage[host.key]),
    )


def _planned(moves: int) -> Text:
    return text("{count} move of the plan" if moves == 1 else "{count} moves of the plan", count=moves)


def _evidence(host: HostView, moves: Counter[HostName], storage: Counter[HostName]) -> list[Evidence]:
    return [
        host.evidence(HostView.migration, text("{setting} of {host}", setting=setting, host=host.name), limit, _planned(wanted))
        for setting, limit, wanted in _limits(host, moves, storage)
    ]
