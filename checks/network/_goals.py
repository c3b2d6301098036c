"""The addresses at which a host takes migrations from another one, in the order in which they are tried as far as that is public: a network
with a smaller priority first, equal ones as one class. Which address comes first in a class, and whether a move goes on to the next one
when one is closed, is written nowhere.

Source: https://learn.microsoft.com/powershell/module/hyper-v/set-vmhost, example 3; https://learn.microsoft.com/powershell/module/hyper-v/add-vmmigrationnetwork,
example 4.
"""

from __future__ import annotations

from itertools import groupby

from msgspec import Struct

from checks.network._addresses import every, may_share_a_link, reaches_itself
from checks.subject import HostView
from checks.text import Text, text
from checks.windows.addresses import IP, address, network, usable


class Goals(Struct, frozen=True):
    """What a target tells of where it takes migrations. `classes`: the addresses at which a source can look for it, those first that are
    tried first. `tentative`: those among them of which it is not yet known whether they can be used. `contradicted`: where it listens,
    though it does not have the address in use or names no network that holds it. `own`: where it listens, and the source has the address
    too."""

    classes: tuple[tuple[IP, ...], ...]
    tentative: frozenset[IP]
    contradicted: tuple[IP, ...]
    own: tuple[IP, ...]

    @property
    def all(self) -> tuple[IP, ...]:
        return tuple(ip for each in self.classes for ip in each)


def listening(host: HostView) -> tuple[IP, ...]:
    """The addresses on which a host says that it takes migrations. Raises FactMissing where it does not tell them."""
    told = host.migration_listener.addresses
    if told is None:
        raise host.lacks(HostView.migration_listener, text("the addresses on which {host} listens", host=host.name))
    return tuple(dict.fromkeys(ip for written in told if (ip := address(written)) is not None))


def goals_of(source: HostView, target: HostView, told: tuple[IP, ...]) -> Goals:
    """What of these addresses of a target a source can use. Link-local ones count only where there is nothing else."""
    has = every(target.addresses)
    theirs = {each.ip for each in has if each.answers}
    tentative = frozenset(each.ip for each in has if each.tentative) - theirs
    taken, contradicted, own = [], [], []
    for ip in told:
        if ip not in theirs | tentative or not _takes(target, ip):
            contradicted += [ip] if usable(ip) else []
        elif reaches_itself(ip, source.addresses):
            own += [] if ip.is_loopback else [ip]
        elif usable(ip) or may_share_a_link(ip, source.addresses):
            taken.append(ip)
    best = [ip for ip in taken if usable(ip)] or taken
    return Goals(_classes(target, best), tentative, tuple(contradicted), tuple(own))


def nowhere(source: HostView, target: HostView, goals: Goals) -> Text:
    """Why there is no goal."""
    if goals.own:
        return text(
            "{target} takes migrations at {own}, which {source} has itself: there {source} reaches itself and not {target}",
            source=source.name,
            target=target.name,
            own=texts(goals.own),
        )
    if goals.contradicted:
        return text(
            "{target} listens for migrations on {stray} only, which is no usable address of it in a network where it takes migrations",
            target=target.name,
            stray=texts(goals.contradicted),
        )
    return text("{target} listens for migrations on no address that another host can reach", target=target.name)


def texts(ips: tuple[IP, ...]) -> tuple[str, ...]:
    return tuple(str(ip) for ip in ips)


def _takes(target: HostView, ip: IP) -> bool:
    return target.migration.any_network or bool(_priorities(target, ip))


def _priorities(target: HostView, ip: IP) -> tuple[int | None, ...]:
    """The priorities of the target's migration networks that hold an address."""
    return tuple(each.priority for each in target.migration_networks if (net := network(each.subnet)) is not None and ip in net)


def _classes(target: HostView, ips: list[IP]) -> tuple[tuple[IP, ...], ...]:
    """The addresses by priority, then by address. Without priorities, or where one was not told, they are one class."""
    ordered = sorted(ips, key=lambda ip: (ip.version, int(ip)))
    told = {ip: () if target.migration.any_network else _priorities(target, ip) for ip in ordered}
    first = {ip: min(known) for ip, found in told.items() if (known := [each for each in found if each is not None]) and None not in found}
    if first.keys() != told.keys():
        return (tuple(ordered),)
    ordered.sort(key=lambda ip: first[ip])
    return tuple(tuple(group) for _, group in groupby(ordered, key=lambda ip: first[ip]))
