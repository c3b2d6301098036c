"""The host on which the move is started has management tools that know every host of the move."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, asks, check, fails, passes
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text
from checks.windows.releases import is_old, name, tools_know


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    title="The host on which the move is started has management tools of Hyper-V that know both hosts",
    facts=("start.migration", "start.os", "source.os", "target.os"),
    depends_on=("platform.hyperv_role",),
    article=("W12 requirements 6", "W16 requirements 6"),
)
def management_tools(subject: MoveSubject) -> Finding:
    start = subject.start
    if start is None:
        return asks(
            "The move is started on a computer that is no host of the plan, which nobody visits",
            Remedy(text("See on that computer that it has the management tools of the newest Windows of both hosts"), OPERATOR),
        )
    managed = (subject.source,) if subject.route.storage_only else (subject.source, subject.target)
    start.read(HostView.migration)
    tools = start.os.build
    evidence = (
        start.evidence(HostView.migration, text("module Hyper-V of {host} answers", host=start.name), True, fits=True),
        *(
            host.evidence(HostView.os, text("Windows of {host}", host=host.name), name(host.os.build))
            for host in {each.key: each for each in (start, *managed)}.values()
        ),
    )
    values: dict[str, Value] = {"start": start.name, "tools": name(tools)}
    if newer := tuple(host for host in managed if not tools_know(tools, host.os.build)):
        return _too_old(newer[0], evidence, values)
    if older := tuple(host for host in managed if is_old(host.os.build) and not is_old(tools)):
        return _other_module(older[0], evidence, values)
    return passes("The move is started on {start}, whose management tools ({tools}) know every host of the move", *evidence, **values)


def _too_old(newer: HostView, evidence: tuple[Evidence, ...], values: dict[str, Value]) -> Finding:
    values |= {"host": newer.name, "newer": name(newer.os.build)}
    return fails(
        text(
            "The move is started on {start} with the management tools of {tools}, and {host} runs {newer}: those tools manage no host with "
            "a later Windows",
            **values,
        ),
        *evidence,
        remedy=Remedy(
            text(
                "See beforehand in a session on {start} whether its tools reach {host}. If not, start the move with tools of {newer}: in "
                "Hyper-V Manager on {host}, or on another computer with that Windows or a later one. Started anywhere but on the source, "
                "it needs Kerberos and delegation",
                **values,
            ),
            OPERATOR,
            shows=text("the host, and no error"),
            verify=(command("Get-VMHost -ComputerName {host}", host=newer.name),),
        ),
    )


def _other_module(older: HostView, evidence: tuple[Evidence, ...], values: dict[str, Value]) -> Finding:
    values |= {"host": older.name, "older": name(older.os.build)}
    return fails(
        text(
            "The move is started on {start} with the management tools of {tools}, and {host} runs {older}: Hyper-V Manager manages both, "
            "Windows PowerShell needs the older one of its two modules for that",
            **values,
        ),
        *evidence,
        severity=Severity.ADVICE,
        remedy=Remedy(
            text(
                "In a new session of Windows PowerShell on {start}, load the module for hosts before Windows Server 2016 first. It counts "
                "for that session only: nothing has to be taken back",
                **values,
            ),
            OPERATOR,
            commands=(command("Import-Module -Name Hyper-V -RequiredVersion 1.1"),),
            effective_after=text("at once, until the session is closed"),
            shows=text("the host, and no error"),
            verify=(command("Get-VMHost -ComputerName {host}", host=older.name),),
        ),
    )
