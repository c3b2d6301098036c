"""The source reaches WinRM of the target, by the source's own attempt."""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.network import PortAnswer
from checks.network._closed import REFUSED, Port, answered, attempts, dropped, firewall_evidence, tried_at
from checks.network._firewall import WINRM_RULE
from checks.plan import LaunchPoint
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, text
from checks.windows.releases import is_old
from checks.world import FactMissing

PORTS = (Port(5985, WINRM_RULE), Port(5986, ""))
"""WinRM over HTTP and over HTTPS: which of them was tried says the plan."""


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="The source reaches WinRM on the target",
    facts=("source.partners", "source.addresses", "source.os", "target.addresses", "target.os", "target.firewall"),
    depends_on=("network.name_resolution",),
    predicts=("winrm_cannot_connect",),
)
def management_port(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    tried = {port: found for port in PORTS if (found := tried_at(source, target, port))}
    if not tried:
        what = text("attempt of {host} at WinRM of {server}", host=source.name, server=target.name)
        raise FactMissing("source.partners", source.world.not_collected(what))
    evidence = tuple(each for port, found in tried.items() for each in attempts(source, port, found))
    for port, found in tried.items():
        if reached := tuple(ip for ip, answer in found.items() if answer.open):
            return passes(
                "{source} reaches TCP {port} (WinRM) of {target} at {reached}",
                *evidence,
                source=source.name,
                target=target.name,
                port=port.number,
                reached=reached,
            )
    port, found = next(iter(tried.items()))
    needed = _needed(subject)
    return fails(
        _message(source, target, port, found, needed=needed),
        *evidence,
        *firewall_evidence(target, port),
        remedy=_remedy(source, target, port, found),
        severity=None if needed else Severity.ADVICE,
        predicts=None if needed else (),
    )


def _needed(subject: PairSubject) -> bool:
    """Is a move started on the source, with tools that reach the target over WinRM."""
    by_winrm = not any(is_old(host.os.build) for host in (subject.source, subject.target))
    return by_winrm and any(move.launch is not LaunchPoint.REMOTE for move in subject.moves if not move.storage_only)


def _message(source: HostView, target: HostView, port: Port, found: dict[str, PortAnswer], *, needed: bool) -> Text:
    values: dict[str, Value] = {
        "source": source.name,
        "target": target.name,
        "port": port.number,
        "answers": tuple(answered(ip, answer) for ip, answer in found.items()),
    }
    if needed:
        return Text(
            "{source} does not reach TCP {port} (WinRM) of {target}: {answers}. The tools on {source}, from which a move is started, "
            "reach {target} over it",
            values,
        )
    return Text(
        "{source} does not reach TCP {port} (WinRM) of {target}: {answers}. No move of the plan is started on {source} with tools that "
        "need it",
        values,
    )


def _remedy(source: HostView, target: HostView, port: Port, found: dict[str, PortAnswer]) -> Remedy:
    if {answer.code for answer in found.values()} != {REFUSED}:
        return dropped(source, target, port)
    return Remedy(
        text(
            "Let WinRM of {target} listen on TCP {port} at {addresses} too: winrm enumerate winrm/config/listener shows there where it "
            "does. Then let the firewall take it from {source}",
            target=target.name,
            port=port.number,
            addresses=tuple(found),
            source=source.name,
        ),
        administrator_of(target.name),
    )
