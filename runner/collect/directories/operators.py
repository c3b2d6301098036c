"""The operator's account, and the SIDs that its logon to a member of a domain carries.

tokenGroups has every group of the account's own forest that its controller knows, and the local groups of its own domain. What a logon
to another domain adds, that domain's local groups, is found there by their members.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from checks.facts.directory import UserAccount
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.sids import AUTHENTICATED_USERS, BUILTIN, EVERYONE, in_domain_of
from runner.collect.directories.accounts import groups_of
from runner.collect.directories.base import Base
from runner.collect.directories.controller import Controller, any_of, chunks, number, string
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread

_LOCAL = 0x4
_SECURITY_ENABLED = 0x80000000
"""Bits of groupType ([MS-ADTS] 2.2.12)."""


class OperatorName(NamedTuple):
    """DOMAIN\\user or user@suffix, taken apart. `domain` is empty when none is named."""

    domain: str
    user: str
    principal: bool

    @classmethod
    def parse(cls, name: str) -> OperatorName:
        domain, backslash, user = name.strip().partition("\\")
        if backslash:
            return cls(domain.lower(), user, False)
        user, _, suffix = name.strip().rpartition("@")
        return cls(suffix.lower(), user, True) if user else cls("", suffix, False)


def read_operator(controller: Controller, base: Base, name: OperatorName) -> UserAccount | None:
    """The operator's account in this domain with all of its groups, or nothing when the domain has no such account. Two requests.
    Raises Unread."""
    conditions = any_of("userPrincipalName", [f"{name.user}@{name.domain}"]) if name.principal else ""
    if not name.principal or name.domain == base.domain.dns_name:
        conditions += any_of("sAMAccountName", [name.user])
    found = controller.search(
        base.head,
        f"(&(objectClass=user)(|{conditions}))",
        ("objectSid", "sAMAccountName", "userPrincipalName", "userAccountControl", "primaryGroupID"),
    )
    explicit = [
        entry for entry in found if (entry.maybe("userPrincipalName", string) or "").lower() == f"{name.user}@{name.domain}".lower()
    ]
    found = explicit if name.principal and explicit else found
    if not found:
        return None
    if len(found) > 1:
        raise Unread(Reason.UNREADABLE, text("{count} accounts have this name", count=len(found)))
    entry = found[0]
    sid = entry.one("objectSid", sid_text)
    groups = {in_domain_of(sid, entry.one("primaryGroupID", number)), *groups_of(controller, entry.dn)} - {sid}
    return UserAccount(
        dn=entry.dn,
        sid=sid,
        account_name=entry.one("sAMAccountName", string),
        user_account_control=entry.one("userAccountControl", number),
        sids=(sid, *sorted(groups)),
    )


def token(sids: Iterable[str], further: Iterable[str] = ()) -> tuple[str, ...]:
    """What a member of a domain sees in a logon with these SIDs. The built-in groups of a domain's controllers (S-1-5-32-…) mean
    nothing on its members, which have their own."""
    whole = dict.fromkeys((*sids, *further, EVERYONE, AUTHENTICATED_USERS))
    return tuple(sid for sid in whole if not sid.startswith(BUILTIN))


def foreign_principals(controller: Controller, head: str, sids: Iterable[str]) -> tuple[str, ...]:
    """The DNs under which this domain knows accounts and groups of other forests. Raises Unread."""
    return tuple(
        entry.dn
        for some in chunks(sids)
        for entry in controller.search(head, f"(&(objectClass=foreignSecurityPrincipal){any_of('cn', some)})", ("cn",))
    )


class Carried(NamedTuple):
    """What a logon to another domain takes along: the account and its groups but the local ones of their own domain, which stay there.
    `names` are the DNs of those that are in the account's own domain."""

    sids: tuple[str, ...]
    names: tuple[str, ...]


def carried(controller: Controller, head: str, account: UserAccount) -> Carried:
    """What an account's own domain says of it. One request for each hundred groups. Raises Unread."""
    sids = [sid for sid in account.sids if not sid.startswith(BUILTIN)]
    found = [entry for some in chunks(sids) for entry in controller.search(head, any_of("objectSid", some), ("objectSid", "groupType"))]
    local = {entry.dn: entry.one("objectSid", sid_text) for entry in found if (entry.maybe("groupType", number) or 0) & _LOCAL}
    return Carried(tuple(sid for sid in sids if sid not in local.values()), tuple(entry.dn for entry in found if entry.dn not in local))


def groups_with(controller: Controller, head: str, members: Iterable[str]) -> tuple[str, ...]:
    """The SIDs of this domain's security groups that hold one of the members (DNs), directly or over other security groups.

    One request for each level of nesting. Not the rule "in chain", which also passes through distribution groups, as no logon does.
    Raises Unread.
    """
    sids: dict[str, str] = {}
    level = tuple(members)
    while level:
        found = [
            entry
            for some in chunks(level)
            for entry in controller.search(head, f"(&(objectClass=group){any_of('member', some)})", ("objectSid", "groupType"))
            if entry.one("groupType", number) & _SECURITY_ENABLED
        ]
        level = tuple(entry.dn for entry in found if entry.dn not in sids)
        sids |= {entry.dn: entry.one("objectSid", sid_text) for entry in found}
    return tuple(sorted(set(sids.values())))
