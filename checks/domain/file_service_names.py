"""The names by which Kerberos finds the file service of a server on which files are opened lead to that server's account alone.

A controller looks for the literal name cifs/NAME first, and where no account has that for HOST/NAME, under which it finds cifs as well
(sPNMappings; [MS-DRSR] 4.1.4.2.19, LookupSPN and MapSPN).
"""

from __future__ import annotations

from checks.check import Finding, Scope, Severity, check, fails, passes, skips
from checks.domain._registered import absent, domains, elsewhere, given, others, registered, taken_away
from checks.facts.directory import ServiceName
from checks.facts.migration import MigrationAuthentication
from checks.identity import both_names
from checks.plan import Kind
from checks.storage import At, reaches
from checks.subject import HostView, MoveSubject
from checks.text import Value, text, verbatim
from checks.windows.names import fold
from checks.windows.service_names import CIFS, HOST


@check(
    scope=Scope.MOVE,
    severity=Severity.BLOCKER,
    title="Kerberos finds the file service of each server that the move opens files on, at that server's account",
    facts=(
        "vm",
        "source.migration",
        "source.computer",
        "target.computer",
        *(f"{role}.{fact}" for role in ("source", "target", "server") for fact in ("account", "service_names")),
    ),
    depends_on=("domain.membership",),
    predicts=("0x80090322", "0x80090303"),
)
def file_service_names(subject: MoveSubject) -> Finding:
    leg = subject.leg
    told = leg.whole or leg.kind is not Kind.VM_ALONE
    hosts = {At.SOURCE: subject.source, At.TARGET: subject.target}
    servers = {(each.at, each.server): hosts.get(each.at) or (each.server and subject.server(each.server)) for each in reaches(leg)}
    found = [server for server in servers.values() if server]
    if not found and told:
        return skips("No host opens a file on another server for this move")
    kerberos = subject.source.migration.authentication is MigrationAuthentication.KERBEROS
    for server in found:
        if finding := _wrong(server, kerberos=kerberos):
            return finding
    if not told:
        raise subject.files_unknown()
    return passes(
        "cifs of {servers} is found at the account of each, and at no other account of {domains} that was found",
        *(registered(server, _wanted(server)) for server in found),
        servers=tuple(server.name for server in found),
        domains=tuple(dict.fromkeys(name for server in found for name in domains(server.service_names))),
    )


def _names(server: HostView) -> tuple[str, ...]:
    """Its short and its full name in the directory, and what it calls itself where that is another one: which of two full names is asked
    for is not known."""
    account = server.account
    if not account.full_name:
        raise server.lacks(HostView.account, verbatim("dNSHostName"))
    return (account.short_name, *both_names(account.full_name, server.full_name))


def _wanted(server: HostView) -> tuple[str, ...]:
    """For each of its names the one that is found: cifs where the account has it literally, else HOST."""
    own = {fold(name) for name in server.account.service_principal_names}
    return tuple(f"{CIFS if fold(f'{CIFS}/{name}') in own else HOST}/{name}" for name in _names(server))


def _wrong(server: HostView, *, kerberos: bool) -> Finding | None:
    account, wanted = server.account, _wanted(server)
    literal = tuple(f"{CIFS}/{name}" for name in _names(server))
    lacking = absent(account, wanted)
    known = server.hint(HostView.service_names) if lacking else server.service_names
    if found := others(known or (), {*literal, *wanted}, account.sid):
        return _misplaced(server, wanted, found)
    if lacking:
        return _unregistered(server, wanted, lacking, kerberos=kerberos)
    shown = {fold(each.name) for each in server.service_names if each.sid == account.sid}
    if unseen := [name for name in wanted if fold(name) not in shown]:
        raise server.lacks(HostView.service_names, text("{name} of {account}", name=unseen[0], account=account.account_name))
    return None


def _misplaced(server: HostView, wanted: tuple[str, ...], found: tuple[ServiceName, ...]) -> Finding:
    values: dict[str, Value] = {
        "names": tuple(dict.fromkeys(each.name for each in found)),
        "holders": tuple(dict.fromkeys(each.dn for each in found)),
        "server": server.name,
    }
    what = text(
        "Take {names} from {holders}, unless the files are to be opened there: Kerberos makes a ticket for the account that has the name, "
        "and {server} cannot read another's",
        **values,
    )
    return fails(
        text("Kerberos looks for the file service of {server} at another account: {names} stand on {holders}", **values),
        registered(server, wanted),
        elsewhere(server, found),
        remedy=taken_away(what, found),
        predicts=("0x80090322",),
    )


def _unregistered(server: HostView, wanted: tuple[str, ...], lacking: tuple[str, ...], *, kerberos: bool) -> Finding:
    account = server.account
    what = text(
        "Register {names} for {account}. Windows does so when a host joins its domain: find out who took them away",
        names=lacking,
        account=account.account_name,
    )
    return fails(
        text(
            "No account has cifs or HOST for {names}: {account} lacks it, and Kerberos finds no file service of {server}"
            if kerberos
            else "No account has cifs or HOST for {names}: {account} lacks it, so that CredSSP falls back to NTLM at {server} (inferred)",
            names=tuple(name.partition("/")[2] for name in lacking),
            account=account.account_name,
            server=server.name,
        ),
        registered(server, wanted),
        severity=None if kerberos and not set(lacking).isdisjoint(wanted[:2]) else Severity.RISK,
        predicts=("0x80090303",),
        remedy=given(what, account, server.home, lacking),
    )
