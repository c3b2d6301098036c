"""With the SMB option, Windows Server 2019 has its name in upper case."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import PerformanceOption
from checks.remedy import Remedy, administrator_of, restart_of
from checks.subject import HostView, PairSubject
from checks.text import command, text
from checks.windows.releases import BUILD_2019


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="With the SMB option, the names of hosts of Windows Server 2019 are written in upper case",
    facts=("source.migration", "source.os", "source.computer", "target.migration", "target.os", "target.computer"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8007000D",),
)
def computer_name_case(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    if PerformanceOption.SMB not in [host.migration.performance_option for host in (source, target)]:
        return skips("Neither {source} nor {target} copies memory over SMB", source=source.name, target=target.name)
    minding = [host for host in (source, target) if host.os.build == BUILD_2019]
    if not minding:
        return skips("Neither {source} nor {target} is Windows Server 2019", source=source.name, target=target.name)
    names = [(host, _registered(host)) for host in minding]
    evidence = tuple(_evidence(host, name) for host, name in names)
    wrong = [(host, name) for host, name in names if name != _upper(name)]
    if not wrong:
        return passes("The name is written in upper case: {names}", *evidence, names=tuple(name for _, name in names))
    return fails(
        text(
            "Memory goes over SMB, and the registry does not write the name in upper case ({names}): on Windows Server 2019 such moves "
            "are known to fail",
            names=tuple(text("{host}: {name}", host=host.name, name=name) for host, name in wrong),
        ),
        *evidence,
        remedy=_in_upper_case(wrong),
    )


def _registered(host: HostView) -> str:
    name = host.computer.registered
    if name is None:
        raise host.predates(HostView.computer, text("the name of {host} as its registry writes it", host=host.name))
    return name


def _upper(name: str) -> str:
    """As Windows does: one letter for one."""
    return "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in name)


def _evidence(host: HostView, name: str) -> Evidence:
    return host.evidence(HostView.computer, text("ComputerName in the registry of {host}", host=host.name), name, _upper(name))


def _in_upper_case(wrong: list[tuple[HostView, str]]) -> Remedy:
    key = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName"
    change = (
        "Invoke-Command -ComputerName {host} -ArgumentList {key}, {name} -ScriptBlock "
        "{ reg.exe add $args[0] /v ComputerName /t REG_SZ /d $args[1] /f }"
    )
    show = "Invoke-Command -ComputerName {host} -ArgumentList {key} -ScriptBlock { reg.exe query $args[0] /v ComputerName }"
    hosts = tuple(host.name for host, _ in wrong)
    return Remedy(
        text(
            "Write the name of {hosts} in upper case in the registry, letter for letter the same, and restart the host; or let both hosts "
            "use Compression",
            hosts=hosts,
        ),
        administrator_of(*hosts),
        commands=tuple(command(change, host=host.name, key=key, name=_upper(name)) for host, name in wrong),
        effective_after=text("after the restart"),
        restarts=restart_of(*hosts),
        shows=text("ComputerName in upper case"),
        verify=tuple(command(show, host=host.name, key=key) for host, _ in wrong),
        undo=tuple(command(change, host=host.name, key=key, name=name) for host, name in wrong),
    )
