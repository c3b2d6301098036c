"""Who has the names of the hosts that delegation lists name. A controller shows only what the reader may see: one that does not show its
own account shows nobody's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from checks.facts.directory import NamedHost
from checks.facts.fact import Reason
from checks.identity import NETBIOS_LENGTH
from checks.text import text
from checks.windows.names import HostName, fold
from checks.windows.service_names import HOST, taken_apart
from runner.collect.directories.base import Asked
from runner.collect.directories.controller import any_of, chunks, string
from runner.collect.unread import Unread

MOST = 2_000
"""So many hosts are looked for; what a list names beyond stays untold."""

_ACCOUNT, _FULL, _OTHER, _SERVICE = "sAMAccountName", "dNSHostName", "msDS-AdditionalDnsHostName", "servicePrincipalName"
_INDEXED = (_ACCOUNT, _OTHER, _SERVICE)
_ITSELF = ""
"""Stands for the controller among the hosts, which have names."""


class _Sought(NamedTuple):
    """An attribute and a value (folded) by which an account is one of a host."""

    attribute: str
    value: str


def named_in(entries: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The hosts that entries of delegation lists name, by HostName.key, each with its entries."""
    found: dict[str, list[str]] = {}
    for entry in sorted(set(entries)):
        said = taken_apart(entry)
        if said is not None and (said.host.key in found or len(found) < MOST):
            found.setdefault(said.host.key, []).append(entry)
    return {host: tuple(its) for host, its in found.items()}


def read(asked: Asked) -> tuple[NamedHost, ...]:
    """Each host that was looked for, with the accounts of the controller's domain that are called so or have a service principal name of
    it. One search for each hundred names, by attributes that are indexed; dNSHostName is not, and serves for those alone that were not
    found. Raises Unread."""
    if not asked.delegated:
        return ()
    own = asked.controller.object("", (_FULL,)).one(_FULL, string)
    wanted = {host: tuple(_sought(host, its)) for host, its in asked.delegated.items()}
    shown = _look_up(asked, _INDEXED, "(objectClass=*)", {_ITSELF: ((_SERVICE, f"{HOST}/{own}"),), **wanted})
    if not shown.pop(_ITSELF):
        raise Unread(Reason.ACCESS_DENIED, text("{attribute} of {dn} cannot be read", attribute=_SERVICE, dn=own))
    rest = {host: ((_FULL, host),) for host, its in shown.items() if not its}
    shown |= _look_up(asked, (_FULL,), "(objectCategory=computer)", rest)
    return tuple(NamedHost(name, tuple(sorted(shown[name]))) for name in sorted(asked.delegated))


def _look_up(
    asked: Asked, attributes: tuple[str, ...], kind: str, wanted: Mapping[str, tuple[tuple[str, str], ...]]
) -> dict[str, set[str]]:
    """Whom the controller shows for each host, by any of its values of these attributes."""
    hosts: dict[_Sought, list[str]] = {}
    values: dict[_Sought, str] = {}
    for host, known_by in wanted.items():
        for attribute, value in known_by:
            sought = _Sought(attribute, fold(value))
            hosts.setdefault(sought, []).append(host)
            values.setdefault(sought, value)
    shown: dict[str, set[str]] = {host: set() for host in wanted}
    for some in chunks(values):
        by = {name: [values[each] for each in some if each.attribute == name] for name in attributes}
        condition = "".join(any_of(name, of) for name, of in by.items() if of)
        for entry in asked.controller.search(asked.base.head, f"(&{kind}(|{condition}))", attributes):
            its = [host for name in attributes for value in entry.all(name, string) for host in hosts.get(_Sought(name, fold(value)), ())]
            if not its:
                raise Unread(Reason.UNREADABLE, text("{dn} was not asked for", dn=entry.dn))
            for each in its:
                shown[each].add(entry.dn)
    return shown


def _sought(host: str, entries: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """By what an account is one of a host: its name, which of a full one is the first label, another full name, or a service of it."""
    yield _ACCOUNT, f"{HostName(host).short.spelled[:NETBIOS_LENGTH]}$"
    yield _OTHER, host
    for entry in (f"{HOST}/{host}", *entries):
        yield _SERVICE, entry
