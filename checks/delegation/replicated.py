"""All domain controllers agree about the delegation."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.directory import AccessEntry, ComputerAccount
from checks.facts.migration import MigrationAuthentication
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, Value, command, text
from checks.windows.account_control import ANY_PROTOCOL, ANY_SERVICE, NOT_DELEGATED
from checks.windows.names import fold
from checks.windows.numbers import in_hex

_BITS = ANY_PROTOCOL | ANY_SERVICE | NOT_DELEGATED


class _Shown(Struct, frozen=True):
    """What one controller shows of a host's delegation, in a form that compares."""

    delegate_to: tuple[str, ...]
    bits: int
    resource_based: tuple[Text, ...]


@check(
    scope=Scope.PAIR,
    severity=Severity.BLOCKER,
    title="Every domain controller that the two hosts use shows the same delegation",
    facts=("source.migration", "source.computer", "target.computer", "source.account_views", "target.account_views"),
    depends_on=("domain.membership", "platform.hyperv_role"),
    predicts=("0x8009030E", "0x8009030D"),
    article=("W16 take effect 1",),
)
def replicated(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if source.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {source}: a move needs no delegation", source=source.name)
    for host in (source, target):
        if finding := _compared(host) or _same_groups(host):
            return finding
    controllers = tuple(sorted({*source.account_views, *target.account_views}))
    return passes("Every controller shows the same: {controllers}", controllers=controllers)


def _compared(host: HostView) -> Finding | None:
    """A failure when the controllers show a host's account differently: the newest against the first that differs."""
    views = host.account_views
    shown = {controller: _shown(account) for controller, account in views.items()}
    newest = max(sorted(views), key=lambda controller: views[controller].revision)
    different = [controller for controller in sorted(shown) if shown[controller] != shown[newest]]
    if not different:
        return None
    stale = different[0]
    changed = views[newest].delegation_changed or views[newest].changed
    age = _age(host.fact(HostView.account_views).at, changed)
    return fails(
        text(
            "{stale} does not show the delegation of {host} that {newest} shows: the change is {age} old",
            host=host.name,
            stale=stale,
            newest=newest,
            age=age,
        ),
        *_evidence(host, newest, stale, shown),
        host.evidence(HostView.account_views, "last change of the delegation", changed.isoformat()),
        host.evidence(HostView.account_views, "controllers that differ", tuple(different), ()),
        remedy=Remedy(
            text(
                "Wait for the replication from {newest} to {stale}, or start it. When the change is older than the "
                "replication interval of the sites, look for what stops it",
                newest=newest,
                stale=stale,
            ),
            who=domain_administrator_of(host.computer.domain),
            commands=(command("repadmin.exe /replsingleobj {stale} {newest} {dn}", stale=stale, newest=newest, dn=views[newest].dn),),
            effective_after=text(
                "once {stale} shows it too and the source has a newer ticket: at once after klist purge -li 0x3e7 on the source, as "
                "administrator; nothing restarts, and VMs run on (inferred). Without that usually after 15 minutes, at most 10 hours",
                stale=stale,
            ),
            shows=text("the same as the controller with the newest data shows"),
            verify=(
                command(
                    "Get-ADComputer -Identity {dn} -Server {stale} -Properties 'msDS-AllowedToDelegateTo', userAccountControl, "
                    "'msDS-AllowedToActOnBehalfOfOtherIdentity'",
                    stale=stale,
                    dn=views[newest].dn,
                ),
            ),
        ),
    )


def _same_groups(host: HostView) -> Finding | None:
    """A failure when the controllers show other groups of a host's account, by which an access list may know it: the first by name against
    the first that differs. The change is the group's, so that nothing of the account says which of them is newer."""
    views = host.account_views
    groups = {controller: _groups(account) for controller, account in sorted(views.items())}
    one, *others = groups
    different = [controller for controller in others if groups[controller] != groups[one]]
    if not different:
        return None
    other = different[0]
    apart = tuple(sorted({sid for sid, _ in groups[one] ^ groups[other]}))
    names: dict[str, Value] = {"host": host.name, "one": one, "other": other}
    return fails(
        text("{one} and {other} do not show the same groups of {host}: {sids}", sids=apart, **names),
        *(
            host.evidence(
                HostView.account_views,
                text("groups of {host} on {controller}", host=host.name, controller=controller),
                tuple(sorted({sid for sid, _ in groups[controller]})),
            )
            for controller in (one, other)
        ),
        host.evidence(HostView.account_views, "controllers that differ", tuple(different), ()),
        remedy=Remedy(
            text("Wait until the change of these groups is replicated between {one} and {other}, or start the replication", **names),
            who=domain_administrator_of(host.computer.domain),
            commands=(command("repadmin.exe /syncall {one} /A /e /P", **names), command("repadmin.exe /syncall {other} /A /e /P", **names)),
            effective_after=text(
                "once both show the same and {host} has a newer ticket: at once after klist purge -li 0x3e7 on {host}, as administrator; "
                "nothing restarts, and VMs run on (inferred). Without that after at most 10 hours",
                **names,
            ),
            shows=text("the same groups below MemberOf, twice"),
            verify=tuple(
                command(
                    "Get-ADComputer -Identity {dn} -Server {controller} -Properties MemberOf",
                    dn=views[one].dn,
                    controller=controller,
                )
                for controller in (one, other)
            ),
        ),
    )


def _groups(account: ComputerAccount) -> frozenset[tuple[str, int | None]]:
    """The SIDs by which an access list may know an account: its own and those of its groups, former ones too, with the scopes of groups."""
    former = (sid for group in account.groups or () for sid in group.history or ())
    sids = dict.fromkeys((*account.sids, *(account.history or ()), *former))
    return frozenset((sids | {group.sid: group.type for group in account.groups or ()}).items())


def _shown(account: ComputerAccount) -> _Shown:
    return _Shown(
        delegate_to=tuple(sorted({fold(entry) for entry in account.delegate_to})),
        bits=account.user_account_control & _BITS,
        resource_based=tuple(
            text("allow {sid} {mask}" if entry.allow else "deny {sid} {mask}", sid=entry.sid, mask=_mask(entry))
            for entry in account.resource_based
        ),
    )


def _mask(entry: AccessEntry) -> str:
    return f"{entry.mask:#x} {entry.object_type or ''}".rstrip()


def _evidence(host: HostView, newest: str, stale: str, shown: dict[str, _Shown]) -> list[Evidence]:
    """What the two controllers show, only where it differs."""
    old, new = shown[stale], shown[newest]
    names: dict[str, Value] = {"host": host.name, "stale": stale, "newest": newest}
    compared: tuple[tuple[Text, Value, Value], ...] = (
        (text("msDS-AllowedToDelegateTo of {host}: {stale} against {newest}", **names), old.delegate_to, new.delegate_to),
        (
            text("delegation bits of userAccountControl of {host}: {stale} against {newest}", **names),
            in_hex("user_account_control", old.bits),
            in_hex("user_account_control", new.bits),
        ),
        (
            text("msDS-AllowedToActOnBehalfOfOtherIdentity of {host}: {stale} against {newest}", **names),
            old.resource_based,
            new.resource_based,
        ),
    )
    return [host.evidence(HostView.account_views, what, actual, wanted) for what, actual, wanted in compared if actual != wanted]


def _age(now: datetime, changed: datetime) -> str:
    """How long ago, in the largest fitting unit, rounded down; a change later than the reading counts as just now."""
    minutes = max(0, int((now - changed).total_seconds()) // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"
