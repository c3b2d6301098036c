"""Whoever opens files of the move on another server reaches TCP 445 there, by its own attempt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import PerformanceOption
from checks.facts.network import PortAnswer
from checks.network._closed import REFUSED, TIMED_OUT, Port, answered, attempts, dropped, firewall_evidence, tried_at
from checks.network._firewall import SMB_RULE
from checks.plan import Kind
from checks.remedy import Remedy, Role, Who, administrator_of
from checks.storage import At, Reach, reaches
from checks.subject import HostView, MoveSubject
from checks.text import Text, Value, command, text, verbatim
from checks.windows.names import HostName
from checks.world import FactMissing

PORT = Port(445, SMB_RULE)


class _Way(NamedTuple):
    """Who opens files where. `view` is the server where it is a host of the move; `sure`: is it written that the move needs it. `tried` is
    what came of it by address, `unknown` the socket error where no address was found."""

    host: HostView
    server: str
    view: HostView | None
    sure: bool
    tried: dict[str, PortAnswer]
    unknown: int

    @property
    def closed(self) -> bool:
        return bool(self.unknown or self.tried) and not any(port.open for port in self.tried.values())


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Each host that opens files on another server reaches TCP 445 there",
    facts=(
        "vm",
        *(f"{role}.{fact}" for role in ("source", "target") for fact in ("migration", "partners", "addresses", "firewall")),
    ),
    depends_on=("network.name_resolution",),
    predicts=("0x80070035",),
)
def port_445(subject: MoveSubject) -> Finding:
    leg = subject.leg
    told = leg.whole or leg.kind is not Kind.VM_ALONE
    ways = [_way(subject, reach, sure=sure) for reach, sure in dict(_needed(subject)).items()]
    if not ways and told:
        return skips("No host opens a file on another server for this move, and memory does not go over SMB")
    if closed := next((way for way in ways if way.closed and way.sure), None):
        return _closed(closed)
    if unasked := next((way for way in ways if not way.tried and not way.closed), None):
        raise _not_tried(unasked)
    if closed := next((way for way in ways if way.closed), None):
        return _closed(closed)
    if not told:
        raise subject.files_unknown()
    return passes(
        "TCP 445 is open: {ways}",
        *(each for way in ways for each in attempts(way.host, PORT, way.tried)),
        ways=tuple(text("{host} reaches {server}", host=way.host.name, server=way.server) for way in ways),
    )


def _needed(subject: MoveSubject) -> Iterator[tuple[Reach, bool]]:
    """What the move needs, and whether that is sure: what a pair does of which one host alone uses SMB for memory is written nowhere."""
    if subject.route.kind is Kind.VM_ALONE:
        options = {host.migration.performance_option for host in (subject.source, subject.target)}
        if PerformanceOption.SMB in options:
            yield Reach(by_target=False, at=At.TARGET), len(options) == 1
    for reach in reaches(subject.leg):
        yield reach, True


def _way(subject: MoveSubject, reach: Reach, *, sure: bool) -> _Way:
    host = subject.target if reach.by_target else subject.source
    view = {At.SOURCE: subject.source, At.TARGET: subject.target}.get(reach.at)
    if view is not None:
        return _Way(host, view.name, view, sure, tried_at(host, view, PORT), 0)
    assert reach.server is not None
    return _Way(host, reach.server.spelled, None, sure, *_elsewhere(host, reach.server))


def _elsewhere(host: HostView, server: HostName) -> tuple[dict[str, PortAnswer], int]:
    """The same at the addresses that it found for the name of another server, and why it found none."""
    tried: dict[str, PortAnswer] = {}
    unknown = 0
    for answer in host.partners:
        if host.world.server(HostName(answer.partner)) == server:
            names = [each for each in answer.names if HostName(each.name) == HostName(answer.partner)]
            found = {each for name in names for each in name.addresses}
            tried |= {each.address: each for each in answer.ports if each.port == PORT.number and each.address in found}
            unknown = next((name.code for name in names if name.code), unknown)
    return tried, 0 if tried else unknown


def _not_tried(way: _Way) -> FactMissing:
    what = text("attempt of {host} at TCP 445 of {server}", host=way.host.name, server=way.server)
    return FactMissing(f"{way.host.role}.partners", way.host.world.not_collected(what))


def _closed(way: _Way) -> Finding:
    return fails(
        _message(way),
        *attempts(way.host, PORT, way.tried),
        *(() if way.tried else (_unresolved(way),)),
        *(firewall_evidence(way.view, PORT) if way.view else ()),
        remedy=_remedy(way),
        severity=None if way.sure else Severity.RISK,
    )


def _unresolved(way: _Way) -> Evidence:
    what = text("{name} on {host}", name=way.server, host=way.host.name)
    return way.host.evidence(HostView.partners, what, text("error {code}", code=way.unknown))


def _message(way: _Way) -> Text:
    values: dict[str, Value] = {"host": way.host.name, "server": way.server, "addresses": tuple(way.tried), "code": way.unknown}
    codes = {port.code for port in way.tried.values()}
    if not codes:
        return Text("{host} finds no address for {server}, which holds or takes files of the move ({code})", values)
    if codes == {TIMED_OUT}:
        return Text(
            "{host} gets no answer from TCP 445 of {server} at {addresses} (10060): a firewall drops it, or no route leads there", values
        )
    if codes == {REFUSED}:
        return Text("{server} refuses TCP 445 at {addresses} to {host} (10061): its Server service does not listen there", values)
    return Text(
        "{host} does not reach TCP 445 of {server}: {answers}",
        values | {"answers": tuple(answered(ip, port) for ip, port in way.tried.items())},
    )


def _remedy(way: _Way) -> Remedy:
    values: dict[str, Value] = {"host": way.host.name, "server": way.server}
    if not way.tried:
        return Remedy(
            Text("Correct the name of {server} in the path, or its record, so that {host} finds it", values),
            administrator_of(way.host.name),
        )
    if {port.code for port in way.tried.values()} == {REFUSED}:
        what = Text("Start the service LanmanServer of {server}, and let it share files on the adapter that has this address", values)
        return _started(way.view, what) if way.view else Remedy(what, administrator_of(way.server))
    if way.view:
        return dropped(way.host, way.view, PORT)
    return Remedy(
        Text(
            "Allow TCP 445 from {host} to {server} in every firewall between them and on {server}, and see that a route leads there", values
        ),
        who=Who(Role.NETWORK),
    )


def _started(server: HostView, what: Text) -> Remedy:
    name = server.name
    return Remedy(
        what,
        administrator_of(name),
        commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Start-Service -Name LanmanServer }", host=name),),
        shows=verbatim("Status Running"),
        verify=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Get-Service -Name LanmanServer }", host=name),),
        undo=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Stop-Service -Name LanmanServer }", host=name),),
    )
