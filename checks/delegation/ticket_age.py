"""The source has no ticket from before the last change of its delegation.

What is known of its tickets: none is older than the start of its Windows, and none lives longer than TICKET_LIFE. What Windows itself tells
of them is text in its language (klist), or needs the right to act as part of the operating system (LsaCallAuthenticationPackage).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.directory import Written
from checks.facts.migration import MigrationAuthentication
from checks.plan import LaunchPoint
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import command, minute, text
from checks.windows.tickets import CLOCK_SKEW, TICKET_LIFE

DELEGATED = (LaunchPoint.REMOTE, LaunchPoint.POWERSHELL)

REMEMBERED = TICKET_LIFE + CLOCK_SKEW
"""How long after a change the source may have a ticket from before, whichever clocks the two times are by."""
OF_SOURCE = {"user_account_control": "userAccountControl", "delegate_to": "msDS-AllowedToDelegateTo"}
OF_TARGET = {"resource_based": "msDS-AllowedToActOnBehalfOfOtherIdentity", "service_principal_names": "servicePrincipalName"}
"""The attributes by which a controller decides, as fields of Written and as the directory names them."""


class _Change(Struct, frozen=True):
    """An attribute of a host's account that was changed at some time, which any of the controllers knows."""

    host: str
    attribute: str
    at: datetime
    evidence: Evidence


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="The source has no ticket from before the last change of its delegation",
    facts=("source.migration", "source.os", "source.clock", "source.account_views", "target.account_views"),
    depends_on=("domain.membership", "platform.hyperv_role", "platform.clock"),
    predicts=("0x8009030E",),
    article=("W16 take effect 2",),
)
def ticket_age(subject: PairSubject) -> Finding:
    source = subject.source
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {source}: a move needs no delegation", source=source.name)
    moves = subject.acting_elsewhere
    if not moves:
        return skips("Storage moves alone, and {source} reaches no other host for it", source=source.name)
    if not any(move.launch in DELEGATED for move in moves):
        return skips("Every move is started in a session on {source}: nothing is delegated", source=source.name)
    changes = (*_changes(source, OF_SOURCE), *_changes(subject.target, OF_TARGET))
    last = max(changes, key=lambda change: change.at)
    boot, now = source.os.boot, source.clock.utc
    started = source.evidence(HostView.os, text("start of {host}", host=source.name), minute(boot))
    told = source.evidence(HostView.clock, text("UTC of {host}", host=source.name), minute(now))
    if boot - last.at >= CLOCK_SKEW:
        return passes("{source} was started after the last change of its delegation", last.evidence, started, source=source.name)
    if now - last.at >= REMEMBERED:
        return passes(
            "The delegation of {source} was last changed more than {hours} hours ago, which is longer than a ticket lives",
            last.evidence,
            told,
            source=source.name,
            hours=TICKET_LIFE // timedelta(hours=1),
        )
    gone = min(last.at, now) + REMEMBERED
    return fails(
        text(
            "{attribute} of {host} was changed at {changed}. {source} was started before, and may go by a ticket or a refusal from before "
            "the change until {gone}",
            attribute=last.attribute,
            host=last.host,
            changed=minute(last.at),
            source=source.name,
            gone=minute(gone),
        ),
        *(change.evidence for change in changes if boot - change.at < CLOCK_SKEW and now - change.at < REMEMBERED),
        started,
        told,
        remedy=Remedy(
            text(
                "Purge the tickets of {source}, or restart it when its VMs allow that. A purge is not seen: this stays a risk until {gone} "
                "or until {source} was restarted",
                source=source.name,
                gone=minute(gone),
            ),
            administrator_of(source.name),
            commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { klist.exe purge -li 0x3e7 }", host=source.name),),
            effective_after=text("at once; otherwise by itself at {gone}", gone=minute(gone)),
            shows=text("only tickets whose start time is later than the change"),
            verify=(command("Invoke-Command -ComputerName {host} -ScriptBlock { klist.exe -li 0x3e7 }", host=source.name),),
            undo=(text("None needed: {source} asks for new tickets by itself", source=source.name),),
        ),
    )


def _changes(host: HostView, attributes: dict[str, str]) -> list[_Change]:
    """The last change of each of these attributes that any controller knows of; none of those that were never written. Raises
    FactMissing where a controller does not say it: every account was made, and userAccountControl written then."""
    views = host.account_views
    known = [_written(host, controller) for controller in views]
    last = {field: max((at for each in known if (at := getattr(each, field))), default=None) for field in attributes}
    return [_change(host, attributes[field], at) for field, at in last.items() if at is not None]


def _change(host: HostView, attribute: str, at: datetime) -> _Change:
    what = text("last change of {attribute} of {host}", attribute=attribute, host=host.name)
    return _Change(host.name, attribute, at, host.evidence(HostView.account_views, what, minute(at)))


def _written(host: HostView, controller: str) -> Written:
    account = host.account_views[controller]
    if account.written is not None and account.written.user_account_control is not None:
        return account.written
    what = text("when the account of {host} was changed, on {controller}", host=host.name, controller=controller)
    if account.delegation_changed is not None:
        raise host.predates(HostView.account_views, what)
    raise host.lacks(HostView.account_views, what)
