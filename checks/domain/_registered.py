"""Names of services that are on the account of a server, or on another one."""

from __future__ import annotations

from collections.abc import Iterable

from checks.check import Evidence
from checks.facts.directory import ComputerAccount, ServiceName
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView
from checks.text import Text, Value, command, text, verbatim
from checks.windows.names import fold

REPLICATED = text("when the domain controllers have replicated it")


def absent(account: ComputerAccount, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those that the account does not have."""
    registered = {fold(name) for name in account.service_principal_names}
    return tuple(name for name in wanted if fold(name) not in registered)


def others(holders: tuple[ServiceName, ...], names: Iterable[str], own: str) -> tuple[ServiceName, ...]:
    """Who has one of these names besides the account with the SID `own`."""
    wanted = set(map(fold, names))
    return tuple(each for each in holders if each.sid != own and fold(each.name) in wanted)


def domains(holders: Iterable[ServiceName]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.domain for each in holders))


def registered(host: HostView, wanted: tuple[str, ...]) -> Evidence:
    return host.evidence(HostView.account, verbatim("servicePrincipalName"), host.account.service_principal_names, wanted)


def elsewhere(host: HostView, found: tuple[ServiceName, ...]) -> Evidence:
    return host.evidence(HostView.service_names, "other accounts with these names", tuple(each.dn for each in found), ())


def taken_away(what: Text, found: tuple[ServiceName, ...]) -> Remedy:
    """To take these names from the accounts that have them. `what` says what else is to be done."""
    edits: list[dict[str, Value]] = [
        {"dn": dn, "domain": each.domain, "names": tuple(one.name for one in found if one.dn == dn)}
        for dn, each in {each.dn: each for each in found}.items()
    ]
    return Remedy(
        what,
        domain_administrator_of(*domains(found)),
        commands=tuple(
            command("Set-ADObject -Identity {dn} -Server {domain} -Remove @{'servicePrincipalName'={names}}", **edit) for edit in edits
        ),
        effective_after=REPLICATED,
        verify=tuple(command("Get-ADObject -Identity {dn} -Server {domain} -Properties servicePrincipalName", **edit) for edit in edits),
        undo=tuple(
            command("Set-ADObject -Identity {dn} -Server {domain} -Add @{'servicePrincipalName'={names}}", **edit) for edit in edits
        ),
    )
