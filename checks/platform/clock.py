"""The clocks of both hosts and of the domain controllers they use agree."""

from __future__ import annotations

import math
from datetime import datetime

from msgspec import Struct

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes
from checks.clocks import of_controller, of_host
from checks.facts.fact import Missing
from checks.facts.snapshot import HostVisit
from checks.facts.system import DomainRole
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject, evidence_of
from checks.text import Text, command, text
from checks.windows.names import HostName, fold
from checks.world import FactMissing

TOLERANCE_S = 300.0
"""Kerberos's, unless a policy says otherwise ([MS-GPSB] 2.2.2, MaxClockSkew)."""
WARNING_S = 120.0


class _Clock(Struct, frozen=True):
    """A clock, and by how many seconds it is ahead of the collector's: at least `low`, at most `high`."""

    name: str
    low: float
    high: float
    evidence: Evidence


class _Difference(Struct, frozen=True):
    """By how many seconds one clock is ahead of another, `low` to `high`. `hosts` are those that have to do something when it is too much,
    `controllers` the clock that each of them should have. From `warning_s` on it is a risk."""

    clock: _Clock
    other: _Clock
    hosts: tuple[str, ...]
    controllers: tuple[str, ...]
    warning_s: float

    @property
    def low(self) -> float:
        return self.clock.low - self.other.high

    @property
    def high(self) -> float:
        return self.clock.high - self.other.low

    @property
    def least(self) -> float:
        return max(self.low, -self.high, 0.0)

    @property
    def most(self) -> float:
        return max(self.high, -self.low)

    @property
    def severity(self) -> Severity | None:
        """What the difference certainly is. Nothing when it is right, or not known closely enough."""
        if self.least > TOLERANCE_S:
            return Severity.BLOCKER
        return Severity.RISK if self.least > 0 and self.warning_s <= self.most <= TOLERANCE_S else None

    @property
    def known(self) -> bool:
        return self.severity is not None or self.most < self.warning_s

    @property
    def message(self) -> Text:
        return text(
            "{clock} is {least} to {most} seconds ahead of {other}"
            if self.low > 0
            else "{clock} is {least} to {most} seconds behind {other}",
            clock=self.clock.name,
            other=self.other.name,
            least=math.floor(self.least),
            most=math.ceil(self.most),
        )


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Both hosts' clocks are within 5 minutes of their domain controllers' and of each other's",
    facts=(
        "source.clock",
        "source.computer",
        "source.locators",
        "source.domain",
        "source.controller_clocks",
        "target.clock",
        "target.computer",
        "target.locators",
        "target.domain",
        "target.controller_clocks",
    ),
    depends_on=("domain.membership",),
    predicts=("0x80090324",),
)
def clock(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    ours, theirs = _of_host(source), _of_host(target)
    warning_s = subject.world.policy.clock_seconds or WARNING_S
    used = {host.name: _of_controllers(host) for host in (source, target)}
    own = tuple(
        _Difference(its, controller, (host.name,), (controller.name,), warning_s)
        for host, its in ((source, ours), (target, theirs))
        for controller in used[host.name]
    )
    both = _Difference(ours, theirs, (source.name, target.name), (used[source.name][0].name, used[target.name][0].name), warning_s)
    differences = (*own, both)
    evidence = tuple(dict.fromkeys(each.evidence for each in (ours, theirs, *used[source.name], *used[target.name])))
    worst = max(differences, key=lambda each: each.severity.weight if each.severity else 0)
    unknown = next((each for each in differences if not each.known), None)
    if unknown is not None and worst.severity is not Severity.BLOCKER:
        raise _too_coarse(source if source.name in unknown.hosts else target, unknown)
    if worst.severity is not None:
        guilty = tuple(each for each in own if each.severity is not None) or (both,)
        compared = worst.clock.evidence, worst.other.evidence
        return fails(
            worst.message,
            *(row if row in compared else row.aside() for row in evidence),
            remedy=_remedy(guilty, tuple(host.name for host in (source, target) if _leads(host))),
            severity=worst.severity,
            predicts=None if worst.severity is Severity.BLOCKER else (),
        )
    return passes(
        "The clocks of {source} and {target} differ from those of {controllers} and from each other by less than {most} seconds",
        *evidence,
        source=source.name,
        target=target.name,
        controllers=tuple(dict.fromkeys(each.other.name for each in own)),
        most=math.ceil(max(each.most for each in differences)),
    )


def _of_host(host: HostView) -> _Clock:
    """The host told its time at some moment between start and end of its visit."""
    utc, visit = host.clock.utc, _visit(host)
    what = text("UTC of {host}, told from {start} to {end} of our clock", host=host.name, start=_iso(visit.start), end=_iso(visit.end))
    ahead = of_host(utc, visit)
    return _Clock(host.name, ahead.low, ahead.high, host.evidence(HostView.clock, what, _iso(utc)))


def _visit(host: HostView) -> HostVisit:
    visit = host.world.visits.get(host.key)
    if visit is None:
        raise host.lacks(HostView.clock, text("when {host} was visited", host=host.name))
    return visit


def _of_controllers(host: HostView) -> tuple[_Clock, ...]:
    """The clocks of the controllers that the host uses for its own domain, mostly one. Raises FactMissing when one is not known."""
    domain = host.domain
    netbios = {fold(domain.netbios_name)}
    names = dict.fromkeys(row.controller_of(domain.dns_name) for row in host.locators if row.is_of(domain.dns_name, netbios))
    if not names:
        raise host.lacks(HostView.locators, text("controller of {domain}", domain=domain.dns_name))
    return tuple(_of_controller(host, name) for name in names)


def _of_controller(host: HostView, name: HostName) -> _Clock:
    fact = {HostName(each): fact for each, fact in host.controller_clocks.items()}.get(name)
    if fact is None:
        raise host.lacks(HostView.controller_clocks, text("clock of {controller}", controller=name.spelled))
    if isinstance(fact, Missing):
        raise FactMissing(f"{host.role}.{HostView.controller_clocks.name}", fact)
    told = fact.value
    what = text(
        "UTC of {host}, told from {start} to {end} of our clock", host=name.spelled, start=_iso(told.asked), end=_iso(told.answered)
    )
    ahead = of_controller(told)
    return _Clock(name.spelled, ahead.low, ahead.high, evidence_of(fact, what, _iso(told.utc)))


def _too_coarse(host: HostView, difference: _Difference) -> FactMissing:
    """The range of a difference holds what is right and what is wrong: mostly because the visit took long."""
    visit = _visit(host)
    what = text("clock of {clock} against {other}", clock=difference.clock.name, other=difference.other.name)
    why = text(
        "it is between {low} and {high} seconds ahead, which is too coarse to judge; the visit took {seconds} seconds",
        low=math.floor(difference.low),
        high=math.ceil(difference.high),
        seconds=round((visit.end - visit.start).total_seconds()),
    )
    return FactMissing(f"{host.role}.{HostView.clock.name}", host.world.not_collected(what, why))


def _leads(host: HostView) -> bool:
    """Is it the controller whose time the others of its domain take: the PDC emulator."""
    computer = host.hint(HostView.computer)
    return computer is not None and computer.role is DomainRole.PRIMARY_DOMAIN_CONTROLLER


def _remedy(guilty: tuple[_Difference, ...], leading: tuple[str, ...]) -> Remedy:
    """`leading` are the hosts that take their time from outside of their domain: the cause may be theirs, and no command is safe."""
    concerned = tuple(host for host in leading if any(host in each.hosts for each in guilty))
    if concerned:
        return Remedy(
            text(
                "{hosts} is the PDC emulator, whose time its whole domain takes: correct its own time source (w32tm /config). Only then "
                "let the other hosts take the time of their domain again",
                hosts=concerned,
            ),
            administrator_of(*concerned),
            shows=text("a source outside of the domain, and a stratum of less than 16"),
            verify=tuple(
                command("Invoke-Command -ComputerName {host} -ScriptBlock { w32tm.exe /query /status /verbose }", host=host)
                for host in concerned
            ),
        )
    pairs = tuple(dict.fromkeys(pair for each in guilty for pair in zip(each.hosts, each.controllers, strict=True)))
    hosts = tuple(dict.fromkeys(host for host, _ in pairs))
    return Remedy(
        text(
            "Let the Windows Time service of {hosts} take the time of its domain again. A host that is itself a VM may get the wrong time "
            "from its own host, through the time synchronization of the integration services. Where {controllers} is the one that is "
            "wrong, correct the time source of the PDC emulator of its domain",
            hosts=hosts,
            controllers=tuple(dict.fromkeys(controller for _, controller in pairs)),
        ),
        administrator_of(*hosts),
        commands=tuple(
            command("Invoke-Command -ComputerName {host} -ScriptBlock { w32tm.exe /resync /rediscover }", host=host) for host in hosts
        ),
        shows=text("differences (o:) of less than five minutes; less than a few seconds is usual"),
        verify=tuple(
            command(
                "Invoke-Command -ComputerName {host} -ArgumentList {controller} -ScriptBlock "
                '{ w32tm.exe /stripchart "/computer:$($args[0])" /samples:3 /dataonly }',
                host=host,
                controller=controller,
            )
            for host, controller in pairs
        ),
    )


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
