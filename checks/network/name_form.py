"""The target is addressed by a name that Kerberos has a service for."""

from __future__ import annotations

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import MigrationAuthentication
from checks.plan import Kind
from checks.remedy import OPERATOR, Remedy
from checks.subject import HostView, MoveSubject
from checks.text import Value, text, verbatim
from checks.windows.names import HostName, fold
from checks.windows.service_names import HOST, MIGRATION_SERVICE

PLAN = text("plan")


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="The target is addressed by its own name, not by an address or an alias for which no service is registered",
    facts=("source.migration", "target.account"),
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E",),
    article=("W12 3.4", "W12 Move-VM example"),
)
def name_form(subject: MoveSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.route.kind is Kind.STORAGE_ALONE:
        return skips("Storage moves alone: the VM stays on {source}", source=source.name)
    account, used = target.account, HostName(target.name)
    names: dict[str, Value] = {"name": target.name, "own": account.full_name or account.short_name, "source": source.name}
    addressed = Evidence.of(text("target as the plan names it"), target.name, names["own"], PLAN)
    if used in (HostName(account.short_name), HostName(account.full_name)):
        return passes("{name} is a name that its own account has", addressed, name=target.name)
    if used.is_address and subject.world.entry(target.key).fqdn is not None:
        return passes(
            "{name} is how this program reaches {own}; the move is to be started with {own}", addressed, name=target.name, own=names["own"]
        )
    wanted = tuple(f"{service}/{target.name}" for service in (MIGRATION_SERVICE, HOST))
    held = set(map(fold, account.service_principal_names))
    absent = tuple(name for name in wanted if fold(name) not in held)
    credssp = source.migration.authentication is MigrationAuthentication.CREDSSP
    return fails(
        text(
            "{own} is addressed as {name}, a service that was registered by hand: whether {source} asks for it was not read"
            if not absent
            else "{own} is addressed as {name} and does not have {absent}: with CredSSP nothing proves who answers (inferred)"
            if credssp
            else "{own} is addressed as {name} and does not have {absent}: Kerberos finds no such service, and nothing can be delegated",
            absent=absent,
            **names,
        ),
        addressed,
        target.evidence(HostView.account, verbatim("servicePrincipalName"), account.service_principal_names, wanted, fits=not absent),
        severity=Severity.RISK if credssp or not absent else Severity.BLOCKER,
        remedy=Remedy(text("Use {own} in the plan, and with Move-VM", **names), OPERATOR),
    )
