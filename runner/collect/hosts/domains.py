"""The domains of which each host of a plan is asked whether it finds controllers, besides its own. Their names are looked up in the DNS and
nothing else: nobody visits or signs in to what a host finds there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.fact import Known
from checks.facts.host import HostTopics
from checks.identity import meant
from checks.plan import Plan
from checks.windows.names import DnsName, HostName
from checks.world import World

MOST = 16
"""So many a host is asked about: another one could name any number."""
_LONGEST = 225
"""With `_kerberos._tcp.dc._msdcs.` before it a name is not longer than 255 characters."""
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")


def planned(plan: Plan) -> dict[HostName, tuple[str, ...]]:
    """The domains of each host's partners as far as their full names in the plan tell."""
    full = {host: meant(host, plan.entry(host)) for host in plan.host_names}
    told = {host: () if name.is_address else (name.key.partition(".")[2],) for host, name in full.items()}
    return {host: _names(domain for partner in partners for domain in told[partner]) for host, partners in _partners(plan).items()}


def later(world: World) -> dict[HostName, tuple[str, ...]]:
    """Those of which each host was not asked yet: of its partners as these say themselves, and where that is another one than its own, each
    one that the directories of the run named, through which its tickets may be referred."""
    found = {}
    for host, partners in _partners(world.plan).items():
        answered = world.host_fact(host, HostTopics.controller_records)
        own = tuple(_home(world, host))
        others = {DnsName(domain) for partner in partners for domain in _home(world, partner)} - set(map(DnsName, own))
        if isinstance(answered, Known) and own and others:
            wanted = _names((*(name.key for name in sorted(others)), *world.snapshot.domains))
            about = {DnsName(answer.domain) for answer in answered.value}
            if new := tuple(domain for domain in wanted if DnsName(domain) not in about):
                found[host] = new
    return found


def _partners(plan: Plan) -> dict[HostName, list[HostName]]:
    partners: dict[HostName, dict[HostName, None]] = {host: {} for host in plan.host_names}
    for source, target in plan.pairs:
        if source != target:
            partners[source][target] = partners[target][source] = None
    return {host: list(its) for host, its in partners.items()}


def _home(world: World, host: HostName) -> Iterator[str]:
    """The domain of a host as it says itself."""
    computer = world.host_fact(host, HostTopics.computer)
    if isinstance(computer, Known) and computer.value.joined:
        yield computer.value.domain


def _names(domains: Iterable[str]) -> tuple[str, ...]:
    """Those that are names of domains, each once."""
    keys = dict.fromkeys(DnsName(domain).key for domain in domains)
    return tuple(key for key in keys if len(key) <= _LONGEST and _NAME.fullmatch(key))[:MOST]
