"""Both hosts copy memory in the same way."""

from __future__ import annotations

from checks.changes import Change, Kind
from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import PerformanceOption
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import command, text, verbatim
from checks.windows.releases import is_2012

_MEANS = {
    PerformanceOption.TCPIP: text("memory is copied over TCP/IP as it is, which suits fast networks of 10 Gbit/s and more"),
    PerformanceOption.COMPRESSION: text("memory is compressed before it is copied over TCP/IP, which suits slower networks"),
    PerformanceOption.SMB: text("memory is copied over SMB 3, which suits adapters with RDMA and needs TCP 445 to the target"),
}


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="Both hosts use the same performance option",
    facts=("source.migration", "source.os", "target.migration", "target.os"),
    depends_on=("platform.hyperv_role",),
    article=(
        "W16 planning 5",
        "W16 2.7",
        "W16 PowerShell example 2",
        "W16 performance table 1",
        "W16 performance table 2",
        "W16 performance table 3",
    ),
)
def performance_option(subject: PairSubject) -> Finding:
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=subject.source.name, target=subject.target.name)
    source, target = subject.source, subject.target
    mine, theirs = _option(source), _option(target)
    if mine is theirs:
        return passes(
            "{source} and {target} both use {option}: {meaning}",
            source=source.name,
            target=target.name,
            option=mine.label,
            meaning=_MEANS[mine],
        )
    # A host without the setting cannot follow the other one; otherwise the target follows the source.
    changed, option = (source, theirs) if target.migration.performance_option is None else (target, mine)
    change = "Set-VMHost -ComputerName {host} -VirtualMachineMigrationPerformanceOption {option}"
    return fails(
        text(
            "{source} uses {mine}, {target} uses {theirs}: SMB needs TCP 445 and, for SMB Direct, RDMA on both hosts"
            if PerformanceOption.SMB in (mine, theirs)
            else "{source} uses {mine}, {target} uses {theirs}",
            source=source.name,
            target=target.name,
            mine=mine.label,
            theirs=theirs.label,
        ),
        *(_evidence(host, option.label) for host in (source, target)),
        remedy=Remedy(
            text("Set the performance option of {host} to {option}", host=changed.name, option=option.label),
            who=administrator_of(changed.name),
            commands=(command(change, host=changed.name, option=option.label),),
            effective_after=text("at once, for moves that start afterwards"),
            shows=verbatim(option.label),
            verify=(command("(Get-VMHost -ComputerName {host}).VirtualMachineMigrationPerformanceOption", host=changed.name),),
            undo=(command(change, host=changed.name, option=_option(changed).label),),
            changes=(Change(Kind.PERFORMANCE_OPTION, changed.name, option.label, _option(changed).label),),
        ),
    )


def _option(host: HostView) -> PerformanceOption:
    """Windows Server 2012 has no such setting and always uses plain TCP/IP. Any other has one."""
    option = host.migration.performance_option
    if option is None and not is_2012(host.os.build):
        raise host.lacks(HostView.migration, text("performance option of {host}", host=host.name))
    return PerformanceOption.TCPIP if option is None else option


def _evidence(host: HostView, wanted: str) -> Evidence:
    option = host.migration.performance_option
    shown = text("none (TCPIP)") if option is None else option.label
    return host.evidence(HostView.migration, text("VirtualMachineMigrationPerformanceOption of {host}", host=host.name), shown, wanted)
