"""The directories: the domain as a host sees it, and what its domain controllers say of it, its hosts and the operators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import IntEnum
from typing import Generic, TypeVar

from msgspec import Struct

from checks.facts.fact import ABSENT, Fact, FactOf, Known, Missing, Origin, Section, Shape, Way
from checks.text import Text, text, verbatim
from checks.windows.names import DnsName, HostName, fold, full_name

T = TypeVar("T")


class Locator(Shape, frozen=True):
    """One row of Win32_NTDomain: the controller this host found for a domain. Names come without leading backslashes."""

    domain: str
    controller: str
    address: str
    forest: str
    site: str

    def is_of(self, domain: str, netbios: Collection[str]) -> bool:
        """Does this row name a controller of the domain with this DNS name. Win32_NTDomain says the domain's NetBIOS name, which has to be
        one of these (folded), unless the controller's full name tells the domain itself."""
        if not self.controller:
            return False
        return DnsName(HostName(self.controller).key.partition(".")[2]) == DnsName(domain) or fold(self.domain) in netbios

    def controller_of(self, domain: str) -> HostName:
        """The full name of the controller, in the domain with this DNS name."""
        return full_name(self.controller, domain)


class AccessEntry(Shape, frozen=True):
    """One allow or deny entry of a discretionary access control list ([MS-DTYP] 2.4.4), in the order of the list."""

    allow: bool
    mask: int
    sid: str
    object_type: str | None = None


class ComputerAccount(Shape, frozen=True):
    """A host's computer account as ONE domain controller shows it.

    `delegate_to` is msDS-AllowedToDelegateTo; `resource_based` are the entries of msDS-AllowedToActOnBehalfOfOtherIdentity
    (empty: proven not set). `sids` are the account's own SID and all of its groups (tokenGroups). `delegation_version` and
    `delegation_changed` are the highest version and the latest originating time of the delegation attributes in
    replPropertyMetaData, or 0 and null where it was not readable. `changed` is whenChanged, which each controller keeps for itself.
    """

    dn: str
    sid: str
    account_name: str
    dns_host_name: str
    user_account_control: int
    delegate_to: tuple[str, ...]
    resource_based: tuple[AccessEntry, ...]
    service_principal_names: tuple[str, ...]
    sids: tuple[str, ...]
    changed: datetime
    delegation_version: int = 0
    delegation_changed: datetime | None = None

    @property
    def short_name(self) -> str:
        """One of the two names that Kerberos knows the host by: the account's, without the final `$` that marks a computer."""
        return self.account_name.removesuffix("$")

    @property
    def full_name(self) -> str:
        """The other one: its dNSHostName, which may be empty."""
        return DnsName(self.dns_host_name).spelled

    @property
    def revision(self) -> tuple[int, float, float]:
        """How new this view is, by version, then time of the change, then the controller's own time: the greatest is the newest."""
        changed = self.delegation_changed
        return (self.delegation_version, changed.timestamp() if changed else 0.0, self.changed.timestamp())


class UserAccount(Shape, frozen=True):
    """The operator's account in its own domain. `sids` are its own SID and all of its groups, nested ones too (tokenGroups)."""

    dn: str
    sid: str
    account_name: str
    user_account_control: int
    sids: tuple[str, ...]


class TrustDirection(IntEnum):
    """trustedDomain.trustDirection ([MS-ADTS] 6.1.6.7.12), seen from the domain that holds the object."""

    DISABLED = 0
    INBOUND = 1
    OUTBOUND = 2
    BIDIRECTIONAL = 3


class Trust(Shape, frozen=True):
    """One trustedDomain object. `type` 1 Windows NT, 2 Active Directory, 3 Kerberos realm; `attributes` are the bits of
    trustAttributes (0x4 SID filter, 0x8 forest, 0x10 selective authentication, 0x20 within the forest, 0x40 treated as external)."""

    partner: str
    flat_name: str
    direction: TrustDirection
    type: int
    attributes: int
    sid: str | None = None


class Domain(Shape, frozen=True):
    """What one controller says of its domain (rootDSE, crossRef)."""

    dns_name: str
    netbios_name: str
    sid: str
    forest: str
    functional_level: int
    controller_level: int


class ControllerClock(Shape, frozen=True):
    """A controller's own time in UTC (rootDSE, currentTime), cut to the second, and when it was asked and had answered by the clock of
    whoever collects."""

    utc: datetime
    asked: datetime
    answered: datetime


class DomainFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One domain. `controllers` maps each controller that was asked to what it says of the domain, `clocks` to its clock; a file that was
    written before clocks were known has none at all."""

    domain: Fact[Domain]
    trusts: Fact[tuple[Trust, ...]]
    controllers: dict[str, Fact[Domain]]
    clocks: dict[str, Fact[ControllerClock]] | None = None


class ServiceName(Shape, frozen=True):
    """A service principal name and one account that has it, in the domain of that DNS name."""

    name: str
    domain: str
    dn: str
    sid: str | None = None


class AccountFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """A host's computer account, by the name of each controller that the hosts of its domain use (lower case). `service_names` says who
    has the host's names of the migration service, in every domain of its forest that was asked."""

    views: dict[str, Fact[ComputerAccount]]
    service_names: Fact[tuple[ServiceName, ...]] = ABSENT


class OperatorFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One operator. `token` holds, for each domain of a host (its DNS name, lower case), the SIDs that a logon to a member
    of that domain carries: the account, its groups, and that domain's local groups which hold one of those across a trust."""

    account: Fact[UserAccount]
    token: dict[str, Fact[tuple[str, ...]]]


class OfAccount(FactOf[T], Generic[T]):
    """A fact of a host that its computer account tells. `find` answers it, or nothing where nobody was asked."""

    __slots__ = ("find",)

    def __init__(self, kind: type[T], find: Callable[[AccountFacts], Fact[T] | None]) -> None:
        super().__init__(kind)
        self.find = find


class OfDomain(FactOf[T], Generic[T]):
    """A fact of a host that its domain tells. `find` as in OfAccount."""

    __slots__ = ("find",)

    def __init__(self, kind: type[T], find: Callable[[DomainFacts], Fact[T] | None]) -> None:
        super().__init__(kind)
        self.find = find


def newest(views: Mapping[str, Fact[ComputerAccount]]) -> Fact[ComputerAccount] | None:
    """The account as the controller with the newest delegation shows it, of equals the first by name; why it is missing where no
    controller shows it; nothing where none was asked."""
    facts = [fact for _, fact in sorted(views.items())]
    known = [fact for fact in facts if isinstance(fact, Known)]
    return max(known, key=lambda fact: fact.value.revision) if known else next(iter(facts), None)


def every(views: Mapping[str, Fact[T]], at: datetime, what: Text) -> Fact[dict[str, T]]:
    """What every controller says, by its name; missing as soon as one of them could not be asked. `views` must hold one."""
    facts = dict(sorted(views.items()))
    for fact in facts.values():
        if isinstance(fact, Missing):
            return fact
    known = {name: fact.value for name, fact in facts.items() if isinstance(fact, Known)}
    return Known(known, text("{controllers}: {what}", controllers=tuple(known), what=what), at)


def _every_view(facts: AccountFacts) -> Fact[dict[str, ComputerAccount]] | None:
    first = newest(facts.views)
    return None if first is None else every(facts.views, first.at, text("computer account"))


def _clocks(facts: DomainFacts) -> Fact[dict[str, Fact[ControllerClock]]] | None:
    if facts.clocks is None:
        return ABSENT
    return Known(facts.clocks, verbatim("rootDSE, currentTime"), max(fact.at for fact in facts.clocks.values())) if facts.clocks else None


class DirectoryFacts:
    """What a visit reads of the domain as the host sees it, and what the directory says of the host."""

    __slots__ = ()

    locators = Section(tuple[Locator, ...], Origin(Way.CIM, "Win32_NTDomain"))
    account = OfAccount(ComputerAccount, lambda facts: newest(facts.views))
    """The computer account as the controller with the newest delegation data shows it."""
    account_views = OfAccount(dict[str, ComputerAccount], _every_view)
    """The computer account as every controller shows it; missing when one of them could not be asked."""
    service_names = OfAccount(tuple[ServiceName, ...], lambda facts: facts.service_names)
    domain = OfDomain(Domain, lambda facts: facts.domain)
    trusts = OfDomain(tuple[Trust, ...], lambda facts: facts.trusts)
    controller_clocks = OfDomain(dict[str, Fact[ControllerClock]], _clocks)
    """The clock of each controller of the domain that was asked, known or missing."""
