"""Computer accounts as one controller shows them, and the proof that what it does not show is not there.

Active Directory treats an attribute that the reader may not read as if it did not exist, in answers and in filters alike
([MS-ADTS] 3.1.1.4.3; Samba does the same), so that no filter proves anything. An attribute that is not shown is believed to be
empty only when either

* replPropertyMetaData, which names every attribute that was ever written, does not name it, or
* the object's access control list lets the reader read it ([MS-ADTS] 5.1.3.3).

Otherwise the account's view is missing: access denied. Of msDS-SupportedEncryptionTypes, which delegation does not rest on, only that
value is.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from checks.facts.directory import EVERY_OBJECT, AccessEntry, ComputerAccount
from checks.facts.fact import Fact, Reason
from checks.text import text
from checks.windows.names import fold
from checks.windows.rights import ALLOWED_TO_AUTHENTICATE, CONTROL_ACCESS, GENERIC_ALL
from checks.windows.sids import EVERYONE, in_domain_of
from runner.collect.directories.controller import Controller, Entry, any_of, chunks, moment, number, string
from runner.collect.directories.groups import history_of
from runner.collect.directories.metadata import (
    ALLOWED_TO_ACT,
    ALLOWED_TO_DELEGATE_TO,
    ENCRYPTION_TYPES,
    SERVICE_PRINCIPAL_NAME,
    Change,
    changes,
    delegation,
    written,
)
from runner.collect.directories.security_descriptor import access_entries, sid_text
from runner.collect.unread import Unread

READ_PROPERTY = 0x10


class _Attribute(NamedTuple):
    """An attribute that may be empty: its number in the metadata, its schemaIDGUID and its attributeSecurityGUID (property set)."""

    name: str
    number: int
    guid: str
    property_set: str


_DELEGATE_TO = _Attribute(
    "msDS-AllowedToDelegateTo",
    ALLOWED_TO_DELEGATE_TO,
    "800d94d7-b7a1-42a1-b14d-7cae1423d07f",
    "e48d0154-bcf8-11d1-8702-00c04fb96050",
)
_MAY_ACT = _Attribute(
    "msDS-AllowedToActOnBehalfOfOtherIdentity",
    ALLOWED_TO_ACT,
    "3f78c3e5-f79a-46bd-a0b8-9d18116ddc79",
    "4c164200-20c0-11d0-a768-00aa006e0529",
)
_SERVICE_NAMES = _Attribute(
    "servicePrincipalName",
    SERVICE_PRINCIPAL_NAME,
    "f3a64788-5306-11d1-a9c5-0000f80367c1",
    "e48d0154-bcf8-11d1-8702-00c04fb96050",
)
_ENCRYPTION_TYPES = _Attribute(
    "msDS-SupportedEncryptionTypes",
    ENCRYPTION_TYPES,
    "20119867-1d04-4ab7-9371-cfc3d5df0afd",
    "77b5b886-944a-11d1-aebd-0000f80367c1",
)
NEEDED = (_DELEGATE_TO, _MAY_ACT, _SERVICE_NAMES)
"""Without proof of one of these, the whole account is missing."""
OPTIONAL = (*NEEDED, _ENCRYPTION_TYPES)

_OTHER_NAMES = ("msDS-AdditionalDnsHostName", "msDS-AdditionalSamAccountName")
_ATTRIBUTES = (
    "objectSid", "sAMAccountName", "dNSHostName", "userAccountControl", "primaryGroupID", "whenChanged", "uSNChanged",
    "replPropertyMetaData", "sIDHistory", *_OTHER_NAMES,
    *(attribute.name for attribute in OPTIONAL),
)  # fmt: skip


class _Seen(NamedTuple):
    """What a controller shows of one account. `unproven` are the attributes that it does not show and that may have been written."""

    entry: Entry
    metadata: dict[int, Change]
    unproven: tuple[_Attribute, ...]


def read_accounts(controller: Controller, head: str, names: Iterable[str]) -> dict[str, Fact[ComputerAccount]]:
    """The computer accounts of the domain `head` (its DN) with these names (HV01$), by name as given.

    One search for each hundred names, and two more when some are not yet proven to be complete. `sids` holds the account's own
    SID and its primary group; runner.collect.directories.groups reads the rest.
    """
    wanted = tuple(dict.fromkeys(names))
    seen: dict[str, _Seen | Unread] = {}
    for some in chunks(wanted):
        seen |= _look_up(controller, head, some)
    unproven = [name for name, item in seen.items() if isinstance(item, _Seen) and item.unproven]
    readable: dict[str, frozenset[_Attribute]] = {}
    try:
        readable = _readable(controller, head, unproven) if unproven else {}
    except Unread as error:
        seen |= {name: error for name in unproven if _lacks_proof(seen[name], frozenset())}

    def account(name: str) -> ComputerAccount:
        item = seen.get(fold(name))
        if item is None:
            raise Unread(
                Reason.NOT_COLLECTED, text("no computer account {account} was found: it does not exist, or may not be seen", account=name)
            )
        if isinstance(item, Unread):
            raise item
        its = readable.get(fold(name), frozenset())
        hidden = _lacks_proof(item, its)
        if hidden:
            raise Unread(Reason.ACCESS_DENIED, text("{attribute} of {dn} cannot be read", attribute=hidden, dn=item.entry.dn))
        return _account(item, its)

    return {name: controller.fact(text("computer account {account}", account=name), partial(account, name)) for name in wanted}


def rights_of(controller: Controller, head: str, names: Iterable[str]) -> dict[str, tuple[AccessEntry, ...]]:
    """Of the computer accounts with these names (HV01$) the entries that give or take the right "Allowed to authenticate", in the order of
    the list, by name as given; not of those whose list cannot be read. One search for each hundred names. Raises Unread."""
    given = {fold(name): name for name in names}
    rights: dict[str, tuple[AccessEntry, ...]] = {}
    for some in chunks(given.values()):
        condition = f"(&(objectClass=computer){any_of('sAMAccountName', some)})"
        for entry in controller.search(head, condition, ("sAMAccountName", "nTSecurityDescriptor"), with_dacl=True):
            with suppress(Unread):
                entries = entry.one("nTSecurityDescriptor", access_entries)
                rights[given[fold(entry.one("sAMAccountName", string))]] = tuple(each for each in entries if _lets_authenticate(each))
    return rights


def _lets_authenticate(entry: AccessEntry) -> bool:
    """Does an entry give or take that right: by itself, or as one of all extended rights ([MS-ADTS] 5.1.3.3.4)."""
    right = CONTROL_ACCESS if entry.allow else CONTROL_ACCESS | GENERIC_ALL
    return bool(entry.mask & right) and entry.object_type in (None, ALLOWED_TO_AUTHENTICATE)


def _look_up(controller: Controller, head: str, names: Iterable[str]) -> dict[str, _Seen | Unread]:
    """What is shown of the accounts, or why nothing is, by their names in lower case. An entry that does not tell its name may be that of
    any account that is not shown."""
    wanted = tuple(fold(name) for name in names)
    try:
        found = controller.search(head, f"(&(objectClass=computer){any_of('sAMAccountName', names)})", _ATTRIBUTES)
    except Unread as error:
        return dict.fromkeys(wanted, error)
    seen: dict[str, _Seen | Unread] = {}
    nameless: dict[str, Unread] = {}
    for entry in found:
        try:
            name = fold(entry.one("sAMAccountName", string))
        except Unread as error:
            nameless = dict.fromkeys(wanted, error)
        else:
            seen[name] = _seen(entry) if name not in seen else _twice(name)
    return nameless | seen


def _twice(name: str) -> Unread:
    return Unread(Reason.CONTRADICTORY, text("{account} is shown twice", account=name))


def _seen(entry: Entry) -> _Seen | Unread:
    try:
        metadata = entry.maybe("replPropertyMetaData", changes)
    except Unread as error:
        return error
    absent = (attribute for attribute in OPTIONAL if attribute.name not in entry)
    return _Seen(entry, metadata or {}, tuple(attribute for attribute in absent if metadata is None or attribute.number in metadata))


def _lacks_proof(item: _Seen | Unread, readable: frozenset[_Attribute]) -> tuple[str, ...]:
    """The needed attributes that may be there and are not shown."""
    unproven = item.unproven if isinstance(item, _Seen) else ()
    return tuple(attribute.name for attribute in unproven if attribute in NEEDED and attribute not in readable)


def _readable(controller: Controller, head: str, names: Iterable[str]) -> dict[str, frozenset[_Attribute]]:
    """Which attributes of these accounts their access control lists let the reader read, by name in lower case; none where the
    list cannot be read, or the controller does not say who the reader is to it. Raises Unread."""
    token = {EVERYONE, *controller.object("", ("tokenGroups",)).all("tokenGroups", sid_text)}
    if token == {EVERYONE}:
        return {}
    readable: dict[str, frozenset[_Attribute]] = {}
    for some in chunks(names):
        for entry in controller.search(head, any_of("sAMAccountName", some), ("sAMAccountName", "nTSecurityDescriptor"), with_dacl=True):
            with suppress(Unread):
                entries = entry.one("nTSecurityDescriptor", access_entries)
                readable[fold(entry.one("sAMAccountName", string))] = frozenset(
                    attribute for attribute in OPTIONAL if may_read(entries, token, attribute.guid, attribute.property_set)
                )
    return readable


def may_read(entries: Iterable[AccessEntry], token: Set[str], guid: str, property_set: str) -> bool:
    """Does an access control list let the token read an attribute: the first entry that concerns it decides ([MS-ADTS] 5.1.3.3.3)."""
    for entry in entries:
        concerns = entry.object_type in (None, EVERY_OBJECT, guid, property_set)
        if entry.sid in token and entry.mask & READ_PROPERTY and concerns and not (entry.allow and entry.conditional):
            return entry.allow
    return False


def _account(seen: _Seen, readable: frozenset[_Attribute]) -> ComputerAccount:
    entry = seen.entry
    not_set = None if _ENCRYPTION_TYPES in seen.unproven and _ENCRYPTION_TYPES not in readable else 0
    sid = entry.one("objectSid", sid_text)
    version, changed = delegation(seen.metadata)
    at, last = entry.one("whenChanged", moment), entry.maybe("uSNChanged", number)
    return ComputerAccount(
        dn=entry.dn,
        sid=sid,
        account_name=entry.one("sAMAccountName", string),
        dns_host_name=entry.maybe("dNSHostName", string) or "",
        user_account_control=entry.one("userAccountControl", number),
        delegate_to=tuple(sorted(entry.all(_DELEGATE_TO.name, string), key=fold)),
        resource_based=entry.maybe(_MAY_ACT.name, access_entries) or (),
        service_principal_names=tuple(sorted(entry.all(_SERVICE_NAMES.name, string), key=fold)),
        sids=(sid, in_domain_of(sid, entry.one("primaryGroupID", number))),
        changed=at,
        delegation_version=version,
        delegation_changed=changed,
        history=history_of(entry),
        other_names=tuple(sorted({name for attribute in _OTHER_NAMES for name in entry.all(attribute, string)}, key=fold)),
        written=written(seen.metadata, last, at) if seen.metadata and last is not None else None,
        encryption_types=entry.maybe(_ENCRYPTION_TYPES.name, number) if _ENCRYPTION_TYPES.name in entry else not_set,
    )
