"""No restart of the host is pending.

A new name that counts from the next restart on is said by platform.identity.
"""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import Remedy, administrator_of, restart_of
from checks.subject import HostSubject, HostView
from checks.text import command, text, verbatim

SERVICING, UPDATES, RENAMES = (
    text("RebootPending of Component Based Servicing"),
    text("RebootRequired of Windows Update"),
    text("PendingFileRenameOperations of Session Manager"),
)


@check(
    scope=Scope.HOST,
    severity=Severity.RISK,
    title="No restart is pending",
    facts=("host.pending_restart",),
)
def pending_restart(subject: HostSubject) -> Finding:
    host = subject.host
    if not subject.runs_moves:
        return skips("Only storage goes to a share of {host}: no move runs there", host=host.name)
    its = host.pending_restart
    signs = ((SERVICING, its.servicing), (UPDATES, its.updates), (RENAMES, its.renames))
    evidence = tuple(host.evidence(HostView.pending_restart, sign, told, False) for sign, told in signs)
    found = tuple(sign for sign, told in signs if told)
    if its.servicing or its.updates:
        return fails(
            text("{host} waits for a restart: {signs}", host=host.name, signs=found), *evidence, remedy=_restart(host), predicts=()
        )
    unread = next((sign for sign, told in signs if told is None), None)
    if unread is not None:
        raise host.lacks(HostView.pending_restart, text("{sign} of {host}", sign=unread, host=host.name))
    if found:
        return fails(
            text("{host} replaces or deletes files at its next restart ({signs}): mostly harmless", host=host.name, signs=found),
            *evidence,
            remedy=_restart(host),
            severity=Severity.ADVICE,
        )
    return passes("No restart of {host} is pending", *evidence, host=host.name)


def _restart(host: HostView) -> Remedy:
    return Remedy(
        text(
            "Restart {host} before the move, when the VMs that run on it may be down or are elsewhere. Nothing has to be taken back",
            host=host.name,
        ),
        administrator_of(host.name),
        commands=(command("Restart-Computer -ComputerName {host} -Wait", host=host.name),),
        effective_after=text("after the restart"),
        restarts=restart_of(host.name),
        shows=verbatim("False"),
        verify=(
            command(
                "Invoke-Command -ComputerName {host} -ScriptBlock "
                "{ Test-Path -Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired' }",
                host=host.name,
            ),
        ),
    )
