"""Which SIDs a machine, or a domain controller that decides over delegation, finds in the token of an account.

The real token is not shown to anybody from outside. What the directories say of an account gives two sets around it: SIDs that are in it
for certain, and SIDs that may be. Where the two differ on what decides, the answer is UNKNOWN.

Sources: [MS-PAC] 4.1.2.1 and 4.1.2.2 (what a ticket takes into another domain, and what is filtered there), [MS-KILE] 3.3.5.7.3 and 3.4.5.3
(local groups are added by the domain of the service and by the machine itself), [MS-DTYP] 2.4.2.4 and 2.5.2.1.1 (well-known SIDs),
[MS-ADTS] 6.1.6.7.9 (trustAttributes), [MS-SFU] 3.2.5.2.3 (the token that decides over resource-based delegation).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from enum import Enum, IntEnum, StrEnum, auto
from typing import Any, NamedTuple, TypeAlias, TypeVar

from checks.facts.directory import (
    AccessEntry,
    ComputerAccount,
    ControllerTopic,
    Domain,
    Domains,
    Group,
    LocalGroup,
    Question,
    Trust,
    UserAccount,
    same_trusts,
)
from checks.facts.directory import same_domain as same
from checks.facts.fact import Known
from checks.text import Text, text
from checks.trusts import Covered, Joint, across, coverage, passing
from checks.windows.names import DnsName
from checks.windows.rights import CONTROL_ACCESS, GENERIC_ALL
from checks.windows.sids import (
    ASSERTED_IDENTITY,
    AUTHENTICATED_USERS,
    BUILTIN,
    EVERYONE,
    FIRST_OF_DOMAIN,
    GLOBAL_GROUPS,
    GUEST,
    OF_DOMAINS,
    domain_of,
    relative,
)
from checks.windows.trust_attributes import AS_EXTERNAL, PIM, QUARANTINED, SELECTIVE, WITHIN_FOREST

T = TypeVar("T")

Account: TypeAlias = UserAccount | ComputerAccount

_GLOBAL, _LOCAL, _UNIVERSAL, _SECURITY_ENABLED = 0x2, 0x4, 0x8, 0x80000000
"""Bits of groupType ([MS-ADTS] 2.2.12)."""


class Sure(IntEnum):
    """Is a SID in a token: not, perhaps, for certain."""

    NO = 0
    MAYBE = 1
    YES = 2


NO, MAYBE, YES = Sure


class Border(Enum):
    """What lies between an account's domain and the domain of the machine that looks at its token: nothing, nothing but trusts within the
    forest, a forest trust, one that is treated as external, one for privileged access management, an external trust, a trust that lets
    pass the SIDs of one domain alone, which is the account's or (SHUT) another one, or a trust that was not read, or does not lead
    to the account's domain: the checks of the trusts say that."""

    HOME = auto()
    FOREST = auto()
    FOREST_TRUST = auto()
    RELAXED = auto()
    PRIVILEGED = auto()
    EXTERNAL = auto()
    QUARANTINED = auto()
    SHUT = auto()
    UNKNOWN = auto()


class Kind(Enum):
    """What a SID is: of the account's own domain (the account, its global and universal groups), a universal group of another domain of its
    forest, a local group of its own domain, or one that it had in a former domain (sIDHistory)."""

    OWN = auto()
    ELSEWHERE = auto()
    LOCAL = auto()
    FORMER = auto()


class Routed(Enum):
    """A SID passes where the forest trust lets pass those of its domain."""

    ROUTED = auto()


ROUTED = Routed.ROUTED

# fmt: off
CROSSES: dict[Kind, dict[Border, Sure | Routed]] = {
    #                                HOME  FOREST F.TRUST RELAXED PRIVIL. EXTERN QUARANT SHUT UNKNOWN
    Kind.OWN:       dict(zip(Border, (YES,  YES,   ROUTED, ROUTED, ROUTED, YES,   YES,    NO,  MAYBE), strict=True)),
    Kind.ELSEWHERE: dict(zip(Border, (YES,  YES,   ROUTED, ROUTED, ROUTED, NO,    NO,     NO,  MAYBE), strict=True)),
    Kind.LOCAL:     dict(zip(Border, (YES,  NO,    NO,     NO,     NO,     NO,    NO,     NO,  NO),    strict=True)),
    Kind.FORMER:    dict(zip(Border, (YES,  YES,   ROUTED, YES,    ROUTED, YES,   NO,     NO,  MAYBE), strict=True)),
}
# fmt: on
"""Does a SID of an account arrive in another domain ([MS-PAC] 4.1.2.2)."""

NOT_WELL_KNOWN = {(Kind.FORMER, Border.RELAXED), (Kind.FORMER, Border.EXTERNAL)}
"""Where only relative identifiers of 1000 and more pass."""

OPEN_ENDED = (Border.RELAXED, Border.PRIVILEGED)
"""Where SIDs of domains may pass that the forest trust does not list."""


class Logon(StrEnum):
    """How somebody reaches a machine. Over the network: a remote start, a PowerShell session, the target of a move."""

    NETWORK = "over the network"
    CONSOLE = "at the console"
    RDP = "through Remote Desktop"


THIS_ORGANIZATION, OTHER_ORGANIZATION = "S-1-5-15", "S-1-5-1000"
NETWORK, INTERACTIVE, REMOTE_INTERACTIVE = "S-1-5-2", "S-1-5-4", "S-1-5-14"

# fmt: off
BY_LOGON: dict[str, dict[Logon, Sure]] = {
    #                                      NETWORK CONSOLE RDP
    EVERYONE:            dict(zip(Logon, (YES,    YES,    YES),   strict=True)),
    AUTHENTICATED_USERS: dict(zip(Logon, (YES,    YES,    YES),   strict=True)),
    NETWORK:             dict(zip(Logon, (YES,    NO,     NO),    strict=True)),
    INTERACTIVE:         dict(zip(Logon, (NO,     YES,    YES),   strict=True)),
    REMOTE_INTERACTIVE:  dict(zip(Logon, (NO,     NO,     YES),   strict=True)),
    "S-1-5-13":          dict(zip(Logon, (NO,     MAYBE,  MAYBE), strict=True)),
    "S-1-2-0":           dict(zip(Logon, (NO,     MAYBE,  MAYBE), strict=True)),
    "S-1-2-1":           dict(zip(Logon, (NO,     MAYBE,  MAYBE), strict=True)),
    ASSERTED_IDENTITY:          dict(zip(Logon, (MAYBE,  MAYBE,  MAYBE), strict=True)),
    "S-1-18-2":          dict(zip(Logon, (MAYBE,  MAYBE,  MAYBE), strict=True)),
    "S-1-5-64-10":       dict(zip(Logon, (MAYBE,  MAYBE,  MAYBE), strict=True)),
    "S-1-5-21-0-0-0-496": dict(zip(Logon, (MAYBE, MAYBE,  MAYBE), strict=True)),
    "S-1-5-21-0-0-0-497": dict(zip(Logon, (MAYBE, MAYBE,  MAYBE), strict=True)),
}
# fmt: on
"""The well-known SIDs in the token of a domain account ([MS-DTYP] 2.4.2.4): terminal server user, local, console logon and those of
claims only perhaps."""

BY_CONTROLLER: dict[str, tuple[Sure, Sure]] = {
    EVERYONE: (YES, YES),
    AUTHENTICATED_USERS: (YES, YES),
    ASSERTED_IDENTITY: (YES, MAYBE),
    NETWORK: (MAYBE, MAYBE),
    "S-1-5-21-0-0-0-496": (MAYBE, MAYBE),
    "S-1-5-21-0-0-0-497": (MAYBE, MAYBE),
}
"""The same where a domain controller decides over resource-based delegation: for a computer of its own domain, and for one of another. As
Samba's tests of conditional entries say, which were written against Windows; whether NETWORK counts they do not settle."""


class Crossing(NamedTuple):
    """A border, and whether a trust on it asks for the right to authenticate (selective authentication); null: not known. `routed` are the
    SIDs of the domains that a forest trust lets pass, `all_read` whether these are all of them. Where its list was not read, the account's
    own domain is believed to pass: that this is not known is said of the trust (domain.trust, domain.operator_trust)."""

    border: Border
    selective: bool | None
    routed: frozenset[str] = frozenset()
    all_read: bool = True


class Token(NamedTuple):
    """SIDs with how sure they are. `builtin` is how sure any built-in group of the machine is (S-1-5-32-…), `gaps` are what was not read,
    because of which any further SID of a domain may be in it."""

    sids: dict[str, Sure]
    builtin: Sure = NO
    gaps: tuple[Text, ...] = ()

    def holds(self, sid: str) -> Sure:
        held = self.sids.get(sid, self.builtin if sid.startswith(BUILTIN) else NO)
        return max(held, MAYBE) if self.gaps and sid.startswith(OF_DOMAINS) else held


class _Unread(Exception):
    """The controllers of a domain do not tell what is needed."""


class _Told(NamedTuple):
    """A domain by what all of its controllers say that were asked."""

    domains: Domains
    name: str

    @property
    def domain(self) -> Domain:
        return self._agreed(ControllerTopic.domain, same)

    @property
    def trusts(self) -> tuple[Trust, ...]:
        return self._agreed(ControllerTopic.trusts, same_trusts)

    def _agreed(self, question: Question[T], alike: Callable[[T], Any]) -> T:
        facts = self.domains.get(self.name)
        said = facts.agreed(question, alike) if facts is not None else None
        if not isinstance(said, Known):
            raise _Unread
        return said.value


def crossing(domains: Domains, home: str, here: str) -> Crossing:
    """What lies between the domain of an account and that of a machine, DNS names both, by what the controllers of both and of the roots of
    their forests say. The filter of a trust is that of the domain that trusts."""
    if DnsName(home) == DnsName(here):
        return Crossing(Border.HOME, False)
    try:
        ours, theirs = _Told(domains, here), _Told(domains, home)
        if DnsName(theirs.domain.forest) == DnsName(ours.domain.forest):
            return Crossing(Border.FOREST, False)
        joints = across(lambda name: _Told(domains, name), ours, theirs)
        found = {_over(joint, joint.outward) for joint in joints if joint.outward is not None and joint.holds}
    except _Unread:
        found = set()
    return found.pop() if len(found) == 1 else Crossing(Border.UNKNOWN, None)


def _over(joint: Joint[_Told], outward: Trust) -> Crossing:
    selective = bool(outward.attributes & SELECTIVE)
    border = _border(joint, outward)
    if joint.beyond is None:
        return Crossing(border, selective)
    believed = frozenset({joint.trusted.domain.sid, joint.beyond.sid})
    routed = believed if outward.routes is None else passing(outward.routes)
    return Crossing(border, selective, routed, outward.routes is not None and border not in OPEN_ENDED)


def _border(joint: Joint[_Told], outward: Trust) -> Border:
    if outward.attributes & WITHIN_FOREST or (joint.beyond is None and outward.attributes & PIM):
        return Border.UNKNOWN
    if joint.beyond is None:
        return Border.QUARANTINED if outward.attributes & QUARANTINED else Border.EXTERNAL
    if coverage(outward.routes, joint.beyond) in (Covered.NOT_ROUTED, Covered.SIDS_DROPPED):
        return Border.UNKNOWN
    if outward.attributes & QUARANTINED:
        return Border.QUARANTINED if joint.beyond == joint.trusted.domain else Border.SHUT
    if outward.attributes & PIM:
        return Border.PRIVILEGED
    return Border.RELAXED if outward.attributes & AS_EXTERNAL else Border.FOREST_TRUST


def at_host(account: Account, over: Crossing, local: tuple[LocalGroup, ...] | None, logon: Logon) -> Token:
    """The token of an account on a member of a domain. `local` are that domain's local groups that hold somebody of the token; where the
    domain is the account's own, they are among its groups already. Null: not read. The machine's own local groups are not in it."""
    token = _carried(account, over, local, YES)
    well_known = {sid: by[logon] for sid, by in BY_LOGON.items() if by[logon]}
    organization = {True: {OTHER_ORGANIZATION: YES}, False: {THIS_ORGANIZATION: YES}}
    perhaps = {OTHER_ORGANIZATION: MAYBE, THIS_ORGANIZATION: MAYBE}
    well_known |= perhaps if over.selective is None else organization[over.selective]
    if relative(account.sid) == GUEST:
        del well_known[AUTHENTICATED_USERS]
    return token._replace(sids=token.sids | well_known)


def at_controller(account: ComputerAccount, over: Crossing, local: tuple[LocalGroup, ...] | None) -> Token:
    """The token of a computer by which a controller of its target's domain decides over resource-based delegation. It comes from the PAC
    in the ticket of the computer, which holds no local group; that the controller adds its own, built-in ones too, is said nowhere:
    perhaps."""
    token = _carried(account, over, local, MAYBE)
    column = 0 if over.border is Border.HOME else 1
    return token._replace(sids=token.sids | {sid: sure[column] for sid, sure in BY_CONTROLLER.items()}, builtin=MAYBE)


def of_older(account: Account, sids: tuple[str, ...], over: Crossing, logon: Logon) -> Token:
    """The same from a snapshot of an older program, which has only the SIDs of the token: neither sIDHistory, nor scopes of groups, nor the
    local groups that hold a universal group of a third domain."""
    whole = at_host(account, over, None, logon)
    return whole._replace(sids=whole.sids | dict.fromkeys(sids, YES))


_OLDER = text("scopes of groups and sIDHistory were not read")


def _carried(account: Account, over: Crossing, local: tuple[LocalGroup, ...] | None, locals_count: Sure) -> Token:
    """What crosses the border, and the local groups beyond it, which are at most so sure."""
    held: dict[str, Sure] = {}
    gaps: list[Text] = []
    for sid, history, kinds in _parts(account):
        its = {kind: min(_crosses(kind, sid, over), locals_count if kind is Kind.LOCAL else YES) for kind in kinds}
        at_most = _alike([sure if kind is Kind.LOCAL else YES for kind, sure in its.items()])
        _hold(held, sid, _alike(its.values()))
        if history is None and at_most and CROSSES[Kind.FORMER][over.border]:
            gaps.append(text("sIDHistory of {sid} was not read", sid=sid))
        for former in history or ():
            _hold(held, former, min(at_most, _crosses(Kind.FORMER, former, over)))
        if len(its) > 1 and over.border is not Border.HOME:
            gaps.append(text("no domain that was asked shows the group {sid}", sid=sid))
    if account.groups is None:
        gaps.append(_OLDER)
    if over.border is Border.PRIVILEGED:
        gaps.append(text("SIDs of other domains may come over the trust, which serves privileged access management"))
    if over.border is not Border.HOME:
        _nest(held, local or (), locals_count)
        if local is None:
            gaps.append(text("the local groups of the other domain were not read"))
        unread = (group.sid for group in local or () if group.history is None and group.sid in held)
        gaps += (text("sIDHistory of {sid} was not read", sid=sid) for sid in unread)
    return Token(held, gaps=tuple(dict.fromkeys(gaps)))


def _parts(account: Account) -> Iterator[tuple[str, tuple[str, ...] | None, tuple[Kind, ...]]]:
    """The account and its groups: SID, sIDHistory, and what each is, or may be where that was not read. The built-in groups of its domain's
    controllers mean nothing anywhere else."""
    older = account.groups is None
    yield account.sid, () if older else account.history, (Kind.OWN,)
    for group in account.groups if account.groups is not None else (Group(sid, None, ()) for sid in account.sids):
        if not group.sid.startswith(BUILTIN) and group.sid != account.sid:
            yield group.sid, group.history, _kinds(group, domain_of(account.sid))


def _kinds(group: Group, home: str) -> tuple[Kind, ...]:
    own = Kind.OWN if domain_of(group.sid) == home else Kind.ELSEWHERE
    if group.type is None:
        return (own,) if own is Kind.OWN and relative(group.sid) in GLOBAL_GROUPS else (own, Kind.LOCAL)
    if not group.type & _SECURITY_ENABLED:
        return ()
    if group.type & _LOCAL:
        return (Kind.LOCAL,)
    return (own,) if group.type & (_GLOBAL | _UNIVERSAL) else ()


def _crosses(kind: Kind, sid: str, over: Crossing) -> Sure:
    if (kind, over.border) in NOT_WELL_KNOWN and relative(sid) < FIRST_OF_DOMAIN:
        return NO
    sure = CROSSES[kind][over.border]
    if isinstance(sure, Sure):
        return sure
    return YES if domain_of(sid) in over.routed else NO if over.all_read else MAYBE


def _alike(sure: Collection[Sure]) -> Sure:
    """What holds whichever of these is true."""
    return MAYBE if len(set(sure)) > 1 else next(iter(sure), NO)


def _hold(held: dict[str, Sure], sid: str, sure: Sure) -> None:
    if sure > held.get(sid, NO):
        held[sid] = sure


def _nest(held: dict[str, Sure], local: tuple[LocalGroup, ...], at_most: Sure) -> None:
    """Add each local group of which a member is held, until none is added any more."""
    before: dict[str, Sure] = {}
    while before != held:
        before = dict(held)
        for group in local:
            members = [MAYBE] if group.members is None else [held.get(sid, NO) for sid in group.members]
            for sid in (group.sid, *(group.history or ())):
                _hold(held, sid, min(at_most, max(members, default=NO)))


def granted(entries: tuple[AccessEntry, ...], token: Token) -> tuple[Sure, AccessEntry | None]:
    """Does an access list let the holder of a token act on behalf of others, and the entry because of which that is not sure.

    The KDC does an ordinary access check ([MS-SFU] 3.2.5.2.3, [MS-DTYP] 2.5.3.2): the first entry that names one of the SIDs and the
    right decides. The right is ADS_RIGHT_DS_CONTROL_ACCESS (0x100); Windows itself writes full control (0xF01FF), which holds it. It is
    sure that it lets him only where that holds with every doubtful denial and without any doubtful permission, and that it does not only
    where it fails the other way round.
    """
    weighed = [(entry, min(_weight(entry), token.holds(entry.sid))) for entry in entries]
    doubtful = next((entry for entry, sure in weighed if sure is MAYBE), None)
    strict = next((entry.allow for entry, sure in weighed if sure >= (YES if entry.allow else MAYBE)), False)
    lax = next((entry.allow for entry, sure in weighed if sure >= (MAYBE if entry.allow else YES)), False)
    if strict:
        return YES, None
    return (MAYBE, doubtful) if lax else (NO, None)


def _weight(entry: AccessEntry) -> Sure:
    """How sure it is that an entry counts for somebody whom it names. The generic bit alone is not translated in entries; whether an
    entry for an object type or with a condition counts is not said."""
    if entry.mask & CONTROL_ACCESS:
        return YES if entry.object_type is None and not entry.conditional else MAYBE
    return MAYBE if entry.mask & GENERIC_ALL else NO
