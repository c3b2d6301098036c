"""The directories: the domain as a host sees it, and what its domain controllers say of it, its hosts and the operators."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from checks.facts.fact import ABSENT, Fact, FactOf, Known, Missing, Origin, Reason, Said, Section, Shape, Way, declared, shape
from checks.text import Text, text, verbatim
from checks.windows.names import DnsName, HostName, fold, full_name
from checks.windows.service_names import FILE_SERVICE, MIGRATION_SERVICE, short_and_full

T = TypeVar("T")


class Locator(Shape, frozen=True):
    """One row of Win32_NTDomain: the controller this host found for a domain. Names come without leading backslashes; `address`, `forest`
    and `site` are empty where Windows did not learn them."""

    domain: Said
    controller: Said
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


class SecureChannel(Shape, frozen=True):
    """Test-ComputerSecureChannel: does this host's own account, with the password that the host has, reach a controller of its domain. On a
    controller it says nothing ("only works on Domain Member computers")."""

    works: bool


class AccessEntry(Shape, frozen=True):
    """One allow or deny entry of a discretionary access control list ([MS-DTYP] 2.4.4), in the order of the list. An entry for all object
    types has the empty one (EVERY_OBJECT), one for none has null. `conditional`: whether it applies at all cannot be decided here."""

    allow: bool
    mask: int
    sid: str
    object_type: str | None = None
    conditional: bool = False


EVERY_OBJECT = "00000000-0000-0000-0000-000000000000"


class Group(Shape, frozen=True):
    """A group that an account is in, directly or through others. `type` is its groupType ([MS-ADTS] 2.2.12) as an unsigned number,
    `history` its sIDHistory; null where no controller that was asked shows it."""

    sid: str
    type: int | None
    history: tuple[str, ...] | None


class LocalGroup(Shape, frozen=True):
    """A local group of another domain that holds somebody of a token: `members` are those of the token and of these groups, null where they
    are too many to read; `history` is its sIDHistory, null where it is not shown."""

    sid: str
    members: tuple[str, ...] | None
    history: tuple[str, ...] | None = None


class Written(Shape, frozen=True):
    """When each attribute of a computer account that delegation rests on was last changed (UTC): when the change came to this controller
    where nothing else of the account was written there since, otherwise when it was made, by the clock of the controller that took it;
    null for one that was never written."""

    user_account_control: datetime | None
    delegate_to: datetime | None
    resource_based: datetime | None
    service_principal_names: datetime | None


class ComputerAccount(Shape, frozen=True):
    """A host's computer account as ONE domain controller shows it.

    `delegate_to` is msDS-AllowedToDelegateTo; `resource_based` are the entries of msDS-AllowedToActOnBehalfOfOtherIdentity (empty: proven
    not set). `sids` are the account's own SID, its primary group and, where a partner has such entries, all of its groups (tokenGroups);
    `groups` are the same without the account, null where they were not read, `history` is sIDHistory. `delegation_version` and
    `delegation_changed` are the highest version and the latest originating time of the delegation attributes in replPropertyMetaData, or
    0 and null where it was not readable. `changed` is whenChanged, which each controller keeps for itself.
    `written` is null where that was not readable, or an older program wrote the snapshot.
    `may_authenticate` are the entries of its access control list that give or take the right "Allowed to authenticate"; it is read where a
    trust of the host's domain uses selective authentication, and nothing where not.
    `other_names` are the values of msDS-AdditionalDnsHostName and msDS-AdditionalSamAccountName that are shown; that there is none is not
    proven.
    `encryption_types` is msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7), 0 where it is proven not set; null where it was not readable, or
    an older program wrote the snapshot.
    """

    dn: str
    sid: Said
    account_name: Said
    dns_host_name: str
    user_account_control: int
    delegate_to: tuple[str, ...]
    resource_based: tuple[AccessEntry, ...]
    service_principal_names: tuple[str, ...]
    sids: tuple[str, ...]
    changed: datetime
    delegation_version: int = 0
    delegation_changed: datetime | None = None
    may_authenticate: tuple[AccessEntry, ...] | None = None
    groups: tuple[Group, ...] | None = None
    history: tuple[str, ...] | None = None
    written: Written | None = None
    other_names: tuple[str, ...] = ()
    encryption_types: int | None = None

    @property
    def aliases(self) -> frozenset[HostName]:
        """The names that the directory gives it besides its own two, the full ones with their short forms."""
        names = [HostName(name.removesuffix("$")) for name in self.other_names]
        return frozenset((*names, *(name.short for name in names)))

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
    """The operator's account in its own domain. `sids` are its own SID and all of its groups, nested ones too (tokenGroups); `groups` are
    these groups, `history` is sIDHistory: null where they were not read.

    `computed_control` is msDS-User-Account-Control-Computed: what the controller makes of lockoutTime, pwdLastSet and the domain's policy.
    `expires` is accountExpires, `password_expires` is msDS-UserPasswordExpiryTimeComputed, as they stand (`checks.windows.times`). Null
    where they were not read."""

    dn: str
    sid: Said
    account_name: Said
    user_account_control: int
    sids: tuple[str, ...]
    groups: tuple[Group, ...] | None = None
    history: tuple[str, ...] | None = None
    computed_control: int | None = None
    expires: int | None = None
    password_expires: int | None = None


class TrustDirection(IntEnum):
    """trustedDomain.trustDirection ([MS-ADTS] 6.1.6.7.12), seen from the domain that holds the object."""

    DISABLED = 0
    INBOUND = 1
    OUTBOUND = 2
    BIDIRECTIONAL = 3


class Routing(IntEnum):
    """What a record of msDS-TrustForestTrustInfo says ([MS-ADTS] 6.1.6.9.3.1): a name whose whole tree is routed, one that is left out of
    it, or a domain with its SID."""

    NAME = 0
    EXCLUSION = 1
    DOMAIN = 2


class RoutedName(Shape, frozen=True):
    """One record of what a forest trust routes. `name` is a DNS name; the flags as they stand, whose meaning depends on the kind. Only a
    domain has a SID and a NetBIOS name."""

    kind: Routing
    flags: int
    name: str
    sid: str | None = None
    netbios_name: str = ""


class Trust(Shape, frozen=True):
    """One trustedDomain object. `type` 1 Windows NT, 2 Active Directory, 3 Kerberos realm; `attributes` are the bits of
    trustAttributes (0x4 SID filter, 0x8 forest, 0x10 selective authentication, 0x20 within the forest, 0x40 treated as external).
    `routes` is msDS-TrustForestTrustInfo: nothing where it was not read or is not set."""

    partner: str
    flat_name: str
    direction: TrustDirection
    type: int
    attributes: int
    sid: str | None = None
    routes: tuple[RoutedName, ...] | None = None


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


class Sealing(StrEnum):
    """What keeps what is said to a controller from being read on the way."""

    TLS = "TLS"
    LOGON = "LDAP signing and sealing"


class SignIn(Shape, frozen=True):
    """How we signed in to a controller: at which address, and by which protocol, kerberos or ntlm."""

    address: str
    protocol: str
    sealing: Sealing


class ServiceName(Shape, frozen=True):
    """A service principal name and one account that has it, in the domain of that DNS name."""

    name: str
    domain: str
    dn: str
    sid: str | None = None


class NamedHost(Shape, frozen=True):
    """A host that was looked for by its `name` (as HostName.key), and the accounts that a controller shows for it (their DNs): those that
    are called so, and those that have a service principal name of it. None: it shows none."""

    name: str
    accounts: tuple[str, ...]


class Question(FactOf[T]):
    """What every domain controller that is asked says. Read by `runner/collect/directories/questions/NAME.py`; `asks` names the entry or
    attribute for people."""

    __slots__ = ("asks",)

    def __init__(self, kind: type[T], asks: str) -> None:
        super().__init__(kind)
        self.asks = asks


class ControllerTopic:
    """What is asked of every controller about its domain, its forest and itself."""

    __slots__ = ()

    domain = Question(Domain, "rootDSE, crossRef")
    forest = Question(dict[str, str], "crossRef")
    """The DNS names of all domains of the forest by their NetBIOS names, lower case."""
    trusts = Question(tuple[Trust, ...], "trustedDomain")
    clock = Question(ControllerClock, "rootDSE, currentTime")
    dns_suffixes = Question(tuple[str, ...], "msDS-AllowedDNSSuffixes")
    """The primary DNS suffixes that members of the domain may have besides its own name."""
    service_names = Question(tuple[ServiceName, ...], "servicePrincipalName")
    """Who has one of the hosts' names of the migration service, or a name under which their file service is found."""
    sign_in = Question(SignIn, "bind")
    delegated_hosts = Question(tuple[NamedHost, ...], "sAMAccountName, dNSHostName, servicePrincipalName")
    """Who has the names of the hosts that the delegation lists of the plan's sources name: those that were looked for and no others."""


QUESTIONS: dict[str, Question[Any]] = declared(ControllerTopic, Question)

if TYPE_CHECKING:

    class ControllerFacts(ControllerTopic, Struct):
        """What one controller says, by question."""

        def __init__(self, **facts: Fact[Any]) -> None: ...

else:
    ControllerFacts = shape("ControllerFacts", __name__, QUESTIONS)


class DomainFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One domain. `controllers` maps each controller that was asked to what it says, `nobody` tells why none was found."""

    controllers: dict[str, ControllerFacts]
    nobody: Missing | None = None

    def said(self, question: Question[T]) -> dict[str, Fact[T]]:
        """What each controller says."""
        return {name: getattr(facts, question.name) for name, facts in sorted(self.controllers.items())}

    def agreed(self, question: Question[T], alike: Callable[[T], Any]) -> Fact[T] | None:
        """What the controllers say that can be asked, where they all say it and alike; why not; nothing where none was asked."""
        able = self.said(ControllerTopic.domain)
        said = self.said(question)
        return agreed({name: fact for name, fact in said.items() if isinstance(able[name], Known)} or said, alike) or self.nobody

    @property
    def why_not(self) -> Missing | None:
        """Why a controller of this domain cannot be asked, where one cannot."""
        return next((fact for fact in self.said(ControllerTopic.domain).values() if isinstance(fact, Missing)), self.nobody)


class Domains:
    """The domains of a run by their names, whatever their spelling."""

    def __init__(self, facts: Mapping[str, DomainFacts]) -> None:
        self._facts = {DnsName(name): its for name, its in facts.items()}
        self._holders: dict[DnsName, Fact[dict[str, tuple[ServiceName, ...]]] | None] = {}
        self._delegated: dict[DnsName, Fact[DelegatedHosts] | None] = {}

    def get(self, name: str) -> DomainFacts | None:
        return self._facts.get(DnsName(name))

    def holders(self, name: str) -> Fact[dict[str, tuple[ServiceName, ...]]] | None:
        """Who has a name of a service, by that name (folded), as any controller says that can be asked, of each domain of the
        forest that was asked. Missing as soon as one of these controllers does not say it, or none of a domain can be asked."""
        domain = DnsName(name)
        if domain not in self._holders:
            self._holders[domain] = self._all_holders(domain)
        return self._holders[domain]

    def _all_holders(self, domain: DnsName) -> Fact[dict[str, tuple[ServiceName, ...]]] | None:
        forests = self._facts[domain].said(ControllerTopic.forest).values()
        forest = {DnsName(each) for fact in forests if isinstance(fact, Known) for each in fact.value.values()}
        said: dict[str, Fact[tuple[ServiceName, ...]]] = {}
        for each, facts in sorted(self._facts.items()):
            if each in {domain, *forest}:
                able = facts.said(ControllerTopic.domain)
                answers = {name: fact for name, fact in facts.said(ControllerTopic.service_names).items() if isinstance(able[name], Known)}
                why_not = facts.why_not
                said |= answers or ({each.key: why_not} if why_not else {})
        if not said or ABSENT in said.values():
            return ABSENT if said else None
        found = every(said, max(fact.at for fact in said.values()), verbatim(ControllerTopic.service_names.asks))
        if isinstance(found, Missing):
            return found
        holders: dict[str, tuple[ServiceName, ...]] = {}
        for row in dict.fromkeys(row for rows in found.value.values() for row in rows):
            holders[fold(row.name)] = (*holders.get(fold(row.name), ()), row)
        return Known(holders, found.source, found.at)

    def delegated(self, name: str) -> Fact[DelegatedHosts] | None:
        """Which hosts of delegation lists there are, as seen from a domain."""
        domain = DnsName(name)
        if domain not in self._delegated:
            self._delegated[domain] = self._all_delegated(self._facts[domain])
        return self._delegated[domain]

    def _all_delegated(self, home: DomainFacts) -> Fact[DelegatedHosts] | None:
        forest = home.agreed(ControllerTopic.forest, lambda names: names)
        if not isinstance(forest, Known):
            return forest
        domains = frozenset(map(DnsName, forest.value.values()))
        asks = verbatim(ControllerTopic.delegated_hosts.asks)
        shown: dict[str, set[str]] = {}
        without: list[set[str]] = []
        silent: Missing | None = None
        for domain in sorted(domains | self._facts.keys()):
            answers = self._able(domain, ControllerTopic.delegated_hosts)
            if ABSENT in answers:
                return ABSENT
            rows = [fact.value for fact in answers if isinstance(fact, Known)]
            for row in (row for each in rows for row in each):
                shown.setdefault(HostName(row.name).key, set()).update(row.accounts)
            if domain in domains:
                without += ({HostName(row.name).key for row in each if not row.accounts} for each in rows)
                missing = (fact for fact in answers if isinstance(fact, Missing))
                silent = silent or next(missing, None if answers else self._nobody_in(domain, asks, forest.at))
        return Known(
            DelegatedHosts(
                {name: tuple(sorted(accounts)) for name, accounts in shown.items() if accounts},
                frozenset(set.intersection(*without)) if without and silent is None else frozenset(),
                domains,
                frozenset(map(fold, forest.value)),
                silent,
            ),
            asks,
            forest.at,
        )

    def _able(self, domain: DnsName, question: Question[T]) -> list[Fact[T]]:
        """What those controllers of a domain answer that can be asked."""
        facts = self._facts.get(domain)
        if facts is None:
            return []
        able = facts.said(ControllerTopic.domain)
        return [fact for name, fact in facts.said(question).items() if isinstance(able[name], Known)]

    def _nobody_in(self, domain: DnsName, asks: Text, at: datetime) -> Missing:
        """Why no controller of a domain of the forest can be asked."""
        facts = self._facts.get(domain)
        why = text("no controller of {domain}, which is of the same forest, was asked", domain=domain.spelled)
        return (facts.why_not if facts is not None else None) or Missing(Reason.NOT_COLLECTED, asks, at, why)


class DelegatedHosts(NamedTuple):
    """Which hosts of delegation lists there are: `accounts` by the names (HostName.key) that any controller that was asked shows, `absent`
    the names of which none of the forest shows one. `domains` are those of the forest, `short_names` their NetBIOS names (folded).
    `silent`: why nothing is absent for certain."""

    accounts: dict[str, tuple[str, ...]]
    absent: frozenset[str]
    domains: frozenset[DnsName]
    short_names: frozenset[str]
    silent: Missing | None


class AccountFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """A host's computer account, by the name of each controller that the hosts of its domain use (lower case). `local` holds, for each
    other domain of a partner that names who may delegate (its DNS name, lower case), that domain's local groups which hold the
    account."""

    views: dict[str, Fact[ComputerAccount]]
    local: dict[str, Fact[tuple[LocalGroup, ...]]] = {}


class OperatorFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """One operator. `local` holds, for each domain of a host (its DNS name, lower case), that domain's local groups which hold the
    account or one of its groups: none in the account's own domain, which says them itself. Snapshots of older programs have `token`
    instead: the SIDs that a logon to a member of that domain carries, without their scopes."""

    account: Fact[UserAccount]
    token: dict[str, Fact[tuple[str, ...]]] = {}
    local: dict[str, Fact[tuple[LocalGroup, ...]]] = {}


class OfAccount(FactOf[T], Generic[T]):
    """A fact of a host that its computer account tells. `find` answers it, or nothing where nobody was asked."""

    def __init__(self, kind: type[T], find: Callable[[AccountFacts], Fact[T] | None]) -> None:
        super().__init__(kind)
        self.find = find


class Around(NamedTuple):
    """The directories as seen from a host: its short name and its full ones, the name of its domain, that domain, and all domains that were
    asked."""

    short_name: str
    full_names: tuple[HostName, ...]
    domain_name: str
    domain: DomainFacts
    domains: Domains


class OfDomain(FactOf[T], Generic[T]):
    """A fact of a host that the controllers tell, from their answers to this question. `find` as in OfAccount."""

    def __init__(self, kind: type[T], question: Question[Any], find: Callable[[Around], Fact[T] | None]) -> None:
        super().__init__(kind)
        self.question = question
        self.find = find


def agreed(views: Mapping[str, Fact[T]], alike: Callable[[T], Any]) -> Fact[T] | None:
    """What controllers say, by name, as the first one says it, where all who say anything say what is `alike`. Missing with the names of
    two that differ, or as soon as one answers that it cannot say it; nothing where none was asked."""
    facts = dict(sorted(views.items()))
    silent = {name for name, fact in facts.items() if isinstance(fact, Missing) and fact.reason in _SILENT}
    answers = {name: fact for name, fact in facts.items() if name not in silent} or facts
    for fact in answers.values():
        if isinstance(fact, Missing):
            return fact
    said = next(iter(answers.values()), None)
    if said is None or (two := differing(answers, alike)) is None:
        return said
    return Missing(Reason.CONTRADICTORY, said.source, said.at, text("{one} and {other} differ", one=two[0], other=two[1]))


def differing(views: Mapping[str, Fact[T]], alike: Callable[[T], Any]) -> tuple[str, str] | None:
    """The first by name of those who say anything, and the first who says what is not `alike`; nothing where all say the same."""
    known = {name: alike(fact.value) for name, fact in sorted(views.items()) if isinstance(fact, Known)}
    return next(((first, other) for first in tuple(known)[:1] for other in known if known[other] != known[first]), None)


_SILENT = (Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.NOT_COLLECTED)
"""Why a controller says nothing that another could contradict."""


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


def _elsewhere(facts: AccountFacts) -> Fact[dict[str, Fact[tuple[LocalGroup, ...]]]] | None:
    first = newest(facts.views)
    return None if first is None else Known(facts.local, text("local groups of other domains"), first.at)


def _each(around: Around, question: Question[T]) -> Fact[dict[str, Fact[T]]] | None:
    """What each controller of the domain says that was asked, known or missing."""
    said = around.domain.said(question)
    if ABSENT in said.values():
        return ABSENT
    return Known(said, verbatim(question.asks), max(fact.at for fact in said.values())) if said else around.domain.nobody


def same_domain(domain: Domain) -> Domain:
    """What all controllers of a domain have to say alike. Which Windows a controller is, each says for itself."""
    return replace(domain, controller_level=0)


def same_names(names: tuple[str, ...]) -> frozenset[DnsName]:
    """DNS names, in any order."""
    return frozenset(map(DnsName, names))


def same_trusts(trusts: tuple[Trust, ...]) -> frozenset[Trust]:
    """Trusts, in any order."""
    return frozenset(trusts)


def _domain(around: Around) -> Fact[Domain] | None:
    agreed = around.domain.agreed(ControllerTopic.domain, same_domain)
    if not isinstance(agreed, Known):
        return agreed
    levels = (fact.value.controller_level for fact in around.domain.said(ControllerTopic.domain).values() if isinstance(fact, Known))
    return replace(agreed, value=replace(agreed.value, controller_level=min(levels)))


def _service_names(around: Around) -> Fact[tuple[ServiceName, ...]] | None:
    holders = around.domains.holders(around.domain_name)
    if not isinstance(holders, Known):
        return holders
    full = tuple(name.spelled for name in around.full_names)
    own = (name for service in (MIGRATION_SERVICE, *FILE_SERVICE) for name in short_and_full(service, around.short_name, *full))
    return Known(tuple(row for name in own for row in holders.value.get(fold(name), ())), holders.source, holders.at)


class DirectoryFacts:
    """What a visit reads of the domain as the host sees it, and what the directory says of the host."""

    __slots__ = ()

    locators = Section(tuple[Locator, ...], Origin(Way.CIM, "Win32_NTDomain"))
    secure_channel = Section(SecureChannel, Origin(Way.CMDLET, "Test-ComputerSecureChannel"))
    account = OfAccount(ComputerAccount, lambda facts: newest(facts.views))
    """The computer account as the controller with the newest delegation data shows it."""
    account_views = OfAccount(dict[str, ComputerAccount], _every_view)
    """The computer account as every controller shows it; missing when one of them could not be asked."""
    local_groups_elsewhere = OfAccount(dict[str, Fact[tuple[LocalGroup, ...]]], _elsewhere)
    """The local groups of partners' domains that hold the account, by domain."""
    service_names = OfDomain(tuple[ServiceName, ...], ControllerTopic.service_names, _service_names)
    """Who has this host's names of the migration service and those of its file service, in every domain of its forest that was asked."""
    delegated_hosts = OfDomain(DelegatedHosts, ControllerTopic.delegated_hosts, lambda around: around.domains.delegated(around.domain_name))
    """Which hosts of the sources' delegation lists there are in its forest."""
    domain = OfDomain(Domain, ControllerTopic.domain, _domain)
    """The domain as every controller shows it that was asked, with the level of the oldest."""
    dns_suffixes = OfDomain(
        tuple[str, ...], ControllerTopic.dns_suffixes, lambda around: around.domain.agreed(ControllerTopic.dns_suffixes, same_names)
    )
    trusts = OfDomain(tuple[Trust, ...], ControllerTopic.trusts, lambda around: around.domain.agreed(ControllerTopic.trusts, same_trusts))
    controller_domains = OfDomain(dict[str, Fact[Domain]], ControllerTopic.domain, lambda around: _each(around, ControllerTopic.domain))
    controller_trusts = OfDomain(
        dict[str, Fact[tuple[Trust, ...]]], ControllerTopic.trusts, lambda around: _each(around, ControllerTopic.trusts)
    )
    controller_clocks = OfDomain(
        dict[str, Fact[ControllerClock]], ControllerTopic.clock, lambda around: _each(around, ControllerTopic.clock)
    )
    """What each controller of the domain says that was asked, known or missing."""
