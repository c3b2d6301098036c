"""Which SIDs a machine, or a domain controller that decides over delegation, finds in the token of an account.

The real token is not shown to anybody from outside. What the directories say of an account gives two sets around it: SIDs that are in it
for certain, and SIDs that may be. Where the two differ on what decides, the answer is UNKNOWN.

Sources: [MS-PAC] 4.1.2.1 and 4.1.2.2 (what a ticket takes into another domain, and what is filtered there), [MS-KILE] 3.3.5.7.3 and 3.4.5.3
(local groups are added by the domain of the service and by the machine itself), [MS-DTYP] 2.4.2.4 and 2.5.2.1.1 (well-known SIDs),
[MS-ADTS] 6.1.6.7.9 (trustAttributes), [MS-SFU] 3.2.5.2.3 (the token that decides over resource-based delegation).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import Enum, IntEnum, StrEnum, auto
from typing import NamedTuple, TypeAlias

from checks.facts.directory import (
    AccessEntry,
    ComputerAccount,
    ControllerTopic,
    Domains,
    Group,
    LocalGroup,
    Trust,
    UserAccount,
    same_trusts,
)
from checks.facts.directory import same_domain as same
from checks.facts.fact import Known
from checks.text import Text, text
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
from checks.windows.trust_attributes import AS_EXTERNAL, FOREST, NON_TRANSITIVE, PIM, QUARANTINED, SELECTIVE, WITHIN_FOREST

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
    """What lies between an account's domain and the domain of the machine that looks at its token: nothing, nothing but a trust within
    the forest, a forest trust, one that is treated as external, an external trust, a trust that lets pass the SIDs of one domain alone,
    which is the account's or (SHUT) another one, or a trust that was not read."""

    HOME = auto()
    FOREST = auto()
    FOREST_TRUST = auto()
    RELAXED = auto()
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


# fmt: off
CROSSES: dict[Kind, dict[Border, Sure]] = {
    #                                HOME  FOREST F.TRUST RELAXED EXTERN QUARANT SHUT   UNKNOWN
    Kind.OWN:       dict(zip(Border, (YES,  YES,   YES,    YES,    YES,   YES,    NO,    MAYBE), strict=True)),
    Kind.ELSEWHERE: dict(zip(Border, (YES,  YES,   MAYBE,  MAYBE,  NO,    NO,     NO,    MAYBE), strict=True)),
    Kind.LOCAL:     dict(zip(Border, (YES,  NO,    NO,     NO,     NO,    NO,     NO,    NO),    strict=True)),
    Kind.FORMER:    dict(zip(Border, (YES,  YES,   NO,     YES,    YES,   NO,     NO,    MAYBE), strict=True)),
}
# fmt: on
"""Does a SID of an account arrive in another domain ([MS-PAC] 4.1.2.2). A forest trust lets pass what its own list of domains covers
(msDS-TrustForestTrustInfo), which is not looked at here."""

NOT_WELL_KNOWN = {(Kind.FORMER, Border.RELAXED), (Kind.FORMER, Border.EXTERNAL)}
"""Where only relative identifiers of 1000 and more pass."""


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
    """A border, and whether a trust on it asks for the right to authenticate (selective authentication); null: not known."""

    border: Border
    selective: bool | None


class Token(NamedTuple):
    """SIDs with how sure they are. `builtin` is how sure any built-in group of the machine is (S-1-5-32-…), `gaps` are what was not read,
    because of which any further SID of a domain may be in it."""

    sids: dict[str, Sure]
    builtin: Sure = NO
    gaps: tuple[Text, ...] = ()

    def holds(self, sid: str) -> Sure:
        held = self.sids.get(sid, self.builtin if sid.startswith(BUILTIN) else NO)
        return max(held, MAYBE) if self.gaps and sid.startswith(OF_DOMAINS) else held


def crossing(domains: Domains, home: str, here: str) -> Crossing:
    """What lies between the domain of an account and that of a machine, DNS names both, by what the controllers of both say. The filter of
    a trust is that of the domain that trusts, or of the root of its forest."""
    if DnsName(home) == DnsName(here):
        return Crossing(Border.HOME, False)
    names = []
    for name in (home, here):
        facts = domains.get(name)
        said = facts.agreed(ControllerTopic.domain, same) if facts is not None else None
        if not isinstance(said, Known):
            return Crossing(Border.UNKNOWN, None)
        names.append(said.value)
    theirs, ours = names
    if DnsName(theirs.forest) == DnsName(ours.forest):
        return Crossing(Border.FOREST, False)
    found: set[Crossing] = set()
    for holder in dict.fromkeys((DnsName(ours.dns_name), DnsName(ours.forest))):
        facts = domains.get(holder.spelled)
        trusts = facts.agreed(ControllerTopic.trusts, same_trusts) if facts is not None else None
        if not isinstance(trusts, Known):
            return Crossing(Border.UNKNOWN, None)
        leading = (trust for trust in trusts.value if _leads(trust, theirs.dns_name, theirs.forest))
        found |= {Crossing(_border(trust, theirs.dns_name), bool(trust.attributes & SELECTIVE)) for trust in leading}
    return found.pop() if len(found) == 1 else Crossing(Border.UNKNOWN, None)


def _leads(trust: Trust, home: str, forest: str) -> bool:
    """Is it a trust with this domain, or a forest trust with the root of its forest."""
    partner = DnsName(trust.partner)
    reaches_forest = trust.attributes & FOREST and not trust.attributes & NON_TRANSITIVE
    return partner == DnsName(home) or bool(reaches_forest and partner == DnsName(forest))


def _border(trust: Trust, home: str) -> Border:
    if trust.attributes & (PIM | WITHIN_FOREST):
        return Border.UNKNOWN
    if trust.attributes & QUARANTINED:
        return Border.QUARANTINED if DnsName(trust.partner) == DnsName(home) else Border.SHUT
    if trust.attributes & FOREST:
        return Border.RELAXED if trust.attributes & AS_EXTERNAL else Border.FOREST_TRUST
    return Border.EXTERNAL


def at_host(account: Account, over: Crossing, local: tuple[LocalGroup, ...] | None, logon: Logon) -> Token:
    """The token of an account on a member of a domain. `local` are that domain's local groups that hold somebody of the token; where the
    domain is the account's own, they are among its groups already. Null: not read. The machine's own local groups are not in it."""
    token = _carried(account, over.border, local, YES)
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
    token = _carried(account, over.border, local, MAYBE)
    column = 0 if over.border is Border.HOME else 1
    return token._replace(sids=token.sids | {sid: sure[column] for sid, sure in BY_CONTROLLER.items()}, builtin=MAYBE)


def of_older(account: Account, sids: tuple[str, ...], over: Crossing, logon: Logon) -> Token:
    """The same from a snapshot of an older program, which has only the SIDs of the token: neither sIDHistory, nor scopes of groups, nor the
    local groups that hold a universal group of a third domain."""
    whole = at_host(account, over, None, logon)
    return whole._replace(sids=whole.sids | dict.fromkeys(sids, YES))


_OLDER = text("scopes of groups and sIDHistory were not read")


def _carried(account: Account, border: Border, local: tuple[LocalGroup, ...] | None, locals_count: Sure) -> Token:
    """What crosses the border, and the local groups beyond it, which are at most so sure."""
    held: dict[str, Sure] = {}
    gaps: list[Text] = []
    for sid, history, kinds in _parts(account):
        its = {kind: min(_crosses(kind, sid, border), locals_count if kind is Kind.LOCAL else YES) for kind in kinds}
        at_most = _alike([sure if kind is Kind.LOCAL else YES for kind, sure in its.items()])
        _hold(held, sid, _alike(its.values()))
        if history is None and min(at_most, CROSSES[Kind.FORMER][border]):
            gaps.append(text("sIDHistory of {sid} was not read", sid=sid))
        for former in history or ():
            _hold(held, former, min(at_most, _crosses(Kind.FORMER, former, border)))
        if len(its) > 1 and border is not Border.HOME:
            gaps.append(text("no domain that was asked shows the group {sid}", sid=sid))
    if account.groups is None:
        gaps.append(_OLDER)
    if border is not Border.HOME:
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


def _crosses(kind: Kind, sid: str, border: Border) -> Sure:
    low = (kind, border) in NOT_WELL_KNOWN and relative(sid) < FIRST_OF_DOMAIN
    return NO if low else CROSSES[kind][border]


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
