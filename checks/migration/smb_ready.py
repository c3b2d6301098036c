"""Both hosts are ready to copy memory over SMB: with RDMA on both or on neither, and over interfaces that SMB uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.facts.migration import PerformanceOption
from checks.facts.network import Address, AddressState
from checks.remedy import Remedy, administrator_of
from checks.subject import HostView, PairSubject
from checks.text import Text, command, text, verbatim
from checks.windows.addresses import Network, address, network, usable


class _Side(NamedTuple):
    """What one host has in a network in which it can meet the other one: its addresses there, those among them at interfaces that SMB
    uses, and those at interfaces with RDMA."""

    addresses: tuple[str, ...]
    used: tuple[str, ...]
    rdma: tuple[str, ...]


@check(
    scope=Scope.PAIR,
    severity=Severity.RISK,
    title="With the SMB option both hosts have RDMA in the migration networks, or neither, and SMB may use it",
    facts=(
        *(f"{role}.{fact}" for role in ("source", "target") for fact in ("migration", "addresses", "smb_interfaces", "smb_multichannel")),
        "target.migration_networks",
    ),
    depends_on=("migration.enabled",),
    article=("W16 performance table 4", "W16 performance table 5"),
)
def smb_ready(subject: PairSubject) -> Finding:
    source, target = subject.source, subject.target
    if subject.only_storage:
        return skips("Storage moves alone: no VM goes from {source} to {target}", source=source.name, target=target.name)
    if PerformanceOption.SMB not in [host.migration.performance_option for host in (source, target)]:
        return skips("Neither {source} nor {target} copies memory over SMB", source=source.name, target=target.name)
    meetings = tuple(_meetings(source, target))
    if not any(theirs.addresses for _, theirs in meetings):
        return skips("{host} has no address in the networks that its settings name, as network.isolated says", host=target.name)
    if not any(mine.addresses for mine, _ in meetings):
        return skips("{source} has no address that another host can use, as network.common_subnet says", source=source.name)
    here, there = _all(tuple(mine for mine, _ in meetings)), _all(tuple(theirs for _, theirs in meetings))
    evidence = tuple(_evidence(host, side) for host, side in ((source, here), (target, there)))
    if not here.used:
        return fails(
            text(
                "SMB of {source} uses none of the interfaces from which it reaches the migration networks ({addresses})",
                source=source.name,
                addresses=here.addresses,
            ),
            *evidence,
            remedy=_unbound(source, here),
        )
    direct = tuple(ip for mine, theirs in meetings if mine.rdma for ip in theirs.rdma)
    off = _off(source, target)
    settings = tuple(_setting(host, on=host not in dict(off)) for host in (source, target))
    if off:
        return fails(
            text(
                "SMB Multichannel is off ({off}): SMB takes one connection, and no RDMA",
                off=tuple(text("{noun} of {host}", noun=part.noun, host=host.name) for host, part in off),
            ),
            *evidence,
            *settings,
            remedy=_multichannel(off),
            severity=None if direct else Severity.ADVICE,
        )
    if direct:
        return passes(
            "{source} and {target} have RDMA in the same migration network ({addresses}): memory goes by SMB Direct",
            *evidence,
            *settings,
            source=source.name,
            target=target.name,
            addresses=direct,
        )
    if here.rdma or there.rdma:
        return fails(_apart(source, target, here, there), *evidence, *settings, remedy=_rdma(source, target))
    return passes(
        "Neither {source} nor {target} has RDMA in the migration networks: memory goes over SMB and TCP",
        *evidence,
        *settings,
        source=source.name,
        target=target.name,
    )


def _meetings(source: HostView, target: HostView) -> Iterator[tuple[_Side, _Side]]:
    """What the two have in each migration network of the target in which both have an address. Where there is none, what the target has in
    any of them, and all of the source, from which a route may lead there."""
    networks = _networks(target)
    pairs = [(_side(source, (net,)), _side(target, (net,))) for net in networks]
    shared = [(mine, theirs) for mine, theirs in pairs if mine.addresses and theirs.addresses]
    yield from shared or [(_side(source, None), _side(target, networks))]


def _networks(target: HostView) -> tuple[Network, ...]:
    written = (
        [f"{each.address.partition('%')[0]}/{each.prefix_length}" for each in _usable(target)]
        if target.migration.any_network
        else [each.subnet for each in target.migration_networks]
    )
    return tuple(dict.fromkeys(net for each in written if (net := network(each)) is not None))


def _usable(host: HostView) -> Iterator[Address]:
    for each in host.addresses:
        ip = address(each.address)
        if each.state in (None, AddressState.PREFERRED) and ip is not None and usable(ip):
            yield each


def _side(host: HostView, networks: tuple[Network, ...] | None) -> _Side:
    """What a host has in these networks, or in any."""
    rdma = {each.interface_index: each.rdma for each in host.smb_interfaces}
    there = [each for each in _usable(host) if networks is None or any(address(each.address) in net for net in networks)]
    return _Side(
        tuple(each.address for each in there),
        tuple(each.address for each in there if each.interface_index in rdma),
        tuple(each.address for each in there if rdma.get(each.interface_index)),
    )


def _all(sides: tuple[_Side, ...]) -> _Side:
    """What a host has in all of these networks."""
    return _Side(_once(side.addresses for side in sides), _once(side.used for side in sides), _once(side.rdma for side in sides))


def _once(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(found)))


class _Part(NamedTuple):
    """A part of SMB whose settings say whether Multichannel is on: what they are called, and the commands that change and show it."""

    noun: str
    change: str
    show: str


_CLIENT = _Part(
    "SmbClientConfiguration",
    "Set-SmbClientConfiguration -CimSession {host} -EnableMultiChannel ",
    "(Get-SmbClientConfiguration -CimSession {host}).EnableMultiChannel",
)
_SERVER = _Part(
    "SmbServerConfiguration",
    "Set-SmbServerConfiguration -CimSession {host} -EnableMultiChannel ",
    "(Get-SmbServerConfiguration -CimSession {host}).EnableMultiChannel",
)


def _off(source: HostView, target: HostView) -> tuple[tuple[HostView, _Part], ...]:
    """Where Multichannel is off: the source is the client, the target the server."""
    on = ((source, _CLIENT, source.smb_multichannel.client), (target, _SERVER, target.smb_multichannel.server))
    return tuple((host, part) for host, part, its in on if not its)


def _apart(source: HostView, target: HostView, here: _Side, there: _Side) -> Text:
    if here.rdma and there.rdma:
        return text(
            "{source} has RDMA at {mine} and {target} at {theirs}, in no network that both have: memory goes over TCP",
            source=source.name,
            target=target.name,
            mine=here.rdma,
            theirs=there.rdma,
        )
    holder, its, other = (source, here, target) if here.rdma else (target, there, source)
    return text(
        "{holder} has RDMA in the migration networks ({addresses}) and {other} has not: memory goes over TCP",
        holder=holder.name,
        addresses=its.rdma,
        other=other.name,
    )


def _evidence(host: HostView, side: _Side) -> Evidence:
    return host.evidence(
        HostView.smb_interfaces,
        text("addresses of {host} with RDMA, of {all} for migrations", host=host.name, all=side.addresses),
        side.rdma,
    )


def _setting(host: HostView, *, on: bool) -> Evidence:
    its = host.smb_multichannel
    shown = (text("to others: {on}", on=its.client), text("from others: {on}", on=its.server))
    return host.evidence(HostView.smb_multichannel, text("EnableMultiChannel of {host}", host=host.name), shown, fits=on)


def _unbound(source: HostView, here: _Side) -> Remedy:
    return Remedy(
        text(
            "Bind the client for Microsoft networks to the adapters of {source} that have {addresses}, or let both hosts use Compression",
            source=source.name,
            addresses=here.addresses,
        ),
        administrator_of(source.name),
        shows=text("a row for each address that counts, with RdmaCapable True where RDMA is meant"),
        verify=(command("Get-SmbClientNetworkInterface -CimSession {host}", host=source.name),),
    )


def _multichannel(off: tuple[tuple[HostView, _Part], ...]) -> Remedy:
    hosts = tuple(host.name for host, _ in off)
    return Remedy(
        text("Enable SMB Multichannel on {hosts}, or let both hosts use Compression", hosts=hosts),
        administrator_of(*hosts),
        commands=tuple(command(part.change + "$true -Force", host=host.name) for host, part in off),
        effective_after=text("for connections that are opened afterwards"),
        shows=verbatim("True"),
        verify=tuple(command(part.show, host=host.name) for host, part in off),
        undo=tuple(command(part.change + "$false -Force", host=host.name) for host, part in off),
    )


def _rdma(source: HostView, target: HostView) -> Remedy:
    return Remedy(
        text(
            "Enable RDMA on adapters of {source} and {target} in one migration network (Enable-NetAdapterRdma), where they have it. Where "
            "they have not, moves go on without it, or both hosts use Compression",
            source=source.name,
            target=target.name,
        ),
        administrator_of(source.name, target.name),
        shows=text("a row for each address that counts, with RdmaCapable True where RDMA is meant"),
        verify=tuple(command("Get-SmbClientNetworkInterface -CimSession {host}", host=host.name) for host in (source, target)),
    )
