"""The delegation list holds what moves need, and of hosts that are there."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.delegation import _remedies
from checks.facts.directory import DelegatedHosts
from checks.facts.migration import MigrationAuthentication
from checks.subject import HostSubject, HostView
from checks.text import NOTHING, Text, text
from checks.windows.names import DnsName, HostName, fold
from checks.windows.service_names import CIFS, MIGRATION_SERVICE, ServiceOfHost, taken_apart
from checks.world import FactMissing

SHOWN = 20
"""At most so many entries of one kind become evidence; the message has their number."""

_NEEDED = frozenset(map(fold, (MIGRATION_SERVICE, CIFS)))


class There(Enum):
    """Is there an account of the host that an entry names: yes, for certain not, or that cannot be told."""

    YES = auto()
    NO = auto()
    UNTOLD = auto()


class _Sorted(NamedTuple):
    """The entries of a list: of hosts that are gone, of hosts of which it cannot be told whether they are, and of the others those for
    services that no move needs, or that name no host."""

    gone: tuple[str, ...]
    untold: tuple[str, ...]
    unneeded: tuple[str, ...]


@check(
    scope=Scope.HOST,
    severity=Severity.ADVICE,
    title="The source's delegation list holds only entries for moves, and none of hosts that are gone",
    facts=("host.migration", "host.account", "host.computer", "host.delegated_hosts"),
    depends_on=("domain.membership", "platform.hyperv_role"),
)
def stale_entries(subject: HostSubject) -> Finding:
    host = subject.host
    if not subject.sends:
        return skips("No move of the plan leaves {host}: its delegation list is not needed for one", host=host.name)
    if host.migration.authentication is MigrationAuthentication.CREDSSP:
        return skips("CredSSP is used on {host}: a move needs no delegation", host=host.name)
    entries = host.account.delegate_to
    if not entries:
        return passes("{host} has no delegation list", _evidence(host, text("entries of the delegation list"), ()), host=host.name)
    shown = host.hint(HostView.delegated_hosts)
    its = _sort(entries, shown)
    if not its.gone and not its.unneeded:
        if shown is not None and its.untold:
            raise _untold(host, its.untold[0], shown)
        return passes(
            "Each of the {count} entries of the delegation list of {host} is for a service that moves need, of a host that is there",
            _evidence(host, text("entries of the delegation list"), entries[:SHOWN]),
            count=len(entries),
            host=host.name,
        )
    return fails(
        _message(host, its),
        *_shown(host, its),
        remedy=_remedies.remove_entries(host, its.gone) if its.gone else _remedies.look_at_entries(host),
    )


def _sort(entries: tuple[str, ...], shown: DelegatedHosts | None) -> _Sorted:
    told = {entry: taken_apart(entry) for entry in entries}
    there = _there(tuple(dict.fromkeys(said.host for said in told.values() if said)), shown)
    gone, untold, unneeded = list[str](), list[str](), list[str]()
    for entry, said in told.items():
        state = There.YES if said is None else there[said.host]
        if state is There.NO:
            gone.append(entry)
        elif not _is_needed(said):
            unneeded.append(entry)
        elif state is There.UNTOLD:
            untold.append(entry)
    return _Sorted(tuple(gone), tuple(untold), tuple(unneeded))


def _is_needed(said: ServiceOfHost | None) -> bool:
    """Is an entry for a service that a move may need."""
    return said is not None and fold(said.service) in _NEEDED


def _there(hosts: tuple[HostName, ...], shown: DelegatedHosts | None) -> dict[HostName, There]:
    """Of each host whether there is one. Its short and its full name are one host: none of them is gone where another one is not."""
    if shown is None:
        return dict.fromkeys(hosts, There.UNTOLD)
    own = {host: _alone(host, shown) for host in hosts}
    kept = {host.short for host, there in own.items() if there is not There.NO}
    return {host: There.UNTOLD if there is There.NO and host.short in kept else there for host, there in own.items()}


def _alone(host: HostName, shown: DelegatedHosts) -> There:
    suffix = host.key.partition(".")[2]
    if host.key in shown.accounts or DnsName(host.key) in shown.domains or fold(host.key) in shown.short_names:
        return There.YES
    return There.NO if host.key in shown.absent and (not suffix or DnsName(suffix) in shown.domains) else There.UNTOLD


def _untold(host: HostView, entry: str, shown: DelegatedHosts) -> FactMissing:
    """What ends the check as UNKNOWN where it cannot be told whether a host is there."""
    what, silent = text("account of the host of {entry}", entry=entry), shown.silent
    if silent is not None:
        return FactMissing("host.delegated_hosts", silent)
    why = text("none was found, and it may be in a domain that was not asked")
    return FactMissing("host.delegated_hosts", host.world.not_collected(what, why))


def _message(host: HostView, its: _Sorted) -> Text:
    gone = text(
        "The delegation list of {host} holds {count} entries of hosts of which no account was found in the forest, first {first}",
        host=host.name,
        count=len(its.gone),
        first=its.gone[0] if its.gone else NOTHING,
    )
    unneeded = text(
        "The delegation list of {host} holds {count} entries that no move needs, first {first}: perhaps another job of {host} does",
        host=host.name,
        count=len(its.unneeded),
        first=its.unneeded[0] if its.unneeded else NOTHING,
    )
    if its.gone and its.unneeded:
        return text("{gone}. {unneeded}", gone=gone, unneeded=unneeded)
    return gone if its.gone else unneeded


def _shown(host: HostView, its: _Sorted) -> Iterator[Evidence]:
    kinds = (
        (text("entries of hosts that are gone"), its.gone),
        (text("entries that no move needs"), its.unneeded),
        (text("entries of hosts of which it cannot be told whether they are there"), its.untold),
    )
    return (_evidence(host, what, entries[:SHOWN], ()) for what, entries in kinds if entries)


def _evidence(host: HostView, what: Text, entries: tuple[str, ...], expected: tuple[str, ...] | None = None) -> Evidence:
    return host.evidence(HostView.account, what, entries, expected)
