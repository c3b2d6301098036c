"""The groups of accounts: their scopes and former SIDs, as the domains say that have them, and the local groups of other domains that hold
them.

tokenGroups has every group of the account's own forest that its controller knows, and the local groups of its own domain. It does not tell
which is which: each group is looked up in the domain that its SID is of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from checks.facts.directory import ComputerAccount, Group, LocalGroup, UserAccount
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.names import fold
from checks.windows.sids import BUILTIN, OF_DOMAINS, domain_of
from runner.collect.directories.base import Asking
from runner.collect.directories.controller import Controller, Entry, any_of, chunks, number, string
from runner.collect.directories.metadata import SID_HISTORY, changes
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread

_LOCAL, _SECURITY_ENABLED = 0x4, 0x80000000
_UNSIGNED = 1 << 32
"""Directories write 32 bits as a signed number."""
_LIMITS = (1000, 1500, 4500, 5000)
"""So many values a controller answers at most, by its settings (MaxValRange, MaxValRangeTransitive: [MS-ADTS] 3.1.1.3.4.6)."""

_SHOWN = ("objectSid", "groupType", "sIDHistory", "replPropertyMetaData")


class Found(NamedTuple):
    """An account's group, or the account itself, and its name where it was found."""

    group: Group
    dn: str = ""


def groups_of(controller: Controller, dn: str) -> tuple[str, ...]:
    """The SIDs of all groups of an account, nested ones too: tokenGroups, computed for one object at a time. Raises Unread."""
    return token_groups(controller.object(dn, ("tokenGroups",)))


def token_groups(entry: Entry) -> tuple[str, ...]:
    """The same of an account that was asked for them by its name. Raises Unread."""
    groups = entry.all("tokenGroups", sid_text)
    if not groups:
        raise Unread(Reason.ACCESS_DENIED, text("{attribute} of {dn} cannot be read", attribute="tokenGroups", dn=entry.dn))
    if len(groups) in _LIMITS:
        raise Unread(Reason.UNREADABLE, text("{attribute} of {dn} came in parts", attribute="tokenGroups", dn=entry.dn))
    return groups


def history_of(entry: Entry) -> tuple[str, ...] | None:
    """The former SIDs of an account or group; nothing where none is shown and the metadata do not prove that none was ever written."""
    history = entry.all("sIDHistory", sid_text)
    if history:
        return tuple(sorted(history))
    written = entry.maybe("replPropertyMetaData", changes)
    return None if written is None or SID_HISTORY in written else ()


def former(account: UserAccount | ComputerAccount) -> tuple[str, ...]:
    """All former SIDs of an account and its groups."""
    return (*(account.history or ()), *(sid for group in account.groups or () for sid in group.history or ()))


def strangers(sids: Iterable[str], asked: Iterable[Asking]) -> bool:
    """Is one of these SIDs of a domain of which no controller is among these."""
    known = {where.base.domain.sid for where in asked}
    return any(sid.startswith(OF_DOMAINS) and domain_of(sid) not in known for sid in sids)


def crossing(found: Iterable[Found]) -> tuple[Found, ...]:
    """Those that a logon to another domain takes along: all but the local ones, which stay in their own domain."""
    return tuple(each for each in found if each.group.type is None or not each.group.type & _LOCAL)


def look_up(sids: Iterable[str], asked: Iterable[Asking]) -> tuple[Found, ...]:
    """The groups with these SIDs, each from the first controller of its domain. One request for each hundred groups of a domain. A group
    that is not found, or whose domain is not among these, has no type. Raises Unread."""
    wanted = tuple(dict.fromkeys(sid for sid in sids if not sid.startswith(BUILTIN)))
    found: dict[str, Found] = {}
    by_domain = {where.base.domain.sid: where for where in reversed(tuple(asked))}
    for domain, where in by_domain.items():
        for some in chunks(sid for sid in wanted if domain_of(sid) == domain):
            for entry in where.controller.search(where.base.head, any_of("objectSid", some), _SHOWN):
                kind = entry.maybe("groupType", number)
                sid = entry.one("objectSid", sid_text)
                found[sid] = Found(Group(sid, None if kind is None else kind % _UNSIGNED, history_of(entry)), entry.dn)
    return tuple(found.get(sid, Found(Group(sid, None, None))) for sid in wanted)


def local_groups(where: Asking, members: Iterable[Found], former: Iterable[str], *, same_forest: bool) -> tuple[LocalGroup, ...]:
    """The security groups of a domain that hold one of the members or one of these former SIDs, directly or over other groups of the
    domain. Members of the same forest stand with their own names, anybody else as a foreign principal.

    One request for each level of nesting. Not the rule "in chain", which also passes through distribution groups, as no logon does.
    Raises Unread.
    """
    own = {found.dn: found.group.sid for found in members if same_forest and found.dn}
    foreign = [*(found.group.sid for found in members if found.group.sid not in own.values()), *former]
    names = own | foreign_principals(where, foreign)
    found: dict[str, tuple[Entry, str]] = {}
    level = tuple(names)
    while level:
        entries = [
            entry
            for some in chunks(level)
            for entry in where.controller.search(where.base.head, f"(&(objectClass=group){any_of('member', some)})", (*_SHOWN, "member"))
            if entry.one("groupType", number) & _SECURITY_ENABLED and fold(entry.dn) not in found
        ]
        found |= {fold(entry.dn): (entry, entry.one("objectSid", sid_text)) for entry in entries}
        level = tuple(dict.fromkeys(entry.dn for entry in entries))
    sids = {fold(name): sid for name, sid in names.items()} | {name: sid for name, (_, sid) in found.items()}
    groups = (LocalGroup(sid, _members(entry, sids), history_of(entry)) for entry, sid in found.values())
    return tuple(sorted(groups, key=lambda group: group.sid))


def foreign_principals(where: Asking, sids: Iterable[str]) -> dict[str, str]:
    """The SIDs of accounts and groups of elsewhere by the names under which a domain knows them. Raises Unread."""
    return {
        entry.dn: entry.one("objectSid", sid_text)
        for some in chunks(sids)
        for entry in where.controller.search(
            where.base.head, f"(&(objectClass=foreignSecurityPrincipal){any_of('cn', some)})", ("cn", "objectSid")
        )
    }


def _members(entry: Entry, sids: Mapping[str, str]) -> tuple[str, ...] | None:
    """Those of its members that were looked for; nothing where they came in parts, or none of them stands under the name that it was
    found by."""
    try:
        held = {sids[fold(name)] for name in entry.all("member", string) if fold(name) in sids}
    except Unread:
        return None
    return tuple(sorted(held)) or None
