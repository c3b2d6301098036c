"""With CredSSP, the operator is signed in on the target too, for the way back."""

from __future__ import annotations

from checks.authentication._sessions import held, lingering, session_evidence, sessions_on, severity_of_absence
from checks.check import Finding, Scope, Severity, check, fails, skips
from checks.facts.migration import MigrationAuthentication
from checks.remedy import OPERATOR, Remedy
from checks.subject import MoveSubject
from checks.text import command, text


@check(
    scope=Scope.MOVE,
    severity=Severity.RISK,
    worst=Severity.BLOCKER,
    title="With CredSSP, the operator has a session on the target for the way back",
    facts=("source.migration", "target.sessions", "target.remote_desktop", "operator.account"),
    depends_on=("authentication.launch_point",),
    predicts=("0x8009030E",),
    article=("W12 planning 4", "W12 last step", "W16 planning 4"),
)
def return_session(subject: MoveSubject) -> Finding:
    if subject.route.storage_only:
        return skips("Storage moves alone: the VM stays on {source}", source=subject.source.name)
    source, target, operator, launch = subject.source, subject.target, subject.operator, subject.route.launch
    if source.migration.authentication is MigrationAuthentication.KERBEROS:
        return skips("Kerberos is used: what the way back needs is said of delegation and of domains")
    sessions = sessions_on(target, operator, launch)
    evidence = session_evidence(target, operator, launch, sessions)
    if sessions.fresh:
        return held(target, operator, sessions, evidence)
    planned = subject.return_planned
    none = text(
        "The plan moves the VM back from {target}, where {operator} has no session that holds credentials"
        if planned
        else "The way back starts on {target}, where {operator} has no session that holds credentials",
        operator=operator.name,
        target=target.name,
    )
    return fails(
        lingering(target, operator, sessions) if sessions.holding else none,
        *evidence,
        remedy=Remedy(
            text(
                "{operator} signs in to {target} at the console or through Remote Desktop before moving the VM back to {source}",
                operator=operator.name,
                target=target.name,
                source=source.name,
            ),
            OPERATOR,
            effective_after=text("with the sign-in, as long as the session lasts"),
            shows=text("a session of the operator, Active or Disc"),
            verify=(command("quser.exe /server:{target}", target=target.name),),
            undo=(text("Sign out of {target} after the move", target=target.name),),
        ),
        severity=severity_of_absence(source.world) if planned and not sessions.holding else Severity.RISK,
    )
