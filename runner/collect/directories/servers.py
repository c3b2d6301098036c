"""The servers on whose shares files of the plan's VMs lie, or to which they go: their accounts are looked up in the domains of the hosts,
which are asked anyway. What a path calls a server decides what is looked for there, and never whom we ask or sign in to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checks.facts.fact import Known
from checks.facts.host import HostFacts
from checks.identity import NETBIOS_LENGTH
from checks.plan import Plan
from checks.windows.names import DnsName, HostName
from checks.windows.paths import server_of
from runner.collect.directories.members import Member

MOST = 100
"""So many are looked up, first those that the plan names: a host could name any number."""


def servers(plan: Plan, hosts: Mapping[HostName, HostFacts], members: Mapping[str, list[Member]]) -> dict[str, list[Member]]:
    """Those that are no host of the plan, by the DNS name of their domain: that of a full name, where hosts are in it, and for a short name
    that of the hosts that use it, where it is one. `host` is what the path calls the server."""
    home = {member.host: domain for domain, its in members.items() for member in its}
    own = {name for its in members.values() for member in its for name in _names(member)} | hosts.keys()
    used: dict[HostName, set[str]] = {}
    for host, name in _paths(plan, hosts):
        if host in home and name not in own and name.spelled and not name.is_address and (name in used or len(used) < MOST):
            used.setdefault(name, set()).add(DnsName(name.key.partition(".")[2]).key or home[host])
    found: dict[str, list[Member]] = {}
    for name, domains in used.items():
        domain = next(iter(domains))
        if len(domains) == 1 and domain in members:
            account = f"{name.short.spelled[:NETBIOS_LENGTH]}$"
            found.setdefault(domain, []).append(Member(name, account, name.spelled, {}))
    return found


def _names(member: Member) -> tuple[HostName, ...]:
    return HostName(member.full_name), HostName(member.account.removesuffix("$"))


def _paths(plan: Plan, hosts: Mapping[HostName, HostFacts]) -> Iterator[tuple[HostName, HostName]]:
    """Each server that a path names, and the host that uses the path."""
    for move in plan.moves:
        if move.destination_path and (server := server_of(move.destination_path)) is not None:
            yield move.source, server
    for host, facts in sorted(hosts.items()):
        for vm in facts.vms.value if isinstance(facts.vms, Known) else ():
            yield from ((host, server) for server in vm.files.servers if server is not None)
