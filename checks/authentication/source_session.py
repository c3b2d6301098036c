"""With CredSSP, the operator is signed in on the source."""

from __future__ import annotations

from checks.authentication._sessions import held, lingering, session_evidence, sessions_on, severity_of_absence
from checks.check import Finding, Scope, Severity, check, fails, skips
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import OPERATOR, Remedy
from checks.subject import MoveSubject, OperatorView
from checks.text import command, text
from checks.windows.sids import PROTECTED_USERS, in_domain_of


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="With CredSSP, the operator has a session on the source that holds credentials",
    facts=("source.migration", "source.sessions", "source.remote_desktop", "operator.account"),
    depends_on=("authentication.launch_point",),
    predicts=("0x8009030E",),
    article=("W12 planning 3", "W16 planning 3"),
)
def source_session(subject: MoveSubject) -> Finding:
    source, operator, launch = subject.source, subject.operator, subject.route.launch
    if source.migration.authentication is MigrationAuthentication.KERBEROS:
        return skips("Kerberos is used: no session on {source} is needed", source=source.name)
    if not subject.acts_elsewhere:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    sessions = sessions_on(source, operator, launch)
    evidence = session_evidence(source, operator, launch, sessions)
    if sessions.holding and in_domain_of(operator.account.sid, PROTECTED_USERS) in operator.account.sids:
        return fails(
            text("{operator} is in Protected Users: none of its sessions keeps a password for CredSSP", operator=operator.name),
            *evidence,
            operator.evidence(OperatorView.account, "in Protected Users", True, False),
            remedy=Remedy(
                text("Let an account that is not in Protected Users start the move on {source}", source=source.name),
                OPERATOR,
            ),
            severity=Severity.RISK,
        )
    if sessions.fresh:
        return held(source, operator, sessions, evidence)
    sign_in = Remedy(
        text(
            "{operator} signs in to {source} at the console or through Remote Desktop before the move and starts it in that session",
            operator=operator.name,
            source=source.name,
        ),
        OPERATOR,
        effective_after=text("with the sign-in, as long as the session lasts"),
        shows=text("a session of the operator, Active or Disc"),
        verify=(command("quser.exe /server:{source}", source=source.name),),
        undo=(text("Sign out of {source} after the move", source=source.name),),
    )
    if sessions.holding:
        return fails(lingering(source, operator, sessions), *evidence, remedy=sign_in, severity=Severity.RISK)
    if launch is LaunchPoint.POWERSHELL and sessions.all:
        return fails(
            text(
                "{operator} has no session on {source} that was certainly opened with CredSSP: a PowerShell session opened with "
                "Kerberos or NTLM holds no password to pass on",
                operator=operator.name,
                source=source.name,
            ),
            *evidence,
            remedy=Remedy(
                text(
                    "Start the move at the console or through Remote Desktop on {source}, or open the PowerShell session with CredSSP",
                    source=source.name,
                ),
                OPERATOR,
                commands=(
                    command(
                        "Enter-PSSession -ComputerName {source} -Authentication Credssp -Credential {operator}",
                        source=source.name,
                        operator=operator.name,
                    ),
                ),
                effective_after=sign_in.effective_after,
                undo=(command("Exit-PSSession"),),
            ),
            severity=Severity.RISK,
        )
    return fails(
        text("{operator} has no session on {source} that holds credentials", operator=operator.name, source=source.name),
        *evidence,
        remedy=sign_in,
        severity=severity_of_absence(source.world),
    )
