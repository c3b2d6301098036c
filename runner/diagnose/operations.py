"""Joins observations to operations: what both hosts and a person's text say of one failed move is one thing, two moves are two.

Observations belong together when they name the same VM (by name or id), lie close enough in time and do not contradict each other about
the direction. An entry that names no VM belongs to the one operation that its host had at that moment. What has no time is taken as the
order of the text tells it. Sorting apart, the work grows with the number of observations only.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from checks.errors.diagnosis import Operation
from checks.errors.events import FAILED_AT_SOURCE, ONLY_SUCCEEDED
from checks.errors.lookup import all_errors
from checks.errors.observation import Observation
from checks.windows.names import HostName, fold

SAME_HOST = timedelta(minutes=2)
"""The longest pause between two entries of one failure in one host's log."""
OTHER_HOST = timedelta(minutes=5)
"""The same between two hosts: Kerberos allows their clocks to differ by so much."""
MOST_OBSERVATIONS = 200
"""So many observations of one operation are kept; the rest only counts in its times."""

_GUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_NO_VM = re.compile(r"(?i)\b(?:guid|activityid|relatedactivityid|userid)\s*=\s*(?:\"[^\"]{0,80}\"|'[^']{0,80}')")
_LOOK_BACK = 4


class _Group(Struct):
    """An operation while it grows. `last` is the time of the last entry by host. What is merely written around a failure (`telling` is
    about entries with a code or a known event) does not draw it out."""

    vm: str | None
    members: list[tuple[int, Observation]] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    source: str | None = None
    target: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    last: dict[str, datetime] = field(default_factory=dict)
    telling: bool = False

    def add(self, place: int, seen: Observation) -> None:
        if len(self.members) < MOST_OBSERVATIONS:
            self.members.append((place, seen))
            self.codes.update(seen.codes)
        self.source = self.source or seen.source
        self.target = self.target or seen.target
        if seen.time is not None and (self.end is None or tells(seen) or not self.telling):
            self.start = min(self.start or seen.time, seen.time)
            self.end = max(self.end or seen.time, seen.time)
            if seen.host:
                self.last[short(seen.host)] = max(self.last.get(short(seen.host), seen.time), seen.time)
        self.telling = self.telling or tells(seen)

    def near(self, seen: Observation) -> bool:
        """Is an entry with a time late enough to be another attempt, or still this one."""
        if seen.time is None or self.end is None:
            return True
        own = self.last.get(short(seen.host)) if seen.host else None
        return seen.time - own <= SAME_HOST if own is not None else seen.time - self.end <= OTHER_HOST

    def agrees(self, seen: Observation) -> bool:
        """Do both say the same of the direction, as far as they say anything."""
        return same_host(self.source, seen.source) and same_host(self.target, seen.target)

    def shares(self, codes: Iterable[str]) -> bool:
        """Have they a code in common, or one of them none."""
        other = set(codes)
        return not self.codes or not other or not self.codes.isdisjoint(other)


@lru_cache(maxsize=1 << 12)
def short(host: str) -> str:
    """The key of a host's name without its domain; an address stays whole."""
    return HostName(host).short.key


def tells(seen: Observation) -> bool:
    """Does an observation tell of a failure: with a code, or an event under which a known error is written."""
    return bool(seen.codes) or any(number in _known_events() for _, number in seen.events)


@cache
def _known_events() -> frozenset[int]:
    return frozenset(event.id for error in all_errors() for event in error.events if event.id is not None)


def same_host(one: str | None, other: str | None) -> bool:
    """May two names mean the same host. One that is not known may mean any."""
    return not one or not other or short(one) == short(other)


def succeeded(observations: Iterable[Observation]) -> tuple[str, ...]:
    """The VMs of which entries say that they were moved, and nothing else."""
    return tuple(dict.fromkeys(seen.vm for seen in observations if seen.vm and only_succeeded(seen)))


def only_succeeded(seen: Observation) -> bool:
    """Does an observation tell of nothing but a move that succeeded."""
    return bool(seen.events) and not seen.codes and all(number in ONLY_SUCCEEDED for _, number in seen.events)


def join(observations: Iterable[Observation], names: Mapping[str, str] | None = None) -> tuple[Operation, ...]:
    """The operations, what concerns a VM or a direction first, then what has no time (somebody's own text), then the newest. `names`
    maps VM ids (lower case, without braces) to names that are known from elsewhere."""
    told = list(observations)
    ids = {**_ids(told), **(names or {})}
    done: list[Observation] = []
    every: list[tuple[int, Observation]] = []
    for place, seen in enumerate(_with_names(told, ids)):
        if only_succeeded(seen):
            done.append(seen)
        else:
            every.append((place, seen))
    timed = sorted((item for item in every if item[1].time is not None), key=lambda item: (item[1].time, item[0]))
    groups = _with_vm(timed, ids)
    groups += _absorbed(groups, _without_vm(timed))
    _add_timeless((item for item in every if item[1].time is None), groups, ids)
    moved = _moved(done, ids)
    return _folded(sorted((_operation(group, ids, moved) for group in groups), key=_order))


def _moved(done: Iterable[Observation], ids: Mapping[str, str]) -> dict[str, datetime]:
    """The last time at which a move succeeded, by VM."""
    latest: dict[str, datetime] = {}
    for seen in done:
        vm = _identity(seen, ids)
        if vm is not None and seen.time is not None:
            latest[vm] = max(latest.get(vm, seen.time), seen.time)
    return latest


def _order(operation: Operation) -> tuple[bool, bool, float]:
    about_a_move = bool(operation.vm or operation.source or operation.target)
    return not about_a_move, operation.end is not None, -operation.end.timestamp() if operation.end else 0.0


def _ids(observations: Iterable[Observation]) -> dict[str, str]:
    """VM ids and the names that stand beside them: an entry that names a VM and holds one id tells both."""
    found: dict[str, str] = {}
    for seen in observations:
        if seen.vm and not _GUID.search(seen.vm):
            beside = _guids(seen)
            if len(beside) == 1:
                found.setdefault(beside.pop(), seen.vm)
    return found


def _guids(seen: Observation) -> set[str]:
    return {guid.lower() for guid in _GUID.findall(_NO_VM.sub("", seen.text))}


def _with_names(observations: Iterable[Observation], ids: Mapping[str, str]) -> Iterator[Observation]:
    """The observations; one that names no VM but holds the id of exactly one that is known is about that one."""
    for seen in observations:
        known = {ids[guid] for guid in _guids(seen) if guid in ids} if ids and not (seen.vm and seen.vm.strip()) else ()
        yield replace(seen, vm=next(iter(known))) if len(known) == 1 else seen


def _identity(seen: Observation, ids: Mapping[str, str]) -> str | None:
    if not seen.vm or not seen.vm.strip():
        return None
    guid = _GUID.search(seen.vm)
    return fold(ids.get(guid[0].lower(), guid[0]) if guid else seen.vm.strip())


def _with_vm(timed: list[tuple[int, Observation]], ids: Mapping[str, str]) -> list[_Group]:
    groups: list[_Group] = []
    of_vm: dict[str, list[_Group]] = {}
    for place, seen in timed:
        vm = _identity(seen, ids)
        if vm is None:
            continue
        own = of_vm.setdefault(vm, [])
        group = next((group for group in reversed(own[-_LOOK_BACK:]) if group.near(seen) and group.agrees(seen)), None)
        if group is None:
            group = _Group(vm)
            own.append(group)
            groups.append(group)
        group.add(place, seen)
    return groups


def _without_vm(timed: list[tuple[int, Observation]]) -> list[_Group]:
    """Entries that name no VM, together while one host writes them without a longer pause and without changing the code."""
    groups: list[_Group] = []
    of_host: dict[str, list[_Group]] = {}
    for place, seen in timed:
        if seen.vm and seen.vm.strip():
            continue
        own = of_host.setdefault(short(seen.host or ""), [])
        fitting = (each for each in reversed(own[-_LOOK_BACK:]) if each.near(seen) and each.agrees(seen) and each.shares(seen.codes))
        group = next(fitting, None)
        if group is None:
            group = _Group(None)
            own.append(group)
            groups.append(group)
        group.add(place, seen)
    return groups


def _absorbed(groups: list[_Group], loose: list[_Group]) -> list[_Group]:
    """Give what names no VM to the one operation that its host had then; what is left are operations of their own."""
    of_host: dict[str, list[_Group]] = {}
    for group in sorted(groups, key=lambda group: group.start.timestamp() if group.start else 0.0):
        for host in {*group.last, *(short(name) for name in (group.source, group.target) if name)}:
            of_host.setdefault(host, []).append(group)
    starts = {host: [group.start.timestamp() if group.start else 0.0 for group in own] for host, own in of_host.items()}
    left: list[_Group] = []
    for each in loose:
        candidates = {
            id(group): group
            for host in each.last
            for group in _around(of_host.get(host, []), starts.get(host, []), each)
            if each.shares(group.codes) and same_host(group.source, each.source) and same_host(group.target, each.target)
        }
        if len(candidates) == 1:
            (group,) = candidates.values()
            for place, seen in each.members:
                group.add(place, seen)
        else:
            left.append(each)
    return left


def _around(own: list[_Group], starts: list[float], each: _Group) -> Iterator[_Group]:
    """The groups of a host whose time touches that of another group."""
    if each.start is None or each.end is None:
        return
    at = bisect_left(starts, each.start.timestamp())
    for group in own[max(0, at - _LOOK_BACK) : at + _LOOK_BACK]:
        if group.start and group.end and group.start - SAME_HOST <= each.end and each.start <= group.end + SAME_HOST:
            yield group


def _add_timeless(timeless: Iterable[tuple[int, Observation]], groups: list[_Group], ids: Mapping[str, str]) -> None:
    """Text joins the newest operation of its VM that it does not contradict; text without a VM the stretch before it."""
    of_vm: dict[str, list[_Group]] = {}
    for group in groups:
        if group.vm is not None:
            of_vm.setdefault(group.vm, []).append(group)
    before: dict[str, _Group] = {}
    for place, seen in timeless:
        vm, file = _identity(seen, ids), _file(seen.where)
        candidates = of_vm.get(vm, [])[-_LOOK_BACK:] if vm is not None else [before[file]] if file in before else []
        fitting = (each for each in reversed(candidates) if each.agrees(seen) and each.shares(seen.codes))
        group = next(fitting, None) or _begun(before.get(file), seen, vm) or _Group(vm)
        if not group.members:
            groups.append(group)
        if vm is not None and (not group.members or group.vm is None):
            group.vm = vm
            of_vm.setdefault(vm, []).append(group)
        group.add(place, seen)
        before[file] = group


def _begun(group: _Group | None, seen: Observation, vm: str | None) -> _Group | None:
    """The stretch before one that names a VM and has no code, where the same host wrote a record without a VM: two records of one
    failure."""
    if group is None or vm is None or group.vm is not None or seen.codes or not seen.host:
        return None
    wrote = {short(member.host) for _, member in group.members if member.host}
    return group if wrote == {short(seen.host)} and group.agrees(seen) else None


def _file(where: str) -> str:
    """The input of a place in it (`mail.txt, line 12`, `log.evtx, record 7`)."""
    return where.rpartition(", ")[0] or where


def _operation(group: _Group, ids: Mapping[str, str], moved: Mapping[str, datetime]) -> Operation:
    """What a group says as a whole."""
    members = [seen for _, seen in sorted(group.members, key=lambda item: (not item[1].vm, item[0]))]
    stated = [seen.vm.strip() for seen in members if seen.vm and seen.vm.strip()]
    named = [vm for vm in stated if not _GUID.search(vm)]
    vm = named[0] if named else next((_named(vm, ids) for vm in stated), None)
    hosts = tuple({short(seen.host): seen.host for seen in reversed(members) if seen.host}.values())[::-1]
    source, target = _direction(members, hosts, group.source, group.target)
    after = moved.get(group.vm) if group.vm else None
    return Operation(
        observations=tuple(members),
        codes=tuple(dict.fromkeys(code for seen in members for code in seen.codes)),
        events=tuple(dict.fromkeys(event for seen in members for event in seen.events)),
        vm=vm,
        source=source,
        target=target,
        hosts=hosts,
        start=group.start,
        end=group.end,
        moved=after if after and group.end and after > group.end else None,
    )


def _named(vm: str, ids: Mapping[str, str]) -> str:
    guid = _GUID.search(vm)
    return ids.get(guid[0].lower(), vm) if guid else vm


def _direction(members: list[Observation], hosts: tuple[str, ...], source: str | None, target: str | None) -> tuple[str | None, str | None]:
    """Source and target: as stated, else by who wrote the entry that only a source writes, else by who else wrote one."""
    if source is None:
        wrote = (seen.host for seen in members if seen.host and any(number in FAILED_AT_SOURCE for _, number in seen.events))
        source = next((host for host in wrote if target is None or short(host) != short(target)), None)
    if source is not None and target is None:
        target = next((host for host in hosts if short(host) != short(source)), None)
    elif target is not None and source is None:
        source = next((host for host in hosts if short(host) != short(target)), None)
    return source, target


def _folded(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Operations that differ in nothing but the time stand once, the first of them with the number of the others."""
    found: dict[object, list[Operation]] = {}
    for each in operations:
        names = tuple(fold(name) if name else None for name in (each.vm, each.source, each.target))
        found.setdefault((names, each.codes, each.events) if each.codes or each.events else id(each), []).append(each)
    return tuple(
        Operation(**{name: getattr(first, name) for name in Operation.__struct_fields__ if name != "again"}, again=len(others))
        for first, *others in found.values()
    )
