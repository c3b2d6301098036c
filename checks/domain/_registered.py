"""Names of services that are on the account of a server, or on another one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from checks.check import Evidence
from checks.facts.directory import ComputerAccount, ServiceName
from checks.remedy import Remedy, domain_administrator_of
from checks.subject import HostView
from checks.text import Command, Text, command, text, verbatim
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
    names, fits = host.account.service_principal_names, not absent(host.account, wanted)
    return host.evidence(HostView.account, verbatim("servicePrincipalName"), names, wanted, fits=fits)


def elsewhere(host: HostView, found: tuple[ServiceName, ...]) -> Evidence:
    return host.evidence(HostView.service_names, "other accounts with these names", tuple(each.dn for each in found), ())


def taken_away(what: Text, found: tuple[ServiceName, ...]) -> Remedy:
    """To take these names from the accounts that have them. `what` says what else is to be done."""
    edits = tuple(
        _Edit(dn, each.domain, tuple(one.name for one in found if one.dn == dn)) for dn, each in {each.dn: each for each in found}.items()
    )
    return _remedy(what, edits, _removes(edits), _adds(edits))


def given(what: Text, account: ComputerAccount, domain: str, names: tuple[str, ...]) -> Remedy:
    """To register these names for an account of the domain."""
    edits = (_Edit(account.dn, domain, names),)
    return _remedy(what, edits, _adds(edits), _removes(edits))


class _Edit(NamedTuple):
    """The names of one account that are added or removed."""

    dn: str
    domain: str
    names: tuple[str, ...]


def _remedy(what: Text, edits: tuple[_Edit, ...], commands: tuple[Command, ...], undo: tuple[Command, ...]) -> Remedy:
    return Remedy(
        what,
        domain_administrator_of(*dict.fromkeys(edit.domain for edit in edits)),
        commands=commands,
        effective_after=REPLICATED,
        shows=text("below servicePrincipalName the names of the remedy, or, where they are taken away, none of them"),
        verify=tuple(
            command("Get-ADObject -Identity {dn} -Server {domain} -Properties servicePrincipalName", **each._asdict()) for each in edits
        ),
        undo=undo,
    )


def _adds(edits: tuple[_Edit, ...]) -> tuple[Command, ...]:
    return tuple(
        command("Set-ADObject -Identity {dn} -Server {domain} -Add @{'servicePrincipalName'={names}}", **each._asdict()) for each in edits
    )


def _removes(edits: tuple[_Edit, ...]) -> tuple[Command, ...]:
    return tuple(
        command("Set-ADObject -Identity {dn} -Server {domain} -Remove @{'servicePrincipalName'={names}}", **edit._asdict())
        for edit in edits
    )
