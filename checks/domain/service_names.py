"""The names of the migration service are registered on the host's account, and on no other."""

from __future__ import annotations

from difflib import get_close_matches

from msgspec.structs import replace

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.domain._registered import REPLICATED, absent, domains, elsewhere, others, registered, taken_away
from checks.facts.directory import ServiceName
from checks.identity import both_names
from checks.remedy import Remedy, administrator_of, domain_administrator_of, restart_of_service_on
from checks.subject import HostSubject, HostView
from checks.text import Value, command, text, verbatim
from checks.windows.names import fold
from checks.windows.service_names import MIGRATION_SERVICE

ALIKE = 0.9
"""From this ratio on (difflib) a registered name is shown as one that only looks like a wanted one."""


@check(
    scope=Scope.HOST,
    severity=Severity.BLOCKER,
    title="The migration service's names, short and full, are registered on the host's account and on no other",
    facts=("host.computer", "host.account", "host.account_views", "host.service_names"),
    depends_on=("domain.membership",),
    predicts=("0x80090322", "0x80090303", "14050"),
)
def service_names(subject: HostSubject) -> Finding:
    if not subject.moves_vms:
        return skips("Storage moves alone: no VM goes to or from {host}", host=subject.host.name)
    host, account = subject.host, subject.host.account
    if not account.full_name:
        raise host.lacks(HostView.account, verbatim("dNSHostName"))
    names = (account.short_name, *both_names(account.full_name, host.computer.full_name))
    wanted = tuple(f"{MIGRATION_SERVICE}/{name}" for name in names)
    if lacking := absent(account, wanted):
        known = host.hint(HostView.service_names)
        found = others(known or (), lacking, account.sid)
        return _misplaced(host, wanted, found) if found else _unregistered(host, wanted, lacking)
    for controller, view in host.account_views.items():
        if behind := absent(view, wanted):
            return _not_replicated(host, controller, wanted, behind)
    holders = host.service_names
    own = {fold(each.name) for each in holders if each.sid == account.sid}
    if unseen := [name for name in wanted if fold(name) not in own]:
        raise host.lacks(HostView.service_names, text("{name} of {account}", name=unseen[0], account=account.account_name))
    if found := others(holders, wanted, account.sid):
        return _misplaced(host, wanted, found)
    return passes(
        "{account} has the names of the migration service, and no other account of {domains} was found with them",
        registered(host, wanted),
        elsewhere(host, ()),
        account=account.account_name,
        domains=domains(holders),
    )


def _unregistered(host: HostView, wanted: tuple[str, ...], lacking: tuple[str, ...]) -> Finding:
    account = host.account
    held = {fold(name): name for name in account.service_principal_names if fold(name) not in set(map(fold, wanted))}
    near = dict.fromkeys(held[found] for name in lacking for found in get_close_matches(fold(name), held, n=1, cutoff=ALIKE))
    message = text("{account} does not have {names}", account=account.account_name, names=lacking)
    if near:
        message = text(
            "{account} does not have {names}; {near} looks like it and is another name",
            account=account.account_name,
            names=lacking,
            near=tuple(near),
        )
    return fails(message, registered(host, wanted), remedy=_register(host, lacking), predicts=("0x80090303", "14050"))


def _not_replicated(host: HostView, stale: str, wanted: tuple[str, ...], behind: tuple[str, ...]) -> Finding:
    """The controller with the newest delegation data shows the names, another one that the hosts use does not."""
    newest = next(name for name, view in host.account_views.items() if not absent(view, wanted))
    places: dict[str, Value] = {"stale": stale, "newest": newest, "dn": host.account.dn}
    return fails(
        text("{stale} does not show {names} of {account}, {newest} does", names=behind, account=host.account.account_name, **places),
        host.evidence(
            HostView.account_views,
            verbatim("servicePrincipalName"),
            host.account_views[stale].service_principal_names,
            wanted,
            fits=False,
        ),
        remedy=Remedy(
            text("Wait for the replication from {newest} to {stale}, or start it", **places),
            domain_administrator_of(host.computer.domain),
            commands=(command("repadmin.exe /replsingleobj {stale} {newest} {dn}", **places),),
            effective_after=REPLICATED,
            shows=text("below servicePrincipalName the names of the remedy, or, where they are taken away, none of them"),
            verify=(command("Get-ADObject -Identity {dn} -Server {stale} -Properties servicePrincipalName", **places),),
        ),
        predicts=("0x80090303",),
    )


def _register(host: HostView, lacking: tuple[str, ...]) -> Remedy:
    return Remedy(
        text(
            "Restart the Hyper-V service of {host}: it registers its names when it starts, VMs keep running. If it logs event 14050 then, "
            "it is not allowed to, or finds no domain controller; a domain administrator can register {names} with setspn -S",
            host=host.name,
            names=lacking,
        ),
        administrator_of(host.name),
        commands=(command("Invoke-Command -ComputerName {host} -ScriptBlock { Restart-Service -Name vmms }", host=host.name),),
        restarts=restart_of_service_on(host.name),
        effective_after=REPLICATED,
        shows=text("below servicePrincipalName the names of the remedy, or, where they are taken away, none of them"),
        verify=(
            command(
                "Get-ADComputer -Identity {account} -Server {domain} -Properties servicePrincipalName",
                account=host.account.account_name,
                domain=host.computer.domain,
            ),
        ),
    )


def _misplaced(host: HostView, wanted: tuple[str, ...], found: tuple[ServiceName, ...]) -> Finding:
    names = tuple(dict.fromkeys(each.name for each in found))
    holders = tuple(dict.fromkeys(each.dn for each in found))
    what = text(
        "Take {names} from {holders}: Kerberos makes a ticket for the account that has the name, and {host} cannot read another's. "
        "Then restart the Hyper-V service of {host}, which registers what {account} lacks",
        names=names,
        holders=holders,
        host=host.name,
        account=host.account.account_name,
    )
    return fails(
        text("{names} of {host} stand on another account: {holders}", names=names, host=host.name, holders=holders),
        registered(host, wanted),
        elsewhere(host, found),
        remedy=replace(taken_away(what, found), restarts=restart_of_service_on(host.name)),
        predicts=("0x80090322",),
    )
