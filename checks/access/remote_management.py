"""The operator may open WinRM on the host where the move is started over it."""

from __future__ import annotations

from checks.access._groups import membership, remedy
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.plan import LaunchPoint
from checks.subject import AccessSubject
from checks.text import text
from checks.tokens import Logon
from checks.windows.releases import is_old, name
from checks.windows.sids import REMOTE_MANAGEMENT_USERS


@check(
    scope=Scope.ACCESS,
    severity=Severity.RISK,
    title="The operator may open WinRM on the host where the move is started over it",
    facts=("operator.account", "operator.token", "host.os", "host.computer", "host.local_groups"),
    depends_on=("domain.membership",),
    predicts=("0x80070005", "0x80090303"),
)
def remote_management(subject: AccessSubject) -> Finding:
    host, operator, starts = subject.host, subject.operator, subject.starts
    if LaunchPoint.POWERSHELL not in starts:
        if LaunchPoint.REMOTE not in starts:
            return skips("No move of {operator} is started on {host} over WinRM", operator=operator.name, host=host.name)
        if is_old(host.os.build):
            return skips("A remote start reaches {host} over DCOM, not over WinRM: {windows}", host=host.name, windows=name(host.os.build))
    found = membership(subject, REMOTE_MANAGEMENT_USERS, (Logon.NETWORK,))
    if found.group is not None:
        return passes(
            "{operator} is in {group} of {host}, whom WinRM lets in as Windows comes",
            *found.evidence,
            operator=operator.name,
            group=found.group,
            host=host.name,
        )
    return fails(
        text(
            "{operator} is neither in Administrators nor in Remote Management Users of {host}: as Windows comes, WinRM lets nobody else in",
            operator=operator.name,
            host=host.name,
        ),
        *found.evidence,
        remedy=remedy(subject, REMOTE_MANAGEMENT_USERS),
    )
