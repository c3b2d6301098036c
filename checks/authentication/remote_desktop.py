"""With Kerberos, a session through Remote Desktop brings the operator's own ticket."""

from __future__ import annotations

from checks.authentication._bare import bare_evidence, with_credentials
from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.subject import MoveSubject
from checks.text import text


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    title="With Kerberos and a start through Remote Desktop, the session holds the operator's own ticket",
    facts=("source.migration", "source.remote_desktop"),
    depends_on=("platform.hyperv_role",),
    predicts=("0x8009030E",),
)
def remote_desktop(subject: MoveSubject) -> Finding:
    source = subject.source
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used: the sessions on {source} are looked at themselves", source=source.name)
    if subject.route.launch is not LaunchPoint.RDP:
        return skips("The move is not started through Remote Desktop")
    evidence = bare_evidence(source)
    if not source.remote_desktop.takes_bare_sessions:
        return passes("{source} takes no session through Remote Desktop without credentials", *evidence, source=source.name)
    return fails(
        text(
            "{source} takes sessions through Remote Desktop without credentials: one in Restricted Admin mode goes to {target} as the "
            "computer {source}, and the operator's own ticket is not in it",
            source=source.name,
            target=subject.target.name,
        ),
        *evidence,
        remedy=with_credentials(source, subject.operator),
    )
