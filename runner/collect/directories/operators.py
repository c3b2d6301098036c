"""The operator's account."""

from __future__ import annotations

from typing import NamedTuple

from checks.facts.directory import UserAccount
from checks.facts.fact import Reason
from checks.text import text
from checks.windows.sids import in_domain_of
from checks.windows.times import NEVER
from runner.collect.directories.base import Base
from runner.collect.directories.controller import Controller, Entry, any_of, number, string
from runner.collect.directories.groups import history_of, token_groups
from runner.collect.directories.security_descriptor import sid_text
from runner.collect.unread import Unread


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


_COMPUTED = ("tokenGroups", "msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed")
"""What a controller computes of one object that is asked for it by name ([MS-ADTS] 3.1.1.4.5)."""


def read_operator(controller: Controller, base: Base, name: OperatorName) -> UserAccount | None:
    """The operator's account in this domain with all of its groups, or nothing when the domain has no such account. Two requests.
    Raises Unread."""
    conditions = any_of("userPrincipalName", [f"{name.user}@{name.domain}"]) if name.principal else ""
    if not name.principal or name.domain == base.domain.dns_name:
        conditions += any_of("sAMAccountName", [name.user])
    found = controller.search(
        base.head,
        f"(&(objectClass=user)(|{conditions}))",
        (
            "objectSid",
            "sAMAccountName",
            "userPrincipalName",
            "userAccountControl",
            "accountExpires",
            "primaryGroupID",
            "sIDHistory",
            "replPropertyMetaData",
        ),
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
    computed = controller.object(entry.dn, _COMPUTED)
    groups = {in_domain_of(sid, entry.one("primaryGroupID", number)), *token_groups(computed)} - {sid}
    return UserAccount(
        dn=entry.dn,
        sid=sid,
        account_name=entry.one("sAMAccountName", string),
        user_account_control=entry.one("userAccountControl", number),
        sids=(sid, *sorted(groups)),
        history=history_of(entry),
        computed_control=shown_number(computed, "msDS-User-Account-Control-Computed"),
        expires=shown_number(entry, "accountExpires"),
        password_expires=shown_number(computed, "msDS-UserPasswordExpiryTimeComputed"),
    )


def shown_number(entry: Entry, name: str) -> int | None:
    """The value, or nothing where it is not shown or is no number that Windows writes there."""
    try:
        value = entry.maybe(name, number)
    except Unread:
        return None
    return value if value is not None and 0 <= value <= NEVER else None
