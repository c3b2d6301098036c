"""Who is a member of what in a scenario: accounts, groups and the groups that a logon to a domain carries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple, TypeAlias

from lab import dn
from lab.forests import Forests
from lab.scenario import DomainSpec, Group, GroupScope, HostSpec, Scenario, ScenarioError, User
from lab.sids import Sids

Key: TypeAlias = tuple[str, str]
"""A principal: DNS name of its domain and account name, both in lower case."""

_USUAL: tuple[Group, ...] = (
    Group("Domain Admins", rid=512),
    Group("Domain Users", rid=513),
    Group("Domain Guests", rid=514),
    Group("Domain Computers", rid=515),
    Group("Domain Controllers", rid=516),
    Group("Protected Users", rid=525),
)
_FOREST_ROOT: tuple[Group, ...] = (
    Group("Schema Admins", GroupScope.UNIVERSAL, rid=518),
    Group("Enterprise Admins", GroupScope.UNIVERSAL, rid=519),
)
_BUILTIN: tuple[Group, ...] = (
    Group("Administrators", GroupScope.LOCAL, ("Domain Admins",), 544),
    Group("Users", GroupScope.LOCAL, ("Domain Users",), 545),
    Group("Hyper-V Administrators", GroupScope.LOCAL, (), 578),
    Group("Remote Management Users", GroupScope.LOCAL, (), 580),
)
"""The domain's own built-in groups. Their SIDs are those of every computer's local groups and mean nothing on a member."""

_EVERY_LOGON = ("S-1-1-0", "S-1-5-2", "S-1-5-11", "S-1-5-15")
"""Everyone, NETWORK, Authenticated Users, This Organization."""


class Principal(NamedTuple):
    """An account or group. `spec` says what it is; `primary` is its primary group."""

    domain: str
    name: str
    dn: str
    sid: str
    spec: User | Group | HostSpec | None
    primary: Key | None = None

    @property
    def key(self) -> Key:
        return self.domain.casefold(), self.name.casefold()


class Principals:
    """All principals of a scenario and their memberships. Raises ScenarioError for a member that the scenario does not have."""

    def __init__(self, scenario: Scenario, sids: Sids) -> None:
        self.all: dict[Key, Principal] = {}
        self.members: dict[Key, list[Key]] = defaultdict(list)
        self._scenario = scenario
        self.forests = Forests(scenario)
        for name, spec in scenario.domains.items():
            self._enter(name, spec, sids)
        for principal in [*self.all.values()]:
            if isinstance(principal.spec, Group):
                for member in principal.spec.members:
                    self._join(self.find(member, principal.domain), principal.key)
            elif isinstance(principal.spec, User):
                for group in principal.spec.groups:
                    self._join(principal.key, self.find(group, principal.domain))
        self.groups: dict[Key, list[Key]] = defaultdict(list)
        for group_key, members in self.members.items():
            for member_key in members:
                self.groups[member_key].append(group_key)

    def _enter(self, domain: str, spec: DomainSpec, sids: Sids) -> None:
        head = dn.of_domain(domain)
        named = {group.name.casefold() for group in spec.groups}
        usual = _USUAL + (_FOREST_ROOT if self.forests.is_root(domain) else ())

        def enter(name: str, cn: str, parent: str, sid: str, what: User | Group | HostSpec | None, primary: str = "") -> None:
            group = (domain.casefold(), primary.casefold()) if primary else None
            principal = Principal(domain, name, dn.child("CN", cn, parent), sid, what, group)
            self.all[principal.key] = principal

        for group in (*spec.groups, *(group for group in usual if group.name.casefold() not in named)):
            enter(group.name, group.name, f"CN=Users,{head}", sids.account(f"{spec.netbios}\\{group.name}"), group)
        for group in (group for group in _BUILTIN if group.name.casefold() not in named):
            enter(group.name, group.name, f"CN=Builtin,{head}", f"S-1-5-32-{group.rid}", group)
        for user in spec.users:
            sid = sids.account(f"{spec.netbios}\\{user.name}")
            enter(user.name, user.name, f"CN=Users,{head}", sid, user, "Domain Users")
        for name, host in self._scenario.hosts.items():
            if host.domain.casefold() == domain.casefold() and not host.workgroup:
                parent = f"CN=Computers,{head}"
                enter(f"{name.upper()}$", name.upper(), parent, sids.computer(name), host, "Domain Computers")
        for name in spec.controllers:
            parent = f"OU=Domain Controllers,{head}"
            enter(f"{name.upper()}$", name.upper(), parent, sids.computer(name), None, "Domain Controllers")

    def _join(self, member: Key, group: Key) -> None:
        if member not in self.members[group]:
            self.members[group].append(member)

    def find(self, name: str, domain: str) -> Key:
        """A principal as the scenario names it: `NETBIOS\\name`, or a name of `domain`; computers with or without $."""
        netbios, _, short = name.rpartition("\\")
        where = ((self.forests.by_netbios(netbios) or "") if netbios else domain).casefold()
        for key in ((where, short.casefold()), (where, f"{short.casefold()}$")):
            if key in self.all:
                return key
        raise ScenarioError(f"The scenario has no account {name}.")

    def computer_or_account(self, name: str, domain: str) -> Principal:
        """A host by its name in the scenario, whatever its domain, or another principal as `find` takes it. Raises ScenarioError."""
        hosts = {key.casefold(): host.domain for key, host in self._scenario.hosts.items()}
        return self.all[self.find(name, hosts.get(name.casefold(), domain))]

    def token_groups(self, principal: Principal, at: str | None = None, without: Collection[str] = ()) -> list[str]:
        """The SIDs of all groups of an account, nested ones too, that a logon to the domain `at` (its own without one) carries:
        global groups of its domain, universal ones of its forest, local ones of `at`. What tokenGroups shows in its own domain, to a
        controller that knows no members of the groups `without` (names in lower case) yet."""
        where = at or principal.domain
        found: set[Key] = set()
        waiting = [*([principal.primary] if principal.primary else []), *self.groups[principal.key]]
        while waiting:
            key = waiting.pop()
            if key not in found and key[1] not in without and self._carried(self.all[key], principal.domain, where):
                found.add(key)
                waiting += self.groups[key]
        return [self.all[key].sid for key in sorted(found)]

    def _carried(self, group: Principal, home: str, at: str) -> bool:
        match group.spec:
            case Group(distribution=True):
                return False
            case Group(scope=GroupScope.LOCAL):
                return group.domain.casefold() == at.casefold()
            case Group(scope=GroupScope.UNIVERSAL):
                return self.forests.same(group.domain, home)
        return group.domain.casefold() == home.casefold()

    def tokens(self, at: str) -> dict[str, list[str]]:
        """The SIDs that a sign-in to a controller of a domain carries, by each form of the user's name in lower case."""
        tokens: dict[str, list[str]] = {}
        for principal in self.all.values():
            spec = self.forests.spec(principal.domain)
            if isinstance(principal.spec, User) and spec:
                sids = [principal.sid, *self.token_groups(principal, at), *_EVERY_LOGON]
                for name in (f"{spec.netbios}\\{principal.name}", f"{principal.domain}\\{principal.name}"):
                    tokens[name.casefold()] = sids
                tokens[f"{principal.name}@{principal.domain}".casefold()] = sids
        return tokens
