"""Whether a host that answered is the one that the plan means.

What a host says may describe that host and no other: where it says that it is somebody else, nothing that it says counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from checks.facts.directory import ComputerAccount
from checks.facts.fact import Fact, Known
from checks.facts.host import HostFacts
from checks.facts.system import Computer, DomainRole
from checks.plan import HostEntry
from checks.text import Text, text
from checks.windows.account_control import is_controller
from checks.windows.addresses import address, reachable
from checks.windows.names import DnsName, HostName, fold
from checks.windows.tickets import CLOCK_SKEW

NETBIOS_LENGTH = 15
"""Of a longer name Windows takes so many characters for the computer's name (Win32_ComputerSystem.Name)."""
CONTROLLERS = (DomainRole.BACKUP_DOMAIN_CONTROLLER, DomainRole.PRIMARY_DOMAIN_CONTROLLER)


def meant(host: HostName, entry: HostEntry) -> HostName:
    """The host that a plan means: by its full name, where the plan gives one."""
    return HostName(entry.fqdn or host.spelled)


def both_names(registered: str, own: HostName) -> tuple[str, ...]:
    """The full names of a host: the one that the directory has for it, and what it calls itself where that is another."""
    return (registered,) if HostName(registered) == own else (registered, own.spelled)


def other_name(own: HostName, account: Fact[ComputerAccount] | None) -> HostName | None:
    """The full name that the directory has for a host, where that is known and another one than its own."""
    registered = HostName(account.value.full_name) if isinstance(account, Known) else own
    return registered if registered.key and registered != own else None


def machines(known_by: Mapping[HostName, Iterable[Hashable]]) -> dict[HostName, HostName]:
    """For each host the first one that is the same machine: hosts are one that have anything in common of what they are known by."""
    place = {host: number for number, host in enumerate(known_by)}
    same: dict[HostName, HostName] = {}
    first: dict[Hashable, HostName] = {}

    def machine(host: HostName) -> HostName:
        while (earlier := same.get(host)) is not None:
            host = earlier
        return host

    for host, tokens in known_by.items():
        for token in tokens:
            one, other = machine(first.setdefault(token, host)), machine(host)
            if one != other:
                same[max(one, other, key=place.__getitem__)] = min(one, other, key=place.__getitem__)
    return {host: machine(host) for host in known_by}


def one_machine(one: HostFacts, other: HostFacts) -> bool | None:
    """Are two answers those of one machine: it was started once, and has its addresses under either name. Nothing where that was not read
    of both."""
    told = [(facts.os, facts.addresses) for facts in (one, other)]
    boots = [os.value.boot for os, _ in told if isinstance(os, Known)]
    sets = [{ip for row in rows.value if (ip := address(row.address)) and reachable(ip)} for _, rows in told if isinstance(rows, Known)]
    known = [its for its in sets if its]
    if len(boots) == 2 and abs(boots[0] - boots[1]) > CLOCK_SKEW:
        return False
    if len(known) == 2 and known[0].isdisjoint(known[1]):
        return False
    return True if len(boots) == len(known) == 2 else None


def contradiction(wanted: HostName, computer: Computer, account: Fact[ComputerAccount] | None) -> Text | None:
    """Why a host that says this of itself, and of whose account the directory says that, is not the one that is meant; or nothing. An
    address means whoever answers there; an alias that the directory gives the account means the account ([MS-ADTS] 3.1.1.5.3.3)."""
    its = account.value if isinstance(account, Known) else None
    if not wanted.is_address and (its is None or wanted not in its.aliases):
        if fold(wanted.short.spelled)[:NETBIOS_LENGTH] != fold(computer.name):
            return text("the plan means {wanted}, and it says that it is {name}", wanted=wanted.spelled, name=computer.name)
        domain = wanted.key.partition(".")[2]
        elsewhere = bool(domain) and DnsName(domain) != DnsName(computer.domain)
        if elsewhere and its is not None and HostName(its.full_name) != wanted:
            return text("the plan means {wanted}, and it says that it is in {domain}", wanted=wanted.spelled, domain=computer.domain)
    if its is not None and is_controller(its.user_account_control) != (computer.role in CONTROLLERS):
        if computer.role in CONTROLLERS:
            return text("it says that it is a domain controller, and its account {account} is none", account=its.account_name)
        return text("it says that it is no domain controller, and its account {account} is one", account=its.account_name)
    return None
